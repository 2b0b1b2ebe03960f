//! What is kept of people's groups is never older than what a fresh look finds. An administrator's
//! reads are worked out anew each time, a connection's are kept: they must agree after every
//! change.

use serde_json::Value;
use serde_json::json;

use crate::properties::Dice;
use crate::world::Client;
use crate::world::World;

const PEOPLE: usize = 4;
const GROUPS: usize = 4;
const STEPS: usize = 150;

struct Network {
    people: Vec<String>,
    groups: Vec<String>,
}

impl Network {
    async fn furnish(client: &Client) -> Self {
        let (mut people, mut groups) = (Vec::new(), Vec::new());
        for n in 0..PEOPLE {
            let body = json!({"userName": format!("nurse{n}@northvale.example")});
            people.push(client.post("/Users", &body).await.expect(201).id());
        }
        for n in 0..GROUPS {
            let body = json!({"displayName": format!("Ward {n}")});
            groups.push(client.post("/Groups", &body).await.expect(201).id());
        }
        Self { people, groups }
    }

    /// One change of anything, chosen by chance. Circles are refused, which changes nothing.
    async fn step(&mut self, client: &Client, chance: &mut Dice, turn: usize) {
        let (one, other) = (chance.below(GROUPS), chance.below(GROUPS));
        let person = self.people[chance.below(PEOPLE)].clone();
        let group = format!("/Groups/{}", self.groups[one]);
        let nested = json!({"value": self.groups[other], "type": "Group"});
        let change = match chance.below(7) {
            0 => json!({"op": "add", "path": "members", "value": [{"value": person}]}),
            1 => json!({"op": "remove", "path": format!("members[value eq \"{person}\"]")}),
            2 => json!({"op": "replace", "path": "displayName", "value": format!("Unit {turn}")}),
            3 => json!({"op": "add", "path": "members", "value": [nested]}),
            4 => json!({"op": "remove", "path": "members"}),
            5 => {
                client.delete(&group).await.expect(204);
                let body = json!({"displayName": format!("Clinic {turn}")});
                self.groups[one] = client.post("/Groups", &body).await.expect(201).id();
                return;
            }
            _ => {
                let title = json!([{"op": "replace", "path": "title", "value": "Nurse"}]);
                client.operations(&format!("/Users/{person}"), title).await.expect(200);
                return;
            }
        };
        let status = client.operations(&group, json!([change])).await.status;
        assert!(status == 204 || status == 400, "{status}");
    }
}

fn groups(document: &Value) -> Value {
    document.get("groups").cloned().unwrap_or_default()
}

#[tokio::test]
async fn kept_groups_are_those_that_a_fresh_look_finds() {
    let world = World::new().await;
    let (client, admin) = (world.client(), world.admin());
    let mut network = Network::furnish(&client).await;
    let mut chance = Dice::new(11);
    let mut shown = 0;
    for turn in 0..STEPS {
        network.step(&client, &mut chance, turn).await;
        for person in &network.people {
            let path = format!("/Users/{person}");
            let (kept, fresh) = (client.get(&path).await, admin.get(&path).await);
            assert_eq!(groups(&kept.body), groups(&fresh.body), "turn {turn}");
            assert_eq!(kept.header("etag"), fresh.header("etag"), "turn {turn}");
            shown += usize::from(kept.body.get("groups").is_some());
        }
    }
    assert!(shown > STEPS, "too few had a group for this to mean anything: {shown}");
}
