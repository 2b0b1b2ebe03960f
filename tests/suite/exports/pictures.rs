//! The pictures of the source, byte for byte, through real requests (EX1).

use std::collections::HashMap;

use super::*;

const HALF_A_YEAR: Duration = Duration::from_secs(200 * 24 * 3_600);

fn service(code: &str) -> Value {
    json!({"value": code})
}

/// What the picture of the users report says of each.
fn active(first: &str) -> Value {
    let profession = match first {
        "Anu" => "Nurse Practitioner",
        "Ekaterina" | "Li-Mei" => "Allied Health Professional",
        "Gerbux" => "Senior Software Developer",
        "Ignacious" => "Intermediate Java Web Developer",
        "Kyoko" => "Nurse",
        "Mbuto" => "Enterprise Architect",
        _ => "Physician",
    };
    let services = match first {
        "Ignacious" | "Mbuto" => json!([]),
        "Gerbux" => json!([service("ECONSULT"), service("DIRECTORY")]),
        "Li-Mei" => json!([service("PCVC"), service("NCOMPASS")]),
        _ => json!([service("NCOMPASS")]),
    };
    json!({"profession": profession, "services": services})
}

/// Organization ORG5555 as the pictures of users, delegates and room systems show it.
async fn hospital() -> World {
    let world = World::new().await;
    let delegates = outsiders(&world).await;
    let (hospital, _) = world.other_organization(5_555).await;
    let mut ids = HashMap::new();
    // Those who have been away for long come first.
    for first in ["Gerbux", "Bemo"] {
        ids.insert(first, one_of_ten(&hospital, first, active(first)).await);
    }
    world.clock.advance(HALF_A_YEAR);
    for (first, _) in TEN.iter().rev().filter(|(first, _)| !["Gerbux", "Bemo"].contains(first)) {
        ids.insert(first, one_of_ten(&hospital, first, active(first)).await);
    }
    delegations(&world, &ids, &delegates).await;
    rooms(&world, &ids).await;
    world
}

async fn delegations(world: &World, ids: &HashMap<&str, String>, [one, two, three]: &[String; 3]) {
    let dieter = &ids["Dieter"];
    for (delegator, delegate, service) in [
        ("Kyoko", three, "PCVC"),
        ("Kyoko", two, "PCVC"),
        ("Gerbux", two, "PCVC"),
        ("Gerbux", one, "PCVC"),
        ("Gerbux", three, "PCVC"),
        ("Mbuto", one, "PCVC"),
        ("Dieter", one, "PCVC"),
        ("Ollie", one, "ECONSULT"),
        ("Ollie", dieter, "ECONSULT"),
        ("Bemo", dieter, "ECONSULT"),
    ] {
        let body = json!({
            "delegator": {"value": ids[delegator]},
            "delegate": {"value": delegate},
            "service": service,
        });
        world.admin().post("/Delegations", &body).await.expect(201);
    }
}

async fn rooms(world: &World, ids: &HashMap<&str, String>) {
    let admin = world.admin();
    let site =
        json!({"displayName": "ABC Hospital", "siteCode": "ABCC", "organization": "ORG5555"});
    let site = admin.post("/Sites", &site).await.expect(201).id();
    let all: [&[&str]; 9] = [
        &[],
        &["Dieter", "Anu"],
        &[],
        &["Ekaterina", "Anu", "Bemo"],
        &["Dieter", "Ekaterina"],
        &[],
        &["Anu"],
        &["Ekaterina", "Anu"],
        &["Anu"],
    ];
    for (number, schedulers) in all.iter().enumerate().rev() {
        let schedulers = schedulers.iter().map(|first| json!({"value": ids[first]}));
        let body = json!({
            "systemName": format!("TOR_ABC_5555_ABCC_{:03}", number + 1),
            "site": {"value": site},
            "schedulers": schedulers.collect::<Vec<_>>(),
        });
        admin.post("/RoomSystems", &body).await.expect(201);
    }
}

#[tokio::test]
async fn ex1_users_delegates_and_scheduling_are_the_pictures_of_the_source() {
    let world = hospital().await;
    for (kind, wanted) in [
        ("users", include_str!("../../golden/users.csv")),
        ("delegates-pcvc", include_str!("../../golden/delegates-pcvc.csv")),
        ("delegates-econsult", include_str!("../../golden/delegates-econsult.csv")),
        ("scheduling", include_str!("../../golden/scheduling.csv")),
    ] {
        let plain = export(&world, "ORG5555", kind, "").await.expect(200);
        assert_eq!(plain.text, wanted, "{kind}");
        let marked = export(&world, "ORG5555", kind, "?bom=1").await.expect(200);
        assert_eq!(marked.text, format!("\u{feff}{wanted}"), "{kind}");
    }
    // DE5: nobody delegates at the clinic, whose people are delegates elsewhere.
    let clinic = export(&world, "ORG0002", "delegates-pcvc", "").await.expect(200);
    assert_eq!(clinic.text.lines().count(), 4);
    assert!(clinic.text.lines().skip(1).all(|line| line.ends_with(",\"0\"")), "{}", clinic.text);
}

#[tokio::test]
async fn ex1_the_deactivated_are_the_picture_of_the_source() {
    let world = World::new().await;
    let (hospital, _) = world.other_organization(5_555).await;
    without_brake(&world, "ORG5555").await;
    let mut ids = HashMap::new();
    for (first, _) in TEN {
        let profession = match first {
            "Dieter" | "Mbuto" => "Other",
            "Ekaterina" | "Li-Mei" => "Physician",
            "Ollie" => "Allied Health",
            _ => "Nurse",
        };
        let one_id = ["Bemo", "Gerbux", "Kyoko"].contains(&first);
        let credential = if one_id { "ONE_ID" } else { "OTN" };
        let closed = ["Bemo", "Dieter", "Li-Mei"].contains(&first);
        // The closed lose what they have (Q9).
        let services = if closed { json!([service("NCOMPASS")]) } else { json!([]) };
        let extension =
            json!({"profession": profession, "credential": credential, "services": services});
        ids.insert(first, one_of_ten(&hospital, first, extension).await);
    }
    for (first, _) in TEN {
        let path = format!("/Users/{}", ids[first]);
        if ["Bemo", "Dieter", "Li-Mei"].contains(&first) {
            hospital.delete(&path).await.expect(204);
        } else {
            let off = json!([{"op": "replace", "path": "active", "value": false}]);
            hospital.operations(&path, off).await.expect(200);
        }
    }
    let wanted = include_str!("../../golden/deactivated.csv");
    assert_eq!(export(&world, "ORG5555", "deactivated", "").await.expect(200).text, wanted);
    // EX2: the temporarily deactivated are in both, the closed in this one alone.
    let users = export(&world, "ORG5555", "users", "").await.expect(200).text;
    assert_eq!(users.matches("\"Active (disabled)\"").count(), 7, "{users}");
    assert_eq!(users.lines().count(), 8);
}
