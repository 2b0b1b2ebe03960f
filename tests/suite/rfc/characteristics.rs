//! What the characteristics of an attribute do to requests and answers (ATT-01 to ATT-16).

use serde_json::Value;
use serde_json::json;

use super::DEVICE;
use super::ENTERPRISE;
use super::UNKNOWN;
use super::full;
use super::grouped;
use super::hits;
use super::made;
use super::members_of;
use super::user;
use super::user_with;
use super::with;
use crate::world::Client;
use crate::world::World;

const INES: &str = "ines.quarrie@northvale.example";

fn device(more: &Value) -> Value {
    with(json!({"schemas": [DEVICE], "serial": "S-1"}), more)
}

async fn device_path(client: &Client, more: &Value) -> String {
    format!("/Devices/{}", client.post("/Devices", &device(more)).await.expect(201).id())
}

#[tokio::test]
async fn rfc_att01_a_required_attribute_must_be_there() {
    let world = World::with_custom_types().await;
    let client = world.client();
    for (endpoint, body) in [
        ("/Users", json!({"displayName": "Ines"})),
        ("/Users", json!({"userName": null})),
        ("/Groups", json!({"members": []})),
        ("/Devices", json!({"label": "Pump"})),
        ("/Devices", json!({"serial": null})),
    ] {
        client.post(endpoint, &body).await.refused(400, "invalidValue");
        assert_eq!(client.get(endpoint).await.expect(200).body["totalResults"], 0);
    }
    let path = format!("/Users/{}", made(&client, INES).await);
    client.put(&path, &json!({"displayName": "Ines"})).await.refused(400, "invalidValue");
    assert_eq!(client.get(&path).await.body["userName"], INES);
}

#[tokio::test]
async fn rfc_att02_att04_without_case_exact_letter_case_does_not_count_but_is_kept() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let kept = client.post("/Users", &user("Ines@Northvale.example")).await.expect(201);
    assert_eq!(kept.body["userName"], "Ines@Northvale.example");
    for filter in
        ["userName eq \"INES@northvale.EXAMPLE\"", "userName sw \"iNeS\"", "userName co \"VALE\""]
    {
        assert_eq!(hits(&client, "/Users", filter).await, 1, "{filter}");
    }
    client.post("/Users", &user("INES@NORTHVALE.EXAMPLE")).await.refused(409, "uniqueness");
    client.post("/Devices", &device(&json!({"assetTag": "Pump-1"}))).await.expect(201);
    let other = with(device(&json!({"assetTag": "PUMP-1"})), &json!({"serial": "S-2"}));
    client.post("/Devices", &other).await.refused(409, "uniqueness");
    assert_eq!(hits(&client, "/Devices", "assetTag eq \"pump-1\"").await, 1);
}

#[tokio::test]
async fn rfc_att03_with_case_exact_letter_case_counts() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let made = client.post("/Devices", &device(&json!({"serial": "Ab-1"}))).await.expect(201);
    assert_eq!(made.body["serial"], "Ab-1");
    for (filter, expected) in [
        ("serial eq \"Ab-1\"", 1),
        ("serial eq \"ab-1\"", 0),
        ("serial sw \"ab\"", 0),
        ("not (serial ne \"AB-1\")", 0),
        ("externalId eq \"x\"", 0),
    ] {
        assert_eq!(hits(&client, "/Devices", filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn rfc_att05_att06_read_only_attributes_of_a_body_are_ignored() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let group = grouped(&client, "Ward 7", &[]).await;
    let forged = json!({"id": UNKNOWN, "groups": [{"value": group}],
        "meta": {"created": "1999-01-01T00:00:00Z"}});
    let made = client.post("/Users", &user_with(INES, &forged)).await.expect(201);
    assert_ne!(made.id(), UNKNOWN);
    assert!(made.body.get("groups").is_none());
    assert!(members_of(&client, &group).await.is_empty());
    let path = format!("/Users/{}", made.id());
    let put = client.put(&path, &user_with(INES, &forged)).await.expect(200);
    assert_eq!(put.body, made.body);
    assert!(members_of(&client, &group).await.is_empty());
    let owned = client.post("/Devices", &device(&json!({"owner": "me"}))).await.expect(201);
    assert!(owned.body.get("owner").is_none());
    let put =
        client.put(&format!("/Devices/{}", owned.id()), &device(&json!({"owner": "me"}))).await;
    assert!(put.expect(200).body.get("owner").is_none());
}

#[tokio::test]
async fn rfc_att07_a_read_only_path_is_a_mutability_error() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let path = device_path(&client, &json!({})).await;
    let before = client.get(&path).await.text;
    for op in ["add", "replace", "remove"] {
        for (target, value) in
            [("id", json!("x")), ("owner", json!("x")), ("meta.created", json!("x"))]
        {
            let operation = json!([{"op": op, "path": target, "value": value}]);
            client.operations(&path, operation).await.refused(400, "mutability");
        }
    }
    assert_eq!(client.get(&path).await.text, before);
}

#[tokio::test]
async fn rfc_att08_put_repeats_an_immutable_value_or_gives_the_first() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let path = device_path(&client, &json!({})).await;
    client.put(&path, &device(&json!({"serial": "S-2"}))).await.refused(400, "mutability");
    assert_eq!(client.get(&path).await.body["serial"], "S-1");
    client.put(&path, &device(&json!({"label": "Pump"}))).await.expect(200);
    let first = client.put(&path, &device(&json!({"batch": "B-1"}))).await.expect(200);
    assert_eq!(first.body["batch"], "B-1");
    client.put(&path, &device(&json!({"batch": "B-2"}))).await.refused(400, "mutability");
    client.put(&path, &device(&json!({"batch": null}))).await.refused(400, "mutability");
    // Not mentioned, it stays.
    let kept = client.put(&path, &device(&json!({}))).await.expect(200);
    assert_eq!(kept.body["batch"], "B-1");
}

#[tokio::test]
async fn rfc_att09_patch_gives_an_immutable_value_once() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let path = device_path(&client, &json!({})).await;
    let batch = |op: &str, value: &str| json!([{"op": op, "path": "batch", "value": value}]);
    client.operations(&path, batch("add", "B-1")).await.expect(200);
    client.operations(&path, batch("add", "B-1")).await.expect(200);
    for op in ["add", "replace"] {
        client.operations(&path, batch(op, "B-2")).await.refused(400, "mutability");
        let pathless = json!([{"op": op, "value": {"batch": "B-2"}}]);
        client.operations(&path, pathless).await.refused(400, "mutability");
    }
    let remove = json!([{"op": "remove", "path": "batch"}]);
    client.operations(&path, remove).await.refused(400, "mutability");
    assert_eq!(client.get(&path).await.body["batch"], "B-1");
    let (a, b) =
        (made(&client, "a@northvale.example").await, made(&client, "b@northvale.example").await);
    let group = grouped(&client, "Ward 7", &[&a]).await;
    let swap =
        json!([{"op": "replace", "path": format!("members[value eq \"{a}\"].value"), "value": b}]);
    client.operations(&format!("/Groups/{group}"), swap).await.refused(400, "mutability");
    assert_eq!(members_of(&client, &group).await, [a]);
}

#[tokio::test]
async fn rfc_att10_att12_what_may_not_be_read_is_never_shown() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let body = device(&json!({"pin": "2468-canary"}));
    let made = client.post("/Devices?attributes=pin,label", &body).await.expect(201);
    let path = format!("/Devices/{}", made.id());
    let pin = json!([{"op": "replace", "path": "pin", "value": "2468-canary"}]);
    for reply in [
        made,
        client.put(&path, &body).await.expect(200),
        client.operations(&path, pin).await.expect(200),
        client.get(&format!("{path}?attributes=pin")).await.expect(200),
        client.get("/Devices?attributes=pin").await.expect(200),
    ] {
        assert!(
            !reply.text.contains("canary") && !reply.text.contains("\"pin\""),
            "{}",
            reply.text
        );
    }
    client.filter("/Devices", "pin eq \"2468-canary\"").await.refused(400, "invalidFilter");
}

#[tokio::test]
async fn rfc_att11_what_is_always_returned_cannot_be_left_out() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let path = device_path(&client, &json!({"state": "in use", "label": "Pump"})).await;
    for query in ["attributes=label", "excludedAttributes=state", "attributes=serial"] {
        let reply = client.get(&format!("{path}?{query}")).await.expect(200);
        assert_eq!(reply.body["state"], "in use", "{query}");
    }
}

#[tokio::test]
async fn rfc_att13_a_default_attribute_is_shown_unless_others_are_named() {
    let world = World::new().await;
    let client = world.client();
    let id = client.post("/Users", &full(INES)).await.expect(201).id();
    assert_eq!(client.get(&format!("/Users/{id}")).await.body["nickName"], "Ina");
    let other = client.get(&format!("/Users/{id}?attributes=userName")).await.expect(200);
    assert!(other.body.get("nickName").is_none() && other.body.get(ENTERPRISE).is_none());
}

#[tokio::test]
async fn rfc_att14_rfc_prj21_a_requested_attribute_shows_when_named_or_just_written() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let made = client.post("/Devices", &device(&json!({"note": "spare"}))).await.expect(201);
    assert_eq!(made.body["note"], "spare", "the client set it");
    let path = format!("/Devices/{}", made.id());
    assert!(client.get(&path).await.expect(200).body.get("note").is_none());
    assert!(client.get("/Devices").await.expect(200).resources()[0].get("note").is_none());
    let named = client.get(&format!("{path}?attributes=note")).await.expect(200);
    assert_eq!(named.body["note"], "spare");
    let listed = client.get("/Devices?attributes=note").await.expect(200);
    assert_eq!(listed.resources()[0]["note"], "spare");
    let label = json!([{"op": "replace", "path": "label", "value": "Pump"}]);
    assert!(client.operations(&path, label).await.expect(200).body.get("note").is_none());
    let note = json!([{"op": "replace", "path": "note", "value": "lent"}]);
    assert_eq!(client.operations(&path, note).await.expect(200).body["note"], "lent");
    let put = client.put(&path, &device(&json!({"note": "lent"}))).await.expect(200);
    assert_eq!(put.body["note"], "lent");
    assert!(client.put(&path, &device(&json!({}))).await.expect(200).body.get("note").is_none());
}

#[tokio::test]
async fn rfc_att15_rfc_att36_a_clash_is_409_uniqueness_at_every_door() {
    let world = World::with_custom_types().await;
    let client = world.client();
    made(&client, INES).await;
    let other = format!("/Users/{}", made(&client, "other@northvale.example").await);
    let rename = |op: &str| json!([{"op": op, "path": "userName", "value": INES}]);
    client.post("/Users", &user(INES)).await.refused(409, "uniqueness");
    client.put(&other, &user(INES)).await.refused(409, "uniqueness");
    client.operations(&other, rename("replace")).await.refused(409, "uniqueness");
    client.operations(&other, rename("add")).await.refused(409, "uniqueness");
    assert_eq!(client.get(&other).await.body["userName"], "other@northvale.example");
    let tagged = device_path(&client, &json!({"assetTag": "T-1"})).await;
    let plain = device_path(&client, &json!({"serial": "S-2"})).await;
    let tag = json!([{"op": "add", "path": "assetTag", "value": "T-1"}]);
    client.operations(&plain, tag).await.refused(409, "uniqueness");
    // The server's uniqueness is that of one type.
    client.delete(&tagged).await.expect(204);
    client.post("/Devices", &device(&json!({"assetTag": "T-1"}))).await.expect(201);
}

#[tokio::test]
async fn rfc_att16_where_nothing_is_unique_twins_are_fine() {
    let world = World::with_custom_types().await;
    let client = world.client();
    for name in ["a@northvale.example", "b@northvale.example"] {
        let body = user_with(name, &json!({"displayName": "Ines", "emails": [{"value": INES}]}));
        client.post("/Users", &body).await.expect(201);
    }
    for _ in 0..2 {
        client.post("/Devices", &device(&json!({"label": "Pump"}))).await.expect(201);
    }
    assert_eq!(hits(&client, "/Users", "displayName eq \"Ines\"").await, 2);
}
