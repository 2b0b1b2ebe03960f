//! A room-based system: the video system of a room, that people schedule.
//!
//! Names follow a pattern (A21): `TOR_ABC_5555_ABCC_001` is place, organization's short code,
//! its number, site code, three digits. A name that does not is kept, with a warning (question
//! 12): the video estate names its systems.

use crate::base::id::Id;
use crate::domain::place::facts::Facts;
use crate::domain::place::site;
use crate::domain::place::site::Site;

/// The most characters of a system name.
pub const LONGEST_NAME: usize = 128;

/// A room-based system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomSystem {
    /// Its record.
    pub id: Id,
    /// Unique in the whole network, letter case aside (TR2).
    pub system_name: String,
    /// Where it stands. It may be moved, and keeps its schedulers (RO3).
    pub site: Id,
    /// Whether it can be scheduled (RO1).
    pub active: bool,
}

/// What is wrong with a system name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Nothing, or nothing but spaces.
    #[error("A room system needs a system name.")]
    Empty,
    /// Too long.
    #[error("A system name has at most 128 characters.")]
    Long,
    /// Spaces at an end.
    #[error("A system name has no space at either end.")]
    Edge,
    /// A tab, a line break or another control character.
    #[error("A system name holds no control characters.")]
    Control,
    /// Another system has the name.
    #[error("Another room system of the network has this system name (TR2). Choose another.")]
    Taken,
}

/// What is odd about a system name; never a refusal (question 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Another shape.
    #[error(
        "The system name does not follow PLACE_SHORTCODE_NUMBER_SITECODE_001 (A21). It is kept."
    )]
    Pattern,
    /// Another organization's short code.
    #[error("The short code in the system name is not the organization's (A21).")]
    ShortCode,
    /// Another organization's number.
    #[error("The number in the system name is not the organization's (A21).")]
    Number,
    /// Another site's code.
    #[error("The site code in the system name is not the site's (A21).")]
    SiteCode,
}

/// The parts of a system name that follows the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Of the town: `TOR`.
    pub place: &'a str,
    /// Of the organization: `ABC`.
    pub short_code: &'a str,
    /// Of the organization: 5555.
    pub number: u32,
    /// Of the site: `ABCC`.
    pub site_code: &'a str,
    /// Counts the systems of the site: 1.
    pub sequence: u16,
}

impl RoomSystem {
    /// What the store keeps unique (TR2).
    pub fn key(&self) -> String {
        name_key(&self.system_name)
    }

    /// Whether this system may stand beside `others`.
    pub fn check<'a>(&self, others: impl IntoIterator<Item = &'a Self>) -> Result<(), Flaw> {
        check_name(&self.system_name)?;
        let key = self.key();
        let taken = others.into_iter().any(|one| one.id != self.id && one.key() == key);
        if taken { Err(Flaw::Taken) } else { Ok(()) }
    }

    /// Whether the name says what is true of its site and organization (question 12).
    pub fn warnings(&self, site: &Site, organization: &Facts) -> Vec<Warning> {
        let Some(parts) = parts(&self.system_name) else { return vec![Warning::Pattern] };
        let short = organization.short_code.as_deref();
        let other = |code: &str| !code.eq_ignore_ascii_case(parts.short_code);
        let found = [
            (short.is_some_and(other), Warning::ShortCode),
            (organization.number != Some(parts.number), Warning::Number),
            (site::code_key(&site.code) != site::code_key(parts.site_code), Warning::SiteCode),
        ];
        found.into_iter().filter(|(odd, _)| *odd).map(|(_, warning)| warning).collect()
    }
}

/// The spelling under which system names are compared.
pub fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// Whether `name` can be a system name. Direction and zero-width characters are refused in every
/// text where it comes in, and so not again here.
pub fn check_name(name: &str) -> Result<(), Flaw> {
    if name.trim().is_empty() {
        return Err(Flaw::Empty);
    }
    if name.chars().any(char::is_control) {
        return Err(Flaw::Control);
    }
    if name.trim().len() != name.len() {
        return Err(Flaw::Edge);
    }
    if name.chars().count() > LONGEST_NAME { Err(Flaw::Long) } else { Ok(()) }
}

/// The parts of a name that follows the pattern; an import fills organization and site from them.
pub fn parts(name: &str) -> Option<Parts<'_>> {
    let mut words = name.split('_');
    let (place, short_code, number) = (words.next()?, words.next()?, words.next()?);
    let (site_code, sequence) = (words.next()?, words.next()?);
    let code = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let shaped = words.next().is_none()
        && [place, short_code, site_code].into_iter().all(code)
        && (number.len() >= 4 && digits(number))
        && (sequence.len() == 3 && digits(sequence));
    let (number, sequence) = (number.parse().ok()?, sequence.parse().ok()?);
    shaped.then_some(Parts { place, short_code, number, site_code, sequence })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(id: u8, name: &str) -> RoomSystem {
        let site = Id([9; 16]);
        RoomSystem { id: Id([id; 16]), system_name: name.to_owned(), site, active: true }
    }

    fn abc() -> (Site, Facts) {
        let site = Site {
            id: Id([9; 16]),
            name: "ABC Hospital".to_owned(),
            code: "ABCC".to_owned(),
            organization: Id([8; 16]),
            care_venue: true,
            active: true,
        };
        let short_code = Some("ABC".to_owned());
        (site, Facts { short_code, ..Facts::of_organization(5_555) })
    }

    #[test]
    fn tr2_a_system_name_is_unique_in_the_network() {
        let here = [system(1, "TOR_ABC_5555_ABCC_001")];
        assert_eq!(system(2, "tor_abc_5555_abcc_001").check(&here), Err(Flaw::Taken));
        assert_eq!(system(1, "Tor_ABC_5555_ABCC_001").check(&here), Ok(()), "itself");
        assert_eq!(system(2, "TOR_ABC_5555_ABCC_002").check(&here), Ok(()));
    }

    #[test]
    fn a21_the_parts_of_a_name() {
        let found = parts("TOR_ABC_5555_ABCC_001").unwrap();
        assert_eq!((found.place, found.short_code, found.number), ("TOR", "ABC", 5_555));
        assert_eq!((found.site_code, found.sequence), ("ABCC", 1));
        for odd in [
            "",
            "TOR_ABC_5555_ABCC",
            "TOR_ABC_5555_ABCC_01",
            "TOR_ABC_5555_ABCC_001_",
            "TOR_ABC_555_ABCC_001",
            "TOR__5555_ABCC_001",
            "TOR_ABC_+555_ABCC_001",
            "TOR_ABC_99999999999_ABCC_001",
            "tor_abc_5555_abcc_001",
            "TOR_ABC_5555_ABCC_0O1",
        ] {
            assert_eq!(parts(odd), None, "{odd}");
        }
    }

    #[test]
    fn a21_an_odd_name_is_a_warning_and_no_refusal() {
        let (site, facts) = abc();
        let warnings = |name| system(1, name).warnings(&site, &facts);
        assert_eq!(warnings("TOR_ABC_5555_ABCC_001"), []);
        assert_eq!(warnings("Lecture hall, west"), [Warning::Pattern]);
        assert_eq!(check_name("Lecture hall, west"), Ok(()));
        use Warning::{Number, ShortCode, SiteCode};
        assert_eq!(warnings("TOR_XYZ_0001_XYZZ_001"), [ShortCode, Number, SiteCode]);
        let unnamed = Facts { short_code: None, ..facts.clone() };
        assert_eq!(system(1, "TOR_XYZ_5555_ABCC_001").warnings(&site, &unnamed), []);
    }

    #[test]
    fn names_that_cannot_stand() {
        let table = [
            ("", Flaw::Empty),
            (" ", Flaw::Empty),
            ("A\tB", Flaw::Control),
            ("A\r", Flaw::Control),
            ("\u{85}A", Flaw::Control),
            (" A", Flaw::Edge),
            ("A\u{a0}", Flaw::Edge),
        ];
        for (name, flaw) in table {
            assert_eq!(check_name(name), Err(flaw), "{name:?}");
        }
        assert_eq!(check_name(&"é".repeat(LONGEST_NAME)), Ok(()));
        assert_eq!(check_name(&"é".repeat(LONGEST_NAME + 1)), Err(Flaw::Long));
    }
}
