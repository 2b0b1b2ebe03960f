//! What was searched for stays between the caller and us (security.md FLT-09).

use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::json;

use crate::world::World;
use crate::world::encode;

const CANARY: &str = "canary-7b2e@northvale.example";

/// A log that can be read back.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn flt09_a_search_by_body_equals_a_query_and_neither_is_logged() {
    let sink = Sink::default();
    let writer = sink.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::new().await;
    let client = world.client();
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
    client.send("POST", "/Users", &[], Some(format!("{{\"userName\":\"{CANARY}"))).await.expect(400);
    client.get(&format!("/Users/{}", encode(CANARY))).await.expect(404);
    client.send("PATCH", &format!("/Users/{id}"), &[("if-match", CANARY)], None).await.expect(400);
    let log = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("answered"), "{log}");
    assert!(!log.contains("canary-7b2e"), "{log}");
}
