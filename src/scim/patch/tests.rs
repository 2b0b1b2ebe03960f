use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::eval;
use crate::scim::filter::parse;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::resource;
use crate::scim::schema::Catalogue;
use crate::scim::schema::ResourceType;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn resource_type(name: &str) -> Arc<ResourceType> {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());
    CATALOGUE.by_name(name).unwrap().clone()
}

fn user() -> Value {
    json!({
        "schemas": [USER],
        "externalId": "x-1", "userName": "bjensen", "displayName": "Babs", "title": "Nurse",
        "active": true,
        "name": {"familyName": "Jensen", "givenName": "Barbara"},
        "emails": [
            {"value": "a@x.example", "type": "work", "primary": true},
            {"value": "b@x.example", "type": "home"}
        ],
        "addresses": [
            {"region": "ON", "locality": "Kenora", "type": "work"},
            {"region": "MB", "locality": "Winnipeg", "type": "work"}
        ]
    })
}

fn patched_with(
    rt: &str,
    current: &Value,
    operations: Value,
    tolerance: &mut Tolerance,
) -> Result<Patched, Error> {
    let body = json!({"schemas": [PATCH_OP], "Operations": operations});
    let operations = read(body, tolerance)?;
    apply(&resource_type(rt), current.as_object().unwrap(), operations, tolerance)
}

fn patched(operations: Value) -> Result<Value, Error> {
    patched_with("User", &user(), operations, &mut Tolerance::lenient())
        .map(|patched| Value::Object(patched.document))
}

/// The JSON pointers in `expected` hold after `operations`; null means absent.
fn becomes(operations: Value, expected: Value) {
    let document = patched(operations.clone()).unwrap_or_else(|e| panic!("{operations}: {e}"));
    for (pointer, expected) in expected.as_object().unwrap() {
        let pointer = pointer.replace("ENT", ENTERPRISE);
        let found = document.pointer(&pointer).unwrap_or(&Value::Null);
        assert_eq!(found, expected, "{pointer} after {operations} in {document}");
    }
}

fn refused(operations: Value, kind: ScimType) {
    match patched(operations.clone()) {
        Ok(document) => panic!("{operations} accepted: {document}"),
        Err(error) => {
            assert_eq!(error.kind, kind, "{operations}: {error}");
            assert!(error.detail.starts_with("operation 1: "), "{error}");
        }
    }
}

fn one(op: &str, path: &str, value: Value) -> Value {
    json!([{"op": op, "path": path, "value": value}])
}

fn edits(operations: Value) -> Vec<RelationChange> {
    let group = json!({"displayName": "Labs"});
    let patched = patched_with("Group", &group, operations, &mut Tolerance::lenient()).unwrap();
    assert!(!patched.document.contains_key("members"));
    patched.edits.into_iter().map(|edit| edit.change).collect()
}

fn member(id: &str) -> Value {
    json!({"value": id, "type": "User"})
}

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
fn rfc_pat11_to_pat27_add() {
    let c = json!({"value": "c@x.example", "type": "other"});
    becomes(
        json!([{"op": "add", "value": {"nickName": "B", "emails": [c]}}]),
        json!({"/nickName": "B", "/emails/2/value": "c@x.example"}),
    );
    becomes(one("add", "nickName", json!("B")), json!({"/nickName": "B"}));
    becomes(one("add", "NICKNAME", json!("B")), json!({"/nickName": "B"}));
    becomes(one("add", &format!("{USER}:nickName"), json!("B")), json!({"/nickName": "B"}));
    becomes(one("add", "title", json!("Porter")), json!({"/title": "Porter"}));
    becomes(
        one("add", "emails", json!([c, {"value": "d@x.example"}])),
        json!({"/emails/2/type": "other", "/emails/3/value": "d@x.example"}),
    );
    becomes(
        one("add", "emails", c),
        json!({"/emails/0/value": "a@x.example", "/emails/2/type": "other"}),
    );
    becomes(
        one("add", "name", json!({"givenName": "B"})),
        json!({"/name/givenName": "B", "/name/familyName": "Jensen"}),
    );
    becomes(
        one("add", "name.middleName", json!("J")),
        json!({"/name/middleName": "J", "/name/familyName": "Jensen"}),
    );
    becomes(
        one("add", "emails", json!({"value": "c@x.example", "primary": true})),
        json!({"/emails/0/primary": false, "/emails/2/primary": true}),
    );
    becomes(
        one("add", "emails", json!({"value": "b@x.example", "type": "home", "primary": true})),
        json!({"/emails/0/primary": false, "/emails/1/primary": true, "/emails/2": null}),
    );
    becomes(
        one("replace", "emails[value eq \"b@x.example\"].primary", json!(true)),
        json!({"/emails/0/primary": false, "/emails/1/primary": true}),
    );
    becomes(
        one("add", &format!("{ENTERPRISE}:employeeNumber"), json!("N-1")),
        json!({"/ENT/employeeNumber": "N-1", "/schemas/1": ENTERPRISE}),
    );
    becomes(
        json!([{"op": "add", "value": {ENTERPRISE: {"department": "D"}}}]),
        json!({"/ENT/department": "D", "/schemas/1": ENTERPRISE}),
    );
    becomes(one("add", ENTERPRISE, json!({"department": "D"})), json!({"/ENT/department": "D"}));
    becomes(
        one("add", "addresses[type eq \"work\" and region eq \"ON\"].country", json!("CA")),
        json!({"/addresses/0/country": "CA", "/addresses/1/country": null}),
    );
    becomes(
        one("add", "emails[type eq \"other\"].value", json!("c@x.example")),
        json!({"/emails/2": {"value": "c@x.example", "type": "other"}}),
    );
    becomes(one("add", USER, json!({"title": "Porter"})), json!({"/title": "Porter"}));
}

#[test]
fn rfc_pat18_adding_what_is_there_changes_nothing() {
    let cases = [
        one("add", "emails", json!({"value": "a@x.example", "type": "work"})),
        one("add", "title", json!("Nurse")),
        one("add", "active", json!("True")),
        one("add", "schemas", json!([ENTERPRISE])),
        one("remove", "emails[type eq \"other\"]", json!(null)),
        json!([{"op": "remove", "path": "nickName"}]),
        json!([{"op": "remove", "path": format!("{ENTERPRISE}:manager")}]),
        one("replace", "name", json!({})),
        json!([{"op": "replace", "value": {"id": "g", "meta": {}, "groups": [], "schemas": []}}]),
    ];
    for operations in cases {
        let mut tolerance = Tolerance::lenient();
        let patched = patched_with("User", &user(), operations.clone(), &mut tolerance).unwrap();
        assert_eq!(Value::Object(patched.document), user(), "{operations}");
        assert_eq!(patched.attributes, [""; 0], "{operations}");
    }
}

#[test]
fn rfc_pat29_to_pat37_remove() {
    let remove = |path: &str| json!([{"op": "remove", "path": path}]);
    becomes(remove("title"), json!({"/title": null, "/userName": "bjensen"}));
    becomes(remove("emails"), json!({"/emails": null}));
    becomes(
        remove("emails[value eq \"A@x.example\"]"),
        json!({"/emails/0/value": "b@x.example", "/emails/1": null}),
    );
    becomes(
        remove("emails[type eq \"work\" and value ew \"x.example\"]"),
        json!({"/emails/0/type": "home"}),
    );
    becomes(remove("emails[value ew \"x.example\"]"), json!({"/emails": null}));
    becomes(remove("emails[primary eq true]"), json!({"/emails/0/type": "home"}));
    becomes(
        remove("emails[not (type eq \"home\")]"),
        json!({"/emails/0/type": "home", "/emails/1": null}),
    );
    becomes(remove("name.givenName"), json!({"/name": {"familyName": "Jensen"}}));
    becomes(
        remove("addresses[region eq \"ON\"].region"),
        json!({"/addresses/0": {"locality": "Kenora", "type": "work"}, "/addresses/1/region": "MB"}),
    );
    becomes(
        remove("emails[type eq \"work\"].value"),
        json!({"/emails/0/type": "home", "/emails/1": null}),
    );
    becomes(
        one("remove", "emails", json!([{"value": "a@x.example"}])),
        json!({"/emails/0/type": "home", "/emails/1": null}),
    );
    let department = format!("{ENTERPRISE}:department");
    becomes(
        json!([{"op": "add", "path": department, "value": "D"}, {"op": "remove", "path": department}]),
        json!({"/ENT": null, "/schemas/1": null}),
    );
    becomes(
        json!([{"op": "add", "path": department, "value": "D"}, {"op": "remove", "path": ENTERPRISE}]),
        json!({"/ENT": null}),
    );
    refused(json!([{"op": "remove"}]), ScimType::NoTarget);
    refused(json!([{"op": "remove", "value": {"title": "x"}}]), ScimType::NoTarget);
    refused(remove(USER), ScimType::NoTarget);
    for path in ["userName", "id", "groups", "meta", "meta.created", "schemas", "ID"] {
        refused(remove(path), ScimType::Mutability);
    }
}

#[test]
fn rfc_pat38_to_pat45_replace() {
    becomes(
        json!([{"op": "replace", "value": {"nickName": "B", "displayName": "D"}}]),
        json!({"/nickName": "B", "/displayName": "D"}),
    );
    becomes(
        one("replace", "emails", json!([{"value": "c@x.example"}])),
        json!({"/emails": [{"value": "c@x.example"}]}),
    );
    becomes(one("replace", "nickName", json!("B")), json!({"/nickName": "B"}));
    becomes(
        one("replace", "name", json!({"givenName": "B"})),
        json!({"/name/givenName": "B", "/name/familyName": "Jensen"}),
    );
    becomes(
        one("replace", "name", json!({"givenName": null})),
        json!({"/name": {"familyName": "Jensen"}}),
    );
    becomes(
        one("replace", "addresses[type eq \"work\"]", json!({"region": "NU"})),
        json!({"/addresses": [{"region": "NU", "type": "work"}]}),
    );
    becomes(
        one("replace", "addresses[type eq \"work\"].region", json!("NU")),
        json!({"/addresses/0/region": "NU", "/addresses/1/region": "NU", "/addresses/0/locality": "Kenora"}),
    );
    becomes(one("replace", "title", json!(null)), json!({"/title": null}));
    becomes(one("replace", "emails", json!([])), json!({"/emails": null}));
    becomes(one("replace", "externalId", json!(null)), json!({"/externalId": null}));
    for filter in [
        "type eq \"x\" or type eq \"y\"",
        "type sw \"x\"",
        "not (type pr)",
        "type eq null",
        "type eq \"x\" and type eq \"y\"",
    ] {
        refused(
            one("replace", &format!("emails[{filter}].value"), json!("c@x.example")),
            ScimType::NoTarget,
        );
    }
    let none = one("replace", "emails[type eq \"none\"].value", json!("c@x.example"));
    let strict = patched_with("User", &user(), none, &mut Tolerance::strict()).unwrap_err();
    assert_eq!(strict.kind, ScimType::NoTarget);
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
fn att09_an_attribute_has_a_thousand_values_at_most() {
    let add = |n: usize| json!({"op": "add", "path": "emails", "value": {"value": format!("{n}@x.example")}});
    let fits: Vec<Value> = (2..resource::MOST_VALUES).map(add).collect();
    let document = patched(json!(fits)).unwrap();
    assert_eq!(document["emails"].as_array().unwrap().len(), resource::MOST_VALUES);
    let over: Vec<Value> = (2..=resource::MOST_VALUES).map(add).collect();
    assert_eq!(patched(json!(over)).unwrap_err().kind, ScimType::InvalidValue);
}

#[test]
fn att06_a_failing_operation_leaves_nothing_and_is_named() {
    let operations = json!([
        {"op": "replace", "path": "displayName", "value": "X"},
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "z@x.example"},
        {"op": "replace", "path": "id", "value": "X"}
    ]);
    let current = user();
    let error = patched_with("User", &current, operations, &mut Tolerance::lenient()).unwrap_err();
    assert_eq!(current, user());
    assert_eq!(error.kind, ScimType::Mutability);
    assert!(error.detail.starts_with("operation 3: "), "{error}");
    becomes(
        json!([
            {"op": "add", "path": "emails", "value": {"value": "c@x.example", "type": "other"}},
            {"op": "replace", "path": "emails[type eq \"other\"].value", "value": "d@x.example"}
        ]),
        json!({"/emails/2/value": "d@x.example", "/emails/3": null}),
    );
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

#[test]
fn rfc_pat56_to_pat63_members_become_edits() {
    let add = |ids: &[&str]| RelationChange::Add(ids.iter().map(|id| member(id)).collect());
    assert_eq!(
        edits(one(
            "add",
            "members",
            json!([{"$ref": null, "value": "u-1"}, {"value": "u-2", "display": null}])
        )),
        [add(&["u-1", "u-2"])]
    );
    assert_eq!(edits(one("add", "Members", json!({"value": "u-1"}))), [add(&["u-1"])]);
    assert_eq!(
        edits(one("add", "members", json!({"members": [{"value": "u-1"}]}))),
        [add(&["u-1"])]
    );
    assert_eq!(
        edits(json!([{"op": "add", "value": {"members": [{"value": "u-1"}]}}])),
        [add(&["u-1"])]
    );
    assert_eq!(edits(one("add", "members", json!([]))), []);
    assert_eq!(
        edits(json!([{"op": "remove", "path": "members[value eq \"u-1\"]"}])),
        [RelationChange::Remove(vec!["u-1".into()])]
    );
    assert_eq!(
        edits(json!([{"op": "remove", "path": "members[value eq \"u-1\" or value eq \"u-2\"]"}])),
        [RelationChange::Remove(vec!["u-1".into(), "u-2".into()])]
    );
    assert_eq!(edits(json!([{"op": "remove", "path": "members"}])), [RelationChange::Clear]);
    assert_eq!(
        edits(one("replace", "members", json!([{"value": "u-3"}]))),
        [RelationChange::Replace(vec![member("u-3")])]
    );
    assert_eq!(edits(one("replace", "members", json!([]))), [RelationChange::Replace(vec![])]);
    let several = json!([
        {"op": "remove", "path": "members"}, {"op": "add", "path": "members", "value": [{"value": "u-1"}]},
        {"op": "add", "path": "members", "value": [{"value": "u-2"}]}, {"op": "replace", "path": "displayName", "value": "X"},
        {"op": "remove", "path": "members[type eq \"Group\"]"}
    ]);
    let [clear, added, filtered] = <[RelationChange; 3]>::try_from(edits(several)).unwrap();
    assert_eq!((clear, added), (RelationChange::Clear, add(&["u-1", "u-2"])));
    assert!(matches!(filtered, RelationChange::RemoveWhere(_)));
}

#[test]
fn idp67_members_are_removed_by_list_or_all_but_never_by_accident() {
    let ids =
        |ids: &[&str]| RelationChange::Remove(ids.iter().map(|id| (*id).to_owned()).collect());
    assert_eq!(
        edits(one("Remove", "members", json!([{"value": "u-1"}, {"$ref": null, "Value": "u-2"}]))),
        [ids(&["u-1", "u-2"])]
    );
    assert_eq!(
        edits(one("remove", "members", json!({"members": [{"value": "u-1"}]}))),
        [ids(&["u-1"])]
    );
    assert_eq!(edits(one("remove", "members", json!(["u-1"]))), [ids(&["u-1"])]);
    assert_eq!(edits(one("remove", "members", json!([]))), []);
    for value in [json!(null), json!([null]), json!([{}]), json!({}), json!(7)] {
        let group = json!({"displayName": "Labs"});
        let error = patched_with(
            "Group",
            &group,
            one("remove", "members", value),
            &mut Tolerance::lenient(),
        )
        .unwrap_err();
        assert_eq!(error.kind, ScimType::InvalidValue);
    }
}

#[test]
fn rfc_grp04_parts_of_members_do_not_change() {
    let group = json!({"displayName": "Labs"});
    let cases = [
        one("replace", "members[value eq \"a\"].value", json!("b")),
        one("add", "members[value eq \"a\"]", json!({"value": "b"})),
        one("replace", "members.value", json!("b")),
        json!([{"op": "remove", "path": "members[value eq \"a\"].display"}]),
        json!([{"op": "remove", "path": "displayName"}]),
    ];
    for operations in cases {
        let error = patched_with("Group", &group, operations.clone(), &mut Tolerance::lenient())
            .unwrap_err();
        assert_eq!(error.kind, ScimType::Mutability, "{operations}");
    }
    let unfit = json!([{"op": "remove", "path": "members[noSuch eq \"a\"]"}]);
    let error = patched_with("Group", &group, unfit, &mut Tolerance::lenient()).unwrap_err();
    assert_eq!(error.kind, ScimType::InvalidFilter);
}

/// What a fixture shows is what is noted when it is read: no more, no less.
#[test]
fn every_fixture_is_read_and_counted_as_it_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/clients");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for fixture in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
            let expected: BTreeSet<&str> =
                fixture["quirks"].as_array().unwrap().iter().map(|q| q.as_str().unwrap()).collect();
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
            path.map(|path| operation["path"] = json!(path));
            value.map(|value| operation["value"] = value);
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
