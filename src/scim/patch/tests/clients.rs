//! The shapes that clients really send, edit by edit.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::*;
use crate::scim::filter::eval;
use crate::scim::filter::parse;
use crate::scim::quirks::Quirk;

#[test]
fn att04_active_takes_true_and_false_only() {
    for value in [json!("False"), json!("false"), json!(false)] {
        becomes(one("Replace", "active", value.clone()), json!({"/active": false}));
        becomes(json!([{"op": "replace", "value": {"active": value}}]), json!({"/active": false}));
    }
    for value in [json!(0), json!("no"), json!("0"), json!(null), json!([]), json!({})] {
        refused(one("replace", "active", value.clone()), ScimType::InvalidValue);
        refused(json!([{"op": "replace", "value": {"active": value}}]), ScimType::InvalidValue);
    }
}

#[test]
fn idp57_qualified_keys_stand_for_paths() {
    let number = format!("{ENTERPRISE}:employeeNumber");
    let operations = json!([{"op": "replace", "value": {
        "displayName": "I. Quarrie", "name.givenName": "Inès", "ACTIVE": false, number: "N-118",
        ENTERPRISE: {"department": "T3", "manager.value": "u-9", "noSuch": 1},
        USER: {"title": "Clerk"}, "emails[type eq \"work\"].value": "q@x.example", "shoeSize": 43, "1x": 2
    }}]);
    becomes(
        operations.clone(),
        json!({"/name/givenName": "Inès", "/name/familyName": "Jensen", "/active": false,
        "/ENT/employeeNumber": "N-118", "/ENT/department": "T3", "/ENT/manager/value": "u-9", "/title": "Clerk",
        "/emails/0/value": "q@x.example", "/shoeSize": null, "/name.givenName": null}),
    );
    let strict = patched_with("User", &user(), operations, &mut Tolerance::strict());
    assert!(strict.is_err());
    let mut tolerance = Tolerance::strict();
    let plain =
        json!([{"op": "replace", "value": {"title": "Clerk", ENTERPRISE: {"department": "T3"}}}]);
    let patched = patched_with("User", &user(), plain, &mut tolerance).unwrap();
    assert_eq!(
        patched.attributes,
        ["schemas".to_owned(), "title".into(), format!("{ENTERPRISE}:department")]
    );
}

#[test]
fn idp58_operations_with_the_same_filter_fill_one_element() {
    becomes(
        json!([
            {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "0470 11 22 33"},
            {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].display", "value": "Ines, at night"},
            {"op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].Primary", "value": "True"}
        ]),
        json!({"/phoneNumbers": [{"value": "0470 11 22 33", "display": "Ines, at night", "type": "mobile", "primary": true}]}),
    );
    becomes(
        json!([
            {"op": "Add", "path": "roles[primary eq \"True\"].display", "value": "Ward clerk"},
            {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "ward-clerk"}
        ]),
        json!({"/roles": [{"value": "ward-clerk", "display": "Ward clerk", "primary": true}]}),
    );
    becomes(
        one(
            "add",
            "emails[type eq \"other\" and primary eq true]",
            json!({"value": "c@x.example"}),
        ),
        json!({"/emails/0/primary": false, "/emails/2": {"value": "c@x.example", "type": "other", "primary": true}}),
    );
    becomes(
        one("replace", "emails[type eq \"other\"].value", json!(null)),
        json!({"/emails/2": null}),
    );
}

#[test]
fn idp60_manager_in_all_its_shapes() {
    let full = format!("{ENTERPRISE}:manager");
    let link = json!({"$ref": "https://gw.example/scim/v2/Users/u-9", "value": "u-9"});
    for path in ["manager", full.as_str()] {
        for value in [
            json!([link]),
            link.clone(),
            json!("u-9"),
            json!({"Value": "u-9", "displayName": "Forged"}),
        ] {
            becomes(
                one("Add", path, value),
                json!({"/ENT/manager/value": "u-9", "/ENT/manager/displayName": null}),
            );
        }
        for value in [
            json!(""),
            json!(null),
            json!({"value": ""}),
            json!({"value": null}),
            json!([]),
            json!({}),
        ] {
            for op in ["Replace", "Add", "Remove"] {
                let operations = json!([{"op": "add", "path": path, "value": link}, {"op": op, "path": path, "value": value}]);
                becomes(operations, json!({"/ENT": null}));
            }
        }
    }
    becomes(
        json!([{"op": "add", "path": full, "value": link}, {"op": "replace", "path": full, "value": {"displayName": "Forged"}}]),
        json!({"/ENT/manager/value": "u-9"}),
    );
    becomes(
        json!([{"op": "add", "path": full, "value": link}, {"op": "replace", "path": "manager.value", "value": ""}]),
        json!({"/ENT": null}),
    );
    becomes(
        one("replace", &format!("{full}.value"), json!("u-7")),
        json!({"/ENT/manager": {"value": "u-7"}}),
    );
}

#[test]
fn att03_a_password_is_dropped() {
    for operations in [
        one("replace", "password", json!("CANARY")),
        json!([{"op": "replace", "value": {"password": "CANARY"}}]),
    ] {
        let mut tolerance = Tolerance::lenient();
        let patched = patched_with("User", &user(), operations, &mut tolerance).unwrap();
        assert_eq!(Value::Object(patched.document), user());
        assert!(tolerance.take_seen().iter().any(|seen| seen.quirk == Quirk::PasswordDropped));
    }
}

/// What lies around the message and is seen by the doors alone.
const AROUND: [&str; 2] = ["odd-slash", "bare-token"];

/// What a fixture shows is what is noted when it is read: no more, no less.
#[test]
fn every_fixture_is_read_and_counted_as_it_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/clients");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for fixture in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
            let mut expected: BTreeSet<&str> =
                fixture["quirks"].as_array().unwrap().iter().map(|q| q.as_str().unwrap()).collect();
            expected.retain(|name| !AROUND.contains(name));
            let seen = replay(&fixture);
            let seen: BTreeSet<&str> = seen.iter().map(|quirk| quirk.name()).collect();
            assert_eq!(seen, expected, "{fixture}");
        }
    }
}

fn replay(fixture: &Value) -> Vec<Quirk> {
    let mut tolerance = Tolerance::lenient();
    let path = fixture["path"].as_str().unwrap();
    let name = if path.starts_with("/Groups") { "Group" } else { "User" };
    let rt = resource_type(name);
    match fixture["method"].as_str().unwrap() {
        "PATCH" => {
            let current = json!({"userName": "someone", "displayName": "Some One"});
            let operations = read(fixture["body"].clone(), &mut tolerance).unwrap();
            apply(&rt, current.as_object().unwrap(), operations, &mut tolerance).unwrap();
        }
        "GET" => {
            let (_, query) = path.split_once("filter=").unwrap();
            let query = query.split('&').next().unwrap().replace('+', " ");
            let text = query.replace("%20", " ").replace("%22", "\"");
            let filter = parse::parse(&text, 8_192, &mut tolerance).unwrap();
            eval::check(&rt, &filter, &mut tolerance).unwrap();
        }
        _ => {
            let body = fixture["body"].clone();
            resource::accept(&rt, body, resource::Purpose::Create, &mut tolerance).unwrap();
        }
    }
    tolerance.take_seen().into_iter().map(|seen| seen.quirk).collect()
}
