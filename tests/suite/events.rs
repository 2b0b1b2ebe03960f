//! What every request leaves in the chain of events (security.md AUD-01, AUD-03, CON-02).

use serde_json::Value;
use serde_json::json;
use wardgate::service::operate::Command;
use wardgate::store::change::Action;
use wardgate::store::change::Event;
use wardgate::store::change::Outcome;

use crate::world::Client;
use crate::world::Reply;
use crate::world::World;

const NOBODY: &str = "0190f3a4-0000-7000-8000-000000000000";

fn user(name: &str) -> Value {
    json!({"userName": format!("{name}@northvale.example"), "title": "Clerk"})
}

/// How a story went on: the events since the last look.
struct Watch<'a> {
    world: &'a World,
    seen: usize,
}

impl<'a> Watch<'a> {
    async fn over(world: &'a World) -> Self {
        Self { world, seen: world.events(1).await.len() }
    }

    async fn new_events(&mut self) -> Vec<Event> {
        let all = self.world.events(1).await;
        let new = all[self.seen..].to_vec();
        self.seen = all.len();
        new
    }

    /// Exactly one event, of the request that was answered.
    async fn one(&mut self, reply: &Reply) -> Event {
        let mut new = self.new_events().await;
        assert_eq!(new.len(), 1, "{} {new:?}", reply.text);
        let event = new.remove(0);
        assert_eq!(event.cause.request.to_string(), reply.header("x-request-id"));
        event
    }
}

#[tokio::test]
async fn aud03_every_change_leaves_one_event() {
    let world = World::new().await;
    let client = world.client();
    let mut watch = Watch::over(&world).await;
    let made = client.post("/Users", &user("ines")).await.expect(201);
    let path = format!("/Users/{}", made.id());
    let group = json!({"displayName": "Ward 7", "members": [{"value": made.id()}]});
    let event = watch.one(&made).await;
    assert_eq!((event.action, &event.outcome), (Action::Create, &Outcome::Done));
    assert_eq!(event.subject.unwrap().1.to_string(), made.id());
    assert_eq!(event.attributes, ["userName", "title", "active"]);
    let ward = client.post("/Groups", &group).await.expect(201);
    let event = watch.one(&ward).await;
    assert_eq!((event.action, event.linked), (Action::Create, 1));
    let ward = format!("/Groups/{}", ward.id());
    let mut other = user("ines");
    other["title"] = json!("Nurse");
    let put = client.put(&path, &other).await.expect(200);
    let event = watch.one(&put).await;
    assert_eq!((event.action, event.attributes), (Action::Replace, vec!["title".to_owned()]));
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    let patch = client.operations(&path, off).await.expect(200);
    let event = watch.one(&patch).await;
    assert_eq!((event.action, event.attributes), (Action::Modify, vec!["active".to_owned()]));
    let out = json!([{"op": "remove", "path": "members"}]);
    let empty = client.operations(&ward, out).await.expect(204);
    let event = watch.one(&empty).await;
    assert_eq!((event.action, event.unlinked), (Action::Modify, 1));
    let gone = client.delete(&path).await.expect(204);
    let event = watch.one(&gone).await;
    assert_eq!((event.action, event.outcome), (Action::Delete, Outcome::Done));
    assert_eq!(event.after, [0; 32]);
}

/// Requests that are refused, with the outcome that their event names.
async fn refusals(client: &Client, path: &str) -> Vec<(Reply, Outcome)> {
    let failed = |code: &str| Outcome::Failed(code.to_owned());
    let send = async |method: &str, path: &str, body: &str| {
        client.send(method, path, &[("if-match", "")], Some(body.to_owned())).await
    };
    let text = [("content-type", "text/plain")];
    let stale = [("if-match", "\"stale\"")];
    let odd = [("if-match", "odd")];
    let nobody = format!("/Users/{NOBODY}");
    let many = format!("{{\"title\": \"{}\"}}", "x".repeat(5 << 20));
    vec![
        (client.post("/Users", &user("ines")).await, failed("uniqueness")),
        (client.post("/Users", &json!({})).await, failed("invalidValue")),
        (send("POST", "/Users", "{").await, failed("invalidSyntax")),
        (send("POST", "/Users", &many).await, failed("tooLarge")),
        (client.send("POST", "/Users", &text, Some("x".into())).await, failed("unsupported")),
        (client.put(path, &json!({})).await, failed("invalidValue")),
        (client.put(&nobody, &user("x")).await, failed("notFound")),
        (send("PUT", &nobody, "{").await, failed("notFound")),
        (
            client.send("PUT", path, &stale, Some(user("x").to_string())).await,
            failed("staleVersion"),
        ),
        (client.send("PUT", path, &odd, Some(user("x").to_string())).await, failed("invalidValue")),
        (client.operations(path, json!([])).await, failed("invalidSyntax")),
        (client.operations(path, json!([{"op": "remove"}])).await, failed("noTarget")),
        (
            client.operations(path, json!([{"op": "remove", "path": "userName"}])).await,
            failed("mutability"),
        ),
        (
            client.operations(path, json!([{"op": "remove", "path": "emails[x"}])).await,
            failed("invalidPath"),
        ),
        (client.delete(&nobody).await, failed("notFound")),
        (client.send("DELETE", path, &stale, None).await, failed("staleVersion")),
        (send("POST", "/Bulk", "{").await, failed("invalidSyntax")),
    ]
}

#[tokio::test]
async fn aud03_every_refusal_leaves_one_event_and_nothing_else() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", client.post("/Users", &user("ines")).await.expect(201).id());
    let before = client.get(&path).await.text;
    let mut watch = Watch::over(&world).await;
    let told = refusals(&client, &path).await;
    let events = watch.new_events().await;
    assert_eq!(events.len(), told.len(), "{events:?}");
    for (event, (reply, outcome)) in events.iter().zip(&told) {
        assert!(reply.status >= 400);
        assert_eq!(event.cause.request.to_string(), reply.header("x-request-id"), "{}", reply.text);
        assert_eq!(event.outcome, *outcome, "{}", reply.text);
        assert_eq!((event.before, event.linked), (event.after, 0));
    }
    assert_eq!(client.get(&path).await.text, before);
    world.set("permissions=groups").await;
    watch.new_events().await;
    let denied = client.delete(&path).await.expect(403);
    assert_eq!(watch.one(&denied).await.outcome, Outcome::Denied("denied".into()));
}

#[tokio::test]
async fn aud03_reads_and_changes_without_effect_leave_none() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users", &user("ines")).await.expect(201);
    let path = format!("/Users/{}", made.id());
    let group = json!({"displayName": "W", "members": [{"value": made.id()}]});
    let ward = format!("/Groups/{}", client.post("/Groups", &group).await.expect(201).id());
    let read = client.get(&path).await.expect(200);
    let mut watch = Watch::over(&world).await;
    client.get(&path).await.expect(200);
    client.get("/Users").await.expect(200);
    client.get("/Users/0").await.expect(404);
    client.filter("/Users", "nonsense").await.expect(400);
    client.put(&path, &read.body).await.expect(200);
    let same = json!([{"op": "replace", "path": "title", "value": "Clerk"}]);
    client.operations(&path, same).await.expect(200);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": made.id()}]}]);
    client.operations(&ward, add).await.expect(204);
    let out = json!([{"op": "remove", "path": format!("members[value eq \"{NOBODY}\"]")}]);
    client.operations(&ward, out).await.expect(204);
    assert_eq!(watch.new_events().await, []);
    assert_eq!(client.get(&path).await.header("etag"), read.header("etag"));
}

#[tokio::test]
async fn aud01_the_chain_of_a_busy_day_holds() {
    let world = World::new().await;
    let client = world.client();
    // So many go that the brake would hold them.
    let organization = "ORG0001".to_owned();
    let off = Command::OrganizationSet { organization, name: None, brake_limit: Some(0) };
    world.run(off).await;
    for turn in 0..100 {
        let path = client.post("/Users", &user(&format!("p{turn}"))).await.expect(201).id();
        client.post("/Users", &user(&format!("p{turn}"))).await.expect(409);
        if turn % 3 == 0 {
            client.delete(&format!("/Users/{path}")).await.expect(204);
        }
    }
    let events = world.events(1).await;
    for (place, pair) in events.windows(2).enumerate() {
        assert_eq!(pair[0].seq + 1, pair[1].seq);
        assert_eq!(pair[1].previous, pair[0].hash, "after {place}");
        assert!(pair[1].at > pair[0].at);
    }
    let audit = world.run(Command::AuditVerify).await;
    assert_eq!(audit["broken"], json!([]));
    assert!(audit["events"].as_u64().unwrap() >= events.len() as u64);
    let health = world.run(Command::Check).await;
    assert_eq!(health["findings"], json!([]));
}

#[tokio::test]
async fn con02_a_repeated_create_is_refused_and_finds_the_first() {
    let world = World::new().await;
    let client = world.client();
    for turn in 0..200 {
        let mut body = user(&format!("p{turn}"));
        body["externalId"] = json!(format!("x{turn}"));
        let first = client.post("/Users", &body).await.expect(201).id();
        client.post("/Users", &body).await.refused(409, "uniqueness");
        let found = client.filter("/Users", &format!("externalId eq \"x{turn}\"")).await;
        assert_eq!(found.body["totalResults"], 1);
        assert_eq!(found.resources()[0]["id"], first);
    }
    let group = json!({"displayName": "Ward 7"});
    client.post("/Groups", &group).await.expect(201);
    client.post("/Groups", &group).await.refused(409, "uniqueness");
}
