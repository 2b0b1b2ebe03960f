//! A site of an organization: a hospital, a clinic, a care venue.

use crate::base::id::Id;

/// The most characters of a site code.
pub const LONGEST_CODE: usize = 32;

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its record.
    pub id: Id,
    /// For people.
    pub name: String,
    /// Short, as in `ORG5555/ABCC`; unique in its organization, letter case aside (TR2).
    pub code: String,
    /// Whose it is; never changes.
    pub organization: Id,
    /// Whether access groups may name it as a care venue.
    pub care_venue: bool,
    /// Whether it is switched on.
    pub active: bool,
}

/// What is wrong with a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The code has another shape.
    #[error(
        "A site code has 1 to 32 letters, digits, points, hyphens and underscores. Other signs \
         mean something in assignment texts."
    )]
    Code,
    /// Another site of the organization has the code.
    #[error("Another site of this organization has this site code (TR2). Choose another.")]
    Taken,
    /// The organization would change.
    #[error("A site keeps its organization. Make a new site there.")]
    Organization,
}

impl Site {
    /// What the store keeps unique (TR2): equal for two sites that may not both be.
    pub fn key(&self) -> (Id, String) {
        (self.organization, code_key(&self.code))
    }

    /// Whether this site may stand beside `others`, of any organization.
    pub fn check<'a>(&self, others: impl IntoIterator<Item = &'a Self>) -> Result<(), Flaw> {
        if !fits(&self.code) {
            return Err(Flaw::Code);
        }
        let key = self.key();
        let taken = others.into_iter().any(|one| one.id != self.id && one.key() == key);
        if taken { Err(Flaw::Taken) } else { Ok(()) }
    }

    /// Whether `after` may take this site's place.
    pub fn may_become(&self, after: &Self) -> Result<(), Flaw> {
        if self.organization == after.organization { Ok(()) } else { Err(Flaw::Organization) }
    }
}

/// The spelling under which a site code is compared.
pub fn code_key(code: &str) -> String {
    code.to_ascii_uppercase()
}

/// Whether `code` has the shape of a site code.
pub fn fits(code: &str) -> bool {
    (1..=LONGEST_CODE).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(id: u8, organization: u8, code: &str) -> Site {
        Site {
            id: Id([id; 16]),
            name: "ABC Hospital".to_owned(),
            code: code.to_owned(),
            organization: Id([organization; 16]),
            care_venue: false,
            active: true,
        }
    }

    #[test]
    fn tr2_a_site_code_is_unique_in_its_organization() {
        let here = [site(1, 1, "ABCC"), site(2, 2, "ABCD")];
        assert_eq!(site(3, 1, "abcc").check(&here), Err(Flaw::Taken));
        assert_eq!(site(3, 2, "ABCC").check(&here), Ok(()));
        assert_eq!(site(1, 1, "Abcc").check(&here), Ok(()), "itself");
        let moved = site(1, 2, "ABCC");
        assert_eq!(here[0].may_become(&moved), Err(Flaw::Organization));
    }

    #[test]
    fn tr2_a_code_cannot_be_taken_for_another_part_of_a_text() {
        for bad in ["", "A/B", "A=B", "A;B", "A*", "A@B", "A B", "É", &"A".repeat(33)] {
            assert!(!fits(bad), "{bad}");
        }
        assert!(fits("ABCC") && fits("a-1_b.c") && fits(&"A".repeat(32)));
    }
}
