//! From `sortBy` to an order of the store (RFC 7644 §3.4.2.3).

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::scim::error::ScimType;
use crate::scim::path::AttributePath;
use crate::scim::quirks;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Attribute;
use crate::scim::schema::Found;
use crate::scim::schema::Mutability;
use crate::scim::schema::Returned;
use crate::scim::schema::Type;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::wire::model::Form;
use crate::service::wire::model::Model;
use crate::store::select::Order;
use crate::store::select::SortKey;

/// The order that `sort_by` asks for over `models`.
pub(super) fn order(
    models: &[Arc<Model>],
    sort_by: Option<&AttributePath>,
    descending: bool,
) -> Result<Order, Error> {
    let Some(path) = sort_by else { return Ok(Order::Id) };
    let meta = path.urn.is_none() && path.name.eq_ignore_ascii_case("meta");
    let sub = path.sub.as_deref().unwrap_or_default();
    if meta && sub.eq_ignore_ascii_case("created") {
        return Ok(Order::Field { field: Field::CREATED, descending });
    }
    if meta && sub.eq_ignore_ascii_case("lastModified") {
        return Ok(Order::Field { field: Field::MODIFIED, descending });
    }
    let mut readers = Vec::new();
    for model in models {
        if let Ok(Some(found)) = quirks::find(&model.rt, path, &mut Tolerance::lenient()) {
            readers.push((model.kind, Reader::of(&found)?));
        }
    }
    if readers.is_empty() {
        return Err(refusal("`sortBy` names no attribute of this resource type."));
    }
    if let [model] = models
        && let Some(field) = model.field_at(path).filter(|field| !field.multi_valued)
    {
        return Ok(Order::Field { field: field.field, descending });
    }
    Ok(Order::Key { key: reader(readers), descending })
}

fn refusal(said: &str) -> Error {
    Error::new(ErrorKind::Scim(ScimType::InvalidPath), said)
}

/// Reads one attribute out of a document.
struct Reader {
    container: Option<String>,
    name: String,
    sub: Option<String>,
    /// Whether a value may say that it comes first.
    has_primary: bool,
    form: Form,
}

impl Reader {
    fn of(found: &Found<'_>) -> Result<Self, Error> {
        let attribute = found.attribute;
        let last = match found.sub {
            Some(sub) => sub,
            None if attribute.kind == Type::Complex => attribute
                .sub("value")
                .ok_or_else(|| refusal("`sortBy` names a complex attribute. Name a part of it."))?,
            None => attribute,
        };
        if hidden(attribute) || hidden(last) || attribute.relation || attribute.derived {
            return Err(refusal("`sortBy` names an attribute that cannot be sorted by."));
        }
        Ok(Self {
            container: found.container.map(str::to_owned),
            name: attribute.name.clone(),
            sub: (attribute.kind == Type::Complex).then(|| last.name.clone()),
            has_primary: attribute.sub("primary").is_some(),
            form: Form::of(last).unwrap_or(Form::Exact),
        })
    }

    /// The primary value, else the first.
    fn read(&self, document: &Map<String, Value>) -> Option<Vec<u8>> {
        let home = match &self.container {
            Some(urn) => document.get(urn)?.as_object()?,
            None => document,
        };
        let value = match home.get(&self.name)? {
            Value::Array(values) => values
                .iter()
                .find(|value| self.has_primary && is_primary(value))
                .or_else(|| values.first())?,
            one => one,
        };
        match &self.sub {
            Some(sub) => self.form.bytes(value.get(sub)?),
            None => self.form.bytes(value),
        }
    }
}

fn is_primary(value: &Value) -> bool {
    value.get("primary").and_then(Value::as_bool) == Some(true)
}

fn reader(readers: Vec<(Kind, Reader)>) -> SortKey {
    Arc::new(move |record: &Record| {
        let (_, reader) = readers.iter().find(|(kind, _)| *kind == record.head.kind)?;
        let document: Map<String, Value> = serde_json::from_slice(&record.body).ok()?;
        reader.read(&document)
    })
}

fn hidden(attribute: &Attribute) -> bool {
    attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly
}
