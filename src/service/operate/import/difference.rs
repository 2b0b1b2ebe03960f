//! What differs between two states of a record, by name.

use serde_json::Map;
use serde_json::Value;

use crate::domain::record::Record;

/// The names of the attributes that differ; of an extension, those inside. A record that comes or
/// goes has none.
pub(super) fn names(before: Option<&Record>, after: Option<&Record>) -> Vec<String> {
    let (Some(before), Some(after)) = (before, after) else { return Vec::new() };
    let read = |record: &Record| -> Map<String, Value> {
        serde_json::from_slice(&record.body).unwrap_or_default()
    };
    let (before, after) = (read(before), read(after));
    let mut names = Vec::new();
    for name in differing(&before, &after) {
        match name.starts_with("urn:") {
            true => names.extend(differing(&inside(&before, &name), &inside(&after, &name))),
            false => names.push(name),
        }
    }
    names
}

fn inside(whole: &Map<String, Value>, urn: &str) -> Map<String, Value> {
    whole.get(urn).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn differing(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let new = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    new.map(|(name, _)| name).chain(gone).filter(|name| *name != "schemas").cloned().collect()
}
