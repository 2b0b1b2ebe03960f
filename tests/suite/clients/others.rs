//! OneLogin, JumpCloud, authentik, Keycloak, PingFederate, CyberArk, SailPoint, midPoint, Rauthy.

use serde_json::json;

use super::ENTERPRISE;
use super::USER;
use super::made;
use super::members;
use super::nobody;
use super::user;
use crate::world::PERSON;
use crate::world::World;

#[tokio::test]
async fn seq07_onelogin_puts_a_partial_template_and_nobody_is_switched_on_again() {
    let world = World::new().await;
    let client = world.client();
    nobody(&client.get("/Users?filter=userName+eq+%22surely.absent%22&").await.expect(200));
    let template = json!({
        "schemas": ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"], "id": null,
        "userName": "p.vos@northvale.example", "active": "true", "name": {"givenName": "Pim", "familyName": "Vos"},
        "emails": {"value": "p.vos@northvale.example", "type": "work", "primary": true}
    });
    let json = [("content-type", "application/json")];
    let created =
        client.send("POST", "/Users", &json, Some(template.to_string())).await.expect(201);
    assert_eq!(created.body["emails"][0]["value"], "p.vos@northvale.example");
    assert_eq!(created.body["schemas"], json!([USER, PERSON]));
    let path = format!("/Users/{}", created.id());
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    client.operations(&path, off).await.expect(200);
    let mut partial = template.clone();
    partial.as_object_mut().unwrap().remove("active");
    partial["name"]["givenName"] = json!("Pieter");
    let put =
        client.send("PUT", &format!("{path}?"), &json, Some(partial.to_string())).await.expect(200);
    assert_eq!(put.body["active"], false);
    assert_eq!(put.body["name"]["givenName"], "Pieter");
    world.set("plain_json=true").await;
    let reply = client.get(&path).await.expect(200);
    assert!(reply.header("content-type").starts_with("application/json"));
    let error = client.get("/Users/0").await.expect(404);
    assert!(error.header("content-type").starts_with("application/json"));
}

#[tokio::test]
async fn seq08_jumpcloud_tests_with_a_user_and_a_group_and_leaves_nothing() {
    let world = World::new().await;
    let client = world.client();
    for _ in 0..2 {
        let id = made(&client, "activation.test@northvale.example").await;
        let group = client
            .post("/Groups", &json!({"displayName": "Activation test"}))
            .await
            .expect(201)
            .id();
        let by_mail = client.filter("/Users", "email.value eq \"nobody@northvale.example\"").await;
        nobody(&by_mail.expect(200));
        let rename = json!([{"op": "replace", "value": {"displayName": "Activation test 2"}}]);
        client.operations(&format!("/Groups/{group}"), rename).await.expect(204);
        client.delete(&format!("/Groups/{group}")).await.expect(204);
        client.delete(&format!("/Users/{id}")).await.expect(204);
    }
    nobody(&client.get("/Users").await.expect(200));
    nobody(&client.get("/Groups").await.expect(200));
}

#[tokio::test]
async fn seq09_authentik_links_on_conflict_and_patches_member_by_member() {
    let world = World::new().await;
    let client = world.client();
    let config = client.get("/ServiceProviderConfig").await.expect(200);
    assert_eq!(config.body["patch"]["supported"], true);
    assert!(config.body["bulk"]["maxOperations"].as_u64().unwrap() >= 1);
    let known = made(&client, "jane@northvale.example").await;
    client.post("/Users", &user("jane@northvale.example")).await.refused(409, "uniqueness");
    let bare =
        client.get("/Users?filter=userName%20eq%20jane%40northvale.example").await.expect(200);
    assert_eq!(bare.resources()[0]["id"], known.as_str());
    let put =
        json!({"schemas": [USER], "userName": "jane@northvale.example", "displayName": "Jane"});
    let path = format!("/Users/{known}");
    assert_eq!(client.put(&path, &put).await.expect(200).body["active"], true);
    let group = client
        .post("/Groups", &json!({"displayName": "Big", "externalId": "pk-1"}))
        .await
        .expect(201)
        .id();
    let mut ids = vec![known];
    for turn in 0..1_200 {
        ids.push(made(&client, &format!("person{turn}@northvale.example")).await);
    }
    let path = format!("/Groups/{group}");
    let whole = json!([{"op": "replace", "value": {"schemas": [super::GROUP], "id": group,
        "displayName": "Big", "externalId": "pk-1"}}]);
    client.operations(&path, whole).await.expect(204);
    let each = |op: &str| {
        let one = |id: &String| json!({"op": op, "path": "members", "value": [{"value": id}]});
        json!(ids.iter().map(one).collect::<Vec<_>>())
    };
    client.operations(&path, each("add")).await.expect(204);
    assert_eq!(members(&client, &group).await.len(), ids.len());
    client.operations(&path, each("remove")).await.expect(204);
    assert!(members(&client, &group).await.is_empty());
    // Discovery goes on from what was seen, without a count.
    let mut seen = 0;
    loop {
        let page = client.get(&format!("/Users?startIndex={}", seen + 1)).await.expect(200);
        assert_eq!(page.body["totalResults"], ids.len());
        let here = page.resources().len();
        assert_eq!(page.body["itemsPerPage"], here);
        seen += here;
        if seen >= ids.len() {
            break;
        }
        assert!(here > 0);
    }
}

#[tokio::test]
async fn seq10_keycloak_empties_a_group_without_a_value_and_an_empty_list_empties_nothing() {
    let world = World::new().await;
    let client = world.client();
    let a = made(&client, "a@northvale.example").await;
    let group = client
        .post("/Groups", &json!({"displayName": "G", "members": [{"value": a}]}))
        .await
        .expect(201)
        .id();
    let path = format!("/Groups/{group}");
    let off = json!([{"op": "replace", "path": "active", "value": "false"}]);
    assert_eq!(
        client.operations(&format!("/Users/{a}"), off).await.expect(200).body["active"],
        false
    );
    let none = json!([{"op": "remove", "path": "members", "value": []}]);
    client.operations(&path, none).await.expect(204);
    assert_eq!(members(&client, &group).await, [a]);
    let all = json!([{"op": "remove", "path": "members"}]);
    client.operations(&path, all).await.expect(204);
    assert!(members(&client, &group).await.is_empty());
    client.get("//scim/v2//Users").await.expect(200);
}

#[tokio::test]
async fn seq11_pingfederate_asks_for_user_zero_before_everything() {
    let world = World::new().await;
    let client = world.client();
    client.get("/Users/0").await.expect(404);
    let id = made(&client, "P.Ing@northvale.example").await;
    let found =
        client.filter("/Users", "username Eq \"p.ing@northvale.example\"").await.expect(200);
    assert_eq!(found.resources()[0]["id"], id.as_str());
    client.post("/Groups", &json!({"displayName": "G"})).await.expect(201);
    let groups = client.get("/Groups").await.expect(200);
    let group = groups.resources()[0]["id"].as_str().unwrap().to_owned();
    let mut body = user("P.Ing@northvale.example");
    body["active"] = json!(false);
    assert_eq!(client.put(&format!("/Users/{id}"), &body).await.expect(200).body["active"], false);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
    client.operations(&format!("/Groups/{group}"), add).await.expect(204);
    for method in ["PUT", "PATCH", "DELETE"] {
        client.send(method, "/Users/0", &[], Some("{".into())).await;
        let reply = client.send(method, "/Users/0", &[], Some("{}".into())).await;
        assert_eq!(reply.status, 404, "{method}");
    }
}

#[tokio::test]
async fn seq12_cyberark_and_sailpoint_walk_the_discovery() {
    let world = World::new().await;
    let client = world.client();
    for path in [
        "/ServiceProviderConfig",
        "/ResourceTypes",
        "/Schemas",
        "/ResourceTypes/User",
        "/ResourceTypes/Group",
        "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
        "/Users?count=1",
        "/Groups",
    ] {
        let reply = client.get(path).await.expect(200);
        assert!(!reply.text.contains(":null"), "{path}: {}", reply.text);
    }
    let path = format!("/Users/{}", made(&client, "s@northvale.example").await);
    let name = json!([{"op": "replace", "path": "name", "value": {"givenName": "Sam", "familyName": "Sail"}}]);
    client.operations(&path, name).await.expect(200);
    let part = json!([{"op": "replace", "path": "name", "value": {"givenName": "Samuel"}}]);
    let reply = client.operations(&path, part).await.expect(200);
    assert_eq!(reply.body["name"], json!({"givenName": "Samuel", "familyName": "Sail"}));
    let found = client.filter("/Users", "userName sw \"S\"").await.expect(200);
    assert_eq!(found.body["totalResults"], 1);
}

#[tokio::test]
async fn seq13_midpoint_pages_overlap_while_people_arrive() {
    let world = World::new().await;
    let client = world.client();
    let mut ids = Vec::new();
    for turn in 0..60 {
        world.clock.advance(std::time::Duration::from_micros(1));
        ids.push(made(&client, &format!("m{turn}@northvale.example")).await);
    }
    for start in 1..=40 {
        let page = client.get(&format!("/Users?startIndex={start}&count=25")).await.expect(200);
        let here: Vec<_> =
            page.resources().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        world.clock.advance(std::time::Duration::from_micros(1));
        assert_eq!(here, ids[start - 1..(start + 24).min(ids.len())], "{start}");
        ids.push(made(&client, &format!("late{start}@northvale.example")).await);
    }
    let bare = json!({"userName": "no.schemas@northvale.example"});
    client.post("/Users", &bare).await.expect(201);
}

#[tokio::test]
async fn seq14_rauthy_unlinks_with_a_null_external_id() {
    let world = World::new().await;
    let client = world.client();
    let mut body = user("r+tag@northvale.example");
    body["externalId"] = json!("rauthy-77");
    let id = client.post("/Users", &body).await.expect(201).id();
    let found = client.filter("/Users", "externalId eq \"rauthy-77\"").await.expect(200);
    assert_eq!(found.resources()[0]["externalId"], "rauthy-77");
    nobody(&client.filter("/Users", "externalId eq \"RAUTHY-77\"").await.expect(200));
    let found =
        client.filter("/Users", "userName eq \"r+tag@northvale.example\"").await.expect(200);
    assert_eq!(found.resources()[0]["id"], id.as_str());
    let group = json!({"displayName": "G", "externalId": "rauthy-g", "members": [{"value": id}]});
    let group = client.post("/Groups", &group).await.expect(201).id();
    let unlink = json!([{"op": "replace", "value": {"displayName": "G", "externalId": null}}]);
    client.operations(&format!("/Groups/{group}"), unlink).await.expect(204);
    let reply = client.get(&format!("/Groups/{group}")).await.expect(200);
    assert!(reply.body.get("externalId").is_none());
    let out = json!([{"op": "remove", "path": "members", "value": [{"value": id}]}]);
    client.operations(&format!("/Groups/{group}"), out).await.expect(204);
    assert!(members(&client, &group).await.is_empty());
    let badge = json!([{"op": "add", "path": format!("{ENTERPRISE}:costCenter"), "value": "7"}]);
    client.operations(&format!("/Users/{id}"), badge).await.expect(200);
}
