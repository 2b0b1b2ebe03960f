//! What was searched for stays between the caller and us (security.md FLT-09).

use std::cell::RefCell;
use std::io::Write;

use serde_json::json;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt;

use crate::world::World;
use crate::world::encode;

const CANARY: &str = "canary-7b2e@northvale.example";

thread_local! {
    /// What this thread logged; nothing is kept before somebody listens.
    static HEARD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// A log for the thread that listens.
struct Ear;

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(|log| log.extend(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens to everything that this thread logs from now on. The subscriber is the process's: one
/// of a thread alone misses lines that other threads logged first.
fn listen() {
    let heard = dynamic_filter_fn(|_, _| HEARD.with_borrow(Option::is_some));
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Ear);
    let all = tracing_subscriber::registry().with(lines.with_filter(heard));
    tracing::subscriber::set_global_default(all).unwrap();
    HEARD.set(Some(Vec::new()));
}

#[tokio::test]
async fn flt09_a_search_by_body_equals_a_query_and_neither_is_logged() {
    let world = World::new().await;
    let client = world.client();
    listen();
    let user = json!({"userName": "ines", "emails": [{"value": CANARY}], "title": CANARY});
    let id = client.post("/Users", &user).await.expect(201).id();
    client.post("/Users", &json!({"userName": "other"})).await.expect(201);
    for filter in [
        format!("emails.value eq \"{CANARY}\""),
        format!("title co \"{CANARY}\""),
        format!("title eq \"{CANARY}\" and not (active eq false)"),
    ] {
        let query = format!("/Users?sortBy=userName&count=10&filter={}", encode(&filter));
        let by_query = client.get(&query).await.expect(200);
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": filter, "sortBy": "userName", "count": 10,
        });
        let by_body = client.post("/Users/.search", &body).await.expect(200);
        assert_eq!(by_query.text, by_body.text);
        assert_eq!(by_query.body["totalResults"], 1);
    }
    let broken = format!("emails.value eq \"{CANARY}");
    client.filter("/Users", &broken).await.refused(400, "invalidFilter");
    client
        .send("POST", "/Users", &[], Some(format!("{{\"userName\":\"{CANARY}")))
        .await
        .expect(400);
    client.get(&format!("/Users/{}", encode(CANARY))).await.expect(404);
    client.send("PATCH", &format!("/Users/{id}"), &[("if-match", CANARY)], None).await.expect(400);
    let log = String::from_utf8(HEARD.take().unwrap()).unwrap();
    assert!(log.contains("answered"), "{log}");
    assert!(!log.contains("canary-7b2e"), "{log}");
}
