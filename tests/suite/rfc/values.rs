//! What values an attribute takes (ATT-17 to ATT-37).

use serde_json::Value;
use serde_json::json;

use super::DEVICE;
use super::hits;
use super::made;
use super::unassigned;
use super::user;
use super::user_with;
use super::with;
use crate::world::Client;
use crate::world::World;

const INES: &str = "ines.quarrie@northvale.example";

fn device(more: &Value) -> Value {
    with(json!({"schemas": [DEVICE], "serial": "S-1"}), more)
}

/// Each of these is refused at POST, PUT and PATCH, and leaves nothing behind.
async fn refused(client: &Client, (endpoint, base): (&str, Value), bad: &[(&str, Value)]) {
    let path = format!("{endpoint}/{}", client.post(endpoint, &base).await.expect(201).id());
    let before = client.get(&path).await.expect(200).text;
    for (name, value) in bad {
        let body = with(base.clone(), &json!({*name: value, "userName": "new@northvale.example"}));
        client.post(endpoint, &body).await.refused(400, "invalidValue");
        client
            .put(&path, &with(base.clone(), &json!({*name: value})))
            .await
            .refused(400, "invalidValue");
        let patch = json!([{"op": "replace", "path": name, "value": value}]);
        client.operations(&path, patch).await.refused(400, "invalidValue");
        let pathless = json!([{"op": "replace", "value": {*name: value}}]);
        client.operations(&path, pathless).await.refused(400, "invalidValue");
    }
    assert_eq!(client.get(&path).await.expect(200).text, before);
    assert_eq!(client.get(endpoint).await.expect(200).body["totalResults"], 1);
}

#[tokio::test]
async fn rfc_att17_a_boolean_is_true_or_false() {
    let world = World::new().await;
    let bad = [("active", json!("notabool")), ("active", json!(1)), ("active", json!({"a": 1}))];
    refused(&world.client(), ("/Users", user(INES)), &bad).await;
    world.set("strict=true").await;
    let body = user_with("other@northvale.example", &json!({"active": "true"}));
    world.client().post("/Users", &body).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn rfc_att18_att24_att25_shapes_are_those_of_the_schema() {
    let world = World::new().await;
    let bad = [
        ("nickName", json!({"a": 1})),
        ("nickName", json!(true)),
        ("nickName", json!(["a", "b"])),
        ("name", json!("John")),
        ("name", json!(7)),
        ("emails", json!("x")),
        ("emails", json!(["x"])),
        ("emails", json!([7])),
    ];
    refused(&world.client(), ("/Users", user(INES)), &bad).await;
}

#[tokio::test]
async fn rfc_att19_att20_numbers_have_their_kind() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let bad = [
        ("count", json!(1.5)),
        ("count", json!("x")),
        ("count", json!(true)),
        ("weight", json!("x")),
        ("weight", json!(false)),
    ];
    refused(&client, ("/Devices", device(&json!({}))), &bad).await;
    let exponent = format!(r#"{{"schemas":["{DEVICE}"],"serial":"S-2","count":1e3}}"#);
    client.send("POST", "/Devices", &[], Some(exponent)).await.refused(400, "invalidValue");
    let fine =
        client.post("/Devices", &device(&json!({"count": -7, "weight": 2.25}))).await.expect(201);
    assert_eq!((&fine.body["count"], &fine.body["weight"]), (&json!(-7), &json!(2.25)));
}

#[tokio::test]
async fn rfc_att21_a_date_time_has_both() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let bad = [
        ("installedAt", json!("2020-01-01")),
        ("installedAt", json!("yesterday")),
        ("installedAt", json!(1_577_836_800)),
    ];
    refused(&client, ("/Devices", device(&json!({}))), &bad).await;
    for (turn, fine) in ["2020-01-01T08:30:00Z", "2020-01-01T08:30:00.25+02:00"].iter().enumerate()
    {
        let body = device(&json!({"installedAt": fine, "serial": format!("T-{turn}")}));
        assert_eq!(client.post("/Devices", &body).await.expect(201).body["installedAt"], *fine);
    }
}

#[tokio::test]
async fn rfc_att22_binary_is_base64() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let bad = [("x509Certificates", json!([{"value": "!!not base64!!"}]))];
    refused(&client, ("/Users", user(INES)), &bad).await;
    for (turn, fine) in ["TQ==", "TQ", "TWFuTWFu"].iter().enumerate() {
        let body = device(&json!({"key": fine, "serial": format!("K-{turn}")}));
        assert_eq!(client.post("/Devices", &body).await.expect(201).body["key"], *fine);
    }
}

#[tokio::test]
async fn rfc_att23_a_reference_is_a_uri() {
    let world = World::new().await;
    let client = world.client();
    let bad = [
        ("profileUrl", json!("https://northvale.example/a b")),
        ("profileUrl", json!("<script>")),
        ("photos", json!([{"value": "not a uri"}])),
    ];
    refused(&client, ("/Users", user(INES)), &bad).await;
    for (turn, fine) in ["https://northvale.example/ines?x=1#top", "../Users/1"].iter().enumerate()
    {
        let body = user_with(&format!("p{turn}@northvale.example"), &json!({"profileUrl": fine}));
        assert_eq!(client.post("/Users", &body).await.expect(201).body["profileUrl"], *fine);
    }
}

#[tokio::test]
async fn rfc_att26_att37_a_type_beside_the_usual_ones_and_none_at_all_are_kept() {
    let world = World::new().await;
    let emails = json!([{"value": INES, "type": "nonstandard"}, {"value": "i@northvale.example"}]);
    let body = user_with(INES, &json!({"emails": emails}));
    assert_eq!(world.client().post("/Users", &body).await.expect(201).body["emails"], emails);
}

#[tokio::test]
async fn rfc_att27_att28_one_value_at_most_is_primary() {
    let world = World::new().await;
    let client = world.client();
    let two = json!([{"value": "a@x.example", "primary": true}, {"value": "b@x.example", "primary": true}]);
    refused(&client, ("/Users", user(INES)), &[("emails", two)]).await;
    let none = json!([{"value": "a@x.example"}, {"value": "b@x.example"}]);
    let body = user_with("other@northvale.example", &json!({"emails": none}));
    let made = client.post("/Users", &body).await.expect(201);
    for email in made.body["emails"].as_array().unwrap() {
        assert_ne!(email.get("primary"), Some(&json!(true)));
    }
    assert_eq!(hits(&client, "/Users", "emails.primary eq true").await, 0);
}

#[tokio::test]
async fn rfc_att29_att30_a_pair_occurs_once_and_a_value_twice_with_two_types() {
    let world = World::new().await;
    let client = world.client();
    let twice = json!([{"value": INES, "type": "work"}, {"value": INES, "type": "work"},
        {"value": INES, "type": "home"}]);
    let made = client.post("/Users", &user_with(INES, &json!({"emails": twice}))).await.expect(201);
    let once = json!([{"value": INES, "type": "work"}, {"value": INES, "type": "home"}]);
    assert_eq!(made.body["emails"], once);
    let path = format!("/Users/{}", made.id());
    let again =
        json!([{"op": "add", "path": "emails", "value": [{"value": INES, "type": "work"}]}]);
    assert_eq!(client.operations(&path, again).await.expect(200).body["emails"], once);
}

#[tokio::test]
async fn rfc_att31_the_usual_parts_keep_their_meaning() {
    let world = World::with_custom_types().await;
    for schema in world.admin().get("/Schemas").await.expect(200).resources() {
        if schema["id"].as_str().unwrap().contains(":2.0:S") {
            continue; // Schema and ServiceProviderConfig describe themselves.
        }
        let attributes = schema["attributes"].as_array().unwrap().iter();
        let parts = attributes.filter_map(|attribute| attribute["subAttributes"].as_array());
        for part in parts.flatten() {
            let expected = match part["name"].as_str().unwrap() {
                "primary" => "boolean",
                "$ref" => "reference",
                "display" | "type" => "string",
                _ => continue,
            };
            assert_eq!(part["type"], expected, "{}: {part}", schema["id"]);
        }
    }
}

#[tokio::test]
async fn rfc_att32_null_and_the_empty_list_clear() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users", &super::full(INES)).await.expect(201);
    let path = format!("/Users/{}", made.id());
    let put = with(super::full(INES), &json!({"nickName": null, "emails": []}));
    let reply = client.put(&path, &put).await.expect(200);
    let read = client.get(&path).await.expect(200);
    for body in [&reply.body, &read.body] {
        assert!(unassigned(&body["nickName"]) && unassigned(&body["emails"]), "{body}");
        assert_eq!(body["title"], "Physician");
    }
}

#[tokio::test]
async fn rfc_att33_att34_a_default_is_shown_and_found() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    assert_eq!(client.get(&format!("/Users/{id}")).await.body["active"], true);
    assert_eq!(hits(&client, "/Users", &format!("active eq true and id eq \"{id}\"")).await, 1);
    assert_eq!(hits(&client, "/Users", &format!("active eq false and id eq \"{id}\"")).await, 0);
}

#[tokio::test]
async fn rfc_att35_names_are_prepared_before_they_are_compared() {
    let world = World::new().await;
    let client = world.client();
    let composed = client.post("/Users", &user("ren\u{e9}e@northvale.example")).await.expect(201);
    let decomposed = "rene\u{301}e@northvale.example";
    client.post("/Users", &user(decomposed)).await.refused(409, "uniqueness");
    let found = client.filter("/Users", &format!("userName eq \"{decomposed}\"")).await.expect(200);
    assert_eq!(found.resources()[0]["id"], composed.id());
    client.post("/Users", &user("\u{ff21}nna")).await.expect(201);
    client.post("/Users", &user("anna")).await.refused(409, "uniqueness");
}
