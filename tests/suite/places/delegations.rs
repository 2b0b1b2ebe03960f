//! Delegations: who may act for whom, in which service, from when until when.

use serde_json::json;

use super::*;

fn delegation(delegator: &str, delegate: &str, service: &str) -> Value {
    json!({"delegator": {"value": delegator}, "delegate": {"value": delegate}, "service": service})
}

async fn two(world: &World) -> (String, String) {
    (person(&world.client(), "ada").await, person(&world.client(), "bo").await)
}

#[tokio::test]
async fn a_delegation_shows_who_acts_for_whom_and_whether_it_holds() {
    let world = World::new().await;
    let (a, b) = two(&world).await;
    let admin = world.admin();
    let mut body = delegation(&a, &b, "pcvc");
    body["validFrom"] = json!("2100-01-01T00:00:00Z");
    let made = admin.post("/Delegations", &body).await.expect(201);
    assert_eq!((&made.body["service"], &made.body["status"]), (&json!("PCVC"), &json!("upcoming")));
    assert_eq!(made.body["delegator"]["display"], "ada");
    let path = format!("/Delegations/{}", made.id());
    for (from, to, status) in [
        ("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "live"),
        ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z", "ended"),
    ] {
        let edit = json!([{"op": "replace", "value": {"validFrom": from, "validTo": to}}]);
        let after = admin.operations(&path, edit).await.expect(200);
        assert_eq!(after.body["status"], status);
        let filter = format!("status eq \"{status}\"");
        assert_eq!(admin.filter("/Delegations", &filter).await.body["totalResults"], 1);
    }
    let filter = format!("delegate.value eq \"{b}\" and service eq \"PCVC\"");
    assert_eq!(admin.filter("/Delegations", &filter).await.body["totalResults"], 1);
    let backwards = json!([{"op": "replace", "path": "validTo", "value": "2019-01-01T00:00:00Z"}]);
    admin.operations(&path, backwards).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn de1_nobody_acts_for_oneself() {
    let world = World::new().await;
    let (a, _) = two(&world).await;
    let said = world.admin().post("/Delegations", &delegation(&a, &a, "PCVC")).await;
    assert!(said.refused(400, "invalidValue").text.contains("DE1"));
}

#[tokio::test]
async fn de2_of_those_that_hold_each_occurs_once() {
    let world = World::new().await;
    let (a, b) = two(&world).await;
    let admin = world.admin();
    let mut first = delegation(&a, &b, "PCVC");
    first["validTo"] = json!("2100-01-01T00:00:00Z");
    let made = admin.post("/Delegations", &first).await.expect(201);
    let said = admin.post("/Delegations", &delegation(&a, &b, "pcvc")).await;
    assert!(said.refused(409, "uniqueness").text.contains("DE2"));
    admin.post("/Delegations", &delegation(&a, &b, "ECONSULT")).await.expect(201);
    admin.post("/Delegations", &delegation(&b, &a, "PCVC")).await.expect(201);
    let mut next = delegation(&a, &b, "PCVC");
    next["validFrom"] = json!("2100-01-01T00:00:00Z");
    let next = admin.post("/Delegations", &next).await.expect(201).id();
    let open = json!([{"op": "remove", "path": "validTo"}]);
    let path = format!("/Delegations/{}", made.id());
    admin.operations(&path, open.clone()).await.refused(409, "uniqueness");
    admin.delete(&format!("/Delegations/{next}")).await.expect(204);
    admin.operations(&path, open).await.expect(200);
    let end = json!([{"op": "add", "path": "validTo", "value": "2021-01-01T00:00:00Z"}]);
    admin.operations(&path, end).await.expect(200);
    admin.post("/Delegations", &delegation(&a, &b, "PCVC")).await.expect(201);
}

#[tokio::test]
async fn de2_of_many_equal_delegations_at_once_one_is_made() {
    let world = World::new().await;
    let (a, b) = two(&world).await;
    let mut tries = Vec::new();
    for _ in 0..16 {
        let (admin, body) = (world.admin(), delegation(&a, &b, "PCVC"));
        tries.push(tokio::spawn(async move { admin.post("/Delegations", &body).await.status }));
    }
    let mut made = 0;
    for one in tries {
        made += u32::from(one.await.unwrap() == 201);
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn de5_the_delegate_may_be_of_another_organization() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let far = person(&other, "far").await;
    let near = person(&world.client(), "near").await;
    let made = world.admin().post("/Delegations", &delegation(&near, &far, "PCVC")).await;
    let made = made.expect(201);
    assert_eq!(made.body["delegate"]["display"], "far");
    permit(&world, "delegations").await;
    let path = format!("/Delegations/{}", made.id());
    let seen = world.client().get(&path).await.expect(200);
    assert!(seen.body.get("delegate").is_none(), "not whom it may see: {}", seen.text);
    assert_eq!(seen.body["delegator"]["display"], "near");
    let own = delegation(&near, &far, "ECONSULT");
    world.client().post("/Delegations", &own).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn who_and_what_of_a_delegation_stay_as_they_are() {
    let world = World::new().await;
    let (a, b) = two(&world).await;
    let made = world.admin().post("/Delegations", &delegation(&a, &b, "PCVC")).await.expect(201);
    let path = format!("/Delegations/{}", made.id());
    let service = json!([{"op": "replace", "path": "service", "value": "ECONSULT"}]);
    world.admin().operations(&path, service).await.refused(400, "mutability");
    world.admin().put(&path, &delegation(&b, &a, "PCVC")).await.refused(400, "mutability");
}
