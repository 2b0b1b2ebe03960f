//! Quantities as people write them: `"128 MiB"`, `"2 s"`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of bytes, written as a whole number with `B`, `KiB`, `MiB` or `GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

/// A length of time, written as a whole number with `ms`, `s`, `min`, `h` or `d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// The text is no quantity; says what one looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct NotAQuantity(&'static str);

const SIZES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
const SPANS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("ms", 1), ("s", 1_000)];
const A_SIZE: NotAQuantity = NotAQuantity("a size such as \"128 MiB\"");
const A_SPAN: NotAQuantity = NotAQuantity("a length of time such as \"2 s\"");

impl Size {
    /// The bytes as a count in memory; sizes above the machine's word stay at its end.
    pub fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for Size {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        parse(text, &SIZES).map(Self).ok_or(A_SIZE)
    }
}

impl FromStr for Span {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let millis = parse(text, &SPANS).ok_or(A_SPAN)?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.0, &SIZES)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        let mut units = SPANS;
        units.sort_by_key(|(_, worth)| std::cmp::Reverse(*worth));
        write(f, millis, &units)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text =
            String::deserialize(deserializer).map_err(|_| serde::de::Error::custom(A_SIZE))?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text =
            String::deserialize(deserializer).map_err(|_| serde::de::Error::custom(A_SPAN))?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let (_, worth) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*worth)
}

fn write(f: &mut fmt::Formatter<'_>, amount: u64, units: &[(&str, u64)]) -> fmt::Result {
    let fits = |worth: u64| amount.checked_rem(worth) == Some(0) && amount >= worth;
    let best = units.iter().find(|(_, worth)| fits(*worth)).or(units.last());
    let (name, worth) = best.copied().unwrap_or(("", 1));
    write!(f, "{} {name}", amount.checked_div(worth).unwrap_or(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_back_as_they_are_written() {
        for text in ["0 B", "1 KiB", "128 MiB", "3 GiB", "1025 B"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        for text in ["0 ms", "250 ms", "2 s", "90 s", "5 min", "1 h", "365 d"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert_eq!("1MiB".parse(), Ok(Size(1 << 20)));
    }

    #[test]
    fn other_texts_are_no_quantities() {
        for text in ["", "12", "MiB", "-1 MiB", "1.5 MiB", "1 MB", "99999999999 GiB", "1 mib"] {
            assert_eq!(text.parse::<Size>(), Err(A_SIZE), "{text}");
        }
        for text in ["", "2", "2 sec", "-2 s"] {
            assert_eq!(text.parse::<Span>(), Err(A_SPAN), "{text}");
        }
    }
}
