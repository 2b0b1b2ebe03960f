//! A closing undone, and a closed account opened again.

use std::time::Duration;

use wardgate::service::Kind;
use wardgate::service::operate;
use wardgate::service::operate::Command;

use super::*;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// An account that holds something of every kind: its id, the group, the room, the delegate.
struct Held {
    world: World,
    ada: String,
    group: String,
    room: String,
    bo: String,
}

impl Held {
    async fn new() -> Self {
        let world = World::new().await;
        let (client, admin) = (world.client(), world.admin());
        let place = site(&world, "ORG0001", "ABCC").await;
        let then = json!([{"service": "eVisit"}, {"roomsOfSite": "ABCC"}]);
        let rule = json!({"connection": world.connection, "match": {"name": "Ward"},
            "then": then, "options": {}});
        world.run(Command::RuleAdd { rule, replaces: None }).await;
        let room = json!({"systemName": "TOR_ABC_0001_ABCC_001", "site": {"value": place}});
        let room = admin.post("/RoomSystems", &room).await.expect(201).id();
        let work = json!([{"value": place, "role": "ed-normal"}]);
        let own = json!({"services": [{"value": "PCVC"}], "assignments": work});
        let ada = person(&client, "ada", own).await;
        let bo = person(&client, "bo", json!({})).await;
        let members = json!({"displayName": "Ward", "members": [{"value": ada}, {"value": bo}]});
        let group = client.post("/Groups", &members).await.expect(201).id();
        let one =
            json!({"delegator": {"value": ada}, "delegate": {"value": bo}, "service": "PCVC"});
        admin.post("/Delegations", &one).await.expect(201);
        Self { world, ada, group, room, bo }
    }

    fn path(&self) -> String {
        format!("/Users/{}", self.ada)
    }

    async fn close(&self) {
        self.world.client().delete(&self.path()).await.expect(204);
    }

    async fn undo(&self) -> Result<Value, wardgate::service::Error> {
        operate::run(&self.world.ports, Command::PersonUndo { user: self.ada.clone() }).await
    }

    async fn reinstate(&self) -> Value {
        self.world.run(Command::PersonReinstate { user: self.ada.clone() }).await
    }

    async fn closed(&self) -> usize {
        let list = Command::PersonClosed { organization: "ORG0001".into() };
        self.world.run(list).await.as_array().unwrap().len()
    }

    /// Everything that others show of the account.
    async fn around(&self) -> Vec<Value> {
        let admin = self.world.admin();
        let mut seen = Vec::new();
        for (path, name) in [
            (format!("/Groups/{}", self.group), "members"),
            (format!("/RoomSystems/{}", self.room), "schedulers"),
        ] {
            seen.push(admin.get(&path).await.expect(200).body[name].clone());
        }
        let mut all = admin.get("/Delegations").await.expect(200).resources();
        for one in &mut all {
            one["meta"] = Value::Null;
        }
        seen.extend(all);
        seen
    }

    async fn check(&self) {
        let health = self.world.run(Command::Check).await;
        assert_eq!(health["findings"], json!([]));
        let audit = self.world.run(Command::AuditVerify).await;
        assert_eq!(audit["broken"], json!([]));
    }
}

#[tokio::test]
async fn us8_undoing_within_a_day_brings_back_exactly_what_there_was() {
    let held = Held::new().await;
    let client = held.world.client();
    let (before, around) = (client.get(&held.path()).await, held.around().await);
    held.close().await;
    assert_eq!(held.closed().await, 1);
    held.world.clock.advance(HOUR * 24);
    let done = held.undo().await.unwrap();
    assert_eq!((&done["user"], &done["missing"]), (&json!(held.ada), &json!([])));
    let after = client.get(&held.path()).await.expect(200);
    let bare = |body: &Value| {
        let mut body = body.clone();
        assert_eq!(body["meta"]["created"], before.body["meta"]["created"]);
        body["meta"] = Value::Null;
        body
    };
    assert_eq!(bare(&after.body), bare(&before.body));
    assert_eq!(held.around().await, around);
    assert_eq!(held.closed().await, 0, "the record of the closing is gone");
    assert_eq!(held.undo().await.unwrap_err().kind, Kind::Conflict);
    held.check().await;
    // The ledger still knows what came from where.
    let off = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", held.ada)}]);
    client.operations(&format!("/Groups/{}", held.group), off).await.expect(204);
    let left = mine(&client, &held.ada).await;
    assert_eq!(left["services"].as_array().unwrap().len(), 1, "the rule's service ended");
    let room = held.world.admin().get(&format!("/RoomSystems/{}", held.room)).await;
    assert!(!room.body["schedulers"].to_string().contains(&held.ada));
    held.check().await;
}

#[tokio::test]
async fn us8_no_entity_tag_of_before_a_closing_matches_by_accident() {
    let held = Held::new().await;
    let client = held.world.client();
    let mut old = vec![client.get(&held.path()).await.header("etag").to_owned()];
    for title in ["Nurse", "Doctor"] {
        let change = json!([{"op": "replace", "path": "title", "value": title}]);
        let reply = client.operations(&held.path(), change).await.expect(200);
        old.push(reply.header("etag").to_owned());
    }
    for _ in 0..2 {
        held.close().await;
        held.undo().await.unwrap();
        for tag in &old {
            client.send("GET", &held.path(), &[("if-none-match", tag)], None).await.expect(200);
            client.send("DELETE", &held.path(), &[("if-match", tag)], None).await.expect(412);
        }
        old.push(client.get(&held.path()).await.header("etag").to_owned());
    }
    held.check().await;
}

#[tokio::test]
async fn us8_what_is_gone_meanwhile_does_not_come_back_and_is_named() {
    let held = Held::new().await;
    let client = held.world.client();
    held.close().await;
    client.delete(&format!("/Groups/{}", held.group)).await.expect(204);
    client.delete(&format!("/Users/{}", held.bo)).await.expect(204);
    let done = held.undo().await.unwrap();
    let missing = done["missing"].as_array().unwrap();
    let named: Vec<&str> = missing.iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(named, ["group", "delegation"]);
    assert_eq!(missing[0]["id"], held.group);
    let left = mine(&client, &held.ada).await;
    assert_eq!(
        left["services"],
        json!([{"value": "PCVC", "display": left["services"][0]["display"]}])
    );
    held.check().await;
}

#[tokio::test]
async fn us8_undoing_later_or_over_a_taken_name_is_refused() {
    let held = Held::new().await;
    held.close().await;
    let other = person(&held.world.client(), "ada", json!({})).await;
    let refused = held.undo().await.unwrap_err();
    assert_eq!(refused.kind.word(), "uniqueness");
    held.world.client().delete(&format!("/Users/{other}")).await.expect(204);
    held.world.clock.advance(HOUR * 25);
    let refused = held.undo().await.unwrap_err();
    assert_eq!(refused.kind, Kind::Conflict);
    assert!(refused.said.contains("Reinstate"), "{}", refused.said);
    held.check().await;
}

#[tokio::test]
async fn us8_reinstating_restores_no_service_and_no_grant() {
    let held = Held::new().await;
    let client = held.world.client();
    held.close().await;
    held.world.clock.advance(HOUR * 24 * 300);
    held.reinstate().await;
    let after = client.get(&held.path()).await.expect(200).body;
    let own = &after[PERSON];
    assert_eq!((&after["active"], &own["status"]), (&json!(false), &json!("Active (disabled)")));
    assert!(own["reinstatedAt"].is_string());
    for name in ["services", "assignments", "adminRoles"] {
        assert!(own.get(name).is_none(), "{name}");
    }
    assert!(after.get("groups").is_none());
    assert!(!json!(held.around().await).to_string().contains(&held.ada));
    assert_eq!(held.closed().await, 0);
    let on = json!([{"op": "replace", "path": "active", "value": true}]);
    client.operations(&held.path(), on).await.expect(200);
    let on = mine(&client, &held.ada).await;
    assert_eq!(on["status"], "Active");
    assert!(on.get("services").is_none(), "nothing comes back later either");
    held.check().await;
}
