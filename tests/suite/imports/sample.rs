//! The network that comes with the program: the pictures of the manuals, as they show them.

use serde_json::Value;
use wardgate::service::import::Sample;

use super::*;

const MINE: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";

async fn load(world: &World, sample: Sample) -> Value {
    let source = Source::Sample(sample);
    world.run(Command::Import { source, organization: None, dry_run: false }).await
}

/// The people of the hospital, by last name.
async fn hospital(world: &World) -> Vec<Value> {
    let mut people = world.admin().get("/Users?count=100").await.resources();
    people.retain(|one| one["userName"].as_str().unwrap().ends_with("@hospital.org"));
    people.sort_by_key(|one| one["name"]["familyName"].as_str().unwrap().to_owned());
    people
}

#[tokio::test]
async fn a5_the_sample_is_the_picture_of_everybody_at_work() {
    let world = World::new().await;
    let report = load(&world, Sample::Active).await;
    assert_eq!(refusals(&report), Vec::<String>::new());
    assert!(is_nothing(&load(&world, Sample::Active).await));
    let people = hospital(&world).await;
    assert_eq!(people.len(), 10);
    let dormant: Vec<&str> = people
        .iter()
        .filter(|one| one[MINE]["status"] == "Dormant")
        .map(|one| one["name"]["givenName"].as_str().unwrap())
        .collect();
    assert_eq!(dormant, ["Bemo", "Gerbux"]);
    let without = people.iter().filter(|one| one[MINE].get("services").is_none());
    let names: Vec<&str> = without.map(|one| one["name"]["givenName"].as_str().unwrap()).collect();
    assert_eq!(names, ["Ignacious", "Mbuto"]);
    let rooms = world.admin().get("/RoomSystems").await.resources();
    let mut sizes: Vec<(String, usize)> = rooms
        .iter()
        .map(|room| {
            let name = room["systemName"].as_str().unwrap();
            let many = room["schedulers"].as_array().map_or(0, Vec::len);
            (name.rsplit('_').next().unwrap().to_owned(), many)
        })
        .collect();
    sizes.sort();
    let sizes: Vec<usize> = sizes.into_iter().map(|(_, size)| size).collect();
    assert_eq!(sizes, [0, 2, 0, 3, 2, 0, 1, 2, 1]);
    let delegations = world.admin().get("/Delegations").await.resources();
    let of = |name: &str| {
        let id = people.iter().find(|one| one["name"]["givenName"] == name).unwrap()["id"].clone();
        delegations.iter().filter(|one| one["delegator"]["value"] == id).count()
    };
    assert_eq!(["Dieter", "Gerbux", "Kyoko", "Mbuto", "Anu"].map(of), [1, 3, 2, 1, 0]);
    assert_sound(&world).await;
}

#[tokio::test]
async fn a23_the_other_sample_is_the_picture_of_those_switched_off() {
    let world = World::new().await;
    let report = load(&world, Sample::Deactivated).await;
    assert_eq!(counts(&report, "people"), [7, 0, 3, 0]);
    assert!(is_nothing(&load(&world, Sample::Deactivated).await));
    let people = hospital(&world).await;
    assert!(people.iter().all(|one| one["active"] == false));
    let by_id = people.iter().filter(|one| one[MINE]["credential"] == "ONE_ID");
    let names: Vec<&str> = by_id.map(|one| one["name"]["givenName"].as_str().unwrap()).collect();
    assert_eq!(names, ["Gerbux", "Kyoko"], "Bemo has gone");
    assert_sound(&world).await;
}
