//! PATCH of a group's members (RFC 7644 §3.5.2).

use serde_json::Value;
use serde_json::json;

use super::cast::group;
use super::cast::members;
use super::cast::people;
use super::cast::sorted;
use crate::world::World;

fn listed(ids: &[&String]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}

#[tokio::test]
async fn rfc_pat56_pat57_members_are_added_once() {
    let world = World::new().await;
    let client = world.client();
    let ids = people(&client, &["a", "b", "c"]).await;
    let ward = group(&client, "Ward 7", &ids[..1]).await;
    let add = json!([{"op": "add", "path": "members", "value": listed(&[&ids[1]])}]);
    client.operations(&ward, add.clone()).await.expect(204);
    assert_eq!(members(&client, &ward).await, sorted(&[&ids[0], &ids[1]]));
    let version = client.get(&ward).await.header("etag").to_owned();
    client.operations(&ward, add).await.expect(204);
    assert_eq!(members(&client, &ward).await, sorted(&[&ids[0], &ids[1]]));
    assert_eq!(client.get(&ward).await.header("etag"), version);
}

#[tokio::test]
async fn rfc_pat58_pat59_pat60_members_are_removed() {
    let world = World::new().await;
    let client = world.client();
    let ids = people(&client, &["a", "b", "c"]).await;
    let ward = group(&client, "Ward 7", &ids[..2]).await;
    let out =
        |id: &String| json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
    client.operations(&ward, out(&ids[2])).await.expect(204);
    assert_eq!(members(&client, &ward).await, sorted(&[&ids[0], &ids[1]]));
    client.operations(&ward, out(&ids[0])).await.expect(204);
    assert_eq!(members(&client, &ward).await, [ids[1].clone()]);
    let all = json!([{"op": "remove", "path": "members"}]);
    client.operations(&ward, all).await.expect(204);
    assert!(members(&client, &ward).await.is_empty());
}

#[tokio::test]
async fn rfc_pat61_pat62_the_list_is_replaced() {
    let world = World::new().await;
    let client = world.client();
    let ids = people(&client, &["a", "b", "c"]).await;
    let ward = group(&client, "Ward 7", &ids[..2]).await;
    let swap = json!([{"op": "replace", "path": "members", "value": listed(&[&ids[2]])}]);
    client.operations(&ward, swap).await.expect(204);
    assert_eq!(members(&client, &ward).await, [ids[2].clone()]);
    let anew = json!([
        {"op": "remove", "path": "members"},
        {"op": "add", "path": "members", "value": listed(&[&ids[0], &ids[1]])},
    ]);
    client.operations(&ward, anew).await.expect(204);
    assert_eq!(members(&client, &ward).await, sorted(&[&ids[0], &ids[1]]));
}

#[tokio::test]
async fn rfc_pat63_many_operations_in_one_request() {
    let world = World::new().await;
    let client = world.client();
    let names: Vec<String> = (0..60).map(|turn| format!("m{turn}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ids = people(&client, &names).await;
    let ward = group(&client, "Ward 7", &[]).await;
    let each: Value = ids
        .iter()
        .map(|id| json!({"op": "add", "path": "members", "value": [{"value": id}]}))
        .collect();
    client.operations(&ward, each).await.expect(204);
    assert_eq!(members(&client, &ward).await.len(), 60);
    assert_eq!(world.events(1).await.last().unwrap().linked, 60);
}

#[tokio::test]
async fn rfc_pat64_dialects_are_read_unless_the_connection_is_strict() {
    let world = World::new().await;
    let client = world.client();
    let ids = people(&client, &["a", "b"]).await;
    let ward = group(&client, "Ward 7", &ids).await;
    let person = format!("/Users/{}", ids[0]);
    let capitals = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    let listed = json!([{"op": "Remove", "path": "members", "value": [{"value": ids[0]}]}]);
    world.set("strict=true").await;
    client.operations(&person, capitals.clone()).await.expect(400);
    client.operations(&ward, listed.clone()).await.expect(400);
    assert_eq!(client.get(&person).await.body["active"], true);
    assert_eq!(members(&client, &ward).await.len(), 2);
    world.set("strict=false").await;
    assert_eq!(client.operations(&person, capitals).await.expect(200).body["active"], false);
    client.operations(&ward, listed).await.expect(204);
    assert_eq!(members(&client, &ward).await, [ids[1].clone()]);
}

/// `display` is read-only; Okta sends it all the same.
#[tokio::test]
async fn idp68_a_members_display_is_taken_and_not_believed() {
    let world = World::new().await;
    let client = world.client();
    let ids = people(&client, &["a", "b", "c"]).await;
    let ward = group(&client, "Ward 7", &[]).await;
    for (turn, member) in [
        json!({"value": ids[0], "display": "Somebody Else"}),
        json!({"value": ids[1], "displayName": "Somebody Else", "$ref": null}),
        json!({"value": ids[2], "display": null, "type": "User"}),
    ]
    .into_iter()
    .enumerate()
    {
        let operations = match turn {
            0 => json!([{"op": "add", "path": "members", "value": [member]}]),
            1 => json!([{"op": "add", "path": "members", "value": member}]),
            _ => json!([{"op": "add", "value": {"members": [member]}}]),
        };
        client.operations(&ward, operations).await.expect(204);
    }
    assert_eq!(members(&client, &ward).await, sorted(&[&ids[0], &ids[1], &ids[2]]));
    assert!(!client.get(&ward).await.text.contains("Somebody"));
    world.set("strict=true").await;
    let again =
        json!([{"op": "add", "path": "members", "value": [{"value": ids[0], "display": "X"}]}]);
    client.operations(&ward, again).await.expect(204);
}
