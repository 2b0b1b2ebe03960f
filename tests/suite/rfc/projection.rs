//! `attributes` and `excludedAttributes` (PRJ).

use serde_json::Value;
use serde_json::json;

use super::ENTERPRISE;
use super::USER;
use super::full;
use super::grouped;
use super::user;
use super::user_with;
use crate::world::Client;
use crate::world::World;
use crate::world::encode;

const INES: &str = "ines.quarrie@northvale.example";

/// A world with Ines in it.
async fn ines() -> (World, Client, String) {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", client.post("/Users", &full(INES)).await.expect(201).id());
    (world, client, path)
}

/// What is shown beside `id` and `schemas`, read alone and in a list.
async fn shown(client: &Client, path: &str, parameter: &str, names: &str) -> Value {
    let query = format!("{parameter}={}", encode(names));
    let mut alone = client.get(&format!("{path}?{query}")).await.expect(200).body;
    let listed = client.get(&format!("/Users?{query}")).await.expect(200).resources();
    assert_eq!(listed[0], alone, "{query}");
    let object = alone.as_object_mut().unwrap();
    assert!(object.remove("id").is_some() && object.remove("schemas").is_some(), "{query}");
    alone
}

#[tokio::test]
async fn rfc_prj01_prj02_prj03_prj04_prj10_prj15_only_what_is_named() {
    let (_world, client, path) = ines().await;
    for names in ["userName", "USERNAME", "username"] {
        assert_eq!(shown(&client, &path, "attributes", names).await, json!({"userName": INES}));
    }
    assert_eq!(shown(&client, &path, "attributes", "nickName").await, json!({"nickName": "Ina"}));
    let both = json!({"userName": INES, "nickName": "Ina"});
    for names in ["userName,nickName", "nickName, userName"] {
        assert_eq!(shown(&client, &path, "attributes", names).await, both);
    }
}

#[tokio::test]
async fn rfc_prj05_prj06_prj07_parts_and_wholes() {
    let (_world, client, path) = ines().await;
    for (names, expected) in [
        ("name.givenName", json!({"name": {"givenName": "Ines"}})),
        ("NAME.GIVENNAME", json!({"name": {"givenName": "Ines"}})),
        ("name", json!({"name": {"givenName": "Ines", "familyName": "Quarrie"}})),
        ("emails.value", json!({"emails": [{"value": INES}]})),
        ("emails", json!({"emails": [{"value": INES, "type": "work", "primary": true}]})),
    ] {
        assert_eq!(shown(&client, &path, "attributes", names).await, expected, "{names}");
    }
}

#[tokio::test]
async fn rfc_prj08_prj09_names_may_carry_their_urn() {
    let (_world, client, path) = ines().await;
    let core = format!("{USER}:userName");
    let department = format!("{ENTERPRISE}:department");
    for (names, expected) in [
        (core.clone(), json!({"userName": INES})),
        (core.to_uppercase(), json!({"userName": INES})),
        (format!("{USER}:name.familyName"), json!({"name": {"familyName": "Quarrie"}})),
        (department.clone(), json!({ENTERPRISE: {"department": "Cardiology"}})),
        (department.to_lowercase(), json!({ENTERPRISE: {"department": "Cardiology"}})),
        (
            ENTERPRISE.to_owned(),
            json!({ENTERPRISE: {"employeeNumber": "4711", "department": "Cardiology"}}),
        ),
    ] {
        assert_eq!(shown(&client, &path, "attributes", &names).await, expected, "{names}");
    }
}

#[tokio::test]
async fn rfc_prj11_prj12_prj13_excluded_is_taken_away_but_never_the_id() {
    let (_world, client, path) = ines().await;
    let left = shown(&client, &path, "excludedAttributes", "nickName,id,schemas").await;
    assert!(
        left.get("nickName").is_none() && left["userName"] == INES && left.get("meta").is_some()
    );
    let left = shown(&client, &path, "excludedAttributes", "name.familyName").await;
    assert_eq!(left["name"], json!({"givenName": "Ines"}));
    let left =
        shown(&client, &path, "excludedAttributes", &format!("{ENTERPRISE}:department")).await;
    assert_eq!(left[ENTERPRISE], json!({"employeeNumber": "4711"}));
}

#[tokio::test]
async fn rfc_prj14_never_is_never() {
    let (_world, client, path) = ines().await;
    client.put(&path, &user_with(INES, &json!({"password": "Canary-Pw"}))).await.expect(200);
    let named = shown(&client, &path, "attributes", "password,userName").await;
    assert_eq!(named, json!({"userName": INES}));
    let urn = format!("{USER}:password");
    assert_eq!(shown(&client, &path, "attributes", &urn).await, json!({}));
}

#[tokio::test]
async fn rfc_prj16_answers_to_writes_are_projected() {
    let (_world, client, path) = ines().await;
    let title = json!({"Operations": [{"op": "replace", "path": "title", "value": "Nurse"}]});
    for reply in [
        client.post("/Users?attributes=userName", &full("o@northvale.example")).await.expect(201),
        client.put(&format!("{path}?attributes=userName"), &full(INES)).await.expect(200),
        client.patch(&format!("{path}?attributes=userName"), &title).await.expect(200),
    ] {
        let keys: Vec<&String> = reply.body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["schemas", "id", "userName"]);
    }
    let less =
        client.put(&format!("{path}?excludedAttributes=nickName"), &full(INES)).await.expect(200);
    assert!(less.body.get("nickName").is_none() && less.body["title"] == "Physician");
}

#[tokio::test]
async fn rfc_prj17_both_at_once_are_refused() {
    let (_world, client, path) = ines().await;
    let both = "attributes=userName&excludedAttributes=nickName";
    for path in [path.as_str(), "/Users", "/"] {
        client.get(&format!("{path}?{both}")).await.refused(400, "invalidValue");
    }
    client
        .post(&format!("/Users?{both}"), &user("o@northvale.example"))
        .await
        .refused(400, "invalidValue");
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 1);
}

#[tokio::test]
async fn rfc_prj18_a_filter_may_use_what_is_not_shown() {
    let (_world, client, _) = ines().await;
    for filter in ["nickName eq \"Ina\"", "emails.type eq \"work\""] {
        let reply =
            client.get(&format!("/Users?attributes=userName&filter={}", encode(filter))).await;
        let found = reply.expect(200).resources();
        assert_eq!(found.len(), 1, "{filter}");
        assert!(found[0].get("nickName").is_none() && found[0]["userName"] == INES);
    }
}

#[tokio::test]
async fn rfc_prj19_unknown_names_are_passed_over() {
    let (_world, client, path) = ines().await;
    let shown_ =
        shown(&client, &path, "attributes", "userName,noSuch,urn:example:none:x,[,a..b").await;
    assert_eq!(shown_, json!({"userName": INES}));
    let whole = client.get(&path).await.expect(200).body;
    let less = client.get(&format!("{path}?excludedAttributes=noSuch")).await.expect(200).body;
    assert_eq!(less, whole);
}

#[tokio::test]
async fn rfc_prj20_members_can_be_left_out() {
    let (_world, client, path) = ines().await;
    let id = path.strip_prefix("/Users/").unwrap();
    let group = grouped(&client, "Ward 7", &[id]).await;
    for place in [format!("/Groups/{group}"), "/Groups".into()] {
        let reply = client.get(&format!("{place}?excludedAttributes=members")).await.expect(200);
        assert!(!reply.text.contains("\"members\""), "{}", reply.text);
        assert!(reply.text.contains("\"displayName\":\"Ward 7\""), "{}", reply.text);
    }
    let only = client.get(&format!("/Groups/{group}?attributes=members.value")).await.expect(200);
    assert_eq!(only.body["members"], json!([{"value": id}]));
}
