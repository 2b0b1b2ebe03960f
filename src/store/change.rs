//! What a change is: a cause, guards, writes; and the event it leaves behind.

use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Relation;

/// Who or what acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A connection, by the id of its record.
    Connection(Id),
    /// An administrator's token, by the id of its record.
    Administrator(Id),
    /// Someone with the data directory at hand: the command line.
    Operator,
    /// Wardgate itself: a duty, the first start.
    System,
    /// Nobody that we know: a refused sign-in.
    Unknown,
}

/// Through which door it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Door {
    /// A SCIM request.
    Scim,
    /// An operation of a SCIM bulk request.
    Bulk,
    /// The administrators' API.
    Api,
    /// The command line.
    Command,
    /// A duty of ours.
    Job,
}

/// Why a change happens. None of it may be missing (HI3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Who acted.
    pub actor: Actor,
    /// The token that was shown, by the id of its record.
    pub token: Option<Id>,
    /// Through which door.
    pub door: Door,
    /// The id of the request, for the log.
    pub request: Id,
    /// The peer's address as we saw it; empty for the command line and duties.
    pub source: String,
    /// In plain words, where someone gave a reason.
    pub reason: String,
}

/// What was done, or tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A record was made.
    Create,
    /// A record was replaced.
    Replace,
    /// Parts of a record or its links were changed.
    Modify,
    /// A record was removed.
    Delete,
    /// A credential was shown.
    SignIn,
    /// The store was made, restored or upgraded.
    Operate,
    /// A report was given out; the reason says which, and its hash.
    Export,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// As asked.
    Done,
    /// The request was wrong; the code says how (`invalidValue`, `uniqueness`, ...).
    Failed(String),
    /// The caller may not; the code says why.
    Denied(String),
}

/// A unique value: at most one record holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Within what: the network, an organization (connection 0) or a connection.
    pub within: Partition,
    /// Of which kind.
    pub kind: Kind,
    /// Which attribute.
    pub field: Field,
    /// The canonical value.
    pub value: Vec<u8>,
}

/// A value by which a record is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which attribute.
    pub field: Field,
    /// The canonical value; see `select` for the encoding of each type.
    pub value: Vec<u8>,
    /// Within what the value may occur once.
    pub unique: Unique,
}

/// Within what a value may occur once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unique {
    /// Anywhere: an index row only.
    No,
    /// In the organization: a unique row only, which serves as index row too.
    Organization,
    /// In the partition: a unique row only, which serves as index row too.
    Partition,
    /// In the whole network: a unique row among the network's own, and an index row at home.
    Network,
}

impl Unique {
    /// The partition whose unique rows hold the value of a record of `home`.
    pub fn within(self, home: Partition) -> Option<Partition> {
        match self {
            Self::No => None,
            Self::Organization => Some(Partition { connection: 0, ..home }),
            Self::Partition => Some(home),
            Self::Network => Some(Partition::NETWORK),
        }
    }

    /// Whether a value of a record of `home` has an index row beside. The unique rows of the
    /// record's own organization serve as such; the network's do not.
    pub fn is_indexed(self, home: Partition) -> bool {
        self == Self::No || self == Self::Network && home.organization != 0
    }
}

/// A condition that must hold when the change is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The record is at this version.
    Version(Id, u64),
    /// The record exists in this organization.
    Exists {
        /// Which record.
        id: Id,
        /// In which organization.
        organization: u32,
    },
    /// Following `relation` from `from` does not lead to `to` (or is `to`), and the chain that a
    /// link `to` -> `from` would make is no longer than `depth` links. Only links whose note
    /// has these bits are followed and counted: a person in a group makes no chain longer.
    NoPath {
        /// Of which relation.
        relation: Relation,
        /// Where the walk starts (the new member).
        from: Id,
        /// Where it must not end (the group that gets the member).
        to: Id,
        /// The bits of a note that make a link part of a chain.
        note: u8,
        /// The longest chain allowed.
        depth: u8,
    },
}

/// A record as it is to be from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its identifier.
    pub id: Id,
    /// What it is of; never changes.
    pub kind: Kind,
    /// Whose it is; never changes.
    pub partition: Partition,
    /// Flags for the readers of the body.
    pub flags: u8,
    /// By what it is found. `CREATED` and `MODIFIED` are added by the store.
    pub entries: Vec<Entry>,
    /// The body.
    pub body: Vec<u8>,
}

/// One write. A write that changes nothing leaves version and history alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes the record; the verdict is `Stale` when the id exists.
    Create(Draft),
    /// Makes a record again that was erased: when it was made stays, and its versions go on where
    /// they ended, so that no entity tag of its former life matches by accident. The verdict is
    /// `Stale` when the id exists, `Missing` when it never did, or was of another kind or place.
    Revive(Draft),
    /// Replaces the record; the verdict is `Missing` when it does not exist.
    Update(Draft),
    /// Removes the record, its index rows and its links both ways; holders of links to it
    /// (groups) get a new version. Its past stays readable.
    Erase(Id),
    /// Adds a link; when new, `from` gets a new version. Both ends must exist.
    Link {
        /// Of which relation.
        relation: Relation,
        /// The holder.
        from: Id,
        /// The target.
        to: Id,
        /// A note about the target.
        note: u8,
    },
    /// Removes a link; when there was one, `from` gets a new version.
    Unlink {
        /// Of which relation.
        relation: Relation,
        /// The holder.
        from: Id,
        /// The target.
        to: Id,
    },
    /// Removes all links of the holder; when there were any, it gets a new version.
    UnlinkAll {
        /// Of which relation.
        relation: Relation,
        /// The holder.
        from: Id,
    },
}

/// A change: applied whole or not at all. Without writes it only leaves its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose chain gets the event: an organization's number, 0 for the network.
    pub chain: u32,
    /// Why.
    pub cause: Cause,
    /// What is done, or was tried.
    pub action: Action,
    /// How it ended; `Done` for every change with writes.
    pub outcome: Outcome,
    /// What it is about: the record the request named, if any. The event carries its hashes, and
    /// those of whatever else is written beside it, and the check holds the store to them.
    pub subject: Option<(Kind, Id)>,
    /// Names of the attributes that the request changes. Names only.
    pub attributes: Vec<String>,
    /// What must hold.
    pub guards: Vec<Guard>,
    /// What is written.
    pub writes: Vec<Write>,
}

/// How a commit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is on disk. `changed` is false when every write was a no-op: then there is no event.
    Done(Committed),
    /// A `Version` guard failed, or a `Create` met an existing id.
    Stale(Id),
    /// A record that must exist does not.
    Missing(Id),
    /// A unique value is taken by another record.
    Taken(Field),
    /// A `NoPath` guard failed.
    Cyclic,
}

/// What a commit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Whether anything was written, be it only the event.
    pub changed: bool,
    /// The sequence of the event in its chain; 0 when there is none.
    pub seq: u64,
    /// When: strictly later than every earlier commit of this store. Of a commit that changed
    /// nothing: when it was looked at.
    pub at: Moment,
    /// The heads, after the change, of every record that a write named as draft or as holder of
    /// a link (not `Erase`d), in that order.
    pub heads: Vec<Head>,
}

/// A record whose body a change wrote beside that of its subject: what follows for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// What it is of.
    pub kind: Kind,
    /// Its identifier.
    pub id: Id,
    /// SHA-256 of its body before; zeros when there was none.
    pub before: [u8; 32],
    /// SHA-256 of its body after; zeros when there is none.
    pub after: [u8; 32],
}

/// One link of an organization's hash chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Number of the organization whose chain it is; 0 for the network's.
    pub chain: u32,
    /// 1, 2, 3, ... without a gap.
    pub seq: u64,
    /// When it was recorded.
    pub at: Moment,
    /// The civil clock had gone back: `at` was set just after the last event instead.
    pub clock_back: bool,
    /// Why.
    pub cause: Cause,
    /// What was done or tried.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// What the request named.
    pub subject: Option<(Kind, Id)>,
    /// Names of the attributes that the request changes.
    pub attributes: Vec<String>,
    /// SHA-256 of the subject's body before; zeros when there was none.
    pub before: [u8; 32],
    /// SHA-256 of the subject's body after; zeros when there is none.
    pub after: [u8; 32],
    /// The other records whose bodies it wrote or removed, by identifier.
    pub beside: Vec<Beside>,
    /// Links added.
    pub linked: u64,
    /// Links removed.
    pub unlinked: u64,
    /// SHA-256 over which links were added and removed; zeros when there are none.
    pub links: [u8; 32],
    /// Version of this program.
    pub software: String,
    /// Hash of the event before; zeros for the first.
    pub previous: [u8; 32],
    /// SHA-256 over a label, `previous` and everything above in its stored form.
    pub hash: [u8; 32],
}
