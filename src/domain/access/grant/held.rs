//! What a person holds: the grant, its sources, the entry of the ledger.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::id::Id;
use crate::domain::access::level::Limit;
use crate::domain::access::role::administrator::AdminRole;

/// One thing that a person can hold. Codes are those of the catalogues.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grant {
    /// The organization the person belongs to; at most one.
    HomeOrganization {
        /// The organization.
        organization: Id,
    },
    /// A role at a location; one role at each (AS2).
    Assignment {
        /// Region, division, organization or site.
        location: Id,
        /// Code of the role.
        role: Arc<str>,
    },
    /// Which of the assignments is the default; at most one (AS3).
    DefaultLocation {
        /// The location of an assignment.
        location: Id,
    },
    /// The use of a service.
    Service {
        /// Code of the service.
        service: Arc<str>,
    },
    /// The right to schedule a room system.
    Room {
        /// The room system.
        system: Id,
    },
    /// Acting for someone in a service; the holder is the delegate.
    Delegation {
        /// For whom.
        delegator: Id,
        /// Code of the service.
        service: Arc<str>,
    },
    /// Membership of an access group.
    AccessGroup {
        /// The access group.
        group: Id,
    },
    /// An application role such as `ATCUser`.
    ApplicationRole {
        /// Code of the role.
        role: Arc<str>,
    },
    /// A restriction in every access group; it takes away.
    Limit {
        /// What is restricted.
        limit: Limit,
    },
    /// A restriction: the login is disabled.
    LoginDisabled {
        /// Why, for people.
        reason: Arc<str>,
    },
    /// An administrator's role.
    Admin {
        /// Which.
        role: AdminRole,
        /// Where; absent for roles that know no place.
        scope: Option<Id>,
    },
    /// What the person signs in with; at most one.
    Credential {
        /// Code of the credential.
        credential: Arc<str>,
    },
    /// Signs in at the workplace's own identity provider.
    PartnerSignIn,
}

impl Grant {
    /// Whether it takes away instead of giving: its end is no removal of access.
    pub fn is_restriction(&self) -> bool {
        matches!(self, Self::Limit { .. } | Self::LoginDisabled { .. })
    }

    /// Whether only an approved rule may give it (LE6): an administrator's role, and the
    /// application role that makes one (C4).
    pub fn is_privileged(&self) -> bool {
        match self {
            Self::Admin { .. } => true,
            Self::ApplicationRole { role } => makes_administrator(role),
            _ => false,
        }
    }
}

/// Whether the application role of this code or word is an administrator's (C4).
pub(in crate::domain::access) fn makes_administrator(role: &str) -> bool {
    use crate::domain::access::level::word_key;
    word_key(role) == word_key(AdminRole::IdentityAccountManager.value())
}

/// Why a grant is held; without one it does not exist (LE1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Source {
    /// An administrator gave it.
    Manual {
        /// The account of the administrator.
        administrator: Id,
    },
    /// A rule gives it because of a pushed group.
    Rule {
        /// The rule.
        rule: Id,
        /// The pushed group.
        group: Id,
    },
    /// It is said on the record itself, by whoever may write that; 0 where that is not known.
    Attribute {
        /// Number of the connection.
        connection: u32,
    },
    /// A connection sent it in `roles` or `entitlements` of the user (2.7, channel 2).
    Core {
        /// Number of the connection.
        connection: u32,
    },
    /// A connection sent it in a Compact text of the user (2.7, channel 3).
    Compact {
        /// Number of the connection.
        connection: u32,
    },
    /// An event brought it about.
    Auto {
        /// Number of the organization whose chain has the event.
        chain: u32,
        /// Number of the event in the chain.
        event: u64,
    },
}

impl Source {
    /// Whether rules made it, and rules alone may end it.
    pub fn is_rule(self) -> bool {
        matches!(self, Self::Rule { .. })
    }

    /// Reads what `to_string` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let read = match kind {
            "manual" => Self::Manual { administrator: Id::parse(rest)? },
            "rule" => {
                let (rule, group) = rest.split_once('/')?;
                Self::Rule { rule: Id::parse(rule)?, group: Id::parse(group)? }
            }
            "attribute" => Self::Attribute { connection: rest.parse().ok()? },
            "core" => Self::Core { connection: rest.parse().ok()? },
            "compact" => Self::Compact { connection: rest.parse().ok()? },
            "auto" => {
                let (chain, event) = rest.split_once('/')?;
                Self::Auto { chain: chain.parse().ok()?, event: event.parse().ok()? }
            }
            _ => return None,
        };
        // One spelling only: no signs, no leading zeros.
        (read.to_string() == text).then_some(read)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manual { administrator } => write!(f, "manual:{administrator}"),
            Self::Rule { rule, group } => write!(f, "rule:{rule}/{group}"),
            Self::Attribute { connection } => write!(f, "attribute:{connection}"),
            Self::Core { connection } => write!(f, "core:{connection}"),
            Self::Compact { connection } => write!(f, "compact:{connection}"),
            Self::Auto { chain, event } => write!(f, "auto:{chain}/{event}"),
        }
    }
}

/// An entry of the ledger: who holds what, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Held {
    /// The account.
    pub subject: Id,
    /// What.
    pub grant: Grant,
    /// Why; never empty in a whole ledger (LE1).
    pub sources: BTreeSet<Source>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn le1_a_source_reads_back_and_has_one_spelling() {
        let (one, two) = (Id([1; 16]), Id([2; 16]));
        for source in [
            Source::Manual { administrator: one },
            Source::Rule { rule: one, group: two },
            Source::Attribute { connection: 7 },
            Source::Core { connection: 7 },
            Source::Compact { connection: 7 },
            Source::Auto { chain: 5_555, event: 12 },
        ] {
            assert_eq!(Source::parse(&source.to_string()), Some(source));
        }
        for bad in ["", "manual:", "rule:x/y", "attribute:-1", "attribute:07", "auto:1", "role:1"] {
            assert_eq!(Source::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn le6_the_account_manager_is_privileged_by_either_name() {
        let role = |role: &str| Grant::ApplicationRole { role: Arc::from(role) };
        assert!(role("IdentityAccountManager").is_privileged());
        assert!(!role("ATCUser").is_privileged());
        for admin in AdminRole::ALL {
            assert!(Grant::Admin { role: admin, scope: None }.is_privileged());
        }
    }
}
