//! What the log tells, and what it never tells (security.md LOG-01, LOG-02, FLT-09).

use std::io::Write;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;

use serde_json::Value;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;
use wardgate::config::file::Format;
use wardgate::config::file::Level;
use wardgate::config::file::Log;

use crate::world::Client;
use crate::world::World;
use crate::world::encode;

/// What was written to the log.
#[derive(Clone, Default)]
pub struct Paper(Arc<Mutex<Vec<u8>>>);

/// A second subscriber that nobody listens to. With a single one, a line that another thread writes
/// first is silent for ever, since only that thread's subscriber is asked about it.
static SECOND: LazyLock<tracing::Dispatch> =
    LazyLock::new(|| tracing::Dispatch::new(tracing_subscriber::registry()));

impl Paper {
    /// Takes the log of this thread until the guard is dropped.
    pub fn hung(&self, format: Format, level: Level) -> tracing::subscriber::DefaultGuard {
        LazyLock::force(&SECOND);
        let lines = wardgate::app::log::lines(&Log { level, format }, self.clone());
        tracing::subscriber::set_default(lines)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Paper {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Requests that hold `canary` wherever a caller can put something.
async fn everything(client: &Client, canary: &str) {
    let user = json!({
        "userName": format!("{canary}@northvale.example"), "displayName": canary,
        "password": canary, canary: canary,
        "emails": [{"value": format!("{canary}@northvale.example")}],
    });
    let made = client.post("/Users", &user).await.expect(201);
    let path = format!("/Users/{}", made.id());
    client.post("/Users", &user).await.expect(409);
    client.put(&path, &user).await.expect(200);
    client.filter("/Users", &format!("userName eq \"{canary}\"")).await.expect(200);
    client.filter("/Users", &format!("{canary} eq 1")).await.expect(400);
    client.get(&format!("/Users?sortBy={canary}")).await.expect(400);
    client.get(&format!("/Users?cursor={canary}")).await.expect(400);
    client.get(&format!("/{canary}")).await.expect(404);
    client.get(&format!("/Users/{canary}")).await.expect(404);
    let search = json!({"filter": format!("displayName eq \"{canary}\"")});
    client.post("/Users/.search", &search).await.expect(200);
    let patch = json!([{"op": "replace", "path": canary, "value": canary}]);
    client.operations(&path, patch).await.expect(400);
    client.send("POST", "/Users", &[], Some(format!("{{\"{canary}"))).await.expect(400);
    client.send("GET", "/Users", &[("user-agent", canary), ("cookie", canary)], None).await;
    client.send(canary, "/Users", &[], None).await.expect(405);
    let token = format!("Bearer {canary}");
    client.send("GET", "/Users", &[("authorization", &token)], None).await.expect(401);
    client.get(&format!("/Users?access_token={canary}")).await.expect(401);
    let bulk = json!({"Operations": [
        {"method": "POST", "path": "/Users", "bulkId": canary, "data": user},
        {"method": "DELETE", "path": format!("/Users/{canary}")},
        {"method": canary, "path": canary},
    ]});
    client.post("/Bulk", &bulk).await.expect(200);
    client.delete(&path).await.expect(204);
}

#[tokio::test]
async fn log01_flt09_no_secret_name_or_value_is_logged() {
    let world = World::new().await;
    let client = world.client();
    let canary = "canary7f3a";
    for (format, level) in [(Format::Json, Level::Debug), (Format::Text, Level::Debug)] {
        let paper = Paper::default();
        let guard = paper.hung(format, level);
        everything(&client, canary).await;
        drop(guard);
        let text = paper.text();
        assert!(text.lines().count() >= 18, "{text}");
        assert!(text.contains("POST /{type}") || text.contains("route"), "{text}");
        for secret in [canary, world.token(), "northvale", "127.0.0.1", "filter="] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[tokio::test]
async fn log01_other_outputs_hold_no_secret_either() {
    let world = World::new().await;
    let client = world.client();
    everything(&client, "canary7f3a").await;
    let events = format!("{:?}", world.events(1).await);
    let metrics = world.gateway.metrics().text();
    for output in [&events, &metrics] {
        assert!(!output.contains(world.token()));
        assert!(!output.contains("canary7f3a@"), "{output}");
    }
    assert!(!metrics.contains("canary"), "{metrics}");
    let shown = format!("{:?} {:?}", world.ports, world.gateway);
    assert!(!shown.contains(world.token()));
}

#[tokio::test]
async fn log02_every_request_is_one_line_of_json() {
    let world = World::new().await;
    let client = world.client();
    let paper = Paper::default();
    let guard = paper.hung(Format::Json, Level::Info);
    let odd = "a\r\nb\u{1b}[31m\u{2028}c";
    let agent = [("user-agent", "x\u{1b}[31m\ty")];
    let mut replies = vec![
        client.post("/Users", &json!({"userName": odd})).await.expect(400),
        client.post("/Users", &json!({"userName": "x".repeat(1 << 20)})).await.expect(400),
        client.get(&format!("/Users/{}", encode(odd))).await.expect(404),
        client.filter("/Users", &format!("displayName eq {}", json!(odd))).await.expect(200),
    ];
    if let Ok(agent) = hyper::header::HeaderValue::from_str(agent[0].1) {
        let agent = [("user-agent", agent.to_str().unwrap_or("plain"))];
        replies.push(client.send("GET", "/Users", &agent, None).await.expect(200));
    }
    drop(guard);
    let text = paper.text();
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(lines.len(), replies.len(), "{text}");
    for (line, reply) in lines.iter().zip(&replies) {
        assert_eq!(line["request"], reply.header("x-request-id"));
        assert_eq!(line["status"], reply.status);
        assert_eq!(line["connection"], world.connection);
        assert!(line["route"].is_string() && line["method"].is_string() && line["micros"].is_u64());
        assert!(line.to_string().len() < 1_024);
    }
}

#[test]
fn log02_control_characters_are_escaped_in_both_forms() {
    for format in [Format::Json, Format::Text] {
        let paper = Paper::default();
        let guard = paper.hung(format, Level::Info);
        let cause = "torn\r\n{\"level\":\"INFO\"}\u{1b}[31m\u{7}";
        tracing::error!(target: "wardgate::fault", cause, "a request failed by our fault");
        drop(guard);
        let text = paper.text();
        assert!(text.contains("torn"), "{text}");
        assert_eq!(text.lines().count(), 1, "{text:?}");
        let body = text.strip_suffix('\n').unwrap();
        assert!(!body.chars().any(char::is_control), "{text:?}");
    }
}

/// Guards the guard: at this level libraries are silent.
#[test]
fn log01_libraries_are_heard_from_warnings_on() {
    let paper = Paper::default();
    let guard = paper.hung(Format::Text, Level::Debug);
    tracing::debug!(target: "hyper::proto", "authorization: canary");
    tracing::info!(target: "rustls", "canary");
    tracing::warn!(target: "rustls", "heard");
    tracing::debug!(target: "wardgate::http", "ours");
    drop(guard);
    let text = paper.text();
    assert!(text.contains("heard") && text.contains("ours") && !text.contains("canary"), "{text}");
}
