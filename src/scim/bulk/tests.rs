use std::collections::HashMap;

use serde_json::json;

use super::*;

fn read(operations: Value) -> Request {
    let body = json!({"schemas": [BULK_REQUEST], "Operations": operations});
    Request::read(body, &mut Tolerance::strict()).unwrap()
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> =
        members.iter().map(|of| json!({"value": format!("bulkId:{of}")})).collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": name,
        "data": {"displayName": name, "members": members}})
}

fn order(request: &Request) -> Vec<(usize, Option<Blocked>)> {
    plan(request).iter().map(|step| (step.index, step.blocked)).collect()
}

#[test]
fn rfc_blk02_all_methods_are_read() {
    let request = read(json!([
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "mara"}},
        {"method": "put", "path": "/Users/7", "data": {}, "version": "W/\"3\""},
        {"method": "Patch", "path": "Users/bulkId:u", "data": {"Operations": []}},
        {"method": "DELETE", "path": "/Groups/9", "data": null},
    ]));
    let of = |turn: usize| request.operations[turn].clone().unwrap();
    assert_eq!((of(0).method, of(0).endpoint.as_str()), (Method::Post, "Users"));
    assert_eq!((of(0).target, of(0).bulk_id.as_deref()), (None, Some("u")));
    assert_eq!(of(1).target, Some(Target::Id("7".into())));
    assert_eq!(of(1).version.as_deref(), Some("W/\"3\""));
    assert_eq!(of(2).target, Some(Target::BulkId("u".into())));
    assert_eq!((of(3).method, of(3).data), (Method::Delete, Value::Null));
}

#[test]
fn rfc_blk18_blk20_blk26_what_lacks_a_piece_is_an_error_of_its_own() {
    for bad in [
        json!({"method": "POST", "path": "/Users", "data": {}}),
        json!({"method": "POST", "path": "/Users", "bulkId": "", "data": {}}),
        json!({"method": "POST", "path": "/Users", "bulkId": "a"}),
        json!({"method": "POST", "path": "/Users/1", "bulkId": "a", "data": {}}),
        json!({"method": "PUT", "path": "/Users/1"}),
        json!({"method": "PATCH", "path": "/Users", "data": {}}),
        json!({"method": "DELETE", "path": "/Users"}),
        json!({"method": "DELETE"}),
        json!({"path": "/Users/1"}),
        json!({"method": "GET", "path": "/Users/1"}),
        json!({"method": "TRACE", "path": "/Users/1"}),
        json!({"method": "PUT", "path": "/Users/1", "data": {}, "version": 3}),
        json!("DELETE"),
    ] {
        let good = json!({"method": "DELETE", "path": "/Users/1"});
        let request = read(json!([bad, good]));
        assert!(request.operations[0].is_err(), "{:?}", request.operations[0]);
        assert!(request.operations[1].is_ok());
    }
}

#[test]
fn blk03_paths_are_two_plain_words() {
    for path in [
        "/Users/../Groups/x",
        "/Users/..",
        "//Users/1",
        "/Users/1/2",
        "/Users/1?a=b",
        "/Users/",
        "https://gw.example/scim/v2/Users/1",
        "/Users/%2e",
        "/Users/a b",
        "/",
        "",
        "/./1",
    ] {
        let request = read(json!([{"method": "DELETE", "path": path}]));
        let refused = request.operations[0].clone().unwrap_err();
        assert_eq!(
            (refused.method, refused.error.kind),
            (Some(Method::Delete), ScimType::InvalidValue),
            "{path}"
        );
    }
}

#[test]
fn rfc_blk19_a_bulk_id_is_given_once() {
    let request = read(json!([group("a", &[]), group("a", &[]), group("b", &["a"])]));
    assert!(request.operations[0].is_ok());
    let refused = request.operations[1].clone().unwrap_err();
    assert_eq!(refused.bulk_id.as_deref(), Some("a"));
    assert_eq!(order(&request), [(0, None), (1, None), (2, None)]);
}

#[test]
fn rfc_blk24_a_malformed_request_is_refused_whole() {
    let strict = |body| Request::read(body, &mut Tolerance::strict()).unwrap_err().kind;
    let one = json!([{"method": "DELETE", "path": "/Users/1"}]);
    assert_eq!(strict(json!([])), ScimType::InvalidSyntax);
    assert_eq!(strict(json!({"schemas": [BULK_REQUEST]})), ScimType::InvalidSyntax);
    assert_eq!(strict(json!({"Operations": one})), ScimType::InvalidSyntax);
    let empty = json!({"schemas": [BULK_REQUEST], "Operations": []});
    assert_eq!(strict(empty), ScimType::InvalidSyntax);
    for bad in [json!(0), json!(-1), json!("1"), json!(1.5)] {
        let body = json!({"schemas": [BULK_REQUEST], "Operations": one, "failOnErrors": bad});
        assert_eq!(strict(body), ScimType::InvalidValue);
    }
    let mut lenient = Tolerance::lenient();
    let body = json!({"operations": one, "failOnErrors": 2});
    assert_eq!(Request::read(body, &mut lenient).unwrap().fail_on_errors, Some(2));
    assert_eq!(lenient.take_seen()[0].quirk, Quirk::SchemasList);
}

#[test]
fn rfc_blk12_what_is_referred_to_comes_first_and_else_the_order_stays() {
    let request = read(json!([
        group("g", &["h", "u"]),
        {"method": "DELETE", "path": "/Users/1"},
        group("h", &[]),
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "mara"}},
    ]));
    let indices: Vec<usize> = plan(&request).iter().map(|step| step.index).collect();
    let at = |index| indices.iter().position(|one| *one == index).unwrap();
    assert!(at(2) < at(0) && at(3) < at(0) && at(0) < at(1));
    assert!(plan(&request).iter().all(|step| step.blocked.is_none()));
}

#[test]
fn rfc_blk11_blk15_circles_and_unknown_names_are_blocked_alone() {
    let request = read(json!([
        group("a", &["b"]),
        group("b", &["a"]),
        group("self", &["self"]),
        group("c", &["a"]),
        group("none", &["nobody"]),
        group("d", &["none"]),
        group("fine", &[]),
    ]));
    let mut steps = order(&request);
    steps.sort_unstable_by_key(|step| step.0);
    let blocked: Vec<Option<Blocked>> = steps.into_iter().map(|step| step.1).collect();
    assert_eq!(
        blocked,
        [
            Some(Blocked::Circular),
            Some(Blocked::Circular),
            Some(Blocked::Circular),
            Some(Blocked::Dependent),
            Some(Blocked::Unknown),
            Some(Blocked::Dependent),
            None,
        ]
    );
}

#[test]
fn blk02_a_chain_as_long_as_the_request_is_followed_both_ways() {
    for forward in [true, false] {
        let name = |turn: usize| format!("g{turn}");
        let chain: Vec<Value> = (0..MOST_OPERATIONS)
            .map(|turn| {
                let next = if forward { turn.checked_add(1) } else { turn.checked_sub(1) };
                let next = next.filter(|next| *next < MOST_OPERATIONS).map(name);
                group(&name(turn), &next.iter().map(String::as_str).collect::<Vec<_>>())
            })
            .collect();
        let steps = order(&read(Value::Array(chain)));
        assert_eq!(steps.len(), MOST_OPERATIONS);
        let first = if forward { MOST_OPERATIONS - 1 } else { 0 };
        assert_eq!(steps[0], (first, None));
        assert!(steps.iter().all(|step| step.1.is_none()));
    }
}

#[test]
fn rfc_blk09_blk10_blk14_references_are_found_and_replaced_anywhere() {
    let request = read(json!([{
        "method": "PATCH", "path": "/Groups/bulkId:g",
        "data": {"Operations": [{"op": "add", "path": "members", "value": [
            {"value": "bulkId:u", "$ref": "../Users/bulkId:u"},
            {"value": "plain", "display": "a bulkId:u inside"}]}],
            "urn:x": {"manager": {"value": "bulkId:m"}}}
    }]));
    let mut operation = request.operations[0].clone().unwrap();
    let mut names = references(&operation);
    names.sort_unstable();
    assert_eq!(names, ["g", "m", "u", "u"]);
    let mut ids = HashMap::from([("g", "1"), ("u", "2")].map(|(k, v)| (k.into(), v.into())));
    assert_eq!(resolve(&mut operation.clone(), &ids), Err(Unresolved));
    ids.insert("m".into(), "3".into());
    assert_eq!(resolve(&mut operation, &ids), Ok(()));
    assert_eq!(operation.target, Some(Target::Id("1".into())));
    assert_eq!(operation.data["urn:x"]["manager"]["value"], "3");
    let members = &operation.data["Operations"][0]["value"];
    assert_eq!(members[0], json!({"value": "2", "$ref": "../Users/2"}));
    assert_eq!(members[1]["display"], "a bulkId:u inside");
    assert!(references(&operation).is_empty());
}
