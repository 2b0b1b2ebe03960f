//! Organizations, divisions and regions; the record is the tenant.

use serde_json::json;
use wardgate::service::operate::Command;

use super::*;

async fn node(world: &World, kind: &str, parent: Option<&str>) -> String {
    let mut body = json!({"displayName": kind, "kind": kind});
    if let Some(parent) = parent {
        body["parent"] = json!({"value": parent});
    }
    world.admin().post("/Organizations", &body).await.expect(201).id()
}

#[tokio::test]
async fn an_organization_made_through_scim_is_a_tenant_at_once() {
    let world = World::new().await;
    let body = json!({"displayName": "ABC Hospital", "orgNumber": "org5555", "shortCode": "ABC"});
    let made = world.admin().post("/Organizations", &body).await.expect(201);
    assert_eq!(made.body["orgNumber"], "ORG5555");
    assert_eq!(made.body["kind"], "organization");
    assert_eq!(made.body["active"], true);
    let (client, _) = world.other_connection(5555).await;
    person(&client, "ada").await;
    let seen = client.get(&format!("/Organizations/{}", made.id())).await.expect(200);
    assert_eq!(seen.body["shortCode"], "ABC");
    let own = json!({"userName": "b@abc.example", "homeOrganization": "ORG5555"});
    world.admin().post("/Users", &own).await.expect(201);
    assert_eq!(world.events(5555).await[0].subject.unwrap().1.to_string(), made.id());
}

#[tokio::test]
async fn the_command_line_and_scim_edit_one_record() {
    let world = World::new().await;
    let id = home(&world).await;
    let code = json!([{"op": "add", "path": "shortCode", "value": "NVH"}]);
    let path = format!("/Organizations/{id}");
    world.admin().operations(&path, code).await.expect(200);
    let organization = "ORG0001".to_owned();
    let (name, brake_limit) = (Some("Northvale".to_owned()), Some(7));
    let shown = world.run(Command::OrganizationSet { organization, name, brake_limit }).await;
    let keys: Vec<&String> = shown.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "organization", "number", "name", "parent", "brake_limit"]);
    assert_eq!((&shown["number"], &shown["brake_limit"]), (&json!(1), &json!(7)));
    let read = world.admin().get(&path).await.expect(200).body;
    assert_eq!((&read["displayName"], &read["shortCode"]), (&json!("Northvale"), &json!("NVH")));
    assert!(read.get("brakeLimit").is_none(), "returned on request only");
    let asked = world.admin().get(&format!("{path}?attributes=brakeLimit")).await.expect(200);
    assert_eq!(asked.body["brakeLimit"], 7);
    let limit = json!([{"op": "replace", "path": "brakeLimit", "value": 0}]);
    world.admin().operations(&path, limit).await.refused(400, "mutability");
}

#[tokio::test]
async fn tr1_what_is_above_is_of_a_lower_rank() {
    let world = World::new().await;
    let region = node(&world, "region", None).await;
    let division = node(&world, "division", Some(&region)).await;
    let admin = world.admin();
    let path = format!("/Organizations/{region}");
    for parent in [&division, &region] {
        let under = json!([{"op": "add", "path": "parent", "value": {"value": parent}}]);
        let said = admin.operations(&path, under).await.refused(400, "invalidValue");
        assert!(said.text.contains("TR1"), "{}", said.text);
    }
    let id = home(&world).await;
    let under = json!([{"op": "add", "path": "parent.value", "value": division}]);
    let moved = admin.operations(&format!("/Organizations/{id}"), under).await.expect(200);
    assert_eq!(moved.body["parent"]["display"], "division");
    let below = json!({"displayName": "X", "orgNumber": "ORG0002", "parent": "ORG0001"});
    admin.post("/Organizations", &below).await.refused(400, "invalidValue");
    let add = Command::OrganizationAdd { number: 9, name: "N".into(), parent: Some(region) };
    assert_eq!(world.run(add).await["number"], 9);
    let add = Command::OrganizationAdd { number: 8, name: "N".into(), parent: Some(id) };
    assert!(wardgate::service::operate::run(&world.ports, add).await.is_err());
}

#[tokio::test]
async fn tr2_a_number_occurs_once_and_belongs_to_organizations() {
    let world = World::new().await;
    let admin = world.admin();
    let twin = json!({"displayName": "Twin", "orgNumber": "ORG0001"});
    admin.post("/Organizations", &twin).await.refused(409, "uniqueness");
    for bad in [
        json!({"displayName": "None"}),
        json!({"displayName": "Odd", "orgNumber": "5555"}),
        json!({"displayName": "Odd", "kind": "region", "orgNumber": "ORG5555"}),
        json!({"displayName": "Odd", "kind": "county"}),
    ] {
        admin.post("/Organizations", &bad).await.refused(400, "invalidValue");
    }
    let id = home(&world).await;
    let number = json!([{"op": "replace", "path": "orgNumber", "value": "ORG0007"}]);
    admin.operations(&format!("/Organizations/{id}"), number).await.refused(400, "mutability");
}

#[tokio::test]
async fn tr3_what_has_something_in_it_is_not_removed() {
    let world = World::new().await;
    let admin = world.admin();
    let region = node(&world, "region", None).await;
    let body = json!({"displayName": "ABC", "orgNumber": "ORG5555", "parent": {"value": region}});
    let id = admin.post("/Organizations", &body).await.expect(201).id();
    let path = format!("/Organizations/{id}");
    let above = format!("/Organizations/{region}");
    let said = admin.delete(&above).await.refused(400, "invalidValue");
    assert!(said.text.contains("TR3"), "{}", said.text);
    let site = site(&world, "ORG5555", "ABCC").await;
    admin.delete(&path).await.refused(400, "invalidValue");
    admin.delete(&format!("/Sites/{site}")).await.expect(204);
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.expect(404);
    admin.delete(&above).await.expect(204);
    let connected = home(&world).await;
    admin.delete(&format!("/Organizations/{connected}")).await.refused(400, "invalidValue");
    let gone = json!({"displayName": "S", "siteCode": "S", "organization": "ORG5555"});
    admin.post("/Sites", &gone).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn ten01_a_connection_reads_its_own_organization_and_what_is_above() {
    let world = World::new().await;
    let region = node(&world, "region", None).await;
    let stray = node(&world, "region", None).await;
    let own = home(&world).await;
    let under = json!([{"op": "add", "path": "parent", "value": {"value": region}}]);
    world.admin().operations(&format!("/Organizations/{own}"), under).await.expect(200);
    let (other, _) = world.other_organization(2).await;
    let client = world.client();
    for path in [own.as_str(), region.as_str()] {
        client.get(&format!("/Organizations/{path}")).await.expect(200);
    }
    let foreign = other.get("/Organizations").await.expect(200).resources()[0]["id"].clone();
    for path in [foreign.as_str().unwrap(), stray.as_str(), UNKNOWN] {
        client.get(&format!("/Organizations/{path}")).await.expect(404);
    }
    let mut expected = [own.as_str(), region.as_str()];
    expected.sort_unstable();
    for path in [
        "/Organizations",
        "/Organizations?sortBy=displayName",
        "/Organizations?filter=displayName%20pr",
    ] {
        let listed = client.get(path).await.expect(200);
        let resources = listed.resources();
        let mut found = ids(&resources);
        found.sort_unstable();
        assert_eq!((found.as_slice(), &listed.body["totalResults"]), (&expected[..], &json!(2)));
    }
    let filter = "orgNumber eq \"ORG0002\"";
    assert_eq!(client.filter("/Organizations", filter).await.body["totalResults"], 0);
    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
    let searched = client.post("/Organizations/.search", &search).await.expect(200);
    assert_eq!(searched.body["totalResults"], 2);
    let root = client.filter("/", "meta.resourceType eq \"Organization\"").await.expect(200);
    assert_eq!(root.body["totalResults"], 2);
    let name = json!([{"op": "replace", "path": "displayName", "value": "X"}]);
    client.operations(&format!("/Organizations/{own}"), name).await.expect(403);
    client
        .post("/Organizations", &json!({"displayName": "X", "orgNumber": "ORG7"}))
        .await
        .expect(403);
    client.delete(&format!("/Organizations/{own}")).await.expect(403);
}
