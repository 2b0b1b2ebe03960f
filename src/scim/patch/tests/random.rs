//! Random edits against a naive model.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use super::*;

const SIMPLE: [&str; 4] = ["title", "nickName", "externalId", "displayName"];

fn simple_operation() -> impl Strategy<Value = (&'static str, &'static str, Option<String>, bool)> {
    let op = proptest::sample::select(vec!["add", "replace", "remove"]);
    (
        op,
        proptest::sample::select(SIMPLE.to_vec()),
        proptest::option::of("[a-c]{1,2}"),
        any::<bool>(),
    )
}

proptest! {
    #[test]
    fn att07_random_patches_of_simple_attributes_equal_a_naive_model(
        operations in proptest::collection::vec(simple_operation(), 1..12)
    ) {
        let mut model = user();
        let mut list = Vec::new();
        for (op, name, value, by_path) in operations {
            let by_path = by_path || op == "remove";
            let value = if op == "remove" { None } else { value };
            list.push(match (op, by_path) {
                ("remove", _) => json!({"op": op, "path": name}),
                (_, true) => json!({"op": op, "path": name, "value": value}),
                (_, false) => json!({"op": op, "value": {name: value}}),
            });
            let model = model.as_object_mut().unwrap();
            match value {
                Some(value) => drop(model.insert(name.to_owned(), json!(value))),
                None => drop(model.remove(name)),
            }
        }
        let patched = patched_with("User", &user(), json!(list), &mut Tolerance::strict()).unwrap();
        let differing: BTreeSet<String> = SIMPLE.iter().filter(|name| model.get(**name) != user().get(**name)).map(|name| (*name).to_owned()).collect();
        prop_assert_eq!(patched.attributes.into_iter().collect::<BTreeSet<_>>(), differing);
        prop_assert_eq!(Value::Object(patched.document), model);
    }

    #[test]
    fn a_random_patch_never_panics_and_ends_canonical(
        operations in proptest::collection::vec((
            proptest::sample::select(vec!["add", "Replace", "remove"]),
            proptest::option::of(proptest::sample::select(vec![
                "emails", "emails.value", "emails[type eq \"work\"]", "emails[type eq \"x\"].value", "emails[primary eq true].primary",
                "name", "name.givenName", "manager", "manager.value", ENTERPRISE, USER, "active", "members", "addresses[region pr].region", "ims[type eq \"a\"]"])),
            proptest::option::of(proptest::sample::select(vec![
                json!("x"), json!(true), json!(null), json!([]), json!({}), json!([{"value": "v", "primary": true}]), json!({"value": "v", "type": "work"}),
                json!({"emails": [{"value": "w", "primary": "True"}]}), json!({"givenName": ""}), json!({"name.givenName": "x"}), json!({"manager": "u"})])),
        ), 1..6)
    ) {
        let list: Vec<Value> = operations.into_iter().map(|(op, path, value)| {
            let mut operation = json!({"op": op});
            if let Some(path) = path {
                operation["path"] = json!(path);
            }
            if let Some(value) = value {
                operation["value"] = value;
            }
            operation
        }).collect();
        let mut tolerance = Tolerance::lenient();
        if let Ok(patched) = patched_with("User", &user(), json!(list), &mut tolerance) {
            let mut again = patched.document.clone();
            resource::finish(&resource_type("User"), &mut again).unwrap();
            prop_assert_eq!(&again, &patched.document);
            let primaries = |name: &str| patched.document.get(name).and_then(Value::as_array).map_or(0, |list|
                list.iter().filter(|element| element["primary"] == true).count());
            prop_assert!(primaries("emails") < 2);
            let blank = |value: &Value| value.is_null() || *value == json!([]) || *value == json!({});
            prop_assert!(!patched.document.values().any(blank));
        }
    }

    #[test]
    fn no_path_panics(text in "(?s).{0,40}", inner in "[a-z\\[\\]().\" ]{0,30}") {
        for text in [text, format!("emails[{inner}].value"), inner] {
            let operations = one("replace", &text, json!("x"));
            let _ = patched_with("User", &user(), operations, &mut Tolerance::lenient());
        }
    }
}
