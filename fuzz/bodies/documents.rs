//! Bodies of requests: resources, edits, bulk.

use std::collections::HashSet;

use serde_json::Map;
use serde_json::Value;
use wardgate::scim::bulk;
use wardgate::scim::bulk::Method;
use wardgate::scim::bulk::Operation;
use wardgate::scim::bulk::Refused;
use wardgate::scim::bulk::Request;
use wardgate::scim::bulk::Turn;
use wardgate::scim::json;
use wardgate::scim::patch;
use wardgate::scim::quirks::Quirk;
use wardgate::scim::quirks::Tolerance;
use wardgate::scim::resource;
use wardgate::scim::resource::Purpose;
use wardgate::scim::schema::ResourceType;

use super::stage;

/// Any bytes as a PATCH of each document.
pub fn patch_apply(data: &[u8]) {
    if let Ok(body) = json::read(data) {
        patch_each(&body);
    }
}

/// A PATCH body on each document.
pub fn patch_each(body: &Value) {
    for (name, document) in stage::DOCUMENTS.iter() {
        let rt = stage::resource_type(name);
        let lenient = patch_one(rt, document, body, Tolerance::lenient());
        let strict = patch_one(rt, document, body, Tolerance::strict());
        if let Some(strict) = strict {
            assert_eq!(Some(strict), lenient, "strict makes something else");
        }
    }
}

fn patch_one(
    rt: &ResourceType,
    current: &Map<String, Value>,
    body: &Value,
    mut tolerance: Tolerance,
) -> Option<patch::Patched> {
    let operations = patch::read(body.clone(), &mut tolerance).ok()?;
    let patched = patch::apply(rt, current, operations, &mut tolerance).ok()?;
    assert_eq!(patched.attributes.is_empty(), patched.document == *current, "{patched:?}");
    named(rt, &patched.attributes, body);
    stays(rt, &patched.document);
    Some(patched)
}

/// What changed was named: the attribute, or the extension it lives in (ATT-07).
fn named(rt: &ResourceType, attributes: &[String], body: &Value) {
    let text = body.to_string().to_lowercase();
    for attribute in attributes {
        let extension = rt.extensions.iter().find(|one| attribute.starts_with(&one.schema.id));
        let name = match extension {
            Some(extension) => attribute.get(extension.schema.id.len() + 1..).unwrap_or_default(),
            None => attribute,
        };
        // Some clients say `email.value` where the schema says `emails.value`.
        let known = text.contains(name.to_lowercase().trim_end_matches('s'));
        let whole = extension.is_some_and(|one| text.contains(&one.schema.id.to_lowercase()));
        assert!(known || whole, "{attribute} changed and was not named in {body}");
    }
}

/// A canonical document is accepted as it is, strictly, as a new resource and in its own place.
fn stays(rt: &ResourceType, document: &Map<String, Value>) {
    let body = || Value::Object(document.clone());
    let purposes = [
        Purpose::Create,
        Purpose::Replace { current: document, merge: false },
        Purpose::Replace { current: document, merge: true },
    ];
    for purpose in purposes {
        for mut tolerance in [Tolerance::lenient(), Tolerance::strict()] {
            let again = resource::accept(rt, body(), purpose, &mut tolerance);
            assert_eq!(again.as_ref(), Ok(document), "{purpose:?}");
            // A JSON text in a role is counted and left as it is.
            let mut forgiven = tolerance.take_seen();
            forgiven.retain(|oddity| oddity.quirk != Quirk::JsonInText);
            assert!(forgiven.is_empty(), "{forgiven:?} in a canonical document");
        }
    }
    let mut finished = document.clone();
    assert_eq!(resource::finish(rt, &mut finished), Ok(()));
    assert_eq!(&finished, document);
}

/// Any bytes as a resource of each type.
pub fn resource_json(data: &[u8]) {
    let Ok(body) = json::read(data) else { return };
    let text = serde_json::to_vec(&body).expect("JSON writes what it read");
    assert_eq!(json::read(&text).as_ref(), Ok(&body), "JSON does not read what it wrote");
    for name in ["User", "Group"] {
        let rt = stage::resource_type(name);
        let made = accept(rt, &body, Purpose::Create);
        for (kind, current) in stage::DOCUMENTS.iter().filter(|(kind, _)| *kind == name) {
            let rt = stage::resource_type(kind);
            for merge in [false, true] {
                accept(rt, &body, Purpose::Replace { current, merge });
            }
        }
        if let Some(made) = made {
            assert!(made.keys().all(|key| key != "meta" && key != "id" && key != "password"));
        }
    }
}

fn accept(rt: &ResourceType, body: &Value, purpose: Purpose<'_>) -> Option<Map<String, Value>> {
    let lenient = resource::accept(rt, body.clone(), purpose, &mut Tolerance::lenient()).ok();
    let strict = resource::accept(rt, body.clone(), purpose, &mut Tolerance::strict());
    if let Ok(strict) = strict {
        assert_eq!(Some(&strict), lenient.as_ref(), "strict makes something else");
    }
    if let Some(document) = &lenient {
        stays(rt, document);
    }
    lenient
}

/// Any bytes as a bulk request: every operation has one turn, after those it refers to. What is
/// not blocked resolves once those it refers to are made, or promised, if they form a ring; in
/// both kinds of turn what must be there first is made by then.
pub fn bulk(data: &[u8]) {
    let Ok(body) = json::read(data) else { return };
    let strict = Request::read(body.clone(), &mut Tolerance::strict());
    let Ok(mut request) = Request::read(body, &mut Tolerance::lenient()) else {
        assert!(strict.is_err(), "strict reads what lenient refuses");
        return;
    };
    let turns = bulk::plan(&request, is_firm);
    let indices = |turn: &Turn| match turn {
        Turn::Alone(index) | Turn::Blocked(index, _) => vec![*index],
        Turn::Ring(ring) => ring.clone(),
    };
    let mut all: Vec<usize> = turns.iter().flat_map(indices).collect();
    all.sort_unstable();
    assert!(all.iter().copied().eq(0..request.operations.len()), "{turns:?}");
    let (mut promised, mut made) = (HashSet::new(), HashSet::new());
    for turn in turns {
        let ring = indices(&turn);
        let blocked = matches!(turn, Turn::Blocked(..));
        for index in ring.iter().filter(|_| !blocked) {
            promised.extend(maker(&request.operations[*index]));
        }
        for index in ring {
            let slot = &mut request.operations[index];
            let own = maker(slot);
            let Ok(operation) = slot else { continue };
            let named: Vec<String> =
                bulk::references(operation).into_iter().map(str::to_owned).collect();
            let resolved = bulk::resolve(operation, |name| {
                promised.contains(name).then(|| format!("made-{name}"))
            });
            if blocked {
                continue;
            }
            assert!(resolved.is_ok() && bulk::references(operation).is_empty(), "{operation:?}");
            let there = |name: &String| made.contains(name);
            assert!(!is_firm(operation) || named.iter().all(there), "{operation:?}");
            made.extend(own);
        }
    }
}

fn is_firm(operation: &Operation) -> bool {
    operation.endpoint == "Groups"
}

/// The bulkId of an operation that makes a resource.
fn maker(slot: &Result<Operation, Refused>) -> Option<String> {
    let operation = slot.as_ref().ok().filter(|operation| operation.method == Method::Post)?;
    operation.bulk_id.clone()
}
