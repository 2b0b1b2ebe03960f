//! Room systems, and who may schedule them: schedulers behave like members of groups.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use serde_json::json;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;
use wardgate::store::Store;

use crate::world::Watched;

use super::*;

const ROOM: &str = "TOR_ABC_0001_ABCC_001";

async fn schedulers(client: &Client, path: &str) -> Vec<String> {
    let read = client.get(path).await.expect(200);
    let all = read.body["schedulers"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn schedulers_come_and_go_like_members() {
    let world = World::new().await;
    let site = site(&world, "ORG0001", "ABCC").await;
    let path = format!("/RoomSystems/{}", room(&world, &site, ROOM).await);
    let admin = world.admin();
    let (a, b) = (person(&world.client(), "ada").await, person(&world.client(), "bo").await);
    let add = json!([{"op": "add", "path": "schedulers", "value": [{"value": a}, {"value": b}]}]);
    // Never a dump of schedulers, as with groups; whoever wants one asks.
    let shown = format!("{path}?attributes=schedulers");
    let after = admin.operations(&shown, add).await.expect(200);
    assert_eq!(after.body["schedulers"][0]["display"], "ada");
    assert!(after.body["schedulers"][0]["$ref"].as_str().unwrap().ends_with(&a));
    assert_eq!(schedulers(&admin, &path).await, [a.clone(), b.clone()]);
    let filter = format!("schedulers.value eq \"{a}\"");
    assert_eq!(admin.filter("/RoomSystems", &filter).await.body["totalResults"], 1);
    let filter = format!("not (schedulers.value eq \"{a}\")");
    assert_eq!(admin.filter("/RoomSystems", &filter).await.body["totalResults"], 0);
    let without = admin.get(&format!("{path}?excludedAttributes=schedulers")).await.expect(200);
    assert!(without.body.get("schedulers").is_none() && without.body.get("site").is_some());
    let only = json!([{"op": "remove", "path": format!("schedulers[value eq \"{a}\"]")}]);
    admin.operations(&path, only).await.expect(204);
    assert_eq!(schedulers(&admin, &path).await, std::slice::from_ref(&b));
    let all = json!([{"op": "replace", "path": "schedulers", "value": [{"value": a}]}]);
    admin.operations(&path, all).await.expect(204);
    assert_eq!(schedulers(&admin, &path).await, std::slice::from_ref(&a));
    let body = json!({"systemName": ROOM, "site": {"value": site}});
    admin.put(&path, &body).await.expect(200);
    assert_eq!(
        schedulers(&admin, &path).await,
        std::slice::from_ref(&a),
        "a PUT that is silent keeps them"
    );
    let body = json!({"systemName": ROOM, "site": {"value": site}, "schedulers": [{"value": b}]});
    admin.put(&path, &body).await.expect(200);
    assert_eq!(schedulers(&admin, &path).await, std::slice::from_ref(&b));
    let none = json!([{"op": "remove", "path": "schedulers"}]);
    admin.operations(&path, none).await.expect(204);
    assert!(schedulers(&admin, &path).await.is_empty());
    let unknown = json!([{"op": "add", "path": "schedulers", "value": [{"value": UNKNOWN}]}]);
    let said = admin.operations(&path, unknown).await.refused(400, "invalidValue");
    assert!(said.text.contains("`schedulers`"), "{}", said.text);
}

#[tokio::test]
async fn only_people_of_the_organization_schedule() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let far = person(&other, "far").await;
    let group = world.client().post("/Groups", &json!({"displayName": "G"})).await.expect(201).id();
    let site = site(&world, "ORG0001", "ABCC").await;
    for bad in [far, group] {
        let body = json!({"systemName": ROOM, "site": {"value": site},
            "schedulers": [{"value": bad}]});
        world.admin().post("/RoomSystems", &body).await.refused(400, "invalidValue");
    }
}

#[tokio::test]
async fn a_scheduler_who_is_removed_leaves_the_system() {
    let world = World::new().await;
    let site = site(&world, "ORG0001", "ABCC").await;
    let ada = person(&world.client(), "ada").await;
    let body = json!({"systemName": ROOM, "site": {"value": site}, "schedulers": [{"value": ada}]});
    let made = world.admin().post("/RoomSystems", &body).await.expect(201);
    assert_eq!(made.body["schedulers"][0]["value"], ada.as_str());
    let path = format!("/RoomSystems/{}", made.id());
    world.client().delete(&format!("/Users/{ada}")).await.expect(204);
    assert!(schedulers(&world.admin(), &path).await.is_empty());
}

#[tokio::test]
async fn tr2_a_system_name_occurs_once_in_the_network() {
    let world = World::new().await;
    world.other_organization(2).await;
    let (here, there) = (site(&world, "ORG0001", "A").await, site(&world, "ORG0002", "A").await);
    room(&world, &here, ROOM).await;
    let twin = json!({"systemName": ROOM.to_lowercase(), "site": {"value": there}});
    world.admin().post("/RoomSystems", &twin).await.refused(409, "uniqueness");
    let found = world.admin().filter("/RoomSystems", &format!("systemName eq \"{ROOM}\"")).await;
    assert_eq!(found.expect(200).body["totalResults"], 1);
}

#[tokio::test]
async fn ro1_a_system_that_is_switched_off_takes_nobody_new() {
    let world = World::new().await;
    let site = site(&world, "ORG0001", "ABCC").await;
    let path = format!("/RoomSystems/{}", room(&world, &site, ROOM).await);
    let admin = world.admin();
    let (a, b) = (person(&world.client(), "ada").await, person(&world.client(), "bo").await);
    let add = |id: &str| json!([{"op": "add", "path": "schedulers", "value": [{"value": id}]}]);
    admin.operations(&path, add(&a)).await.expect(204);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    admin.operations(&path, off).await.expect(204);
    let said = admin.operations(&path, add(&b)).await.refused(400, "invalidValue");
    assert!(said.text.contains("RO1"), "{}", said.text);
    let body = json!({"systemName": ROOM, "site": {"value": site},
        "schedulers": [{"value": a}, {"value": b}]});
    admin.put(&path, &body).await.refused(400, "invalidValue");
    admin.operations(&path, add(&a)).await.expect(204);
    assert_eq!(schedulers(&admin, &path).await, [a]);
    let off = json!({"systemName": "X", "site": {"value": site}, "active": false,
        "schedulers": [{"value": b}]});
    admin.post("/RoomSystems", &off).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn ro3_a_system_that_moves_keeps_its_schedulers_and_its_past() {
    let world = World::new().await;
    world.other_organization(2).await;
    let (old, new) = (site(&world, "ORG0001", "OLD").await, site(&world, "ORG0001", "NEW").await);
    let far = site(&world, "ORG0002", "FAR").await;
    let path = format!("/RoomSystems/{}", room(&world, &old, ROOM).await);
    let admin = world.admin();
    let ada = person(&world.client(), "ada").await;
    let add = json!([{"op": "add", "path": "schedulers", "value": [{"value": ada}]}]);
    admin.operations(&path, add).await.expect(204);
    let then = admin.get(&path).await.body["meta"]["lastModified"].as_str().unwrap().to_owned();
    let to = |site: &str| json!([{"op": "replace", "path": "site", "value": {"value": site}}]);
    admin.operations(&path, to(&far)).await.refused(400, "invalidValue");
    world.clock.advance(std::time::Duration::from_secs(60));
    admin.operations(&path, to(&new)).await.expect(204);
    let moved = admin.get(&path).await.expect(200);
    assert_eq!(moved.body["site"]["display"], "NEW");
    assert_eq!(schedulers(&admin, &path).await, [ada]);
    let past = admin.get(&format!("{path}?asOf={then}")).await.expect(200);
    assert_eq!(past.body["site"]["display"], "OLD");
}

/// However many may schedule a system, one more or one less reads none of the others.
#[tokio::test]
async fn schedulers_are_read_only_when_they_are_shown() {
    let links = Arc::new(AtomicU64::new(0));
    let watch = |store| {
        Arc::new(Watched { links: links.clone(), ..Watched::over(store) }) as Arc<dyn Store>
    };
    let catalogue = Catalogue::built_in().unwrap();
    let world = World::over(watch, catalogue, Settings::default(), Limits::default()).await;
    permit(&world, "rooms").await;
    let mut ids = Vec::new();
    for n in 0..250 {
        ids.push(person(&world.client(), &format!("p{n}")).await);
    }
    let site = site(&world, "ORG0001", "ABCC").await;
    let path = format!("/RoomSystems/{}", room(&world, &site, ROOM).await);
    let all: Vec<Value> = ids[1..].iter().map(|id| json!({"value": id})).collect();
    let all = json!([{"op": "add", "path": "schedulers", "value": all}]);
    world.admin().operations(&path, all).await.expect(204);
    for caller in [world.admin(), world.client()] {
        links.store(0, Ordering::SeqCst);
        let add = json!([{"op": "add", "path": "schedulers", "value": [{"value": ids[0]}]}]);
        caller.operations(&path, add).await.expect(204);
        let one = format!("schedulers[value eq \"{}\"]", ids[0]);
        caller.operations(&path, json!([{"op": "remove", "path": one}])).await.expect(204);
        caller.get(&format!("{path}?excludedAttributes=schedulers")).await.expect(200);
        let filter = crate::world::encode(&format!("schedulers.value eq \"{}\"", ids[9]));
        let query = format!("/RoomSystems?excludedAttributes=schedulers&filter={filter}");
        assert_eq!(caller.get(&query).await.expect(200).body["totalResults"], 1);
        let read = links.load(Ordering::SeqCst);
        assert!(read <= 2, "{read} links were read");
        assert_eq!(schedulers(&caller, &path).await.len(), 249);
        assert!(links.load(Ordering::SeqCst) >= 249, "the count counts");
    }
}
