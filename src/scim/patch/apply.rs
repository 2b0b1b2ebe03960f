//! Performs operations, one after another, on a copy of a document.

use serde_json::Map;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::Filter;
use crate::scim::patch::Act;
use crate::scim::patch::MOST_WORK;
use crate::scim::patch::Operation;
use crate::scim::patch::Patched;
use crate::scim::patch::RelationEdit;
use crate::scim::patch::elements;
use crate::scim::patch::read::numbered;
use crate::scim::patch::target::Spot;
use crate::scim::patch::target::Target;
use crate::scim::patch::whole;
use crate::scim::quirks::Tolerance;
use crate::scim::resource;
use crate::scim::schema::ResourceType;
use crate::scim::schema::Type;

/// Applies `operations` in order to a copy of `current`, a canonical document of `rt`.
///
/// Refusals name the operation and leave nothing half done: the copy is dropped (PAT-06, PAT-07).
pub fn apply(
    rt: &ResourceType,
    current: &Map<String, Value>,
    operations: Vec<Operation>,
    tolerance: &mut Tolerance,
) -> Result<Patched, Error> {
    let mut editor =
        Editor { rt, document: current.clone(), edits: Vec::new(), tolerance, work: 0 };
    for operation in operations {
        let number = operation.number;
        editor.perform(operation).map_err(|error| numbered(number, error))?;
    }
    let Editor { mut document, edits, .. } = editor;
    resource::finish(rt, &mut document)?;
    let attributes = differences(rt, current, &document);
    Ok(Patched { document, edits, attributes })
}

pub(super) struct Editor<'a, 't> {
    pub(super) rt: &'a ResourceType,
    pub(super) document: Map<String, Value>,
    pub(super) edits: Vec<RelationEdit>,
    pub(super) tolerance: &'t mut Tolerance,
    /// Tests and comparisons of values so far, against [`MOST_WORK`].
    work: usize,
}

impl Editor<'_, '_> {
    fn perform(&mut self, operation: Operation) -> Result<(), Error> {
        let Some(path) = operation.path else { return self.pathless(operation.act) };
        match path.locate(self.rt, self.tolerance)? {
            Target::Resource => self.resource(operation.act),
            Target::Extension(extension) => self.extension(extension, operation.act),
            Target::Spot(spot) if is_schemas(spot) => schemas(&operation.act),
            Target::Spot(spot) if spot.is_read_only() => {
                let name = &spot.leaf().name;
                let what = format!("{name} is read-only; leave it out");
                Err(Error::new(ScimType::Mutability, what))
            }
            Target::Spot(spot) => self.change(spot, operation.act),
        }
    }

    /// Changes one writable attribute or part of it.
    pub(super) fn change(&mut self, spot: Spot<'_>, act: Act) -> Result<(), Error> {
        if spot.attribute.relation {
            return self.relate(spot, act);
        }
        if spot.leaf().kind == Type::Boolean
            && matches!(act, Act::Add(Value::Null) | Act::Replace(Value::Null))
        {
            let name = &spot.leaf().name;
            let what = format!("{name} is true or false; use remove to leave it unassigned");
            return Err(Error::new(ScimType::InvalidValue, what));
        }
        let old = self.take(spot);
        self.spend(spot, &act, old.as_ref())?;
        let new = if spot.filter.is_some() {
            elements::change(spot, act, old, self.tolerance)?
        } else if spot.sub.is_some() {
            whole::change_part(spot, act, old, self.tolerance)?
        } else {
            whole::change(spot.attribute, act, old, self.tolerance)?
        };
        self.put(spot, new);
        Ok(())
    }

    /// Counts what the operation will cost. `invalidValue` when it is all too much.
    fn spend(&mut self, spot: Spot<'_>, act: &Act, old: Option<&Value>) -> Result<(), Error> {
        let length = |value: Option<&Value>| value.and_then(Value::as_array).map_or(1, Vec::len);
        let given = match act {
            Act::Add(value) | Act::Replace(value) => length(Some(value)),
            Act::Remove(value) => length(value.as_ref()),
        };
        let turns = spot.filter.map_or(given, Filter::clauses);
        let cost = length(old).saturating_add(given).saturating_mul(turns);
        self.work = self.work.saturating_add(if spot.attribute.multi_valued { cost } else { 0 });
        if self.work <= MOST_WORK {
            return Ok(());
        }
        let what = "the PATCH asks for too much at once; send it in parts";
        Err(Error::new(ScimType::InvalidValue, what))
    }

    /// Takes the value of the attribute out, leaving its place in the order of the document.
    fn take(&mut self, spot: Spot<'_>) -> Option<Value> {
        let map = match spot.container {
            None => Some(&mut self.document),
            Some(urn) => self.document.get_mut(urn).and_then(Value::as_object_mut),
        };
        map?.get_mut(&spot.attribute.name).map(std::mem::take)
    }

    fn put(&mut self, spot: Spot<'_>, value: Option<Value>) {
        let name = &spot.attribute.name;
        let value = value.filter(|value| !is_empty(value));
        let Some(urn) = spot.container else {
            set(&mut self.document, name, value);
            return;
        };
        let mut container = match self.document.get_mut(urn).map(std::mem::take) {
            Some(Value::Object(container)) => container,
            _ => Map::new(),
        };
        set(&mut container, name, value);
        let container = (!container.is_empty()).then_some(Value::Object(container));
        set(&mut self.document, urn, container);
    }
}

/// Sets or clears `name` and keeps the order of the rest.
pub(super) fn set(map: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(map.insert(name.to_owned(), value)),
        None => drop(map.shift_remove(name)),
    }
}

/// Null, or a list or object without anything in it.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        _ => false,
    }
}

fn is_schemas(spot: Spot<'_>) -> bool {
    spot.container.is_none() && spot.attribute.name == "schemas"
}

/// `schemas` follows from what the document holds, so writing it changes nothing (PAT-65).
fn schemas(act: &Act) -> Result<(), Error> {
    match act {
        Act::Add(_) | Act::Replace(_) => Ok(()),
        Act::Remove(_) => Err(Error::new(ScimType::Mutability, "schemas cannot be removed")),
    }
}

/// Names of the attributes in which `old` and `new` differ.
fn differences(
    rt: &ResourceType,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Vec<String> {
    let mut names = Vec::new();
    for name in changed(old, new) {
        if rt.extension(name).is_none() {
            names.push(name.clone());
            continue;
        }
        let empty = Map::new();
        let inside =
            |map: &'_ Map<String, Value>| map.get(name).and_then(Value::as_object).cloned();
        let (old, new) = (inside(old).unwrap_or_default(), inside(new).unwrap_or(empty));
        names.extend(changed(&old, &new).map(|inner| format!("{name}:{inner}")));
    }
    names
}

fn changed<'a>(
    old: &'a Map<String, Value>,
    new: &'a Map<String, Value>,
) -> impl Iterator<Item = &'a String> {
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    let other = new.iter().filter(|(name, value)| old.get(*name) != Some(value));
    gone.chain(other.map(|(name, _)| name))
}
