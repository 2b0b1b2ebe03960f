//! Filters that match (RFC 7644 §3.4.2.2).

use std::time::Duration;

use serde_json::json;

use super::people::ENTERPRISE;
use super::people::People;
use crate::world::World;

const ALL: [&str; 3] = ["anne", "ben", "cara"];

#[tokio::test]
async fn rfc_flt01_flt02_flt03_flt04_flt05_equality_follows_case_exact() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 9] = [
        ("userName eq \"anne.alder@northvale.example\"", &["anne"]),
        ("userName eq \"ANNE.ALDER@NORTHVALE.EXAMPLE\"", &["anne"]),
        ("userName eq \"anne.alder@northvale\"", &[]),
        ("externalId eq \"Ext-Anne\"", &["anne"]),
        ("externalId eq \"ext-anne\"", &[]),
        ("USERNAME Eq \"anne.alder@northvale.example\"", &["anne"]),
        ("username EQ \"anne.alder@northvale.example\"", &["anne"]),
        ("displayName eq \"BEN BIRCH\"", &["ben"]),
        ("title eq \"nurse\"", &["anne"]),
    ];
    people.check(&rows).await;
    let upper = people.id("anne").to_uppercase();
    assert!(people.found("/Users", &format!("id eq \"{upper}\"")).await.is_empty());
}

#[tokio::test]
async fn rfc_flt06_flt07_not_equal_holds_for_what_is_unassigned() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 4] = [
        ("userName ne \"ben.birch@northvale.example\"", &["anne", "cara"]),
        ("title ne \"Nurse\"", &["ben", "cara"]),
        ("externalId ne \"Ext-Anne\"", &["ben", "cara"]),
        ("emails.value ne \"ben@work.northvale.example\"", &["anne", "cara"]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt08_flt09_flt10_flt11_flt12_parts_of_texts_are_literal() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 18] = [
        ("nickName co \"idg\"", &["anne"]),
        ("nickName sw \"Mid\"", &["anne"]),
        ("nickName sw \"Midge\"", &["anne"]),
        ("nickName ew \"dge\"", &["anne"]),
        ("nickName ew \"Midge\"", &["anne"]),
        ("nickName sw \"MID\"", &["anne"]),
        ("userName sw \"ANNE\"", &["anne"]),
        ("externalId sw \"ext\"", &[]),
        ("externalId sw \"Ext\"", &["anne"]),
        ("externalId co \"t-a\"", &[]),
        ("userName co \"a.c\"", &[]),
        ("userName co \"_\"", &["cara"]),
        ("userName co \"%\"", &["cara"]),
        ("userName co \"*\"", &["cara"]),
        ("userName sw \"%\"", &[]),
        ("userName sw \"cara_cedar%\"", &["cara"]),
        ("userName sw \".*\"", &[]),
        ("displayName ew \"birch\"", &["ben"]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt13_flt14_flt15_flt16_presence_is_not_truth() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 10] = [
        ("title pr", &["anne", "cara"]),
        ("name pr", &["anne"]),
        ("emails pr", &["anne", "ben"]),
        ("emails.value pr", &["anne", "ben"]),
        ("active pr", &ALL),
        ("externalId pr", &["anne", "ben"]),
        ("id pr", &ALL),
        ("meta.created pr", &ALL),
        (&format!("{ENTERPRISE} pr"), &["anne"]),
        (&format!("{ENTERPRISE}:manager pr"), &["anne"]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt17_flt18_order_of_texts_includes_the_equal_one_where_it_says_so() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 8] = [
        ("displayName gt \"Anne Alder\"", &["ben", "cara"]),
        ("displayName ge \"anne alder\"", &ALL),
        ("displayName lt \"BEN BIRCH\"", &["anne"]),
        ("displayName le \"ben birch\"", &["anne", "ben"]),
        ("userName gt \"BEN\"", &["ben", "cara"]),
        ("nickName gt \"midge\"", &[]),
        ("nickName ge \"Midge\"", &["anne"]),
        // Digits sort before letters, capitals before small ones: by code point.
        ("externalId lt \"ext\"", &["anne", "ben"]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt19_flt20_flt21_moments_compare_as_instants() {
    let people = People::new().await;
    let anne = people.client.get(&format!("/Users/{}", people.id("anne"))).await.expect(200);
    let created = anne.body["meta"]["created"].as_str().unwrap().to_owned();
    let at: wardgate::base::clock::Moment = created.parse().unwrap();
    let later = at.after(Duration::from_secs(1));
    // The same instant as `later`, told at eight hours behind.
    let behind = wardgate::base::clock::Moment(later.0 - 8 * 3_600 * 1_000_000);
    let offset = behind.to_string().replace('Z', "-08:00");
    let rows: [(&str, &[&str]); 9] = [
        (&format!("meta.created eq \"{created}\""), &["anne"]),
        (&format!("meta.created ne \"{created}\""), &["ben", "cara"]),
        (&format!("meta.created ge \"{created}\""), &["anne", "cara"]),
        (&format!("meta.created gt \"{created}\""), &["cara"]),
        (&format!("meta.created lt \"{offset}\""), &["anne", "ben"]),
        (&format!("meta.created le \"{offset}\""), &ALL),
        (&format!("meta.lastModified lt \"{created}\""), &["ben"]),
        (&format!("meta.lastModified gt \"{created}\" and active eq true"), &["cara"]),
        ("meta.created lt \"1999-12-31T23:59:59\"", &[]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt22_flt74_numbers_compare_by_size_however_they_are_written() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let device = |serial: &str, count: i64, weight: f64| {
        json!({
            "schemas": ["urn:example:wardgate:schemas:2.0:Device"], "serial": serial,
            "count": count, "plainCount": count, "weight": weight,
            "installedAt": "2026-01-31T09:00:00+01:00", "plainDate": "2026-01-31T09:00:00+01:00"
        })
    };
    for (serial, count, weight) in [("a", 9, 0.5), ("b", 10, 10.0), ("c", -5, -1.25)] {
        world.clock.advance(Duration::from_secs(1));
        client.post("/Devices", &device(serial, count, weight)).await.expect(201);
    }
    let rows = [
        ("gt 9", "b"),
        ("gt 10", ""),
        ("ge 10", "b"),
        ("lt 9", "c"),
        ("le 9", "a,c"),
        ("eq 1e1", "b"),
        ("eq 10.0", "b"),
        ("eq -5", "c"),
        ("gt -5.5", "a,b,c"),
        ("eq 9.5", ""),
        ("ne 9", "b,c"),
        ("gt 9223372036854775807", ""),
    ];
    for (comparison, expected) in rows {
        for name in ["count", "plainCount"] {
            assert_eq!(
                serials(&client, &format!("{name} {comparison}")).await,
                expected,
                "{name} {comparison}"
            );
        }
    }
    for (filter, expected) in [
        ("weight eq 0.5", "a"),
        ("weight eq 5e-1", "a"),
        ("weight gt -1.25", "a,b"),
        ("weight ge -1.25", "a,b,c"),
        ("weight lt 0", "c"),
        ("weight gt -0.0", "a,b"),
        ("installedAt eq \"2026-01-31T08:00:00Z\"", "a,b,c"),
        ("plainDate eq \"2026-01-31T08:00:00Z\"", "a,b,c"),
        ("installedAt gt \"2026-01-31T08:00:00.000001Z\"", ""),
    ] {
        assert_eq!(serials(&client, filter).await, expected, "{filter}");
    }
}

/// The serials of the devices that fulfil `filter`, whether an index answers or not.
async fn serials(client: &crate::world::Client, filter: &str) -> String {
    let mut both = Vec::new();
    for filter in [filter.to_owned(), format!("not (not ({filter}))")] {
        let reply = client.filter("/Devices", &filter).await.expect(200);
        let serials: Vec<_> =
            reply.resources().iter().map(|it| it["serial"].as_str().unwrap().to_owned()).collect();
        both.push(serials.join(","));
    }
    assert_eq!(both[0], both[1], "{filter}");
    both.remove(0)
}

#[tokio::test]
async fn rfc_flt23_flt27_flt75_booleans_references_and_binaries() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 10] = [
        ("active eq true", &["anne", "cara"]),
        ("active eq false", &["ben"]),
        ("active ne true", &["ben"]),
        ("profileUrl eq \"https://people.northvale.example/Ben\"", &["ben"]),
        ("profileUrl eq \"https://people.northvale.example/ben\"", &[]),
        ("profileUrl sw \"https://\"", &["ben"]),
        ("profileUrl co \"northvale\"", &["ben"]),
        ("x509Certificates pr", &["ben"]),
        ("x509Certificates.value eq \"TUlJQw==\"", &["ben"]),
        ("x509Certificates.value eq \"tUlJQw==\"", &[]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt29_null_asks_for_absence() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 6] = [
        ("nickName eq null", &["ben"]),
        ("nickName ne null", &["anne", "cara"]),
        ("externalId eq null", &["cara"]),
        ("externalId ne null", &["anne", "ben"]),
        ("emails eq null", &["cara"]),
        ("active ne null and externalId ne null", &["anne", "ben"]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt30_flt31_what_stands_in_a_text_is_text() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 6] = [
        ("displayName eq \"say \\\"hi\\\" a (b) [c] and d\"", &["cara"]),
        ("displayName co \"a (b) [c] and d\"", &["cara"]),
        ("displayName sw \"\\u0073ay \\u0022hi\"", &["cara"]),
        ("profileUrl eq \"https:\\/\\/people.northvale.example\\/Ben\"", &["ben"]),
        ("displayName eq \"a\\n\\\\b\"", &[]),
        ("displayName eq \"a or title pr\"", &[]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt32_flt33_flt34_flt35_flt36_flt37_flt38_flt39_joining() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 16] = [
        ("title pr and userType eq \"Employee\"", &["anne"]),
        ("title eq \"Nurse\" or userType eq \"Contractor\"", &["anne", "ben"]),
        ("userName sw \"anne\" or userName sw \"ben\"", &["anne", "ben"]),
        ("not (userName sw \"anne\") and userName pr", &["ben", "cara"]),
        ("title eq \"Nurse\" or userType eq \"Contractor\" and active eq true", &["anne"]),
        ("(title eq \"Nurse\" or userType eq \"Contractor\") and active eq false", &["ben"]),
        ("(title eq \"Nurse\" or userType eq \"Contractor\") and nickName eq \"x\"", &[]),
        ("not (title pr) and userName sw \"ben\"", &["ben"]),
        ("not (title pr) and userName sw \"anne\"", &[]),
        ("((title pr))", &["anne", "cara"]),
        ("not(title pr)", &["ben"]),
        ("not (title pr)", &["ben"]),
        ("NOT (title pr) AND userName pr", &["ben"]),
        ("title eq \"Nurse\" Or title eq \"Surgeon\"", &["anne", "cara"]),
        ("externalId eq \"4471\" or displayName eq \"anne alder\"", &["anne", "ben"]),
        ("externalId eq \"4471\" and not (active eq true)", &["ben"]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt64_flt66_a_filter_acts_before_projection_and_paging() {
    let people = People::new().await;
    let path = "/Users?filter=title%20pr&attributes=userName&count=1";
    let reply = people.client.get(path).await.expect(200);
    assert_eq!(reply.body["totalResults"], 2);
    assert_eq!(reply.body["itemsPerPage"], 1);
    let one = &reply.resources()[0];
    assert_eq!(one["userName"], "Anne.Alder@northvale.example");
    assert!(one.get("title").is_none() && one.get("id").is_some());
    let none = people.client.filter("/Users", "title eq \"Porter\"").await.expect(200);
    assert_eq!(none.body["totalResults"], 0);
    assert_eq!(none.body["Resources"], json!([]));
}

#[tokio::test]
async fn rfc_flt68_text_of_a_filter_never_becomes_anything_else() {
    let people = People::new().await;
    for text in ["' OR 1=1 --", "*)(uid=*", "%", "_", "\\\\", "$where", "\\u0000"] {
        let names = ["userName", "title", "externalId"].iter();
        let pairs = names.flat_map(|name| ["eq", "sw", "ew"].map(|op| format!("{name} {op}")));
        for filter in pairs.map(|pair| format!("{pair} \"{text}\"")) {
            assert!(people.found("/Users", &filter).await.is_empty(), "{filter}");
        }
    }
}

#[tokio::test]
async fn rfc_flt71_texts_are_composed_before_they_are_compared() {
    let mut people = People::new().await;
    let body = json!({"userName": "zo\u{eb}@northvale.example"});
    people.add("zoe", "/Users", body).await;
    let rows: [(&str, &[&str]); 5] = [
        ("userName eq \"zoe\u{308}@northvale.example\"", &["zoe"]),
        ("userName eq \"ZOE\u{308}@northvale.example\"", &["zoe"]),
        ("userName sw \"ZO\u{cb}\"", &["zoe"]),
        ("nickName eq \"ce\u{301}dre\"", &["cara"]),
        ("nickName sw \"C\u{c9}\"", &["cara"]),
    ];
    people.check(&rows).await;
}
