//! Scopes: which records a caller may see. Only this room makes them (TEN-08).
//!
//! Whose a record is depends on what it is of. People and groups belong to the connection that
//! brought them; sites, room systems, delegations, providers and pools belong to the
//! organization, whoever made them; organizations belong to the network. [`home`] is the one
//! place that says so.

use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;

/// The partitions a caller may see, kind by kind. There is no scope over "everything": the
/// caller's rights are spelled out partition by partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(Whose);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Whose {
    /// The connection and its organization.
    Connection([Partition; 2], Seen),
    Network,
    Administrator(Vec<Partition>),
}

/// What a connection sees one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Records of organizations.
    organizations: Vec<Id>,
    /// Access groups that are published to it.
    groups: Vec<Id>,
}

/// Where records of `kind` live that someone of `own` may see or make.
pub fn home(kind: Kind, own: Partition) -> Partition {
    match kind {
        Kind::ORGANIZATION => Partition::NETWORK,
        Kind::SITE | Kind::ROOM_SYSTEM | Kind::DELEGATION | Kind::PROVIDER | Kind::POOL => {
            Partition { connection: 0, ..own }
        }
        _ => own,
    }
}

impl Scope {
    /// What a connection sees: its own records, and those of its organization that are nobody's
    /// own. Of organizations it sees none, unless [`Scope::and`] names them.
    pub fn of_connection(partition: Partition) -> Self {
        let whole = Partition { connection: 0, ..partition };
        Self(Whose::Connection([partition, whole], Seen::default()))
    }

    /// The same, and of the organizations these.
    #[must_use]
    pub fn and(self, organizations: &[Id]) -> Self {
        match self.0 {
            Whose::Connection(own, seen) => {
                let organizations = organizations.to_vec();
                Self(Whose::Connection(own, Seen { organizations, ..seen }))
            }
            other => Self(other),
        }
    }

    /// The same, and of the organization's own groups these, which are published to it (LE8).
    #[must_use]
    pub fn published(self, groups: &[Id]) -> Self {
        match self.0 {
            Whose::Connection(own, seen) => {
                let groups = groups.to_vec();
                Self(Whose::Connection(own, Seen { groups, ..seen }))
            }
            other => Self(other),
        }
    }

    /// The network's own records: organizations, connections, tokens. For our use cases only.
    pub fn network() -> Self {
        Self(Whose::Network)
    }

    /// What a global administrator sees: these organizations and their connections.
    pub fn of_administrator(partitions: Vec<Partition>) -> Self {
        Self(Whose::Administrator(partitions))
    }

    /// The partitions in which records of `kind` are seen.
    pub fn partitions(&self, kind: Kind) -> &[Partition] {
        match &self.0 {
            Whose::Administrator(_) if kind == Kind::ORGANIZATION => NETWORK,
            Whose::Administrator(all) => all,
            Whose::Network => NETWORK,
            Whose::Connection(..) if kind == Kind::ORGANIZATION => NETWORK,
            Whose::Connection(both, seen) if kind == Kind::GROUP && !seen.groups.is_empty() => both,
            Whose::Connection([own, _], _) if home(kind, *own) == *own => std::slice::from_ref(own),
            Whose::Connection([_, whole], _) => std::slice::from_ref(whole),
        }
    }

    /// The records of `kind` in one of its partitions that are seen, where not all of it is.
    pub fn only(&self, kind: Kind, partition: Partition) -> Option<&[Id]> {
        match &self.0 {
            Whose::Connection(_, seen) if kind == Kind::ORGANIZATION => Some(&seen.organizations),
            Whose::Connection([own, whole], seen) if kind == Kind::GROUP => {
                Some(seen.groups.as_slice()).filter(|_| own != whole && partition == *whole)
            }
            _ => None,
        }
    }

    /// Whether the record `id` of `kind` in `partition` is inside.
    pub fn covers(&self, kind: Kind, partition: Partition, id: Id) -> bool {
        let seen = self.only(kind, partition).is_none_or(|only| only.contains(&id));
        seen && self.partitions(kind).contains(&partition)
    }
}

const NETWORK: &[Partition] = &[Partition::NETWORK];
