use super::*;

fn attributes_of(schema: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut rest = vec![&schema["attributes"]];
    while let Some(list) = rest.pop() {
        for one in list.as_array().unwrap() {
            found.push(one);
            rest.extend(one.get("subAttributes"));
        }
    }
    found
}

fn named<'a>(schema: &'a Schema, path: &str) -> &'a Attribute {
    let (name, sub) = path.split_once('.').map_or((path, None), |(name, sub)| (name, Some(sub)));
    let attribute = schema.attribute(name).unwrap();
    sub.map_or(attribute, |sub| attribute.sub(sub).unwrap())
}

fn catalogue() -> Catalogue {
    Catalogue::built_in().unwrap()
}

const SCHEMA: &str = r#"{"id": "urn:example:Thing", "attributes": [{"name": "label"}]}"#;

fn fault(schema: &str, kind: &str) -> SchemaError {
    Catalogue::read(&[("thing.json", schema)], &[("kinds.json", kind)]).unwrap_err()
}

fn fault_in(attribute: &str) -> SchemaError {
    let schema = format!(r#"{{"id": "urn:example:Thing", "attributes": [{attribute}]}}"#);
    fault(&schema, "[]")
}

#[test]
fn rfc_dsc14_dsc19_what_is_served_is_a_resource_and_shows_nothing_of_ours() {
    for schema in &catalogue().schemas {
        let document = &schema.document;
        assert_eq!(document["schemas"][0], "urn:ietf:params:scim:schemas:core:2.0:Schema");
        assert_eq!(document["meta"]["resourceType"], "Schema");
        assert_eq!(document["meta"]["location"], format!("/Schemas/{}", schema.id));
        for attribute in attributes_of(document) {
            assert!(OWN.iter().all(|own| attribute.get(own).is_none()), "{attribute}");
            let complex = attribute["type"] == "complex";
            for key in ["multiValued", "required", "caseExact", "mutability", "returned"] {
                assert!(attribute.get(key).is_some(), "{key} of {attribute}");
            }
            assert_eq!(attribute.get("uniqueness").is_some(), !complex, "EID 6004: {attribute}");
            assert_eq!(attribute.get("subAttributes").is_some(), complex, "{attribute}");
            let refers = attribute["type"] == "reference";
            assert_eq!(attribute.get("referenceTypes").is_some(), refers, "{attribute}");
        }
    }
}

#[test]
fn rfc_dsc35_to_dsc42_the_facts_of_user_group_and_enterprise() {
    let catalogue = catalogue();
    let user = &catalogue.by_name("User").unwrap().core;
    let name = named(user, "userName");
    assert!(name.required && !name.case_exact && name.precis && name.indexed);
    assert_eq!(name.uniqueness, Uniqueness::Server);
    let password = named(user, "password");
    assert_eq!((password.mutability, password.returned), (Mutability::WriteOnly, Returned::Never));
    assert_eq!(named(user, "groups").mutability, Mutability::ReadOnly);
    assert!(named(user, "groups").derived);
    assert_eq!(named(user, "x509Certificates.value").kind, Type::Binary);
    let group = &catalogue.by_endpoint("Groups").unwrap().core;
    assert!(named(group, "displayName").required && named(group, "members").relation);
    for sub in &named(group, "members").sub_attributes {
        // The display name of a member is ours to give (RFC 7643 §2.4), the rest is fixed.
        let readable = sub.name == "display";
        let fixed = if readable { Mutability::ReadOnly } else { Mutability::Immutable };
        assert_eq!(sub.mutability, fixed, "{}", sub.name);
    }
    let enterprise = &catalogue.by_name("User").unwrap().extensions[0].schema;
    assert!(named(enterprise, "manager.value").case_exact);
    assert_eq!(named(enterprise, "manager.displayName").mutability, Mutability::ReadOnly);
    let refs = &user.document["attributes"];
    let groups = refs.as_array().unwrap().iter().find(|one| one["name"] == "groups").unwrap();
    assert_eq!(groups["subAttributes"][1]["referenceTypes"], json!(["Group"]));
}

#[test]
fn rfc_dsc21_dsc22_dsc29_dsc30_dsc46_the_parts_fit_together() {
    let catalogue = catalogue();
    for rt in &catalogue.types {
        assert!(rt.core.attributes.iter().flat_map(|one| &one.sub_attributes).all(|sub| {
            sub.kind != Type::Complex && (sub.name == "$ref" || is_name(&sub.name))
        }));
        assert_eq!(rt.document["schema"], rt.core.id.as_str());
        assert_eq!(rt.document["id"], rt.name.as_str());
        assert_eq!(rt.document["meta"]["location"], format!("/ResourceTypes/{}", rt.name));
        for extension in &rt.extensions {
            assert!(catalogue.schema(&extension.schema.id.to_uppercase()).is_some());
        }
    }
    let user = catalogue.by_name("User").unwrap();
    assert_eq!(user.extensions.len(), 3);
    assert!(user.extensions.iter().all(|extension| !extension.required));
    assert!(user.document["schemaExtensions"].is_array());
    assert!(catalogue.by_endpoint("users").is_none() && catalogue.by_endpoint("/Users").is_none());
    assert!(user.common("externalId").is_some_and(|one| one.case_exact && one.indexed));
}

#[test]
fn rfc_dsc43_what_is_left_out_has_its_default() {
    let kind = r#"{"name": "Thing", "endpoint": "/Things", "schema": "URN:example:thing"}"#;
    let catalogue = Catalogue::read(&[("thing.json", SCHEMA)], &[("kind.json", kind)]).unwrap();
    let thing = catalogue.by_endpoint("Things").unwrap();
    let label = named(&thing.core, "label");
    assert_eq!(label.kind, Type::String);
    assert!(!label.required && !label.multi_valued && !label.case_exact && !label.indexed);
    assert_eq!(label.mutability, Mutability::ReadWrite);
    assert_eq!((label.returned, label.uniqueness), (Returned::Default, Uniqueness::None));
    let served = &thing.core.document["attributes"][0];
    assert_eq!((&served["type"], &served["uniqueness"]), (&json!("string"), &json!("none")));
    assert_eq!(catalogue.types.len(), 9);
}

#[test]
fn a_schema_that_cannot_be_used_is_refused_with_its_file_and_key() {
    let said = fault("{", "[]");
    assert_eq!((said.file.as_str(), said.key.as_str()), ("thing.json", "the whole file"));
    assert_eq!(fault(r#"{"attributes": [{"name": "a"}]}"#, "[]").key, "id");
    assert_eq!(fault(r#"{"id": "thing", "attributes": [{"name": "a"}]}"#, "[]").key, "id");
    let message = r#"{"id": "urn:ietf:params:scim:api:x", "attributes": [{"name": "a"}]}"#;
    assert_eq!(fault(message, "[]").key, "id");
    let user = SCHEMA.replace("example:Thing", "ietf:params:scim:schemas:core:2.0:user");
    assert_eq!(fault(&user, "[]").key, "id");
    assert_eq!(fault(r#"{"id": "urn:example:Thing"}"#, "[]").key, "attributes");
    for (attribute, key) in [
        (r#"{"type": "string"}"#, "attributes.[0].name"),
        (r#"{"name": "1a"}"#, "attributes.1a"),
        (r#"{"name": "$a"}"#, "attributes.$a"),
        (r#"{"name": "a b"}"#, "attributes.a b"),
        (r#"{"name": "a"}, {"name": "A"}"#, "attributes.A"),
        (r#"{"name": "a", "type": "text"}"#, "attributes.a.type"),
        (r#"{"name": "a", "required": "yes"}"#, "attributes.a.required"),
        (r#"{"name": "a", "mutability": "never"}"#, "attributes.a.mutability"),
        (r#"{"name": "a", "returned": 1}"#, "attributes.a.returned"),
        (r#"{"name": "a", "canonicalValues": [1]}"#, "attributes.a.canonicalValues"),
        (r#"{"name": "a", "referenceTypes": ["User"]}"#, "attributes.a.referenceTypes"),
        (r#"{"name": "a", "type": "complex"}"#, "attributes.a.subAttributes"),
        (r#"{"name": "a", "subAttributes": []}"#, "attributes.a.subAttributes"),
        (r#"{"name": "a", "relation": true}"#, "attributes.a.relation"),
        (r#"{"name": "a", "type": "boolean", "precis": true}"#, "attributes.a.precis"),
    ] {
        let said = fault_in(attribute);
        assert_eq!((said.file.as_str(), said.key.as_str()), ("thing.json", key), "{said}");
    }
    let nested = r#"{"name": "a", "type": "complex", "subAttributes": [
        {"name": "b", "type": "complex", "subAttributes": [{"name": "c"}]}]}"#;
    assert_eq!(fault_in(nested).key, "attributes.a.subAttributes.b.type");
}

#[test]
fn rfc_dsc46_a_resource_type_that_cannot_be_used_is_refused() {
    let kind = |name: &str, endpoint: &str, schema: &str| {
        format!(r#"{{"name": "{name}", "endpoint": "{endpoint}", "schema": "{schema}"}}"#)
    };
    let urn = "urn:example:Thing";
    for (kind, key) in [
        (kind("User", "/Things", urn), "[0].name"),
        (kind("user", "/Things", urn), "[0].name"),
        (kind("a b", "/Things", urn), "[0].name"),
        (kind("Thing", "Things", urn), "[0].endpoint"),
        (kind("Thing", "/Users", urn), "[0].endpoint"),
        (kind("Thing", "/users", urn), "[0].endpoint"),
        (kind("Thing", "/bulk", urn), "[0].endpoint"),
        (kind("Thing", "/", urn), "[0].endpoint"),
        (kind("Thing", "/a/b", urn), "[0].endpoint"),
        (kind("Thing", "/Things", "urn:example:none"), "[0].schema"),
        (kind("Thing", "/Things", "urn:ietf:params:scim:schemas:core:2.0:Schema"), "[0].schema"),
        (r#"{"name": "Thing", "schema": "urn:example:Thing"}"#.to_owned(), "[0].endpoint"),
        (
            r#"[{"name": "Thing", "endpoint": "/T", "schema": "urn:example:Thing",
                 "schemaExtensions": [{"schema": "urn:example:none"}]}]"#
                .to_owned(),
            "[0].schemaExtensions.[0].schema",
        ),
    ] {
        let said = fault(SCHEMA, &kind);
        assert_eq!((said.file.as_str(), said.key.as_str()), ("kinds.json", key), "{said}");
    }
}
