//! Index entries, read out of a canonical document.

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::compare;
use crate::scim::filter::operand;
use crate::service::Error;
use crate::service::Work;
use crate::service::access::connection::Connection;
use crate::service::wire::model::Form;
use crate::service::wire::model::IndexedField;
use crate::service::wire::model::Model;
use crate::store::change::Draft;
use crate::store::change::Entry;
use crate::store::change::Unique;
use crate::store::select::value;

/// By what a document is found. `connection` decides whether group names are unique.
pub fn entries(
    model: &Model,
    document: &Map<String, Value>,
    connection: Option<&Connection>,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for field in &model.fields {
        let unique = uniqueness(model, field, connection);
        for found in values(field, document) {
            let Some(value) = field.form.bytes(found) else { continue };
            let entry = Entry { field: field.field, value, unique };
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    entries
}

/// A record of `document`.
pub fn draft(
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
        flags: model.flags(document),
        entries: entries(model, document, owner.map(AsRef::as_ref)),
        body: serde_json::to_vec(document).map_err(Error::internal)?,
    })
}

impl Form {
    /// The bytes under which a JSON value is indexed; `None` when it has none.
    pub fn bytes(self, json: &Value) -> Option<Vec<u8>> {
        match (self, json) {
            (Self::Exact, Value::String(text)) => Some(value::text(text)),
            (Self::Folded, Value::String(text)) => Some(value::text(&compare::fold(text))),
            (Self::UserName, Value::String(text)) => {
                compare::canon(text).ok().map(|name| value::text(&name))
            }
            (Self::Boolean, Value::Bool(truth)) => Some(value::boolean(*truth)),
            (Self::Integer, Value::Number(number)) => integer(number),
            (Self::Decimal, Value::Number(number)) => decimal(number),
            (Self::DateTime, Value::String(text)) => operand::moment(text).map(value::moment),
            _ => None,
        }
    }
}

/// The bytes of a whole number, however it is written (FLT-74).
pub fn integer(number: &Number) -> Option<Vec<u8>> {
    let plain = || {
        let size = number.as_f64().filter(|size| size.fract() == 0.0 && size.abs() < PRECISE)?;
        format!("{size:.0}").parse().ok()
    };
    number.as_i64().or_else(plain).map(value::integer)
}

/// The bytes of a number. Minus zero is zero.
pub fn decimal(number: &Number) -> Option<Vec<u8>> {
    number.as_f64().map(|size| value::decimal(size + 0.0))
}

/// Whether a number is so small that none beside it has the same bytes.
pub fn is_precise(number: &Number) -> bool {
    number.as_f64().is_some_and(|size| size.abs() < PRECISE)
}

/// Below this all whole numbers have a double of their own.
const PRECISE: f64 = 9_007_199_254_740_992.0;

fn values<'a>(field: &'a IndexedField, document: &'a Map<String, Value>) -> Vec<&'a Value> {
    let home = match &field.container {
        Some(urn) => document.get(urn).and_then(Value::as_object),
        None => Some(document),
    };
    let Some(whole) = home.and_then(|home| home.get(&field.name)) else {
        return Vec::new();
    };
    let each: Vec<&Value> = match whole {
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    };
    match &field.sub {
        Some(sub) => each.into_iter().filter_map(|value| value.get(sub)).collect(),
        None => each,
    }
}

/// Group names are unique per connection unless it says otherwise (decisions, "Client dialects").
fn uniqueness(model: &Model, field: &IndexedField, connection: Option<&Connection>) -> Unique {
    let is_group_name = model.kind == Kind::GROUP && field.name == "displayName";
    let switched_on = connection.is_none_or(|connection| connection.unique_group_names);
    if is_group_name && switched_on { Unique::Partition } else { field.unique }
}
