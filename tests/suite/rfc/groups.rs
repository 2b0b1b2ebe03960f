//! The Group resource (GRP).

use std::slice::from_ref;

use serde_json::json;
use wardgate::service::operate;
use wardgate::service::operate::Command;

use super::UNKNOWN;
use super::group;
use super::grouped;
use super::hits;
use super::made;
use super::members_of;
use crate::world::BASE;
use crate::world::Client;
use crate::world::World;

/// Two people, and a group that one of them is in.
async fn ward(client: &Client) -> (String, String, String) {
    let a = made(client, "a@northvale.example").await;
    let b = made(client, "b@northvale.example").await;
    let id = grouped(client, "Ward 7", &[&a]).await;
    (a, b, id)
}

#[tokio::test]
async fn rfc_grp01_grp07_a_group_needs_a_name_and_no_members() {
    let world = World::new().await;
    let client = world.client();
    for bad in [json!({"members": []}), json!({"displayName": ""}), json!({"displayName": null})] {
        client.post("/Groups", &bad).await.refused(400, "invalidValue");
    }
    let made = client.post("/Groups", &json!({"displayName": "Ward 7"})).await.expect(201);
    assert!(super::unassigned(&made.body["members"]), "{}", made.text);
    let path = format!("/Groups/{}", made.id());
    client.put(&path, &json!({"members": []})).await.refused(400, "invalidValue");
    let remove = json!([{"op": "remove", "path": "displayName"}]);
    client.operations(&path, remove).await.refused(400, "mutability");
    assert_eq!(client.get(&path).await.body["displayName"], "Ward 7");
}

#[tokio::test]
async fn rfc_grp02_grp03_grp06_members_are_people_and_groups_by_id() {
    let world = World::new().await;
    let client = world.client();
    let person = made(&client, "a@northvale.example").await;
    let inner = grouped(&client, "Ward 7", &[]).await;
    let outer = client.post("/Groups", &group("Hospital", &[&person, &inner])).await.expect(201);
    let read = client.get(&format!("/Groups/{}", outer.id())).await.expect(200);
    assert_eq!(read.body["members"], outer.body["members"]);
    let mut members = read.body["members"].as_array().unwrap().clone();
    members.sort_by_key(|member| member["type"].to_string());
    let expected = json!([
        {"value": inner, "$ref": format!("{BASE}/Groups/{inner}"), "type": "Group"},
        {"value": person, "$ref": format!("{BASE}/Users/{person}"), "type": "User"},
    ]);
    assert_eq!(json!(members), expected);
}

#[tokio::test]
async fn rfc_grp04_members_come_and_go_as_wholes() {
    let world = World::new().await;
    let client = world.client();
    let (a, b, id) = ward(&client).await;
    let path = format!("/Groups/{id}");
    for part in ["value", "$ref", "type", "display"] {
        let target = format!("members[value eq \"{a}\"].{part}");
        for op in ["replace", "add"] {
            let operation = json!([{"op": op, "path": target, "value": b}]);
            client.operations(&path, operation).await.refused(400, "mutability");
        }
        client
            .operations(&path, json!([{"op": "remove", "path": target}]))
            .await
            .refused(400, "mutability");
    }
    assert_eq!(members_of(&client, &id).await, [a]);
}

#[tokio::test]
async fn rfc_grp05_a_member_without_an_id_is_refused() {
    let world = World::new().await;
    let client = world.client();
    for bad in [
        json!({"display": "Ines"}),
        json!({}),
        json!({"value": ""}),
        json!({"value": 7.5}),
        json!([]),
    ] {
        let body = json!({"displayName": "Ward 7", "members": [bad]});
        client.post("/Groups", &body).await.refused(400, "invalidValue");
    }
    assert_eq!(client.get("/Groups").await.expect(200).body["totalResults"], 0);
}

#[tokio::test]
async fn rfc_grp08_names_are_unique_per_connection_unless_switched_off() {
    let world = World::new().await;
    let client = world.client();
    grouped(&client, "Ward 7", &[]).await;
    client.post("/Groups", &group("WARD 7", &[])).await.refused(409, "uniqueness");
    let other = grouped(&client, "Ward 8", &[]).await;
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Ward 7"}]);
    client.operations(&format!("/Groups/{other}"), rename).await.refused(409, "uniqueness");
    let (sibling, _) = world.other_connection(1).await;
    grouped(&sibling, "Ward 7", &[]).await;
    world.set("unique_group_names=false").await;
    grouped(&client, "Ward 8", &[]).await;
    assert_eq!(hits(&client, "/Groups", "displayName eq \"ward 8\"").await, 2);
}

#[tokio::test]
async fn rfc_grp08_names_become_unique_when_that_is_switched_on() {
    let world = World::new().await;
    let client = world.client();
    world.set("unique_group_names=false").await;
    let mut twins = Vec::new();
    for name in ["Ward 7", "WARD 7", "Ward 7", "Ward 8", "ward 8", "Ward 9"] {
        twins.push(grouped(&client, name, &[]).await);
    }
    let (sibling, _) = world.other_connection(1).await;
    grouped(&sibling, "Ward 9", &[]).await;
    let on = || Command::ConnectionSet {
        connection: world.connection.clone(),
        settings: vec!["unique_group_names=true".into()],
    };
    let events = world.events(1).await.len();
    let refused = operate::run(&world.ports, on()).await.unwrap_err();
    assert!(refused.said.starts_with("4 pairs of groups"), "{}", refused.said);
    assert_eq!(world.events(1).await.len(), events);
    grouped(&client, "Ward 9", &[]).await;
    let last = twins.pop().unwrap();
    for gone in [&twins[0], &twins[1], &twins[3], &last] {
        client.delete(&format!("/Groups/{gone}")).await.expect(204);
    }
    let events = world.events(1).await.len();
    operate::run(&world.ports, on()).await.unwrap();
    assert_eq!(world.events(1).await.len(), events + 1, "one change");
    for name in ["Ward 7", "WARD 8", "ward 9"] {
        client.post("/Groups", &group(name, &[])).await.refused(409, "uniqueness");
    }
    grouped(&client, "Ward 10", &[]).await;
    assert!(world.ports.store.check(None).await.unwrap().findings.is_empty());
}

#[tokio::test]
async fn rfc_grp09_membership_shows_at_the_person() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, "a@northvale.example").await;
    let path = format!("/Users/{id}");
    assert!(client.get(&path).await.body.get("groups").is_none());
    let group = grouped(&client, "Ward 7", &[&id]).await;
    let shown = client.get(&path).await.expect(200);
    let expected = json!([{"value": group, "$ref": format!("{BASE}/Groups/{group}"),
        "display": "Ward 7", "type": "direct"}]);
    assert_eq!(shown.body["groups"], expected);
    assert_eq!(client.get("/Users").await.resources()[0]["groups"], expected);
    let leave = json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
    client.operations(&format!("/Groups/{group}"), leave).await.expect(204);
    assert!(client.get(&path).await.body.get("groups").is_none());
}

#[tokio::test]
async fn rfc_grp10_a_deleted_member_leaves_the_group() {
    let world = World::new().await;
    let client = world.client();
    let (a, b) =
        (made(&client, "a@northvale.example").await, made(&client, "b@northvale.example").await);
    let inner = grouped(&client, "Ward 7", &[]).await;
    let id = grouped(&client, "Hospital", &[&a, &b, &inner]).await;
    let before = client.get(&format!("/Groups/{id}")).await.header("etag").to_owned();
    client.delete(&format!("/Users/{a}")).await.expect(204);
    client.delete(&format!("/Groups/{inner}")).await.expect(204);
    assert_eq!(members_of(&client, &id).await, [b]);
    assert_ne!(client.get(&format!("/Groups/{id}")).await.header("etag"), before);
}

#[tokio::test]
async fn rfc_grp11_an_unknown_member_is_refused_or_skipped() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let own = made(&client, "a@northvale.example").await;
    let device = client.post("/Devices", &json!({"serial": "S-1"})).await.expect(201).id();
    for stranger in [UNKNOWN, "nobody", "", &device] {
        client
            .post("/Groups", &group("Ward 7", &[&own, stranger]))
            .await
            .refused(400, "invalidValue");
    }
    assert_eq!(client.get("/Groups").await.expect(200).body["totalResults"], 0);
    world.set("skip_unknown_members=true").await;
    let id = grouped(&client, "Ward 7", &[&own, UNKNOWN]).await;
    assert_eq!(members_of(&client, &id).await, [own]);
}

#[tokio::test]
async fn rfc_grp12_single_members_are_added_and_removed_without_the_list() {
    let world = World::new().await;
    let client = world.client();
    let mut people = Vec::new();
    for turn in 0..4 {
        people.push(made(&client, &format!("p{turn}@northvale.example")).await);
    }
    let id = grouped(&client, "Ward 7", &[&people[0], &people[1]]).await;
    let path = format!("/Groups/{id}");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": people[2]}]}]);
    let reply = client.operations(&path, add).await.expect(204);
    assert!(reply.text.is_empty());
    let single = json!([{"op": "add", "path": "members", "value": {"value": people[3]}}]);
    client.operations(&path, single).await.expect(204);
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", people[0])}]);
    client.operations(&path, remove).await.expect(204);
    let mut expected = people[1..].to_vec();
    expected.sort();
    assert_eq!(members_of(&client, &id).await, expected);
}

#[tokio::test]
async fn rfc_grp13_put_replaces_the_list() {
    let world = World::new().await;
    let client = world.client();
    let (_, b, id) = ward(&client).await;
    let path = format!("/Groups/{id}");
    client.put(&path, &group("Ward 7", &[&b])).await.expect(200);
    assert_eq!(members_of(&client, &id).await, from_ref(&b));
    // Not mentioned, they stay; an empty list is nobody.
    client.put(&path, &json!({"displayName": "Ward 8"})).await.expect(200);
    assert_eq!(members_of(&client, &id).await, [b]);
    client.put(&path, &group("Ward 8", &[])).await.expect(200);
    assert!(members_of(&client, &id).await.is_empty());
}

#[tokio::test]
async fn rfc_grp14_groups_are_found_by_name_and_by_member() {
    let world = World::new().await;
    let client = world.client();
    let a = made(&client, "a@northvale.example").await;
    let b = made(&client, "b@northvale.example").await;
    let id = grouped(&client, "Ward 7", &[&a]).await;
    grouped(&client, "Ward 8", &[&b]).await;
    for filter in [
        "displayName eq \"ward 7\"".to_owned(),
        format!("members.value eq \"{a}\""),
        format!("members eq \"{a}\""),
        format!("members[value eq \"{a}\"]"),
        format!("members[value eq \"{a}\" and type eq \"User\"]"),
        format!("displayName sw \"Ward\" and members.value eq \"{a}\""),
    ] {
        let found = client.filter("/Groups", &filter).await.expect(200);
        assert_eq!(found.body["totalResults"], 1, "{filter}");
        assert_eq!(found.resources()[0]["id"], id, "{filter}");
    }
    assert_eq!(hits(&client, "/Groups", &format!("members.value eq \"{UNKNOWN}\"")).await, 0);
}
