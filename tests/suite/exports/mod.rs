//! The five exports at their doors: the pictures of the source through real requests, as of any
//! instant, with their events, for those who may have them. A test's name begins with the rule
//! that it proves (EX, CSV).

mod answers;
mod pictures;
mod proof;

use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use wardgate::service::operate::Command;
use wardgate::store::change::Action;
use wardgate::store::change::Event;

use crate::world::Client;
use crate::world::Reply;
use crate::world::World;

const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";
const KINDS: [&str; 5] =
    ["users", "delegates-pcvc", "delegates-econsult", "scheduling", "deactivated"];

/// The ten of the source, A to Z.
const TEN: [(&str, &str); 10] = [
    ("Anu", "Alpha"),
    ("Bemo", "Beta"),
    ("Dieter", "Delta"),
    ("Ekaterina", "Epsilon"),
    ("Gerbux", "Gamma"),
    ("Ignacious", "Iota"),
    ("Kyoko", "Kappa"),
    ("Li-Mei", "Lambda"),
    ("Mbuto", "Mu"),
    ("Ollie", "Omega"),
];

/// `aa@hospital.org` for Anu Alpha.
fn address(first: &str) -> String {
    let letter = first.chars().next().unwrap().to_ascii_lowercase();
    format!("{letter}{letter}@hospital.org")
}

/// Makes one of the ten: the id.
async fn one_of_ten(client: &Client, first: &str, mut extension: Value) -> String {
    let last = TEN.iter().find(|(known, _)| *known == first).unwrap().1;
    if extension.get("credential").is_none() {
        extension["credential"] = json!("OTN");
    }
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", EXTENSION],
        "userName": address(first),
        "name": {"givenName": first, "familyName": last},
        "emails": [{"value": address(first), "primary": true}],
        EXTENSION: extension,
    });
    client.post("/Users", &body).await.expect(201).id()
}

/// An export of an organization, by an administrator.
async fn export(world: &World, organization: &str, kind: &str, query: &str) -> Reply {
    let path = format!("//api/v1/organizations/{organization}/exports/{kind}{query}");
    world.admin().get(&path).await
}

/// The events of exports in a chain, oldest first.
async fn taken(world: &World, chain: u32) -> Vec<Event> {
    let events = world.events(chain).await;
    events.into_iter().filter(|event| event.action == Action::Export).collect()
}

/// A moment later, so that an instant has passed.
fn later(world: &World) {
    world.clock.advance(Duration::from_secs(1));
}

/// The instant at which the last export was taken.
async fn instant(world: &World, chain: u32) -> String {
    let events = taken(world, chain).await;
    let begun = events.iter().rfind(|event| event.cause.reason.contains("begun")).unwrap();
    begun.at.to_string()
}

/// A second organization by its number, with people to whom the ten of the source may delegate.
async fn outsiders(world: &World) -> [String; 3] {
    let (clinic, _) = world.other_organization(2).await;
    let mut ids = Vec::new();
    for last in ["One", "Two", "Three"] {
        let body = json!({
            "userName": format!("{}@clinic.example", last.to_lowercase()),
            "name": {"givenName": "Delegate", "familyName": last},
        });
        ids.push(clinic.post("/Users", &body).await.expect(201).id());
    }
    ids.try_into().unwrap()
}

/// Switches the brake of an organization off: a picture closes many at once.
async fn without_brake(world: &World, organization: &str) {
    let organization = organization.to_owned();
    world.run(Command::OrganizationSet { organization, name: None, brake_limit: Some(0) }).await;
}
