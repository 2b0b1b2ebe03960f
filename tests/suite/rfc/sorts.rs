//! Sorting (RFC 7644 §3.4.2.3).

use serde_json::json;

use super::people::People;
use super::people::USER;
use crate::world::World;

async fn order(people: &People, query: &str) -> Vec<&'static str> {
    people.names(&people.client.get(&format!("/Users?{query}")).await)
}

#[tokio::test]
async fn rfc_srt01_srt02_srt05_texts_sort_without_regard_to_case() {
    let mut people = People::new().await;
    people.add("bert", "/Users", json!({"userName": "BEN.A@northvale.example"})).await;
    for query in ["sortBy=userName", "sortBy=userName&sortOrder=ascending"] {
        assert_eq!(order(&people, query).await, ["anne", "bert", "ben", "cara"]);
    }
    let reverse = order(&people, "sortBy=userName&sortOrder=Descending").await;
    assert_eq!(reverse, ["cara", "ben", "bert", "anne"]);
}

#[tokio::test]
async fn rfc_srt03_srt04_what_has_no_value_comes_last_and_reversed_first() {
    let people = People::new().await;
    assert_eq!(order(&people, "sortBy=nickName").await, ["cara", "anne", "ben"]);
    assert_eq!(
        order(&people, "sortBy=nickName&sortOrder=descending").await,
        ["ben", "anne", "cara"]
    );
    // The same by an index.
    assert_eq!(order(&people, "sortBy=externalId").await, ["ben", "anne", "cara"]);
    assert_eq!(
        order(&people, "sortBy=externalId&sortOrder=descending").await,
        ["cara", "anne", "ben"]
    );
    assert_eq!(order(&people, "sortBy=active").await, ["ben", "anne", "cara"]);
}

#[tokio::test]
async fn rfc_srt06_case_exact_texts_sort_by_case() {
    let mut people = People::new().await;
    for (name, external) in [("dora", "a"), ("eric", "B")] {
        let body = json!({"userName": format!("{name}@northvale.example"), "externalId": external});
        people.add(name, "/Users", body).await;
    }
    assert_eq!(order(&people, "sortBy=externalId").await, ["ben", "eric", "anne", "dora", "cara"]);
}

#[tokio::test]
async fn rfc_srt07_srt08_parts_and_primary_values() {
    let mut people = People::new().await;
    people.add("dora", "/Users", json!({
        "userName": "dora@northvale.example", "name": {"familyName": "Abel"},
        "emails": [{"value": "zz@northvale.example"}, {"value": "aa@northvale.example", "primary": true}]
    })).await;
    assert_eq!(order(&people, "sortBy=name.familyName").await, ["dora", "anne", "ben", "cara"]);
    for path in ["emails.value", "emails"] {
        let order = order(&people, &format!("sortBy={path}")).await;
        assert_eq!(order, ["dora", "anne", "ben", "cara"], "{path}");
    }
    people.client.get("/Users?sortBy=name").await.refused(400, "invalidPath");
}

#[tokio::test]
async fn rfc_srt09_moments_and_numbers_sort_by_size() {
    let people = People::new().await;
    let anne = format!("/Users/{}", people.id("ben"));
    people.world.clock.advance(std::time::Duration::from_secs(1));
    let rename = json!([{"op": "replace", "path": "title", "value": "Porter"}]);
    people.client.operations(&anne, rename).await.expect(200);
    assert_eq!(order(&people, "sortBy=meta.created").await, ["ben", "anne", "cara"]);
    assert_eq!(order(&people, "sortBy=meta.lastModified").await, ["anne", "cara", "ben"]);
    let world = World::with_custom_types().await;
    for (serial, count) in [("a", 9), ("b", 10), ("c", -5)] {
        let device = json!({"serial": serial, "count": count, "plainCount": count});
        world.client().post("/Devices", &device).await.expect(201);
    }
    for path in ["count", "plainCount"] {
        let reply = world.client().get(&format!("/Devices?sortBy={path}")).await.expect(200);
        let serials: Vec<_> = reply.resources().iter().map(|it| it["serial"].clone()).collect();
        assert_eq!(serials, ["c", "a", "b"], "{path}");
    }
}

#[tokio::test]
async fn rfc_srt10_srt13_unknown_orders_and_names_are_refused() {
    let people = People::new().await;
    people
        .client
        .get("/Users?sortBy=userName&sortOrder=sideways")
        .await
        .refused(400, "invalidValue");
    for path in ["noSuch", "password", "name.noSuch", "urn:example:userName", "userName%20desc"] {
        people.client.get(&format!("/Users?sortBy={path}")).await.refused(400, "invalidPath");
    }
}

#[tokio::test]
async fn rfc_srt11_srt12_srt14_names_in_every_spelling_and_pages_of_the_order() {
    let people = People::new().await;
    for path in [
        "USERNAME".to_owned(),
        format!("{USER}:userName"),
        format!("{}:username", USER.to_uppercase()),
    ] {
        assert_eq!(
            order(&people, &format!("sortBy={path}")).await,
            ["anne", "ben", "cara"],
            "{path}"
        );
    }
    for (start, name) in [(2, "ben"), (3, "cara"), (1, "anne")] {
        let page = order(&people, &format!("sortBy=userName&startIndex={start}&count=1")).await;
        assert_eq!(page, [name]);
    }
    let filtered = order(&people, "sortBy=userName&sortOrder=descending&filter=title%20pr").await;
    assert_eq!(filtered, ["cara", "anne"]);
    let told = people.client.get("/ServiceProviderConfig").await.expect(200);
    assert_eq!(told.body["sort"]["supported"], true);
}
