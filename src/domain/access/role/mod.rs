//! Roles and the other words of access: each a stable code and a text for people.
//!
//! `word` is what all catalogues share; `sample` holds the roles that we ship; `vocabulary` the
//! services, credentials and application roles; `administrator` the kinds of administrators.
//! Modules and levels are in `level`, beside this room. A code goes out with its text beside it;
//! what comes in may be either, in any letter case.
//!
//! Invariants: in one catalogue no two words are read from one text; a place offers the roles of
//! its rank only (AS6).
//!
//! Rejected: enums for roles and services. They are configuration: an organization may call
//! eVisit otherwise and add roles, and a code that is not in the catalogue any more must still
//! be shown for people who hold it. What the source closes (credentials, modules, levels,
//! administrators) is an enum, and stands in one place.

pub mod administrator;
pub mod sample;
pub mod vocabulary;
pub mod word;

use crate::domain::access::role::word::Catalogue;
use crate::domain::access::role::word::Named;
use crate::domain::access::role::word::Word;
use crate::domain::people::assignment::Offers;
use crate::domain::place::tree::Rank;

/// What the roles of public health see: incidents and summaries only (B9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataScope {
    /// Incident and summary information.
    Summary,
    /// All that the place gives.
    Full,
}

impl DataScope {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Full => "full",
        }
    }
}

/// A role that can be held at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Code and text.
    pub word: Word,
    /// The ranks of places that offer it (B8).
    pub offered_at: Vec<Rank>,
    /// What it sees.
    pub data_scope: DataScope,
    /// The higher, the more it may. Of two roles that rules grant with equal priority, the lower
    /// wins.
    pub privilege: u16,
}

impl Named for Role {
    fn word(&self) -> &Word {
        &self.word
    }
}

/// The catalogue of roles.
pub type Roles = Catalogue<Role>;

impl Roles {
    /// The roles that a place of `rank` offers, in catalogue order.
    pub fn offered_at(&self, rank: Rank) -> impl Iterator<Item = &Role> {
        self.all().iter().filter(move |role| role.offered_at.contains(&rank))
    }

    /// The less privileged of two codes; equal privilege is decided by less data, then by code. A
    /// code outside the catalogue is taken for the least.
    pub fn less_privileged<'a>(&self, one: &'a str, other: &'a str) -> &'a str {
        let weight = |code: &'a str| {
            let role = self.find(code);
            (role.map(|role| (role.privilege, role.data_scope)), code)
        };
        if weight(one) <= weight(other) { one } else { other }
    }
}

impl Offers for Roles {
    fn offers(&self, rank: Rank, role: &str) -> bool {
        self.find(role).is_some_and(|role| role.offered_at.contains(&rank))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as6_a_place_offers_the_roles_of_its_rank() {
        let roles = sample::roles();
        for rank in Rank::ALL {
            let offered: Vec<&str> = roles.offered_at(rank).map(|role| role.word.value()).collect();
            assert_eq!(offered.is_empty(), !rank.is_location(), "{rank}");
            for role in roles.all() {
                let code = role.word.value();
                assert_eq!(roles.offers(rank, code), offered.contains(&code), "{code} at {rank}");
            }
        }
        assert!(roles.offers(Rank::Site, "ed-normal") && !roles.offers(Rank::Region, "ed-normal"));
        assert!(!roles.offers(Rank::Site, "ED Normal"), "a text is read into its code first");
        assert!(!roles.offers(Rank::Site, "unheard-of"));
    }

    #[test]
    fn b9_public_health_sees_summaries() {
        let summary = |role: &&Role| role.data_scope == DataScope::Summary;
        let roles = sample::roles();
        let codes: Vec<&str> =
            roles.all().iter().filter(summary).map(|role| role.word.value()).collect();
        assert_eq!(codes, ["public-health-user", "public-health-administrator"]);
    }

    #[test]
    fn b10_the_examples_of_the_source_are_in_the_sample() {
        let roles = sample::roles();
        for text in
            ["ED Normal", "ed-normal", "ED-NORMAL", "ED Administrator", "ed admin", "View-Only"]
        {
            assert!(roles.parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn le3_of_two_roles_one_is_the_less_privileged_in_either_order() {
        let roles = sample::roles();
        let codes: Vec<&str> =
            roles.all().iter().map(|role| role.word.value()).chain(["unheard-of"]).collect();
        for one in &codes {
            for other in &codes {
                let less = roles.less_privileged(one, other);
                assert_eq!(less, roles.less_privileged(other, one));
                assert!([*one, *other].contains(&less));
            }
        }
        assert_eq!(roles.less_privileged("ed-administrator", "ed-normal"), "ed-normal");
        assert_eq!(roles.less_privileged("unheard-of", "view-only"), "unheard-of");
    }
}
