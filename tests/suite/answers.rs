//! Answers that are large: how much one may hold, and how much may wait to be taken (F19).

use std::collections::BTreeSet;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::Response;
use serde_json::Value;
use serde_json::json;
use wardgate::http::limits::Limits;
use wardgate::http::outgoing::Outgoing;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;

use crate::world::Client;
use crate::world::World;
use crate::world::encode;

/// Beyond this size a page of these stories takes no more.
const PAGE: usize = 20_000;
const GROUPS: usize = 11;

/// People, and groups that hold all of them: three groups fill a page. One group fills it alone.
async fn crowd(limits: Limits) -> (World, BTreeSet<String>) {
    let settings = Settings { page_bytes: PAGE, ..Settings::default() };
    let world = World::with(Catalogue::built_in().unwrap(), settings, limits).await;
    let client = world.client();
    let mut people = Vec::new();
    for turn in 0..120 {
        let body = json!({"userName": format!("person-{turn}")});
        people.push(json!({"value": client.post("/Users", &body).await.expect(201).id()}));
    }
    let mut groups = BTreeSet::new();
    for turn in 0..GROUPS {
        let members = if turn == 4 { &people[..] } else { &people[..35] };
        let body = json!({"displayName": format!("Group {turn}"), "members": members});
        groups.insert(client.post("/Groups", &body).await.expect(201).id());
    }
    (world, groups)
}

/// The identifiers on a page. It holds something, and more than one thing only if all fits.
fn ids(page: &Value, size: usize) -> Vec<String> {
    let resources = page["Resources"].as_array().unwrap();
    assert_eq!(page["itemsPerPage"], resources.len());
    assert_eq!(page["totalResults"], GROUPS);
    assert!(!resources.is_empty() && resources.len() < GROUPS);
    assert!(resources.len() == 1 || size < PAGE + 1_000, "{size}");
    resources.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

async fn by_index(client: &Client, query: &str) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    while seen.len() < GROUPS {
        let path = format!("/Groups?count=1000&startIndex={}&{query}", seen.len() + 1);
        let page = client.get(&path).await.expect(200);
        seen.extend(ids(&page.body, page.text.len()));
    }
    seen
}

async fn by_cursor(client: &Client, query: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/Groups?count=1000&cursor={}&{query}", encode(&cursor));
        let page = client.get(&path).await.expect(200);
        seen.extend(ids(&page.body, page.text.len()));
        match page.body["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn rfc_pag07_a_page_that_is_large_enough_ends_and_the_next_begins_after_it() {
    let (world, groups) = crowd(Limits::default()).await;
    let client = world.client();
    let held = encode("members pr");
    for query in [
        String::new(),
        "sortBy=displayName".into(),
        "sortBy=displayName&sortOrder=descending".into(),
        "sortBy=externalId".into(),
        "sortBy=meta.created&sortOrder=descending".into(),
        format!("filter={held}"),
        format!("filter={held}&sortBy=displayName"),
    ] {
        for seen in [by_index(&client, &query).await, by_cursor(&client, &query).await] {
            assert_eq!(seen.len(), GROUPS, "{query}");
            assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), groups, "{query}");
        }
    }
    // What is not shown weighs nothing.
    let all = client.get("/Groups?excludedAttributes=members").await.expect(200);
    assert_eq!(all.body["itemsPerPage"], GROUPS);
}

/// Asks, and leaves the body where it is.
async fn ask(world: &World, method: &str, path: &str, body: Value) -> Response<Outgoing> {
    let request = Request::builder()
        .method(method)
        .uri(format!("/scim/v2{path}"))
        .header("authorization", format!("Bearer {}", world.token()))
        .header("content-type", "application/scim+json")
        .body(Full::new(Bytes::from(body.to_string())));
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    world.gateway.handle(request.unwrap(), peer).await
}

#[tokio::test]
async fn f19_while_too_many_answers_wait_to_be_taken_nothing_is_read_and_changes_are_made() {
    let (world, groups) = crowd(Limits { in_flight: 30_000, ..Limits::default() }).await;
    let list = || ask(&world, "GET", "/Groups", Value::Null);
    let waiting = list().await;
    assert_eq!(waiting.status(), 200);
    let refused = list().await;
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    // Small answers and changes come through, however large the answer to a change is.
    assert_eq!(ask(&world, "GET", "/Users?count=1", Value::Null).await.status(), 200);
    let group = format!("/Groups/{}", groups.iter().next().unwrap());
    let operation = json!({"op": "replace", "path": "displayName", "value": "Renamed"});
    let patch = json!({"Operations": [operation]});
    let path = format!("{group}?attributes=members");
    let changed = [
        ask(&world, "PATCH", &path, patch.clone()).await,
        ask(&world, "PATCH", &path, patch.clone()).await,
        ask(&world, "PATCH", &path, patch).await,
    ];
    assert!(changed.iter().all(|changed| changed.status() == 200));
    // Now the bound is passed, and what is small is not read either.
    for path in ["/Users?count=1", "/Groups", group.as_str()] {
        assert_eq!(ask(&world, "GET", path, Value::Null).await.status(), 503, "{path}");
    }
    drop((waiting, changed));
    assert_eq!(list().await.status(), 200);
    assert_eq!(list().await.status(), 200);
}
