//! Queries over all resource types (RFC 7644 §3.4.2.1).

use serde_json::json;

use super::people::People;
use crate::world::World;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;

#[tokio::test]
async fn rfc_root01_root02_a_root_query_finds_every_type_or_the_one_it_names() {
    let people = People::new().await;
    for (filter, expected) in [
        ("id eq \"{anne}\" or id eq \"{ward7}\"", vec!["anne", "ward7"]),
        (
            "meta.resourceType eq \"Group\" and (id eq \"{anne}\" or id eq \"{ward7}\")",
            vec!["ward7"],
        ),
        ("meta.resourceType eq \"Group\"", vec!["ward7", "ward8"]),
        ("meta.resourceType eq \"User\" and title pr", vec!["anne", "cara"]),
        ("meta.resourceType eq \"Device\"", vec![]),
        ("meta.resourceType ne \"User\"", vec!["ward7", "ward8"]),
        ("externalId eq \"W-8\" or externalId eq \"4471\"", vec!["ben", "ward8"]),
        ("displayName sw \"ward\" or displayName sw \"anne\"", vec!["anne", "ward7", "ward8"]),
    ] {
        assert_eq!(people.found("/", filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn rfc_root03_root04_what_a_type_lacks_has_no_value_there() {
    let people = People::new().await;
    for (filter, expected) in [
        ("userName pr and id eq \"{ward7}\"", vec![]),
        ("userName eq \"x\" or displayName eq \"ward 7\"", vec!["ward7"]),
        (
            "members.value eq \"{anne}\" or userName eq \"ben.birch@northvale.example\"",
            vec!["ben", "ward7"],
        ),
        ("members pr or title eq \"Nurse\"", vec!["anne", "ward7", "ward8"]),
        ("emails[type eq \"home\"] or externalId eq \"W-8\"", vec!["anne", "ward8"]),
        ("title eq null and meta.resourceType eq \"Group\"", vec!["ward7", "ward8"]),
        ("userName ne \"x\" and displayName sw \"ward\"", vec!["ward7", "ward8"]),
        ("not (userName pr)", vec!["ward7", "ward8"]),
    ] {
        assert_eq!(people.found("/", filter).await, expected, "{filter}");
    }
    people.client.filter("/", "nobody eq \"x\"").await.refused(400, "invalidFilter");
}

#[tokio::test]
async fn rfc_root05_too_many_to_read_is_said() {
    let settings = Settings { search_rows: 4, ..Settings::default() };
    let catalogue = Catalogue::built_in().unwrap();
    let world = World::with(catalogue, settings, Limits::default()).await;
    let people = People::inside(world).await;
    people.client.filter("/", "displayName co \"a\"").await.refused(400, "tooMany");
    let page = people.client.get("/?count=2").await.expect(200);
    assert_eq!(page.body["totalResults"], 5);
    assert_eq!(people.names(&page), ["ben", "anne"]);
}

#[tokio::test]
async fn rfc_root06_sch10_the_root_has_a_search_too() {
    let people = People::new().await;
    let filter = "displayName sw \"ward\" or title pr";
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter
    });
    let search = people.client.post("/.search", &body).await.expect(200);
    assert_eq!(search.text, people.client.filter("/", filter).await.expect(200).text);
    assert_eq!(search.body["totalResults"], 4);
}

#[tokio::test]
async fn rfc_root07_root08_sorting_and_paging_go_over_all_types() {
    let people = People::new().await;
    let sorted = people.client.get("/?sortBy=userName").await;
    assert_eq!(people.names(&sorted), ["anne", "ben", "cara", "ward7", "ward8"]);
    let sorted = people.client.get("/?sortBy=userName&sortOrder=descending").await;
    assert_eq!(people.names(&sorted), ["ward8", "ward7", "cara", "ben", "anne"]);
    let sorted = people.client.get("/?sortBy=displayName").await;
    assert_eq!(people.names(&sorted), ["anne", "ben", "cara", "ward7", "ward8"]);
    let sorted = people.client.get("/?sortBy=meta.created&sortOrder=descending").await;
    assert_eq!(people.names(&sorted), ["ward8", "ward7", "cara", "anne", "ben"]);
    let other = "/?sortBy=members.value&filter=meta.resourceType%20eq%20%22User%22";
    assert_eq!(people.client.get(other).await.status, 400);
    let sorted = people.client.get("/?sortBy=userName&filter=members%20pr").await;
    assert_eq!(people.names(&sorted), ["ward7", "ward8"]);
    let mut seen = Vec::new();
    for start in 1..=5 {
        let page = people.client.get(&format!("/?startIndex={start}&count=1")).await.expect(200);
        assert_eq!(page.body["totalResults"], 5);
        seen.extend(people.names(&page));
    }
    seen.sort_unstable();
    assert_eq!(seen, ["anne", "ben", "cara", "ward7", "ward8"]);
}

#[tokio::test]
async fn rfc_root09_discovery_is_not_found_at_the_root() {
    let people = People::new().await;
    let reply = people.client.get("/").await.expect(200);
    assert_eq!(reply.body["totalResults"], 5);
    for one in reply.resources() {
        let kind = one["meta"]["resourceType"].as_str().unwrap();
        assert!(kind == "User" || kind == "Group", "{kind}");
    }
}
