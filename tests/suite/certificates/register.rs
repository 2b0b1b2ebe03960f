//! What comes into the register, what does not, and how it is read.

use super::*;

fn owned() -> Details {
    Details { owner: Some("owner@northvale.example".into()), ..Details::default() }
}

#[tokio::test]
async fn ce6_nothing_comes_in_without_an_owner_or_with_a_bad_address() {
    let stage = Stage::new().await;
    let pem = stage.certificate("feed.northvale.example", 398, 200);
    for details in [
        Details::default(),
        Details { owner: Some(String::new()), ..Details::default() },
        Details { owner: Some("a@b\r\nBcc: x@y".into()), ..Details::default() },
        Details { extra: Some(vec!["nobody".into()]), ..owned() },
        Details { extra: Some(vec!["a@b.example".into(); 6]), ..owned() },
        Details { process: Some("a\u{0}b".into()), ..owned() },
        Details { place: Some("x".repeat(4_097)), ..owned() },
    ] {
        let said = stage.try_add(&pem, details).await.unwrap_err().said;
        assert!(!said.contains("Bcc"), "{said}");
    }
    let listed = certificates::list(&stage.ports, Some("ORG0001")).await.unwrap();
    assert!(listed.as_array().unwrap().iter().all(|row| row["kind"] == "token"));
    let wide = Details { extra: Some(vec!["a@b.example".into(); 5]), ..owned() };
    stage.try_add(&pem, wide).await.unwrap();
}

#[tokio::test]
async fn ce2_a_private_key_leaves_the_register_as_it_was() {
    let stage = Stage::new().await;
    let key = KeyPair::generate().unwrap().serialize_pem();
    let input = format!("{}{key}", stage.certificate("feed.northvale.example", 398, 200));
    let said = stage.try_add(&input, owned()).await.unwrap_err().said;
    assert!(said.contains("private key") && !said.contains(&key[40..60]), "{said}");
    let events = stage.ports.store.events(1, 1, 100).await.unwrap();
    let bytes = format!("{events:?}");
    assert!(!bytes.contains("PRIVATE"));
    assert!(stage.try_add("garbage", owned()).await.is_err());
    let csv = certificates::csv(&stage.ports, None).await.unwrap();
    assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 1);
}

#[tokio::test]
async fn ce5_a_certificate_is_in_its_organization_once() {
    let stage = Stage::new().await;
    let pem = stage.certificate("feed.northvale.example", 398, 200);
    let first = stage.try_add(&pem, owned()).await.unwrap();
    let said = stage.try_add(&pem, owned()).await.unwrap_err().said;
    assert!(said.contains("already"), "{said}");
    let id = first["id"].as_str().unwrap();
    let cause = || tenancy::operator(&stage.ports).unwrap();
    let again = certificates::replace(&stage.ports, cause(), id, pem.as_bytes(), owned()).await;
    assert!(again.unwrap_err().said.contains("the same certificate"));
    certificates::remove(&stage.ports, cause(), id).await.unwrap();
    assert!(certificates::show(&stage.ports, id).await.is_err());
    stage.try_add(&pem, owned()).await.unwrap();
}

#[tokio::test]
async fn ce1_every_change_is_one_event_and_the_store_is_whole() {
    let stage = Stage::new().await;
    let before = stage.ports.store.events(1, 1, 1_000).await.unwrap().len();
    let id = stage.add("feed.northvale.example", 80).await;
    let count = async || stage.ports.store.events(1, 1, 1_000).await.unwrap().len() - before;
    assert_eq!(count().await, 1);
    stage.pass().await;
    assert_eq!(count().await, 3, "a claim, and how it ended");
    stage.pass().await;
    assert_eq!(count().await, 3);
    let cause = tenancy::operator(&stage.ports).unwrap();
    certificates::remove(&stage.ports, cause, &id).await.unwrap();
    assert_eq!(count().await, 4);
    let health = stage.ports.store.check(None).await.unwrap();
    assert_eq!(health.findings, Vec::<String>::new());
}

#[tokio::test]
async fn ce8_tokens_stand_in_the_same_list_nearest_end_first() {
    let stage = Stage::new().await;
    stage.add("feed.northvale.example", 100).await;
    stage.add("near.northvale.example", 20).await;
    let listed = certificates::list(&stage.ports, None).await.unwrap();
    let rows = listed.as_array().unwrap();
    let kinds: Vec<&str> = rows.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["certificate", "certificate", "token", "token"]);
    assert!(rows[0]["subject"].as_str().unwrap().contains("near."));
    assert_eq!(rows[2]["days_left"], 365);
    assert!(certificates::list(&stage.ports, Some("ORG0002")).await.is_err());
}

#[tokio::test]
async fn csv01_the_register_as_a_sheet_holds_no_formula() {
    let stage = Stage::new().await;
    let bad = Details { place: Some("=cmd|' /C calc'!A0".into()), ..owned() };
    let pem = stage.certificate("feed.northvale.example", 398, 200);
    stage.try_add(&pem, bad).await.unwrap();
    let csv = String::from_utf8(certificates::csv(&stage.ports, None).await.unwrap()).unwrap();
    assert!(csv.contains("\"'=cmd|' /C calc'!A0\""), "{csv}");
    assert_eq!(csv.matches("\r\n").count(), 2);
    let calendar = certificates::calendar(&stage.ports, Some("ORG0001")).await.unwrap();
    assert!(calendar.contains("SUMMARY:Certificate ends / Fin du certificat : "), "{calendar}");
}

#[tokio::test]
async fn the_timeline_tells_in_words_what_it_shows() {
    let stage = Stage::new().await;
    let empty = certificates::timeline(&stage.ports, None).await.unwrap();
    assert!(empty.contains("No certificate is in the register."));
    for (name, days) in [("a.northvale.example", 395), ("<b>&\"", 20), ("c.northvale.example", 100)]
    {
        let details = owned();
        stage.try_add(&stage.certificate(name, 398, days), details).await.unwrap();
    }
    stage.clocks.pass(30 * DAY);
    let svg = certificates::timeline(&stage.ports, None).await.unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("role=\"img\""), "{svg}");
    assert!(svg.contains("c.northvale.example: expiring, ends 2026-12-30, 70 days left."), "{svg}");
    assert!(svg.contains("expired 2026-10-11") && !svg.contains("<b>"), "{svg}");
}
