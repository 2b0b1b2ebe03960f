//! What the published schemas say (DSC-19 to DSC-24, DSC-35 to DSC-44, DSC-47).

use serde_json::Value;
use serde_json::json;

use super::DEVICE;
use super::ENTERPRISE;
use super::GROUP;
use super::PLACEMENT;
use super::USER;
use super::with;
use crate::world::Client;
use crate::world::World;

const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const TYPES: [&str; 8] =
    ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"];

async fn schemas() -> Vec<Value> {
    let world = World::with_custom_types().await;
    world.admin().get("/Schemas").await.expect(200).resources()
}

/// Every attribute and sub-attribute of a schema, with its path.
fn walk(holder: &Value, key: &str, path: &str, found: &mut Vec<(String, Value)>) {
    for one in holder[key].as_array().into_iter().flatten() {
        let path = format!("{path}/{}", one["name"].as_str().unwrap());
        found.push((path.clone(), one.clone()));
        walk(one, "subAttributes", &path, found);
    }
}

async fn everything() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for schema in schemas().await {
        walk(&schema, "attributes", schema["id"].as_str().unwrap(), &mut found);
    }
    assert!(found.len() > 100, "the schemas were not read");
    found
}

async fn attribute(client: &Client, urn: &str, path: &[&str]) -> Value {
    let mut at = client.get(&format!("/Schemas/{urn}")).await.expect(200).body;
    for (depth, name) in path.iter().enumerate() {
        let key = if depth == 0 { "attributes" } else { "subAttributes" };
        let list = at[key].as_array().unwrap().clone();
        at = list.into_iter().find(|one| one["name"] == *name).unwrap();
    }
    at
}

#[tokio::test]
async fn rfc_dsc19_every_schema_has_an_id_and_attributes() {
    for schema in schemas().await {
        assert!(schema["id"].is_string() && schema["name"].is_string(), "{schema}");
        assert!(schema["description"].is_string(), "{}", schema["id"]);
        assert!(!schema["attributes"].as_array().unwrap().is_empty(), "{}", schema["id"]);
    }
}

#[tokio::test]
async fn rfc_dsc20_dsc21_dsc40_complex_attributes_have_plain_parts_and_no_uniqueness() {
    for (path, one) in everything().await {
        let complex = one["type"] == "complex";
        let parts = one["subAttributes"].as_array();
        assert_eq!(parts.is_some_and(|parts| !parts.is_empty()), complex, "{path}");
        assert_eq!(one.get("uniqueness").is_none(), complex, "{path}");
        let nested = parts.into_iter().flatten().any(|part| part["type"] == "complex");
        assert!(!nested || path.starts_with(SCHEMA), "{path}");
    }
}

#[tokio::test]
async fn rfc_dsc22_dsc23_dsc24_names_types_and_words_are_from_their_sets() {
    for (path, one) in everything().await {
        let name = one["name"].as_str().unwrap();
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_$".contains(c);
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
        assert!(name == "$ref" || (begins && name.chars().all(fits)), "{path}");
        assert!(TYPES.contains(&one["type"].as_str().unwrap()), "{path}");
        for (key, words) in [
            ("mutability", &["readOnly", "readWrite", "immutable", "writeOnly"][..]),
            ("returned", &["always", "never", "default", "request"][..]),
        ] {
            assert!(words.contains(&one[key].as_str().unwrap()), "{path}: {key}");
        }
        if let Some(uniqueness) = one.get("uniqueness") {
            assert!(["none", "server", "global"].contains(&uniqueness.as_str().unwrap()), "{path}");
        }
    }
    let world = World::new().await;
    let certificate = attribute(&world.client(), USER, &["x509Certificates", "value"]).await;
    assert_eq!(certificate["type"], "binary");
    assert_eq!(certificate["caseExact"], true);
}

#[tokio::test]
async fn rfc_dsc35_dsc36_dsc37_dsc42_what_the_user_schema_promises() {
    let world = World::new().await;
    let client = world.client();
    let name = attribute(&client, USER, &["userName"]).await;
    assert_eq!(
        (&name["required"], &name["caseExact"], &name["mutability"], &name["uniqueness"]),
        (&json!(true), &json!(false), &json!("readWrite"), &json!("server"))
    );
    let password = attribute(&client, USER, &["password"]).await;
    assert_eq!(
        (&password["mutability"], &password["returned"]),
        (&json!("writeOnly"), &json!("never"))
    );
    let groups = attribute(&client, USER, &["groups"]).await;
    assert_eq!(groups["mutability"], "readOnly");
    for part in groups["subAttributes"].as_array().unwrap() {
        assert_eq!(part["mutability"], "readOnly", "{part}");
    }
    let reference = attribute(&client, USER, &["groups", "$ref"]).await;
    assert_eq!(reference["referenceTypes"], json!(["Group"]));
}

#[tokio::test]
async fn rfc_dsc38_what_the_group_schema_promises() {
    let world = World::new().await;
    let client = world.client();
    assert_eq!(attribute(&client, GROUP, &["displayName"]).await["required"], true);
    for part in ["value", "$ref", "type"] {
        let part = attribute(&client, GROUP, &["members", part]).await;
        assert_eq!(part["mutability"], "immutable", "{part}");
    }
    let reference = attribute(&client, GROUP, &["members", "$ref"]).await;
    assert_eq!(reference["referenceTypes"], json!(["User", "Group"]));
}

#[tokio::test]
async fn rfc_dsc39_what_the_enterprise_schema_promises() {
    let world = World::new().await;
    let client = world.client();
    let name = attribute(&client, ENTERPRISE, &["manager", "displayName"]).await;
    assert_eq!(name["mutability"], "readOnly");
    let value = attribute(&client, ENTERPRISE, &["manager", "value"]).await;
    assert_eq!(value["caseExact"], true);
}

#[tokio::test]
async fn rfc_dsc41_reference_types_stand_at_references_only() {
    for (path, one) in everything().await {
        let types = one.get("referenceTypes");
        assert_eq!(types.is_some(), one["type"] == "reference", "{path}");
        if let Some(types) = types {
            assert!(types.as_array().is_some_and(|types| !types.is_empty()), "{path}");
        }
    }
}

#[tokio::test]
async fn rfc_dsc43_no_characteristic_is_left_to_guess() {
    for (path, one) in everything().await {
        for flag in ["multiValued", "required", "caseExact"] {
            assert!(one[flag].is_boolean(), "{path}: {flag}");
        }
        for word in ["type", "mutability", "returned"] {
            assert!(one[word].is_string(), "{path}: {word}");
        }
        for own in ["indexed", "precis", "relation", "derived"] {
            assert!(one.get(own).is_none(), "{path}: {own} is ours alone");
        }
    }
}

#[tokio::test]
async fn rfc_dsc44_a_required_extension_must_be_there_with_what_it_requires() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let bare = json!({"schemas": [DEVICE, PLACEMENT], "serial": "S-1"});
    client.post("/PlacedDevices", &bare).await.refused(400, "invalidValue");
    for inside in [json!({}), json!({"bed": "3"}), json!({"room": ""}), json!(null)] {
        let body = with(bare.clone(), &json!({PLACEMENT: inside}));
        client.post("/PlacedDevices", &body).await.refused(400, "invalidValue");
    }
    let whole = with(bare.clone(), &json!({PLACEMENT: {"room": "R-12"}}));
    let made = client.post("/PlacedDevices", &whole).await.expect(201);
    assert_eq!(made.body[PLACEMENT]["room"], "R-12");
    let path = format!("/PlacedDevices/{}", made.id());
    let remove = json!([{"op": "remove", "path": format!("{PLACEMENT}:room")}]);
    client.operations(&path, remove).await.refused(400, "mutability");
    assert_eq!(client.get(&path).await.expect(200).text, made.text);
    // The same schema without the extension asks for nothing.
    client.post("/Devices", &json!({"schemas": [DEVICE], "serial": "S-1"})).await.expect(201);
}

#[tokio::test]
async fn rfc_dsc47_extensions_do_not_redefine_core_attributes() {
    let schemas = schemas().await;
    let names = |urn: &str| -> Vec<String> {
        let schema = schemas.iter().find(|schema| schema["id"] == urn).unwrap();
        let attributes = schema["attributes"].as_array().unwrap();
        attributes.iter().map(|one| one["name"].as_str().unwrap().to_lowercase()).collect()
    };
    let world = World::with_custom_types().await;
    for one in world.admin().get("/ResourceTypes").await.expect(200).resources() {
        let core = names(one["schema"].as_str().unwrap());
        for extension in one["schemaExtensions"].as_array().into_iter().flatten() {
            let inside = names(extension["schema"].as_str().unwrap());
            let twice: Vec<_> = inside.iter().filter(|name| core.contains(name)).collect();
            assert!(twice.is_empty(), "{twice:?} of {extension}");
        }
    }
}
