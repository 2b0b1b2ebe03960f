//! How identity providers look people up (idp-clients 8A, 23 to 35, 77 to 79).

use serde_json::json;

use super::people::ENTERPRISE;
use super::people::People;
use crate::world::World;
use wardgate::service::operate::Command;

#[tokio::test]
async fn idp23_no_hit_is_an_empty_list() {
    let people = People::new().await;
    for filter in ["userName eq \"nobody@northvale.example\"", "externalId eq \"ext-anne\""] {
        let reply = people.client.filter("/Users", filter).await.expect(200);
        assert_eq!(reply.body["totalResults"], 0);
        assert_eq!(reply.body["Resources"], json!([]));
    }
}

#[tokio::test]
async fn idp24_idp25_idp26_letter_case() {
    let people = People::new().await;
    let reply =
        people.client.filter("/Users", "username Eq \"ANNE.ALDER@northvale.example\"").await;
    assert_eq!(reply.resources()[0]["userName"], "Anne.Alder@northvale.example");
    let reply = people.client.filter("/Groups", "DisplayName eq \"ward 7\"").await;
    assert_eq!(reply.resources()[0]["displayName"], "Ward 7");
    assert!(people.found("/Users", "externalId eq \"EXT-ANNE\"").await.is_empty());
    assert_eq!(people.found("/Users", "EXTERNALID EQ \"Ext-Anne\"").await, ["anne"]);
}

#[tokio::test]
async fn idp27_idp28_addresses() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 5] = [
        ("emails[type eq \"work\"].value eq \"Anne@work.northvale.example\"", &["anne"]),
        ("emails[type eq \"work\"].value eq \"anne@home.northvale.example\"", &[]),
        ("emails.value eq \"ben@WORK.northvale.example\"", &["ben"]),
        ("email.value eq \"ben@work.northvale.example\"", &["ben"]),
        ("emails[type eq \"work\"].value sw \"ben\"", &["ben"]),
    ];
    people.check(&rows).await;
    people.world.set("strict=true").await;
    let alias = people.client.filter("/Users", "email.value eq \"x\"").await;
    alias.refused(400, "invalidFilter");
}

#[tokio::test]
async fn idp29_an_unquoted_literal_is_text_and_counted() {
    let people = People::new().await;
    for (filter, name) in [
        ("userName eq ben.birch@northvale.example", "ben"),
        ("externalId eq 4471", "ben"),
        ("externalId eq Ext-Anne", "anne"),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq 4471",
            "anne",
        ),
    ] {
        assert_eq!(people.found_once("/Users", filter).await, [name], "{filter}");
    }
    let both = "externalId eq 4471 and active eq false";
    assert_eq!(people.found("/Users", both).await, ["ben"]);
    let connection = people.world.connection.clone();
    let shown = people.world.run(Command::ConnectionShow { connection }).await;
    assert!(shown.to_string().contains("unquoted-literal"), "{shown}");
}

#[tokio::test]
async fn idp30_literals_hold_what_names_hold() {
    let mut people = People::new().await;
    let name = "Se\u{e1}n \u{d3} Briain, \"the O'Malley\" \\ \u{65e5}\u{672c}";
    let body =
        json!({"userName": "sean@northvale.example", "displayName": name, "externalId": name});
    people.add("sean", "/Users", body).await;
    for attribute in ["displayName", "externalId"] {
        let filter = format!("{attribute} eq {}", json!(name));
        assert_eq!(people.found("/Users", &filter).await, ["sean"]);
    }
    let escaped = "displayName sw \"Se\\u00e1n\"";
    assert_eq!(people.found("/Users", escaped).await, ["sean"]);
}

#[tokio::test]
async fn idp31_entra_asks_whether_a_reference_is_there() {
    let people = People::new().await;
    for (endpoint, filter, expected) in [
        ("/Groups", "id eq \"{ward7}\" and members eq \"{anne}\"", 1),
        ("/Groups", "id eq \"{ward7}\" and members eq \"{cara}\"", 0),
        ("/Users", "id eq \"{anne}\" and manager eq \"{ben}\"", 1),
        ("/Users", "id eq \"{ben}\" and manager eq \"{anne}\"", 0),
        ("/Users", "manager.value eq \"{ben}\"", 1),
        ("/Users", "manager[value eq \"{ben}\"]", 1),
    ] {
        let filter = crate::world::encode(&people.spelled(filter));
        let path = format!("{endpoint}?filter={filter}&attributes=id");
        let reply = people.client.get(&path).await.expect(200);
        assert_eq!(reply.body["totalResults"], expected, "{filter}");
        for one in reply.resources() {
            let keys: Vec<_> = one.as_object().unwrap().keys().collect();
            assert!(keys.iter().all(|key| ["id", "schemas"].contains(&key.as_str())), "{keys:?}");
        }
    }
}

#[tokio::test]
async fn idp32_idp33_extensions_and_beginnings() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 8] = [
        (&format!("{ENTERPRISE}:department eq \"Oncology\""), &["anne"]),
        (&format!("{ENTERPRISE}:employeeNumber sw \"44\""), &["anne"]),
        ("employeeNumber eq \"4471\"", &["anne"]),
        ("userName sw \"ben\"", &["ben"]),
        ("userName co \"BIRCH\"", &["ben"]),
        ("displayName sw \"anne\"", &["anne"]),
        ("displayName co \"alder\"", &["anne"]),
        ("emails.value co \"home\"", &["anne"]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn idp34_idp35_wrong_filters_and_booleans_in_words() {
    let people = People::new().await;
    for filter in ["employeeType eq \"x\"", "userName equals \"x\"", "active eq \"yes\""] {
        people.client.filter("/Users", filter).await.refused(400, "invalidFilter");
    }
    for literal in ["\"True\"", "\"true\"", "true", "True", "\"TRUE\""] {
        let filter = format!("active eq {literal}");
        assert_eq!(people.found_once("/Users", &filter).await, ["anne", "cara"], "{literal}");
        let joined = format!("userName sw \"anne\" and active eq {literal}");
        assert_eq!(people.found_once("/Users", &joined).await, ["anne"], "{literal}");
    }
}

/// authentik and others go on from what they have seen, without a count.
#[tokio::test]
async fn idp78_without_a_count_the_walk_goes_on_from_what_was_seen() {
    let world = World::new().await;
    let client = world.client();
    for turn in 0..230 {
        client
            .post("/Users", &json!({"userName": format!("u{turn}@northvale.example")}))
            .await
            .expect(201);
    }
    let mut seen = std::collections::BTreeSet::new();
    for expected in [100, 100, 30, 0] {
        let path = format!("/Users?startIndex={}", seen.len() + 1);
        let page = client.get(&path).await.expect(200);
        assert_eq!(page.body["totalResults"], 230);
        assert_eq!(page.resources().len(), expected);
        seen.extend(page.resources().iter().map(|it| it["id"].to_string()));
    }
    assert_eq!(seen.len(), 230);
}
