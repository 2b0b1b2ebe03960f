//! The shapes of JSON answers, as JSON Schema.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Every schema by its name.
pub fn all() -> Map<String, Value> {
    let mut all = Map::new();
    let mut add = |name: &str, schema: Value| drop(all.insert(name.to_owned(), schema));
    add("Problem", problem());
    add("Description", json!({"type": "object", "required": ["openapi", "info", "paths"]}));
    add("Organization", organization());
    add("Organizations", page("Organization"));
    add("User", user());
    add("Users", page("User"));
    add("Event", event());
    add("Events", events());
    all
}

fn problem() -> Value {
    object(&[
        ("type", text()),
        ("title", text()),
        ("status", json!({"type": "integer", "minimum": 400, "maximum": 599})),
        ("code", text()),
        ("detail", text()),
    ])
}

fn organization() -> Value {
    object(&[
        ("id", id()),
        ("code", json!({"type": "string", "pattern": "^ORG[0-9]{4,}$"})),
        ("number", json!({"type": "integer", "minimum": 1})),
        ("name", text()),
        ("parent", or_null(id())),
        ("brakeLimit", or_null(json!({"type": "integer", "minimum": 0}))),
    ])
}

fn user() -> Value {
    let location = object(&[("value", id()), ("display", or_null(text()))]);
    object(&[
        ("id", id()),
        ("fullName", text()),
        ("firstName", text()),
        ("lastName", text()),
        ("username", text()),
        ("organization", text()),
        ("defaultLocation", or_null(location)),
        ("lastAccess", or_null(instant())),
        ("status", text()),
        ("closed", json!({"type": "boolean"})),
    ])
}

fn event() -> Value {
    let whole = || json!({"type": "integer", "minimum": 0});
    let record = || object(&[("type", text()), ("id", id())]);
    object(&[
        ("seq", json!({"type": "integer", "minimum": 1})),
        ("at", instant()),
        (
            "actor",
            json!({
                "type": "object",
                "required": ["type"],
                "properties": {"type": text(), "id": id(), "name": or_null(text())},
            }),
        ),
        ("door", text()),
        ("action", text()),
        (
            "outcome",
            json!({
                "type": "object",
                "required": ["result"],
                "properties": {
                    "result": {"type": "string", "enum": ["done", "failed", "denied"]},
                    "code": text(),
                },
            }),
        ),
        ("subject", or_null(record())),
        ("attributes", json!({"type": "array", "items": text()})),
        ("beside", json!({"type": "array", "items": record()})),
        ("linked", whole()),
        ("unlinked", whole()),
        ("reason", text()),
        ("request", id()),
        ("source", text()),
        ("clockBack", json!({"type": "boolean"})),
        ("hash", json!({"type": "string", "pattern": "^[0-9a-f]{64}$"})),
    ])
}

fn events() -> Value {
    object(&[
        ("organization", text()),
        ("from", json!({"type": "integer", "minimum": 1})),
        ("next", or_null(json!({"type": "integer", "minimum": 1}))),
        ("items", items("Event")),
    ])
}

fn page(item: &str) -> Value {
    let whole = || json!({"type": "integer", "minimum": 0});
    object(&[
        ("totalResults", whole()),
        ("startIndex", json!({"type": "integer", "minimum": 1})),
        ("itemsPerPage", whole()),
        ("items", items(item)),
    ])
}

fn items(item: &str) -> Value {
    json!({"type": "array", "items": {"$ref": format!("#/components/schemas/{item}")}})
}

/// An object that has all of these.
fn object(parts: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        parts.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "required": names, "properties": properties})
}

fn or_null(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn id() -> Value {
    json!({"type": "string", "format": "uuid"})
}

fn instant() -> Value {
    json!({"type": "string", "format": "date-time"})
}
