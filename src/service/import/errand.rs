//! What is to be done, in the words of the use cases.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::scim::patch::PATCH_OP;
use crate::service::Error;
use crate::service::import::Finder;
use crate::service::import::Stop;
use crate::service::wire::render;

/// What is to be done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is to be made.
    Create,
    /// Parts of it are to change.
    Modify,
    /// What is known of its past is to be kept.
    Recall,
    /// It is to end.
    Remove,
}

/// One thing to be done, that can be done again elsewhere: a new record has its identifier
/// beforehand, and whatever names it names that.
#[derive(Clone, Debug, PartialEq)]
pub struct Errand {
    /// What is to be done.
    pub deed: Deed,
    /// With a record of what.
    pub kind: Kind,
    /// With which.
    pub id: Id,
    /// The body of a create, the operations of a change, the moments of a past.
    pub body: Value,
}

impl Errand {
    /// Makes a record; its identifier is new.
    pub(super) fn create(
        finder: &Finder<'_>,
        kind: Kind,
        body: Map<String, Value>,
    ) -> Result<Self, Stop> {
        let ports = finder.work.ports;
        let id = Id::new(ports.clock.now(), ports.entropy.as_ref()).map_err(Error::from)?;
        Ok(Self { deed: Deed::Create, kind, id, body: Value::Object(body) })
    }

    /// Gives attributes of a record other values.
    pub(super) fn replace(record: &Record, body: Map<String, Value>) -> Self {
        Self::modify(record, "replace", None, Value::Object(body))
    }

    /// Adds to what is kept as links.
    pub(super) fn add(record: &Record, path: &str, ids: &[Id]) -> Self {
        let values = ids.iter().map(|id| json!({"value": id.to_string()})).collect();
        Self::modify(record, "add", Some(path), Value::Array(values))
    }

    /// Keeps what is known of an account's past.
    pub(super) fn recall(id: Id, moments: Map<String, Value>) -> Self {
        Self { deed: Deed::Recall, kind: Kind::USER, id, body: Value::Object(moments) }
    }

    /// Ends a record.
    pub(super) fn remove(kind: Kind, id: Id) -> Self {
        Self { deed: Deed::Remove, kind, id, body: Value::Null }
    }

    fn modify(record: &Record, op: &str, path: Option<&str>, value: Value) -> Self {
        let mut operation = json!({"op": op, "value": value});
        if let (Some(path), Some(operation)) = (path, operation.as_object_mut()) {
            operation.insert("path".into(), path.into());
        }
        let body = json!({"schemas": [PATCH_OP], "Operations": [operation]});
        Self { deed: Deed::Modify, kind: record.head.kind, id: record.head.id, body }
    }
}

/// Makes a record that is not there, or gives the one that is what `wanted` says. What cannot be
/// changed is by what it was found, and is not said again.
pub(super) fn settle(
    finder: &Finder<'_>,
    kind: Kind,
    found: Option<&Record>,
    (mut wanted, fixed): (Map<String, Value>, &[&str]),
) -> Result<Vec<Errand>, Stop> {
    let Some(record) = found else { return Ok(vec![Errand::create(finder, kind, wanted)?]) };
    wanted.retain(|name, _| !fixed.contains(&name.as_str()));
    let present = render::document(record)?;
    // Of addresses the row names the main one, and what is wanted is all of them.
    for (name, value) in wanted.iter_mut().filter(|(name, _)| *name != "emails") {
        if let (Value::Array(new), Some(Value::Array(old))) = (value, present.get(name)) {
            *new = united(old, std::mem::take(new));
        }
    }
    wanted.retain(|name, value| present.get(name) != Some(value));
    Ok(match wanted.is_empty() {
        true => Vec::new(),
        false => vec![Errand::replace(record, wanted)],
    })
}

/// Leaves of `mine` what differs from what is there; lists grow.
pub(super) fn grown(mine: &mut Map<String, Value>, there: &Value) {
    for (name, value) in mine.iter_mut() {
        if let (Value::Array(new), Some(Value::Array(old))) = (value, there.get(name)) {
            *new = united(old, std::mem::take(new));
        }
    }
    mine.retain(|name, value| there.get(name) != Some(value));
}

/// What is there, in its order, and what is new. Elements of the same `value` are one: the new
/// one's parts go into the old one's.
fn united(old: &[Value], new: Vec<Value>) -> Vec<Value> {
    let mut all = old.to_vec();
    for one in new {
        let key = |value: &Value| value.get("value").unwrap_or(value).clone();
        match all.iter_mut().find(|other| same(&key(other), &key(&one))) {
            Some(Value::Object(other)) => {
                if let Value::Object(parts) = one {
                    other.extend(parts);
                }
            }
            Some(_) => {}
            None => all.push(one),
        }
    }
    all
}

fn same(one: &Value, other: &Value) -> bool {
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}
