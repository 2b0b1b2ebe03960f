//! Sites, providers and pools, and the references between them.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_reference_is_stored_as_a_value_and_shown_with_its_name() {
    let world = World::new().await;
    let id = site(&world, "org0001", "ABCC").await;
    let read = world.admin().get(&format!("/Sites/{id}")).await.expect(200);
    let own = home(&world).await;
    assert_eq!(read.body["organization"]["value"], own.as_str());
    assert_eq!(read.body["organization"]["display"], "Northvale Health");
    let link = format!("{}/Organizations/{own}", crate::world::BASE);
    assert_eq!(read.body["organization"]["$ref"], link);
    let name = json!([{"op": "replace", "path": "displayName", "value": "Northvale"}]);
    world.admin().operations(&format!("/Organizations/{own}"), name).await.expect(200);
    let again = world.admin().get(&format!("/Sites/{id}")).await.expect(200);
    assert_eq!(again.body["organization"]["display"], "Northvale");
    let filter = format!("organization.value eq \"{own}\"");
    let found = world.admin().filter("/Sites", &filter).await.expect(200);
    assert_eq!(ids(&found.resources()), [id.as_str()]);
    assert_eq!(found.body["Resources"][0]["organization"]["display"], "Northvale");
    // What was read can be written back as it is.
    world.admin().put(&format!("/Sites/{id}"), &again.body).await.expect(200);
}

#[tokio::test]
async fn tr2_a_site_code_occurs_once_in_its_organization() {
    let world = World::new().await;
    world.other_organization(2).await;
    site(&world, "ORG0001", "ABCC").await;
    site(&world, "ORG0002", "ABCC").await;
    let twin = json!({"displayName": "T", "siteCode": "abcc", "organization": "ORG0001"});
    world.admin().post("/Sites", &twin).await.refused(409, "uniqueness");
}

#[tokio::test]
async fn tr3_a_site_with_room_systems_is_not_removed() {
    let world = World::new().await;
    let site = site(&world, "ORG0001", "ABCC").await;
    let room = room(&world, &site, "TOR_ABC_0001_ABCC_001").await;
    let admin = world.admin();
    let said = admin.delete(&format!("/Sites/{site}")).await.refused(400, "invalidValue");
    assert!(said.text.contains("TR3"), "{}", said.text);
    admin.delete(&format!("/RoomSystems/{room}")).await.expect(204);
    admin.delete(&format!("/Sites/{site}")).await.expect(204);
}

#[tokio::test]
async fn what_is_immutable_stays_as_it_is() {
    let world = World::new().await;
    world.other_organization(2).await;
    let site = site(&world, "ORG0001", "ABCC").await;
    let path = format!("/Sites/{site}");
    let moved = json!([{"op": "replace", "path": "organization", "value": {"value": "ORG0002"}}]);
    world.admin().operations(&path, moved).await.refused(400, "mutability");
    let moved = json!([{"op": "replace", "path": "organization.value", "value": "ORG0002"}]);
    world.admin().operations(&path, moved).await.refused(400, "mutability");
    let whole = json!({"displayName": "A", "siteCode": "ABCC", "organization": "ORG0002"});
    world.admin().put(&path, &whole).await.refused(400, "mutability");
}

#[tokio::test]
async fn ten04_a_reference_leads_to_what_is_there_in_the_same_organization() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let far = person(&other, "far").await;
    let near = person(&world.client(), "near").await;
    let admin = world.admin();
    let provider = |user: &str| json!({"displayName": "Dr. Grey", "organization": "ORG0001", "user": {"value": user}});
    let site = site(&world, "ORG0001", "ABCC").await;
    for bad in [far.as_str(), UNKNOWN, site.as_str(), "nobody"] {
        let said = admin.post("/Providers", &provider(bad)).await.refused(400, "invalidValue");
        assert!(said.text.contains("`user`") && !said.text.contains(bad), "{}", said.text);
    }
    let made = admin.post("/Providers", &provider(&near)).await.expect(201);
    assert_eq!(made.body["user"]["display"], "near");
    let pool = json!({"displayName": "Ortho", "organization": "ORG0001", "accessMode": "ALL",
        "providers": [{"value": made.id()}]});
    let pool = admin.post("/Pools", &pool).await.expect(201);
    assert_eq!(pool.body["providers"][0]["display"], "Dr. Grey");
    assert_eq!(pool.body["accessMode"], "all");
    let filter = format!("providers.value eq \"{}\"", made.id());
    assert_eq!(admin.filter("/Pools", &filter).await.body["totalResults"], 1);
    let more = json!([{"op": "add", "path": "providers", "value": [{"value": near}]}]);
    admin.operations(&format!("/Pools/{}", pool.id()), more).await.refused(400, "invalidValue");
    // A person who is gone leaves the reference without a name.
    admin.delete(&format!("/Users/{near}")).await.expect(204);
    let left = admin.get(&format!("/Providers/{}", made.id())).await.expect(200).body;
    assert_eq!(left["user"], json!({"value": near}));
}
