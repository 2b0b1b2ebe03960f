//! What a person schedules and for whom they act: shown when it is asked for.

use super::*;

#[tokio::test]
async fn de5_scheduling_access_and_delegations_are_shown_on_request() {
    let world = World::new().await;
    let (client, admin) = (world.client(), world.admin());
    let ada = person(&client, "ada", json!({"services": [{"value": "PCVC"}]})).await;
    let bo = person(&client, "bo", json!({})).await;
    let place = site(&world, "ORG0001", "ABCC").await;
    let room = json!({"systemName": "TOR_ABC_0001_ABCC_001", "site": {"value": place},
        "schedulers": [{"value": ada}]});
    let room = admin.post("/RoomSystems", &room).await.expect(201).id();
    let one = json!({"delegator": {"value": ada}, "delegate": {"value": bo}, "service": "PCVC"});
    admin.post("/Delegations", &one).await.expect(201);
    let names: Vec<String> =
        ["schedulingAccess", "delegateOf", "delegates"].iter().map(|name| at(name)).collect();
    let asked = |id: &str| format!("/Users/{id}?attributes={}", names.join(","));
    let of_ada = admin.get(&asked(&ada)).await.expect(200).body[PERSON].clone();
    assert_eq!(of_ada["schedulingAccess"][0]["value"], room);
    assert_eq!(of_ada["schedulingAccess"][0]["display"], "TOR_ABC_0001_ABCC_001");
    assert_eq!(of_ada["delegates"][0]["value"], bo);
    assert_eq!(of_ada["delegates"][0]["service"], "PCVC");
    assert!(of_ada.get("delegateOf").is_none());
    let of_bo = admin.get(&asked(&bo)).await.expect(200).body[PERSON].clone();
    assert_eq!(of_bo["delegateOf"][0]["value"], ada);
    let usual = admin.get(&format!("/Users/{ada}")).await.body[PERSON].clone();
    assert!(usual.get("schedulingAccess").is_none() && usual.get("delegates").is_none());
    // Who may not look at room systems and delegations is told of none here either.
    let hidden = client.get(&asked(&ada)).await.expect(200).body[PERSON].clone();
    assert!(hidden.get("schedulingAccess").is_none() && hidden.get("delegates").is_none());
}

#[tokio::test]
async fn flt02_what_is_shown_on_request_only_is_no_filter_and_no_order() {
    let world = World::new().await;
    let admin = world.admin();
    person(&world.client(), "ada", json!({})).await;
    for name in ["schedulingAccess", "delegateOf", "delegates"] {
        for filter in [format!("{}.value eq \"x\"", at(name)), format!("{} pr", at(name))] {
            admin.filter("/Users", &filter).await.refused(400, "invalidFilter");
        }
    }
    let sorted = admin.get(&format!("/Users?sortBy={}", at("status"))).await;
    let said = sorted.refused(400, "invalidPath").body["detail"].clone();
    assert!(said.as_str().unwrap().contains("sortBy"), "{said}");
}
