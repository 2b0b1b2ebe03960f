//! `meta`, its times, its place and its version (RES-18 to RES-27).

use std::time::Duration;

use serde_json::json;

use super::full;
use super::user;
use super::user_with;
use crate::world::BASE;
use crate::world::Reply;
use crate::world::World;

const INES: &str = "ines.quarrie@northvale.example";

#[tokio::test]
async fn rfc_res18_res19_meta_comes_from_us() {
    let world = World::new().await;
    let client = world.client();
    let forged = json!({"meta": {"created": "1999-01-01T00:00:00Z", "resourceType": "Admin",
        "location": "https://elsewhere.example/", "version": "W/\"99\"", "lastModified": "1999-01-01T00:00:00Z"}});
    let reply = client.post("/Users", &user_with(INES, &forged)).await.expect(201);
    let meta = &reply.body["meta"];
    assert_eq!(meta["resourceType"], "User");
    assert!(meta["created"].as_str().unwrap() > "2026");
    assert_eq!(meta["location"], format!("{BASE}/Users/{}", reply.id()));
    assert_ne!(meta["version"], "W/\"99\"");
    let put = client.put(&format!("/Users/{}", reply.id()), &user_with(INES, &forged)).await;
    assert_eq!(put.expect(200).body["meta"], *meta);
    let group = client.post("/Groups", &super::group("Ward 7", &[])).await.expect(201);
    assert_eq!(group.body["meta"]["resourceType"], "Group");
}

#[tokio::test]
async fn rfc_res20_res21_res22_times_tell_when_it_was_made_and_changed() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users", &full(INES)).await.expect(201);
    let meta = &made.body["meta"];
    assert_eq!(meta["created"], meta["lastModified"]);
    let stamp: jiff::Timestamp = meta["created"].as_str().unwrap().parse().unwrap();
    // The clock stands still, and each change still has a moment of its own.
    assert_eq!(stamp.as_millisecond(), 1_790_000_000_000);
    world.clock.advance(Duration::from_secs(1));
    let mut body = full(INES);
    body["title"] = json!("Nurse");
    let put = client.put(&format!("/Users/{}", made.id()), &body).await.expect(200);
    assert_eq!(put.body["meta"]["created"], meta["created"]);
    let later: jiff::Timestamp =
        put.body["meta"]["lastModified"].as_str().unwrap().parse().unwrap();
    assert!(later > stamp, "{}", put.text);
}

fn same_place(reply: &Reply) {
    let location = reply.body["meta"]["location"].as_str().unwrap();
    assert_eq!(reply.header("location"), location);
    let content = reply.header("content-location");
    assert!(content.is_empty() || content == location);
    assert_eq!(location, format!("{BASE}/Users/{}", reply.id()));
}

#[tokio::test]
async fn rfc_res23_res24_res25_the_location_is_one_and_leads_there() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users", &user(INES)).await.expect(201);
    same_place(&made);
    let path = made.header("location").strip_prefix(BASE).unwrap();
    let read = client.get(path).await.expect(200);
    same_place(&read);
    assert_eq!(read.id(), made.id());
}

#[tokio::test]
async fn rfc_res26_res27_the_version_is_the_entity_tag_and_weak() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users", &user(INES)).await.expect(201);
    for reply in [made.clone(), client.get(&format!("/Users/{}", made.id())).await] {
        let tag = reply.header("etag");
        assert_eq!(reply.body["meta"]["version"], tag);
        let opaque = tag.strip_prefix("W/\"").unwrap().strip_suffix('"').unwrap();
        assert!(!opaque.is_empty() && !opaque.contains('"'));
    }
}
