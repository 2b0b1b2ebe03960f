//! Searching without scanning: which plan answers what, and what it may cost (FLT-08).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use wardgate::base::clock::Moment;
use wardgate::base::id::Id;
use wardgate::domain::record::Kind;
use wardgate::domain::record::Partition;
use wardgate::domain::record::Record;
use wardgate::domain::record::Relation;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;
use wardgate::store::Answer;
use wardgate::store::Audit;
use wardgate::store::Health;
use wardgate::store::Link;
use wardgate::store::LinkQuery;
use wardgate::store::Rule;
use wardgate::store::Store;
use wardgate::store::change::Change;
use wardgate::store::change::Event;
use wardgate::store::change::Key;
use wardgate::store::change::Verdict;
use wardgate::store::select::Page;
use wardgate::store::select::Select;

use super::people::ENTERPRISE;
use super::people::People;
use crate::world::World;

const PLANS: [&str; 5] = ["unique", "index", "links", "walk", "scan"];

/// How often each plan was taken so far.
fn counted(world: &World) -> Vec<u64> {
    let text = world.gateway.metrics().text();
    let count = |plan: &str| {
        let line = format!("wardgate_store_plans_total{{plan=\"{plan}\"}} ");
        let found = text.lines().find_map(|text| text.strip_prefix(&line));
        found.map_or(0, |count| count.parse().unwrap())
    };
    PLANS.iter().map(|plan| count(plan)).collect()
}

/// The plan that answers a filter, and how many it finds.
async fn planned(people: &People, endpoint: &str, filter: &str) -> (&'static str, u64) {
    let before = counted(&people.world);
    let reply = people.client.filter(endpoint, &people.spelled(filter)).await.expect(200);
    let after = counted(&people.world);
    let changed = before.iter().zip(&after).position(|(before, after)| before != after);
    (PLANS[changed.unwrap()], reply.body["totalResults"].as_u64().unwrap())
}

#[tokio::test]
async fn plan_equality_on_indexed_attributes_reads_no_more_than_it_finds() {
    let people = People::new().await;
    for (filter, plan) in [
        ("id eq \"{anne}\"", "unique"),
        ("userName eq \"anne.alder@northvale.example\"", "unique"),
        ("userName eq anne.alder@northvale.example", "unique"),
        ("externalId eq \"Ext-Anne\"", "unique"),
        ("emails.value eq \"anne@home.northvale.example\"", "index"),
        ("emails eq \"anne@home.northvale.example\"", "index"),
        ("emails[value eq \"anne@home.northvale.example\"]", "index"),
        ("emails[type eq \"home\" and value eq \"anne@home.northvale.example\"]", "index"),
        ("emails[type eq \"home\"].value eq \"anne@home.northvale.example\"", "index"),
        ("emails[value eq \"x\" or value eq \"anne@home.northvale.example\"]", "index"),
        ("displayName eq \"Anne Alder\"", "index"),
        ("manager eq \"{ben}\"", "index"),
        ("manager.value eq \"{ben}\"", "index"),
        ("manager[value eq \"{ben}\"]", "index"),
        (&format!("{ENTERPRISE}:manager.value eq \"{{ben}}\""), "index"),
        (&format!("{ENTERPRISE}:manager eq \"{{ben}}\""), "index"),
        (&format!("{ENTERPRISE}:employeeNumber eq \"4471\""), "index"),
        (&format!("{ENTERPRISE}:employeeNumber eq 4471"), "index"),
        ("active eq false", "index"),
        ("active eq \"False\"", "index"),
        ("userName sw \"Anne\"", "index"),
        ("emails.value sw \"anne\"", "index"),
        ("displayName sw \"anne\"", "index"),
        ("externalId sw \"Ext\"", "index"),
        ("name.familyName eq \"o'malley\"", "index"),
        ("externalId eq \"x\" or userName eq \"anne.alder@northvale.example\"", "unique"),
        ("title co \"u\" and userName eq \"anne.alder@northvale.example\"", "unique"),
        ("not (title eq \"x\") and emails.value sw \"anne\"", "index"),
        ("groups.value eq \"{ward7}\" and active eq true", "links"),
    ] {
        assert_eq!(planned(&people, "/Users", filter).await, (plan, 1), "{filter}");
    }
}

#[tokio::test]
async fn plan_ranges_of_meta_and_custom_indexes() {
    let people = People::new().await;
    let anne = people.client.get(&format!("/Users/{}", people.id("anne"))).await.expect(200);
    let at = anne.body["meta"]["created"].as_str().unwrap();
    for (filter, found) in [
        (format!("meta.created gt \"{at}\""), 1),
        (format!("meta.created le \"{at}\""), 2),
        (format!("meta.lastModified ge \"{at}\""), 2),
        (format!("meta.lastModified lt \"{at}\" and active eq false"), 1),
        (format!("meta.lastModified ge \"{at}\" and meta.lastModified le \"{at}\""), 1),
        (format!("meta.created eq \"{at}\""), 1),
    ] {
        assert_eq!(planned(&people, "/Users", &filter).await, ("index", found), "{filter}");
    }
    let people = People { world: World::with_custom_types().await, ..people };
    let people = People { client: people.world.client(), ..people };
    let device =
        json!({"serial": "s1", "label": "Bed", "count": 7, "weight": 1.5, "assetTag": "T1"});
    people.client.post("/Devices", &device).await.expect(201);
    for (filter, plan) in [
        ("serial eq \"s1\"", "index"),
        ("label sw \"be\"", "index"),
        ("count ge 7", "index"),
        ("weight lt 2", "index"),
        ("assetTag eq \"t1\"", "unique"),
        ("plainCount eq 7 or serial eq \"s1\"", "scan"),
    ] {
        assert_eq!(planned(&people, "/Devices", filter).await, (plan, 1), "{filter}");
    }
}

#[tokio::test]
async fn plan_groups_members_and_the_root() {
    let people = People::new().await;
    for (endpoint, filter, plan, found) in [
        ("/Groups", "displayName eq \"ward 7\"", "unique", 1),
        ("/Groups", "members.value eq \"{anne}\"", "links", 1),
        ("/Groups", "members eq \"{anne}\"", "links", 1),
        ("/Groups", "members[value eq \"{anne}\" and type eq \"User\"]", "links", 1),
        ("/Groups", "id eq \"{ward7}\" and members eq \"{anne}\"", "unique", 1),
        ("/Users", "groups.value eq \"{ward7}\"", "links", 2),
        ("/", "id eq \"{anne}\" or id eq \"{ward7}\"", "unique", 2),
        ("/", "userName eq \"x\" or displayName eq \"ward 7\"", "unique", 1),
        ("/", "userName eq \"anne.alder@northvale.example\"", "unique", 1),
        ("/", "meta.resourceType eq \"Group\"", "walk", 2),
        ("/", "meta.resourceType eq \"Group\" and displayName sw \"ward\"", "index", 2),
        ("/Groups", "not (members pr)", "scan", 0),
        ("/Users", "title co \"u\"", "scan", 2),
    ] {
        assert_eq!(planned(&people, endpoint, filter).await, (plan, found), "{filter}");
    }
    let before = counted(&people.world);
    people.client.get("/Users?sortBy=userName&count=2").await.expect(200);
    people.client.get("/Users?startIndex=2&count=2").await.expect(200);
    assert_eq!(counted(&people.world)[3], before[3] + 2);
}

/// A gateway whose searches may read `rows` records, with so many people in it.
async fn small(rows: u64, crowd: usize) -> World {
    let settings = Settings { search_rows: rows, ..Settings::default() };
    let world = World::with(Catalogue::built_in().unwrap(), settings, Limits::default()).await;
    fill(&world, crowd).await;
    world
}

async fn fill(world: &World, crowd: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for turn in 0..crowd {
        world.clock.advance(Duration::from_millis(10));
        let body = json!({
            "userName": format!("u{turn:04}@northvale.example"), "active": true, "title": "Nurse",
            "displayName": format!("Ward {}", turn % 10)
        });
        ids.push(world.client().post("/Users", &body).await.expect(201).id());
    }
    ids
}

#[tokio::test]
async fn flt08_a_costly_search_is_refused_and_an_indexed_one_is_not() {
    let world = small(20, 120).await;
    let client = world.client();
    for filter in
        ["title co \"u\"", "not (userName sw \"u0001\")", "active eq true and title co \"x\""]
    {
        client.filter("/Users", filter).await.refused(400, "tooMany");
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter
        });
        client.post("/Users/.search", &body).await.refused(400, "tooMany");
    }
    client.get("/Users?sortBy=title").await.refused(400, "tooMany");
    for filter in [
        "active eq true and userName sw \"u0007\"",
        "title co \"u\" and displayName eq \"ward 3\"",
        "displayName eq \"ward 3\" and active eq true and not (title eq \"x\")",
        "userName eq \"u0100@northvale.example\" and title pr",
    ] {
        let reply = client.filter("/Users", filter).await.expect(200);
        assert!(reply.body["totalResults"].as_u64().unwrap() >= 1, "{filter}");
    }
    // Pages cost what is on them, wherever they are.
    for path in ["/Users?startIndex=110&count=10", "/Users?sortBy=userName&startIndex=100&count=10"]
    {
        assert_eq!(client.get(path).await.expect(200).resources().len(), 10);
    }
}

#[tokio::test]
async fn flt08_costly_searches_of_one_leave_the_other_alone() {
    let world = small(20, 60).await;
    let (other, _) = world.other_organization(2).await;
    other.post("/Users", &json!({"userName": "b@northvale.example"})).await.expect(201);
    let mut work = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let client = world.client();
        work.spawn(async move { client.filter("/Users", "displayName co \"a\"").await });
    }
    for _ in 0..10 {
        let found = other.filter("/Users", "displayName co \"a\" or userName sw \"b\"").await;
        assert_eq!(found.expect(200).body["totalResults"], 1);
    }
    while let Some(reply) = work.join_next().await {
        reply.unwrap().refused(400, "tooMany");
    }
}

/// The store itself, and how many links were read from it.
struct Watched {
    store: Arc<dyn Store>,
    links: Arc<AtomicU64>,
}

impl Store for Watched {
    fn get(&self, id: Id, at: Option<Moment>) -> Answer<'_, Option<Record>> {
        self.store.get(id, at)
    }

    fn find(&self, key: Key) -> Answer<'_, Option<Id>> {
        self.store.find(key)
    }

    fn select(&self, question: Select) -> Answer<'_, Page> {
        self.store.select(question)
    }

    fn links(&self, query: LinkQuery) -> Answer<'_, Vec<Link>> {
        Box::pin(async move {
            let page = self.store.links(query).await?;
            self.links.fetch_add(page.len() as u64, Ordering::SeqCst);
            Ok(page)
        })
    }

    fn linked(&self, relation: Relation, from: Id, to: Id) -> Answer<'_, bool> {
        self.store.linked(relation, from, to)
    }

    fn commit(&self, change: Change) -> Answer<'_, Verdict> {
        self.store.commit(change)
    }

    fn events(&self, chain: u32, from: u64, limit: usize) -> Answer<'_, Vec<Event>> {
        self.store.events(chain, from, limit)
    }

    fn count(&self, partition: Partition, kind: Kind) -> Answer<'_, u64> {
        self.store.count(partition, kind)
    }

    fn verify(&self) -> Answer<'_, Audit> {
        self.store.verify()
    }

    fn check(&self, rule: Option<Rule>) -> Answer<'_, Health> {
        self.store.check(rule)
    }

    fn backup(&self, target: PathBuf) -> Answer<'_, u64> {
        self.store.backup(target)
    }

    fn ready(&self) -> bool {
        self.store.ready()
    }

    fn close(&self) -> Answer<'_, ()> {
        self.store.close()
    }
}

/// Neither the size of a group nor what is asked of it makes us read members that are not asked
/// for.
#[tokio::test]
async fn plan_members_of_a_large_group_are_read_only_when_they_are_shown() {
    let links = Arc::new(AtomicU64::new(0));
    let settings = Settings { search_rows: 50, ..Settings::default() };
    let watch = |store| Arc::new(Watched { store, links: links.clone() }) as Arc<dyn Store>;
    let catalogue = Catalogue::built_in().unwrap();
    let world = World::over(watch, catalogue, settings, Limits::default()).await;
    let client = world.client();
    let ids = fill(&world, 600).await;
    let members: Vec<_> = ids[1..].iter().map(|id| json!({"value": id})).collect();
    let body = json!({"displayName": "Everyone", "members": members});
    let path = "?excludedAttributes=members";
    let group = client.post(&format!("/Groups{path}"), &body).await.expect(201).id();
    let one = format!("/Groups/{group}");
    let within = |most: u64, what: &str| {
        let read = links.swap(0, Ordering::SeqCst);
        assert!(read <= most, "{what}: {read} links were read");
    };
    links.store(0, Ordering::SeqCst);
    client.get(&format!("{one}{path}")).await.expect(200);
    client.get(&format!("/Groups{path}")).await.expect(200);
    client.get(&format!("{one}?attributes=displayName")).await.expect(200);
    within(0, "reading without members");
    for filter in [
        format!("members.value eq \"{}\"", ids[300]),
        format!("members[value eq \"{}\" and type eq \"User\"]", ids[300]),
        format!("not (members.value eq \"{}\")", ids[0]),
        "members pr".to_owned(),
    ] {
        let query = format!("/Groups{path}&filter={}", crate::world::encode(&filter));
        let found = client.get(&query).await.expect(200);
        assert_eq!(found.body["totalResults"], 1, "{filter}");
        within(4, &filter);
    }
    let add = json!([{"op": "add", "path": "members", "value": [{"value": ids[0]}]}]);
    client.operations(&one, add).await.expect(204);
    let path = format!("members[value eq \"{}\"]", ids[5]);
    client.operations(&one, json!([{"op": "remove", "path": path}])).await.expect(204);
    within(10, "adding and removing one member");
    let shown = client.get(&one).await.expect(200);
    assert_eq!(shown.body["members"].as_array().unwrap().len(), 599);
    within(599, "showing all");
}
