//! Whose a new resource is.
//!
//! A connection's people and groups are its own, its places those of its organization. An
//! administrator names the organization in the body, since the admin token belongs to none: by
//! `homeOrganization` of a person (under the URN of the extension, or at the top without it), by
//! the `site` of a room system, by the `delegator` of a delegation (DE5), by the `healthCentre`
//! of an access group, by `organization` of everything else.

use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::admin;
use crate::domain::place::organization;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::wire::access_group::EXTENSION;
use crate::service::wire::model::Model;
use crate::service::wire::person;

/// Whose the new resource is.
pub async fn home(work: Work<'_>, model: &Model, body: &mut Value) -> Result<Partition, Error> {
    let kind = model.kind;
    if let Some(connection) = work.caller.connection() {
        return Ok(admin::home(kind, connection.partition()));
    }
    let word = match kind {
        Kind::ORGANIZATION => return Ok(Partition::NETWORK),
        Kind::USER => "homeOrganization",
        Kind::ROOM_SYSTEM => "site",
        Kind::DELEGATION => "delegator",
        _ => "organization",
    };
    let refusal = || {
        let said = format!("With an administrator's token, `{word}` must name the organization.");
        Error::new(ErrorKind::Scim(ScimType::InvalidValue), said)
    };
    let key = key(body, word);
    let centre = Some(body.get(EXTENSION)).filter(|_| kind == Kind::GROUP && key.is_none());
    let centre = centre.flatten().and_then(|own| own.get("healthCentre")).cloned();
    let named = match (key, names(model, word)) {
        _ if kind == Kind::USER => of_person(body, word),
        (Some(key), true) => body.get(&key).cloned(),
        (Some(key), false) => body.as_object_mut().and_then(|body| body.shift_remove(&key)),
        (None, _) => centre,
    };
    let named = named.as_ref().map(|value| value.get("value").unwrap_or(value));
    let text = named.and_then(Value::as_str).ok_or_else(refusal)?;
    let partition = match kind {
        Kind::ROOM_SYSTEM => of_record(work, Kind::SITE, text).await?,
        Kind::DELEGATION => of_record(work, Kind::USER, text).await?,
        _ => of_organization(work, text),
    };
    partition.ok_or_else(refusal)
}

/// Whether `name` is a reference of the type, and not only a word to us.
pub(super) fn names(model: &Model, name: &str) -> bool {
    model.references.iter().any(|one| one.container.is_none() && one.name == name)
}

/// The home organization that the body of a person names. What stands in the extension wins, as
/// it does when the body is read.
fn of_person(body: &Value, word: &str) -> Option<Value> {
    let inside = key(body, person::EXTENSION).and_then(|urn| body.get(&urn));
    let under = |holder: &Value| key(holder, word).and_then(|key| holder.get(&key).cloned());
    let path = || body.get(key(body, &format!("{}:{word}", person::EXTENSION))?).cloned();
    let value = || body.get(key(body, &format!("{}:{word}.value", person::EXTENSION))?).cloned();
    inside.and_then(under).or_else(path).or_else(value).or_else(|| under(body))
}

fn key(body: &Value, name: &str) -> Option<String> {
    body.as_object()?.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

fn of_organization(work: Work<'_>, text: &str) -> Option<Partition> {
    let snapshot = work.ports.registry.snapshot();
    let by_id = || Id::parse(text).and_then(|id| snapshot.organizations.get(&id).copied());
    let organization = organization::number(text).or_else(by_id)?;
    let partition = Partition { organization, connection: 0 };
    snapshot.partitions.contains(&partition).then_some(partition)
}

async fn of_record(work: Work<'_>, kind: Kind, text: &str) -> Result<Option<Partition>, Error> {
    let Some(id) = Id::parse(text) else { return Ok(None) };
    let record = work.ports.store.get(id, None).await?;
    let record =
        record.filter(|record| record.head.kind == kind && visible::covers(work.caller, record));
    Ok(record.map(|record| Partition { connection: 0, ..record.head.partition }))
}
