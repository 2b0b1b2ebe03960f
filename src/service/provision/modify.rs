//! Parts of a resource changed.

use std::sync::Arc;

use serde_json::Value;

use crate::domain::record::Kind as RecordKind;
use crate::domain::record::Record;
use crate::scim::patch;
use crate::scim::patch::Act;
use crate::scim::patch::Operation;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Success;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::provision::Plan;
use crate::service::provision::TURNS;
use crate::service::provision::Target;
use crate::service::provision::create;
use crate::service::provision::keep_off;
use crate::service::provision::roster;
use crate::service::provision::shown;
use crate::service::provision::target;
use crate::service::provision::verdict;
use crate::service::wire::render;
use crate::store::change::Action;
use crate::store::change::Guard;
use crate::store::change::Verdict;
use crate::store::change::Write;

pub(super) async fn attempt(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    id: &str,
    body: Value,
    asked: &mut Asked,
) -> Result<Answer, Error> {
    // Whether it exists comes before what the body says (8A 39).
    let first = target(work, rt, id, asked).await?;
    let operations = patch::read(body, &mut asked.tolerance)?;
    asked.view.note_written(&named(&operations));
    for turn in 0..TURNS {
        let lane = first.record.head.id;
        let _turn = if turn > 0 { work.ports.lanes.enter(lane).await } else { None };
        let mut tolerance = asked.tolerance.clone();
        let present = target(work, rt, id, asked).await?;
        let race = (present, (turn > 0).then_some(&first.record));
        if let Some(answer) = once(work, race, &operations, asked, &mut tolerance).await? {
            asked.tolerance = tolerance;
            return Ok(answer);
        }
    }
    Err(verdict::conflict())
}

/// The attributes that the operations name.
fn named(operations: &[Operation]) -> Vec<String> {
    let of = |operation: &Operation| match (&operation.path, &operation.act) {
        (Some(path), _) => vec![path.attribute.to_string()],
        (None, Act::Add(value) | Act::Replace(value)) => create::given(value),
        (None, Act::Remove(_)) => Vec::new(),
    };
    operations.iter().flat_map(of).collect()
}

/// One decision; `None` when it was overtaken.
async fn once(
    work: Work<'_>,
    (target, overtaken): (Target<'_>, Option<&Record>),
    operations: &[Operation],
    asked: &Asked,
    tolerance: &mut Tolerance,
) -> Result<Option<Answer>, Error> {
    let Target { model, record } = target;
    let head = record.head;
    let current = model.visible(render::document(&record)?);
    let patched = patch::apply(&model.rt, &current, operations.to_vec(), tolerance)?;
    keep_off(overtaken, &current, &patched.document, asked)?;
    let mut plan = Plan { attributes: patched.attributes, ..Plan::default() };
    let mut body = record.body.clone();
    if patched.document != current {
        let mut document = model.restored(&render::document(&record)?, patched.document)?;
        create::put_id(&mut document, head.id);
        let draft = create::draft(work, model, (head.id, head.partition), &document)?;
        body.clone_from(&draft.body);
        plan.guards.push(Guard::Version(head.id, head.version));
        plan.writes.push(Write::Update(draft));
    } else if asked.precondition.if_match.is_some() {
        plan.guards.push(Guard::Version(head.id, head.version));
    }
    let place = (head.id, head.partition);
    roster::edit(work, (model, place, head.version), patched.edits, tolerance, &mut plan).await?;
    if plan.writes.is_empty() {
        return answer(work, model, &Record { head, body }, asked).await.map(Some);
    }
    let change = plan.change(work, Action::Modify, (head.kind, head.id, head.partition));
    match work.ports.store.commit(change).await? {
        Verdict::Stale(_) if asked.precondition.if_match.is_some() => Err(visible::stale()),
        Verdict::Stale(_) => Ok(None),
        verdict => {
            let head = verdict::head(model, head.id, verdict)?;
            answer(work, model, &Record { head, body }, asked).await.map(Some)
        }
    }
}

/// Groups answer 204, never a dump of members, unless the caller asks for attributes
/// (decisions, "group PATCH answer"; RFC 7644 §3.5.2).
async fn answer(
    work: Work<'_>,
    model: &crate::service::wire::model::Model,
    record: &Record,
    asked: &Asked,
) -> Result<Answer, Error> {
    if record.head.kind != RecordKind::GROUP || !asked.view.is_default() {
        return shown(work, model, record, asked).await;
    }
    Ok(Answer {
        success: Success::NoContent,
        body: None,
        etag: Some(render::plain_etag(&record.head)),
        location: Some(render::location(work, model, record.head.id)),
        ..Answer::default()
    })
}
