//! The PATCH rows of the requirement matrix, as tables.

mod clients;
mod members;
mod random;
mod refusals;

use std::sync::Arc;
use std::sync::LazyLock;

use serde_json::Value;
use serde_json::json;

use super::*;
use crate::scim::error::Error;
use crate::scim::error::ScimType;
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
        one("add", "emails", json!({"value": "a@x.example"})),
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
