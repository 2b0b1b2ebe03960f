//! Okta, in its two guises.

use serde_json::json;

use super::USER;
use super::made;
use super::members;
use super::nobody;
use crate::world::World;

#[tokio::test]
async fn seq04_okta_aiw_reads_changes_and_puts_everything_back() {
    let world = World::new().await;
    let client = world.client();
    let probe = client.get("/Users?startIndex=1&count=2").await.expect(200);
    assert_eq!(probe.body["itemsPerPage"], 0);
    let lookup =
        "/Users?filter=userName%20eq%20%22t.renn%40northvale.example%22&startIndex=1&count=100";
    nobody(&client.get(lookup).await.expect(200));
    let body = json!({
        "schemas": [USER], "userName": "t.renn@northvale.example",
        "name": {"givenName": "Tobias", "familyName": "Renn"},
        "emails": [{"primary": true, "value": "t.renn@northvale.example", "type": "work", "display": "t.renn"}],
        "displayName": "Tobias Renn", "locale": "en-GB", "externalId": "00uQ7invented",
        "groups": [], "password": "throwaway-Pw1", "active": true
    });
    let headers = [
        ("content-type", "application/scim+json; charset=utf-8"),
        ("accept", "application/scim+json"),
    ];
    let created = client.send("POST", "/Users", &headers, Some(body.to_string())).await.expect(201);
    client.post("/Users", &body).await.refused(409, "uniqueness");
    let path = format!("/Users/{}", created.id());
    let mut whole = client.get(&path).await.expect(200).body;
    whole["displayName"] = json!("Toby Renn");
    let put = client.put(&path, &whole).await.expect(200);
    assert_eq!(put.body["displayName"], "Toby Renn");
    assert_eq!(put.body["emails"], created.body["emails"]);
    assert_eq!(put.body["externalId"], "00uQ7invented");
    for active in [false, true] {
        let mut whole = client.get(&path).await.expect(200).body;
        whole["active"] = json!(active);
        assert_eq!(client.put(&path, &whole).await.expect(200).body["active"], active);
    }
    let before = client.get(&path).await.expect(200);
    let same = client.put(&path, &before.body).await.expect(200);
    assert_eq!(same.body["meta"], before.body["meta"]);
}

#[tokio::test]
async fn seq05_okta_oin_pushes_a_group() {
    let world = World::new().await;
    let client = world.client();
    let (a, b) =
        (made(&client, "a@northvale.example").await, made(&client, "b@northvale.example").await);
    let empty = json!({"schemas": [super::GROUP], "displayName": "Ward 7 nurses", "members": []});
    let group = client.post("/Groups", &empty).await.expect(201).id();
    let path = format!("/Groups/{group}");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": a, "display": "a"}, {"value": b, "display": "b"}]}]);
    client.operations(&path, add).await.expect(204);
    let events = world.events(1).await.len();
    let version = client.get(&path).await.expect(200).header("etag").to_owned();
    // The rename comes with every membership change and changes nothing (8A 72).
    let rename = json!([{"op": "replace", "value": {"id": group, "displayName": "Ward 7 nurses"}}]);
    client.operations(&path, rename).await.expect(204);
    assert_eq!(client.get(&path).await.header("etag"), version);
    assert_eq!(world.events(1).await.len(), events);
    let mixed = json!([
        {"op": "remove", "path": format!("members[value eq \"{a}\"]")},
        {"op": "add", "path": "members", "value": [{"value": a, "display": "a"}]}
    ]);
    client.operations(&path, mixed).await.expect(204);
    assert_eq!(members(&client, &group).await.len(), 2);
    let swap =
        json!([{"op": "replace", "path": "members", "value": [{"value": b, "display": "b"}]}]);
    client.operations(&path, swap).await.expect(204);
    assert_eq!(members(&client, &group).await, std::slice::from_ref(&b));
    // AIW replaces the whole group instead.
    let whole = json!({"schemas": [super::GROUP], "id": group, "displayName": "Ward 7 nurses",
        "members": [{"value": a, "display": null}, {"value": b, "display": null}]});
    client.put(&path, &whole).await.expect(200);
    assert_eq!(members(&client, &group).await.len(), 2);
    client.delete(&path).await.expect(204);
    client.get(&format!("/Users/{a}")).await.expect(200);
}

#[tokio::test]
async fn seq05_okta_oin_switches_a_person_off_without_a_path() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, "a@northvale.example").await);
    let off = json!([{"op": "replace", "value": {"active": false}}]);
    assert_eq!(client.operations(&path, off).await.expect(200).body["active"], false);
    let password = json!([{"op": "replace", "value": {"password": "throwaway-Pw2"}}]);
    client.operations(&path, password).await.expect(200);
    assert_eq!(client.get(&path).await.body["active"], false);
}

#[tokio::test]
async fn seq06_okta_oig_walks_the_types_and_reads_roles() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let types = client.get("/ResourceTypes").await.expect(200);
    let role = types.resources().into_iter().find(|one| one["id"] == "Role").unwrap();
    assert_eq!(role["schema"], "urn:okta:scim:schemas:core:1.0:Role");
    client.get("/Schemas/urn:okta:scim:schemas:core:1.0:Role").await.expect(200);
    for name in ["Charge nurse", "Ward clerk", "Physician"] {
        let body = json!({"schemas": ["urn:okta:scim:schemas:core:1.0:Role"], "displayName": name});
        client.post("/Roles", &body).await.expect(201);
    }
    let page = client.get("/Roles?count=1&startIndex=1").await.expect(200);
    assert_eq!(page.body["itemsPerPage"], 1);
    assert_eq!(page.body["totalResults"], 3);
    let body = json!({"schemas": [USER], "userName": "a@northvale.example",
        "roles": [{"value": "ward-clerk", "display": "Ward clerk"}], "entitlements": [{"value": "lab"}]});
    let created = client.post("/Users", &body).await.expect(201);
    assert_eq!(created.body["roles"][0]["value"], "ward-clerk");
    assert_eq!(created.body["entitlements"][0]["value"], "lab");
}

/// Okta's own test suite for a SCIM server, restated (idp-clients.md section 2).
#[tokio::test]
async fn seq04_okta_spec_suite() {
    let world = World::new().await;
    let client = world.client();
    let body = json!({"schemas": [USER], "userName": "Seed@northvale.example", "active": true,
        "name": {"givenName": "Seed", "familyName": "User"},
        "emails": [{"value": "seed@northvale.example", "primary": true}]});
    let created = client.send(
        "POST",
        "/Users",
        &[("content-type", "application/json")],
        Some(body.to_string()),
    );
    let id = created.await.expect(201).id();
    let list = client.get("/Users?count=1&startIndex=1").await.expect(200);
    let first = &list.resources()[0];
    assert!(
        first["id"].is_string() && first["userName"].is_string() && first["active"].is_boolean()
    );
    assert!(first["name"]["givenName"].is_string() && first["emails"][0]["value"].is_string());
    client.get(&format!("/Users/{id}")).await.expect(200);
    let unknown = client.get("/Users/00919288221112222").await.expect(404);
    assert_eq!(unknown.body["status"], "404");
    let upper = client
        .get("/Users?filter=userName%20eq%20%22SEED%40NORTHVALE.EXAMPLE%22")
        .await
        .expect(200);
    assert_eq!(upper.resources()[0]["userName"], "Seed@northvale.example");
    client.get("/Groups").await.expect(200);
    let wrong = world.caller(Some("wrong")).get("/Users").await.expect(401);
    assert_eq!(wrong.body["status"], "401");
}
