//! Index entries, read out of a canonical document.

use serde_json::Map;
use serde_json::Value;

use crate::domain::record::Kind;
use crate::scim::compare;
use crate::service::access::connection::Connection;
use crate::service::wire::model::Form;
use crate::service::wire::model::IndexedField;
use crate::service::wire::model::Model;
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
            if let Some(value) = field.form.bytes(found) {
                let entry = Entry { field: field.field, value, unique };
                if !entries.contains(&entry) {
                    entries.push(entry);
                }
            }
        }
    }
    entries
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
            (Self::Integer, Value::Number(number)) => number.as_i64().map(value::integer),
            (Self::Decimal, Value::Number(number)) => number.as_f64().map(value::decimal),
            (Self::DateTime, Value::String(text)) => text.parse().ok().map(value::moment),
            _ => None,
        }
    }
}

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
