//! Changes of values that a filter in the path chooses (RFC 7644 §3.5.2), and the rules that hold
//! among the values of one attribute.

use serde_json::Map;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::Filter;
use crate::scim::filter::Literal;
use crate::scim::filter::eval::Matcher;
use crate::scim::patch::Act;
use crate::scim::patch::target::Spot;
use crate::scim::patch::whole;
use crate::scim::quirks;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::resource;
use crate::scim::resource::MOST_VALUES;
use crate::scim::schema::Attribute;
use crate::scim::schema::Mutability;
use crate::scim::schema::Type;

/// Above so many bytes, one value is not copied into many elements.
const MOST_COPIED: usize = 1_048_576;

/// What becomes of `old` when the values that the filter of `spot` chooses are changed.
///
/// Nothing chosen: `remove` succeeds; `add` and `replace` make a value out of a filter that is
/// plain equality (EID 8097), and are `noTarget` otherwise (PAT-45).
pub(super) fn change(
    spot: Spot<'_>,
    act: Act,
    old: Option<Value>,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    let Some(filter) = spot.filter else { return Ok(old) };
    let attribute = spot.attribute;
    if !attribute.multi_valued || attribute.kind != Type::Complex {
        let what = format!("{} has no values to choose from by a filter", attribute.name);
        return Err(Error::new(ScimType::InvalidPath, what));
    }
    let matcher = Matcher::of_values(attribute, filter, tolerance)?;
    let fixed = (attribute.mutability == Mutability::Immutable).then(|| old.clone()).flatten();
    let mut elements = listed(old);
    let chosen: Vec<bool> = elements
        .iter()
        .map(|element| element.as_object().is_some_and(|element| matcher.matches(element)))
        .collect();
    if chosen.contains(&true) {
        elements = change_chosen(spot, act, elements, &chosen, tolerance)?;
    } else if let Act::Remove(_) = act {
        tolerance.note(Quirk::RemoveNothing, attribute.name.as_str());
    } else if let Some(element) = made(spot, filter, act, tolerance)? {
        room(attribute, elements.len())?;
        elements.push(element);
        let touched: Vec<bool> = (1..=elements.len()).map(|at| at == elements.len()).collect();
        settle_primary(&mut elements, &touched)?;
    }
    let new = (!elements.is_empty()).then_some(Value::Array(elements));
    if fixed.is_some() && fixed != new {
        return Err(whole::immutable(attribute));
    }
    Ok(new)
}

/// Appends `values` to those of `attribute`, each once (PAT-14, PAT-18). A value that only says
/// more about one that is there, by the same `value` and `type`, completes it.
pub(super) fn append(
    attribute: &Attribute,
    old: Option<Value>,
    values: Vec<Value>,
) -> Result<Value, Error> {
    let mut elements = listed(old);
    let mut touched = vec![false; elements.len()];
    for value in values {
        if elements.iter().any(|element| covers(element, &value)) {
            continue;
        }
        let twin = elements.iter().position(|element| is_twin(attribute, element, &value));
        match (twin.and_then(|at| Some((elements.get_mut(at)?, touched.get_mut(at)?))), value) {
            (Some((Value::Object(element), touched)), Value::Object(value)) => {
                element.extend(value);
                *touched = true;
            }
            (_, value) => {
                room(attribute, elements.len())?;
                elements.push(value);
                touched.push(true);
            }
        }
    }
    settle_primary(&mut elements, &touched)?;
    Ok(Value::Array(elements))
}

/// Of several values one at most is primary: a touched one that says so takes it from the rest
/// (PAT-20, PAT-21).
pub(super) fn settle_primary(elements: &mut [Value], touched: &[bool]) -> Result<(), Error> {
    let is_primary = |element: &Value| element.get("primary") == Some(&Value::Bool(true));
    let claims = elements.iter().zip(touched).filter(|(e, touched)| **touched && is_primary(e));
    match claims.count() {
        0 => return Ok(()),
        1 => {}
        _ => {
            let what = "only one value of an attribute can be primary";
            return Err(Error::new(ScimType::InvalidValue, what));
        }
    }
    for (element, touched) in elements.iter_mut().zip(touched) {
        if !touched
            && is_primary(element)
            && let Some(element) = element.as_object_mut()
        {
            element.insert("primary".to_owned(), Value::Bool(false));
        }
    }
    Ok(())
}

fn change_chosen(
    spot: Spot<'_>,
    act: Act,
    elements: Vec<Value>,
    chosen: &[bool],
    tolerance: &mut Tolerance,
) -> Result<Vec<Value>, Error> {
    bounded(&act, chosen.iter().filter(|chosen| **chosen).count())?;
    let mut changed = Vec::with_capacity(elements.len());
    let mut touched = Vec::with_capacity(elements.len());
    for (element, chosen) in elements.into_iter().zip(chosen) {
        let left =
            if *chosen { one(spot, act.clone(), element, tolerance)? } else { Some(element) };
        if let Some(element) = left {
            changed.push(element);
            touched.push(*chosen);
        }
    }
    settle_primary(&mut changed, &touched)?;
    Ok(changed)
}

/// One chosen element after the change.
fn one(
    spot: Spot<'_>,
    act: Act,
    element: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    let attribute = spot.attribute;
    if let Some(sub) = spot.sub {
        return whole::part(sub, act, element, tolerance);
    }
    let (raw, add) = match act {
        Act::Remove(_) => return Ok(None),
        Act::Add(raw) => (raw, true),
        Act::Replace(raw) => (raw, false),
    };
    let Some(mut given) = element_value(attribute, raw, tolerance)? else {
        return Ok(add.then_some(element));
    };
    if add {
        return whole::merged(attribute, Some(element), given, &[]);
    }
    for (name, value) in required_by(attribute, spot.filter, tolerance)? {
        given.entry(name).or_insert(value);
    }
    let old = element.as_object();
    for sub in &attribute.sub_attributes {
        let before = old.and_then(|old| old.get(&sub.name));
        let fixed = sub.mutability == Mutability::Immutable && before.is_some();
        if fixed && before != given.get(&sub.name) {
            return Err(whole::immutable(sub));
        }
    }
    Ok(Some(Value::Object(given)))
}

/// A new element with the values that the filter asks for and what the operation gives.
fn made(
    spot: Spot<'_>,
    filter: &Filter,
    act: Act,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    let no_target = || {
        let what = "no value fulfils the filter of the path";
        Error::new(ScimType::NoTarget, what)
    };
    if filter.equalities().is_none() {
        return Err(no_target());
    }
    tolerance.forgive(Quirk::CreatedByFilter, spot.attribute.name.as_str(), no_target)?;
    let (Act::Add(raw) | Act::Replace(raw)) = act else { return Ok(None) };
    if quirks::is_blank(&raw) {
        return Ok(None);
    }
    let mut element = Map::new();
    for (name, value) in required_by(spot.attribute, Some(filter), tolerance)? {
        match element.insert(name, value.clone()) {
            Some(other) if other != value => return Err(no_target()),
            _ => {}
        }
    }
    let element = Value::Object(element);
    match spot.sub {
        Some(sub) => whole::part(sub, Act::Add(raw), element, tolerance),
        None => match element_value(spot.attribute, raw, tolerance)? {
            Some(given) => whole::merged(spot.attribute, Some(element), given, &[]),
            None => Ok(None),
        },
    }
}

/// The sub-attributes that a filter of plain equality fixes, in the type of their schema; of
/// another filter none.
fn required_by(
    attribute: &Attribute,
    filter: Option<&Filter>,
    tolerance: &mut Tolerance,
) -> Result<Vec<(String, Value)>, Error> {
    let mut fixed = Vec::new();
    for (path, literal) in filter.and_then(Filter::equalities).unwrap_or_default() {
        let Some(sub) = attribute.sub(&path.name) else { continue };
        let value = match literal {
            Literal::Null => Value::Null,
            Literal::Boolean(value) => Value::Bool(*value),
            Literal::Number(value) => Value::Number(value.clone()),
            Literal::Text(value) => Value::String(value.clone()),
        };
        if let Some(value) = resource::value(sub, value, tolerance)? {
            fixed.push((sub.name.clone(), value));
        }
    }
    Ok(fixed)
}

/// One element of `attribute`, brought into canonical form.
fn element_value(
    attribute: &Attribute,
    raw: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Map<String, Value>>, Error> {
    if quirks::is_blank(&raw) {
        return Ok(None);
    }
    let several = if raw.is_array() { raw } else { Value::Array(vec![raw]) };
    let Some(Value::Array(values)) = resource::value(attribute, several, tolerance)? else {
        return Ok(None);
    };
    let mut values = values.into_iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(Value::Object(value)), None) => Ok(Some(value)),
        _ => {
            let what = format!("give one value of {} as an object", attribute.name);
            Err(Error::new(ScimType::InvalidValue, what))
        }
    }
}

fn listed(value: Option<Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(elements)) => elements,
        Some(single) => vec![single],
    }
}

/// Whether `element` says everything that `value` says.
fn covers(element: &Value, value: &Value) -> bool {
    match (element, value) {
        (Value::Object(element), Value::Object(value)) => {
            value.iter().all(|(name, value)| element.get(name) == Some(value))
        }
        _ => element == value,
    }
}

fn is_twin(attribute: &Attribute, element: &Value, value: &Value) -> bool {
    let Some(key) = attribute.sub("value") else { return false };
    let equal = match (element.get("value"), value.get("value")) {
        (Some(left), Some(right)) => whole::same(key, left, right),
        _ => false,
    };
    equal && element.get("type") == value.get("type")
}

fn room(attribute: &Attribute, taken: usize) -> Result<(), Error> {
    if taken < MOST_VALUES {
        return Ok(());
    }
    let what = format!("{} has at most {MOST_VALUES} values", attribute.name);
    Err(Error::new(ScimType::InvalidValue, what))
}

/// A value that goes into many elements must not fill the memory.
fn bounded(act: &Act, copies: usize) -> Result<(), Error> {
    let (Act::Add(value) | Act::Replace(value)) = act else { return Ok(()) };
    let small = copies < 2
        || value.as_str().map_or_else(|| value.to_string().len(), str::len) < MOST_COPIED / copies;
    if small {
        return Ok(());
    }
    Err(Error::new(ScimType::InvalidValue, "the value is too long for so many elements"))
}
