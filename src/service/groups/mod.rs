//! The rules of access groups, and who may write and see them.
//!
//! A group is a directory group, that an identity provider pushed, or an access group: then its
//! extension says what it opens, and for whom (AG2 to AG14). Access groups are made by
//! administrators and belong to the organization, not to a connection. An administrator may
//! publish one to connections of the organization, which then find it by name and fill it, and
//! change nothing else of it (LE8). To everyone else's connection it does not exist, and a pushed
//! group of the same name is another group (GRP-02, GRP-04).
//!
//! Flow: [`words`] reads the words of a document and refuses what the caller may not write;
//! [`settle`] loads what the document names of its health centre and asks the pure rules of
//! `domain::access::effective`, which find every fault at once; [`enrolled`] holds the
//! restrictions of people against the members that the change leaves. [`joined`] answers what a
//! new provider changes (AG11). All of them come before the one commit.
//!
//! Invariants: the body of an access group is only written while its health centre's lane is
//! held (see `places`), so that a provider who joins and an administrator who edits wait for each
//! other; a group without the extension costs nothing here.
//!
//! Rejected: a name key of its own for AG2 (access groups of a centre lie in one partition, where
//! names are unique already), and refusing to take a member out who has a restriction (an
//! identity provider must always be able to; the restriction sleeps until they are back).

mod centre;
mod join;
mod published;
mod rules;
mod word;

pub use join::joined;
pub use published::fillable;
pub use published::only_filled;
pub use published::touches;
pub use rules::enrolled;
pub use rules::removable;
pub use rules::settle;
pub use word::words;

use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind;

fn refusal(said: impl Into<String>) -> Error {
    Error::new(Kind::Scim(ScimType::InvalidValue), said)
}
