//! Organizations that are named by their code, where a change could repeat what is there.
//!
//! References hold identifiers; `ORG0001` is another spelling of one. A reference that cannot be
//! changed may be repeated in either (RFC 7644 §3.5.1: it is the same value). A code that nobody
//! has stays as it is, and is refused like any other value.

use serde_json::Map;
use serde_json::Value;

use crate::domain::place::organization;
use crate::domain::record::Kind;
use crate::scim::patch::Act;
use crate::scim::patch::Operation;
use crate::service::Work;
use crate::service::access::Snapshot;
use crate::service::wire::model::Model;
use crate::service::wire::model::Reference;

/// Writes the identifier in place of each code in the references of a resource, or of a part of
/// one.
pub fn in_document(work: Work<'_>, model: &Model, document: &mut Value) {
    let snapshot = work.ports.registry.snapshot();
    for reference in of_organizations(model) {
        let home = match &reference.container {
            Some(urn) => member(document.as_object_mut(), urn).and_then(Value::as_object_mut),
            None => document.as_object_mut(),
        };
        if let Some(value) = member(home, &reference.name) {
            respell(&snapshot, value);
        }
    }
}

/// The same in the operations of a patch.
pub fn in_operations(work: Work<'_>, model: &Model, operations: &mut [Operation]) {
    let snapshot = work.ports.registry.snapshot();
    for operation in operations {
        let (Act::Add(value) | Act::Replace(value)) = &mut operation.act else { continue };
        let Some(path) = &operation.path else {
            in_document(work, model, value);
            continue;
        };
        let named =
            |reference: &Reference| reference.name.eq_ignore_ascii_case(&path.attribute.name);
        if of_organizations(model).any(named) {
            respell(&snapshot, value);
        }
    }
}

fn of_organizations(model: &Model) -> impl Iterator<Item = &Reference> {
    model.references.iter().filter(|reference| reference.kinds.contains(&Kind::ORGANIZATION))
}

/// A member, in any letter case.
fn member<'v>(object: Option<&'v mut Map<String, Value>>, name: &str) -> Option<&'v mut Value> {
    let found = object?.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

fn respell(snapshot: &Snapshot, value: &mut Value) {
    let text = match value {
        Value::Object(parts) => match member(Some(parts), "value") {
            Some(Value::String(text)) => text,
            _ => return,
        },
        Value::String(text) => text,
        _ => return,
    };
    if let Some(id) = organization::number(text).and_then(|number| snapshot.organization(number)) {
        *text = id.to_string();
    }
}
