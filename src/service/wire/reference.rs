//! Attributes that lead to another record: checked when they are written, filled in when read.
//!
//! `$ref` and `display` are not stored: they are those of the target as of the instant that
//! is asked for, as far as the caller may see it. What a caller may not see cannot be named
//! (TEN-04): the refusal is the one for an identifier that nobody has. People whom a caller may
//! not see are not shown at all: see [`unseen`].

use serde_json::Map;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::place::organization;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::wire::model::Model;
use crate::service::wire::model::Reference;
use crate::service::wire::person;
use crate::service::wire::render;
use crate::service::wire::unseen;
use crate::store::change::Guard;

/// Where the names of records stand, the first that there is.
const NAMES: [&str; 3] = ["displayName", "systemName", "userName"];

/// Checks the references of a document of `home`, and takes `$ref` and `display` out. What `old` had is
/// not looked at again. Answers the guards that keep the targets there.
pub async fn settle(
    work: Work<'_>,
    (model, home): (&Model, Partition),
    old: Option<&Map<String, Value>>,
    document: &mut Map<String, Value>,
) -> Result<Vec<Guard>, Error> {
    let mut guards = Vec::new();
    for reference in &model.references {
        let had = old.map(|old| named(reference, old)).unwrap_or_default();
        for value in values(reference, document) {
            // What something else says more of may do without a target: an administrator's role.
            if value.get(VALUE).is_none() && value.get("type").is_some() {
                continue;
            }
            let text = match text(reference, value) {
                Some(text) => text.to_owned(),
                None if reference.at != VALUE => continue,
                None => return Err(refusal(reference)),
            };
            let id = match had.contains(&text) {
                true => text,
                false => {
                    let target = target(work, (model, reference), home, &text).await?;
                    let target = target.ok_or_else(|| refusal(reference))?.head;
                    let organization = target.partition.organization;
                    guards.push(Guard::Exists { id: target.id, organization });
                    target.id.to_string()
                }
            };
            bare(reference, value, id);
        }
    }
    Ok(guards)
}

/// Fills `$ref` and `display` in, and what else is worked out from the document. Answers whether
/// all that it leads to is of the record's own organization.
pub async fn fill(
    work: Work<'_>,
    model: &Model,
    head: &Head,
    document: &mut Map<String, Value>,
    at: Option<Moment>,
) -> Result<bool, Error> {
    let mut at_home = true;
    unseen::take(work, model, document, at).await?;
    for reference in &model.references {
        for value in values(reference, document) {
            let Some(id) = text(reference, value).and_then(Id::parse) else { continue };
            let Some(target) = seen(work, id, at).await? else {
                at_home = false;
                continue;
            };
            at_home &= is_of(work, &target.head, head.partition.organization);
            if let (Some(shown), Some(value)) = (show(work, &target)?, value.as_object_mut()) {
                value.extend(shown);
            }
        }
    }
    let now = at.unwrap_or_else(|| work.ports.clock.now());
    derive(model.kind, document, now);
    if model.kind == Kind::USER {
        let groups = person::access_groups(work, head.id, at).await?;
        person::derive(document, now, Some(groups));
    }
    Ok(at_home)
}

/// Whether a record that is no person belongs to `organization`, or is it.
fn is_of(work: Work<'_>, target: &Head, organization: u32) -> bool {
    match target.kind {
        Kind::USER => false,
        Kind::ORGANIZATION => {
            let snapshot = work.ports.registry.snapshot();
            snapshot.organizations.get(&target.id) == Some(&organization)
        }
        _ => target.partition.organization == organization,
    }
}

/// `$ref` and `display` of a record; `None` when the caller may not see it.
pub async fn shown(
    work: Work<'_>,
    id: Id,
    at: Option<Moment>,
) -> Result<Option<Map<String, Value>>, Error> {
    match seen(work, id, at).await? {
        Some(record) => show(work, &record),
        None => Ok(None),
    }
}

async fn seen(work: Work<'_>, id: Id, at: Option<Moment>) -> Result<Option<Record>, Error> {
    let record = work.ports.store.get(id, at).await?;
    Ok(record.filter(|record| visible::covers(work.caller, record)))
}

fn show(work: Work<'_>, record: &Record) -> Result<Option<Map<String, Value>>, Error> {
    let Some(model) = work.ports.models.of_kind(record.head.kind) else { return Ok(None) };
    let document = render::document(record)?;
    let mut shown = Map::new();
    shown.insert("$ref".into(), Value::String(render::location(work, model, record.head.id)));
    if let Some(name) = NAMES.iter().find_map(|name| document.get(*name)) {
        shown.insert("display".into(), name.clone());
    }
    Ok(Some(shown))
}

/// What is worked out from a document and an instant: whether a delegation holds, the
/// status of a person.
pub fn derive(kind: Kind, document: &mut Map<String, Value>, now: Moment) {
    if kind == Kind::USER {
        person::derive(document, now, None);
    }
    if kind == Kind::DELEGATION {
        let status = match period(document) {
            (_, Some(to)) if to <= now => "ended",
            (Some(from), _) if from > now => "upcoming",
            _ => "live",
        };
        document.insert("status".into(), Value::String(status.into()));
    }
}

/// From when until when a document says that it holds.
pub fn period(document: &Map<String, Value>) -> (Option<Moment>, Option<Moment>) {
    let moment = |name: &str| {
        document.get(name).and_then(Value::as_str).and_then(crate::scim::filter::operand::moment)
    };
    (moment("validFrom"), moment("validTo"))
}

/// The record that `text` names for a reference in a document of `home`, if the caller may name
/// it there.
pub async fn target(
    work: Work<'_>,
    (model, reference): (&Model, &Reference),
    home: Partition,
    text: &str,
) -> Result<Option<Record>, Error> {
    let snapshot = work.ports.registry.snapshot();
    let by_code = || {
        let number = organization::number(text)?;
        snapshot.organization(number).filter(|_| reference.kinds.contains(&Kind::ORGANIZATION))
    };
    let Some(id) = Id::parse(text).or_else(by_code) else { return Ok(None) };
    let Some(record) = work.ports.store.get(id, None).await? else { return Ok(None) };
    let head = record.head;
    let administers = work.caller.connection().is_none();
    let fits = match head.kind {
        _ if model.kind == Kind::USER && reference.name != HOME => {
            administers || reaches(work, reference, &head, home)
        }
        Kind::ORGANIZATION if model.kind == Kind::ORGANIZATION => true,
        Kind::ORGANIZATION => snapshot.organizations.get(&id) == Some(&home.organization),
        // The delegate may be of another organization (DE5).
        _ if model.kind == Kind::DELEGATION && reference.name == "delegate" => true,
        _ => head.partition.organization == home.organization,
    };
    let ours = reference.kinds.contains(&head.kind) && visible::covers(work.caller, &record);
    Ok((fits && ours).then_some(record))
}

/// The one reference of a person that never leaves the person's own organization.
const HOME: &str = "homeOrganization";

/// Whether a connection may name the place for a person of `home`: further organizations as far
/// as it sees them, places of work in its own only.
fn reaches(work: Work<'_>, reference: &Reference, head: &Head, home: Partition) -> bool {
    let own = match head.kind {
        Kind::ORGANIZATION => {
            let snapshot = work.ports.registry.snapshot();
            snapshot.organizations.get(&head.id) == Some(&home.organization)
        }
        _ => head.partition.organization == home.organization,
    };
    own || reference.name == "affiliations"
}

/// The identifier that a single reference of a document holds.
pub fn single(document: &Map<String, Value>, name: &str) -> Option<Id> {
    let value = document.get(name)?;
    value.get(VALUE).unwrap_or(value).as_str().and_then(Id::parse)
}

/// A reference that leads nowhere. Names the attribute, never the input.
pub fn refusal(reference: &Reference) -> Error {
    let name = match reference.at.as_str() {
        VALUE => reference.name.clone(),
        part => format!("{}.{part}", reference.name),
    };
    let said = format!("`{name}` names no such resource. Create it first.");
    Error::new(ErrorKind::Scim(ScimType::InvalidValue), said)
}

/// The part that holds the identifier, mostly.
pub const VALUE: &str = "value";

/// The identifier that one value of a reference holds.
pub fn text<'v>(reference: &Reference, value: &'v Value) -> Option<&'v str> {
    match value {
        Value::Object(parts) => parts.get(&reference.at)?.as_str(),
        Value::String(text) if reference.at == VALUE => Some(text),
        _ => None,
    }
}

/// Leaves the identifier and the parts that are not ours to fill in.
fn bare(reference: &Reference, value: &mut Value, id: String) {
    match value.as_object_mut() {
        Some(parts) => {
            parts.insert(reference.at.clone(), Value::String(id));
            parts.shift_remove("$ref");
            parts.shift_remove("display");
        }
        None => *value = serde_json::json!({VALUE: id}),
    }
}

/// The values of a reference in a document.
pub fn values<'a>(
    reference: &Reference,
    document: &'a mut Map<String, Value>,
) -> Vec<&'a mut Value> {
    match home(reference, document).and_then(|home| home.get_mut(&reference.name)) {
        Some(Value::Array(many)) => many.iter_mut().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

/// Takes the values that are null, and the attribute when nothing is left of it.
pub fn sweep(reference: &Reference, document: &mut Map<String, Value>) {
    let Some(home) = home(reference, document) else { return };
    let left = home.get_mut(&reference.name).is_some_and(|whole| match whole {
        Value::Array(many) => {
            many.retain(|one| !one.is_null());
            !many.is_empty()
        }
        one => !one.is_null(),
    });
    if !left {
        home.shift_remove(&reference.name);
    }
}

/// Puts one value of a reference in its place: among the others, or alone, if nothing is there.
pub fn put(reference: &Reference, document: &mut Map<String, Value>, place: usize, value: Value) {
    if let Some(urn) = &reference.container {
        document.entry(urn).or_insert_with(|| Value::Object(Map::new()));
    }
    let Some(home) = home(reference, document) else { return };
    match home.get_mut(&reference.name) {
        Some(Value::Array(many)) => many.insert(place.min(many.len()), value),
        Some(_) => {}
        None if reference.many => {
            drop(home.insert(reference.name.clone(), Value::Array(vec![value])))
        }
        None => drop(home.insert(reference.name.clone(), value)),
    }
}

/// The object that a reference stands in.
fn home<'a>(
    reference: &Reference,
    document: &'a mut Map<String, Value>,
) -> Option<&'a mut Map<String, Value>> {
    match &reference.container {
        Some(urn) => document.get_mut(urn).and_then(Value::as_object_mut),
        None => Some(document),
    }
}

fn named(reference: &Reference, document: &Map<String, Value>) -> Vec<String> {
    let home = match &reference.container {
        Some(urn) => document.get(urn).and_then(Value::as_object),
        None => Some(document),
    };
    let whole = home.and_then(|home| home.get(&reference.name));
    let each = match whole {
        Some(Value::Array(many)) => many.iter().collect(),
        one => one.into_iter().collect::<Vec<_>>(),
    };
    each.into_iter().filter_map(|value| text(reference, value)).map(str::to_owned).collect()
}
