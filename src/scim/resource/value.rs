//! One value of one attribute: checked against the schema and brought into form.

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::quirks;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::resource::relation;
use crate::scim::resource::text;
use crate::scim::schema::Attribute;
use crate::scim::schema::Mutability;
use crate::scim::schema::Type;

/// The most values of a multi-valued attribute that is no relation (security.md ATT-09).
pub const MOST_VALUES: usize = 1_000;

/// Whole numbers up to here survive being read as a fraction.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Brings the whole value of `attribute` (or of a sub-attribute) into canonical form; `None`
/// when it says that the attribute is unassigned (null, an empty array). A relation is never
/// `None` for an empty array: that means nobody, not nothing said.
///
/// Refuses what does not fit the type with `invalidValue`, after the coercions of known clients.
/// Neither mutability nor required attributes are looked at; read-only sub-attributes are left
/// out. Duplicates and `primary` are for [`finish`](crate::scim::resource::finish).
pub fn value(
    attribute: &Attribute,
    value: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    if attribute.relation {
        return relation::members(attribute, value, tolerance);
    }
    if attribute.multi_valued {
        many(attribute, value, tolerance)
    } else {
        one(attribute, value, tolerance)
    }
}

/// Brings one value of `attribute` into canonical form: an element of a multi-valued attribute,
/// or what a singular one holds. `None` when it is unassigned.
pub fn element(
    attribute: &Attribute,
    value: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    if value.is_null() {
        return Ok(None);
    }
    match attribute.kind {
        Type::Complex => complex(attribute, value, tolerance),
        Type::Boolean => boolean(attribute, value, tolerance).map(Some),
        Type::Integer if value.is_i64() => Ok(Some(value)),
        Type::Integer => Err(wrong(attribute, "must be a whole number")),
        Type::Decimal if value.is_number() => Ok(Some(value)),
        Type::Decimal => Err(wrong(attribute, "must be a number")),
        Type::String | Type::DateTime | Type::Binary | Type::Reference => {
            texts(attribute, value, tolerance).map(|text| Some(Value::String(text)))
        }
    }
}

/// A refusal that names the attribute and not the value.
pub fn wrong(attribute: &Attribute, what: &str) -> Error {
    Error::new(ScimType::InvalidValue, format!("`{}` {what}.", attribute.name))
}

/// The list that `value` is; one value alone is forgiven. `None` for null.
pub fn list(
    attribute: &Attribute,
    value: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Vec<Value>>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::Array(list) => Ok(Some(list)),
        single => {
            let example = format!("{}: one value", attribute.name);
            let refusal = || wrong(attribute, "must be an array");
            tolerance.forgive(Quirk::SingleForMany, example, refusal)?;
            Ok(Some(vec![single]))
        }
    }
}

fn many(
    attribute: &Attribute,
    value: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    let Some(given) = list(attribute, value, tolerance)? else { return Ok(None) };
    if given.len() > MOST_VALUES {
        return Err(wrong(attribute, "has more than 1000 values"));
    }
    let mut read = Vec::with_capacity(given.len());
    for one in given {
        read.extend(element(attribute, one, tolerance)?);
    }
    Ok(if read.is_empty() { None } else { Some(Value::Array(read)) })
}

fn one(
    attribute: &Attribute,
    value: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    let Value::Array(mut list) = value else { return element(attribute, value, tolerance) };
    let example = format!("{}: array", attribute.name);
    let refusal = || wrong(attribute, "must be one value, not an array");
    match (list.pop(), list.is_empty()) {
        (None, _) if attribute.kind == Type::Boolean => Err(refusal()),
        (None, _) => tolerance.forgive(Quirk::EmptyForNull, example, refusal).map(|()| None),
        (Some(single), true) => {
            tolerance.forgive(Quirk::ManyForSingle, example, refusal)?;
            element(attribute, unwrapped(attribute, single), tolerance)
        }
        (Some(_), false) => Err(refusal()),
    }
}

/// The `value` of a lone `{"value": x}` where the attribute has no parts.
fn unwrapped(attribute: &Attribute, single: Value) -> Value {
    match single {
        Value::Object(mut object) if attribute.kind != Type::Complex && object.len() == 1 => {
            let key = object.keys().find(|key| key.eq_ignore_ascii_case("value")).cloned();
            key.and_then(|key| object.remove(&key)).unwrap_or(Value::Object(object))
        }
        other => other,
    }
}

fn complex(
    attribute: &Attribute,
    value: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    let object = match value {
        Value::Object(object) => object,
        Value::String(text) if !attribute.multi_valued && text.is_empty() => {
            return cleared(attribute, tolerance);
        }
        Value::String(_) if is_text(attribute) => {
            let example = format!("{}: text", attribute.name);
            let refusal = || wrong(attribute, "must be an object");
            tolerance.forgive(Quirk::TextForComplex, example, refusal)?;
            Map::from_iter([("value".to_owned(), value)])
        }
        _ => return Err(wrong(attribute, "must be an object")),
    };
    let mut read = parts(attribute, object, tolerance)?;
    if !attribute.multi_valued && read.get("value").is_some_and(|value| value == "") {
        return cleared(attribute, tolerance);
    }
    let ordered = attribute.sub_attributes.iter();
    let ordered = ordered.filter_map(|sub| read.remove(&sub.name).map(|it| (sub.name.clone(), it)));
    let ordered: Map<String, Value> = ordered.collect();
    Ok(if ordered.is_empty() { None } else { Some(Value::Object(ordered)) })
}

/// Whether a text alone can stand for a value: a singular one has a `value`; of several, that is
/// all that a client may write of each.
fn is_text(attribute: &Attribute) -> bool {
    let ours = |sub: &Attribute| sub.mutability == Mutability::ReadOnly;
    let mut subs = attribute.sub_attributes.iter();
    let alone = !attribute.multi_valued || subs.all(|sub| sub.name == "value" || ours(sub));
    alone && attribute.sub("value").is_some()
}

fn cleared(attribute: &Attribute, tolerance: &mut Tolerance) -> Result<Option<Value>, Error> {
    let example = format!("{}: empty text", attribute.name);
    let refusal = || wrong(attribute, "must be an object; null clears it");
    tolerance.forgive(Quirk::EmptyForNull, example, refusal).map(|()| None)
}

/// The sub-attributes, spelled as the schema does, in the order they came.
fn parts(
    attribute: &Attribute,
    object: Map<String, Value>,
    tolerance: &mut Tolerance,
) -> Result<Map<String, Value>, Error> {
    let mut read = Map::new();
    for (key, given) in object {
        let Some(sub) = attribute.sub(&key) else {
            let example = format!("{}.{}", attribute.name, shown(&key));
            let refusal = || unknown(&attribute.name);
            tolerance.forgive(Quirk::UnknownAttribute, example, refusal)?;
            continue;
        };
        if sub.mutability == Mutability::ReadOnly || sub.derived {
            continue;
        }
        if let Some(part) =
            value(sub, given, tolerance).map_err(|error| under(attribute, sub, error))?
        {
            note_json(attribute, sub, &part, tolerance);
            read.insert(sub.name.clone(), part);
        }
    }
    if tolerance.unpacks() && attribute.multi_valued {
        quirks::unpack_json_text(&mut read);
    }
    Ok(read)
}

/// Names the holder in the refusal of a part: `emails.value` rather than `value`.
fn under(attribute: &Attribute, sub: &Attribute, mut error: Error) -> Error {
    let short = format!("`{}`", sub.name);
    if let Some(rest) = error.detail.strip_prefix(&short) {
        error.detail = format!("`{}.{}`{rest}", attribute.name, sub.name);
    }
    error
}

fn note_json(attribute: &Attribute, sub: &Attribute, part: &Value, tolerance: &mut Tolerance) {
    let json = |text: &str| text.starts_with('{') && text.ends_with('}');
    if attribute.multi_valued && sub.name == "value" && part.as_str().is_some_and(json) {
        tolerance.note(Quirk::JsonInText, format!("{}.value: JSON text", attribute.name));
    }
}

/// The refusal of a name that no schema has.
pub fn unknown(holder: &str) -> Error {
    let detail = format!("`{holder}` has a member that its schema does not know.");
    Error::new(ScimType::InvalidSyntax, detail)
}

/// A name as it may be counted: short, and a name at all.
pub fn shown(key: &str) -> &str {
    let fine = key.len() <= 64 && crate::scim::path::is_name(key);
    if fine { key } else { "(not a name)" }
}

fn boolean(attribute: &Attribute, value: Value, tolerance: &mut Tolerance) -> Result<Value, Error> {
    let refusal = || wrong(attribute, "must be true or false");
    if value.is_boolean() {
        return Ok(value);
    }
    let flag = value.as_str().and_then(quirks::boolean).ok_or_else(refusal)?;
    let example = format!("{}: text for a boolean", attribute.name);
    tolerance.forgive(Quirk::CoercedValue, example, refusal)?;
    Ok(Value::Bool(flag))
}

fn texts(attribute: &Attribute, value: Value, tolerance: &mut Tolerance) -> Result<String, Error> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) if attribute.kind == Type::String && is_plain(&number) => {
            let example = format!("{}: number for a text", attribute.name);
            let refusal = || wrong(attribute, "must be a text");
            tolerance.forgive(Quirk::CoercedValue, example, refusal)?;
            number.to_string()
        }
        _ => return Err(wrong(attribute, "must be a text")),
    };
    if let Some(fault) = text::fault(&text) {
        return Err(wrong(attribute, fault));
    }
    match attribute.kind {
        Type::DateTime if !text::is_date_time(&text) => {
            Err(wrong(attribute, "must be a date with a time, as 2026-01-31T08:30:00Z"))
        }
        Type::Binary if !text::is_base64(&text) => Err(wrong(attribute, "must be base64")),
        Type::Reference if !text::is_reference(&text) => Err(wrong(attribute, "must be a URI")),
        _ => Ok(text),
    }
}

/// Whether the number has one spelling that everyone would expect as text.
fn is_plain(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|it| it.abs() < EXACT)
}
