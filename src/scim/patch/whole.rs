//! Changes of a whole attribute, or of a part of it that no filter chooses.

use serde_json::Map;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::operand::Sameness;
use crate::scim::patch::Act;
use crate::scim::patch::apply::set;
use crate::scim::patch::elements::append;
use crate::scim::patch::elements::settle_primary;
use crate::scim::patch::target::Spot;
use crate::scim::quirks;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::resource;
use crate::scim::schema::Attribute;
use crate::scim::schema::Mutability;
use crate::scim::schema::Type;

/// What becomes of `old`, the value of `attribute`; `None` is unassigned.
pub(super) fn change(
    attribute: &Attribute,
    act: Act,
    old: Option<Value>,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    if attribute.mutability == Mutability::WriteOnly {
        // Nothing that nobody may read is kept (security.md ATT-03).
        tolerance.note(Quirk::PasswordDropped, attribute.name.as_str());
        return Ok(old);
    }
    let (raw, add) = match act {
        Act::Remove(listed) => return remove(attribute, listed, old, tolerance),
        Act::Add(raw) => (raw, true),
        Act::Replace(raw) => (raw, false),
    };
    let cleared = quirks::clears(attribute, &raw, tolerance)?;
    let said_nothing = !cleared && attribute.kind == Type::Complex && raw.is_object();
    let gone = if cleared { Vec::new() } else { nulls(attribute, &raw) };
    let given = if cleared { None } else { resource::value(attribute, raw, tolerance)? };
    let before = (attribute.mutability == Mutability::Immutable).then(|| old.clone()).flatten();
    let new = match given {
        None if add && attribute.multi_valued => old,
        // An object with nothing to write in it: only what it calls null goes.
        None if said_nothing => merged(attribute, old, Map::new(), &gone)?,
        None if attribute.required => {
            let what = format!("{} needs a value", attribute.name);
            return Err(Error::new(ScimType::InvalidValue, what));
        }
        None => None,
        Some(Value::Array(values)) if add && attribute.multi_valued => {
            Some(append(attribute, old, values)?)
        }
        Some(Value::Object(parts)) if !attribute.multi_valued => {
            merged(attribute, old, parts, &gone)?
        }
        other => other,
    };
    if before.is_some() && before != new {
        return Err(immutable(attribute));
    }
    Ok(new)
}

/// What becomes of `old` when one of its sub-attributes changes: `name.givenName`. Of several
/// values each changes; when there is none, one is made.
pub(super) fn change_part(
    spot: Spot<'_>,
    act: Act,
    old: Option<Value>,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    let Some(sub) = spot.sub else { return Ok(old) };
    let before =
        (spot.attribute.mutability == Mutability::Immutable).then(|| old.clone()).flatten();
    let new = match old {
        Some(Value::Array(elements)) if spot.attribute.multi_valued => {
            let mut changed = Vec::with_capacity(elements.len());
            for element in elements {
                changed.extend(part(sub, act.clone(), element, tolerance)?);
            }
            let touched = vec![true; changed.len()];
            settle_primary(&mut changed, &touched)?;
            Some(Value::Array(changed))
        }
        other if spot.attribute.multi_valued => {
            let element = other.unwrap_or(Value::Object(Map::new()));
            part(sub, act, element, tolerance)?.map(|element| Value::Array(vec![element]))
        }
        other => part(sub, act, other.unwrap_or(Value::Object(Map::new())), tolerance)?,
    };
    if before.is_some() && before != new {
        return Err(immutable(spot.attribute));
    }
    Ok(new)
}

/// `element` after a change of its `sub`. `None` when nothing worth keeping is left: a value
/// without its `value`, or nothing but labels.
pub(super) fn part(
    sub: &Attribute,
    act: Act,
    element: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    let Value::Object(mut parts) = element else { return Ok(Some(element)) };
    let act = match act {
        Act::Add(raw) | Act::Replace(raw) if sub.name == "value" && quirks::is_blank(&raw) => {
            let refusal = || Error::new(ScimType::InvalidValue, "value needs a text");
            if !raw.is_null() {
                tolerance.forgive(Quirk::EmptyForNull, "an empty text for value", refusal)?;
            }
            Act::Remove(None)
        }
        other => other,
    };
    let old = parts.get_mut(&sub.name).map(std::mem::take);
    let had = old.is_some();
    let new = change(sub, act, old, tolerance)?;
    let gone = had && new.is_none();
    set(&mut parts, &sub.name, new);
    let labels = |name: &String| matches!(name.as_str(), "type" | "primary" | "display");
    let left = match sub.name.as_str() {
        _ if !gone => !parts.is_empty(),
        "value" => false,
        _ => !parts.keys().all(labels),
    };
    Ok(left.then_some(Value::Object(parts)))
}

/// Merges `parts` into the complex value `old` and takes the sub-attributes `gone` away
/// (PAT-16, PAT-42).
pub(super) fn merged(
    attribute: &Attribute,
    old: Option<Value>,
    parts: Map<String, Value>,
    gone: &[&Attribute],
) -> Result<Option<Value>, Error> {
    let mut whole = match old {
        Some(Value::Object(whole)) => whole,
        _ => Map::new(),
    };
    for sub in gone {
        if sub.mutability == Mutability::Immutable && whole.contains_key(&sub.name) {
            return Err(immutable(sub));
        }
        whole.shift_remove(&sub.name);
    }
    for (name, value) in parts {
        let fixed = attribute.sub(&name).filter(|sub| sub.mutability == Mutability::Immutable);
        match (fixed, whole.get(&name)) {
            (Some(sub), Some(old)) if *old != value => return Err(immutable(sub)),
            _ => drop(whole.insert(name, value)),
        }
    }
    Ok((!whole.is_empty()).then_some(Value::Object(whole)))
}

/// Whether two values of `attribute` are the same, as its schema compares them.
pub(super) fn same(attribute: &Attribute, left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => {
            let sameness = Sameness::of(attribute);
            sameness.form(left) == sameness.form(right)
        }
        _ => left == right,
    }
}

pub(super) fn immutable(attribute: &Attribute) -> Error {
    let what = format!("{} cannot change once it has a value", attribute.name);
    Error::new(ScimType::Mutability, what)
}

fn remove(
    attribute: &Attribute,
    listed: Option<Value>,
    old: Option<Value>,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    if attribute.required {
        let what = format!("{} is required and cannot be removed", attribute.name);
        return Err(Error::new(ScimType::Mutability, what));
    }
    if attribute.mutability == Mutability::Immutable && old.is_some() {
        return Err(immutable(attribute));
    }
    match (listed, old) {
        (Some(listed), Some(Value::Array(elements)))
            if attribute.multi_valued && !listed.is_null() =>
        {
            tolerance.forgive(Quirk::RemoveWithValue, attribute.name.as_str(), || {
                let what = "`remove` takes no value; choose values by a filter in `path`";
                Error::new(ScimType::InvalidValue, what)
            })?;
            Ok(Some(Value::Array(without(attribute, elements, listed))))
        }
        _ => Ok(None),
    }
}

/// `elements` without those that are `listed` by their `value`, or by all that is given of them.
fn without(attribute: &Attribute, elements: Vec<Value>, listed: Value) -> Vec<Value> {
    let listed = match listed {
        Value::Array(listed) => listed,
        single => vec![single],
    };
    let is_listed = |element: &Value| listed.iter().any(|listed| names(attribute, listed, element));
    elements.into_iter().filter(|element| !is_listed(element)).collect()
}

fn names(attribute: &Attribute, listed: &Value, element: &Value) -> bool {
    let whole = |name: &str| attribute.sub(name).unwrap_or(attribute);
    match (listed, element) {
        (Value::Object(listed), Value::Object(element)) => {
            let mut given = listed.iter().filter(|(_, value)| !value.is_null()).peekable();
            given.peek().is_some()
                && given.all(|(name, value)| {
                    let sub = whole(name);
                    element.get(&sub.name).is_some_and(|own| same(sub, own, value))
                })
        }
        (text, Value::Object(element)) => {
            element.get("value").is_some_and(|own| same(whole("value"), own, text))
        }
        _ => same(attribute, listed, element),
    }
}

/// The sub-attributes that `raw` sets to null (RFC 7643 §2.5).
fn nulls<'a>(attribute: &'a Attribute, raw: &Value) -> Vec<&'a Attribute> {
    match raw {
        Value::Object(parts) if attribute.kind == Type::Complex && !attribute.multi_valued => parts
            .iter()
            .filter(|(_, value)| value.is_null())
            .filter_map(|(name, _)| attribute.sub(name))
            .filter(|sub| sub.mutability != Mutability::ReadOnly)
            .collect(),
        _ => Vec::new(),
    }
}
