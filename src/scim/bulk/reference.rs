//! References to what other operations make: `bulkId:x`.

use serde_json::Value;

use crate::scim::bulk::Operation;
use crate::scim::bulk::REFERENCE;
use crate::scim::bulk::Target;

/// The bulkIds that an operation refers to, in its path and anywhere in its data.
pub fn references(operation: &Operation) -> Vec<&str> {
    let mut found = Vec::new();
    if let Some(Target::BulkId(name)) = &operation.target {
        found.push(name.as_str());
    }
    let mut rest = vec![&operation.data];
    while let Some(value) = rest.pop() {
        match value {
            Value::String(text) => found.extend(reference(text).map(|(_, name)| name)),
            Value::Array(list) => rest.extend(list),
            Value::Object(object) => rest.extend(object.values()),
            _ => {}
        }
    }
    found
}

/// A reference was left that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bulkId in the operation is not the name of an operation that succeeded")]
pub struct Unresolved;

/// Puts real identifiers, which `known` knows by bulkId, in place of all references of an
/// operation.
pub fn resolve(
    operation: &mut Operation,
    known: impl Fn(&str) -> Option<String>,
) -> Result<(), Unresolved> {
    if let Some(Target::BulkId(name)) = &operation.target {
        operation.target = Some(Target::Id(known(name).ok_or(Unresolved)?));
    }
    let mut rest = vec![&mut operation.data];
    while let Some(value) = rest.pop() {
        match value {
            Value::String(text) => {
                let resolved = match reference(text) {
                    None => continue,
                    Some((before, name)) => {
                        format!("{before}{}", known(name).ok_or(Unresolved)?)
                    }
                };
                *text = resolved;
            }
            Value::Array(list) => rest.extend(list),
            Value::Object(object) => rest.extend(object.values_mut()),
            _ => {}
        }
    }
    Ok(())
}

/// Splits `bulkId:x`, also at the end of a URI (`$ref`), into what precedes it and the name.
fn reference(text: &str) -> Option<(&str, &str)> {
    let start = if text.starts_with(REFERENCE) { 0 } else { text.rfind('/')?.saturating_add(1) };
    let (before, last) = text.split_at_checked(start)?;
    Some((before, last.strip_prefix(REFERENCE).filter(|name| !name.is_empty())?))
}
