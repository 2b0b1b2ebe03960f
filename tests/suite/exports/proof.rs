//! As of any instant (EX8), with events (EX9), inside one's scope alone (EX10).

use wardgate::domain::record::Kind;
use wardgate::store::change::Actor;
use wardgate::store::change::Outcome;

use super::*;

async fn named(client: &Client, name: &str) -> String {
    let body = json!({"userName": name, "name": {"givenName": name, "familyName": "Lee"}});
    client.post("/Users", &body).await.expect(201).id()
}

#[tokio::test]
async fn ex8_an_export_as_of_an_instant_is_the_one_that_was_taken_then() {
    let world = World::new().await;
    without_brake(&world, "ORG0001").await;
    let client = world.client();
    let site = json!({"displayName": "A", "siteCode": "A", "organization": "ORG0001"});
    let site = world.admin().post("/Sites", &site).await.expect(201).id();
    let mut history: Vec<(String, [String; 5])> = Vec::new();
    let mut people: Vec<String> = Vec::new();
    for turn in 0..12_usize {
        let admin = world.admin();
        people.push(named(&client, &format!("p{turn}")).await);
        let (first, last) = (people[0].clone(), people[people.len() - 1].clone());
        let path = format!("/Users/{}", people[turn.saturating_sub(1)]);
        match turn % 4 {
            0 => {
                let room = json!({"systemName": format!("R{turn}"), "site": {"value": site},
                    "schedulers": [{"value": last}]});
                admin.post("/RoomSystems", &room).await.expect(201);
            }
            1 => {
                let body = json!({"delegator": {"value": first}, "delegate": {"value": last},
                    "service": if turn == 5 { "ECONSULT" } else { "PCVC" }});
                admin.post("/Delegations", &body).await.expect(201);
            }
            2 => {
                let off = json!([{"op": "replace", "path": "active", "value": false}]);
                client.operations(&path, off).await.expect(200);
            }
            _ => drop(client.delete(&format!("/Users/{last}")).await.expect(204)),
        }
        let mut texts: [String; 5] = Default::default();
        for (text, kind) in texts.iter_mut().zip(KINDS) {
            *text = export(&world, "ORG0001", kind, "").await.expect(200).text;
        }
        history.push((instant(&world, 1).await, texts));
        // Exports are taken one after the other, at instants of their own; the last one's sees
        // what the first one's saw. Every other turn the clock stands still.
        if turn % 2 == 0 {
            later(&world);
        }
    }
    world.clock.advance(Duration::from_secs(300 * 24 * 3_600));
    for (at, texts) in &history {
        for (text, kind) in texts.iter().zip(KINDS) {
            let then = export(&world, "ORG0001", kind, &format!("?asOf={at}")).await.expect(200);
            assert_eq!(&then.text, text, "{kind} as of {at}");
        }
    }
    let distinct: std::collections::BTreeSet<_> = history.iter().map(|(_, texts)| texts).collect();
    assert_eq!(distinct.len(), history.len());
}

#[tokio::test]
async fn ex9_an_export_leaves_who_what_as_of_when_how_many_and_the_hash() {
    use sha2::Digest;
    let world = World::new().await;
    named(&world.client(), "=ada").await;
    later(&world);
    let file = export(&world, "ORG0001", "users", "?bom=true").await.expect(200);
    let events = taken(&world, 1).await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].cause.reason, "users: begun");
    let sum: String =
        sha2::Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let (at, length) = (events[0].at, file.bytes.len());
    let wanted = format!(
        "users as of {at} with byte order mark: 1 rows, {length} bytes, 1 neutralised, SHA-256 {sum}"
    );
    assert_eq!(events[1].cause.reason, wanted);
    for event in &events {
        assert!(matches!(event.cause.actor, Actor::Administrator(_)));
        assert_eq!(event.subject.map(|(kind, _)| kind), Some(Kind::ORGANIZATION));
        assert_eq!(event.outcome, Outcome::Done);
    }
    let read = world.admin().get("//api/v1/events?organization=ORG0001&limit=1000").await;
    let last = read.expect(200).body["items"].as_array().unwrap().last().cloned().unwrap();
    assert_eq!(last["action"], "export");
    assert_eq!(last["actor"]["type"], "administrator");
    assert_eq!((&last["door"], &last["reason"]), (&json!("api"), &json!(wanted)));
    assert_eq!(world.run(Command::Check).await["findings"], json!([]));
}

#[tokio::test]
async fn ex9_a_refused_export_leaves_its_event_and_nothing_else() {
    let world = World::new().await;
    for (organization, query, status, code) in [
        ("ORG0404", "", 404, "notFound"),
        ("0190f3a4-0000-7000-8000-000000000000", "", 404, "notFound"),
        ("ORG0001", "?asOf=2001-01-01T00:00:00Z", 400, "invalidValue"),
    ] {
        export(&world, organization, "users", query).await.problem(status, code);
    }
    export(&world, "ORG0001", "users", "?asOf=2999-01-01T00:00:00Z")
        .await
        .problem(400, "invalidValue");
    export(&world, "ORG0001", "everybody", "").await.problem(404, "notFound");
    let refused = taken(&world, 0).await;
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|event| matches!(event.outcome, Outcome::Failed(_))));
    assert!(taken(&world, 1).await.is_empty());
}

#[tokio::test]
async fn ex10_a_connection_exports_nothing_not_even_its_own() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    for client in [world.client(), other] {
        for kind in KINDS {
            let path = format!("//api/v1/organizations/ORG0001/exports/{kind}");
            client.get(&path).await.problem(403, "administratorsOnly");
        }
        client.get("//api/v1/exports/users").await.problem(403, "administratorsOnly");
        client.get("//api/v1/openapi.json").await.problem(403, "administratorsOnly");
    }
    let denied = world.events(1).await;
    let denied =
        denied.iter().filter(|event| event.outcome == Outcome::Denied("administratorsOnly".into()));
    assert_eq!(denied.count(), KINDS.len() + 2);
    assert!(taken(&world, 1).await.is_empty());
}

#[tokio::test]
async fn ten10_an_export_shows_its_own_people_and_those_affiliated_alone() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let here = world.admin().filter("/Organizations", "orgNumber eq \"ORG0001\"").await;
    let here = here.expect(200).resources()[0]["id"].clone();
    named(&world.client(), "near").await;
    named(&other, "far").await;
    let visitor = json!({"userName": "visitor", "homeOrganization": "ORG0002", EXTENSION: {
        "homeOrganization": {"value": "ORG0002"}, "affiliations": [{"value": here}],
    }});
    world.admin().post("/Users", &visitor).await.expect(201);
    let names = |text: &str| ["near", "far", "visitor"].map(|name| text.contains(name));
    let first = export(&world, "ORG0001", "users", "").await.expect(200).text;
    assert_eq!(names(&first), [true, false, true], "{first}");
    let second = export(&world, "ORG0002", "users", "").await.expect(200).text;
    assert_eq!(names(&second), [false, true, true], "{second}");
}

#[tokio::test]
async fn csv01_what_a_spreadsheet_would_compute_is_neutralised_at_the_door() {
    let world = World::new().await;
    let names = ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\u{ff1d}1", "x\"\r\n=cmd"];
    for (number, name) in names.iter().enumerate() {
        let body = json!({"userName": format!("u{number}"), "title": name,
            "name": {"givenName": name, "familyName": format!("L{number}")}});
        world.client().post("/Users", &body).await.expect(201);
    }
    let text = export(&world, "ORG0001", "users", "").await.expect(200).text;
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), names.len());
    for (row, name) in rows.iter().zip(names) {
        let cell = row.get(0).unwrap();
        let safe = if name.starts_with('x') { name.to_owned() } else { format!("'{name}") };
        assert_eq!(cell, safe);
    }
}
