//! The end of an account takes everything along, and is kept.

use wardgate::base::id::Id;

use super::*;

#[tokio::test]
async fn us4_de6_closing_ends_every_grant_in_one_commit() {
    let world = World::new().await;
    let (client, admin) = (world.client(), world.admin());
    let ada = person(&client, "ada", json!({"services": [{"value": "PCVC"}]})).await;
    let bo = person(&client, "bo", json!({})).await;
    let members = json!({"displayName": "Ward", "members": [{"value": ada}, {"value": bo}]});
    let group = client.post("/Groups", &members).await.expect(201).id();
    let place = site(&world, "ORG0001", "ABCC").await;
    let room = json!({"systemName": "TOR_ABC_0001_ABCC_001", "site": {"value": place},
        "schedulers": [{"value": ada}]});
    let room = admin.post("/RoomSystems", &room).await.expect(201).id();
    for (from, to) in [(&ada, &bo), (&bo, &ada)] {
        let one =
            json!({"delegator": {"value": from}, "delegate": {"value": to}, "service": "PCVC"});
        admin.post("/Delegations", &one).await.expect(201);
    }
    let before = world.events(1).await.len();
    client.delete(&format!("/Users/{ada}")).await.expect(204);
    let events = world.events(1).await;
    assert_eq!(events.len(), before + 1, "one event (HI3)");
    assert_eq!(events.last().unwrap().beside.len(), 3, "two delegations, one closed account");
    client.get(&format!("/Users/{ada}")).await.expect(404);
    assert_eq!(admin.get("/Delegations").await.body["totalResults"], 0);
    let left = client.get(&format!("/Groups/{group}")).await.body["members"].clone();
    assert_eq!(left.as_array().unwrap().len(), 1);
    let left = admin.get(&format!("/RoomSystems/{room}")).await.body["schedulers"].clone();
    assert!(left.as_array().is_none_or(Vec::is_empty));
    let closed = events.last().unwrap().beside.iter().map(|one| one.id);
    let mut kept = Vec::new();
    for id in closed {
        kept.extend(world.ports.store.get(id, None).await.unwrap());
    }
    let kept: Value = serde_json::from_slice(&kept[0].body).unwrap();
    assert_eq!((&kept["user"], &kept["document"]["displayName"]), (&json!(ada), &json!("ada")));
    assert_eq!(
        (&kept["took"]["groups"], &kept["took"]["rooms"]),
        (&json!([group]), &json!([room]))
    );
    assert_eq!(kept["took"]["delegations"].as_array().unwrap().len(), 2);
    let health = world.ports.store.check(None).await.unwrap();
    assert_eq!(health.findings, Vec::<String>::new());
}

#[tokio::test]
async fn us1_idn10_the_name_is_free_at_once_and_nothing_comes_back_with_it() {
    let world = World::new().await;
    let client = world.client();
    let first = person(&client, "ada", json!({"services": [{"value": "PCVC"}]})).await;
    client.post("/Users", &body("ADA", json!({}))).await.refused(409, "uniqueness");
    let removal = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": format!("/Users/{first}")}]});
    client.post("/Bulk", &removal).await.expect(200);
    let second = person(&client, "ada", json!({})).await;
    assert_ne!(first, second);
    assert!(mine(&client, &second).await.get("services").is_none());
    let gone = world.ports.store.get(Id::parse(&first).unwrap(), None).await.unwrap();
    assert!(gone.is_none());
}
