//! The brake: what would take access from too many people waits for an administrator.

use super::*;
use wardgate::service::operate;

async fn crowd(ground: &Ground, count: usize) -> Vec<String> {
    let mut people = Vec::new();
    for number in 0..count {
        people.push(ground.person(&format!("p{number}")).await);
    }
    people
}

async fn holds(ground: &Ground) -> Vec<Value> {
    let list = ground.world.run(Command::HoldList { organization: None }).await;
    list.as_array().unwrap().clone()
}

#[tokio::test]
async fn le7_pul05_the_limit_passes_and_one_more_is_held_until_it_is_released() {
    let ground = Ground::new().await;
    let people = crowd(&ground, 23).await;
    for person in &people[..20] {
        ground.client.delete(&format!("/Users/{person}")).await.expect(204);
    }
    assert!(holds(&ground).await.is_empty());
    let path = format!("/Users/{}", people[20]);
    let held = ground.client.delete(&path).await.expect(429);
    assert!(held.text.contains("massChange"), "{}", held.text);
    assert!(held.header("retry-after").parse::<u64>().unwrap() > 0);
    ground.client.get(&path).await.expect(200);
    ground.client.delete(&path).await.expect(429);
    let listed = holds(&ground).await;
    assert_eq!((listed.len(), &listed[0]["state"]), (1, &json!("held")));
    let hold = listed[0]["hold"].as_str().unwrap().to_owned();
    let shown = ground.world.run(Command::HoldShow { hold: hold.clone() }).await;
    assert_eq!(shown["people"], json!([people[20]]));
    // Through Bulk it is the same door.
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": format!("/Users/{}", people[21])}]});
    let reply = ground.client.post("/Bulk", &bulk).await.expect(200);
    assert_eq!(reply.body["Operations"][0]["status"], "429");
    ground.world.run(Command::HoldRelease { hold }).await;
    ground.client.delete(&path).await.expect(204);
    let next = json!([{"op": "replace", "path": "active", "value": false}]);
    let path = format!("/Users/{}", people[22]);
    ground.client.operations(&path, next.clone()).await.expect(429);
    ground.world.clock.advance(std::time::Duration::from_secs(25 * 3_600));
    ground.client.operations(&path, next).await.expect(200);
    ground.check().await;
}

#[tokio::test]
async fn grp08_a_group_that_is_emptied_is_held_whole() {
    let ground = Ground::new().await;
    ground.exact("A", json!([{"service": "PCVC"}])).await;
    let people = crowd(&ground, 21).await;
    let group = ground.group("A", &people.iter().collect::<Vec<_>>()).await;
    let path = format!("/Groups/{group}");
    let clear = json!([{"op": "remove", "path": "members"}]);
    ground.client.operations(&path, clear.clone()).await.expect(429);
    let put = json!({"displayName": "A", "members": []});
    ground.client.put(&path, &put).await.expect(429);
    ground.client.delete(&path).await.expect(429);
    assert_eq!(values(&ground.client.get(&path).await.body["members"]).len(), 21);
    let listed = holds(&ground).await;
    assert_eq!((listed.len(), &listed[0]["count"]), (1, &json!(21)));
    // A single leaver is never delayed (PUL-06).
    ground.remove(&group, &people[0]).await;
    assert!(ground.services(&people[0]).await.is_empty());
    ground.add(&group, &people[0]).await;
    let hold = listed[0]["hold"].as_str().unwrap().to_owned();
    ground.world.run(Command::HoldReject { hold: hold.clone() }).await;
    ground.client.operations(&path, clear.clone()).await.expect(429);
    ground.world.run(Command::HoldRelease { hold }).await;
    ground.client.operations(&path, clear).await.expect(204);
    assert!(ground.services(&people[5]).await.is_empty());
    ground.check().await;
}

#[tokio::test]
async fn le7_the_end_of_a_rule_is_weighed_and_the_brake_can_be_switched_off() {
    let ground = Ground::new().await;
    let id = ground.exact("A", json!([{"service": "PCVC"}])).await;
    let people = crowd(&ground, 21).await;
    ground.group("A", &people.iter().collect::<Vec<_>>()).await;
    let remove = || Command::RuleRemove { rule: id.clone() };
    let held = operate::run(&ground.world.ports, remove()).await.unwrap_err();
    assert_eq!(held.kind.word(), "massChange");
    assert_eq!(ground.services(&people[3]).await, ["PCVC"]);
    let off = Command::OrganizationSet {
        organization: "ORG0001".into(),
        name: None,
        brake_limit: Some(0),
    };
    ground.world.run(off).await;
    ground.world.run(remove()).await;
    assert!(ground.services(&people[3]).await.is_empty());
    ground.check().await;
}
