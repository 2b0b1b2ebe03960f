//! Creating, replacing, changing and removing resources: one path for single requests, bulk
//! operations, imports and sync.
//!
//! Each use case loads, decides on values, and commits once. A refusal leaves exactly one event
//! of outcome *failed* or *denied* and nothing else. `roster` turns member edits into link
//! writes: a group's document never holds its members, so one member more costs the same at any
//! size.
//!
//! Invariant: no answer of success before the commit is on disk.

mod create;
mod modify;
mod rehearse;
mod remove;
mod replace;
mod roster;
mod verdict;

pub use rehearse::Rehearsal;

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::record::Kind as RecordKind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::wire::model::Model;
use crate::service::wire::render;
use crate::store::change::Action;
use crate::store::change::Cause;
use crate::store::change::Change;
use crate::store::change::Guard;
use crate::store::change::Outcome;
use crate::store::change::Write;

/// How often a decision that was overtaken is taken anew.
const TURNS: usize = 4;

/// Makes a resource of type `rt` (RFC 7644 §3.3).
pub async fn create(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    body: Value,
    mut asked: Asked,
) -> Result<Answer, Error> {
    let outcome = create::attempt(work, rt, body, &mut asked).await;
    settle(work, (Action::Create, rt, None), &mut asked.tolerance, outcome).await
}

/// Replaces the resource `id` (RFC 7644 §3.5.1).
pub async fn replace(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    id: &str,
    body: Value,
    mut asked: Asked,
) -> Result<Answer, Error> {
    let outcome = replace::attempt(work, rt, id, body, &mut asked).await;
    settle(work, (Action::Replace, rt, Id::parse(id)), &mut asked.tolerance, outcome).await
}

/// Changes parts of the resource `id` (RFC 7644 §3.5.2).
pub async fn modify(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    id: &str,
    body: Value,
    mut asked: Asked,
) -> Result<Answer, Error> {
    let outcome = modify::attempt(work, rt, id, body, &mut asked).await;
    settle(work, (Action::Modify, rt, Id::parse(id)), &mut asked.tolerance, outcome).await
}

/// Removes the resource `id` (RFC 7644 §3.6).
pub async fn remove(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    id: &str,
    mut asked: Asked,
) -> Result<Answer, Error> {
    let outcome = remove::attempt(work, rt, id, &asked).await;
    settle(work, (Action::Delete, rt, Id::parse(id)), &mut asked.tolerance, outcome).await
}

/// Records that a change was refused before it reached a use case: a body that is no JSON, too
/// large, or of a type we do not read.
pub async fn refused(
    work: Work<'_>,
    action: Action,
    rt: Option<&ResourceType>,
    id: Option<Id>,
    error: &Error,
) -> Result<(), Error> {
    let outcome = match error.kind {
        Kind::Internal | Kind::Busy => return Ok(()),
        Kind::Denied => Outcome::Denied(code(error.kind).into()),
        kind => Outcome::Failed(code(kind).into()),
    };
    let kind = rt.map(|rt| RecordKind::of_type(&rt.name));
    let change = Change {
        chain: work.caller.chain(),
        cause: work.caller.cause(),
        action,
        outcome,
        subject: kind.zip(id),
        attributes: Vec::new(),
        guards: Vec::new(),
        writes: Vec::new(),
    };
    work.ports.store.commit(change).await?;
    Ok(())
}

/// Counts what was forgiven, and keeps the event of a refusal.
async fn settle(
    work: Work<'_>,
    (action, rt, id): (Action, &Arc<ResourceType>, Option<Id>),
    tolerance: &mut Tolerance,
    outcome: Result<Answer, Error>,
) -> Result<Answer, Error> {
    if let Some(connection) = work.caller.connection() {
        let now = work.ports.clock.now();
        work.ports.oddities.count(connection, tolerance.take_seen(), now);
    }
    if let Err(error) = &outcome {
        refused(work, action, Some(rt), id, error).await?;
    }
    outcome
}

/// The stable code of a refusal, for the event.
fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Scim(word) => word.word(),
        Kind::NotFound => "notFound",
        Kind::Stale => "staleVersion",
        Kind::Conflict => "conflict",
        Kind::Denied => "denied",
        Kind::TooLarge => "tooLarge",
        Kind::Busy => "busy",
        Kind::Unsupported => "unsupported",
        Kind::Internal => "internal",
    }
}

/// A resource that is there, and the caller's.
struct Target<'a> {
    model: &'a Arc<Model>,
    record: Record,
}

/// Loads a resource for a change: permission first, then existence, then the version.
async fn target<'a>(
    work: Work<'a>,
    rt: &ResourceType,
    id: &str,
    asked: &Asked,
) -> Result<Target<'a>, Error> {
    let model = work.model(rt)?;
    visible::permit(work.caller, model.kind)?;
    let record = visible::load(work, model, id, None).await?;
    visible::check(work, &record, &asked.precondition).await?;
    Ok(Target { model, record })
}

/// What is to be committed.
#[derive(Default)]
struct Plan {
    attributes: Vec<String>,
    guards: Vec<Guard>,
    writes: Vec<Write>,
    /// What the event should say beside what was done; mostly empty.
    remark: &'static str,
}

impl Plan {
    /// The change of a record. Its event belongs to the organization whose record it is, also
    /// when an administrator of the network acts.
    fn change(
        self,
        work: Work<'_>,
        action: Action,
        (kind, subject, home): (RecordKind, Id, Partition),
    ) -> Change {
        Change {
            chain: home.organization,
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

/// Deactivation wins a race: a request that was decided while the person was active, and is
/// decided again because somebody switched the person off meanwhile, does not switch the person
/// on again. Whoever means it names the newer version in `If-Match`, or repeats (CON-05).
fn keep_off(
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

/// The answer that shows a resource after a change.
async fn shown(
    work: Work<'_>,
    model: &Model,
    record: &Record,
    asked: &Asked,
) -> Result<Answer, Error> {
    let rendered = render::render(work, model, record, &asked.view, None).await?;
    Ok(Answer {
        body: Some(rendered.body),
        etag: Some(rendered.etag),
        location: Some(render::location(work, model, record.head.id)),
        ..Answer::default()
    })
}
