//! The global administrator's token on the SCIM face (decisions, "Tenancy and credentials").

use serde_json::json;

use wardgate::store::change::Actor;

use crate::world::World;

#[tokio::test]
async fn admin_names_the_organization_of_what_it_makes() {
    let world = World::new().await;
    let admin = world.admin();
    let bare = json!({"userName": "a@northvale.example"});
    admin.post("/Users", &bare).await.refused(400, "invalidValue");
    let unknown = json!({"userName": "a@northvale.example", "homeOrganization": "ORG0099"});
    admin.post("/Users", &unknown).await.refused(400, "invalidValue");
    for home in [json!("ORG0001"), json!({"value": "ORG0001"})] {
        let name = format!("a{}@northvale.example", home.is_object());
        let body = json!({"userName": name, "homeOrganization": home});
        admin.post("/Users", &body).await.expect(201);
    }
    let group = json!({"displayName": "Ward 7", "organization": "ORG0001"});
    admin.post("/Groups", &group).await.expect(201);
    let seen = world.client().get("/").await.expect(200);
    assert_eq!(seen.body["totalResults"], 1, "its organization");
}

#[tokio::test]
async fn admin_sees_and_changes_every_organization() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let admin = world.admin();
    let user = |name: &str| json!({"userName": name});
    let near =
        world.client().post("/Users", &user("near@northvale.example")).await.expect(201).id();
    let far = other.post("/Users", &user("far@northvale.example")).await.expect(201).id();
    for filter in ["", "?filter=userName+sw+%22%22", "?sortBy=userName", "?count=1"] {
        let listed = admin.get(&format!("/Users{filter}")).await.expect(200);
        assert_eq!(listed.body["totalResults"], 2, "{filter}");
    }
    for (id, name) in [(&near, "near"), (&far, "far")] {
        let found =
            admin.filter("/Users", &format!("userName eq \"{name}@northvale.example\"")).await;
        assert_eq!(found.expect(200).resources()[0]["id"], id.as_str());
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        admin.operations(&format!("/Users/{id}"), off).await.expect(200);
    }
    assert_eq!(other.get(&format!("/Users/{far}")).await.expect(200).body["active"], false);
    admin.delete(&format!("/Users/{near}")).await.expect(204);
    world.client().get(&format!("/Users/{near}")).await.expect(404);
}

#[tokio::test]
async fn admin_sees_an_organization_that_was_made_after_its_token() {
    let world = World::new().await;
    let admin = world.admin();
    admin.get("/Users").await.expect(200);
    let (other, _) = world.other_organization(7).await;
    other.post("/Users", &json!({"userName": "late@northvale.example"})).await.expect(201);
    assert_eq!(admin.get("/Users").await.expect(200).body["totalResults"], 1);
}

#[tokio::test]
async fn admin_cannot_join_people_of_two_organizations_in_one_group() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let far =
        other.post("/Users", &json!({"userName": "far@northvale.example"})).await.expect(201).id();
    let group =
        json!({"displayName": "Ward 7", "organization": "ORG0001", "members": [{"value": far}]});
    world.admin().post("/Groups", &group).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn aud03_what_an_administrator_changes_is_in_the_chain_of_its_organization() {
    let world = World::new().await;
    let id = world.client().post("/Users", &json!({"userName": "a@northvale.example"})).await;
    let path = format!("/Users/{}", id.expect(201).id());
    let before = world.events(1).await.len();
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    world.admin().operations(&path, off).await.expect(200);
    let events = world.events(1).await;
    assert_eq!(events.len(), before + 1);
    let actor = &events.last().unwrap().cause.actor;
    assert!(matches!(actor, Actor::Administrator(_)), "{actor:?}");
}
