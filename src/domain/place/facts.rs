//! What is known of an organization beside its name and number (domain 2.1, 2.6).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::id::Id;
use crate::domain::place::organization::LARGEST_NUMBER;
use crate::domain::place::tree::Rank;

/// The time zone of an organization that names none (question 10).
pub const USUAL_TIMEZONE: &str = "America/Toronto";
/// The most characters of a short code.
pub const LONGEST_SHORT_CODE: usize = 16;

/// How an organization takes part in the network (D2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Participation {
    /// It contributes to the clinical repository.
    Contributing,
    /// Its people view.
    Viewing,
    /// Its people view through its own sign-in.
    ViewingSso,
}

impl Participation {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Contributing, Self::Viewing, Self::ViewingSso];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Contributing => "contributing",
            Self::Viewing => "viewing",
            Self::ViewingSso => "viewing-sso",
        }
    }

    /// The kind behind a word, in any letter case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word.trim()))
    }
}

/// The facts of a region, division or organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Region, division or organization; never changes.
    pub kind: Rank,
    /// `ORG####` without the letters; an organization has one, and keeps it when it moves (TR4).
    pub number: Option<u32>,
    /// As in the names of room systems: `ABC`.
    pub short_code: Option<String>,
    /// What it lies in.
    pub parent: Option<Id>,
    /// Whether it is a health centre, with access groups of its own.
    pub health_centre: bool,
    /// How it takes part.
    pub participation: BTreeSet<Participation>,
    /// Codes of the modules that its access groups may use (C8).
    pub available_modules: BTreeSet<String>,
    /// A name of the IANA time zone database.
    pub timezone: String,
    /// Whether it is switched on.
    pub active: bool,
}

/// What is wrong with the facts of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A site or room system.
    #[error("The kind of an organization is region, division or organization.")]
    Kind,
    /// An organization without number.
    #[error("An organization needs a number from 1 to 9999 (TR2).")]
    NoNumber,
    /// A number that cannot be written `ORG####`.
    #[error("The number of an organization lies between 1 and 9999 (TR2).")]
    Number,
    /// A short code that cannot be part of a system name.
    #[error("A short code has 1 to 16 letters and digits.")]
    ShortCode,
    /// A region or division as a health centre.
    #[error("Only an organization can be a health centre.")]
    HealthCentre,
    /// No name of a time zone.
    #[error("The time zone is a name such as America/Toronto.")]
    Timezone,
}

/// What an update tries to change and may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fixed {
    /// The kind.
    #[error("The kind of an organization cannot be changed. Make a new one.")]
    Kind,
    /// The number.
    #[error("An organization keeps its number (TR4). Make a new one for another number.")]
    Number,
}

impl Facts {
    /// An organization with nothing but its number, switched on.
    pub fn of_organization(number: u32) -> Self {
        Self {
            kind: Rank::Organization,
            number: Some(number),
            short_code: None,
            parent: None,
            health_centre: false,
            participation: BTreeSet::new(),
            available_modules: BTreeSet::new(),
            timezone: USUAL_TIMEZONE.to_owned(),
            active: true,
        }
    }

    /// Everything that is wrong, in the order of the fields. Whether the modules exist is for the
    /// catalogue of modules to say, whether the number is free for the store (TR2).
    pub fn flaws(&self) -> Vec<Flaw> {
        let organization = self.kind == Rank::Organization;
        let number = |number: u32| !(1..=LARGEST_NUMBER).contains(&number);
        let short = |code: &String| !fits_short_code(code);
        let found = [
            (self.kind > Rank::Organization, Flaw::Kind),
            (organization && self.number.is_none(), Flaw::NoNumber),
            (self.number.is_some_and(number), Flaw::Number),
            (self.short_code.as_ref().is_some_and(short), Flaw::ShortCode),
            (self.health_centre && !organization, Flaw::HealthCentre),
            (!fits_timezone(&self.timezone), Flaw::Timezone),
        ];
        found.into_iter().filter(|(wrong, _)| *wrong).map(|(_, flaw)| flaw).collect()
    }

    /// Whether `after` may take the place of these facts (TR4): the parent may change, kind and
    /// number may not.
    pub fn may_become(&self, after: &Self) -> Result<(), Fixed> {
        if self.kind != after.kind {
            return Err(Fixed::Kind);
        }
        if self.number != after.number { Err(Fixed::Number) } else { Ok(()) }
    }
}

fn fits_short_code(code: &str) -> bool {
    (1..=LONGEST_SHORT_CODE).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The shape only: which names exist is known where the database of time zones is.
fn fits_timezone(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
    };
    (1..=64).contains(&name.len()) && name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tr4_a_move_keeps_the_number() {
        let here = Facts::of_organization(5_555);
        let moved = Facts { parent: Some(Id([1; 16])), ..here.clone() };
        assert_eq!(here.may_become(&moved), Ok(()));
        let renumbered = Facts { number: Some(1), ..moved.clone() };
        assert_eq!(here.may_become(&renumbered), Err(Fixed::Number));
        let region = Facts { kind: Rank::Region, ..moved };
        assert_eq!(here.may_become(&region), Err(Fixed::Kind));
    }

    #[test]
    fn tr2_flaws_are_told_all_at_once() {
        let good = Facts::of_organization(LARGEST_NUMBER);
        assert_eq!(good.flaws(), []);
        let region = Facts { kind: Rank::Region, number: None, ..good.clone() };
        assert_eq!(region.flaws(), []);
        let bad = Facts {
            kind: Rank::Division,
            number: Some(LARGEST_NUMBER + 1),
            short_code: Some("A_B".to_owned()),
            health_centre: true,
            timezone: "../zone".to_owned(),
            ..good.clone()
        };
        use Flaw::{HealthCentre, NoNumber, Number, ShortCode, Timezone};
        assert_eq!(bad.flaws(), [Number, ShortCode, HealthCentre, Timezone]);
        assert_eq!(Facts { number: None, ..good.clone() }.flaws(), [NoNumber]);
        assert_eq!(Facts { kind: Rank::Site, ..good }.flaws(), [Flaw::Kind]);
        for name in ["UTC", "Etc/GMT+5", "America/Argentina/Rio_Gallegos"] {
            assert!(fits_timezone(name), "{name}");
        }
        for name in ["", "America/", "/etc/localtime", "A//B", "Europe/Zür ich"] {
            assert!(!fits_timezone(name), "{name}");
        }
    }

    #[test]
    fn words_of_participation_read_back() {
        for kind in Participation::ALL {
            assert_eq!(Participation::parse(&kind.word().to_uppercase()), Some(kind));
        }
        assert_eq!(Participation::parse("watching"), None);
    }
}
