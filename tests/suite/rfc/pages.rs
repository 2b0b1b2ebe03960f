//! Pages by index (RFC 7644 §3.4.2.4).

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;

use super::people::People;
use crate::world::Reply;
use crate::world::World;

#[track_caller]
fn shape(reply: &Reply, total: u64, start: u64, here: u64) {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let body = &reply.body;
    let told = (&body["totalResults"], &body["startIndex"], &body["itemsPerPage"]);
    assert_eq!(told, (&json!(total), &json!(start), &json!(here)), "{}", reply.text);
    assert_eq!(reply.resources().len() as u64, here);
}

#[tokio::test]
async fn rfc_pag01_pag02_pag06_pag08_pag09_pag10_a_page_says_where_it_is() {
    let people = People::new().await;
    shape(&people.client.get("/Users?count=1").await, 3, 1, 1);
    shape(&people.client.get("/Users?count=2").await, 3, 1, 2);
    shape(&people.client.get("/Users?startIndex=2&count=1").await, 3, 2, 1);
    shape(&people.client.get("/Users?startIndex=3&count=2").await, 3, 3, 1);
}

#[tokio::test]
async fn rfc_pag03_pag04_count_zero_and_below_tell_the_total_only() {
    let people = People::new().await;
    for query in ["count=0", "count=-1", "count=0&filter=title%20pr"] {
        let reply = people.client.get(&format!("/Users?{query}")).await.expect(200);
        let total = if query.contains("filter") { 2 } else { 3 };
        shape(&reply, total, 1, 0);
        assert!(reply.body.get("Resources").is_none());
    }
}

#[tokio::test]
async fn rfc_pag05_pag11_an_index_off_either_end() {
    let people = People::new().await;
    for start in ["0", "-5", "-9223372036854775809"] {
        shape(&people.client.get(&format!("/Users?startIndex={start}")).await, 3, 1, 3);
    }
    for start in ["4", "999999", "9223372036854775808", "18446744073709551616"] {
        let reply = people.client.get(&format!("/Users?startIndex={start}")).await.expect(200);
        assert_eq!(reply.body["totalResults"], 3);
        assert_eq!(reply.body["Resources"], json!([]));
    }
}

#[tokio::test]
async fn rfc_pag12_pag15_pages_of_a_quiet_store_cover_it_and_repeat() {
    let people = People::new().await;
    for sort in ["", "&sortBy=userName", "&sortBy=title&sortOrder=descending"] {
        let page = |start: u64| format!("/Users?startIndex={start}&count=1{sort}");
        let mut seen = Vec::new();
        for start in 1..=3 {
            let reply = people.client.get(&page(start)).await;
            assert_eq!(reply.text, people.client.get(&page(start)).await.text);
            seen.extend(people.names(&reply));
        }
        let again = people.client.get(&page(1)).await;
        assert_eq!(people.names(&again)[0], seen[0]);
        seen.sort_unstable();
        assert_eq!(seen, ["anne", "ben", "cara"], "{sort}");
    }
}

#[tokio::test]
async fn rfc_pag13_a_place_that_is_no_whole_number_is_refused() {
    let people = People::new().await;
    for value in ["abc", "1e3", "%2B1", "+1", "1.0", "", "0x1", "1,2"] {
        for name in ["count", "startIndex"] {
            let reply = people.client.get(&format!("/Users?{name}={value}")).await;
            reply.refused(400, "invalidValue");
        }
    }
}

#[tokio::test]
async fn pag01_integers_at_the_edge() {
    let people = People::new().await;
    for start in ["0", "-1", "-9223372036854775808"] {
        shape(&people.client.get(&format!("/Users?startIndex={start}&count=2")).await, 3, 1, 2);
    }
    for start in ["9223372036854775807", "9223372036854775808", "18446744073709551616"] {
        let path = format!("/Users?startIndex={start}&count=1000000000");
        assert_eq!(people.client.get(&path).await.expect(200).body["totalResults"], 3);
    }
    shape(&people.client.get("/Users?count=1000000000").await, 3, 1, 3);
    shape(&people.client.get("/Users?count=99999999999999999999999999").await, 3, 1, 3);
}

#[tokio::test]
async fn rfc_pag07_pag14_no_list_is_longer_than_announced() {
    let (world, _) = crowd(1_002).await;
    let client = world.client();
    let told = client.get("/ServiceProviderConfig").await.expect(200);
    let most = told.body["filter"]["maxResults"].as_u64().unwrap();
    assert_eq!((most, &told.body["pagination"]["defaultPageSize"]), (1_000, &json!(100)));
    shape(&client.get("/Users").await, 1_002, 1, 100);
    shape(&client.get("/Users?count=1001").await, 1_002, 1, 1_000);
    shape(&client.get("/Users?count=1000000&startIndex=1001").await, 1_002, 1_001, 2);
}

/// So many people, made by bulk requests.
async fn crowd(size: usize) -> (World, Vec<String>) {
    crowd_in(World::new().await, size).await
}

async fn crowd_in(world: World, size: usize) -> (World, Vec<String>) {
    let mut ids = Vec::new();
    for start in (0..size).step_by(500) {
        let operations = (start..size.min(start + 500)).map(|turn| {
            let data = json!({"userName": format!("p{turn:05}@northvale.example")});
            json!({"method": "POST", "path": "/Users", "bulkId": format!("b{turn}"), "data": data})
        });
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": operations.collect::<Vec<_>>()
        });
        world.clock.advance(Duration::from_secs(2));
        let reply = world.client().post("/Bulk", &body).await.expect(200);
        for one in reply.body["Operations"].as_array().unwrap() {
            assert_eq!(one["status"], "201", "{one}");
            let location = one["location"].as_str().unwrap();
            ids.push(location.rsplit('/').next().unwrap().to_owned());
        }
    }
    (world, ids)
}

#[tokio::test]
async fn pag02_many_who_ask_for_everything_get_a_page_each() {
    let limits = Limits { read_budget: Duration::from_secs(600), ..Limits::default() };
    let catalogue = Catalogue::built_in().unwrap();
    let world = World::with(catalogue, Settings::default(), limits).await;
    let (world, _) = crowd_in(world, 1_002).await;
    let mut work = tokio::task::JoinSet::new();
    for turn in 0..50 {
        let client = world.client();
        let path = if turn % 2 == 0 { "/Users" } else { "/Users?count=1000000000" };
        work.spawn(async move { (path, client.get(path).await.expect(200)) });
    }
    while let Some(done) = work.join_next().await {
        let (path, reply) = done.unwrap();
        let most = if path == "/Users" { 100 } else { 1_000 };
        shape(&reply, 1_002, 1, most);
    }
}

#[tokio::test]
async fn idp76_places_are_numbers() {
    let people = People::new().await;
    for path in ["/Users", "/Groups", "/", "/Users?count=0", "/Users?filter=title%20pr"] {
        let reply = people.client.get(path).await.expect(200);
        for name in ["totalResults", "startIndex", "itemsPerPage"] {
            assert!(reply.body[name].is_u64(), "{path}: {name}");
        }
        assert_eq!(reply.body["itemsPerPage"], reply.resources().len());
    }
}

/// Walks by index or cursor, in several orders, while every page is followed by removals before
/// and behind it and by additions: whoever was there all the time is seen exactly once.
#[tokio::test]
async fn pag04_a_walk_sees_everyone_who_stays_exactly_once() {
    for query in [
        "startIndex",
        "cursor",
        "startIndex&sortBy=userName",
        "cursor&sortBy=userName&sortOrder=descending",
        "startIndex&filter=userName%20sw%20%22p%22",
        "cursor&filter=userName%20co%20%22p%22",
    ] {
        walk_while_disturbed(query).await;
    }
}

async fn walk_while_disturbed(query: &str) {
    let (world, ids) = crowd(400).await;
    let (way, rest) = query.split_once('&').unwrap_or((query, ""));
    let mut place = if way == "cursor" { String::new() } else { "1".into() };
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut gone = BTreeSet::new();
    for turn in 0.. {
        let path = format!("/Users?{way}={place}&count=23&{rest}");
        let page = world.client().get(&path).await.expect(200);
        for one in page.resources() {
            *seen.entry(one["id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let Some(next) = onward(way, &place, &page) else { break };
        place = next;
        assert!(turn < 40, "{query}: the walk does not end");
        disturb(&world, &ids, turn, &mut gone).await;
    }
    for id in ids.iter().filter(|id| !gone.contains(*id)) {
        assert_eq!(seen.get(id), Some(&1), "{query}");
    }
}

/// Where the page after this one begins.
fn onward(way: &str, place: &str, page: &Reply) -> Option<String> {
    if way == "cursor" {
        return page.body.get("nextCursor").map(|next| next.as_str().unwrap().to_owned());
    }
    let here = page.resources().len();
    (here > 0).then(|| (place.parse::<usize>().unwrap() + here).to_string())
}

/// Takes one from the front and one from the back, and adds three here and there.
async fn disturb(world: &World, ids: &[String], turn: usize, gone: &mut BTreeSet<String>) {
    let client = world.client();
    for id in [turn * 7, 399 - turn * 5].iter().filter_map(|at| ids.get(*at)) {
        if gone.insert(id.clone()) {
            client.delete(&format!("/Users/{id}")).await.expect(204);
        }
    }
    let names = [format!("a{turn}"), format!("p00{turn}x"), format!("z{turn}")];
    for name in names.iter().filter(|_| turn < 10) {
        world.clock.advance(Duration::from_millis(3));
        let body = json!({"userName": format!("{name}@northvale.example")});
        client.post("/Users", &body).await.expect(201);
    }
}

#[tokio::test]
async fn idp77_windows_that_overlap_agree() {
    let (world, mut ids) = crowd(60).await;
    ids.sort();
    let client = world.client();
    for start in [1_usize, 2, 3, 26, 27] {
        let path = format!("/Users?startIndex={start}&count=25");
        let page = client.get(&path).await.expect(200);
        let here: Vec<_> = page.resources().iter().map(|it| it["id"].clone()).collect();
        assert_eq!(here, ids[start - 1..start + 24], "{start}");
        world.clock.advance(Duration::from_secs(1));
        client.post("/Users", &json!({"userName": format!("late{start}@northvale.example")})).await;
    }
}
