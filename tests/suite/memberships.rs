//! Memberships: where they come from, and how many there may be (security.md GRP).

use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use wardgate::base::id::Id;
use wardgate::domain::record::Kind;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;
use wardgate::service::access::connection::Connection;
use wardgate::service::operate::Command;
use wardgate::service::wire::keys;
use wardgate::store::change::Action;
use wardgate::store::change::Actor;
use wardgate::store::change::Cause;
use wardgate::store::change::Change;
use wardgate::store::change::Door;
use wardgate::store::change::Draft;
use wardgate::store::change::Outcome;
use wardgate::store::change::Verdict;
use wardgate::store::change::Write;

use crate::world::Client;
use crate::world::World;

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// A gateway that is not impatient: these stories are about rows, not about time.
async fn patient() -> World {
    let limits = Limits {
        requests_per_second: 1_000_000,
        request_burst: 1_000_000,
        write_budget: Duration::from_secs(600),
        bulk_budget: Duration::from_secs(600),
        read_budget: Duration::from_secs(600),
        ..Limits::default()
    };
    World::with(Catalogue::built_in().unwrap(), Settings::default(), limits).await
}

/// Makes `count` people of the first connection, a thousand a change: straight into the store,
/// with the index rows that they must have.
async fn people(world: &World, count: usize) -> Vec<String> {
    let ports = &world.ports;
    let snapshot = ports.registry.snapshot();
    let own = |one: &&Arc<Connection>| one.id.to_string() == world.connection;
    let connection = snapshot.connections.values().find(own).unwrap().clone();
    let model = ports.models.of_kind(Kind::USER).unwrap();
    let mut ids = Vec::with_capacity(count);
    let draft = |id: Id, turn: usize| {
        let document = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": id.to_string(), "userName": format!("person{turn}@northvale.example")});
        let entries = keys::entries(model, document.as_object().unwrap(), Some(&connection));
        let (kind, partition) = (Kind::USER, connection.partition());
        let body = document.to_string().into_bytes();
        Write::Create(Draft { id, kind, partition, flags: 0, entries, body })
    };
    for chunk in (0..count).collect::<Vec<_>>().chunks(1_000) {
        let mut writes = Vec::new();
        for turn in chunk {
            let id = Id::new(ports.clock.now(), ports.entropy.as_ref()).unwrap();
            ids.push(id.to_string());
            writes.push(draft(id, *turn));
        }
        let verdict = ports.store.commit(by_the_operator(writes)).await.unwrap();
        assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    }
    ids
}

fn by_the_operator(writes: Vec<Write>) -> Change {
    let cause = Cause {
        actor: Actor::Operator,
        token: None,
        door: Door::Command,
        request: Id([0; 16]),
        source: String::new(),
        reason: "a story needs them".into(),
    };
    let (action, outcome) = (Action::Create, Outcome::Done);
    let (attributes, guards) = (Vec::new(), Vec::new());
    Change { chain: 1, cause, action, outcome, subject: None, attributes, guards, writes }
}

async fn group(client: &Client, name: &str, members: &[&str]) -> String {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    client.post("/Groups", &json!({"displayName": name, "members": members})).await.expect(201).id()
}

async fn members(client: &Client, group: &str) -> Vec<String> {
    let reply = client.get(&format!("/Groups/{group}")).await.expect(200);
    let list = reply.body["members"].as_array().cloned().unwrap_or_default();
    list.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

fn add(ids: &[String]) -> Value {
    let values: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    json!([{"op": "add", "path": "members", "value": values}])
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

async fn ines(client: &Client) -> String {
    client.post("/Users", &json!({"userName": "ines@northvale.example"})).await.expect(201).id()
}

#[tokio::test]
async fn grp03_groups_in_a_new_persons_body_make_no_member() {
    let world = World::new().await;
    let client = world.client();
    let admins = group(&client, "Administrators", &[]).await;
    let body = json!({"userName": "ines.quarrie@northvale.example",
        "groups": [{"value": admins, "display": "Administrators", "type": "direct"}]});
    let made = client.post("/Users", &body).await.expect(201);
    assert!(made.body.get("groups").is_none());
    let path = format!("/Users/{}", made.id());
    client.put(&path, &body).await.expect(200);
    let pathless = json!([{"op": "add", "value": {"groups": [{"value": admins}]}}]);
    client.operations(&path, pathless).await.expect(200);
    assert!(client.get(&path).await.body.get("groups").is_none());
    assert!(members(&client, &admins).await.is_empty());
}

#[tokio::test]
async fn grp06_no_group_is_inside_itself() {
    let world = World::new().await;
    let client = world.client();
    let first = group(&client, "Group 1", &[]).await;
    let own = client.operations(&format!("/Groups/{first}"), add(from_ref(&first))).await;
    own.refused(400, "invalidValue");
    let second = group(&client, "Group 2", &[&first]).await;
    let third = group(&client, "Group 3", &[&second]).await;
    for around in [&second, &third] {
        let operations = add(from_ref(around));
        client
            .operations(&format!("/Groups/{first}"), operations)
            .await
            .refused(400, "invalidValue");
        let whole = json!({"displayName": "Group 1", "members": [{"value": around}]});
        client.put(&format!("/Groups/{first}"), &whole).await.refused(400, "invalidValue");
    }
    assert!(members(&client, &first).await.is_empty());
    // One request cannot close a circle either.
    let bulk = json!({"schemas": [BULK], "Operations": [
        {"method": "PATCH", "path": format!("/Groups/{first}"), "data": {"Operations": add(from_ref(&third))}},
    ]});
    let reply = client.post("/Bulk", &bulk).await.expect(200);
    assert_eq!(reply.body["Operations"][0]["status"], "400");
}

#[tokio::test]
async fn grp06_groups_nest_ten_deep_and_no_deeper() {
    let world = World::new().await;
    let client = world.client();
    let person = ines(&client).await;
    let mut inner = group(&client, "Group 1", &[&person]).await;
    let innermost = inner.clone();
    for depth in 2..=10 {
        inner = group(&client, &format!("Group {depth}"), &[&inner]).await;
    }
    let reply = client.get(&format!("/Users/{person}")).await.expect(200);
    let groups = reply.body["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 10, "everyone inside is a member of all ten");
    assert_eq!(groups.iter().filter(|one| one["type"] == "indirect").count(), 9);
    let found = client.filter("/Users", &format!("groups.value eq \"{inner}\"")).await.expect(200);
    assert_eq!(found.body["totalResults"], 1);
    let eleven = json!({"displayName": "Group 11", "members": [{"value": inner}]});
    client.post("/Groups", &eleven).await.refused(400, "invalidValue");
    // Nor from below, nor by joining two chains in the middle.
    let below = group(&client, "Below", &[]).await;
    let operations = add(from_ref(&below));
    client
        .operations(&format!("/Groups/{innermost}"), operations)
        .await
        .refused(400, "invalidValue");
    let below = group(&client, "Upper", &[&below]).await;
    client
        .operations(&format!("/Groups/{innermost}"), add(&[below]))
        .await
        .refused(400, "invalidValue");
    assert_eq!(members(&client, &innermost).await, [person]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grp07_twenty_thousand_members_in_one_patch() {
    let world = patient().await;
    let client = world.client();
    let ids = people(&world, 20_000).await;
    let id = group(&client, "Everyone", &[]).await;
    let path = format!("/Groups/{id}");
    client.operations(&path, add(&ids)).await.expect(204);
    assert_eq!(members(&client, &id).await, sorted(ids.clone()));
    // Once more changes nothing.
    let tag = client.get(&path).await.header("etag").to_owned();
    client.operations(&path, add(&ids)).await.expect(204);
    assert_eq!(client.get(&path).await.header("etag"), tag);
    let off = json!([{"op": "remove", "path": "members", "value": [{"value": ids[0]}]}]);
    client.operations(&path, off).await.expect(204);
    assert_eq!(members(&client, &id).await.len(), 19_999);
}

#[tokio::test]
async fn grp07_a_member_named_again_and_again_is_one() {
    let world = World::new().await;
    let client = world.client();
    let person = ines(&client).await;
    let many: Vec<String> = vec![person.clone(); 1_000];
    let id = group(&client, "Ward 7", &[]).await;
    let path = format!("/Groups/{id}");
    client.operations(&path, add(&many)).await.expect(204);
    assert_eq!(members(&client, &id).await, from_ref(&person));
    let operations: Vec<Value> = (0..1_000).map(|_| add(from_ref(&person))[0].clone()).collect();
    client.operations(&path, json!(operations)).await.expect(204);
    assert_eq!(members(&client, &id).await, from_ref(&person));
    let values: Vec<Value> = many.iter().map(|id| json!({"value": id})).collect();
    client.put(&path, &json!({"displayName": "Ward 7", "members": values})).await.expect(200);
    assert_eq!(members(&client, &id).await, from_ref(&person));
    let shown = client.get(&format!("/Users/{person}")).await.expect(200);
    assert_eq!(shown.body["groups"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grp07_a_hundred_clients_add_a_hundred_others_at_once() {
    let world = patient().await;
    let client = Arc::new(world.client());
    let ids = people(&world, 10_000).await;
    let id = group(&client, "Everyone", &[]).await;
    let path = format!("/Groups/{id}");
    let tasks: Vec<_> = ids
        .chunks(100)
        .map(|chunk| {
            let (client, path, operations) = (client.clone(), path.clone(), add(chunk));
            tokio::spawn(async move { client.operations(&path, operations).await })
        })
        .collect();
    assert_eq!(tasks.len(), 100);
    for task in tasks {
        task.await.unwrap().expect(204);
    }
    assert_eq!(members(&client, &id).await, sorted(ids));
    let health = world.run(Command::Check).await;
    assert_eq!(health["findings"], json!([]));
}

/// Each operation works on the result of the one before, also where a filter decides.
#[tokio::test]
async fn rfc_pat06_a_filtered_removal_sees_the_members_that_came_just_before() {
    let world = World::new().await;
    let client = world.client();
    let user = json!({"userName": "a@northvale.example"});
    let id = client.post("/Users", &user).await.expect(201).id();
    let group = client.post("/Groups", &json!({"displayName": "Ward 7"})).await.expect(201).id();
    let path = format!("/Groups/{group}");
    for first in ["add", "replace"] {
        let operations = json!([
            {"op": first, "path": "members", "value": [{"value": id}]},
            {"op": "remove", "path": "members[type eq \"User\"]"}
        ]);
        client.operations(&path, operations).await.expect(204);
        let members = client.get(&path).await.expect(200).body["members"].clone();
        assert!(members.as_array().is_none_or(Vec::is_empty), "{first}: {members}");
    }
}

/// Filters that would read a group's members over and over are refused before they do.
#[tokio::test]
async fn grp07_thousands_of_filters_over_members_are_refused_and_change_nothing() {
    let world = World::new().await;
    let client = world.client();
    let mut members = Vec::new();
    for turn in 0..200 {
        let user = json!({"userName": format!("many{turn}@northvale.example")});
        members.push(json!({"value": client.post("/Users", &user).await.expect(201).id()}));
    }
    let group = json!({"displayName": "Many", "members": members});
    let path = format!("/Groups/{}", client.post("/Groups", &group).await.expect(201).id());
    let clauses = vec!["display co \"x\""; 50].join(" or ");
    let one = json!({"op": "remove", "path": format!("members[{clauses}]")});
    let operations = json!(vec![one; 100]);
    client.operations(&path, operations).await.expect(413);
    assert_eq!(client.get(&path).await.body["members"].as_array().unwrap().len(), 200);
}
