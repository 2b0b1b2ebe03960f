//! Versions of resources (RFC 7644 §3.14, RFC 9110 §13) and updates at the same time.

use serde_json::Value;
use serde_json::json;

use super::cast::NOBODY;
use super::cast::group;
use super::cast::made;
use super::cast::members;
use super::cast::people;
use super::cast::rich;
use super::cast::user;
use crate::world::Client;
use crate::world::Reply;
use wardgate::store::change::Outcome;

use crate::world::World;

async fn with(client: &Client, method: &str, path: &str, header: (&str, &str)) -> Reply {
    let body = match method {
        "PUT" => Some(json!({"userName": "ines@northvale.example", "title": "New"}).to_string()),
        "PATCH" => Some(
            json!({"Operations": [{"op": "replace", "path": "title", "value": "New"}]}).to_string(),
        ),
        _ => None,
    };
    client.send(method, path, &[header], body).await
}

#[tokio::test]
async fn rfc_etg01_etg02_etg03_etg04_etg17_the_version_is_told_and_moves_with_changes() {
    let world = World::new().await;
    let client = world.client();
    let created = client.post("/Users", &rich("ines")).await.expect(201);
    let path = format!("/Users/{}", created.id());
    let mut seen = vec![created.header("etag").to_owned()];
    for title in ["Clerk", "Nurse"] {
        let mut body = rich("ines");
        body["title"] = json!(title);
        let put = client.put(&path, &body).await.expect(200);
        seen.push(put.header("etag").to_owned());
        for _ in 0..2 {
            let read = client.get(&path).await.expect(200);
            assert_eq!(read.header("etag"), put.header("etag"));
            assert_eq!(read.body["meta"]["version"], put.header("etag"));
        }
    }
    assert!(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2]);
    for tag in seen {
        let opaque = tag.strip_prefix("W/").unwrap_or(&tag);
        let inner = opaque.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap();
        assert!(!inner.is_empty() && inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"'));
    }
}

#[tokio::test]
async fn rfc_etg05_etg06_etg13_etg14_etg19_reads_with_if_none_match() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let tag = client.get(&path).await.header("etag").to_owned();
    let strong = tag.trim_start_matches("W/").to_owned();
    let list = format!("\"x\", {tag}");
    for same in [tag.as_str(), strong.as_str(), "*", list.as_str()] {
        for path in [path.clone(), format!("{path}?attributes=displayName")] {
            let reply = with(&client, "GET", &path, ("if-none-match", same)).await.expect(304);
            assert!(reply.text.is_empty() && reply.header("content-type").is_empty());
            assert_eq!(reply.header("etag"), tag);
        }
    }
    let reply = with(&client, "GET", &path, ("if-none-match", "W/\"other\"")).await.expect(200);
    assert_eq!(reply.body["displayName"], "Ines Quarrie");
    let bad = with(&client, "GET", &path, ("if-none-match", "no quotes")).await;
    bad.refused(400, "invalidValue");
    // A membership is part of what a person shows.
    group(&client, "Ward 7", &[path.replace("/Users/", "")]).await;
    let reply = with(&client, "GET", &path, ("if-none-match", &tag)).await.expect(200);
    assert_eq!(reply.body["groups"][0]["display"], "Ward 7");
}

#[tokio::test]
async fn rfc_etg07_etg08_etg09_a_stale_version_changes_nothing() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let old = client.get(&path).await.header("etag").to_owned();
    client.put(&path, &rich("ines")).await.expect(200);
    let before = client.get(&path).await.text;
    for method in ["PUT", "PATCH", "DELETE"] {
        let reply = with(&client, method, &path, ("if-match", &old)).await;
        reply.refused(412, "");
        let reply = with(&client, method, &path, ("if-match", "7")).await;
        reply.refused(400, "invalidValue");
    }
    assert_eq!(client.get(&path).await.text, before);
}

#[tokio::test]
async fn rfc_etg10_etg11_etg12_etg15_the_present_version_opens() {
    let world = World::new().await;
    let client = world.client();
    for (method, then) in [("PUT", 204), ("PATCH", 204), ("DELETE", 404)] {
        for form in 0..4 {
            let path = made(&client, &user("ines")).await;
            let tag = client.get(&path).await.header("etag").to_owned();
            let held = match form {
                0 => tag,
                1 => tag.trim_start_matches("W/").to_owned(),
                2 => "*".to_owned(),
                _ => format!("\"x\", {tag}"),
            };
            let reply = with(&client, method, &path, ("if-match", &held)).await;
            assert!([200, 204].contains(&reply.status), "{method} {held}: {}", reply.text);
            client.delete(&path).await.expect(then);
        }
        let nobody = format!("/Users/{NOBODY}");
        with(&client, method, &nobody, ("if-match", "*")).await.refused(404, "");
    }
}

#[tokio::test]
async fn rfc_etg18_a_resource_that_is_made_again_is_another() {
    let world = World::new().await;
    let client = world.client();
    let first = client.post("/Users", &user("ines")).await.expect(201);
    client.delete(&format!("/Users/{}", first.id())).await.expect(204);
    let second = client.post("/Users", &user("ines")).await.expect(201);
    assert_ne!((first.id(), first.header("etag")), (second.id(), second.header("etag")));
    assert_ne!(first.id(), second.id());
    let old = first.body["meta"]["location"].clone();
    assert_ne!(second.body["meta"]["location"], old);
}

#[tokio::test]
async fn rfc_etg20_a_change_without_effect_keeps_the_version() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let before = client.get(&path).await.expect(200);
    let same = json!([{"op": "replace", "path": "nickName", "value": "Inny"}]);
    let reply = client.operations(&path, same).await.expect(200);
    assert_eq!(reply.header("etag"), before.header("etag"));
    assert_eq!(client.get(&path).await.text, before.text);
}

fn patched(value: usize) -> Value {
    json!({"Operations": [{"op": "replace", "path": "title", "value": format!("T{value}")}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rfc_etg16_one_of_many_with_the_same_version_wins() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let tag = client.get(&path).await.header("etag").to_owned();
    let mut tasks = tokio::task::JoinSet::new();
    for turn in 0..20_usize {
        let (client, path, tag) = (client.clone(), path.clone(), tag.clone());
        let body = json!({"userName": "ines@northvale.example", "title": format!("T{turn}")});
        tasks.spawn(async move {
            let headers = [("if-match", tag.as_str())];
            client.send("PUT", &path, &headers, Some(body.to_string())).await.status
        });
    }
    let mut all = tasks.join_all().await;
    all.sort_unstable();
    assert_eq!(all[0], 200);
    assert!(all[1..].iter().all(|status| *status == 412), "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con01_no_update_is_lost() {
    let world = World::new().await;
    let client = world.client();
    // Writers that name no version decide again: each title stands at some time.
    let path = made(&client, &user("ines")).await;
    let mut tasks = tokio::task::JoinSet::new();
    for turn in 0..20 {
        let (client, path) = (client.clone(), path.clone());
        tasks.spawn(async move { client.patch(&path, &patched(turn)).await.status });
    }
    assert!(tasks.join_all().await.iter().all(|status| *status == 200));
    let events = world.events(1).await;
    assert_eq!(events.iter().filter(|event| event.attributes == ["title"]).count(), 20);
    // A hundred additions to one group all count.
    let names: Vec<String> = (0..100).map(|turn| format!("m{turn}")).collect();
    let ids = people(&client, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let ward = group(&client, "Ward 7", &[]).await;
    let mut tasks = tokio::task::JoinSet::new();
    for id in &ids {
        let (client, ward) = (client.clone(), ward.clone());
        let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
        tasks.spawn(async move { client.operations(&ward, add).await.status });
    }
    assert!(tasks.join_all().await.iter().all(|status| *status == 204));
    assert_eq!(members(&client, &ward).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con05_the_last_event_tells_the_state() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    for _ in 0..50 {
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        let on = json!({"userName": "ines@northvale.example", "active": true});
        let (one, other) = tokio::join!(client.operations(&path, off), client.put(&path, &on));
        // A request to switch on that lost the race is refused: deactivation wins.
        assert_eq!(one.status, 200);
        assert!([200, 409].contains(&other.status), "{}", other.text);
        let read = client.get(&path).await.expect(200);
        let events = world.events(1).await;
        let last = events.iter().rfind(|event| event.outcome == Outcome::Done).unwrap();
        let version = read.header("etag").to_owned();
        let told = if read.body["active"] == true { &other } else { &one };
        assert_eq!(told.header("etag"), version);
        assert_eq!(last.attributes, ["active"]);
        assert_eq!(last.cause.request.to_string(), told.header("x-request-id"));
    }
}
