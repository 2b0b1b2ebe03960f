//! Bulk requests (RFC 7644 §3.7).

use std::sync::Arc;

use serde_json::Value;
use serde_json::json;
use wardgate::http::limits;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;
use wardgate::store::Store;
use wardgate::store::change::Door;
use wardgate::store::change::Outcome;

use super::cast::BULK;
use super::cast::NOBODY;
use super::cast::bulk;
use super::cast::group;
use super::cast::made;
use super::cast::people;
use super::cast::user;
use crate::world::BASE;
use crate::world::Gate;
use crate::world::Reply;
use crate::world::Watched;
use crate::world::World;

fn post(name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": name, "data": user(name)})
}

/// The results of a bulk request.
#[track_caller]
fn results(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let response = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    assert_eq!(reply.body["schemas"], json!([response]));
    assert!(reply.body.get("failOnErrors").is_none());
    reply.body["Operations"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|one| one["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn rfc_blk01_blk02_blk03_blk06_blk08_blk25_every_method_has_its_result() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let gone = made(&client, &user("tobias")).await;
    let patch = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    let request = bulk(json!([
        post("mara"),
        {"method": "PUT", "path": path, "data": {"userName": "ines@northvale.example", "title": "Clerk"}},
        {"method": "PATCH", "path": path, "data": patch},
        {"method": "DELETE", "path": gone},
    ]));
    let done = results(&client.post("/Bulk", &request).await);
    assert_eq!(statuses(&done), ["201", "200", "200", "204"]);
    let methods: Vec<_> = done.iter().map(|one| one["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["POST", "PUT", "PATCH", "DELETE"]);
    let read = client.get(&path).await.expect(200);
    assert_eq!((&read.body["title"], &read.body["active"]), (&json!("Clerk"), &json!(false)));
    assert_eq!(done[2]["version"], read.header("etag"));
    assert_ne!(done[1]["version"], done[2]["version"]);
    client.get(&gone).await.expect(404);
    let events = world.events(1).await;
    assert_eq!(events.iter().filter(|event| event.cause.door == Door::Bulk).count(), 4);
}

#[tokio::test]
async fn rfc_blk04_blk05_blk07_blk27_locations_names_and_errors() {
    let world = World::new().await;
    let client = world.client();
    people(&client, &["taken"]).await;
    let nobody = format!("/Users/{NOBODY}");
    let request = bulk(json!([
        post("new"),
        post("taken"),
        {"method": "PUT", "path": nobody, "data": user("x")},
        {"method": "DELETE", "path": nobody},
    ]));
    let done = results(&client.post("/Bulk", &request).await);
    assert_eq!(statuses(&done), ["201", "409", "404", "404"]);
    assert_eq!((&done[0]["bulkId"], &done[1]["bulkId"]), (&json!("new"), &json!("taken")));
    let location = done[0]["location"].as_str().unwrap();
    client.get(location.strip_prefix(BASE).unwrap()).await.expect(200);
    assert!(done[1].get("location").is_none());
    for failed in &done[2..] {
        assert_eq!(failed["location"], format!("{BASE}{nobody}"));
    }
    for failed in &done[1..] {
        let error = &failed["response"];
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(error["status"], failed["status"]);
        assert!(!error["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(done[1]["response"]["scimType"], "uniqueness");
    assert!(done[0].get("response").is_none());
}

#[tokio::test]
async fn rfc_blk16_blk17_blk30_errors_end_it_when_the_client_says_so() {
    let world = World::new().await;
    let client = world.client();
    people(&client, &["taken"]).await;
    let done = results(
        &client.post("/Bulk", &bulk(json!([post("taken"), post("one"), post("two")]))).await,
    );
    assert_eq!(statuses(&done), ["409", "201", "201"]);
    let mut request = bulk(json!([post("three"), post("taken"), post("four")]));
    request["failOnErrors"] = json!(1);
    let done = results(&client.post("/Bulk", &request).await);
    assert_eq!(statuses(&done), ["201", "409"]);
    let found = client.filter("/Users", "userName eq \"four@northvale.example\"").await;
    assert_eq!(found.body["totalResults"], 0);
    request["failOnErrors"] = json!(3);
    let done = results(&client.post("/Bulk", &request).await);
    assert_eq!(statuses(&done), ["409", "409", "201"]);
}

#[tokio::test]
async fn rfc_blk18_blk19_blk20_blk26_what_lacks_a_piece_fails_alone() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    for (bad, status) in [
        (json!({"method": "POST", "path": "/Users", "data": user("x")}), "400"),
        (json!({"method": "POST", "path": "/Users", "bulkId": "good", "data": user("x")}), "400"),
        (json!({"path": path, "data": user("x")}), "400"),
        (json!({"method": "PUT", "data": user("x")}), "400"),
        (json!({"method": "POST", "path": "/Users", "bulkId": "b"}), "400"),
        (json!({"method": "PUT", "path": path}), "400"),
        (json!({"method": "PATCH", "path": path}), "400"),
        (json!({"method": "GET", "path": path}), "400"),
        (json!({"method": "TRACE", "path": path}), "400"),
    ] {
        let request = bulk(json!([post("good"), bad]));
        let done = results(&client.post("/Bulk", &request).await);
        assert_eq!(statuses(&done), ["201", status], "{bad}");
        let made = done[0]["location"].as_str().unwrap().strip_prefix(BASE).unwrap();
        client.delete(made).await.expect(204);
    }
    assert_eq!(client.get("/Users").await.body["totalResults"], 1);
}

#[tokio::test]
async fn rfc_blk21_blk22_blk29_limits_are_checked_before_work_starts() {
    let world = World::new().await;
    let client = world.client();
    let announced = client.get("/ServiceProviderConfig").await.expect(200).body["bulk"].clone();
    assert_eq!(announced["maxOperations"], limits::MOST_OPERATIONS);
    assert_eq!(announced["maxPayloadSize"], limits::LARGEST_BULK);
    let many = |count: usize| {
        let gone = json!({"method": "DELETE", "path": format!("/Users/{NOBODY}")});
        let mut operations = vec![post("first")];
        operations.resize(count, gone);
        bulk(Value::Array(operations))
    };
    let reply = client.post("/Bulk", &many(limits::MOST_OPERATIONS + 1)).await.expect(413);
    assert!(reply.body["detail"].as_str().unwrap().contains("1000"), "{}", reply.text);
    let padded = |length: usize| {
        let mut request = bulk(json!([post("first")]));
        let pad = length - request.to_string().len() - ",\"pad\":\"\"".len();
        request["pad"] = json!("x".repeat(pad));
        assert_eq!(request.to_string().len(), length);
        request
    };
    let reply = client.post("/Bulk", &padded(limits::LARGEST_BULK + 1)).await.expect(413);
    assert!(reply.body["detail"].as_str().unwrap().contains("1048576"), "{}", reply.text);
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
    let failed = Outcome::Failed("tooLarge".into());
    let events = world.events(1).await;
    assert_eq!(events.iter().filter(|event| event.outcome == failed).count(), 2);
    let done = results(&client.post("/Bulk", &padded(limits::LARGEST_BULK)).await);
    assert_eq!(statuses(&done), ["201"]);
    world.clock.advance(std::time::Duration::from_secs(60));
    let done = results(&client.post("/Bulk", &many(limits::MOST_OPERATIONS)).await);
    assert_eq!(done.len(), limits::MOST_OPERATIONS);
}

#[tokio::test]
async fn blk01_every_operation_counts_as_a_request() {
    let limits = wardgate::http::limits::Limits {
        requests_per_second: 1,
        request_burst: 10,
        ..Default::default()
    };
    let catalogue = wardgate::scim::schema::Catalogue::built_in().unwrap();
    let world = World::with(catalogue, Default::default(), limits).await;
    let client = world.client();
    let posts = |count: usize| bulk((0..count).map(|turn| post(&format!("p{turn}"))).collect());
    let reply = client.post("/Bulk", &posts(11)).await.expect(429);
    assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 0);
    client.post("/Bulk", &posts(8)).await.expect(200);
    client.get("/Users").await.expect(429);
}

#[tokio::test]
async fn rfc_blk23_a_version_is_a_condition() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let old = client.get(&path).await.header("etag").to_owned();
    let patch = json!({"Operations": [{"op": "replace", "path": "title", "value": "Clerk"}]});
    let with = |version: &str| {
        bulk(json!([{"method": "PATCH", "path": path, "version": version, "data": patch}]))
    };
    assert_eq!(statuses(&results(&client.post("/Bulk", &with(&old)).await)), ["200"]);
    let fresh = client.get(&path).await.expect(200);
    assert_eq!(statuses(&results(&client.post("/Bulk", &with(&old)).await)), ["412"]);
    assert_eq!(statuses(&results(&client.post("/Bulk", &with("nonsense")).await)), ["400"]);
    let gone = bulk(json!([{"method": "DELETE", "path": path, "version": old}]));
    assert_eq!(statuses(&results(&client.post("/Bulk", &gone).await)), ["412"]);
    assert_eq!(client.get(&path).await.text, fresh.text);
}

#[tokio::test]
async fn rfc_blk24_a_malformed_request_is_refused_whole() {
    let world = World::new().await;
    let client = world.client();
    for body in ["{", "[]", "null", "{\"schemas\": []}", "{\"Operations\": {}}"] {
        let reply = client.send("POST", "/Bulk", &[], Some(body.into())).await;
        reply.refused(400, "invalidSyntax");
    }
    client.post("/Bulk", &bulk(json!([]))).await.refused(400, "invalidSyntax");
    let mut request = bulk(json!([post("x")]));
    request["failOnErrors"] = json!(0);
    client.post("/Bulk", &request).await.refused(400, "invalidValue");
    let bare = json!({"Operations": [post("x")]});
    world.set("strict=true").await;
    client.post("/Bulk", &bare).await.refused(400, "invalidSyntax");
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
    world.set("strict=false").await;
    assert_eq!(statuses(&results(&client.post("/Bulk", &bare).await)), ["201"]);
}

#[tokio::test]
async fn rfc_blk28_bulk_is_announced_and_served() {
    let world = World::new().await;
    let client = world.client();
    let announced = client.get("/ServiceProviderConfig").await.expect(200).body["bulk"].clone();
    assert_eq!(announced["supported"], true);
    client.post("/Bulk", &bulk(json!([post("x")]))).await.expect(200);
    client.get("/Bulk").await.expect(405);
}

#[tokio::test]
async fn rfc_blk31_operations_obey_the_same_rights() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &user("ines")).await;
    let (other, _) = world.other_organization(2).await;
    let theirs = made(&other, &user("far")).await;
    world.set("permissions=groups").await;
    let request = bulk(json!([
        post("x"),
        {"method": "DELETE", "path": path},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "Ward 7"}},
    ]));
    let done = results(&client.post("/Bulk", &request).await);
    assert_eq!(statuses(&done), ["403", "403", "201"]);
    let denied = Outcome::Denied("denied".into());
    assert_eq!(world.events(1).await.iter().filter(|one| one.outcome == denied).count(), 2);
    world.set("permissions=users,groups").await;
    client.get(&path).await.expect(200);
    let done =
        results(&client.post("/Bulk", &bulk(json!([{"method": "DELETE", "path": theirs}]))).await);
    assert_eq!(statuses(&done), ["404"]);
    other.get(&theirs).await.expect(200);
}

#[tokio::test]
async fn blk03_tricks_with_paths_fail_alone() {
    let world = World::new().await;
    let client = world.client();
    let ids = people(&client, &["a"]).await;
    let ward = group(&client, "Ward 7", &ids).await;
    let id = ward.replace("/Groups/", "");
    for path in [
        format!("/Users/../Groups/{id}"),
        format!("{BASE}{ward}"),
        format!("/Users/%2e%2e/Groups/{id}"),
        format!("/Groups/{id}/"),
        format!("/groups/{id}"),
        format!("/Groups/{id}?attributes=id"),
        "/Bulk".to_owned(),
        "/Bulk/1".to_owned(),
        "/Schemas/1".to_owned(),
        "/".to_owned(),
    ] {
        let request = bulk(json!([{"method": "DELETE", "path": path}]));
        let done = results(&client.post("/Bulk", &request).await);
        assert_eq!(statuses(&done), ["400"], "{path}");
        assert_eq!(done[0]["response"]["scimType"], "invalidValue");
    }
    client.get(&ward).await.expect(200);
}

#[tokio::test]
async fn blk04_every_operation_has_one_result_and_one_event() {
    let world = World::new().await;
    let client = world.client();
    people(&client, &["taken"]).await;
    let before = world.events(1).await.len();
    let mut request = bulk(json!([
        post("one"),
        post("taken"),
        {"method": "DELETE", "path": format!("/Users/{NOBODY}")},
        post("never"),
    ]));
    request["failOnErrors"] = json!(2);
    let done = results(&client.post("/Bulk", &request).await);
    assert_eq!(statuses(&done), ["201", "409", "404"]);
    let events = world.events(1).await.split_off(before);
    let outcomes: Vec<Outcome> = events.into_iter().map(|event| event.outcome).collect();
    let failed = |code: &str| Outcome::Failed(code.into());
    assert_eq!(outcomes, [Outcome::Done, failed("uniqueness"), failed("notFound")]);
    assert_eq!(BULK, request["schemas"][0]);
}

#[tokio::test]
async fn blk02_a_circle_is_refused_at_once_and_each_of_it_has_its_event() {
    let gate = Gate::default();
    let hold = |store| {
        Arc::new(Watched { refusals: Some(gate.clone()), ..Watched::over(store) }) as Arc<dyn Store>
    };
    let catalogue = Catalogue::built_in().unwrap();
    let world = World::over(hold, catalogue, Settings::default(), Limits::default()).await;
    let ring = |many: usize| {
        let one = |n: usize| {
            let next = json!([{"value": format!("bulkId:g{}", (n + 1) % many)}]);
            json!({"method": "POST", "path": "/Groups", "bulkId": format!("g{n}"),
                "data": {"schemas": [], "displayName": format!("G{n}"), "members": next}})
        };
        (0..many).map(one).collect::<Vec<_>>()
    };
    let before = world.events(1).await.len();
    let client = world.client();
    let operations = json!({"schemas": [BULK], "Operations": ring(250)});
    let asked = client.post("/Bulk", &operations);
    // Nobody is answered while the first are on their way: a hundred go together.
    let opened = async {
        while gate.entered() < 100 {
            tokio::task::yield_now().await;
        }
        gate.open();
    };
    let opened = tokio::time::timeout(std::time::Duration::from_secs(60), opened);
    let (reply, opened) = tokio::join!(asked, opened);
    opened.expect("the refusals do not wait for each other");
    let done = results(&reply.expect(200));
    assert_eq!(statuses(&done), vec!["409"; 250]);
    let names: Vec<Value> = (0..250).map(|n| json!(format!("g{n}"))).collect();
    assert_eq!(done.iter().map(|one| one["bulkId"].clone()).collect::<Vec<_>>(), names);
    assert_eq!(world.events(1).await.len(), before + 250);
    // No more of them than the client bears.
    let some = json!({"schemas": [BULK], "Operations": ring(150), "failOnErrors": 120});
    let reply = client.post("/Bulk", &some).await.expect(200);
    assert_eq!(results(&reply).len(), 120);
    assert_eq!(world.events(1).await.len(), before + 370);
}
