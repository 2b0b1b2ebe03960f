//! Core `roles` and `entitlements`, and the Compact texts.

use super::*;

const COMPACT: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:Compact";

async fn made(ground: &Ground, name: &str, compact: Value) -> crate::world::Reply {
    let body = json!({"userName": format!("{name}@hospital.example"), COMPACT: compact});
    ground.client.post("/Users", &body).await
}

#[tokio::test]
async fn le1_core_values_give_and_take_away() {
    let ground = Ground::new().await;
    let body = json!({"userName": "anu@hospital.example",
        "roles": [{"value": "ed-normal@ORG0001/ABCC"}, {"value": "ward-clerk"}],
        "entitlements": [{"value": "service:PCVC"}]});
    let made = ground.client.post("/Users", &body).await.expect(201);
    let anu = made.id();
    assert_eq!(made.body[WARDGATE]["assignments"][0]["source"], "core");
    assert_eq!(ground.roles(&anu).await, ["ed-normal*"]);
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    // A rule gives the service too: it stays when the entitlement goes (LE2).
    ground.exact("ABC eVisit", json!([{"service": "PCVC"}])).await;
    let group = ground.group("ABC eVisit", &[&anu]).await;
    let none = json!([{"op": "remove", "path": "entitlements"},
        {"op": "remove", "path": "roles[value eq \"ed-normal@ORG0001/ABCC\"]"}]);
    ground.client.operations(&format!("/Users/{anu}"), none).await.expect(200);
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    assert!(ground.roles(&anu).await.is_empty());
    ground.remove(&group, &anu).await;
    assert!(ground.services(&anu).await.is_empty());
    let bad =
        json!({"userName": "bo@hospital.example", "roles": [{"value": "ed-normal@ORG0001/NONE"}]});
    ground.client.post("/Users", &bad).await.refused(400, "invalidValue");
    ground.check().await;
}

#[tokio::test]
async fn le1_compact_texts_give_leave_alone_and_take_away() {
    let ground = Ground::new().await;
    let compact = json!({"assignmentsText": "ORG0001/ABCC=ED Normal;ORG0001=ED Administrator*",
        "servicesText": "PCVC;ECONSULT", "credentialText": "ONE ID", "partnerSignInText": "true"});
    let made = made(&ground, "anu", compact).await.expect(201);
    let path = format!("/Users/{}", made.id());
    let anu = made.id();
    let mut roles = ground.roles(&anu).await;
    roles.sort();
    assert_eq!(roles, ["ed-administrator*", "ed-normal"]);
    assert_eq!(ground.shown(&anu).await["credential"], "ONE_ID");
    // Absent and empty leave alone.
    let body = json!({"userName": "anu@hospital.example", COMPACT: {"servicesText": "PCVC", "assignmentsText": ""}});
    ground.client.put(&path, &body).await.expect(200);
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    assert_eq!(ground.roles(&anu).await.len(), 2);
    assert_eq!(ground.shown(&anu).await["partnerSignIn"], true);
    let none =
        json!([{"op": "replace", "path": format!("{COMPACT}:assignmentsText"), "value": "-"}]);
    ground.client.operations(&path, none).await.expect(200);
    assert!(ground.roles(&anu).await.is_empty());
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    ground.check().await;
}

#[tokio::test]
async fn le8_compact_reaches_the_own_organization_and_what_is_permitted() {
    let ground = Ground::new().await;
    ground.world.other_organization(2).await;
    let far = json!({"assignmentsText": "ORG0002=ED Normal*"});
    made(&ground, "anu", far).await.refused(400, "invalidValue");
    let two = json!({"assignmentsText": "ORG0001=ED Normal"});
    made(&ground, "anu", two).await.refused(400, "invalidValue");
    let rooms = json!({"roomsText": "TOR_ABC_0001_ABCC_002"});
    made(&ground, "anu", rooms.clone()).await.expect(403);
    ground.world.set("permissions=users,groups,organization:read,rooms,delegations").await;
    let anu = made(&ground, "anu", rooms).await.expect(201).id();
    assert_eq!(ground.schedulers(&ground.rooms[0]).await, std::slice::from_ref(&anu));
    let dd = made(&ground, "dd", json!({"servicesText": "PCVC"})).await.expect(201).id();
    let acts = json!([{"op": "replace", "path": format!("{COMPACT}:delegateOfText"),
        "value": "PCVC:dd@hospital.example"}]);
    ground.client.operations(&format!("/Users/{anu}"), acts).await.expect(200);
    assert_eq!(ground.delegations().await, [format!("{dd}>{anu}:PCVC")]);
    let none = json!([{"op": "replace", "path": format!("{COMPACT}:servicesText"), "value": "-"}]);
    ground.client.operations(&format!("/Users/{dd}"), none).await.expect(200);
    assert!(ground.delegations().await.is_empty(), "DE3");
    ground.check().await;
}
