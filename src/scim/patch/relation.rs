//! Operations on relations, such as the members of a group: they become edits of rows.

use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::Filter;
use crate::scim::filter::Literal;
use crate::scim::filter::Op;
use crate::scim::filter::eval::Matcher;
use crate::scim::patch::Act;
use crate::scim::patch::RelationChange;
use crate::scim::patch::RelationEdit;
use crate::scim::patch::apply::Editor;
use crate::scim::patch::target::Spot;
use crate::scim::quirks::Quirk;
use crate::scim::resource;
use crate::scim::schema::Attribute;

impl Editor<'_, '_> {
    /// An operation on a relation. Its values come and go as wholes (GRP-04).
    pub(super) fn relate(&mut self, spot: Spot<'_>, act: Act) -> Result<(), Error> {
        let attribute = spot.attribute;
        let change = match (spot.filter, spot.sub, act) {
            (None, None, Act::Add(value)) => match self.values(attribute, value)? {
                values if values.is_empty() => return Ok(()),
                values => RelationChange::Add(values),
            },
            (None, None, Act::Replace(value)) => {
                RelationChange::Replace(self.values(attribute, value)?)
            }
            (None, None, Act::Remove(value)) => match self.removal(attribute, value)? {
                RelationChange::Remove(ids) if ids.is_empty() => return Ok(()),
                change => change,
            },
            (Some(filter), None, Act::Remove(_)) => {
                Matcher::of_values(attribute, filter, self.tolerance)?;
                match chosen_ids(filter) {
                    Some(ids) => RelationChange::Remove(ids),
                    None => RelationChange::RemoveWhere(filter.clone()),
                }
            }
            _ => return Err(fixed(attribute)),
        };
        self.record(&attribute.name, change);
        Ok(())
    }

    /// Adds an edit; runs of single additions or removals become one.
    fn record(&mut self, attribute: &str, change: RelationChange) {
        let last = self.edits.last_mut().filter(|edit| edit.attribute == attribute);
        match (last.map(|edit| &mut edit.change), change) {
            (Some(RelationChange::Add(values)), RelationChange::Add(more)) => values.extend(more),
            (Some(RelationChange::Remove(ids)), RelationChange::Remove(more)) => ids.extend(more),
            (_, change) => {
                self.edits.push(RelationEdit { attribute: attribute.to_owned(), change });
            }
        }
    }

    fn values(&mut self, attribute: &Attribute, value: Value) -> Result<Vec<Value>, Error> {
        let value = unwrapped(attribute, value);
        match resource::value(attribute, value, self.tolerance)? {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => Ok(values),
            Some(single) => Ok(vec![single]),
        }
    }

    /// `remove` without a filter: all when there is no value, what is listed when there is one.
    fn removal(
        &mut self,
        attribute: &Attribute,
        value: Option<Value>,
    ) -> Result<RelationChange, Error> {
        let name = attribute.name.as_str();
        let Some(value) = value else {
            self.tolerance.note(Quirk::RemoveAllMembers, name);
            return Ok(RelationChange::Clear);
        };
        let listed = match unwrapped(attribute, value) {
            Value::Array(listed) => listed,
            single => vec![single],
        };
        self.tolerance.forgive(Quirk::RemoveWithValue, name, || {
            let what = "`remove` takes no value; choose values by a filter in `path`";
            Error::new(ScimType::InvalidValue, what)
        })?;
        let ids: Option<Vec<String>> = listed.into_iter().map(listed_id).collect();
        ids.map(RelationChange::Remove).ok_or_else(|| {
            let what = format!(
                "list what to remove from {name} as objects with `value`, or leave `value` out to \
                 remove all"
            );
            Error::new(ScimType::InvalidValue, what)
        })
    }
}

/// `{"members": [..]}` as a value of `members` stands for the list.
fn unwrapped(attribute: &Attribute, value: Value) -> Value {
    match value {
        Value::Object(mut object) => {
            let key = object.keys().find(|key| key.eq_ignore_ascii_case(&attribute.name)).cloned();
            let inner = key.and_then(|key| object.shift_remove(&key));
            inner.unwrap_or(Value::Object(object))
        }
        other => other,
    }
}

fn listed_id(listed: Value) -> Option<String> {
    match listed {
        Value::String(id) => Some(id),
        Value::Object(object) => object
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("value"))
            .and_then(|(_, value)| value.as_str().map(str::to_owned)),
        _ => None,
    }
}

/// The identifiers, when `filter` is `value eq "id"` or several of these joined by `or`.
fn chosen_ids(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Compare { path, op: Op::Eq, value: Literal::Text(id) }
            if path.name.eq_ignore_ascii_case("value") =>
        {
            Some(vec![id.clone()])
        }
        Filter::Or(parts) => {
            let lists: Option<Vec<_>> = parts.iter().map(chosen_ids).collect();
            lists.map(|lists| lists.into_iter().flatten().collect())
        }
        _ => None,
    }
}

fn fixed(attribute: &Attribute) -> Error {
    let name = &attribute.name;
    let what = format!("values of {name} come and go as wholes: add to or remove from {name}");
    Error::new(ScimType::Mutability, what)
}
