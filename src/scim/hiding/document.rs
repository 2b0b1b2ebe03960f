//! Documents cut to what is seen, and put together again.

use serde_json::Map;
use serde_json::Value;

use crate::scim::schema::Attribute;
use crate::scim::schema::ResourceType;
use crate::scim::schema::Type;

/// What `seen`, a resource type with parts left out, knows of `document`. Objects and lists of
/// which nothing is left go, and `schemas` names no extension that is not there.
pub fn visible(seen: &ResourceType, document: Map<String, Value>) -> Map<String, Value> {
    let mut left = Map::new();
    for (key, value) in document {
        let top = seen.core.attribute(&key).or_else(|| seen.common(&key));
        let kept = match (top, seen.extension(&key), value) {
            (Some(attribute), _, value) => shown(attribute, value),
            (None, Some(extension), Value::Object(inside)) => {
                let kept = |(key, value): (String, Value)| {
                    let value = shown(extension.schema.attribute(&key)?, value)?;
                    Some((key, value))
                };
                filled(inside.into_iter().filter_map(kept).collect())
            }
            _ => None,
        };
        if let Some(kept) = kept {
            left.insert(key, kept);
        }
    }
    if let Some(Value::Array(mut urns)) = left.get_mut("schemas").map(std::mem::take) {
        let there = |urn: &str| urn == seen.core.id || left.contains_key(urn);
        urns.retain(|urn| urn.as_str().is_some_and(there));
        left.insert("schemas".to_owned(), Value::Array(urns));
    }
    left
}

/// `new`, a changed form of what was visible of `old`, with what `seen` leaves out of `whole` put
/// back. Hidden parts of a value stay with that value while it is there. The result is to be
/// finished as a document of `whole`.
pub fn restored(
    (seen, whole): (&ResourceType, &ResourceType),
    old: &Map<String, Value>,
    mut new: Map<String, Value>,
) -> Map<String, Value> {
    for attribute in whole.common.iter().chain(&whole.core.attributes) {
        let name = &attribute.name;
        put_back(
            (seen.core.attribute(name).or_else(|| seen.common(name)), attribute),
            old,
            &mut new,
        );
    }
    for extension in &whole.extensions {
        let urn = &extension.schema.id;
        let Some(old) = old.get(urn).and_then(Value::as_object) else { continue };
        let seen = seen.extension(urn);
        let mut inside = match new.shift_remove(urn) {
            Some(Value::Object(inside)) => inside,
            _ => Map::new(),
        };
        for attribute in &extension.schema.attributes {
            let left = seen.and_then(|seen| seen.schema.attribute(&attribute.name));
            put_back((left, attribute), old, &mut inside);
        }
        if let Some(inside) = filled(inside) {
            new.insert(urn.clone(), inside);
        }
    }
    new
}

fn put_back(
    (seen, whole): (Option<&Attribute>, &Attribute),
    old: &Map<String, Value>,
    new: &mut Map<String, Value>,
) {
    let Some(kept) = old.get(&whole.name) else { return };
    let Some(seen) = seen else {
        new.insert(whole.name.clone(), kept.clone());
        return;
    };
    if seen.sub_attributes.len() == whole.sub_attributes.len() {
        return;
    }
    let given = new.shift_remove(&whole.name);
    let joined = match (kept, given) {
        (Value::Array(kept), Some(Value::Array(given))) => many(seen, kept, given),
        (Value::Array(kept), _) => many(seen, kept, Vec::new()),
        (kept, given) => one(seen, kept, given),
    };
    if let Some(joined) = joined {
        new.insert(whole.name.clone(), joined);
    }
}

/// Values of a list get the hidden parts of the value they were, told by what was visible of it,
/// else by its `value`. Values of which nothing is visible stay.
fn many(seen: &Attribute, kept: &[Value], given: Vec<Value>) -> Option<Value> {
    let mut rest: Vec<(&Value, Option<Value>)> =
        kept.iter().map(|value| (value, shown(seen, value.clone()))).collect();
    let mut joined = Vec::with_capacity(given.len());
    for value in given {
        let same = rest.iter().position(|(_, visible)| visible.as_ref() == Some(&value));
        let alike = || {
            let named = value.get("value")?;
            let of = |(_, visible): &(&Value, Option<Value>)| {
                visible.as_ref().and_then(|visible| visible.get("value")) == Some(named)
            };
            rest.iter().position(of)
        };
        let old = same.or_else(alike).map(|at| rest.remove(at).0);
        joined.extend(match old {
            Some(old) => one(seen, old, Some(value)),
            None => Some(value),
        });
    }
    let unseen = rest.into_iter().filter(|(_, visible)| visible.is_none());
    joined.extend(unseen.map(|(value, _)| value.clone()));
    (!joined.is_empty()).then_some(Value::Array(joined))
}

fn one(seen: &Attribute, kept: &Value, given: Option<Value>) -> Option<Value> {
    let Value::Object(kept) = kept else { return given };
    let mut joined = match given {
        Some(Value::Object(given)) => given,
        // Without the parts it must have, the rest would be no value.
        _ if seen.sub_attributes.iter().any(|sub| sub.required) => return None,
        _ => Map::new(),
    };
    for (name, part) in kept.iter().filter(|(name, _)| seen.sub(name).is_none()) {
        joined.insert(name.clone(), part.clone());
    }
    filled(joined)
}

/// What is seen of a value of `attribute`.
fn shown(attribute: &Attribute, value: Value) -> Option<Value> {
    match value {
        Value::Array(list) if attribute.kind == Type::Complex => {
            let was_empty = list.is_empty();
            let list: Vec<Value> =
                list.into_iter().filter_map(|one| shown(attribute, one)).collect();
            (was_empty || !list.is_empty()).then_some(Value::Array(list))
        }
        Value::Object(parts) if attribute.kind == Type::Complex => {
            filled(parts.into_iter().filter(|(name, _)| attribute.sub(name).is_some()).collect())
        }
        value => Some(value),
    }
}

fn filled(object: Map<String, Value>) -> Option<Value> {
    (!object.is_empty()).then_some(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::hiding::Part;
    use crate::scim::hiding::without;
    use crate::scim::path::AttributePath;
    use crate::scim::resource;
    use crate::scim::schema::Catalogue;

    const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn person() -> Map<String, Value> {
        let person = json!({
            "schemas": [USER, ENTERPRISE], "id": "1", "userName": "ines", "title": "Nurse",
            "name": {"familyName": "Quarrie", "givenName": "Ines"},
            "emails": [
                {"value": "a@northvale.example", "type": "work", "display": "first"},
                {"value": "b@northvale.example", "type": "home", "display": "second"},
            ],
            ENTERPRISE: {"department": "Cardiology", "employeeNumber": "1234"},
        });
        person.as_object().unwrap().clone()
    }

    /// What becomes of the person when a change is made by somebody who does not see `hidden`.
    fn changed(hidden: &str, change: impl FnOnce(&mut Map<String, Value>)) -> (String, Value) {
        let whole = Catalogue::built_in().unwrap().by_name("User").unwrap().clone();
        let path = AttributePath::parse(hidden).unwrap();
        let seen = without(&whole, &[Part::find(&whole, &path).unwrap()]);
        let mut left = visible(&seen, person());
        let shown = Value::Object(left.clone()).to_string();
        change(&mut left);
        let mut joined = restored((&seen, &whole), &person(), left);
        resource::finish(&whole, &mut joined).unwrap();
        (shown, Value::Object(joined))
    }

    #[test]
    fn att08_what_is_hidden_is_cut_out_and_comes_back_unharmed() {
        for (hidden, canary) in [
            ("title", "Nurse"),
            ("TITLE", "Nurse"),
            ("name", "Quarrie"),
            ("name.familyName", "Quarrie"),
            ("emails.display", "first"),
            ("emails", "northvale"),
            ("employeeNumber", "1234"),
            (&format!("{ENTERPRISE}:department"), "Cardiology"),
            (ENTERPRISE, "enterprise"),
        ] {
            let (shown, joined) = changed(hidden, |_| {});
            assert!(!shown.contains(canary), "{hidden}: {shown}");
            assert_eq!(joined, Value::Object(person()), "{hidden}");
            let (_, emptied) = changed(hidden, |left| {
                left.retain(|name, _| ["schemas", "id", "userName"].contains(&name.as_str()));
            });
            let kept = emptied.to_string().contains(canary);
            assert_eq!(kept, hidden != "emails.display", "{hidden}: {emptied}");
        }
    }

    #[test]
    fn att08_hidden_parts_stay_with_their_values() {
        let (_, joined) = changed("emails.display", |left| {
            left.insert(
                "emails".into(),
                json!([
                    {"value": "new@northvale.example", "type": "other"},
                    {"value": "b@northvale.example", "type": "work"},
                ]),
            );
        });
        let emails = json!([
            {"value": "new@northvale.example", "type": "other"},
            {"value": "b@northvale.example", "display": "second", "type": "work"},
        ]);
        assert_eq!(joined["emails"], emails);
    }

    #[test]
    fn att08_an_extension_with_nothing_left_is_not_named() {
        let whole = Catalogue::built_in().unwrap().by_name("User").unwrap().clone();
        let path = AttributePath::parse("employeeNumber").unwrap();
        let seen = without(&whole, &[Part::find(&whole, &path).unwrap()]);
        let mut person = person();
        person.insert(ENTERPRISE.into(), json!({"employeeNumber": "1234"}));
        assert_eq!(visible(&seen, person)["schemas"], json!([USER]));
    }
}
