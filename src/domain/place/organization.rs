//! An organization: the tenant.

use serde::{Deserialize, Serialize};

use crate::base::id::Id;

/// The largest organization number: `ORG` and four digits.
pub const LARGEST_NUMBER: u32 = 9_999;

/// An organization; kept as the body of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its record.
    pub id: Id,
    /// `ORG####` without the letters, 1 to 9999; unique in the network.
    pub number: u32,
    /// For people.
    pub name: String,
    /// The organization above.
    pub parent: Option<Id>,
    /// The mass-change brake's limit, if set by hand; 0 is off.
    pub brake_limit: Option<u32>,
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
