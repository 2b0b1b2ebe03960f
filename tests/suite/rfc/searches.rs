//! Queries in a body: `.search` (RFC 7644 §3.4.3).

use std::io;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::Value;
use serde_json::json;
use tracing_subscriber::fmt;

use super::people::People;
use crate::world::Reply;

/// A search with these parameters.
async fn search(people: &People, endpoint: &str, mut parameters: Value) -> Reply {
    parameters["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
    people.client.post(&format!("{endpoint}/.search"), &parameters).await
}

#[tokio::test]
async fn rfc_sch01_sch07_sch10_sch12_a_search_is_a_query() {
    let people = People::new().await;
    for (endpoint, filter) in [("/Users", "title pr"), ("/Groups", "displayName sw \"ward\"")] {
        let found = search(&people, endpoint, json!({"filter": filter})).await.expect(200);
        assert_eq!(
            found.body["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"])
        );
        assert_eq!(found.body["totalResults"], 2);
        assert_eq!(found.text, people.client.filter(endpoint, filter).await.text);
    }
    assert_eq!(people.client.get("/").await.body["totalResults"], 5);
}

#[tokio::test]
async fn rfc_sch02_the_message_is_named_when_strict() {
    let people = People::new().await;
    let bare = json!({"filter": "title pr"});
    let found = people.client.post("/Users/.search", &bare).await.expect(200);
    assert_eq!(found.body["totalResults"], 2);
    people.world.set("strict=true").await;
    people.client.post("/Users/.search", &bare).await.refused(400, "invalidSyntax");
    search(&people, "/Users", bare).await.expect(200);
}

#[tokio::test]
async fn rfc_sch03_sch04_attributes_are_lists_of_names() {
    let people = People::new().await;
    let filter = "userName sw \"anne\"";
    let only = json!({"filter": filter, "attributes": ["userName", "name.familyName"]});
    let one = search(&people, "/Users", only).await.expect(200).resources().remove(0);
    assert_eq!(one["name"], json!({"familyName": "O'Malley"}));
    assert!(one.get("nickName").is_none() && one.get("title").is_none());
    let without = json!({"filter": filter, "excludedAttributes": ["nickName", "emails"]});
    let one = search(&people, "/Users", without).await.expect(200).resources().remove(0);
    assert!(one.get("nickName").is_none() && one.get("emails").is_none());
    assert_eq!(one["title"], "Nurse");
}

#[tokio::test]
async fn rfc_sch05_sch06_sch11_order_and_page() {
    let people = People::new().await;
    let page = search(&people, "/Users", json!({"count": 1, "startIndex": 2})).await.expect(200);
    assert_eq!(people.names(&page), ["anne"]);
    assert_eq!((&page.body["totalResults"], &page.body["startIndex"]), (&json!(3), &json!(2)));
    let order = json!({"sortBy": "userName", "sortOrder": "descending"});
    assert_eq!(people.names(&search(&people, "/Users", order).await), ["cara", "ben", "anne"]);
    for count in [0, -1] {
        let none = search(&people, "/Users", json!({"count": count})).await.expect(200);
        assert_eq!(none.body["totalResults"], 3);
        assert!(none.body.get("Resources").is_none());
    }
    search(&people, "/Users", json!({"count": "many"})).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn rfc_sch08_sch09_bad_searches_are_told_apart() {
    let people = People::new().await;
    search(&people, "/Users", json!({"filter": "userName eq"})).await.refused(400, "invalidFilter");
    search(&people, "/Users", json!({"filter": 5})).await.refused(400, "invalidFilter");
    for text in ["{", "[]", "\"x\"", "{\"filter\": \"a\",}", ""] {
        let reply = people.client.send("POST", "/Users/.search", &[], Some(text.into())).await;
        reply.refused(400, "invalidSyntax");
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn flt09_both_forms_answer_alike_and_neither_is_logged() {
    let people = People::new().await;
    let log = Log::default();
    let target = log.clone();
    let subscriber = fmt::Subscriber::builder()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || target.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    let filter = "emails.value eq \"anne@work.northvale.example\"";
    let query = people.client.filter("/Users", filter).await.expect(200);
    let found = search(&people, "/Users", json!({"filter": filter})).await.expect(200);
    people.client.filter("/Users", &format!("{filter} and canary pr")).await.expect(400);
    drop(guard);
    assert_eq!(query.text, found.text);
    assert_eq!(query.body["totalResults"], 1);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("answered").count(), 3, "{text}");
    for secret in ["anne", "canary", "emails", "%22"] {
        assert!(!text.contains(secret), "{text}");
    }
}
