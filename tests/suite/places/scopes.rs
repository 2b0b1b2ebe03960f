//! What a connection sees and touches of the network: permission by permission, and nothing of
//! another organization.

use serde_json::json;

use super::*;

#[tokio::test]
async fn without_its_permission_a_type_is_closed() {
    let world = World::new().await;
    let client = world.client();
    let site = site(&world, "ORG0001", "ABCC").await;
    room(&world, &site, "R").await;
    for endpoint in ["/Sites", "/RoomSystems", "/Delegations"] {
        client.get(endpoint).await.expect(403);
        client.get(&format!("{endpoint}/{UNKNOWN}")).await.expect(403);
        client.post(endpoint, &json!({})).await.expect(403);
        client.delete(&format!("{endpoint}/{UNKNOWN}")).await.expect(403);
    }
    for endpoint in ["/Providers", "/Pools"] {
        client.get(endpoint).await.expect(200);
        client.post(endpoint, &json!({"displayName": "P"})).await.expect(403);
    }
    let root = client.get("/").await.expect(200);
    let types: Vec<_> =
        root.resources().iter().map(|one| one["meta"]["resourceType"].clone()).collect();
    assert_eq!(types, ["Organization"]);
}

#[tokio::test]
async fn ten01_places_of_another_organization_do_not_exist() {
    let world = World::new().await;
    world.other_organization(2).await;
    permit(&world, "sites").await;
    let own = site(&world, "ORG0001", "ABCC").await;
    let far = site(&world, "ORG0002", "FARR").await;
    let client = world.client();
    client.get(&format!("/Sites/{own}")).await.expect(200);
    for id in [far.as_str(), UNKNOWN] {
        let path = format!("/Sites/{id}");
        client.get(&path).await.expect(404);
        client.delete(&path).await.expect(404);
        client.operations(&path, json!([{"op": "remove", "path": "careVenue"}])).await.expect(404);
    }
    for path in ["/Sites", "/Sites?sortBy=siteCode", "/Sites?filter=siteCode%20pr"] {
        let listed = client.get(path).await.expect(200);
        assert_eq!(ids(&listed.resources()), [own.as_str()], "{path}");
        assert_eq!(listed.body["totalResults"], 1, "{path}");
    }
    assert_eq!(client.filter("/Sites", "siteCode eq \"FARR\"").await.body["totalResults"], 0);
    assert_eq!(client.filter("/Sites", "siteCode eq \"abcc\"").await.body["totalResults"], 1);
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": format!("/Sites/{far}")}]});
    let done = client.post("/Bulk", &bulk).await.expect(200);
    assert_eq!(done.body["Operations"][0]["status"], "404");
    world.admin().get(&format!("/Sites/{far}")).await.expect(200);
}

#[tokio::test]
async fn a_connection_makes_places_of_its_own_organization_only() {
    let world = World::new().await;
    world.other_organization(2).await;
    permit(&world, "sites").await;
    let client = world.client();
    let made =
        client.post("/Sites", &json!({"displayName": "A", "siteCode": "A"})).await.expect(201);
    assert_eq!(made.body["organization"]["display"], "Northvale Health");
    let named = json!({"displayName": "B", "siteCode": "B", "organization": "ORG0001"});
    client.post("/Sites", &named).await.expect(201);
    let far = json!({"displayName": "C", "siteCode": "C", "organization": "ORG0002"});
    client.post("/Sites", &far).await.refused(400, "invalidValue");
    client.post("/Providers", &json!({"displayName": "Dr. Grey"})).await.expect(201);
    // What one connection of the organization made another may change: it is the organization's.
    let (second, id) = world.other_connection(1).await;
    second.get(&format!("/Sites/{}", made.id())).await.expect(403);
    let settings = vec!["permissions=sites".to_owned()];
    let command = wardgate::service::operate::Command::ConnectionSet { connection: id, settings };
    world.run(command).await;
    let name = json!([{"op": "replace", "path": "displayName", "value": "AA"}]);
    second.operations(&format!("/Sites/{}", made.id()), name).await.expect(200);
}

#[tokio::test]
async fn grp05_of_schedulers_a_connection_meets_its_own_people_only() {
    let world = World::new().await;
    permit(&world, "rooms").await;
    let (second, _) = world.other_connection(1).await;
    let (own, foreign) = (person(&world.client(), "own").await, person(&second, "foreign").await);
    let site = site(&world, "ORG0001", "ABCC").await;
    let path = format!("/RoomSystems/{}", room(&world, &site, "R").await);
    let both =
        json!([{"op": "add", "path": "schedulers", "value": [{"value": own}, {"value": foreign}]}]);
    world.admin().operations(&path, both).await.expect(200);
    let client = world.client();
    let seen = client.get(&path).await.expect(200);
    assert!(seen.text.contains(&own) && !seen.text.contains(&foreign), "{}", seen.text);
    let filter = |id: &str| format!("schedulers.value eq \"{id}\"");
    assert_eq!(client.filter("/RoomSystems", &filter(&own)).await.body["totalResults"], 1);
    assert_eq!(client.filter("/RoomSystems", &filter(&foreign)).await.body["totalResults"], 0);
    let named = json!([{"op": "add", "path": "schedulers", "value": [{"value": foreign}]}]);
    client.operations(&path, named).await.refused(400, "invalidValue");
    for gone in [
        json!([{"op": "remove", "path": filter(&foreign).replace("schedulers.value", "schedulers[value") + "]"}]),
        json!([{"op": "replace", "path": "schedulers", "value": []}]),
    ] {
        client.operations(&path, gone).await.expect(200);
    }
    let left = world.admin().get(&path).await.expect(200).body;
    assert_eq!(left["schedulers"].as_array().unwrap().len(), 1);
    assert_eq!(left["schedulers"][0]["value"], foreign.as_str());
}
