//! What PATCH refuses, and with which word.

use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use super::*;
use crate::scim::schema::Mutability;

#[test]
fn rfc_pat01_to_pat03_bodies_that_are_no_patch_are_refused() {
    let operation = json!({"op": "replace", "path": "title", "value": "x"});
    let many = vec![operation.clone(); MOST_OPERATIONS + 1];
    let cases = [
        json!([]),
        json!({"schemas": [PATCH_OP]}),
        json!({"schemas": [PATCH_OP], "Operations": []}),
        json!({"schemas": [PATCH_OP], "Operations": operation}),
        json!({"schemas": [PATCH_OP], "Operations": ["x"]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"path": "title", "value": "x"}]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "move", "path": "title"}]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "replce", "path": "active", "value": false}]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": "members", "valeu": []}]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "add", "Op": "remove", "path": "title"}]}),
        json!({"schemas": [PATCH_OP], "Operations": many}),
    ];
    for body in cases {
        let error = read(body, &mut Tolerance::lenient()).unwrap_err();
        assert_eq!(error.kind, ScimType::InvalidSyntax, "{error}");
    }
    let bare = json!({"Operations": [operation]});
    assert!(read(bare.clone(), &mut Tolerance::strict()).is_err());
    assert_eq!(read(bare, &mut Tolerance::lenient()).map(|read| read.len()), Ok(1));
    let many = vec![json!({"op": "remove", "path": "title"}); MOST_OPERATIONS];
    let body = json!({"schemas": [PATCH_OP], "operations": many});
    assert_eq!(read(body, &mut Tolerance::strict()).map(|read| read.len()), Ok(MOST_OPERATIONS));
}

#[test]
fn rfc_pat46_to_pat54_refusals() {
    for path in
        ["id", "groups", "meta.created", "meta", &format!("{USER}:ID"), "Groups[value eq \"x\"]"]
    {
        refused(one("replace", path, json!("x")), ScimType::Mutability);
    }
    let bad = [
        "..x",
        "nick name",
        "noSuch",
        "name.noSuch",
        "emails[0]",
        "emails[0].value",
        "/emails/0",
        "/title",
        "emails[type eq",
        "emails[type eq \"work\"]value",
        "emails[type eq \"work\"].value.x",
        "emails.value[type eq \"x\"]",
        "emails[]",
        "Active ",
        "",
        "active.value",
        "actve",
        "emails[type eq \"work\"].noSuch",
        "urn:example:x",
        "isAdmin",
        "__proto__",
        "userName[value eq \"x\"]",
        "a.b.c.d.e.f.g.h.i",
        "name[givenName eq \"x\"].familyName",
    ];
    for path in bad {
        refused(one("replace", path, json!("x")), ScimType::InvalidPath);
    }
    let long = "a.".repeat(8_001);
    refused(one("replace", &long, json!("x")), ScimType::InvalidPath);
    for filter in [
        "type xx \"work\"",
        "noSuch eq \"x\"",
        "type eq",
        "primary gt true",
        "primary eq \"maybe\"",
        "type eq \"x\" and",
        "(type pr",
        "a[b pr]",
    ] {
        let path = format!("emails[{filter}].value");
        let error = patched(one("replace", &path, json!("x"))).unwrap_err();
        assert!(matches!(error.kind, ScimType::InvalidFilter | ScimType::InvalidPath), "{filter}");
    }
    refused(json!([{"op": "add", "path": "nickName"}]), ScimType::InvalidValue);
    refused(json!([{"op": "replace", "path": 5, "value": "x"}]), ScimType::InvalidPath);
    for value in [json!({}), json!([]), json!(false), json!("x"), Value::Null] {
        refused(json!([{"op": "replace", "value": value}]), ScimType::InvalidValue);
    }
    refused(
        one("add", "emails[primary eq true or type eq \"home\"].primary", json!(true)),
        ScimType::InvalidValue,
    );
}

/// The user type with some attributes that are set once.
fn with_immutable(names: &[&str]) -> ResourceType {
    let mut rt = (*resource_type("User")).clone();
    let mut core = (*rt.core).clone();
    for attribute in &mut core.attributes {
        for sub in &mut attribute.sub_attributes {
            if names.contains(&sub.name.as_str()) {
                sub.mutability = Mutability::Immutable;
            }
        }
        if names.contains(&attribute.name.as_str()) {
            attribute.mutability = Mutability::Immutable;
        }
    }
    rt.core = Arc::new(core);
    rt
}

#[test]
fn rfc_pat47_what_is_set_once_does_not_change() {
    let rt = with_immutable(&["title", "nickName", "emails", "region", "givenName"]);
    let result = |operations: Value| {
        let mut tolerance = Tolerance::lenient();
        let body = json!({"schemas": [PATCH_OP], "Operations": operations});
        let operations = read(body, &mut tolerance).unwrap();
        let current = user();
        apply(&rt, current.as_object().unwrap(), operations, &mut tolerance).map(drop)
    };
    let fine = [
        one("replace", "title", json!("Nurse")),
        one("add", "nickName", json!("B")),
        one("replace", "name", json!({"givenName": "Barbara", "familyName": "J"})),
        one("add", "emails", json!({"value": "a@x.example"})),
        one("replace", "addresses[region eq \"ON\"].locality", json!("Dryden")),
        json!([{"op": "remove", "path": "nickName"}]),
    ];
    for operations in fine {
        assert_eq!(result(operations.clone()), Ok(()), "{operations}");
    }
    let fixed = [
        one("replace", "title", json!("Porter")),
        one("replace", "title", json!(null)),
        json!([{"op": "remove", "path": "title"}]),
        json!([{"op": "replace", "value": {"title": "Porter"}}]),
        one("replace", "name", json!({"givenName": "B"})),
        one("replace", "name", json!({"givenName": null})),
        one("replace", "name.givenName", json!("B")),
        json!([{"op": "remove", "path": "name.givenName"}]),
        one("add", "emails", json!({"value": "c@x.example"})),
        json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]),
        one("replace", "emails.type", json!("other")),
        one("replace", "addresses[region eq \"ON\"].region", json!("NU")),
        one("replace", "addresses[region eq \"ON\"]", json!({"region": "NU"})),
    ];
    for operations in fixed {
        let error = result(operations.clone()).unwrap_err();
        assert_eq!(error.kind, ScimType::Mutability, "{operations}");
    }
}

#[test]
fn a_patch_that_asks_for_too_much_is_refused() {
    let list: Vec<Value> =
        (0..resource::MOST_VALUES).map(|n| json!({"value": format!("{n}@x.example")})).collect();
    let mut current = user();
    current["emails"] = json!(list);
    let remove = json!({"op": "remove", "path": "emails[value co \"no one\"]"});
    let turns = MOST_WORK / (resource::MOST_VALUES + 1);
    for (count, fine) in [(turns, true), (turns + 1, false)] {
        let operations = json!(vec![remove.clone(); count]);
        let result = patched_with("User", &current, operations, &mut Tolerance::lenient());
        assert_eq!(result.map(drop).map_err(|error| error.kind).is_ok(), fine);
    }
}

#[test]
fn flt01_deep_paths_are_refused_on_a_small_stack() {
    let test = || {
        for count in [21, 40, 1_000, 4_000, 100_000] {
            for open in ["(", "not(", "a[", "[", "a."] {
                let path = format!("emails[{}", open.repeat(count));
                assert!(target::Path::parse(&path, &mut Tolerance::lenient()).is_err());
                let path = format!("emails[{}type pr{}]", "(".repeat(count), ")".repeat(count));
                assert!(target::Path::parse(&path, &mut Tolerance::lenient()).is_err());
            }
        }
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(test).unwrap().join().unwrap();
}
