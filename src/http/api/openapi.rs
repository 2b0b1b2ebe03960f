//! The description of this API (OpenAPI 3.1), made from the table of operations.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::http::api;
use crate::http::api::Answered;
use crate::http::api::Request;
use crate::http::api::operations::Gives;
use crate::http::api::operations::OPERATIONS;
use crate::http::api::operations::Operation;
use crate::http::api::operations::Parameter;
use crate::http::api::operations::Place;
use crate::http::api::operations::Shape;
use crate::http::api::schemas;
use crate::http::reply::Media;
use crate::http::route::Carry;

/// `GET /openapi.json`
pub fn describe(request: Request<'_>) -> Answered<'_> {
    Box::pin(async move { Ok(api::json(&document(&request.knock.desk.ports.base_url))) })
}

/// The document of a server whose SCIM is at `base`.
pub fn document(base: &str) -> Value {
    let root = base.strip_suffix("/scim/v2").unwrap_or(base);
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let (verb, path) = operation.name.split_once(" /api/v1").unwrap_or_default();
        let item = paths.entry(path).or_insert_with(|| json!({})).as_object_mut();
        item.map(|item| item.insert(verb.to_ascii_lowercase(), described(operation)));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Wardgate administrators' API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Organizations, exports, people and events of a health network, for \
                            administrators. Errors are problem details (RFC 9457) with a stable \
                            `code`.",
        },
        "servers": [{"url": format!("{root}/api/v1")}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas::all(),
            "responses": {"Problem": {
                "description": "It was refused, or failed; `code` says how.",
                "content": {Media::Problem.text(): {"schema": reference("Problem")}},
            }},
        },
    })
}

fn described(operation: &Operation) -> Value {
    let refused = json!({"$ref": "#/components/responses/Problem"});
    let mut answers = Map::new();
    answers.insert("200".into(), answer(operation.gives));
    for status in ["400", "401", "403", "404", "406", "429", "503"] {
        answers.insert(status.into(), refused.clone());
    }
    answers.insert("default".into(), refused);
    let parameters = operation.parameters.iter().map(parameter).collect::<Vec<_>>();
    let mut described = Map::new();
    described.insert("operationId".into(), operation.id.into());
    described.insert("summary".into(), operation.summary.into());
    described.insert("parameters".into(), parameters.into());
    if operation.carry != Carry::Nothing {
        let content = json!({Media::Json.text(): {"schema": {"type": "object"}}});
        let body = json!({"required": true, "content": content});
        described.insert("requestBody".into(), body);
    }
    described.insert("responses".into(), answers.into());
    described.into()
}

fn answer(gives: Gives) -> Value {
    let media = gives.media().text();
    let essence = media.split(';').next().unwrap_or(media);
    let file = json!({"Content-Disposition": {
        "description": "The name of the file.",
        "required": true,
        "schema": {"type": "string"},
    }});
    match gives {
        Gives::Json(schema) => json!({
            "description": "It went well.",
            "content": {essence: {"schema": reference(schema)}},
        }),
        Gives::Csv => json!({
            "description": "The file: UTF-8, a header row, every cell in quotes, lines end with CR LF.",
            "headers": file,
            "content": {essence: {"schema": {"type": "string"}}},
        }),
        Gives::Zip => json!({
            "description": "The files in one, with `manifest.json`.",
            "headers": file,
            "content": {essence: {}},
        }),
    }
}

fn parameter(one: &Parameter) -> Value {
    let place = match one.place {
        Place::Path => "path",
        Place::Query => "query",
    };
    let mut said = Map::new();
    said.insert("name".into(), one.name.into());
    said.insert("in".into(), place.into());
    said.insert("required".into(), (one.place == Place::Path).into());
    said.insert("description".into(), one.about.into());
    said.insert("schema".into(), shape(one.shape));
    said.extend(one.sample.map(|sample| ("example".to_owned(), sample.into())));
    said.into()
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Text { longest } => json!({
            "type": "string",
            "minLength": 1,
            "maxLength": longest,
            "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]+$",
        }),
        Shape::Word(words) => json!({"type": "string", "enum": words}),
        Shape::Whole { least, most } => {
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        Shape::Instant => json!({"type": "string", "format": "date-time"}),
        Shape::Flag => json!({"type": "string", "enum": ["1", "true", "0", "false"]}),
    }
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_the_document_and_every_reference_leads_somewhere() {
        let document = document("https://example.org/scim/v2");
        assert_eq!(document["servers"][0]["url"], "https://example.org/api/v1");
        let paths = document["paths"].as_object().unwrap();
        let described: usize = paths.values().map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(described, OPERATIONS.len());
        let text = document.to_string();
        for (at, _) in text.match_indices("\"#/") {
            let pointer: String = text[at + 2..].chars().take_while(|c| *c != '"').collect();
            assert!(document.pointer(&pointer).is_some(), "{pointer}");
        }
    }
}
