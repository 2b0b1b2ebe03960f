//! Creating resources (CRE).

use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use super::ENTERPRISE;
use super::USER;
use super::full;
use super::grouped;
use super::made;
use super::unassigned;
use super::user;
use super::user_with;
use crate::world::BASE;
use crate::world::Client;
use crate::world::PERSON;
use crate::world::World;

const INES: &str = "ines.quarrie@northvale.example";

async fn count(client: &Client) -> Value {
    client.get("/Users").await.expect(200).body["totalResults"].clone()
}

#[tokio::test]
async fn rfc_cre01_cre02_cre03_cre18_a_create_answers_with_the_new_resource() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users", &full(INES)).await.expect(201);
    assert_eq!(made.header("location"), format!("{BASE}/Users/{}", made.id()));
    assert_eq!(made.body["userName"], INES);
    assert!(!made.header("etag").is_empty());
    assert_eq!(made.header("etag"), made.body["meta"]["version"]);
    let read = client.get(made.header("location").strip_prefix(BASE).unwrap()).await.expect(200);
    assert_eq!(read.text, made.text);
}

#[tokio::test]
async fn rfc_cre04_a_clash_is_409_and_changes_nobody() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users", &full(INES)).await.expect(201);
    let refused = client.post("/Users", &user_with(INES, &json!({"title": "Nurse"}))).await;
    refused.refused(409, "uniqueness");
    assert_eq!(client.get(&format!("/Users/{}", made.id())).await.text, made.text);
    assert_eq!(count(&client).await, 1);
}

#[tokio::test]
async fn rfc_cre05_read_only_attributes_are_ignored() {
    let world = World::new().await;
    let client = world.client();
    let group = grouped(&client, "Ward 7", &[]).await;
    let body = user_with(
        INES,
        &json!({"id": "x", "meta": {"version": "y"}, "groups": [{"value": group}]}),
    );
    let made = client.post("/Users", &body).await.expect(201);
    assert_ne!(made.id(), "x");
    assert!(made.body.get("groups").is_none());
}

#[tokio::test]
async fn rfc_cre06_cre07_a_body_that_is_no_object_is_invalid_syntax() {
    let world = World::new().await;
    let client = world.client();
    for text in ["{\"userName\":", "[]", "\"x\"", "null", "7", "{} {}", "nonsense", " "] {
        let reply = client.send("POST", "/Users", &[], Some(text.into())).await;
        reply.refused(400, "invalidSyntax");
    }
    assert_eq!(count(&client).await, 0);
}

#[tokio::test]
async fn rfc_cre08_cre09_schemas_is_forgiven_and_counted_or_refused_when_strict() {
    let world = World::new().await;
    let client = world.client();
    let bodies = [
        (json!({"userName": "a@northvale.example"}), "invalidSyntax"),
        (json!({"schemas": [], "userName": "b@northvale.example"}), "invalidValue"),
        (
            json!({"schemas": ["urn:example:none"], "userName": "c@northvale.example"}),
            "invalidValue",
        ),
        (json!({"schemas": [ENTERPRISE], "userName": "d@northvale.example"}), "invalidValue"),
    ];
    for (body, _) in &bodies {
        let made = client.post("/Users", body).await.expect(201).body;
        assert_eq!(made["schemas"], json!([USER, PERSON]));
    }
    world.set("strict=true").await;
    for (body, word) in bodies {
        client.post("/Users", &body).await.refused(400, word);
    }
    assert_eq!(count(&client).await, 4);
}

#[tokio::test]
async fn rfc_cre10_a_missing_required_attribute_is_invalid_value() {
    let world = World::new().await;
    let client = world.client();
    client
        .post("/Users", &json!({"schemas": [USER], "active": true}))
        .await
        .refused(400, "invalidValue");
    assert_eq!(count(&client).await, 0);
}

#[tokio::test]
async fn rfc_cre11_cre12_only_collections_take_a_post() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    let other = user("other@northvale.example");
    let refused = client.post(&format!("/Users/{id}"), &other).await.expect(405);
    assert!(refused.header("allow").contains("PATCH") && !refused.header("allow").contains("POST"));
    client.post(&format!("/Users/{}", super::UNKNOWN), &other).await.expect(405);
    client.post("/Nonesuch", &other).await.expect(404);
    client.post("/users", &other).await.expect(404);
    assert_eq!(count(&client).await, 1);
}

#[tokio::test]
async fn rfc_cre13_the_answer_can_be_projected() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users?attributes=userName", &full(INES)).await.expect(201);
    assert_eq!(made.body["userName"], INES);
    assert!(made.body.get("nickName").is_none() && made.body.get("meta").is_none());
    let read = client.get(&format!("/Users/{}", made.id())).await.expect(200);
    assert_eq!(read.body["nickName"], "Ina");
    let other =
        client.post("/Users?excludedAttributes=nickName", &full("o@northvale.example")).await;
    let other = other.expect(201);
    assert!(other.body.get("nickName").is_none() && other.body["title"] == "Physician");
}

#[tokio::test]
async fn rfc_cre14_cre15_cre16_content_types() {
    let world = World::new().await;
    let client = world.client();
    let media = [
        ("application/scim+json", 201),
        ("application/scim+json; charset=utf-8", 201),
        ("Application/SCIM+JSON;charset=UTF-8", 201),
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("text/plain", 415),
        ("application/xml", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/scim+json; charset=utf-16", 415),
        ("", 415),
    ];
    for (turn, (kind, status)) in media.iter().enumerate() {
        let body = user(&format!("p{turn}@northvale.example")).to_string();
        client.send("POST", "/Users", &[("content-type", kind)], Some(body)).await.expect(*status);
    }
    assert_eq!(count(&client).await, 5);
}

#[tokio::test]
async fn rfc_cre17_unknown_attributes_are_ignored_and_counted_or_refused_when_strict() {
    let world = World::new().await;
    let client = world.client();
    let body = user_with(INES, &json!({"noSuchAttribute": {"a": [1]}, "isAdmin": true}));
    let made = client.post("/Users", &body).await.expect(201);
    assert!(!made.text.contains("noSuchAttribute") && !made.text.contains("isAdmin"));
    assert_eq!(client.get(&format!("/Users/{}", made.id())).await.text, made.text);
    let shown = world
        .run(wardgate::service::operate::Command::ConnectionShow {
            connection: world.connection.clone(),
        })
        .await;
    assert_eq!(shown["tolerated"]["unknown-attribute"]["count"], 2);
    world.set("strict=true").await;
    let other = user_with("other@northvale.example", &json!({"noSuchAttribute": 1}));
    client.post("/Users", &other).await.refused(400, "invalidSyntax");
}

#[tokio::test]
async fn rfc_cre19_what_is_deleted_clashes_with_nothing() {
    let world = World::new().await;
    let client = world.client();
    for _ in 0..3 {
        let made = client.post("/Users", &full(INES)).await.expect(201);
        client.delete(&format!("/Users/{}", made.id())).await.expect(204);
    }
    for _ in 0..2 {
        let group = grouped(&client, "Ward 7", &[]).await;
        client.delete(&format!("/Groups/{group}")).await.expect(204);
    }
}

#[tokio::test]
async fn rfc_cre20_null_overrides_a_default() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users", &user_with(INES, &json!({"active": null}))).await.expect(201);
    assert!(unassigned(&made.body["active"]), "{}", made.text);
    assert_eq!(super::hits(&client, "/Users", "active pr").await, 0);
}

#[tokio::test]
async fn rfc_cre21_hostile_bodies_are_refused_without_harm() {
    let world = World::new().await;
    let client = world.client();
    let named = |value: &str| format!(r#"{{"userName":"{INES}","displayName":{value}}}"#);
    let deep =
        |open: &str, close: &str| named(&format!("{}1{}", open.repeat(5_000), close.repeat(5_000)));
    for (text, word) in [
        (named(&format!("\"{}\"", "x".repeat(1_048_576))), "invalidValue"),
        (deep("[", "]"), "invalidSyntax"),
        (deep("{\"a\":", "}"), "invalidSyntax"),
        (named("\"a\\u0000b\""), "invalidValue"),
        (named("\"\\ud800\""), "invalidSyntax"),
        (named("1e999"), "invalidSyntax"),
        (named("\"a\tb\""), "invalidSyntax"),
        (named("\"\\u202e\""), "invalidValue"),
    ] {
        client.send("POST", "/Users", &[], Some(text)).await.refused(400, word);
    }
    let huge = named(&format!("\"{}\"", "x".repeat(4_200_000)));
    client.send("POST", "/Users", &[], Some(huge)).await.expect(413);
    let bytes = b"{\"userName\":\"a\xff\"}".to_vec();
    client.send_bytes("POST", "/Users", &[], Some(bytes)).await.refused(400, "invalidSyntax");
    for text in ["'; DROP TABLE users; --", "<script>alert(1)</script>", "${jndi:ldap://x}", "%00"]
    {
        let body =
            user_with(&format!("p{}@northvale.example", text.len()), &json!({"displayName": text}));
        assert_eq!(client.post("/Users", &body).await.expect(201).body["displayName"], text);
    }
    assert_eq!(count(&client).await, 4);
}

#[tokio::test]
async fn rfc_cre22_an_encoded_path_is_decoded_once() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    assert_eq!(client.get("/%55sers").await.expect(200).body["totalResults"], 1);
    let encoded = format!("/Users/%{:02x}{}", id.as_bytes()[0], &id[1..]);
    assert_eq!(client.get(&encoded).await.expect(200).id(), id);
    client.get("/%2555sers").await.expect(404);
}

#[tokio::test]
async fn rfc_cre23_a_key_that_stands_twice_is_refused() {
    let world = World::new().await;
    let client = world.client();
    for text in [
        r#"{"userName":"a@northvale.example","userName":"b@northvale.example"}"#,
        r#"{"userName":"a@northvale.example","USERNAME":"b@northvale.example"}"#,
        r#"{"userName":"a@northvale.example","name":{"givenName":"A","givenName":"B"}}"#,
    ] {
        client.send("POST", "/Users", &[], Some(text.into())).await.refused(400, "invalidSyntax");
    }
    assert_eq!(count(&client).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rfc_cre24_of_twenty_at_once_one_wins() {
    let world = World::new().await;
    let client = Arc::new(world.client());
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.post("/Users", &user(INES)).await.status })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            201 => won += 1,
            status => assert_eq!(status, 409),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(count(&client).await, 1);
}
