//! Filters that are refused, and that never answer with everyone instead.

use serde_json::json;

use super::people::People;
use crate::world::encode;

/// Refused as a query and as a search, with words of our own, and nothing of the caller's.
async fn refused(people: &People, filter: &str) {
    let reply = people.client.filter("/Users", filter).await;
    let detail = reply.body["detail"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (reply.status, reply.scim_type()),
        (400, "invalidFilter"),
        "{filter}: {}",
        reply.text
    );
    assert!(!detail.is_empty(), "{filter}");
    assert!(!detail.contains("canary"), "{detail}");
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter
    });
    people.client.post("/Users/.search", &body).await.refused(400, "invalidFilter");
}

#[tokio::test]
async fn rfc_flt24_flt25_flt26_operators_that_do_not_fit_the_type() {
    let people = People::new().await;
    for op in ["gt", "ge", "lt", "le"] {
        refused(&people, &format!("active {op} true")).await;
        refused(&people, &format!("x509Certificates.value {op} \"TUlJQw==\"")).await;
    }
    for op in ["co", "sw", "ew"] {
        refused(&people, &format!("active {op} \"t\"")).await;
        refused(&people, &format!("meta.created {op} \"2026\"")).await;
    }
    refused(&people, "name eq \"Anne\"").await;
    refused(&people, "userName gt null").await;
}

#[tokio::test]
async fn rfc_flt28_literals_of_the_wrong_type() {
    let people = People::new().await;
    for filter in [
        "active eq \"maybe\"",
        "active eq 1",
        "meta.created gt \"canary\"",
        "meta.created gt \"2026-13-01T00:00:00Z\"",
        "meta.created gt \"2026-01-01T00:00:00+99:00\"",
        "meta.created gt \"2026-01-01\"",
        "meta.created gt 5",
        "meta.created gt true",
        "active gt null",
    ] {
        refused(&people, filter).await;
    }
}

#[tokio::test]
async fn flt07_numbers_at_the_edge_have_no_hits_and_do_no_harm() {
    let world = crate::world::World::with_custom_types().await;
    let client = world.client();
    let device = json!({"serial": "a", "count": 1, "weight": 1.5});
    client.post("/Devices", &device).await.expect(201);
    for literal in ["1e400", "-1e400", "1234567890123456789012345678901234567890", "1e-400"] {
        for name in ["count", "plainCount", "weight"] {
            let reply = client.filter("/Devices", &format!("{name} eq {literal}")).await;
            match reply.status {
                200 => assert_eq!(reply.body["totalResults"], 0, "{name} {literal}"),
                _ => drop(reply.refused(400, "invalidFilter")),
            }
        }
    }
    for filter in ["count eq null", "count gt true", "count sw 1", "weight eq \"x\""] {
        let reply = client.filter("/Devices", filter).await;
        assert!(reply.status == 400 || reply.body["totalResults"] == 0, "{filter} {}", reply.text);
    }
}

#[tokio::test]
async fn rfc_flt53_flt54_flt55_flt56_flt57_flt59_flt60_flt61_flt62_flt65_grammar() {
    let people = People::new().await;
    for filter in [
        "userName regex \"canary\"",
        "userName eq",
        "userName",
        "userName eq canary and title pr",
        "userName eq canary bird",
        "(userName eq \"a\"",
        "userName eq \"a\")",
        "emails[type eq \"work\"",
        "emails type eq \"work\"]",
        "userName eq \"a\" and",
        "and userName eq \"a\"",
        "userName eq \"a\" \"b\"",
        "userName eq \"a\" userName eq \"b\"",
        "userName eq \"canary",
        "userName eq \"a\\x\"",
        "1name eq \"a\"",
        ".userName eq \"a\"",
        "userName. eq \"a\"",
        "name.familyName.x eq \"a\"",
        "userName pr \"a\"",
        "not userName pr",
        "emails[type eq \"work\"]value eq \"a\"",
        "emails[emails[value pr]]",
        "userName == \"a\"",
        "\"userName\" eq \"a\"",
        "true",
        "()",
    ] {
        refused(&people, filter).await;
    }
}

/// decisions.md: one unquoted word at the end is text, unless the connection is strict.
#[tokio::test]
async fn rfc_flt55_an_unquoted_text_is_refused_when_strict() {
    let people = People::new().await;
    assert_eq!(people.found_once("/Users", "externalId eq Ext-Anne").await, ["anne"]);
    people.world.set("strict=true").await;
    refused(&people, "userName eq bob").await;
    refused(&people, "externalId eq 4471").await;
    refused(&people, "active eq \"True\"").await;
}

#[tokio::test]
async fn rfc_flt63_an_undefined_attribute_is_refused_at_an_endpoint_of_one_type() {
    let people = People::new().await;
    for filter in [
        "canary eq \"x\"",
        "canary pr",
        "canary ne \"x\"",
        "name.canary eq \"x\"",
        "emails[canary eq \"x\"]",
        "urn:example:canary:userName eq \"x\"",
        "members.value eq \"x\"",
        "title pr or canary pr",
        "password pr",
        "password sw \"a\"",
    ] {
        refused(&people, filter).await;
    }
}

#[tokio::test]
async fn rfc_flt58_an_empty_filter_is_refused_at_every_endpoint() {
    let people = People::new().await;
    let good = encode("userName pr");
    for query in [
        "filter".to_owned(),
        "filter=".to_owned(),
        "filter=%20".to_owned(),
        format!("filter={good}&filter={good}"),
        "filter=true".to_owned(),
        format!("filter={good}%20and"),
        "filter=canary%20pr".to_owned(),
    ] {
        for endpoint in ["/Users", "/Groups", "/"] {
            let reply = people.client.get(&format!("{endpoint}?{query}")).await;
            reply.refused(400, "invalidFilter");
        }
    }
    // The name of the parameter is exact: what is not ours is passed over, and no filter.
    let all = people.client.get("/Users?Filter=canary").await.expect(200);
    assert_eq!(all.body["totalResults"], 3);
}

#[tokio::test]
async fn flt05_a_bad_filter_never_answers_with_everyone() {
    let people = People::new().await;
    for filter in ["", "   ", "true", "userName pr and", "nobody pr", "userName eq \"a\" or"] {
        refused(&people, filter).await;
    }
}

#[tokio::test]
async fn rfc_flt67_long_and_deep_filters_are_answered() {
    let people = People::new().await;
    let deep = format!("{}title pr{}", "(".repeat(200), ")".repeat(200));
    refused(&people, &deep).await;
    let fits = format!("{}title pr{}", "(".repeat(20), ")".repeat(20));
    assert_eq!(people.found_once("/Users", &fits).await.len(), 2);
    let long = format!("userName eq \"{}\"", "x".repeat(64 * 1_024));
    people.client.filter("/Users", &long[..9_000]).await.expect(414);
    let body =
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": long});
    people.client.post("/Users/.search", &body).await.refused(400, "invalidFilter");
    let many = vec!["title pr"; 64].join(" or ");
    assert_eq!(people.found_once("/Users", &many).await.len(), 2);
    refused(&people, &vec!["title pr"; 65].join(" or ")).await;
}

/// FLT-72: no query is judged confidential here, so `sensitive` never comes; a long or delicate
/// filter may always travel in a body instead, with the same answer.
#[tokio::test]
async fn rfc_flt72_flt73_filtering_is_announced_and_never_ignored() {
    let people = People::new().await;
    let told = people.client.get("/ServiceProviderConfig").await.expect(200);
    assert_eq!(told.body["filter"]["supported"], true);
    let filter = "emails.value eq \"anne@work.northvale.example\"";
    let query = people.client.filter("/Users", filter).await.expect(200);
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter
    });
    let search = people.client.post("/Users/.search", &body).await.expect(200);
    assert_eq!(query.text, search.text);
    assert_eq!(people.names(&query), ["anne"]);
}
