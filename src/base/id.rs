//! Identifiers that we make.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;
use crate::base::entropy::Entropy;
use crate::base::entropy::NoEntropy;

/// A UUID of version 7, made here and never reused.
///
/// Identifiers from outside are plain text and never become one of these by parsing alone: an
/// `Id` from a request names nothing until the store finds it inside the caller's scope (TEN-06).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Id(pub [u8; 16]);

impl Id {
    /// A new identifier: time first, down to a quarter of a microsecond, so that the order of
    /// identifiers is the order of creation and new rows lie side by side (RFC 9562 §6.2,
    /// method 3); then 62 random bits.
    pub fn new(now: Moment, entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut random = [0; 10];
        entropy.fill(&mut random)?;
        let fraction = u16::try_from(now.0.rem_euclid(1_000) * 4_096 / 1_000).unwrap_or(0);
        if let Some(place) = random.first_chunk_mut::<2>() {
            *place = fraction.to_be_bytes();
        }
        let made = uuid::Builder::from_unix_timestamp_millis(now.millis(), &random);
        Ok(Self(made.into_uuid().into_bytes()))
    }

    /// Reads the one spelling that we write: lower case, hyphenated, 36 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(uuid::Uuid::try_parse(text).ok()?.into_bytes());
        (text.len() == 36 && !text.bytes().any(|b| b.is_ascii_uppercase())).then_some(id)
    }

    /// Appends the 36 characters to `out` without allocating.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.text(&mut [0; 36]).as_bytes());
    }

    /// The 36 characters, spelled into `buffer`.
    pub fn text(self, buffer: &mut [u8; 36]) -> &str {
        uuid::Uuid::from_bytes(self.0).hyphenated().encode_lower(buffer)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SeededEntropy;

    #[test]
    fn only_our_own_spelling_is_an_id() {
        let id = Id::new(Moment(1_764_028_800_000_000), &SeededEntropy::new(1)).unwrap();
        let text = id.to_string();
        assert_eq!(Id::parse(&text), Some(id));
        assert_eq!(Id::parse(&text.to_uppercase()), None);
        assert_eq!(Id::parse(&text.replace('-', "")), None);
        assert_eq!(Id::parse("1"), None);
        assert!(!text.contains("bulkId"));
    }

    #[test]
    fn later_ids_sort_later() {
        let chance = SeededEntropy::new(1);
        let early = Id::new(Moment(1_764_028_800_000_000), &chance).unwrap();
        let late = Id::new(Moment(1_764_028_800_000_001), &chance).unwrap();
        assert!(early < late);
    }
}
