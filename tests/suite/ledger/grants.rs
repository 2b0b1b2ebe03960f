//! Sources: what several give, what is replayed, what is said by hand.

use super::*;

#[tokio::test]
async fn le2_a_grant_ends_with_the_last_of_its_sources() {
    let ground = Ground::new().await;
    ground.exact("A", json!([{"service": "PCVC"}])).await;
    ground.exact("B", json!([{"service": "eVisit"}])).await;
    let anu = ground.person("anu").await;
    let (a, b) = (ground.group("A", &[&anu]).await, ground.group("B", &[&anu]).await);
    ground.remove(&a, &anu).await;
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    ground.client.delete(&format!("/Groups/{b}")).await.expect(204);
    assert!(ground.services(&anu).await.is_empty());
    ground.check().await;
}

#[tokio::test]
async fn le5_the_same_push_again_is_no_event_and_no_version() {
    let ground = Ground::new().await;
    ground.exact("A", json!([{"service": "PCVC"}, {"roomsOfSite": "ABCC"}])).await;
    let anu = ground.person("anu").await;
    let group = ground.group("A", &[]).await;
    ground.add(&group, &anu).await;
    let path = format!("/Users/{anu}");
    let before = ground.client.get(&path).await;
    let events = ground.world.events(1).await.len();
    ground.add(&group, &anu).await;
    ground.client.put(&path, &before.body).await.expect(200);
    let whole = json!({"displayName": "A", "members": [{"value": anu}]});
    ground.client.put(&format!("/Groups/{group}"), &whole).await.expect(200);
    assert_eq!(ground.client.get(&path).await.body, before.body);
    assert_eq!(ground.world.events(1).await.len(), events);
}

#[tokio::test]
async fn le2_what_a_writer_leaves_out_stays_while_a_rule_gives_it() {
    let ground = Ground::new().await;
    let then =
        json!([{"service": "PCVC"}, {"assignment": {"location": "ABCC", "role": "ED Normal"}}]);
    ground.exact("A", then).await;
    let anu = ground.person("anu").await;
    ground.group("A", &[&anu]).await;
    let path = format!("/Users/{anu}");
    let body = json!({"userName": "anu@hospital.example", "displayName": "Anu", WARDGATE: {}});
    ground.client.put(&path, &body).await.expect(200);
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    let remove = json!([{"op": "remove", "path": format!("{WARDGATE}:services")}]);
    ground.client.operations(&path, remove).await;
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    assert_eq!(ground.roles(&anu).await, ["ed-normal*"]);
    ground.check().await;
}

#[tokio::test]
async fn le2_a_scheduler_by_hand_stays_when_the_rule_ends_and_the_reverse() {
    let ground = Ground::new().await;
    ground.exact("R", json!([{"rooms": ["TOR_ABC_0001_ABCC_002"]}])).await;
    let (anu, bo) = (ground.person("anu").await, ground.person("bo").await);
    let path = format!("/RoomSystems/{}", ground.rooms[0]);
    let admin = ground.world.admin();
    let add = |id: &str| json!([{"op": "add", "path": "schedulers", "value": [{"value": id}]}]);
    admin.operations(&path, add(&anu)).await.expect(204);
    let group = ground.group("R", &[&anu, &bo]).await;
    ground.remove(&group, &anu).await;
    assert!(ground.schedulers(&ground.rooms[0]).await.contains(&anu), "by hand");
    let off = json!([{"op": "remove", "path": format!("schedulers[value eq \"{bo}\"]")}]);
    admin.operations(&path, off.clone()).await.expect(204);
    assert!(ground.schedulers(&ground.rooms[0]).await.contains(&bo), "the rule holds it");
    admin.operations(&path, add(&bo)).await.expect(204);
    ground.remove(&group, &bo).await;
    assert!(ground.schedulers(&ground.rooms[0]).await.contains(&bo), "by hand since");
    admin.operations(&path, off).await.expect(204);
    assert!(!ground.schedulers(&ground.rooms[0]).await.contains(&bo));
    ground.check().await;
}

#[tokio::test]
async fn le8_groups_of_another_connection_meet_no_rule_of_ours() {
    let ground = Ground::new().await;
    ground.exact("A", json!([{"service": "PCVC"}])).await;
    let (other, _) = ground.world.other_connection(1).await;
    let body = json!({"userName": "far@hospital.example"});
    let far = other.post("/Users", &body).await.expect(201).id();
    let group = json!({"displayName": "A", "members": [{"value": far}]});
    other.post("/Groups", &group).await.expect(201);
    let read = other.get(&format!("/Users/{far}")).await.expect(200);
    assert!(read.body[WARDGATE]["services"].is_null());
}

#[tokio::test]
async fn grp06_a_member_of_a_group_inside_counts() {
    let ground = Ground::new().await;
    ground.exact("Outer", json!([{"service": "PCVC"}])).await;
    let (anu, bo) = (ground.person("anu").await, ground.person("bo").await);
    let inner = ground.group("Inner", &[&anu]).await;
    let outer = ground.group("Outer", &[&inner]).await;
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    ground.add(&inner, &bo).await;
    assert_eq!(ground.services(&bo).await, ["PCVC"]);
    ground.remove(&outer, &inner).await;
    assert!(ground.services(&anu).await.is_empty() && ground.services(&bo).await.is_empty());
    ground.check().await;
}

#[tokio::test]
async fn grp04_a_name_is_taken_over_by_its_rule_and_left_again() {
    let ground = Ground::new().await;
    ground.exact("A", json!([{"service": "PCVC"}])).await;
    let anu = ground.person("anu").await;
    let group = ground.group("Other", &[&anu]).await;
    assert!(ground.services(&anu).await.is_empty());
    let path = format!("/Groups/{group}");
    let name = |name: &str| json!([{"op": "replace", "path": "displayName", "value": name}]);
    ground.client.operations(&path, name("A")).await.expect(204);
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    ground.client.operations(&path, name("B")).await.expect(204);
    assert!(ground.services(&anu).await.is_empty());
    let body = json!({"userName": "x@hospital.example", "groups": [{"value": group}]});
    let made = ground.client.post("/Users", &body).await.expect(201);
    assert!(made.body.get("groups").is_none());
}

#[tokio::test]
async fn as7_the_default_moves_to_the_oldest_that_is_left() {
    let ground = Ground::new().await;
    let first = json!([{"assignment": {"location": "ABCC", "role": "ED Normal"}}]);
    let second = json!([{"assignment": {"location": "ORG0001", "role": "ED Administrator"}}]);
    ground.exact("First", first).await;
    ground.exact("Second", second).await;
    let anu = ground.person("anu").await;
    let group = ground.group("First", &[&anu]).await;
    ground.group("Second", &[&anu]).await;
    assert_eq!(ground.roles(&anu).await, ["ed-normal*", "ed-administrator"]);
    ground.remove(&group, &anu).await;
    assert_eq!(ground.roles(&anu).await, ["ed-administrator*"]);
    let event = ground.world.events(1).await.pop().unwrap();
    assert!(event.cause.reason.contains("AS7"), "{}", event.cause.reason);
}

#[tokio::test]
async fn us5_leave_of_absence_keeps_grants_and_an_own_switch_off_outlasts_it() {
    let ground = Ground::new().await;
    ground.exact("Leave", json!([{"loginDisabled": {"reason": "leave"}}])).await;
    ground.exact("A", json!([{"service": "PCVC"}])).await;
    let anu = ground.person("anu").await;
    ground.group("A", &[&anu]).await;
    let path = format!("/Users/{anu}");
    let active = |to: bool| json!([{"op": "replace", "path": "active", "value": to}]);
    let group = ground.group("Leave", &[&anu]).await;
    assert_eq!(ground.shown(&anu).await["deactivation"]["reason"], "leave");
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
    let on = ground.client.operations(&path, active(true)).await.expect(200);
    assert_eq!(on.body["active"], false, "the restriction lasts");
    ground.client.operations(&path, active(false)).await.expect(200);
    ground.remove(&group, &anu).await;
    assert_eq!(ground.client.get(&path).await.body["active"], false, "somebody said off");
}

#[tokio::test]
async fn us4_a_person_who_goes_takes_the_lines_along() {
    let ground = Ground::new().await;
    ground.exact("A", json!([{"service": "PCVC"}, {"roomsOfSite": "ABCC"}])).await;
    let anu = ground.person("anu").await;
    ground.group("A", &[&anu]).await;
    ground.client.delete(&format!("/Users/{anu}")).await.expect(204);
    assert!(ground.schedulers(&ground.rooms[0]).await.is_empty());
    let kind = wardgate::domain::record::Kind::GRANT;
    let home = wardgate::domain::record::Partition { organization: 1, connection: 1 };
    assert_eq!(ground.world.ports.store.count(home, kind).await.unwrap(), 0);
    ground.check().await;
}
