//! The administrators of table 2.3, each with its code and its text.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an administrator is: a grant of the ledger (LE6), and a column of the matrix (AD1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AdminRole {
    /// Everything; every health centre (C30, AD4).
    Global,
    /// A region, as the matrix says.
    Regional,
    /// A division, as the matrix says.
    Division,
    /// As a division's; its roles see summaries only.
    PublicHealth,
    /// One health centre (C31, AD5).
    HealthCentre,
    /// People and accounts, not groups (C4, AD8).
    IdentityAccountManager,
    /// The primary contact of an organization (A1): lists, exports, reviews, requests.
    PrimaryContact,
    /// First line (D3): passwords, unlocking, notices.
    HelpDesk,
    /// Sees, changes nothing.
    Auditor,
    /// Rules, connections, certificates; never people.
    Operator,
}

impl AdminRole {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Global,
        Self::Regional,
        Self::Division,
        Self::PublicHealth,
        Self::HealthCentre,
        Self::IdentityAccountManager,
        Self::PrimaryContact,
        Self::HelpDesk,
        Self::Auditor,
        Self::Operator,
    ];

    /// The stable code.
    pub fn value(self) -> &'static str {
        self.words().0
    }

    /// The word for people.
    pub fn display(self) -> &'static str {
        self.words().1
    }

    /// The role behind a code or a text for people, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        Self::ALL.into_iter().find(|role| {
            role.value().eq_ignore_ascii_case(text) || role.display().eq_ignore_ascii_case(text)
        })
    }

    /// Whether a rule that gives it names a place.
    pub fn has_scope(self) -> bool {
        !matches!(self, Self::Global | Self::Operator)
    }

    /// Whether it reaches nobody without a place. Not the same as [`AdminRole::has_scope`]: an
    /// auditor may be the whole network's, but no rule makes one.
    pub fn needs_scope(self) -> bool {
        self.has_scope() && self != Self::Auditor
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Global => ("global", "Global administrator"),
            Self::Regional => ("regional", "Regional administrator"),
            Self::Division => ("division", "Division administrator"),
            Self::PublicHealth => ("publicHealth", "Public Health administrator"),
            Self::HealthCentre => ("healthCentre", "Health-centre administrator"),
            Self::IdentityAccountManager => ("identityAccountManager", "Identity account manager"),
            Self::PrimaryContact => ("primaryContact", "Primary contact"),
            Self::HelpDesk => ("helpDesk", "Help desk"),
            Self::Auditor => ("auditor", "Auditor"),
            Self::Operator => ("operator", "Operator"),
        }
    }
}

impl fmt::Display for AdminRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_administrators_read_back() {
        for role in AdminRole::ALL {
            assert_eq!(AdminRole::parse(role.value()), Some(role));
            assert_eq!(AdminRole::parse(&role.to_string().to_uppercase()), Some(role));
        }
        assert_eq!(AdminRole::parse("root"), None);
    }

    #[test]
    fn an_auditor_may_be_of_the_network_though_no_rule_makes_one() {
        let differs = |role: &AdminRole| role.has_scope() != role.needs_scope();
        let found: Vec<AdminRole> = AdminRole::ALL.into_iter().filter(differs).collect();
        assert_eq!(found, [AdminRole::Auditor]);
    }
}
