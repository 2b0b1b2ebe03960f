//! A resource replaced as a whole.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::domain::record::Record;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::resource;
use crate::scim::resource::Purpose;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
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
    let first = target(work, rt, id, asked).await?;
    asked.view.note_written(&create::given(&body));
    let mut turns = Turns::new(work, first.record);
    loop {
        let _lane = turns.next().await?;
        let race = (target(work, rt, id, asked).await?, turns.overtaken());
        let mut tolerance = asked.tolerance.clone();
        if let Some(answer) = once(work, race, (id, body.clone()), asked, &mut tolerance).await? {
            asked.tolerance = tolerance;
            return Ok(answer);
        }
    }
}

/// One decision; `None` when it was overtaken.
async fn once(
    work: Work<'_>,
    (target, overtaken): (Target<'_>, Option<&Record>),
    (id, mut body): (&str, Value),
    asked: &Asked,
    tolerance: &mut Tolerance,
) -> Result<Option<Answer>, Error> {
    let Target { model, record } = &target;
    spelling::in_document(work, model, &mut body);
    let head = record.head;
    let current = render::document(record)?;
    let (seen, unseen) = unseen::before(work, model, &current).await?;
    let foreign = names_another(&body, id);
    let body = groups::fillable(work, record, &current, body)?;
    let says_active = create::given(&body).iter().any(|name| name.eq_ignore_ascii_case("active"));
    let merge = work.caller.connection().is_some_and(|connection| connection.put_merges);
    let purpose = Purpose::Replace { current: seen.as_ref().unwrap_or(&current), merge };
    let mut document = resource::accept(&model.rt, body, purpose, tolerance)?;
    let members = model.held.as_ref().and_then(|held| document.shift_remove(&held.name));
    let mut document = model.restored(&current, document)?;
    unseen.put_back(&mut document);
    create::put_id(&mut document, head.id);
    let says_off = says_active && create::is_off(record, &current, &document);
    let home = (model.as_ref(), head.partition);
    let settled = places::settle(work, home, Some(&current), &mut document).await?;
    keep_off(overtaken, &current, &document, asked)?;
    let mut plan = Plan { attributes: changed(&current, &document), ..Plan::default() };
    let whose = (model.as_ref(), head.id, head.partition);
    plan.follow(people::settle(work, whose, Some(&current), &mut document).await?);
    if foreign {
        tolerance.note(Quirk::ReadOnlyInValue, "id: not the one of the path");
        plan.remark = "the body named another id than the path; the path holds";
    }
    let mut draft = create::draft(work, model, (head.id, head.partition), &document)?;
    // Two documents are equal whatever the order of their members; their bytes need not be.
    if document == current {
        draft.body.clone_from(&record.body);
    }
    let body = draft.body.clone();
    plan.guards.push(Guard::Version(head.id, head.version));
    plan.writes.push(Write::Update(draft));
    if let (Some(members), Some(held)) = (members, &model.held) {
        plan.attributes.push(held.name.clone());
        let place = (held, (head.id, head.partition));
        roster::replace(work, place, &members, tolerance, &mut plan).await?;
    }
    roster::only_active(work, model, (head.id, None), &document, &mut plan).await?;
    create::follow(work, whose, Some(&document), &mut plan).await?;
    if says_off {
        plan.follow(ledger::stays_off(work, record).await?);
    }
    let _lane = plan.settle(settled);
    let Some(head) = commit(work, &target, (Action::Replace, plan), asked).await? else {
        return Ok(None);
    };
    shown(work, model, &Record { head, body }, asked).await.map(Some)
}

/// Whether the body says that it is another resource. The path holds, and the event keeps it
/// (security.md IDN-01).
fn names_another(body: &Value, id: &str) -> bool {
    let mut members = body.as_object().into_iter().flatten();
    let other = |value: &Value| value.as_str().is_some_and(|named| named != id);
    members.any(|(key, value)| key.eq_ignore_ascii_case("id") && other(value))
}

/// Names of top-level attributes that differ, for the event.
fn changed(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let new = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    new.map(|(name, _)| name).chain(gone).cloned().collect()
}
