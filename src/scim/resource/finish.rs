//! The last look at a document: form, order, and the rules that need the whole of it.

use std::collections::HashMap;

use serde_json::Map;
use serde_json::Value;

use crate::scim::compare;
use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::resource::domain;
use crate::scim::resource::text;
use crate::scim::resource::value::MOST_VALUES;
use crate::scim::schema::Attribute;
use crate::scim::schema::Mutability;
use crate::scim::schema::ResourceType;
use crate::scim::schema::Type;

/// Attributes whose text stays on one line, beside user names (decisions: control characters).
const ONE_LINE: [&str; 2] = ["emails.value", "systemName"];

/// Ends a create, a replacement or an edit of a document whose values have their form: works
/// out `schemas`, drops empty containers and whatever the type does not know, puts keys in
/// schema order, lets equal (type, value) pairs be one (ATT-29), and refuses with `invalidValue`
/// a missing required attribute, a second `primary`, a bad user name, or too many values.
///
/// Relations are left as they are. After an error the document is of no use.
pub fn finish(rt: &ResourceType, document: &mut Map<String, Value>) -> Result<(), Error> {
    let mut old = std::mem::take(document);
    let mut schemas = vec![Value::String(rt.core.id.clone())];
    document.insert("schemas".to_owned(), Value::Null);
    arrange(rt.common.iter(), &mut old, document)?;
    arrange(rt.core.attributes.iter(), &mut old, document)?;
    require(&rt.core.attributes, document)?;
    for extension in &rt.extensions {
        let schema = &extension.schema;
        let mut inside = Map::new();
        if let Some(Value::Object(mut given)) = old.remove(&schema.id) {
            arrange(schema.attributes.iter(), &mut given, &mut inside)?;
        }
        if !inside.is_empty() || extension.required {
            require(&schema.attributes, &inside)?;
        }
        if !inside.is_empty() {
            schemas.push(Value::String(schema.id.clone()));
            document.insert(schema.id.clone(), Value::Object(inside));
        } else if extension.required {
            let detail = format!("The extension {} is required.", schema.id);
            return Err(Error::new(ScimType::InvalidValue, detail));
        }
    }
    document.insert("schemas".to_owned(), Value::Array(schemas));
    Ok(())
}

/// Moves the attributes from `old` to `new`, tidied, in the order of the schema.
fn arrange<'a>(
    attributes: impl Iterator<Item = &'a Attribute>,
    old: &mut Map<String, Value>,
    new: &mut Map<String, Value>,
) -> Result<(), Error> {
    for attribute in attributes.filter(|attribute| !attribute.derived) {
        let Some(value) = old.remove(&attribute.name) else { continue };
        let kept = match value {
            Value::Null => None,
            relation if attribute.relation => Some(relation),
            value => tidy(attribute, value)?,
        };
        if let Some(kept) = kept {
            new.insert(attribute.name.clone(), kept);
        }
    }
    Ok(())
}

fn tidy(attribute: &Attribute, value: Value) -> Result<Option<Value>, Error> {
    let Value::Array(list) = value else { return tidy_one(attribute, &attribute.name, value) };
    let mut read = Vec::with_capacity(list.len());
    for one in list {
        read.extend(tidy_one(attribute, &attribute.name, one)?);
    }
    let read = merged(read);
    if read.len() > MOST_VALUES {
        return Err(refusal(&attribute.name, "has more than 1000 values"));
    }
    if read.iter().filter(|one| is_primary(one)).count() > 1 {
        return Err(refusal(&attribute.name, "has more than one primary value"));
    }
    Ok(if read.is_empty() { None } else { Some(Value::Array(read)) })
}

/// One value of the attribute at `path`, without its empty parts.
fn tidy_one(attribute: &Attribute, path: &str, value: Value) -> Result<Option<Value>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::Object(mut given) if attribute.kind == Type::Complex => {
            let mut read = Map::new();
            for sub in attribute.sub_attributes.iter().filter(|sub| !sub.derived) {
                let Some(part) = given.remove(&sub.name) else { continue };
                let path = format!("{path}.{}", sub.name);
                if let Some(part) = tidy_part(sub, &path, part)? {
                    read.insert(sub.name.clone(), part);
                }
            }
            if !read.is_empty() {
                require_parts(attribute, path, &read)?;
            }
            Ok(if read.is_empty() { None } else { Some(Value::Object(read)) })
        }
        Value::String(text) => {
            check_text(attribute, path, &text)?;
            Ok(Some(Value::String(text)))
        }
        plain => Ok(Some(plain)),
    }
}

fn tidy_part(sub: &Attribute, path: &str, part: Value) -> Result<Option<Value>, Error> {
    let Value::Array(list) = part else { return tidy_one(sub, path, part) };
    let list: Vec<Value> = list.into_iter().filter(|one| !one.is_null()).collect();
    Ok(if list.is_empty() { None } else { Some(Value::Array(list)) })
}

fn check_text(attribute: &Attribute, path: &str, text: &str) -> Result<(), Error> {
    if attribute.precis && compare::canon(text).is_err() {
        let what = "must be a user name: not empty, at most 1024 bytes, no control, direction, \
                    zero-width or unassigned character, no space at either end";
        return Err(refusal(path, what));
    }
    if (attribute.precis || path == "emails.value") && !domain::is_honest(text) {
        return Err(refusal(path, "has a domain whose label in Punycode is broken or hides ASCII"));
    }
    if ONE_LINE.contains(&path) && !text::is_one_line(text) {
        return Err(refusal(path, "must stay on one line"));
    }
    Ok(())
}

/// Lets values with the same type and value be one; the later one adds the parts that the
/// earlier one lacks, and its `primary`.
fn merged(list: Vec<Value>) -> Vec<Value> {
    let mut at: HashMap<String, usize> = HashMap::with_capacity(list.len());
    let mut kept: Vec<Value> = Vec::with_capacity(list.len());
    for one in list {
        let turn = *at.entry(identity(&one)).or_insert(kept.len());
        match (kept.get_mut(turn), one) {
            (None, one) => kept.push(one),
            (Some(Value::Object(first)), Value::Object(second)) => blend(first, second),
            (Some(_), _) => {}
        }
    }
    kept
}

fn blend(first: &mut Map<String, Value>, second: Map<String, Value>) {
    for (key, part) in second {
        if key == "primary" && part == Value::Bool(true) {
            first.insert(key, part);
        } else {
            first.entry(key).or_insert(part);
        }
    }
}

/// By what two values of an attribute are the same.
fn identity(one: &Value) -> String {
    match (one.get("value"), one.get("type").and_then(Value::as_str)) {
        (Some(value), kind) => format!("{}\0{value}", compare::fold(kind.unwrap_or_default())),
        (None, _) => one.to_string(),
    }
}

fn is_primary(one: &Value) -> bool {
    one.get("primary") == Some(&Value::Bool(true))
}

/// Read-only attributes come from us, whatever the schema says about them.
fn is_required(attribute: &Attribute) -> bool {
    attribute.required && attribute.mutability != Mutability::ReadOnly && !attribute.derived
}

fn require(attributes: &[Attribute], present: &Map<String, Value>) -> Result<(), Error> {
    let is_empty = |one: &Attribute| present.get(&one.name).is_none_or(|value| value == "");
    match attributes.iter().find(|one| is_required(one) && is_empty(one)) {
        Some(lacking) => Err(refusal(&lacking.name, "is required and may not be empty")),
        None => Ok(()),
    }
}

fn require_parts(
    attribute: &Attribute,
    path: &str,
    present: &Map<String, Value>,
) -> Result<(), Error> {
    let lacks = |sub: &&Attribute| is_required(sub) && !present.contains_key(&sub.name);
    match attribute.sub_attributes.iter().find(lacks) {
        Some(sub) => Err(refusal(&format!("{path}.{}", sub.name), "is required")),
        None => Ok(()),
    }
}

fn refusal(path: &str, what: &str) -> Error {
    Error::new(ScimType::InvalidValue, format!("`{path}` {what}."))
}
