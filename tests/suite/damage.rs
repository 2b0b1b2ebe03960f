//! Stories of a store that was damaged behind the gateway's back, or that fails under it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use wardgate::base::clock::FixedClock;
use wardgate::base::clock::Moment;
use wardgate::base::id::Id;
use wardgate::config::file::Format;
use wardgate::config::file::Level;
use wardgate::domain::record::Record;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;
use wardgate::service::oddities;
use wardgate::service::operate;
use wardgate::service::operate::Command;
use wardgate::store::change::Action;
use wardgate::store::change::Actor;
use wardgate::store::change::Cause;
use wardgate::store::change::Change;
use wardgate::store::change::Door;
use wardgate::store::change::Draft;
use wardgate::store::change::Outcome;
use wardgate::store::change::Write;
use wardgate::store::redb::RedbStore;

use crate::logs::Paper;
use crate::store_contract::failing::Failing;
use crate::store_contract::failing::Handle;
use crate::store_contract::failing::Way;
use crate::world::Client;
use crate::world::Reply;
use crate::world::World;

/// Somebody, a second after the one before: identifiers sort by time.
async fn person(world: &World, client: &Client, name: &str) -> String {
    world.clock.advance(Duration::from_secs(1));
    let user = format!("{name}@northvale.example");
    let body = json!({"userName": user, "title": "Nurse practitioner"});
    client.post("/Users", &body).await.expect(201).id()
}

/// Makes the body of a record something that cannot be read, and leaves all else as it was.
async fn damage(world: &World, id: &str) {
    let id = Id::parse(id).unwrap();
    let Record { head, mut body } = world.ports.store.get(id, None).await.unwrap().unwrap();
    let record = Record { head, body: body.clone() };
    let entries = operate::rule(&world.ports.models)(&record).unwrap();
    body.truncate(body.len() - 2);
    let draft =
        Draft { id, kind: head.kind, partition: head.partition, flags: head.flags, entries, body };
    let cause = Cause {
        actor: Actor::Operator,
        token: None,
        door: Door::Command,
        request: id,
        source: String::new(),
        reason: "damage".into(),
    };
    let change = Change {
        chain: 1,
        cause,
        action: Action::Modify,
        outcome: Outcome::Done,
        subject: Some((head.kind, id)),
        attributes: vec![],
        guards: vec![],
        writes: vec![Write::Update(draft)],
    };
    world.ports.store.commit(change).await.unwrap();
}

/// It fails, says what to do, and shows nothing of the record.
#[track_caller]
fn says_check(reply: &Reply, id: &str) {
    assert_eq!(reply.status, 503, "{}", reply.text);
    assert!(reply.text.contains("`wardgate check`"), "{}", reply.text);
    for hidden in ["Nurse", "northvale", id] {
        assert!(!reply.text.contains(hidden), "{}", reply.text);
    }
}

#[tokio::test]
async fn f05_a_list_never_lacks_a_record_that_cannot_be_read() {
    let world = World::new().await;
    let client = world.client();
    let first = person(&world, &client, "ines.quarrie").await;
    let second = person(&world, &client, "odo.fenwick").await;
    let third = person(&world, &client, "mara.tolland").await;
    damage(&world, &second).await;
    let paper = Paper::default();
    let hung = paper.hung(Format::Json, Level::Error);
    let asks = [
        "/Users",
        "/Users?attributes=userName",
        "/Users?filter=title%20co%20%22urse%22",
        "/Users?filter=userName%20eq%20%22odo.fenwick%40northvale.example%22",
        "/Users?sortBy=title",
        "/Users?startIndex=2&count=1",
    ];
    for ask in asks {
        says_check(&client.get(ask).await, &second);
    }
    says_check(&client.get(&format!("/Users/{second}")).await, &second);
    let patch = json!([{"op": "replace", "path": "title", "value": "Nurse"}]);
    says_check(&client.operations(&format!("/Users/{second}"), patch).await, &second);
    drop(hung);
    let log = paper.text();
    assert_eq!(log.lines().filter(|line| line.contains(&second)).count(), 8, "{log}");
    for hidden in ["Nurse", "northvale", "fenwick"] {
        assert!(!log.contains(hidden), "{log}");
    }
    // What does not touch it is answered.
    for ask in ["/Users?startIndex=1&count=1", "/Users?startIndex=3&count=1"] {
        let page = client.get(ask).await.expect(200);
        assert_eq!((page.resources().len(), &page.body["totalResults"]), (1, &json!(3)));
    }
    for id in [first, third] {
        client.get(&format!("/Users/{id}")).await.expect(200);
    }
    let found = client.filter("/Users", "userName eq \"mara.tolland@northvale.example\"").await;
    assert_eq!(found.expect(200).resources().len(), 1);
}

#[tokio::test]
async fn aud03_counters_of_oddities_are_told_of_by_events() {
    let world = World::new().await;
    let client = world.client();
    let id = person(&world, &client, "ines.quarrie").await;
    for title in ["Nurse", "Midwife"] {
        let patch = json!([{"op": "Replace", "path": "title", "value": title}]);
        client.operations(&format!("/Users/{id}"), patch).await.expect(200);
        let connection = Id::parse(&world.connection).unwrap();
        assert!(!oddities::of(&world.ports, connection).await.unwrap().is_empty());
        oddities::flush(&world.ports).await.unwrap();
    }
    let rule = operate::rule(&world.ports.models);
    let health = world.ports.store.check(Some(rule)).await.unwrap();
    assert_eq!(health.findings, Vec::<String>::new());
}

#[tokio::test]
async fn f04_after_a_failed_write_the_gateway_is_not_ready_and_reads_go_on() {
    let storage = Failing::new();
    let clock = Arc::new(FixedClock::at(Moment(1_790_000_000_000_000)));
    let store = RedbStore::over(Handle(storage.clone()), clock).unwrap();
    let catalogue = Catalogue::built_in().unwrap();
    let (settings, limits) = (Settings::default(), Limits::default());
    let world = World::over(|_| Arc::new(store), catalogue, settings, limits).await;
    let client = world.client();
    let id = person(&world, &client, "ines.quarrie").await;
    assert!(world.gateway.ready());
    storage.arm(0, Way::Once);
    let patch = json!([{"op": "replace", "path": "title", "value": "Midwife"}]);
    let path = format!("/Users/{id}");
    let name = Some("Northvale".to_owned());
    let organization = "ORG0001".to_owned();
    let rename = Command::OrganizationSet { organization, name, brake_limit: None };
    operate::run(&world.ports, rename).await.unwrap_err();
    assert!(!world.gateway.ready());
    // The disk is well again, and still nothing is written: what became of it is unknown.
    let refused = client.operations(&path, patch).await.expect(503);
    assert!(!refused.header("retry-after").is_empty());
    let read = client.get(&path).await.expect(200);
    assert_eq!(read.body["title"], "Nurse practitioner");
}
