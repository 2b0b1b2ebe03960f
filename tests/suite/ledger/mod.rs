//! The ledger: pushed groups become assignments, services, room rights and delegations, and each
//! ends with the last of its sources. A test's name begins with the rule that it proves.

mod brake;
mod channels;
mod eleven;
mod grants;
mod random;
mod rules;

use serde_json::Value;
use serde_json::json;
use wardgate::service::operate::Command;

use crate::world::Client;
use crate::world::World;

/// What the ledger shows of a person.
const WARDGATE: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";

/// An organization with a site, two room systems and an access group.
pub struct Ground {
    pub world: World,
    pub client: Client,
    pub site: String,
    pub rooms: Vec<String>,
    pub ortho: String,
}

impl Ground {
    pub async fn new() -> Self {
        let world = World::new().await;
        let admin = world.admin();
        let site =
            json!({"displayName": "ABC Hospital", "siteCode": "ABCC", "organization": "ORG0001"});
        let site = admin.post("/Sites", &site).await.expect(201).id();
        let mut rooms = Vec::new();
        for number in [2, 4] {
            rooms.push(room(&world, &site, number).await);
        }
        let ortho = json!({"displayName": "Ortho MOA", "organization": "ORG0001"});
        let ortho = admin.post("/Groups", &ortho).await.expect(201).id();
        let client = world.client();
        Self { world, client, site, rooms, ortho }
    }

    /// Saves a rule about groups of this name: its id.
    pub async fn exact(&self, name: &str, then: Value) -> String {
        self.rule(json!({"name": name}), then, json!({})).await
    }

    pub async fn rule(&self, matcher: Value, then: Value, options: Value) -> String {
        let rule = self.written(matcher, then, options);
        let saved = self.world.run(Command::RuleAdd { rule, replaces: None }).await;
        saved["rule"].as_str().unwrap().to_owned()
    }

    pub fn written(&self, matcher: Value, then: Value, options: Value) -> Value {
        json!({"connection": self.world.connection, "match": matcher, "then": then,
            "options": options})
    }

    /// A person: the id.
    pub async fn person(&self, name: &str) -> String {
        let body = json!({"userName": format!("{name}@hospital.example"), "displayName": name,
            "active": true});
        self.client.post("/Users", &body).await.expect(201).id()
    }

    /// A group with these members: its id.
    pub async fn group(&self, name: &str, members: &[&String]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"displayName": name, "members": members});
        self.client.post("/Groups", &body).await.expect(201).id()
    }

    pub async fn add(&self, group: &str, person: &str) {
        let add = json!([{"op": "Add", "path": "members", "value": [{"value": person}]}]);
        self.client.operations(&format!("/Groups/{group}"), add).await.expect(204);
    }

    pub async fn remove(&self, group: &str, person: &str) {
        let path = format!("members[value eq \"{person}\"]");
        let remove = json!([{"op": "Remove", "path": path}]);
        self.client.operations(&format!("/Groups/{group}"), remove).await.expect(204);
    }

    /// What the ledger shows of a person.
    pub async fn shown(&self, person: &str) -> Value {
        let read = self.client.get(&format!("/Users/{person}")).await.expect(200);
        read.body[WARDGATE].clone()
    }

    /// The codes of a person's services.
    pub async fn services(&self, person: &str) -> Vec<String> {
        values(&self.shown(person).await["services"])
    }

    /// The places of a person's assignments, the default first letter marked.
    pub async fn roles(&self, person: &str) -> Vec<String> {
        let all = self.shown(person).await["assignments"].as_array().cloned().unwrap_or_default();
        let text = |one: &Value| {
            let star = if one["default"] == true { "*" } else { "" };
            format!("{}{star}", one["role"].as_str().unwrap())
        };
        all.iter().map(text).collect()
    }

    /// Who may schedule a room system.
    pub async fn schedulers(&self, room: &str) -> Vec<String> {
        let read = self.world.admin().get(&format!("/RoomSystems/{room}")).await.expect(200);
        values(&read.body["schedulers"])
    }

    /// Every delegation, as `delegator>delegate:service`.
    pub async fn delegations(&self) -> Vec<String> {
        let all = self.world.admin().get("/Delegations").await.expect(200).resources();
        let end = |one: &Value, name: &str| one[name]["value"].as_str().unwrap().to_owned();
        let text = |one: &Value| {
            format!(
                "{}>{}:{}",
                end(one, "delegator"),
                end(one, "delegate"),
                one["service"].as_str().unwrap()
            )
        };
        all.iter().map(text).collect()
    }

    /// The store is whole: records, links, and what the events tell of them.
    pub async fn check(&self) {
        let health = self.world.run(Command::Check).await;
        assert_eq!(health["findings"], json!([]));
    }
}

/// A room system at a site: its id.
pub async fn room(world: &World, site: &str, number: u32) -> String {
    let name = format!("TOR_ABC_0001_ABCC_{number:03}");
    let body = json!({"systemName": name, "site": {"value": site}});
    world.admin().post("/RoomSystems", &body).await.expect(201).id()
}

/// The `value`s of a list.
pub fn values(list: &Value) -> Vec<String> {
    let list = list.as_array().cloned().unwrap_or_default();
    list.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
}
