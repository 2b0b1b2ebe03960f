//! PATCH as such, and its `add` (RFC 7644 §3.5.2.1).

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use super::cast::ENTERPRISE;
use super::cast::NOBODY;
use super::cast::made;
use super::cast::rich;
use super::cast::user;
use crate::world::Client;
use crate::world::World;

fn add(path: &str, value: Value) -> Value {
    json!([{"op": "add", "path": path, "value": value}])
}

/// The user after these operations.
async fn after(client: &Client, path: &str, operations: Value) -> Value {
    let reply = client.operations(path, operations).await.expect(200);
    let read = client.get(path).await.expect(200).body;
    assert_eq!(read, reply.body);
    read
}

#[tokio::test]
async fn rfc_pat01_pat02_pat03_pat08_pat10_pat68_a_body_that_is_no_patch_is_refused() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let before = client.get(&path).await.text;
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    for body in [
        json!({"schemas": schemas}),
        json!({"schemas": schemas, "Operations": []}),
        json!({"schemas": schemas, "Operations": {}}),
        json!({"schemas": schemas, "Operations": ["add"]}),
        json!({"schemas": schemas, "Operations": [{"path": "nickName", "value": "x"}]}),
        json!({"schemas": schemas, "Operations": [{"op": "move", "path": "nickName"}]}),
        json!({"schemas": schemas, "Operations": [{"op": 1, "path": "nickName", "value": "x"}]}),
        json!([]),
    ] {
        client.patch(&path, &body).await.refused(400, "invalidSyntax");
    }
    let reply = client.send("PATCH", &path, &[], Some("{".into())).await;
    reply.refused(400, "invalidSyntax");
    let valueless = json!([{"op": "add", "path": "nickName"}]);
    client.operations(&path, valueless).await.refused(400, "invalidValue");
    assert_eq!(client.get(&path).await.text, before);
    // The endpoint decides what a body without `schemas` is, unless the connection is strict.
    let bare = json!({"Operations": [{"op": "replace", "path": "nickName", "value": "N."}]});
    client.patch(&path, &bare).await.expect(200);
    world.set("strict=true").await;
    client.patch(&path, &bare).await.refused(400, "invalidSyntax");
}

#[tokio::test]
async fn rfc_pat04_pat05_pat09_success_shows_the_resource() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let reply = client.operations(&path, add("nickName", json!("N."))).await.expect(200);
    assert_eq!(reply.body["userName"], "ines@northvale.example");
    assert_eq!(reply.id(), path.replace("/Users/", ""));
    let projected = format!("{path}?attributes=userName");
    let reply = client.operations(&projected, add("nickName", json!("M."))).await.expect(200);
    assert!(reply.body.get("nickName").is_none() && reply.body.get("userName").is_some());
    assert_eq!(client.get(&path).await.body["nickName"], "M.");
    let group = super::cast::group(&client, "Ward 7", &[]).await;
    let named = json!([{"op": "replace", "path": "displayName", "value": "Ward 8"}]);
    let reply = client.operations(&group, named.clone()).await.expect(204);
    assert!(reply.text.is_empty() && !reply.header("etag").is_empty());
    let shown = client.operations(&format!("{group}?attributes=displayName"), named).await;
    assert_eq!(shown.expect(200).body["displayName"], "Ward 8");
    let unknown = format!("/Users/{NOBODY}");
    client.operations(&unknown, add("nickName", json!("N."))).await.refused(404, "");
}

#[tokio::test]
async fn rfc_pat06_pat07_operations_run_in_order_and_all_or_none() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let chain = json!([
        {"op": "add", "path": "emails", "value": [{"value": "a@northvale.example", "type": "work"}]},
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "z@northvale.example"},
    ]);
    let body = after(&client, &path, chain).await;
    assert_eq!(body["emails"], json!([{"value": "z@northvale.example", "type": "work"}]));
    let before = client.get(&path).await.text;
    let events = world.events(1).await.len();
    let half = json!([
        {"op": "replace", "path": "userName", "value": "other@northvale.example"},
        {"op": "remove", "path": "emails"},
        {"op": "replace", "path": "id", "value": "7"},
    ]);
    let reply = client.operations(&path, half).await.refused(400, "mutability");
    assert!(reply.body["detail"].as_str().unwrap().contains("operation 3"), "{}", reply.text);
    assert_eq!(client.get(&path).await.text, before);
    assert_eq!(world.events(1).await.len(), events + 1);
}

#[tokio::test]
async fn rfc_pat11_pat23_add_without_a_path_names_attributes_in_its_value() {
    let world = World::new().await;
    let client = world.client();
    let mut body = user("ines");
    body["emails"] = json!([{"value": "a@northvale.example"}]);
    let path = made(&client, &body).await;
    let value = json!({
        "nickName": "N.", "emails": [{"value": "b@northvale.example"}],
        ENTERPRISE: {"department": "Theatre 3"},
    });
    let body = after(&client, &path, json!([{"op": "add", "value": value}])).await;
    assert_eq!(body["nickName"], "N.");
    assert_eq!(body["emails"].as_array().unwrap().len(), 2);
    assert_eq!(body[ENTERPRISE]["department"], "Theatre 3");
    assert!(body["schemas"].as_array().unwrap().contains(&json!(ENTERPRISE)));
    for value in [json!("x"), json!([]), json!({}), json!(null)] {
        let refused = client.operations(&path, json!([{"op": "add", "value": value}])).await;
        refused.refused(400, "invalidValue");
    }
}

#[tokio::test]
async fn rfc_pat12_pat13_pat14_pat15_pat24_pat25_add_sets_or_appends() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    for (spelled, value) in [
        ("nickName", "first"),
        ("nickName", "second"),
        ("NICKNAME", "third"),
        ("urn:ietf:params:scim:schemas:core:2.0:User:nickName", "fourth"),
        ("URN:ietf:params:scim:schemas:core:2.0:USER:NickName", "fifth"),
    ] {
        assert_eq!(after(&client, &path, add(spelled, json!(value))).await["nickName"], value);
    }
    let mail = |name: &str| json!({"value": format!("{name}@northvale.example")});
    let mut count = 0;
    for (value, more) in
        [(json!([mail("a")]), 1), (json!([mail("b"), mail("c")]), 2), (mail("d"), 1)]
    {
        count += more;
        let body = after(&client, &path, add("emails", value)).await;
        assert_eq!(body["emails"].as_array().unwrap().len(), count);
    }
}

#[tokio::test]
async fn rfc_pat16_pat17_add_to_a_complex_attribute_keeps_the_siblings() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let body = after(&client, &path, add("name", json!({"givenName": "Inès"}))).await;
    assert_eq!(body["name"], json!({"givenName": "Inès", "familyName": "Quarrie"}));
    let body = after(&client, &path, add("name.middleName", json!("M."))).await;
    assert_eq!(body["name"]["middleName"], "M.");
    assert_eq!(body["name"]["familyName"], "Quarrie");
    let path = made(&client, &user("tobias")).await;
    let body = after(&client, &path, add("name.givenName", json!("Tobias"))).await;
    assert_eq!(body["name"], json!({"givenName": "Tobias"}));
}

#[tokio::test]
async fn rfc_pat18_pat19_adding_what_is_there_changes_nothing() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let before = client.get(&path).await.expect(200);
    let events = world.events(1).await.len();
    world.clock.advance(Duration::from_secs(60));
    for operations in [
        add("nickName", json!("Inny")),
        add("emails", json!([{"value": "b@northvale.example", "type": "home"}])),
        add("name", json!({"givenName": "Ines"})),
        json!([{"op": "add", "value": {"nickName": "Inny"}}]),
    ] {
        let reply = client.operations(&path, operations).await.expect(200);
        assert_eq!(reply.text, before.text);
        assert_eq!(reply.header("etag"), before.header("etag"));
    }
    assert_eq!(world.events(1).await.len(), events);
}

#[tokio::test]
async fn rfc_pat20_pat21_one_value_is_primary() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let primaries = |body: &Value| {
        let emails = body["emails"].as_array().unwrap().clone();
        let primary = emails.into_iter().filter(|one| one["primary"] == true);
        primary.map(|one| one["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let new = json!([{"value": "c@northvale.example", "primary": true}]);
    let body = after(&client, &path, add("emails", new)).await;
    assert_eq!(primaries(&body), ["c@northvale.example"]);
    let target = "emails[value eq \"b@northvale.example\"].primary";
    let switch = json!([{"op": "replace", "path": target, "value": true}]);
    assert_eq!(primaries(&after(&client, &path, switch).await), ["b@northvale.example"]);
    let two = json!([
        {"value": "d@northvale.example", "primary": true},
        {"value": "e@northvale.example", "primary": true},
    ]);
    client.operations(&path, add("emails", two)).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn rfc_pat22_pat37_an_extension_comes_and_goes_by_its_path() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let number = format!("{ENTERPRISE}:employeeNumber");
    let body = after(&client, &path, add(&number, json!("N-118"))).await;
    assert_eq!(body[ENTERPRISE]["employeeNumber"], "N-118");
    assert!(body["schemas"].as_array().unwrap().contains(&json!(ENTERPRISE)));
    let department = add(&format!("{ENTERPRISE}:department"), json!("Theatre 3"));
    after(&client, &path, department).await;
    let body = after(&client, &path, json!([{"op": "remove", "path": number}])).await;
    assert_eq!(body[ENTERPRISE], json!({"department": "Theatre 3"}));
    let body = after(&client, &path, json!([{"op": "remove", "path": ENTERPRISE}])).await;
    assert!(body.get(ENTERPRISE).is_none());
    assert!(!body["schemas"].as_array().unwrap().contains(&json!(ENTERPRISE)));
}

#[tokio::test]
async fn rfc_pat26_pat27_add_to_chosen_values_or_to_one_that_is_made() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let region = add("addresses[type eq \"work\"].region", json!("East"));
    let body = after(&client, &path, region).await;
    assert_eq!(
        body["addresses"],
        json!([
            {"type": "work", "region": "East", "locality": "Vale"},
            {"type": "home", "region": "South", "locality": "Quay"},
        ])
    );
    let other = add("emails[type eq \"other\"].value", json!("o@northvale.example"));
    let body = after(&client, &path, other.clone()).await;
    assert_eq!(body["emails"][2], json!({"type": "other", "value": "o@northvale.example"}));
    let vague = add("emails[type sw \"x\"].value", json!("o@northvale.example"));
    client.operations(&path, vague).await.refused(400, "noTarget");
    world.set("strict=true").await;
    let strict = add("phoneNumbers[type eq \"fax\"].value", json!("5550100"));
    client.operations(&path, strict).await.refused(400, "noTarget");
}

#[tokio::test]
async fn rfc_pat65_pat67_schemas_follow_and_passwords_vanish() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let operations = json!([
        {"op": "add", "path": "schemas", "value": [ENTERPRISE]},
        {"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Theatre 3"},
        {"op": "replace", "path": "password", "value": "throwaway-Pw1"},
    ]);
    let body = after(&client, &path, operations).await;
    assert_eq!(body[ENTERPRISE]["department"], "Theatre 3");
    assert!(body.get("password").is_none());
}

#[tokio::test]
async fn rfc_pat66_pat69_a_change_moves_version_and_instant() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let mut last = client.get(&path).await.expect(200);
    for active in [false, true] {
        world.clock.advance(Duration::from_secs(1));
        let switch = json!([{"op": "replace", "path": "active", "value": active}]);
        let next = client.operations(&path, switch).await.expect(200);
        assert_eq!(next.body["active"], active);
        assert_eq!(client.get(&path).await.body["active"], active);
        let modified = |reply: &crate::world::Reply| {
            reply.body["meta"]["lastModified"].as_str().unwrap().to_owned()
        };
        assert!(modified(&next) > modified(&last));
        assert_ne!(next.header("etag"), last.header("etag"));
        last = next;
    }
}

#[tokio::test]
async fn att04_active_is_never_null() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    for operations in [
        json!([{"op": "replace", "path": "active", "value": null}]),
        json!([{"op": "add", "path": "active", "value": null}]),
        json!([{"op": "replace", "value": {"active": null}}]),
        json!([{"op": "replace", "path": "active", "value": ""}]),
        json!([{"op": "replace", "path": "active", "value": "no"}]),
        json!([{"op": "replace", "path": "active", "value": 0}]),
        json!([{"op": "replace", "path": "active", "value": []}]),
    ] {
        client.operations(&path, operations).await.refused(400, "invalidValue");
    }
    assert_eq!(client.get(&path).await.body["active"], true);
}
