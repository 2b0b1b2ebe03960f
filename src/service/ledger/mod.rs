//! The ledger at work: who holds what, from which sources, kept in step with every change.
//!
//! Flow: a change of a person comes through [`settle`], a change of a group's members or name
//! through [`follow`], both before the one commit that they are part of. What they answer is
//! written in that commit: lines of the ledger (records of their own, tied to the person), what
//! follows from them elsewhere (schedulers, delegations, members of access groups), and the
//! person's document with what is shown of it.
//!
//! Invariants: whoever is touched is decided on their own record's version, so that two changes
//! of one person cannot both count on the same past; nobody who is not touched is read.

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::record::Partition;
use crate::service::Error;
use crate::service::Work;
use crate::store::change::Guard;
use crate::store::change::Write;

/// What follows from a change, for the commit that it is part of.
#[derive(Debug, Default)]
pub struct Settled {
    /// What must hold.
    pub guards: Vec<Guard>,
    /// What is written beside.
    pub writes: Vec<Write>,
    /// What the event says of it beside what was asked for; mostly empty.
    pub remark: &'static str,
}

/// What a person holds after a change of their own document, which is completed.
pub async fn settle(
    _work: Work<'_>,
    (_id, _home): (Id, Partition),
    _old: Option<&Map<String, Value>>,
    _document: &mut Map<String, Value>,
) -> Result<Settled, Error> {
    Ok(Settled::default())
}

/// What follows for the people of a group from `writes` on it: members that come and go, another
/// name, its end.
pub async fn follow(
    _work: Work<'_>,
    (_group, _home): (Id, Partition),
    _document: Option<&Map<String, Value>>,
    _writes: &[Write],
) -> Result<Settled, Error> {
    Ok(Settled::default())
}
