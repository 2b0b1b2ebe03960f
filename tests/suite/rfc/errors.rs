//! Errors, `/Me` and protocol versions (RFC 7644 §3.11 to §3.13).

use std::time::Duration;

use serde_json::json;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;

use super::cast::NOBODY;
use super::cast::made;
use super::cast::people;
use super::cast::rich;
use super::cast::user;
use crate::world::BASE;
use crate::world::Reply;
use crate::world::World;

/// The words of RFC 7644 §3.12 and RFC 9865.
const WORDS: [&str; 13] = [
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
    "invalidCursor",
    "expiredCursor",
    "invalidCount",
];

/// What is true of every error.
#[track_caller]
fn is_error(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/scim+json");
    let body = reply.body.as_object().unwrap();
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(body["status"], status.to_string());
    assert!(body["detail"].is_string());
    if let Some(word) = body.get("scimType") {
        assert!(WORDS.contains(&word.as_str().unwrap()), "{word}");
    }
    assert!(
        body.keys().all(|key| ["schemas", "status", "detail", "scimType"].contains(&key.as_str()))
    );
    assert!(!reply.header("x-request-id").is_empty());
}

#[tokio::test]
async fn rfc_err01_err02_err03_err04_err05_err06_every_error_has_one_form() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let old = [("if-match", "W/\"never\"")];
    is_error(&client.post("/Users", &user("ines")).await, 409);
    is_error(&client.send("POST", "/Users", &[], Some("{".into())).await, 400);
    is_error(&client.filter("/Users", "nonsense").await, 400);
    is_error(&client.get(&format!("/Users/{NOBODY}")).await, 404);
    is_error(&client.get("/Nonesuch").await, 404);
    is_error(&client.patch("/Users", &json!({})).await, 405);
    is_error(&client.get("/Me").await, 501);
    is_error(&client.send("DELETE", &path, &old, None).await, 412);
    is_error(&world.caller(None).get("/Users").await, 401);
    let text = [("content-type", "text/plain")];
    is_error(&client.send("POST", "/Users", &text, Some("x".into())).await, 415);
    is_error(&client.get("//scim/v1/Users").await, 400);
    is_error(&client.get(&format!("/Users?filter={}", "x".repeat(9_000))).await, 414);
    is_error(&client.get("/ResourceTypes?filter=name%20pr").await, 403);
}

#[tokio::test]
async fn rfc_err07_err08_err10_err11_err12_the_status_says_what_is_wrong() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    client.send("POST", "/Users", &[], Some("{".into())).await.refused(400, "invalidSyntax");
    client.post("/Users", &json!({"userName": 7.5e300})).await.refused(400, "invalidValue");
    let wrong = world.caller(Some("wg_wrong")).get(&path).await.expect(401);
    assert!(wrong.header("www-authenticate").starts_with("Bearer"));
    client.get("/Users/7").await.refused(404, "");
    client.get("/Widgets").await.refused(404, "");
    client.post("/Users", &user("ines")).await.refused(409, "uniqueness");
    let stale = [("if-match", "\"stale\"")];
    client.send("PUT", &path, &stale, Some(user("ines").to_string())).await.refused(412, "");
}

#[tokio::test]
async fn rfc_err09_a_caller_without_the_right_is_refused() {
    let world = World::new().await;
    let client = world.client();
    world.set("permissions=groups").await;
    let reply = client.post("/Users", &user("ines")).await.refused(403, "");
    is_error(&reply, 403);
    world.set("permissions=users").await;
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 0);
}

#[tokio::test]
async fn rfc_err13_a_body_that_is_too_large_names_the_limit() {
    let world = World::new().await;
    let client = world.client();
    let mut body = user("ines");
    body["nickName"] = json!("x".repeat(wardgate::http::limits::LARGEST_BODY));
    let reply = client.post("/Users", &body).await.expect(413);
    assert!(reply.body["detail"].as_str().unwrap().contains("4194304"), "{}", reply.text);
    is_error(&reply, 413);
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
}

#[tokio::test]
async fn rfc_err15_err16_nothing_is_unsupported_that_is_announced_and_nothing_redirects() {
    let world = World::new().await;
    let client = world.client();
    let config = client.get("/ServiceProviderConfig").await.expect(200).body;
    for feature in ["patch", "bulk", "filter", "sort", "etag"] {
        assert_eq!(config[feature]["supported"], true, "{feature}");
    }
    assert_eq!(config["changePassword"]["supported"], false);
    let path = made(&client, &user("ines")).await;
    let switch = json!([{"op": "replace", "path": "active", "value": false}]);
    client.operations(&path, switch).await.expect(200);
    for odd in ["/Users/", "//scim/v2//Users", "/Users?"] {
        client.get(odd).await.expect(200);
    }
    for odd in ["//scim", "//scim/v2/users", "//Users"] {
        assert!(client.get(odd).await.expect(404).header("location").is_empty());
    }
}

#[tokio::test]
async fn rfc_err17_an_unfit_method_learns_what_fits() {
    let world = World::new().await;
    let client = world.client();
    for (method, path, fits) in [
        ("PATCH", "/Users", "GET, HEAD, POST, OPTIONS"),
        ("DELETE", "/Groups", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/Users/1", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("GET", "/Bulk", "POST, OPTIONS"),
        ("DELETE", "/Schemas", "GET, HEAD, OPTIONS"),
        ("TRACE", "/Users", "GET, HEAD, POST, OPTIONS"),
    ] {
        let reply = client.send(method, path, &[], None).await;
        assert_eq!(reply.header("allow"), fits, "{method} {path}");
        is_error(&reply, 405);
    }
}

#[tokio::test]
async fn rfc_err18_ver02_other_versions_are_refused() {
    let world = World::new().await;
    let client = world.client();
    for version in ["v1", "v3", "v9", "v20"] {
        let reply = client.get(&format!("//scim/{version}/Users")).await;
        is_error(&reply.refused(400, "invalidVers"), 400);
    }
    client.get("//scim/vx/Users").await.refused(404, "");
    client.get("//scim/Users").await.refused(404, "");
}

#[tokio::test]
async fn rfc_ver02_other_versions_are_never_served() {
    let world = World::new().await;
    let client = world.client();
    people(&client, &["ines"]).await;
    for path in ["//scim/v1/Users", "//v9/Users", "//scim/v2.0/Users", "//scim/V2/Users"] {
        let reply = client.get(path).await;
        assert!([400, 404].contains(&reply.status), "{path}: {}", reply.status);
        assert!(!reply.text.contains("ines"));
    }
}

#[tokio::test]
async fn rfc_ver01_ver03_ver04_one_version_in_front_of_the_endpoint() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    client.get(&format!("//scim/v2{path}")).await.expect(200);
    // The path without a version is not offered, so nothing is served there.
    client.get(&format!("//scim{path}")).await.refused(404, "");
    let text = client.get(&path).await.text + &client.get("/ResourceTypes").await.text;
    for piece in text.split("\"location\":\"").skip(1) {
        let location = piece.split('"').next().unwrap();
        assert!(location.starts_with(BASE) && !location.contains('?'), "{location}");
    }
    assert!(text.contains("\"location\":\""));
}

#[tokio::test]
async fn rfc_err19_too_many_requests_wait() {
    let limits = Limits { requests_per_second: 2, request_burst: 3, ..Limits::default() };
    let catalogue = Catalogue::built_in().unwrap();
    let world = World::with(catalogue, Default::default(), limits).await;
    let client = world.client();
    for _ in 0..3 {
        client.get("/Users").await.expect(200);
    }
    let reply = client.get("/Users").await;
    is_error(&reply, 429);
    assert_eq!(reply.header("retry-after"), "1");
    let (other, _) = world.other_connection(1).await;
    other.get("/Users").await.expect(200);
    world.clock.advance(Duration::from_secs(1));
    client.get("/Users").await.expect(200);
}

#[tokio::test]
async fn rfc_err14_err20_errors_repeat_nothing_and_show_no_insides() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let canary = "canary-7f3a";
    let mut wrong = user("tobias");
    wrong["active"] = json!(canary);
    wrong[canary] = json!(1);
    let patch = |target: String| json!([{"op": "replace", "path": target, "value": canary}]);
    for reply in [
        client.post("/Users", &wrong).await,
        client.get(&format!("/Users/{canary}")).await,
        client.get(&format!("/{canary}")).await,
        client.filter("/Users", &format!("{canary} eq \"{canary}\"")).await,
        client.filter("/Users", &format!("userName {canary} \"x\"")).await,
        client.get(&format!("/Users?sortBy={canary}")).await,
        client.get(&format!("/Users?cursor={canary}")).await,
        client.operations(&path, patch(canary.to_owned())).await,
        client.operations(&path, patch("active".to_owned())).await,
        client.operations(&path, patch(format!("emails[{canary} eq 1]"))).await,
        client.send("PUT", &path, &[("if-match", canary)], Some(user("x").to_string())).await,
        client.send("POST", "/Users", &[], Some(format!("{{\"{canary}\": "))).await,
        client.send("POST", "/Users", &[("content-type", canary)], Some("{}".into())).await,
        world.caller(Some(canary)).get("/Users").await,
    ] {
        assert!(reply.status >= 400, "{}", reply.text);
        assert!(!reply.text.contains(canary), "{}", reply.text);
        for insides in ["src/", ".rs", "panicked", "redb", "0x", "thread"] {
            assert!(!reply.text.contains(insides), "{}", reply.text);
        }
    }
}

#[tokio::test]
async fn rfc_me01_me02_me03_me04_me05_me06_the_alias_is_not_offered() {
    let world = World::new().await;
    let people = people(&world.client(), &["ines"]).await;
    for caller in [world.client(), world.admin()] {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let body = (method != "GET").then(|| user("me").to_string());
            let reply = caller.send(method, "/Me", &[], body).await;
            is_error(&reply, 501);
            assert!(reply.header("location").is_empty());
        }
    }
    world.caller(None).get("/Me").await.expect(401);
    world.client().get(&format!("/Users/{}", people[0])).await.expect(200);
}
