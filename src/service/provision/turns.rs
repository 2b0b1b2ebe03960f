//! Deciding again what was overtaken.
//!
//! A decision is taken on a record as it was loaded, and guarded by its version. Whoever loses
//! the race waits for the record's lane and decides again on what is there now, so that losers
//! take turns instead of overtaking each other for ever.

use serde_json::Map;
use serde_json::Value;
use tokio::sync::MutexGuard;

use crate::domain::record::Head;
use crate::domain::record::Record;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::ledger::brake;
use crate::service::provision::Plan;
use crate::service::provision::target::Target;
use crate::service::provision::verdict;
use crate::service::wire::render;
use crate::store::change::Action;
use crate::store::change::Verdict;

/// How often a decision that was overtaken is taken anew.
const TURNS: usize = 4;

/// The turns of one decision.
pub(super) struct Turns<'a> {
    work: Work<'a>,
    /// The record as it was when the request came.
    first: Record,
    taken: usize,
}

impl<'a> Turns<'a> {
    pub(super) fn new(work: Work<'a>, first: Record) -> Self {
        Self { work, first, taken: 0 }
    }

    /// Waits for the next turn, which lasts as long as what is returned; a conflict when there
    /// were enough. The first needs to wait for nobody.
    pub(super) async fn next(&mut self) -> Result<Option<MutexGuard<'a, ()>>, Error> {
        self.taken += 1;
        match self.taken {
            1 => Ok(None),
            2..=TURNS => Ok(self.work.ports.lanes.enter(self.first.head.id).await),
            _ => Err(verdict::conflict()),
        }
    }

    /// The record of the first decision, if that was overtaken.
    pub(super) fn overtaken(&self) -> Option<&Record> {
        (self.taken > 1).then_some(&self.first)
    }
}

/// Commits a plan for a record that was loaded before: its new head, or `None` when somebody was
/// faster and the caller named no version.
pub(super) async fn commit(
    work: Work<'_>,
    Target { model, record }: &Target<'_>,
    (action, plan): (Action, Plan),
    asked: &Asked,
) -> Result<Option<Head>, Error> {
    let Head { id, kind, partition, .. } = record.head;
    let ticket = match asked.weighed {
        true => None,
        false => brake::weigh(work, partition.organization, &plan.writes).await?,
    };
    let change = plan.change(work, action, (kind, id, partition));
    let verdict = work.ports.store.commit(change).await?;
    if !matches!(verdict, Verdict::Done(_)) {
        brake::give_back(work.ports, ticket);
    }
    match verdict {
        Verdict::Stale(_) if asked.precondition.if_match.is_some() => Err(visible::stale()),
        Verdict::Stale(_) => Ok(None),
        verdict => verdict::head(model, id, verdict).map(Some),
    }
}

/// Deactivation wins a race: a request that was decided while the person was active, and is
/// decided again because somebody switched the person off meanwhile, does not switch the person
/// on again. Whoever means it names the newer version in `If-Match`, or repeats (CON-05).
pub(super) fn keep_off(
    overtaken: Option<&Record>,
    current: &Map<String, Value>,
    next: &Map<String, Value>,
    asked: &Asked,
) -> Result<(), Error> {
    let active = |document: &Map<String, Value>| document.get("active") == Some(&Value::Bool(true));
    let off = current.get("active") == Some(&Value::Bool(false));
    let (Some(first), true, true) = (overtaken, off, active(next)) else { return Ok(()) };
    if asked.precondition.if_match.is_some() || !active(&render::document(first)?) {
        return Ok(());
    }
    let said = "Someone was switched off while this request was on its way. Read it again.";
    Err(Error::new(Kind::Conflict, said))
}
