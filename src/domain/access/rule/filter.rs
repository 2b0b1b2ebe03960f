//! The user filter of a rule: a few tests on named facts, all of which must hold.

use serde::{Deserialize, Serialize};

/// What a filter can ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fact {
    /// `userName`.
    UserName,
    /// The primary e-mail address.
    Email,
    /// Profession.
    Profession,
    /// Code of the credential.
    Credential,
    /// Department.
    Department,
    /// Code of the home organization.
    HomeOrganization,
}

/// How it is compared, without regard to letter case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wanted {
    /// Is this.
    Is(String),
    /// Is there and is not this.
    IsNot(String),
    /// Begins so.
    StartsWith(String),
    /// Ends so.
    EndsWith(String),
    /// Is there.
    Present,
    /// Is not there.
    Absent,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Test {
    /// Of what.
    pub fact: Fact,
    /// Against what.
    pub wanted: Wanted,
}

/// Every test must hold; none at all is a fault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UserFilter(pub Vec<Test>);

/// The facts of a user; an empty text is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `userName`.
    pub user_name: String,
    /// The primary e-mail address.
    pub email: String,
    /// Profession.
    pub profession: String,
    /// Code of the credential.
    pub credential: String,
    /// Department.
    pub department: String,
    /// Code of the home organization.
    pub home_organization: String,
}

impl UserFilter {
    /// Whether the rule is about this user.
    pub fn admits(&self, facts: &Facts) -> bool {
        self.0.iter().all(|test| test.wanted.holds(facts.of(test.fact)))
    }
}

impl Facts {
    fn of(&self, fact: Fact) -> &str {
        match fact {
            Fact::UserName => &self.user_name,
            Fact::Email => &self.email,
            Fact::Profession => &self.profession,
            Fact::Credential => &self.credential,
            Fact::Department => &self.department,
            Fact::HomeOrganization => &self.home_organization,
        }
    }
}

impl Wanted {
    fn holds(&self, held: &str) -> bool {
        let small = |text: &str| text.to_lowercase();
        match self {
            Self::Present => !held.is_empty(),
            Self::Absent => held.is_empty(),
            _ if held.is_empty() => false,
            Self::Is(text) => small(held) == small(text),
            Self::IsNot(text) => small(held) != small(text),
            Self::StartsWith(text) => small(held).starts_with(&small(text)),
            Self::EndsWith(text) => small(held).ends_with(&small(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_must_hold() {
        let facts = Facts { email: "Dd@Hospital.org".to_owned(), ..Facts::default() };
        let admits = |tests: &[(Fact, Wanted)]| {
            let tests = tests.iter().cloned().map(|(fact, wanted)| Test { fact, wanted });
            UserFilter(tests.collect()).admits(&facts)
        };
        let ends = || Wanted::EndsWith("@hospital.ORG".to_owned());
        assert!(admits(&[(Fact::Email, ends())]));
        assert!(admits(&[(Fact::Email, ends()), (Fact::Profession, Wanted::Absent)]));
        assert!(!admits(&[(Fact::Email, ends()), (Fact::Profession, Wanted::Present)]));
        assert!(!admits(&[(Fact::Profession, Wanted::IsNot("Nurse".to_owned()))]));
        assert!(admits(&[(Fact::Email, Wanted::Is("DD@hospital.org".to_owned()))]));
        assert!(!admits(&[(Fact::Email, Wanted::StartsWith("x".to_owned()))]));
    }
}
