//! References among bulk operations (RFC 7644 §3.7.1, §3.7.2).

use serde_json::Value;
use serde_json::json;
use wardgate::http::limits;
use wardgate::store::change::Outcome;

use super::cast::ENTERPRISE;
use super::cast::GROUP;
use super::cast::USER;
use super::cast::bulk;
use super::cast::group;
use super::cast::members;
use super::cast::people;
use super::cast::sorted;
use super::cast::user;
use crate::world::BASE;
use crate::world::Client;
use crate::world::World;

fn person(name: &str, manager: Option<&str>) -> Value {
    let mut data = user(name);
    if let Some(manager) = manager {
        data["schemas"] = json!([USER, ENTERPRISE]);
        data[ENTERPRISE] = json!({"manager": {"value": format!("bulkId:{manager}")}});
    }
    json!({"method": "POST", "path": "/Users", "bulkId": name, "data": data})
}

fn ward(name: &str, of: &[&str]) -> Value {
    let members: Vec<Value> =
        of.iter().map(|one| json!({"value": format!("bulkId:{one}")})).collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": name,
        "data": {"schemas": [GROUP], "displayName": name, "members": members}})
}

/// Runs a bulk request: the results.
async fn run(client: &Client, operations: Value) -> Vec<Value> {
    let reply = client.post("/Bulk", &bulk(operations)).await.expect(200);
    reply.body["Operations"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|one| one["status"].as_str().unwrap()).collect()
}

fn id(result: &Value) -> String {
    let location = result["location"].as_str().unwrap_or_else(|| panic!("{result}"));
    location.rsplit('/').next().unwrap().to_owned()
}

/// The id of a user's manager, as it is read.
async fn manager(client: &Client, user: &str) -> String {
    let body = client.get(&format!("/Users/{user}")).await.expect(200).body;
    body[ENTERPRISE]["manager"]["value"].as_str().unwrap_or_default().to_owned()
}

async fn count(client: &Client, endpoint: &str) -> u64 {
    client.get(endpoint).await.expect(200).body["totalResults"].as_u64().unwrap()
}

#[tokio::test]
async fn rfc_blk09_blk10_blk12_references_are_resolved_forward_and_back() {
    let world = World::new().await;
    let client = world.client();
    let done =
        run(&client, json!([ward("g", &["u", "v"]), person("u", Some("v")), person("v", None)]))
            .await;
    assert_eq!(statuses(&done), ["201", "201", "201"]);
    let names: Vec<_> = done.iter().map(|one| one["bulkId"].as_str().unwrap()).collect();
    assert_eq!(names, ["g", "u", "v"]);
    let (g, u, v) = (id(&done[0]), id(&done[1]), id(&done[2]));
    assert_eq!(members(&client, &format!("/Groups/{g}")).await, sorted(&[&u, &v]));
    assert_eq!(manager(&client, &u).await, v);
}

#[tokio::test]
async fn rfc_blk13_blk14_references_work_in_later_operations() {
    let world = World::new().await;
    let client = world.client();
    let old = people(&client, &["old"]).await;
    let existing = group(&client, "Ward 7", &old).await;
    let add =
        json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:u"}]}]});
    let off = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    let done = run(
        &client,
        json!([
            {"method": "PATCH", "path": existing, "data": add},
            {"method": "PATCH", "path": "/Users/bulkId:u", "data": off},
            person("u", None),
        ]),
    )
    .await;
    assert_eq!(statuses(&done), ["204", "200", "201"]);
    let u = id(&done[2]);
    assert_eq!(done[1]["location"], format!("{BASE}/Users/{u}"));
    assert_eq!(members(&client, &existing).await, sorted(&[&old[0], &u]));
    assert_eq!(client.get(&format!("/Users/{u}")).await.body["active"], false);
    let put = json!({"displayName": "Ward 7", "members": [{"value": "bulkId:w"}]});
    let done =
        run(&client, json!([person("w", None), {"method": "PUT", "path": existing, "data": put}]))
            .await;
    assert_eq!(statuses(&done), ["201", "200"]);
    assert_eq!(members(&client, &existing).await, [id(&done[0])]);
}

#[tokio::test]
async fn rfc_blk15_what_cannot_be_resolved_fails_alone() {
    let world = World::new().await;
    let client = world.client();
    people(&client, &["taken"]).await;
    let done = run(
        &client,
        json!([
            ward("none", &["nobody"]),
            ward("next", &["none"]),
            person("taken", None),
            ward("failed", &["taken"]),
            {"method": "DELETE", "path": "/Users/bulkId:nobody"},
            person("fine", None),
        ]),
    )
    .await;
    assert_eq!(statuses(&done), ["409", "409", "409", "409", "409", "201"]);
    assert!(done[4].get("location").is_none());
    assert_eq!(count(&client, "/Groups").await, 0);
    assert_eq!(count(&client, "/Users").await, 2);
    let refused = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_));
    let events = world.events(1).await;
    assert_eq!(events.iter().filter(|event| refused(&event.outcome)).count(), 5);
}

#[tokio::test]
async fn rfc_blk11_blk12_managers_of_each_other_are_both_made() {
    let world = World::new().await;
    let client = world.client();
    let events = world.events(1).await.len();
    let done = run(
        &client,
        json!([
            person("a", Some("b")),
            ward("g", &["a", "c"]),
            person("b", Some("c")),
            person("c", Some("a")),
            person("own", Some("own")),
        ]),
    )
    .await;
    assert_eq!(statuses(&done), ["201"; 5]);
    let names: Vec<_> = done.iter().map(|one| one["bulkId"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "g", "b", "c", "own"]);
    let (a, b, c, own) = (id(&done[0]), id(&done[2]), id(&done[3]), id(&done[4]));
    assert_eq!(manager(&client, &a).await, b);
    assert_eq!(manager(&client, &b).await, c);
    assert_eq!(manager(&client, &c).await, a);
    assert_eq!(manager(&client, &own).await, own);
    assert_eq!(members(&client, &format!("/Groups/{}", id(&done[1]))).await, sorted(&[&a, &c]));
    assert_eq!(world.events(1).await.len(), events + 5);
}

#[tokio::test]
async fn rfc_blk11_a_circle_of_which_one_would_fail_is_not_begun() {
    let world = World::new().await;
    let client = world.client();
    people(&client, &["taken"]).await;
    let events = world.events(1).await.len();
    let mut bad = person("bad", Some("good"));
    bad["data"]["active"] = json!("perhaps");
    let mut twin = person("twin", Some("first"));
    twin["data"]["userName"] = json!("FIRST@northvale.example");
    for (operations, expected) in [
        (json!([person("x", Some("taken")), person("taken", Some("x"))]), ["409", "409"]),
        (json!([person("good", Some("bad")), bad]), ["409", "400"]),
        (json!([person("first", Some("twin")), twin]), ["409", "409"]),
    ] {
        let done = run(&client, operations).await;
        assert_eq!(statuses(&done), expected);
        assert!(done.iter().all(|one| one.get("location").is_none()));
    }
    assert_eq!(count(&client, "/Users").await, 1);
    let events = world.events(1).await.split_off(events);
    assert_eq!(events.len(), 6);
    assert!(events.iter().all(|event| matches!(event.outcome, Outcome::Failed(_))));
}

#[tokio::test]
async fn rfc_blk17_a_broken_circle_counts_its_errors() {
    let world = World::new().await;
    let client = world.client();
    people(&client, &["taken"]).await;
    let mut request =
        bulk(json!(
            [person("x", Some("taken")), person("taken", Some("x")), person("last", None),]
        ));
    request["failOnErrors"] = json!(1);
    let reply = client.post("/Bulk", &request).await.expect(200);
    assert_eq!(statuses(reply.body["Operations"].as_array().unwrap()), ["409"]);
    assert_eq!(count(&client, "/Users").await, 1);
}

#[tokio::test]
async fn rfc_blk11_groups_inside_each_other_are_refused() {
    let world = World::new().await;
    let client = world.client();
    let done = run(
        &client,
        json!([
            ward("g", &["h"]),
            ward("h", &["g"]),
            ward("self", &["self"]),
            ward("outside", &["g"]),
            ward("fine", &[]),
        ]),
    )
    .await;
    assert_eq!(statuses(&done), ["409", "409", "409", "409", "201"]);
    assert_eq!(count(&client, "/Groups").await, 1);
}

#[tokio::test]
async fn blk02_circles_over_kinds_and_undefined_names() {
    let world = World::new().await;
    let client = world.client();
    // A group as a manager is odd, but text to us; the user must be there for the group.
    let done = run(&client, json!([ward("g", &["u"]), person("u", Some("g"))])).await;
    assert_eq!(statuses(&done), ["201", "201"]);
    let (g, u) = (id(&done[0]), id(&done[1]));
    assert_eq!(members(&client, &format!("/Groups/{g}")).await, std::slice::from_ref(&u));
    assert_eq!(manager(&client, &u).await, g);
    let done = run(&client, json!([person("x", Some("nobody")), person("y", Some("x"))])).await;
    assert_eq!(statuses(&done), ["409", "409"]);
}

#[tokio::test]
async fn blk02_a_chain_and_a_ring_as_long_as_a_request() {
    let world = World::new().await;
    let client = world.client();
    let name = |turn: usize| format!("p{turn}");
    let chain = (0..limits::MOST_OPERATIONS)
        .map(|turn| {
            let next = name(turn + 1);
            person(&name(turn), Some(next.as_str()).filter(|_| turn + 1 < 1_000))
        })
        .collect();
    let done = run(&client, chain).await;
    assert!(statuses(&done).iter().all(|status| *status == "201"));
    assert_eq!(manager(&client, &id(&done[0])).await, id(&done[1]));
    assert_eq!(manager(&client, &id(&done[998])).await, id(&done[999]));
    world.clock.advance(std::time::Duration::from_secs(60));
    let (other, _) = world.other_organization(2).await;
    let ring = (0..limits::MOST_OPERATIONS)
        .map(|turn| person(&name(turn), Some(&name((turn + 1) % limits::MOST_OPERATIONS))))
        .collect();
    let done = run(&other, ring).await;
    assert!(statuses(&done).iter().all(|status| *status == "201"));
    assert_eq!(manager(&other, &id(&done[999])).await, id(&done[0]));
}
