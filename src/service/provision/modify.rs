//! Parts of a resource changed.

use std::sync::Arc;

use serde_json::Value;

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
use crate::service::groups;
use crate::service::ledger;
use crate::service::people;
use crate::service::places;
use crate::service::provision::Plan;
use crate::service::provision::create;
use crate::service::provision::roster;
use crate::service::provision::target::Target;
use crate::service::provision::target::target;
use crate::service::provision::turns::Turns;
use crate::service::provision::turns::commit;
use crate::service::provision::turns::keep_off;
use crate::service::provision::verdict::shown;
use crate::service::wire::model::Model;
use crate::service::wire::render;
use crate::service::wire::spelling;
use crate::service::wire::unseen;
use crate::store::change::Action;
use crate::store::change::Guard;
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
    let mut operations = patch::read(body, &mut asked.tolerance)?;
    spelling::in_operations(work, first.model, &mut operations);
    asked.view.note_written(&named(&operations));
    let mut turns = Turns::new(work, first.record);
    loop {
        let _lane = turns.next().await?;
        let race = (target(work, rt, id, asked).await?, turns.overtaken());
        let mut tolerance = asked.tolerance.clone();
        if let Some(answer) = once(work, race, &operations, asked, &mut tolerance).await? {
            asked.tolerance = tolerance;
            return Ok(answer);
        }
    }
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
    let Target { model, record } = &target;
    let head = record.head;
    groups::only_filled(work, record, operations)?;
    let mut whole = render::document(record)?;
    let (seen, unseen) = unseen::before(work, model, &whole).await?;
    let current = seen.unwrap_or_else(|| whole.clone());
    let patched = patch::apply(&model.rt, &current, operations.to_vec(), tolerance)?;
    keep_off(overtaken, &current, &patched.document, asked)?;
    let speaks = named(operations).iter().any(|name| name.eq_ignore_ascii_case("active"));
    let says_off = speaks && create::is_off(record, &current, &patched.document);
    let mut plan = Plan { attributes: patched.attributes, ..Plan::default() };
    let mut body = record.body.clone();
    let mut lane = None;
    if patched.document != current {
        let mut document = model.restored(&whole, patched.document)?;
        unseen.put_back(&mut document);
        create::put_id(&mut document, head.id);
        let home = (model.as_ref(), head.partition);
        lane = plan.settle(places::settle(work, home, Some(&whole), &mut document).await?);
        let whose = (model.as_ref(), head.id, head.partition);
        plan.follow(people::settle(work, whose, Some(&whole), &mut document).await?);
        let draft = create::draft(work, model, (head.id, head.partition), &document)?;
        body.clone_from(&draft.body);
        whole = document;
        plan.guards.push(Guard::Version(head.id, head.version));
        plan.writes.push(Write::Update(draft));
    } else if asked.precondition.if_match.is_some() {
        plan.guards.push(Guard::Version(head.id, head.version));
    }
    let place = (head.id, head.partition);
    roster::edit(work, (model, place, head.version), patched.edits, tolerance, &mut plan).await?;
    let version = Some(head.version);
    roster::only_active(work, model, (head.id, version), &whole, &mut plan).await?;
    let whose = (model.as_ref(), head.id, head.partition);
    create::follow(work, whose, Some(&whole), &mut plan).await?;
    if says_off {
        plan.follow(ledger::stays_off(work, record).await?);
    }
    if plan.writes.is_empty() {
        return answer(work, model, &Record { head, body }, asked).await.map(Some);
    }
    let Some(head) = commit(work, &target, (Action::Modify, plan), asked).await? else {
        return Ok(None);
    };
    drop(lane);
    answer(work, model, &Record { head, body }, asked).await.map(Some)
}

/// What holds members answers 204, never a dump of them, unless the caller asks for attributes
/// (decisions, "group PATCH answer"; RFC 7644 §3.5.2).
async fn answer(
    work: Work<'_>,
    model: &Model,
    record: &Record,
    asked: &Asked,
) -> Result<Answer, Error> {
    if model.held.is_none() || !asked.view.is_default() {
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
