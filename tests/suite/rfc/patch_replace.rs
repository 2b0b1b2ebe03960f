//! PATCH: `replace` (RFC 7644 §3.5.2.3).

use serde_json::Value;
use serde_json::json;

use super::cast::NOBODY;
use super::cast::made;
use super::cast::people;
use super::cast::rich;
use super::cast::user;
use crate::world::Client;
use crate::world::World;

async fn replaced(client: &Client, path: &str, target: &str, value: Value) -> Value {
    let operations = json!([{"op": "replace", "path": target, "value": value}]);
    client.operations(path, operations).await.expect(200);
    client.get(path).await.expect(200).body
}

#[tokio::test]
async fn rfc_pat38_pat39_pat40_pat41_attributes_are_replaced() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let value = json!({"nickName": "N.", "displayName": "I. Quarrie"});
    let reply = client.operations(&path, json!([{"op": "replace", "value": value}])).await;
    let body = reply.expect(200).body;
    assert_eq!((&body["nickName"], &body["displayName"]), (&json!("N."), &json!("I. Quarrie")));
    assert_eq!(body["emails"].as_array().unwrap().len(), 2);
    assert_eq!(replaced(&client, &path, "nickName", json!("M.")).await["nickName"], "M.");
    let one = json!([{"value": "z@northvale.example"}]);
    assert_eq!(replaced(&client, &path, "emails", one.clone()).await["emails"], one);
    assert_eq!(replaced(&client, &path, "title", json!("Clerk")).await["title"], "Clerk");
}

#[tokio::test]
async fn rfc_pat42_pat55_named_parts_change_and_null_clears() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let body = replaced(&client, &path, "name", json!({"givenName": "Inès"})).await;
    assert_eq!(body["name"], json!({"givenName": "Inès", "familyName": "Quarrie"}));
    let body = replaced(&client, &path, "name", json!({"givenName": null})).await;
    assert_eq!(body["name"], json!({"familyName": "Quarrie"}));
    for target in ["nickName", "name", "emails", "externalId"] {
        let body = replaced(&client, &path, target, Value::Null).await;
        assert!(body.get(target).is_none(), "{target}: {body}");
    }
    let null = json!([{"op": "replace", "path": "userName", "value": null}]);
    client.operations(&path, null).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn rfc_pat43_pat44_all_chosen_values_change() {
    let world = World::new().await;
    let client = world.client();
    let mut body = rich("ines");
    body["addresses"] = json!([
        {"type": "work", "region": "North", "locality": "Vale"},
        {"type": "work", "region": "West", "locality": "Hill"},
        {"type": "home", "region": "South", "locality": "Quay"},
    ]);
    let path = made(&client, &body).await;
    let body = replaced(&client, &path, "addresses[type eq \"work\"].region", json!("East")).await;
    assert_eq!(
        body["addresses"],
        json!([
            {"type": "work", "region": "East", "locality": "Vale"},
            {"type": "work", "region": "East", "locality": "Hill"},
            {"type": "home", "region": "South", "locality": "Quay"},
        ])
    );
    let value = json!({"type": "work", "country": "CA"});
    let body = replaced(&client, &path, "addresses[type eq \"work\"]", value).await;
    let addresses = body["addresses"].as_array().unwrap();
    let work: Vec<_> = addresses.iter().filter(|one| one["type"] == "work").collect();
    assert!(!work.is_empty() && work.iter().all(|one| one["country"] == "CA"), "{body}");
    assert_eq!(addresses.iter().filter(|one| one["type"] == "home").count(), 1);
}

#[tokio::test]
async fn rfc_pat45_a_filter_that_chooses_nothing() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let before = client.get(&path).await.text;
    // Only plain equality says what value to make (decisions, "Client dialects").
    for filter in ["type sw \"no\"", "not (type pr)", "type gt \"zz\"", "type co \"fax\""] {
        let target = format!("emails[{filter}].value");
        let operations = json!([{"op": "replace", "path": target, "value": "x@northvale.example"}]);
        client.operations(&path, operations).await.refused(400, "noTarget");
    }
    assert_eq!(client.get(&path).await.text, before);
    let target = "emails[type eq \"other\"].value";
    let operations = json!([{"op": "replace", "path": target, "value": "x@northvale.example"}]);
    world.set("strict=true").await;
    client.operations(&path, operations.clone()).await.refused(400, "noTarget");
    assert_eq!(client.get(&path).await.text, before);
    world.set("strict=false").await;
    let body = client.operations(&path, operations).await.expect(200).body;
    assert_eq!(body["emails"][2], json!({"type": "other", "value": "x@northvale.example"}));
}

#[tokio::test]
async fn rfc_pat46_pat47_pat49_what_is_not_the_clients_to_write_is_refused() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let before = client.get(&path).await.text;
    for target in ["id", "groups", "meta.created", "meta", "meta.version"] {
        let operations = json!([{"op": "replace", "path": target, "value": "x"}]);
        client.operations(&path, operations).await.refused(400, "mutability");
    }
    for (target, value) in [
        ("active", json!("x")),
        ("active", json!({})),
        ("nickName", json!([1, 2])),
        ("emails", json!("text")),
        ("emails[type eq \"work\"].primary", json!("maybe")),
        ("userName", json!("")),
    ] {
        let operations = json!([{"op": "replace", "path": target, "value": value}]);
        client.operations(&path, operations).await.refused(400, "invalidValue");
    }
    assert_eq!(client.get(&path).await.text, before);
    let device = json!({"schemas": ["urn:example:wardgate:schemas:2.0:Device"], "serial": "S-1"});
    let device = format!("/Devices/{}", client.post("/Devices", &device).await.expect(201).id());
    let set = |value: &str| json!([{"op": "replace", "path": "batch", "value": value}]);
    client.operations(&device, set("B1")).await.expect(200);
    client.operations(&device, set("B1")).await.expect(200);
    client.operations(&device, set("B2")).await.refused(400, "mutability");
    let gone = json!([{"op": "remove", "path": "batch"}]);
    client.operations(&device, gone).await.refused(400, "mutability");
    assert_eq!(client.get(&device).await.body["batch"], "B1");
    let members = "members[value eq \"x\"].value";
    let group = super::cast::group(&client, "Ward 7", &[path.replace("/Users/", "")]).await;
    let operations = json!([{"op": "replace", "path": members, "value": NOBODY}]);
    client.operations(&group, operations).await.refused(400, "mutability");
}

#[tokio::test]
async fn rfc_pat48_a_unique_value_in_use_is_a_conflict() {
    let world = World::new().await;
    let client = world.client();
    people(&client, &["tobias"]).await;
    let path = made(&client, &user("ines")).await;
    let before = client.get(&path).await.text;
    for operations in [
        json!([{"op": "replace", "path": "userName", "value": "Tobias@northvale.example"}]),
        json!([{"op": "add", "value": {"userName": "tobias@northvale.example"}}]),
        json!([
            {"op": "replace", "path": "nickName", "value": "N."},
            {"op": "replace", "path": "userName", "value": "tobias@northvale.example"},
        ]),
    ] {
        client.operations(&path, operations).await.refused(409, "uniqueness");
    }
    assert_eq!(client.get(&path).await.text, before);
}
