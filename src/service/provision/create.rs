//! A new resource.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::place::organization;
use crate::domain::record::Kind as RecordKind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::scim::error::ScimType;
use crate::scim::quirks::Tolerance;
use crate::scim::resource;
use crate::scim::resource::Purpose;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Success;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::provision::Plan;
use crate::service::provision::roster;
use crate::service::provision::verdict;
use crate::service::provision::verdict::shown;
use crate::service::wire::keys;
use crate::service::wire::model::Model;
use crate::store::change::Action;
use crate::store::change::Draft;
use crate::store::change::Write;

pub(super) async fn attempt(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    body: Value,
    asked: &mut Asked,
) -> Result<Answer, Error> {
    let model = work.model(rt)?;
    visible::permit(work.caller, model.kind)?;
    asked.view.note_written(&given(&body));
    let id = match asked.new_id {
        Some(promised) => promised,
        None => Id::new(work.ports.clock.now(), work.ports.entropy.as_ref())?,
    };
    let Wanted { attributes, draft, members } = read(work, model, id, body, &mut asked.tolerance)?;
    let (body, partition) = (draft.body.clone(), draft.partition);
    let mut plan = Plan { attributes, ..Plan::default() };
    plan.writes.push(Write::Create(draft));
    if let Some(members) = members {
        plan.attributes.push("members".into());
        roster::fill(work, (id, partition), &members, &mut asked.tolerance, &mut plan).await?;
    }
    let change = plan.change(work, Action::Create, (model.kind, id, partition));
    let committed = work.ports.store.commit(change).await?;
    let head = verdict::head(model, id, committed)?;
    let answer = shown(work, model, &Record { head, body }, asked).await?;
    Ok(Answer { success: Success::Created, ..answer })
}

/// What a body asks to be made.
pub(super) struct Wanted {
    /// Names of the attributes, for the event.
    attributes: Vec<String>,
    pub(super) draft: Draft,
    members: Option<Value>,
}

/// Reads what is to be made out of a body, without looking at anything else.
pub(super) fn read(
    work: Work<'_>,
    model: &Model,
    id: Id,
    mut body: Value,
    tolerance: &mut Tolerance,
) -> Result<Wanted, Error> {
    let partition = home(work, model, &mut body)?;
    assume_active(model, &mut body);
    let mut document = resource::accept(&model.rt, body, Purpose::Create, tolerance)?;
    let members = document.shift_remove("members").filter(|_| model.holds_members());
    put_id(&mut document, id);
    let attributes = names(&document);
    let draft = draft(work, model, (id, partition), &document)?;
    Ok(Wanted { attributes, draft, members })
}

/// A record of `document`.
pub(super) fn draft(
    work: Work<'_>,
    model: &Model,
    (id, partition): (Id, Partition),
    document: &Map<String, Value>,
) -> Result<Draft, Error> {
    // The settings of whose the record is, not of who writes, decide which values are unique.
    let snapshot = work.ports.registry.snapshot();
    let owner = snapshot.connections.get(&partition.connection);
    Ok(Draft {
        id,
        kind: model.kind,
        partition,
        flags: 0,
        entries: keys::entries(model, document, owner.map(AsRef::as_ref)),
        body: serde_json::to_vec(document).map_err(Error::internal)?,
    })
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

/// A user whose creator does not speak of `active` is active. An explicit null says otherwise
/// (RFC 7643 §2.5): then the attribute stays unassigned.
fn assume_active(model: &Model, body: &mut Value) {
    if let Some(body) = body.as_object_mut().filter(|_| model.kind == RecordKind::USER)
        && !body.keys().any(|key| key.eq_ignore_ascii_case("active"))
    {
        // First, so that whatever the client says in another spelling comes later and wins.
        body.shift_insert(0, "active".into(), Value::Bool(true));
    }
}

/// Whose the new resource is. A connection's are its own; an administrator names the
/// organization in the body, since the admin token belongs to none.
fn home(work: Work<'_>, model: &Model, body: &mut Value) -> Result<Partition, Error> {
    if let Some(connection) = work.caller.connection() {
        return Ok(connection.partition());
    }
    let word = if model.kind == RecordKind::USER { "homeOrganization" } else { "organization" };
    let refusal = || {
        let said = format!("With an administrator's token, `{word}` must name the organization.");
        Error::new(Kind::Scim(ScimType::InvalidValue), said)
    };
    let named = body.as_object_mut().and_then(|body| {
        let key = body.keys().find(|key| key.eq_ignore_ascii_case(word))?.clone();
        body.shift_remove(&key)
    });
    let named = named.as_ref().map(|value| value.get("value").unwrap_or(value));
    let text = named.and_then(Value::as_str).ok_or_else(refusal)?;
    let snapshot = work.ports.registry.snapshot();
    let number = organization::number(text)
        .or_else(|| Id::parse(text).and_then(|id| snapshot.organizations.get(&id).copied()))
        .ok_or_else(refusal)?;
    let partition = Partition { organization: number, connection: 0 };
    if snapshot.partitions.contains(&partition) { Ok(partition) } else { Err(refusal()) }
}
