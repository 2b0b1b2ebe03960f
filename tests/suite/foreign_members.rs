//! Members that an administrator put across connections: the owner of the group never meets
//! them, nor their owner the group (security.md TEN-01, GRP-05).

use serde_json::Value;
use serde_json::json;

use crate::world::Client;
use crate::world::Reply;
use crate::world::World;

/// No record of anybody.
const NOBODY: &str = "0190f3a4-0000-7000-8000-000000000000";

/// A group of one connection with a member of its own and one of another connection.
struct Stage {
    world: World,
    owner: Client,
    other: Client,
    admin: Client,
    group: String,
    own: String,
    foreign: String,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        let owner = world.client();
        let (other, _) = world.other_connection(1).await;
        let user = |name: &str| json!({"userName": format!("{name}@northvale.example")});
        let own = owner.post("/Users", &user("own")).await.expect(201).id();
        let foreign = other.post("/Users", &user("foreign")).await.expect(201).id();
        let body = json!({"displayName": "Ward 7", "members": [{"value": own}]});
        let group = owner.post("/Groups", &body).await.expect(201).id();
        let admin = world.admin();
        let stage = Self { world, owner, other, admin, group, own, foreign };
        stage.link(&stage.group, &stage.foreign).await;
        stage
    }

    async fn link(&self, group: &str, member: &str) {
        let add = json!([{"op": "add", "path": "members", "value": [{"value": member}]}]);
        self.admin.operations(&format!("/Groups/{group}"), add).await.expect(204);
    }

    fn path(&self) -> String {
        format!("/Groups/{}", self.group)
    }

    /// The members as `client` sees them, in order.
    async fn members(&self, client: &Client) -> Vec<String> {
        let body = client.get(&self.path()).await.expect(200).body;
        let members = body["members"].as_array().cloned().unwrap_or_default();
        members.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
    }

    async fn all(&self) -> Vec<String> {
        self.members(&self.admin).await
    }
}

fn total(reply: Reply) -> Value {
    reply.expect(200).body["totalResults"].clone()
}

#[tokio::test]
async fn ten01_a_foreign_member_is_shown_to_the_administrator_only() {
    let stage = Stage::new().await;
    assert_eq!(stage.all().await, [stage.own.clone(), stage.foreign.clone()]);
    assert_eq!(stage.members(&stage.owner).await, from(&[&stage.own]));
    for path in ["/Groups", "/", "/Groups?attributes=members", "/Groups?filter=displayName+pr"] {
        let text = stage.owner.get(path).await.expect(200).text;
        assert!(text.contains(&stage.own) && !text.contains(&stage.foreign), "{path}: {text}");
    }
    // The other direction: whose member it is does not see the group.
    let path = format!("/Users/{}", stage.foreign);
    assert!(stage.other.get(&path).await.expect(200).body.get("groups").is_none());
    stage.other.get(&stage.path()).await.expect(404);
    let shown = stage.admin.get(&path).await.expect(200);
    assert_eq!(shown.body["groups"][0]["value"], stage.group.as_str());
}

#[tokio::test]
async fn grp05_no_filter_tells_of_a_foreign_member() {
    let stage = Stage::new().await;
    let Stage { owner, other, admin, group, foreign, own, .. } = &stage;
    for shape in [
        "members.value eq \"#\"",
        "members eq \"#\"",
        "members[value eq \"#\"]",
        "members[value eq \"#\" and type eq \"User\"]",
        "members[type eq \"User\" and value sw \"#\"]",
        "displayName pr and members.value eq \"#\"",
        "not (members.value eq \"#\")",
        "members.value ne \"#\"",
    ] {
        let ask = async |client: &Client, id: &str| {
            let filter = shape.replace('#', id);
            (
                total(client.filter("/Groups", &filter).await),
                total(client.filter("/", &filter).await),
            )
        };
        assert_eq!(ask(owner, foreign).await, ask(owner, NOBODY).await, "{shape}");
        let hit = total(admin.filter("/Groups", &shape.replace('#', foreign)).await);
        assert_eq!(hit, u8::from(!shape.starts_with("not")), "{shape}");
    }
    let named = format!("id eq \"{group}\" and members eq \"{foreign}\"");
    assert_eq!(total(owner.filter("/Groups", &named).await), 0);
    let named = format!("id eq \"{group}\" and members eq \"{own}\"");
    assert_eq!(total(owner.filter("/Groups", &named).await), 1);
    for filter in [format!("groups eq \"{group}\""), format!("groups.value eq \"{group}\"")] {
        assert_eq!(total(other.filter("/Users", &filter).await), 0);
        assert_eq!(total(owner.filter("/Users", &filter).await), 1);
        assert_eq!(total(admin.filter("/Users", &filter).await), 2);
    }
}

#[tokio::test]
async fn grp05_a_group_of_foreign_members_only_has_none() {
    let stage = Stage::new().await;
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", stage.own)}]);
    stage.owner.operations(&stage.path(), remove).await.expect(204);
    assert_eq!(total(stage.owner.filter("/Groups", "members pr").await), 0);
    assert_eq!(total(stage.owner.filter("/Groups", "not (members pr)").await), 1);
    assert_eq!(total(stage.admin.filter("/Groups", "members pr").await), 1);
}

#[tokio::test]
async fn ten01_whatever_the_owner_does_a_foreign_member_stays() {
    let stage = Stage::new().await;
    let path = stage.path();
    let name = "Ward 7";
    let kept = async |seen: &[&String]| {
        assert_eq!(stage.members(&stage.owner).await, from(seen));
        let all: Vec<&String> = seen.iter().copied().chain([&stage.foreign]).collect();
        let (mut left, mut right) = (stage.all().await, from(&all));
        left.sort();
        right.sort();
        assert_eq!(left, right);
    };
    stage.owner.put(&path, &json!({"displayName": name, "members": []})).await.expect(200);
    kept(&[]).await;
    let body = json!({"displayName": name, "members": [{"value": stage.own}]});
    let answer = stage.owner.put(&path, &body).await.expect(200);
    assert!(!answer.text.contains(&stage.foreign));
    kept(&[&stage.own]).await;
    let replace = json!([{"op": "replace", "path": "members", "value": []}]);
    stage.owner.operations(&path, replace).await.expect(204);
    kept(&[]).await;
    let some = json!([{"value": stage.own}]);
    stage.owner.operations(&path, json!([{"op": "add", "path": "members", "value": some}])).await;
    for clear in [
        json!([{"op": "remove", "path": "members[type eq \"User\"]"}]),
        json!([{"op": "remove", "path": "members"}]),
    ] {
        stage.owner.operations(&path, clear).await.expect(204);
        kept(&[]).await;
    }
    // By name it is as unknown as anybody who does not exist.
    for id in [stage.foreign.as_str(), NOBODY] {
        let before = stage.owner.get(&path).await;
        for remove in [
            json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]),
            json!([{"op": "remove", "path": "members", "value": [{"value": id}]}]),
        ] {
            stage.owner.operations(&path, remove).await.expect(204);
        }
        let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
        stage.owner.operations(&path, add).await.refused(400, "invalidValue");
        let body = json!({"displayName": name, "members": [{"value": id}]});
        stage.owner.put(&path, &body).await.refused(400, "invalidValue");
        assert_eq!(stage.owner.get(&path).await.text, before.text);
    }
    kept(&[]).await;
    let emptied = json!([{"op": "remove", "path": "members"}]);
    stage.admin.operations(&path, emptied).await.expect(204);
    assert!(stage.all().await.is_empty());
}

#[tokio::test]
async fn ten01_nobody_is_in_a_group_by_way_of_a_foreign_one() {
    let stage = Stage::new().await;
    let Stage { owner, other, admin, own, .. } = &stage;
    let inner = other.post("/Groups", &json!({"displayName": "Inner"})).await.expect(201).id();
    let outer = owner.post("/Groups", &json!({"displayName": "Outer"})).await.expect(201).id();
    stage.link(&outer, &inner).await;
    stage.link(&inner, own).await;
    let person = format!("/Users/{own}");
    let seen = owner.get(&person).await.expect(200).body;
    assert_eq!(seen["groups"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(admin.get(&person).await.body["groups"].as_array().unwrap().len(), 3);
    let filter = format!("groups eq \"{outer}\"");
    assert_eq!(total(owner.filter("/Users", &filter).await), 0);
    assert_eq!(total(admin.filter("/Users", &filter).await), 1);
    // Groups across connections make no circle either (GRP-06).
    let back = json!([{"op": "add", "path": "members", "value": [{"value": outer}]}]);
    admin.operations(&format!("/Groups/{inner}"), back).await.refused(400, "invalidValue");
    assert!(stage.world.ports.store.check(None).await.unwrap().findings.is_empty());
}

fn from(ids: &[&String]) -> Vec<String> {
    ids.iter().map(|id| (*id).clone()).collect()
}
