//! Retrieving resources (GET).

use serde_json::json;

use super::UNKNOWN;
use super::full;
use super::grouped;
use super::hits;
use super::made;
use super::user;
use crate::world::BASE;
use crate::world::World;

const INES: &str = "ines.quarrie@northvale.example";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

#[tokio::test]
async fn rfc_get01_get03_get10_a_resource_is_read_with_its_defaults_and_place() {
    let world = World::new().await;
    let client = world.client();
    let made = client.post("/Users", &full(INES)).await.expect(201);
    let read = client.get(&format!("/Users/{}", made.id())).await.expect(200);
    assert_eq!(read.text, made.text);
    assert_eq!((&read.body["nickName"], &read.body["userName"]), (&json!("Ina"), &json!(INES)));
    assert_eq!(read.header("location"), format!("{BASE}/Users/{}", made.id()));
    assert_eq!(read.header("etag"), made.header("etag"));
}

#[tokio::test]
async fn rfc_get02_get16_get17_what_is_not_there_is_404() {
    let world = World::new().await;
    let client = world.client();
    let person = made(&client, INES).await;
    let group = grouped(&client, "Ward 7", &[]).await;
    let unknown = format!("/Users/{UNKNOWN}");
    let (crossed, turned) = (format!("/Groups/{person}"), format!("/Users/{group}"));
    for path in
        ["/Users/none", &unknown, &crossed, &turned, "/Nonesuch", "/Nonesuch/1", "/Users/a/b"]
    {
        client.get(path).await.expect(404);
    }
}

#[tokio::test]
async fn rfc_get04_get05_get06_get07_a_query_answers_with_a_list() {
    let world = World::new().await;
    let client = world.client();
    let empty = client.get("/Users").await.expect(200);
    assert_eq!(empty.body["schemas"], json!([LIST]));
    assert_eq!((&empty.body["totalResults"], empty.resources().len()), (&json!(0), 0));
    made(&client, INES).await;
    made(&client, "other@northvale.example").await;
    let one = client.filter("/Users", &format!("userName eq \"{INES}\"")).await.expect(200);
    assert_eq!(one.body["totalResults"], 1);
    assert_eq!(one.body["Resources"].as_array().unwrap().len(), 1);
    let none = client.filter("/Users", "userName eq \"nobody\"").await.expect(200);
    assert_eq!(none.body["schemas"], json!([LIST]));
    assert_eq!((&none.body["totalResults"], none.resources().len()), (&json!(0), 0));
}

#[tokio::test]
async fn rfc_get08_unknown_parameters_are_ignored() {
    let world = World::new().await;
    let client = world.client();
    made(&client, INES).await;
    let reply = client.get("/Users?foo=bar&count=1&_=7&api-version=2").await.expect(200);
    assert_eq!(reply.resources().len(), 1);
}

#[tokio::test]
async fn rfc_get09_paging_is_offered_so_a_large_result_is_cut_not_refused() {
    let world = World::new().await;
    let client = world.client();
    let operations: Vec<_> = (0..120)
        .map(|turn| {
            json!({"method": "POST", "path": "/Users", "bulkId": format!("b{turn}"),
            "data": user(&format!("p{turn}@northvale.example"))})
        })
        .collect();
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": operations});
    client.post("/Bulk", &bulk).await.expect(200);
    let page = client.get("/Users").await.expect(200);
    assert_eq!((&page.body["totalResults"], page.resources().len()), (&json!(120), 100));
    let all = client.get("/Users?count=100000").await.expect(200);
    assert_eq!(all.resources().len(), 120);
}

#[tokio::test]
async fn rfc_get11_a_filter_on_one_resource_never_leads_to_another() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    made(&client, "other@northvale.example").await;
    let reply = client.filter(&format!("/Users/{id}"), "userName sw \"other\"").await;
    assert_eq!(reply.expect(200).id(), id);
}

#[tokio::test]
async fn rfc_get12_odd_ids_do_no_harm() {
    let world = World::new().await;
    let client = world.client();
    made(&client, INES).await;
    let long = "a".repeat(4_096);
    for odd in ["%2e%2e%2f", "%00", "%ff", "..", "%2e%2e", "a%2fb", "%", "%zz", "*", "'", &long] {
        let reply = client.get(&format!("/Users/{odd}")).await;
        assert!((400..500).contains(&reply.status), "{odd}: {}", reply.status);
        assert!(reply.body.get("Resources").is_none() && !reply.text.contains(INES), "{odd}");
    }
    let too_long = client.get(&format!("/Users/{}", "a".repeat(9_000))).await;
    too_long.expect(414);
}

#[tokio::test]
async fn rfc_get13_a_suffix_selects_nothing() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    client.get(&format!("/Users/{id}.scim")).await.expect(404);
    client.get(&format!("/Users/{id}.json")).await.expect(404);
}

#[tokio::test]
async fn rfc_get14_the_deleted_are_in_no_query() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    client.delete(&format!("/Users/{id}")).await.expect(204);
    for filter in
        [format!("userName eq \"{INES}\""), format!("id eq \"{id}\""), "userName pr".into()]
    {
        assert_eq!(hits(&client, "/Users", &filter).await, 0, "{filter}");
    }
}

#[tokio::test]
async fn rfc_get15_an_id_is_read_to_the_letter() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    assert_ne!(id.to_uppercase(), id);
    for other in
        [id.to_uppercase(), id.replace('-', ""), format!("{{{id}}}"), format!("urn:uuid:{id}")]
    {
        client.get(&format!("/Users/{other}")).await.expect(404);
        client.delete(&format!("/Users/{other}")).await.expect(404);
    }
    client.get(&format!("/Users/{id}")).await.expect(200);
}

#[tokio::test]
async fn rfc_prj16_as_of_is_read_by_one_rule_and_changes_nothing() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    let one = format!("/Users/{id}");
    let at = client.get(&one).await.expect(200).body["meta"]["created"].clone();
    let utc = at.as_str().unwrap().trim_end_matches('Z').to_owned();
    for path in [one.as_str(), "/Users"] {
        // An offset whose plus sign was not escaped arrives as a space.
        for offset in ["Z", "%2B00:00", "+00:00", "%2000:00"] {
            client.get(&format!("{path}?asOf={utc}{offset}")).await.expect(200);
        }
        for bad in ["asOf=".to_owned(), "asOf=yesterday".into(), format!("asOf={utc}Z&asOf={utc}Z")]
        {
            client.get(&format!("{path}?{bad}")).await.refused(400, "invalidValue");
        }
        client.get(&format!("{path}?asof=yesterday&as_of=1")).await.expect(200);
    }
    let body = user(INES);
    let patch = json!({"Operations": [{"op": "remove", "path": "title"}]});
    let bulk = json!({"Operations": [{"method": "DELETE", "path": one}]});
    for (method, path, body) in [
        ("POST", "/Users", Some(&body)),
        ("PUT", &one, Some(&body)),
        ("PATCH", &one, Some(&patch)),
        ("DELETE", &one, None),
        ("POST", "/Bulk", Some(&bulk)),
    ] {
        let path = format!("{path}?asOf={utc}Z");
        let refused = client.send(method, &path, &[], body.map(ToString::to_string)).await;
        let refused = refused.refused(400, "invalidValue");
        assert!(refused.body["detail"].as_str().unwrap().contains("asOf"), "{method}");
    }
    client.get(&one).await.expect(200);
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 1);
}
