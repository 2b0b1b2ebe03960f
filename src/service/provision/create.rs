//! A new resource.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::record::Kind as RecordKind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::scim::quirks::Tolerance;
use crate::scim::resource;
use crate::scim::resource::Purpose;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Success;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::access::visible::Use;
use crate::service::groups;
use crate::service::ledger;
use crate::service::people;
use crate::service::places;
use crate::service::provision::Plan;
use crate::service::provision::roster;
use crate::service::provision::verdict;
use crate::service::provision::verdict::shown;
pub(super) use crate::service::wire::keys::draft;
use crate::service::wire::model::Model;
use crate::store::change::Action;
use crate::store::change::Write;

pub(super) async fn attempt(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    body: Value,
    asked: &mut Asked,
) -> Result<Answer, Error> {
    let model = work.model(rt)?;
    visible::permit(work.caller, model.kind, Use::Write)?;
    asked.view.note_written(&given(&body));
    let id = match asked.new_id {
        Some(promised) => promised,
        None => Id::new(work.ports.clock.now(), work.ports.entropy.as_ref())?,
    };
    let wanted = read(work, model, id, body, &mut asked.tolerance).await?;
    let Wanted { partition, mut document, members } = wanted;
    let settled = places::settle(work, (model, partition), None, &mut document).await?;
    let attributes = names(&document);
    let joined = match model.kind {
        RecordKind::PROVIDER => groups::joined(work, (id, partition), &document).await?,
        _ => Vec::new(),
    };
    let person = people::settle(work, (model, id, partition), None, &mut document).await?;
    let draft = draft(work, model, (id, partition), &document)?;
    let body = draft.body.clone();
    let mut plan = Plan { attributes, ..Plan::default() };
    plan.writes.push(Write::Create(draft));
    plan.writes.extend(joined);
    if let (Some(members), Some(held)) = (members, &model.held) {
        plan.attributes.push(held.name.clone());
        let place = (held, (id, partition));
        roster::fill(work, place, &members, &mut asked.tolerance, &mut plan).await?;
    }
    roster::only_active(work, model, (id, None), &document, &mut plan).await?;
    plan.follow(person);
    follow(work, (model, id, partition), Some(&document), &mut plan).await?;
    let _lane = plan.settle(settled);
    let change = plan.change(work, Action::Create, (model.kind, id, partition));
    let committed = work.ports.store.commit(change).await?;
    let head = verdict::head(model, id, committed)?;
    let answer = shown(work, model, &Record { head, body }, asked).await?;
    Ok(Answer { success: Success::Created, ..answer })
}

/// What a change of a group means for its people.
pub(super) async fn follow(
    work: Work<'_>,
    (model, id, home): (&Model, Id, Partition),
    document: Option<&Map<String, Value>>,
    plan: &mut Plan,
) -> Result<(), Error> {
    match model.kind {
        RecordKind::GROUP => {
            groups::enrolled(work, id, document, &plan.writes).await?;
            let followed =
                Box::pin(ledger::follow(work, (id, home), document, &plan.writes)).await?;
            plan.follow(followed);
        }
        RecordKind::ROOM_SYSTEM => {
            plan.follow(ledger::hands(work, Relation::SCHEDULER, &plan.writes).await?);
        }
        _ => {}
    }
    Ok(())
}

/// Whether a person was off and is to be off.
pub(super) fn is_off(
    record: &Record,
    current: &Map<String, Value>,
    next: &Map<String, Value>,
) -> bool {
    let off = |document: &Map<String, Value>| document.get("active") == Some(&Value::Bool(false));
    record.head.kind == RecordKind::USER && off(current) && off(next)
}

/// What a body asks to be made.
pub(super) struct Wanted {
    /// Whose it is to be.
    pub(super) partition: Partition,
    pub(super) document: Map<String, Value>,
    members: Option<Value>,
}

/// Reads what is to be made out of a body, and whose it is to be.
pub(super) async fn read(
    work: Work<'_>,
    model: &Model,
    id: Id,
    mut body: Value,
    tolerance: &mut Tolerance,
) -> Result<Wanted, Error> {
    let partition = places::home(work, model, &mut body).await?;
    assume_active(model, &mut body);
    let mut document = resource::accept(&model.rt, body, Purpose::Create, tolerance)?;
    let members = model.held.as_ref().and_then(|held| document.shift_remove(&held.name));
    if let Some(unseen) = assumed(model) {
        document = model.restored(&unseen, document)?;
    }
    put_id(&mut document, id);
    Ok(Wanted { partition, document, members })
}

/// The names at the top of a body: what the client speaks of.
pub(super) fn given(body: &Value) -> Vec<String> {
    body.as_object().map(|body| body.keys().cloned().collect()).unwrap_or_default()
}

/// The names of the attributes in a document, for the event.
pub(super) fn names(document: &Map<String, Value>) -> Vec<String> {
    document.keys().filter(|name| *name != "schemas" && *name != "id").cloned().collect()
}

/// Puts our identifier where readers expect it: right after `schemas`.
pub(super) fn put_id(document: &mut Map<String, Value>, id: Id) {
    document.shift_remove("id");
    let place = usize::from(document.contains_key("schemas"));
    document.shift_insert(place, "id".into(), Value::String(id.to_string()));
}

/// A user or a place whose creator does not speak of `active` is active. An explicit null says otherwise
/// (RFC 7643 §2.5): then the attribute stays unassigned.
fn assume_active(model: &Model, body: &mut Value) {
    let is_seen = model.rt.core.attribute("active").is_some();
    if let Some(body) = body.as_object_mut().filter(|_| is_seen && has_switch(model))
        && !body.keys().any(|key| key.eq_ignore_ascii_case("active"))
    {
        // First, so that whatever the client says in another spelling comes later and wins.
        body.shift_insert(0, "active".into(), Value::Bool(true));
    }
}

fn has_switch(model: &Model) -> bool {
    model.kind == RecordKind::USER || places::has_switch(model.kind)
}

/// What is assumed of a new resource where its creator does not see it.
fn assumed(model: &Model) -> Option<Map<String, Value>> {
    let unseen = has_switch(model) && model.rt.core.attribute("active").is_none();
    unseen.then(|| Map::from_iter([("active".to_owned(), Value::Bool(true))]))
}
