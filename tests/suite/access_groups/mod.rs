//! Access groups at the door: who may write them, what the rules refuse, whom they reach. A
//! test's name begins with the rule that it proves (AG, AD, GRP, TEN, LE).

mod contract;
mod derivations;
mod publishing;
mod random;
mod rules;

use serde_json::Value;
use serde_json::json;

use crate::world::Client;
use crate::world::World;

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ACCESS: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:Group";

/// The health centre of a story, with what its access groups name.
pub struct Centre {
    pub world: World,
    /// The record of the organization.
    pub home: String,
    pub venue: String,
    pub providers: Vec<String>,
}

impl Centre {
    /// Organization 1 as a health centre with a care venue and three providers.
    pub async fn new() -> Self {
        let world = World::new().await;
        let admin = world.admin();
        let found = admin.filter("/Organizations", "orgNumber eq \"ORG0001\"").await.expect(200);
        let home = found.resources()[0]["id"].as_str().unwrap().to_owned();
        let flag = json!([{"op": "add", "path": "healthCentre", "value": true}]);
        admin.operations(&format!("/Organizations/{home}"), flag).await.expect(200);
        let venue = json!({"displayName": "East Clinic", "siteCode": "EAST", "careVenue": true,
            "organization": "ORG0001"});
        let venue = admin.post("/Sites", &venue).await.expect(201).id();
        let mut centre = Self { world, home, venue, providers: Vec::new() };
        for name in ["Dr. Grey", "Dr. Moss", "Dr. Reed"] {
            let id = centre.provider(name).await;
            centre.providers.push(id);
        }
        centre
    }

    pub async fn provider(&self, name: &str) -> String {
        let body = json!({"displayName": name, "organization": "ORG0001"});
        self.world.admin().post("/Providers", &body).await.expect(201).id()
    }

    pub async fn pool(&self, name: &str, mode: &str, providers: &[&str]) -> String {
        let listed: Vec<Value> = providers.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"displayName": name, "organization": "ORG0001", "accessMode": mode,
            "providers": listed});
        self.world.admin().post("/Pools", &body).await.expect(201).id()
    }

    /// The body of a provider group with the first provider, changed by `more`.
    pub fn body(&self, name: &str, more: Value) -> Value {
        let mut own = json!({
            "kind": "access", "groupType": "provider", "healthCentre": {"value": self.home},
            "careVenues": [{"value": self.venue}], "modules": ["PROVIDERS_OFFICE", "Reports"],
            "privilegeLevel": "FULL", "privacyLevel": "Privacy Toggle (Default Off)",
            "providers": [{"value": self.providers[0]}],
        });
        for (key, value) in more.as_object().unwrap() {
            own[key] = value.clone();
        }
        json!({"schemas": [GROUP, ACCESS], "displayName": name, ACCESS: own})
    }

    /// Makes an access group: its id.
    pub async fn group(&self, name: &str, more: Value) -> String {
        self.world.admin().post("/Groups", &self.body(name, more)).await.expect(201).id()
    }

    /// A person of the first connection: the id.
    pub async fn person(&self, name: &str) -> String {
        person(&self.world.client(), name).await
    }

    /// An administrator adds someone to a group.
    pub async fn enrol(&self, group: &str, person: &str) {
        let add = json!([{"op": "add", "path": "members", "value": [{"value": person}]}]);
        self.world.admin().operations(&format!("/Groups/{group}"), add).await.expect(204);
    }

    /// What stands in the extension of a group.
    pub async fn own(&self, group: &str) -> Value {
        let read = self.world.admin().get(&format!("/Groups/{group}")).await.expect(200);
        read.body[ACCESS].clone()
    }
}

async fn person(client: &Client, name: &str) -> String {
    let body = json!({"userName": format!("{name}@hospital.example"), "displayName": name});
    client.post("/Users", &body).await.expect(201).id()
}
