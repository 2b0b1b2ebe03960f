//! DELETE (RFC 7644 §3.6).

use serde_json::json;

use super::cast::NOBODY;
use super::cast::group;
use super::cast::made;
use super::cast::members;
use super::cast::people;
use super::cast::rich;
use super::cast::user;
use crate::world::World;

#[tokio::test]
async fn rfc_del01_del02_del03_del04_what_is_deleted_is_gone() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let reply = client.delete(&path).await.expect(204);
    assert!(reply.text.is_empty() && reply.header("content-type").is_empty());
    client.get(&path).await.refused(404, "");
    client.put(&path, &rich("ines")).await.refused(404, "");
    let patch = json!([{"op": "replace", "path": "active", "value": false}]);
    client.operations(&path, patch).await.refused(404, "");
    client.delete(&path).await.refused(404, "");
    for filter in ["userName eq \"ines@northvale.example\"", "externalId eq \"x-ines\"", "id pr"] {
        let found = client.filter("/Users", filter).await.expect(200);
        assert_eq!(found.body["totalResults"], 0, "{filter}");
    }
    assert_eq!(client.get("/").await.body["totalResults"], 1, "the organization");
}

#[tokio::test]
async fn rfc_del05_a_name_is_free_again() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    client.delete(&path).await.expect(204);
    let again = made(&client, &rich("ines")).await;
    assert_ne!(again, path);
    let ward = group(&client, "Ward 7", &[]).await;
    client.delete(&ward).await.expect(204);
    assert_ne!(group(&client, "Ward 7", &[]).await, ward);
}

#[tokio::test]
async fn rfc_del06_del07_del08_what_is_not_deleted() {
    let world = World::new().await;
    let client = world.client();
    client.delete(&format!("/Users/{NOBODY}")).await.refused(404, "");
    client.delete("/Users/0").await.refused(404, "");
    let path = made(&client, &user("ines")).await;
    let old = client.get(&path).await.header("etag").to_owned();
    client.put(&path, &rich("ines")).await.expect(200);
    let stale = [("if-match", old.as_str())];
    client.send("DELETE", &path, &stale, None).await.refused(412, "");
    client.get(&path).await.expect(200);
    let reply = client.delete("/Users").await.expect(405);
    assert!(!reply.header("allow").contains("DELETE"));
    client.get(&path).await.expect(200);
}

#[tokio::test]
async fn rfc_del09_a_deleted_group_leaves_its_members_and_a_deleted_member_its_groups() {
    let world = World::new().await;
    let client = world.client();
    let ids = people(&client, &["a", "b"]).await;
    let ward = group(&client, "Ward 7", &ids).await;
    let other = group(&client, "Ward 8", &ids).await;
    client.delete(&ward).await.expect(204);
    let person = client.get(&format!("/Users/{}", ids[0])).await.expect(200).body;
    assert_eq!(person["groups"].as_array().unwrap().len(), 1);
    assert_eq!(person["groups"][0]["display"], "Ward 8");
    client.delete(&format!("/Users/{}", ids[0])).await.expect(204);
    assert_eq!(members(&client, &other).await, [ids[1].clone()]);
}
