//! Media types and encodings (RFC 7644 §3.8).

use serde_json::json;

use super::cast::made;
use super::cast::rich;
use super::cast::user;
use crate::world::World;
use crate::world::encode;

#[tokio::test]
async fn rfc_cty01_cty02_cty03_cty05_cty06_answers_are_scim_whatever_is_asked_for() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let bare = client.get(&path).await.expect(200);
    assert_eq!(bare.header("content-type"), "application/scim+json");
    for accept in [
        "application/scim+json",
        "application/json",
        "text/html;q=0.5, */*;q=0.1",
        "*/*",
        "application/*",
        "application/scim+json;q=0.9, application/json",
        // What cannot be served is answered in the default form, as the RFC lets us.
        "text/html",
        "nonsense",
    ] {
        let reply = client.send("GET", &path, &[("accept", accept)], None).await.expect(200);
        assert_eq!(reply.header("content-type"), "application/scim+json", "{accept}");
        assert_eq!(reply.text, bare.text);
    }
    world.set("plain_json=true").await;
    let reply = client.get(&path).await.expect(200);
    assert_eq!(reply.header("content-type"), "application/json");
}

#[tokio::test]
async fn rfc_cty04_cty09_texts_are_unicode_in_utf8() {
    let world = World::new().await;
    let client = world.client();
    let mut body = user("ines");
    body["displayName"] = json!("Ñandú 看護 😀 𝔐");
    body["name"] = json!({"familyName": "Žižková"});
    let path = made(&client, &body).await;
    let read = client.get(&path).await.expect(200);
    assert_eq!(read.body["displayName"], body["displayName"]);
    assert_eq!(read.body["name"], body["name"]);
    assert!(read.text.contains("😀") && read.text.contains("Žižková"));
    let found = client.filter("/Users", "displayName co \"看護\"").await.expect(200);
    assert_eq!(found.body["totalResults"], 1);
    let escaped = r#"{"userName": "t@northvale.example", "displayName": "\ud83d\ude00"}"#;
    let reply = client.send("POST", "/Users", &[], Some(escaped.into())).await.expect(201);
    assert_eq!(reply.body["displayName"], "😀");
    let listed = client.get(&format!("/Users?filter=displayName+eq+{}", encode("\"😀\""))).await;
    assert_eq!(listed.expect(200).body["totalResults"], 1);
}

#[tokio::test]
async fn rfc_cty07_cty08_cty10_what_is_no_json_in_utf8_is_refused() {
    let world = World::new().await;
    let client = world.client();
    let mut bad = br#"{"userName": "ines"#.to_vec();
    bad.push(0xff);
    bad.extend_from_slice(br#"@northvale.example"}"#);
    client.send_bytes("POST", "/Users", &[], Some(bad)).await.refused(400, "invalidSyntax");
    client.send("POST", "/Users", &[], Some(String::new())).await.refused(400, "invalidSyntax");
    client.send("POST", "/Users", &[], None).await.refused(400, "invalidSyntax");
    for media in ["text/plain", "application/xml", "application/json; charset=iso-8859-1"] {
        let headers = [("content-type", media)];
        client.send("POST", "/Users", &headers, Some(user("x").to_string())).await.expect(415);
    }
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
    for (turn, media) in [
        "application/scim+json;charset=UTF-8",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/scim+json; odd=1",
    ]
    .iter()
    .enumerate()
    {
        let headers = [("content-type", *media)];
        let body = Some(user(&format!("p{turn}")).to_string());
        client.send("POST", "/Users", &headers, body).await.expect(201);
    }
}

#[tokio::test]
async fn rfc_cty11_answers_without_content_have_no_body() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let read = client.get(&path).await;
    let same = [("if-none-match", read.header("etag"))];
    let head = client.send("HEAD", &path, &[], None).await.expect(200);
    assert_eq!(head.header("content-length"), read.text.len().to_string());
    for (reply, status) in
        [(client.send("GET", &path, &same, None).await, 304), (client.delete(&path).await, 204)]
    {
        assert_eq!(reply.status, status);
        assert!(reply.text.is_empty() && reply.header("content-type").is_empty());
    }
}
