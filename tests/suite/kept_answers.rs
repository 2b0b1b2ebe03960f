//! Finished answers that are kept: nobody ever reads an older one than an answered change left,
//! nor one that is not for them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use serde_json::Value;
use serde_json::json;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;

use crate::world::Client;
use crate::world::World;

/// Changes that each writer makes.
const CHANGES: u64 = 60;

async fn busy() -> World {
    let limits =
        Limits { requests_per_second: 1_000_000, request_burst: 1_000_000, ..Limits::default() };
    World::with(Catalogue::built_in().unwrap(), Settings::default(), limits).await
}

async fn person(client: &Client, name: &str) -> String {
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    let body = json!({"schemas": schemas, "userName": name, "title": "0"});
    client.post("/Users", &body).await.id()
}

async fn group(client: &Client) -> String {
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    client.post("/Groups", &json!({"schemas": schemas, "displayName": "Ward"})).await.id()
}

/// The person, in one of the two ways that take kept answers.
async fn read(client: &Client, id: &str, name: &str, turn: u64) -> Value {
    if turn.is_multiple_of(2) {
        let reply = client.get(&format!("/Users/{id}")).await;
        assert_eq!(reply.header("etag"), reply.body["meta"]["version"]);
        return reply.body;
    }
    client.filter("/Users", &format!("userName eq \"{name}\"")).await.resources()[0].clone()
}

/// What a writer has begun, and what it was answered.
#[derive(Default)]
struct Progress {
    begun: AtomicU64,
    answered: AtomicU64,
}

async fn rename(client: Client, path: String, progress: Arc<Progress>) {
    for number in 1..=CHANGES {
        progress.begun.store(number, Ordering::SeqCst);
        let change = json!([{"op": "replace", "path": "title", "value": number.to_string()}]);
        assert_eq!(client.operations(&path, change).await.status, 200);
        progress.answered.store(number, Ordering::SeqCst);
    }
}

async fn join_and_leave(client: Client, (group, id): (String, String), progress: Arc<Progress>) {
    let path = format!("/Groups/{group}");
    for number in 1..=CHANGES {
        progress.begun.store(number, Ordering::SeqCst);
        let change = match number % 2 {
            1 => json!([{"op": "add", "path": "members", "value": [{"value": id}]}]),
            _ => json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]),
        };
        assert!(client.operations(&path, change).await.status < 300);
        progress.answered.store(number, Ordering::SeqCst);
    }
}

async fn read_titles(client: Client, id: String, first: u64, progress: Arc<Progress>) {
    let (mut turn, mut newest) = (first, 0);
    while newest < CHANGES {
        let least = progress.answered.load(Ordering::SeqCst).max(newest);
        let shown = read(&client, &id, "mara", turn).await;
        newest = shown["title"].as_str().unwrap().parse().unwrap();
        assert!(newest >= least, "{newest} was read after {least} was answered or read");
        turn += 1;
    }
}

async fn read_groups(client: Client, id: String, first: u64, progress: Arc<Progress>) {
    for turn in first.. {
        let answered = progress.answered.load(Ordering::SeqCst);
        let shown = read(&client, &id, "mara", turn).await;
        // Only while no change was under way is it known what must be seen.
        if progress.begun.load(Ordering::SeqCst) == answered {
            assert_eq!(shown["groups"].is_array(), answered % 2 == 1, "{answered}");
        }
        if answered == CHANGES {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_reads_an_older_title_than_an_answered_change_left() {
    let world = busy().await;
    let client = world.client();
    let id = person(&client, "mara").await;
    let progress = Arc::new(Progress::default());
    let writer = rename(client.clone(), format!("/Users/{id}"), progress.clone());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(writer);
    for reader in 0..3 {
        tasks.spawn(read_titles(client.clone(), id.clone(), reader, progress.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_reads_older_groups_than_an_answered_change_left() {
    let world = busy().await;
    let client = world.client();
    let (id, group) = (person(&client, "mara").await, group(&client).await);
    let progress = Arc::new(Progress::default());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(join_and_leave(client.clone(), (group, id.clone()), progress.clone()));
    for reader in 0..3 {
        tasks.spawn(read_groups(client.clone(), id.clone(), reader, progress.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test]
async fn a_kept_answer_ends_with_its_person() {
    let world = busy().await;
    let client = world.client();
    let id = person(&client, "mara").await;
    for turn in 0..4 {
        assert_eq!(read(&client, &id, "mara", turn).await["id"], id);
    }
    assert_eq!(client.delete(&format!("/Users/{id}")).await.status, 204);
    assert_eq!(client.get(&format!("/Users/{id}")).await.status, 404);
    assert_eq!(client.filter("/Users", "userName eq \"mara\"").await.body["totalResults"], 0);
}

#[tokio::test]
async fn ten01_a_kept_answer_is_for_those_who_may_see_its_person() {
    let world = busy().await;
    let client = world.client();
    let id = person(&client, "mara").await;
    let path = format!("/Users/{id}");
    for turn in 0..4 {
        assert_eq!(read(&client, &id, "mara", turn).await["title"], "0");
    }
    for (stranger, _) in [world.other_connection(1).await, world.other_organization(8).await] {
        assert_eq!(stranger.get(&path).await.status, 404);
        let found = stranger.filter("/Users", "userName eq \"mara\"").await;
        assert_eq!(found.body["totalResults"], 0);
    }
}

#[tokio::test]
async fn att08_a_kept_answer_shows_nothing_that_is_hidden_since() {
    let world = busy().await;
    let client = world.client();
    let id = person(&client, "mara").await;
    let path = format!("/Users/{id}");
    for turn in 0..4 {
        assert_eq!(read(&client, &id, "mara", turn).await["title"], "0");
    }
    assert_eq!(
        client.get(&format!("{path}?excludedAttributes=title")).await.body["title"],
        Value::Null
    );
    world.set("hidden_attributes=title").await;
    for turn in 0..2 {
        assert_eq!(read(&client, &id, "mara", turn).await["title"], Value::Null);
    }
}
