//! What of security shows from outside (RFC 7644 §2, §7).

use std::time::Duration;

use serde_json::json;
use wardgate::base::secret::Token;
use wardgate::service::operate::Command;

use super::cast::ENTERPRISE;
use super::cast::bulk;
use super::cast::group;
use super::cast::made;
use super::cast::rich;
use super::cast::user;
use crate::world::World;

#[tokio::test]
async fn rfc_sec01_sec02_sec09_sec10_nobody_comes_in_without_a_good_token() {
    let world = World::new().await;
    let token = world.token().to_owned();
    let basic = format!("Basic {token}");
    let path = made(&world.client(), &user("ines")).await;
    for (turn, authorization) in
        ["", "Bearer", "Bearer wg_wrong", basic.as_str(), "Bearer  x", "Negotiate abc"]
            .into_iter()
            .enumerate()
    {
        let caller = world.caller(None).at_address(u8::try_from(turn).unwrap() + 1);
        let headers = [("authorization", authorization)];
        let reply = caller.send("GET", &path, &headers, None).await.refused(401, "");
        assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"wardgate\"");
        let body = Some(user("ghost").to_string());
        caller.send("POST", "/Users", &headers, body).await.expect(401);
    }
    for query in ["access_token", "token", "bearer_token"] {
        let nobody = world.caller(None);
        nobody.get(&format!("/Users?{query}={token}")).await.expect(401);
    }
    world.client().get(&format!("/Users?access_token={token}")).await.expect(401);
    assert_eq!(world.client().get("/Users").await.body["totalResults"], 1);
}

#[tokio::test]
async fn rfc_sec05_tokens_are_long_and_end() {
    let world = World::new().await;
    let connection = world.connection.clone();
    let made = world.run(Command::TokenAdd { connection, days: 30 }).await;
    let text = made["token"].as_str().unwrap().to_owned();
    assert!(Token::parse(&text).is_some());
    assert!(text.strip_prefix("wg_").unwrap().len() >= 43, "256 bits take 43 characters");
    assert!(!text.contains(world.token()) && text != world.token());
    let caller = world.caller(Some(&text));
    world.clock.advance(Duration::from_secs(30 * 86_400 - 1));
    caller.get("/Users").await.expect(200);
    world.clock.advance(Duration::from_secs(1));
    caller.get("/Users").await.expect(401);
    world.client().get("/Users").await.expect(200);
}

#[tokio::test]
async fn rfc_sec06_a_password_is_kept_nowhere() {
    let world = World::new().await;
    let client = world.client();
    let secret = "throwaway-Pw1-canary";
    let mut body = rich("ines");
    body["password"] = json!(secret);
    let created = client.post("/Users", &body).await.expect(201);
    assert!(!created.text.contains(secret));
    let path = format!("/Users/{}", created.id());
    client.put(&path, &body).await.expect(200);
    let patch = json!([{"op": "replace", "path": "password", "value": secret}]);
    client.operations(&path, patch).await.expect(200);
    let target = tempfile::tempdir().unwrap().path().join("copy");
    let _keep = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(target.parent().unwrap()).unwrap();
    world.run(Command::Backup { target: target.clone() }).await;
    let copy = std::fs::read(&target).unwrap();
    let holds = |text: &str| copy.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("Ines Quarrie"), "the copy can be searched");
    assert!(!holds(secret));
    let found = client.filter("/Users", &format!("password eq \"{secret}\"")).await;
    found.expect(400);
    std::fs::remove_dir_all(target.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn rfc_sec07_sec11_a_filter_is_text_and_may_be_posted() {
    let world = World::new().await;
    let client = world.client();
    let odd = "o'brien\\\";--<script>";
    let mut body = user("ines");
    body["nickName"] = json!(odd);
    let path = made(&client, &body).await;
    let filter = format!("nickName eq {}", json!(odd));
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter
    });
    let posted = client.post("/Users/.search", &search).await.expect(200);
    let asked = client.filter("/Users", &filter).await.expect(200);
    assert_eq!(posted.body["Resources"], asked.body["Resources"]);
    assert_eq!(posted.body["totalResults"], 1);
    assert_eq!(client.get(&path).await.body["nickName"], odd);
}

#[tokio::test]
async fn rfc_sec08_sec13_tenants_do_not_see_each_other_anywhere() {
    let world = World::new().await;
    let (b, _) = world.other_organization(2).await;
    let a = world.client();
    let theirs = made(&b, &user("far")).await;
    let ours = made(&a, &user("near")).await;
    let far = theirs.replace("/Users/", "");
    let ward = group(&a, "Ward 7", &[]).await;
    a.get(&theirs).await.refused(404, "");
    a.put(&theirs, &user("x")).await.refused(404, "");
    a.delete(&theirs).await.refused(404, "");
    let found = a.filter("/Users", &format!("id eq \"{far}\"")).await.expect(200);
    assert_eq!(found.body["totalResults"], 0);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": far}]}]);
    a.operations(&ward, add).await.refused(400, "invalidValue");
    let request = bulk(json!([{"method": "DELETE", "path": theirs}]));
    let done = a.post("/Bulk", &request).await.expect(200);
    assert_eq!(done.body["Operations"][0]["status"], "404");
    // A manager is text; what it names stays hidden.
    let manager = json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": far}]);
    let reply = a.operations(&ours, manager).await.expect(200);
    assert!(!reply.text.contains("far@"));
    made(&b, &user("far2")).await;
    let page = b.get("/Users?count=1&cursor").await.expect(200);
    let cursor = page.body["nextCursor"].as_str().unwrap();
    a.get(&format!("/Users?count=1&cursor={cursor}")).await.refused(400, "invalidCursor");
    for header in [("host", "org2.example"), ("x-organization", "ORG0002")] {
        a.send("GET", &theirs, &[header], None).await.expect(404);
    }
    a.get("//scim/v2/ORG0002/Users").await.expect(404);
    b.get(&theirs).await.expect(200);
}

#[tokio::test]
async fn rfc_sec12_user_names_are_compared_in_their_canonical_form() {
    let world = World::new().await;
    let client = world.client();
    made(&client, &json!({"userName": "INÈS@northvale.example"})).await;
    for same in ["inès@northvale.example", "ine\u{300}s@northvale.example"] {
        client.post("/Users", &json!({"userName": same})).await.refused(409, "uniqueness");
        let found = client.filter("/Users", &format!("userName eq \"{same}\"")).await;
        assert_eq!(found.expect(200).body["totalResults"], 1, "{same}");
    }
    made(&client, &json!({"userName": "ines@northvale.example"})).await;
}

#[tokio::test]
async fn rfc_sec15_a_body_above_the_limit_is_cut_off() {
    let world = World::new().await;
    let client = world.client();
    let largest = wardgate::http::limits::LARGEST_BODY;
    let padded = |length: usize| {
        let text = user("ines").to_string();
        let pad = " ".repeat(length - text.len());
        Some(text + &pad)
    };
    client.send("POST", "/Users", &[], padded(largest + 1)).await.expect(413);
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
    client.send("POST", "/Users", &[], padded(largest)).await.expect(201);
    client.send("POST", "/Users/.search", &[], padded(largest + 1)).await.expect(413);
}

#[tokio::test]
async fn rfc_sec04_sec16_only_discovery_and_health_are_public() {
    let world = World::new().await;
    let nobody = world.caller(None);
    let config = nobody.get("/ServiceProviderConfig").await.expect(200);
    assert_eq!(config.body["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert!(crate::world::BASE.starts_with("https://"));
    let strict = config.header("strict-transport-security");
    assert!(strict.starts_with("max-age="), "{strict}");
    for path in ["/", "/Users", "/Groups", "/Users/1", "/Schemas", "/ResourceTypes", "/Me"] {
        nobody.get(path).await.expect(401);
        nobody.send("HEAD", path, &[], None).await.expect(401);
    }
    for path in ["/Users", "/Groups", "/Bulk", "/.search", "/Users/.search"] {
        nobody.post(path, &json!({})).await.expect(401);
    }
    for method in ["PUT", "PATCH", "DELETE"] {
        nobody.send(method, "/Users/1", &[], Some("{}".into())).await.expect(401);
    }
}

#[tokio::test]
async fn rfc_sec17_one_wrong_character_is_as_wrong_as_all() {
    let world = World::new().await;
    let token = world.token();
    let mut seen = Vec::new();
    for place in [3, 10, token.len() - 1] {
        let mut other = token.as_bytes().to_vec();
        other[place] = if other[place] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        seen.push(world.caller(Some(&other)).get("/Users").await.expect(401).text);
    }
    seen.push(world.caller(Some("x")).get("/Users").await.expect(401).text);
    seen.dedup();
    assert_eq!(seen.len(), 1);
}

#[tokio::test]
async fn htp04_odd_paths_and_methods_lead_nowhere() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    for odd in [
        "//scim/v2/Users/%2e%2e/",
        "//scim/v2/Users/../Users",
        "//scim/v2/users",
        "//scim/v2/Users;x",
        "//scim/v2/Users;x=1/1",
        "//scim/v2/Users/%00",
        "//scim/v2/Users/%c0%ae%c0%ae",
        "//scim/v2/Users%2f1",
        "//scim/v2///Users",
        "//scim/v2/Users/1/2/3",
        "//SCIM/v2/Users",
        "////scim/v2/Users",
    ] {
        for caller in [world.caller(None), client.clone()] {
            let reply = caller.get(odd).await;
            assert!([401, 404, 405].contains(&reply.status), "{odd}: {}", reply.status);
            assert!(!reply.text.contains("ines"));
        }
        client.get(odd).await.expect(404);
    }
    for method in ["TRACE", "CONNECT", "PROPFIND", "get"] {
        let reply = client.send(method, &path, &[], None).await;
        assert!([404, 405].contains(&reply.status), "{method}: {}", reply.status);
    }
    let overridden = [("x-http-method-override", "DELETE"), ("x-method-override", "DELETE")];
    client.send("GET", &path, &overridden, None).await.expect(200);
    client.send("POST", &path, &overridden, Some("{}".into())).await.expect(405);
    client.get(&path).await.expect(200);
}

#[tokio::test]
async fn htp05_heads_have_limits_on_both_sides() {
    let world = World::new().await;
    let client = world.client();
    let names: Vec<String> = (0..101).map(|turn| format!("x-h{turn}")).collect();
    // The client sends one field of its own.
    for (count, status) in [(99, 200), (100, 431)] {
        let fields: Vec<(&str, &str)> =
            names.iter().take(count).map(|name| (name.as_str(), "v")).collect();
        let reply = client.send("GET", "/Users", &fields, None).await;
        assert_eq!(reply.status, status, "{count} fields");
    }
    let large = "v".repeat(33 * 1_024);
    client.send("GET", "/Users", &[("x-large", &large)], None).await.expect(431);
    let base = "/scim/v2/Users?q=".len();
    let query = |length: usize| format!("/Users?q={}", "a".repeat(length - base));
    client.get(&query(8_192)).await.expect(200);
    client.get(&query(8_193)).await.expect(414);
}
