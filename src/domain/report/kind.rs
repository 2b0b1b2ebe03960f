//! The five kinds of export, and what each is called where.

/// A kind of export (A4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Users, active and dormant.
    Users,
    /// Who acts for whom in PCVC, which people call eVisit (A16).
    DelegatesPcvc,
    /// Who acts for whom in eConsult.
    DelegatesEconsult,
    /// Who may schedule which room system.
    Scheduling,
    /// Deactivated users, temporarily and permanently.
    Deactivated,
}

impl Kind {
    /// All five, as the menu lists them.
    pub const ALL: [Self; 5] = [
        Self::Users,
        Self::DelegatesPcvc,
        Self::DelegatesEconsult,
        Self::Scheduling,
        Self::Deactivated,
    ];

    /// The word of the API and the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::DelegatesPcvc => "delegates-pcvc",
            Self::DelegatesEconsult => "delegates-econsult",
            Self::Scheduling => "scheduling",
            Self::Deactivated => "deactivated",
        }
    }

    /// The kind behind a word, in its exact spelling.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The entry of the menu `Export Options` (A4).
    pub fn label(self) -> &'static str {
        match self {
            Self::Users => "Export User List (active and dormant)",
            Self::DelegatesPcvc => "Export Delegate relationships: eVisit",
            Self::DelegatesEconsult => "Export Delegate relationships: eConsult",
            Self::Scheduling => "Export Scheduling access (room-based systems)",
            Self::Deactivated => "Export User List (deactivated users)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ex1_five_kinds_in_the_order_of_the_menu() {
        let words = Kind::ALL.map(Kind::word);
        let wanted = ["users", "delegates-pcvc", "delegates-econsult", "scheduling", "deactivated"];
        assert_eq!(words, wanted);
        let labels = [
            "Export User List (active and dormant)",
            "Export Delegate relationships: eVisit",
            "Export Delegate relationships: eConsult",
            "Export Scheduling access (room-based systems)",
            "Export User List (deactivated users)",
        ];
        assert_eq!(Kind::ALL.map(Kind::label), labels);
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.word()), Some(kind));
        }
        for other in ["", "Users", "delegates", "delegates-evisit", " users"] {
            assert_eq!(Kind::parse(other), None, "{other}");
        }
    }
}
