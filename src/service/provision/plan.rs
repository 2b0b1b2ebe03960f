//! What is to be committed.

use tokio::sync::MutexGuard;

use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::service::Work;
use crate::service::ledger;
use crate::service::places::Settled;
use crate::store::change::Action;
use crate::store::change::Cause;
use crate::store::change::Change;
use crate::store::change::Guard;
use crate::store::change::Outcome;
use crate::store::change::Write;

/// What is to be committed.
#[derive(Default)]
pub(super) struct Plan {
    /// Names of the attributes, for the event.
    pub(super) attributes: Vec<String>,
    pub(super) guards: Vec<Guard>,
    pub(super) writes: Vec<Write>,
    /// The chain of the event, where it is not that of the record's partition.
    pub(super) chain: Option<u32>,
    /// What the event should say beside what was done; mostly empty.
    pub(super) remark: &'static str,
}

impl Plan {
    /// Takes over what the rules ask for. What is answered is to be held until the commit.
    pub(super) fn settle<'a>(&mut self, settled: Settled<'a>) -> Option<MutexGuard<'a, ()>> {
        self.guards.extend(settled.guards);
        self.chain = settled.chain;
        settled.lane
    }

    /// Takes over what follows for people.
    pub(super) fn follow(&mut self, settled: ledger::Settled) {
        self.guards.extend(settled.guards);
        self.writes.extend(settled.writes);
        if self.remark.is_empty() {
            self.remark = settled.remark;
        }
    }

    /// The change of a record. Its event belongs to the organization whose record it is, also
    /// when an administrator of the network acts.
    pub(super) fn change(
        self,
        work: Work<'_>,
        action: Action,
        (kind, subject, home): (Kind, Id, Partition),
    ) -> Change {
        Change {
            chain: self.chain.unwrap_or(home.organization),
            cause: Cause { reason: self.remark.into(), ..work.caller.cause() },
            action,
            outcome: Outcome::Done,
            subject: Some((kind, subject)),
            attributes: self.attributes,
            guards: self.guards,
            writes: self.writes,
        }
    }
}
