//! What the store keeps of any resource: a small typed head, and a body it does not read.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::clock::Moment;
use crate::base::id::Id;

/// What a record is of. Built-in kinds have small numbers; custom resource types are numbered
/// by their name, with the highest bit set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Kind(pub u32);

impl Kind {
    /// An organization: the tenant.
    pub const ORGANIZATION: Self = Self(1);
    /// An identity provider's credentialed link to an organization.
    pub const CONNECTION: Self = Self(2);
    /// A bearer token of a connection or an administrator.
    pub const TOKEN: Self = Self(3);
    /// The tolerated oddities of a connection.
    pub const ODDITIES: Self = Self(4);
    /// A person's account.
    pub const USER: Self = Self(16);
    /// A pushed group.
    pub const GROUP: Self = Self(17);
    /// A place of an organization where people work.
    pub const SITE: Self = Self(18);
    /// A room-based video system.
    pub const ROOM_SYSTEM: Self = Self(19);
    /// A person who may act for another in one service.
    pub const DELEGATION: Self = Self(20);
    /// Someone who has patients, inside one organization.
    pub const PROVIDER: Self = Self(21);
    /// Providers that share a wait list.
    pub const POOL: Self = Self(22);
    /// A mapping rule.
    pub const RULE: Self = Self(23);
    /// A line of the ledger: one grant of one person, with its sources.
    pub const GRANT: Self = Self(24);
    /// An account that was closed, as it was at its end.
    pub const CLOSED: Self = Self(25);
    /// A mass change that the brake held back.
    pub const HOLD: Self = Self(26);
    /// A certificate of the register.
    pub const CERTIFICATE: Self = Self(27);
    /// A letter about a certificate that somebody has taken on: one step of one certificate.
    pub const CLAIM: Self = Self(28);

    /// The kind of the resource type `name`.
    pub fn of_type(name: &str) -> Self {
        match name {
            "User" => Self::USER,
            "Group" => Self::GROUP,
            "Organization" => Self::ORGANIZATION,
            "Site" => Self::SITE,
            "RoomSystem" => Self::ROOM_SYSTEM,
            "Delegation" => Self::DELEGATION,
            "Provider" => Self::PROVIDER,
            "Pool" => Self::POOL,
            _ => Self(number("resource type", name) | 0x8000_0000),
        }
    }
}

/// An attribute that is indexed: numbered by resource type and path, stable across restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Field(pub u32);

impl Field {
    /// When the record was made; the store keeps it by itself.
    pub const CREATED: Self = Self(1);
    /// When the record was last changed; the store keeps it by itself.
    pub const MODIFIED: Self = Self(2);

    /// The field of attribute `path` (canonical spelling, lower case) of `kind`.
    pub fn of(kind: Kind, path: &str) -> Self {
        Self(number("field", &format!("{}:{path}", kind.0)) | 0x8000_0000)
    }
}

fn number(domain: &str, name: &str) -> u32 {
    let digest = Sha256::new().chain_update(domain).chain_update([0]).chain_update(name).finalize();
    digest.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// Whose a record is: an organization, and inside it the connection that owns the record.
/// Connection 0 is the organization itself (what administrators made); organization 0 is the
/// network (organizations and administrators' tokens).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Partition {
    /// Number of the organization.
    pub organization: u32,
    /// Number of the connection within the network; never reused.
    pub connection: u32,
}

impl Partition {
    /// Records of the network itself.
    pub const NETWORK: Self = Self { organization: 0, connection: 0 };
}

/// A link from one record to another that is kept as a row of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Relation(pub u16);

impl Relation {
    /// A group has a member.
    pub const MEMBER: Self = Self(1);
    /// A room system has a scheduler.
    pub const SCHEDULER: Self = Self(2);
    /// A person has a line of the ledger.
    pub const GRANTED: Self = Self(3);

    /// The relation that the attribute `name` of `kind` is. Those of custom types are numbered by
    /// their name, with the highest bit set.
    pub fn of(kind: Kind, name: &str) -> Self {
        match (kind, name) {
            (Kind::GROUP, "members") => Self::MEMBER,
            (Kind::ROOM_SYSTEM, "schedulers") => Self::SCHEDULER,
            _ => {
                let [.., high, low] =
                    number("relation", &format!("{}:{name}", kind.0)).to_be_bytes();
                Self(u16::from_be_bytes([high, low]) | 0x8000)
            }
        }
    }
}

/// The typed head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its identifier.
    pub id: Id,
    /// What it is of.
    pub kind: Kind,
    /// Whose it is.
    pub partition: Partition,
    /// Counts its changes, from 1.
    pub version: u64,
    /// When it was made.
    pub created: Moment,
    /// When it was last changed.
    pub modified: Moment,
    /// Flags for the readers of the body; the store only keeps them.
    pub flags: u8,
}

/// A record as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The head.
    pub head: Head,
    /// The body: finished JSON, opaque below `service`.
    pub body: Vec<u8>,
}
