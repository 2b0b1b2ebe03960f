//! The eleven pushed groups of 2.7, in the request shapes of Entra and of Okta.

use super::*;

/// How an identity provider pushes a group and its members.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Entra,
    Okta,
}

async fn push(ground: &Ground, shape: Shape, name: &str, members: &[&String]) -> String {
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]);
    let body = match shape {
        Shape::Entra => json!({"schemas": schemas, "externalId": format!("x-{name}"),
            "displayName": name, "meta": {"resourceType": "Group"}}),
        Shape::Okta => json!({"schemas": schemas, "displayName": name, "members": []}),
    };
    let group = ground.client.post("/Groups", &body).await.expect(201).id();
    let path = format!("/Groups/{group}");
    match shape {
        Shape::Entra => {
            for member in members {
                ground.add(&group, member).await;
            }
        }
        Shape::Okta => {
            let all: Vec<Value> =
                members.iter().map(|id| json!({"value": id, "display": "x"})).collect();
            let add = json!([{"op": "add", "path": "members", "value": all}]);
            ground.client.operations(&path, add).await.expect(204);
            let rename = json!([{"op": "replace", "value": {"id": group, "displayName": name}}]);
            ground.client.operations(&path, rename).await.expect(204);
        }
    }
    group
}

async fn rules(ground: &Ground) {
    let pattern = r"^WG-(?<org>\d{4})-(?<site>[A-Z0-9]+)-(?<role>[A-Z-]+)$";
    let then = json!([{"homeOrganization": "ORG{org}"},
        {"assignment": {"location": "{site}", "role": "{role}"}}]);
    ground.rule(json!({"regex": pattern}), then, json!({})).await;
    let lead = json!([{"assignment": {"location": "ABC Hospital", "role": "ED Administrator"}}]);
    ground.rule(json!({"name": "ABC ED Leads"}), lead, json!({"priority": 10})).await;
    ground.exact("ABC eVisit", json!([{"service": "PCVC"}])).await;
    ground.exact("ABC eConsult", json!([{"service": "eConsult"}])).await;
    ground.exact("Rooms ABCC all", json!([{"roomsOfSite": "ABCC"}])).await;
    let two = json!([{"rooms": ["TOR_ABC_0001_ABCC_002", "tor_abc_0001_abcc_004"]}]);
    ground.exact("Rooms 002+004 bookers", two).await;
    let pattern = r"^Delegates of (?<who>\S+) \((?<svc>.+)\)$";
    let then = json!([{"delegation": {"delegator": "{who}", "service": "{svc}"}}]);
    ground.rule(json!({"regex": pattern}), then, json!({})).await;
    let then = json!([{"accessGroup": "Ortho MOA"}, {"applicationRole": "ATCUser"}]);
    ground.exact("Ortho MOA pushed", then).await;
    ground.exact("Trainees", json!([{"limit": {"privilege": "Read-Only Access"}}])).await;
    ground.exact("Leave of absence", json!([{"loginDisabled": {"reason": "leave"}}])).await;
    let then = json!([{"adminRole": {"role": "primaryContact", "scope": "ORG0001"}}]);
    let privileged = json!({"needsApproval": true});
    ground.rule(json!({"name": "ABC Primary Contacts"}), then, privileged).await;
    let then = json!([{"credential": "ONE ID"}, {"partnerSignIn": true}]);
    ground.rule(json!({"glob": "ONE ID*"}), then, json!({})).await;
}

async fn story(shape: Shape) {
    let ground = Ground::new().await;
    rules(&ground).await;
    let (anu, bo, dd) =
        (ground.person("anu").await, ground.person("bo").await, ground.person("dd").await);
    let normal = push(&ground, shape, "WG-0001-ABCC-ED-NORMAL", &[&anu, &bo]).await;
    assert_eq!(ground.roles(&anu).await, ["ed-normal*"]);
    assert_eq!(ground.shown(&anu).await["assignments"][0]["value"], ground.site.as_str());
    assert_eq!(ground.shown(&anu).await["assignments"][0]["source"], "rule");
    assert_eq!(ground.shown(&anu).await["assignments"][0]["kind"], "site");
    assert!(ground.shown(&anu).await["homeOrganization"]["value"].is_string());
    let lead = push(&ground, shape, "ABC ED Leads", &[&anu]).await;
    assert_eq!(ground.roles(&anu).await, ["ed-administrator*"], "the higher priority wins");
    ground.client.delete(&format!("/Groups/{lead}")).await.expect(204);
    assert_eq!(ground.roles(&anu).await, ["ed-normal*"]);

    // The delegates are pushed before the delegator has the service (DE3).
    push(&ground, shape, "Delegates of dd@hospital.example (eVisit)", &[&bo]).await;
    assert!(ground.delegations().await.is_empty());
    let evisit = push(&ground, shape, "ABC eVisit", &[&anu, &dd]).await;
    push(&ground, shape, "ABC eConsult", &[&anu]).await;
    assert_eq!(ground.services(&anu).await, ["PCVC", "ECONSULT"]);
    assert_eq!(ground.delegations().await, [format!("{dd}>{bo}:PCVC")]);
    ground.remove(&evisit, &dd).await;
    assert!(ground.delegations().await.is_empty(), "losing the service ends it (DE3)");
    ground.add(&evisit, &dd).await;
    assert_eq!(ground.delegations().await, [format!("{dd}>{bo}:PCVC")]);

    let all = push(&ground, shape, "Rooms ABCC all", &[&bo]).await;
    let two = push(&ground, shape, "Rooms 002+004 bookers", &[&bo]).await;
    let new = room(&ground.world, &ground.site, 9).await;
    assert_eq!(ground.schedulers(&new).await, std::slice::from_ref(&bo), "a new room is followed");
    ground.remove(&all, &bo).await;
    assert!(ground.schedulers(&new).await.is_empty());
    assert_eq!(ground.schedulers(&ground.rooms[0]).await, std::slice::from_ref(&bo));
    ground.remove(&two, &bo).await;
    assert!(ground.schedulers(&ground.rooms[0]).await.is_empty());

    push(&ground, shape, "Ortho MOA pushed", &[&bo]).await;
    let access = ground.world.admin().get(&format!("/Groups/{}", ground.ortho)).await.expect(200);
    assert_eq!(values(&access.body["members"]), std::slice::from_ref(&bo));
    assert_eq!(ground.shown(&bo).await["applicationRoles"], json!(["ATCUser"]));
    push(&ground, shape, "Trainees", &[&bo]).await;

    let leave = push(&ground, shape, "Leave of absence", &[&bo]).await;
    let path = format!("/Users/{bo}");
    assert_eq!(ground.client.get(&path).await.body["active"], false);
    assert_eq!(ground.roles(&bo).await, ["ed-normal*"], "disabling ends nothing (US5)");
    ground.remove(&leave, &bo).await;
    assert_eq!(ground.client.get(&path).await.body["active"], true);

    push(&ground, shape, "ABC Primary Contacts", &[&anu]).await;
    assert!(
        ground.world.admin().get(&format!("/Users/{anu}")).await.body[WARDGATE]["adminRoles"]
            .is_null()
    );
    push(&ground, shape, "ONE ID users", &[&anu]).await;
    assert_eq!(ground.shown(&anu).await["credential"], "ONE_ID");
    assert_eq!(ground.shown(&anu).await["partnerSignIn"], true);
    ground.remove(&normal, &anu).await;
    assert!(ground.roles(&anu).await.is_empty());
    ground.check().await;
}

#[tokio::test]
async fn le2_the_eleven_groups_as_entra_pushes_them() {
    // In a box, so that the thread of the test needs no room for the whole story.
    Box::pin(story(Shape::Entra)).await;
}

#[tokio::test]
async fn le2_the_eleven_groups_as_okta_pushes_them() {
    Box::pin(story(Shape::Okta)).await;
}
