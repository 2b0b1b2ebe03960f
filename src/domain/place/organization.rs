//! An organization: the tenant; and the regions and divisions above it.

use crate::base::id::Id;

/// The largest organization number: `ORG` and four digits.
pub const LARGEST_NUMBER: u32 = 9_999;

/// What the tenancy knows of an organization, a division or a region. The whole of it is the
/// resource that the record keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its record.
    pub id: Id,
    /// `ORG####` without the letters, 1 to 9999; unique in the network. Regions and divisions
    /// have none.
    pub number: Option<u32>,
    /// What it is; decides what may be above it (TR1).
    pub kind: OrganizationKind,
    /// For people.
    pub name: String,
    /// The division or region above.
    pub parent: Option<Id>,
    /// The mass-change brake's limit, if set by hand; 0 is off.
    pub brake_limit: Option<u32>,
}

/// Which level of the tree a node is of; lower ones lie above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrganizationKind {
    /// Holds divisions and organizations.
    Region,
    /// Holds organizations.
    Division,
    /// A tenant.
    Organization,
}

impl OrganizationKind {
    /// The kind that goes by `word`.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "region" => Some(Self::Region),
            "division" => Some(Self::Division),
            "organization" => Some(Self::Organization),
            _ => None,
        }
    }
}

/// `ORG` and the number in four digits.
pub fn code(number: u32) -> String {
    format!("ORG{number:04}")
}

/// The number behind `ORG####`, in any letter case.
pub fn number(code: &str) -> Option<u32> {
    let (letters, digits) = code.split_at_checked(3)?;
    let shaped = letters.eq_ignore_ascii_case("ORG")
        && digits.len() == 4
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| shaped && (1..=LARGEST_NUMBER).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_three_letters_and_four_digits() {
        assert_eq!(number(&code(1)), Some(1));
        assert_eq!(number("org0042"), Some(42));
        for bad in ["ORG0000", "ORG1", "ORG00001", "ORGabcd", "XRG0001", "", "ORG+001"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }
}
