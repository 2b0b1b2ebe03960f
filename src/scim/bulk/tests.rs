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

fn user(name: &str, manager: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": name,
        "data": {"userName": name, "urn:x": {"manager": {"value": format!("bulkId:{manager}")}}}})
}

fn turns(request: &Request) -> Vec<Turn> {
    plan(request, |operation| operation.endpoint == "Groups")
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
    assert_eq!(turns(&request), [Turn::Alone(0), Turn::Alone(1), Turn::Alone(2)]);
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
    assert_eq!(turns(&request), [2, 3, 0, 1].map(Turn::Alone));
}

#[test]
fn rfc_blk11_blk15_what_must_be_there_first_is_blocked_in_circles() {
    let request = read(json!([
        group("a", &["b"]),
        group("b", &["a"]),
        group("self", &["self"]),
        group("c", &["a"]),
        group("none", &["nobody"]),
        group("d", &["none"]),
        group("fine", &[]),
        {"method": "PUT", "path": "/Users/7", "bulkId": "put", "data": {}},
        group("e", &["put"]),
        {"method": "POST", "path": "/Users", "bulkId": "bad"},
        group("f", &["bad"]),
    ]));
    let why = [
        Some(Blocked::Circular),
        Some(Blocked::Circular),
        Some(Blocked::Circular),
        Some(Blocked::Dependent),
        Some(Blocked::Unknown),
        Some(Blocked::Dependent),
        None,
        None,
        Some(Blocked::Unknown),
        None,
        Some(Blocked::Dependent),
    ];
    let expected = why.iter().enumerate().map(|(index, why)| match why {
        Some(why) => Turn::Blocked(index, *why),
        None => Turn::Alone(index),
    });
    assert_eq!(turns(&request), expected.collect::<Vec<_>>());
}

#[test]
fn rfc_blk11_circles_of_identifiers_are_rings() {
    let request = read(json!([
        user("a", "c"),
        group("g", &["a", "b"]),
        user("b", "a"),
        user("c", "b"),
        user("self", "self"),
    ]));
    let expected = [Turn::Ring(vec![0, 2, 3]), Turn::Alone(1), Turn::Ring(vec![4])];
    assert_eq!(turns(&request), expected);
    // A group in a circle comes after those that must be there for it.
    let request = read(json!([group("g", &["u"]), user("u", "v"), user("v", "g")]));
    assert_eq!(turns(&request), [Turn::Ring(vec![1, 0, 2])]);
}

#[test]
fn rfc_blk11_a_ring_with_one_that_cannot_run_is_blocked_whole() {
    let mut bad = user("b", "a");
    bad["data"] = Value::Null;
    let request = read(json!([user("a", "b"), bad, user("c", "a")]));
    let blocked = |index| Turn::Blocked(index, Blocked::Dependent);
    assert_eq!(turns(&request), [Turn::Alone(1), blocked(0), blocked(2)]);
    let request = read(json!([
        user("a", "b"),
        {"method": "POST", "path": "/Users", "bulkId": "b", "data":
            {"userName": "b", "one": "bulkId:a", "other": "bulkId:nobody"}},
    ]));
    assert_eq!(turns(&request), [blocked(0), Turn::Blocked(1, Blocked::Unknown)]);
}

#[test]
fn blk02_a_chain_or_ring_as_long_as_the_request_is_followed() {
    let name = |turn: usize| format!("g{turn}");
    for forward in [true, false] {
        let chain: Vec<Value> = (0..MOST_OPERATIONS)
            .map(|turn| {
                let next = if forward { turn.checked_add(1) } else { turn.checked_sub(1) };
                let next = next.filter(|next| *next < MOST_OPERATIONS).map(name);
                group(&name(turn), &next.iter().map(String::as_str).collect::<Vec<_>>())
            })
            .collect();
        let mut expected: Vec<Turn> = (0..MOST_OPERATIONS).map(Turn::Alone).collect();
        if forward {
            expected.reverse();
        }
        assert_eq!(turns(&read(Value::Array(chain))), expected);
    }
    let ring = (0..MOST_OPERATIONS)
        .map(|turn| user(&name(turn), &name((turn + 1) % MOST_OPERATIONS)))
        .collect();
    let expected = [Turn::Ring((0..MOST_OPERATIONS).collect())];
    assert_eq!(turns(&read(Value::Array(ring))), expected);
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
    let mut ids = HashMap::from([("g", "1"), ("u", "2")]);
    let known = |ids: &HashMap<&str, &str>, name: &str| ids.get(name).map(|id| (*id).to_owned());
    assert_eq!(resolve(&mut operation.clone(), |name| known(&ids, name)), Err(Unresolved));
    ids.insert("m", "3");
    assert_eq!(resolve(&mut operation, |name| known(&ids, name)), Ok(()));
    assert_eq!(operation.target, Some(Target::Id("1".into())));
    assert_eq!(operation.data["urn:x"]["manager"]["value"], "3");
    let members = &operation.data["Operations"][0]["value"];
    assert_eq!(members[0], json!({"value": "2", "$ref": "../Users/2"}));
    assert_eq!(members[1]["display"], "a bulkId:u inside");
    assert!(references(&operation).is_empty());
}
