//! PUT (RFC 7644 §3.5.1).

use std::time::Duration;

use serde_json::json;

use super::cast::ENTERPRISE;
use super::cast::NOBODY;
use super::cast::group;
use super::cast::made;
use super::cast::people;
use super::cast::rich;
use super::cast::user;
use super::cast::without_meta;
use crate::world::PERSON;
use crate::world::World;

#[tokio::test]
async fn rfc_put01_put02_put03_put12_a_resource_is_replaced_and_answered_whole() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let before = client.get(&path).await.expect(200).body;
    world.clock.advance(Duration::from_secs(60));
    let mut body = rich("ines");
    body["nickName"] = json!("I.");
    body["emails"] = json!([{"value": "c@northvale.example", "type": "other"}]);
    let put = client.put(&path, &body).await.expect(200);
    assert_eq!(put.body["id"], before["id"]);
    assert_eq!(put.body["nickName"], "I.");
    assert_eq!(put.body["emails"], body["emails"]);
    assert_eq!(put.body["meta"]["created"], before["meta"]["created"]);
    assert!(put.body["meta"]["lastModified"].as_str() > before["meta"]["lastModified"].as_str());
    assert_eq!(put.header("location"), before["meta"]["location"]);
    assert_eq!(client.get(&path).await.body, put.body);
}

#[tokio::test]
async fn rfc_put04_put05_what_is_left_out_or_null_or_empty_is_cleared() {
    let world = World::new().await;
    let client = world.client();
    let bare = json!({"schemas": [super::cast::USER], "userName": "ines@northvale.example"});
    let mut nulls = bare.clone();
    nulls["nickName"] = json!(null);
    nulls["emails"] = json!([]);
    nulls["name"] = json!({});
    nulls["addresses"] = json!(null);
    for body in [bare, nulls] {
        let path = made(&client, &rich("ines")).await;
        let put = client.put(&path, &body).await.expect(200).body;
        for gone in ["nickName", "displayName", "emails", "name", "addresses", "externalId"] {
            assert!(put.get(gone).is_none(), "{gone}: {put}");
        }
        // These stay unless the body speaks of them (decisions, PUT).
        assert_eq!(put["active"], true);
        assert_eq!(put[ENTERPRISE]["department"], "Theatre 3");
        assert_eq!(client.get(&path).await.body, put);
        client.delete(&path).await.expect(204);
    }
}

#[tokio::test]
async fn rfc_put06_read_only_values_are_ignored() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    group(&client, "Ward 7", &[path.replace("/Users/", "")]).await;
    let before = client.get(&path).await.expect(200);
    let mut body = rich("ines");
    body["id"] = json!(NOBODY);
    body["meta"] = json!({"created": "2001-01-01T00:00:00Z", "resourceType": "Group"});
    body["groups"] = json!([{"value": NOBODY}]);
    let put = client.put(&path, &body).await.expect(200);
    assert_eq!(put.body, before.body);
    assert_eq!(put.body["groups"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn rfc_put07_put08_an_immutable_value_is_set_once() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let schemas = ["urn:example:wardgate:schemas:2.0:Device"];
    let device = json!({"schemas": schemas, "serial": "S-1"});
    let made = client.post("/Devices", &device).await.expect(201);
    let path = format!("/Devices/{}", made.id());
    let first = json!({"schemas": schemas, "serial": "S-1", "batch": "B1"});
    assert_eq!(client.put(&path, &first).await.expect(200).body["batch"], "B1");
    assert_eq!(client.put(&path, &first).await.expect(200).body["batch"], "B1");
    for (name, other) in [("batch", "B2"), ("serial", "S-2")] {
        let mut changed = first.clone();
        changed[name] = json!(other);
        client.put(&path, &changed).await.refused(400, "mutability");
    }
    let kept = client.get(&path).await.expect(200).body;
    assert_eq!((&kept["batch"], &kept["serial"]), (&json!("B1"), &json!("S-1")));
}

#[tokio::test]
async fn rfc_put09_put13_put14_a_bad_body_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let before = client.get(&path).await.text;
    let mut nameless = rich("ines");
    nameless.as_object_mut().unwrap().remove("userName");
    client.put(&path, &nameless).await.refused(400, "invalidValue");
    for (name, wrong) in [
        ("active", json!("x")),
        ("active", json!(1)),
        ("userName", json!({})),
        ("userName", json!("")),
        ("emails", json!("text")),
        ("name", json!(7)),
    ] {
        let mut body = rich("ines");
        body[name] = wrong;
        let reply = client.put(&path, &body).await.refused(400, "invalidValue");
        assert!(reply.body["detail"].as_str().unwrap().contains(name), "{}", reply.text);
    }
    for broken in ["{", "[]", "\"x\"", "null", "{\"userName\": }"] {
        let reply = client.send("PUT", &path, &[], Some(broken.into())).await;
        reply.refused(400, "invalidSyntax");
    }
    assert_eq!(client.get(&path).await.text, before);
}

#[tokio::test]
async fn rfc_put10_put15_put21_put_never_creates() {
    let world = World::new().await;
    let client = world.client();
    let unknown = format!("/Users/{NOBODY}");
    client.put(&unknown, &user("ghost")).await.refused(404, "");
    client.get(&unknown).await.refused(404, "");
    let path = made(&client, &user("ines")).await;
    let reply = client.put("/Users", &user("ghost")).await.expect(405);
    assert!(reply.header("allow").contains("POST"), "{}", reply.header("allow"));
    client.delete(&path).await.expect(204);
    client.put(&path, &user("ines")).await.refused(404, "");
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
}

#[tokio::test]
async fn rfc_put11_put16_a_user_name_is_unique_and_may_change() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    people(&client, &["tobias"]).await;
    client.put(&path, &user("TOBIAS")).await.refused(409, "uniqueness");
    assert_eq!(client.get(&path).await.body["userName"], "ines@northvale.example");
    let same = client.put(&path, &user("INES")).await.expect(200);
    assert_eq!(same.body["userName"], "INES@northvale.example");
    client.put(&path, &user("mara")).await.expect(200);
    people(&client, &["ines"]).await;
}

#[tokio::test]
async fn rfc_put17_put18_put19_the_extension_is_replaced_and_repeating_changes_nothing() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let mut body = rich("ines");
    body[ENTERPRISE] = json!({"department": "Theatre 4"});
    body["password"] = json!("throwaway-Pw1");
    let first = client.put(&path, &body).await.expect(200);
    assert_eq!(first.body[ENTERPRISE], json!({"department": "Theatre 4"}));
    assert!(first.body.get("password").is_none());
    world.clock.advance(Duration::from_secs(1));
    let second = client.put(&path, &body).await.expect(200);
    assert_eq!(second.body, first.body);
    assert!(!client.get(&path).await.text.contains("throwaway"));
    body[ENTERPRISE] = json!(null);
    let cleared = client.put(&path, &body).await.expect(200).body;
    assert!(cleared.get(ENTERPRISE).is_none());
    assert_eq!(cleared["schemas"], json!([super::cast::USER, PERSON]));
}

#[tokio::test]
async fn rfc_put20_attributes_shape_the_answer_only() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let before = without_meta(&client.get(&path).await.body);
    let mut body = rich("ines");
    body["nickName"] = json!("N.");
    let put = client.put(&format!("{path}?attributes=nickName"), &body).await.expect(200);
    let mut names: Vec<_> = put.body.as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["id", "nickName", "schemas"]);
    let lean = client.put(&format!("{path}?excludedAttributes=emails"), &body).await.expect(200);
    assert!(lean.body.get("emails").is_none() && lean.body.get("nickName").is_some());
    let after = without_meta(&client.get(&path).await.body);
    assert_eq!((&after["emails"], &after["nickName"]), (&before["emails"], &json!("N.")));
}
