//! When people signed in, as others report it.

use std::time::Duration;

use wardgate::base::clock::Clock;
use wardgate::base::clock::Moment;
use wardgate::service::Caller;
use wardgate::service::Kind;
use wardgate::service::Work;
use wardgate::service::access;
use wardgate::service::operate::Command;
use wardgate::service::people;
use wardgate::service::people::Reported;
use wardgate::service::people::SignIn;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn seen(name: &str, organization: u32, at: Moment) -> SignIn {
    SignIn { organization, user_name: format!("{name}@hospital.example"), at }
}

/// Reports as an administrator does.
async fn report(world: &World, reports: &[SignIn]) -> Reported {
    let caller = Caller::operator(&world.ports).unwrap();
    people::sign_ins(Work { ports: &world.ports, caller: &caller }, reports).await.unwrap()
}

#[tokio::test]
async fn us6_a_sign_in_wakes_a_dormant_account_at_once() {
    let world = World::new().await;
    let client = world.client();
    let id = person(&client, "ada", json!({})).await;
    world.clock.advance(MINUTE * 60 * 24 * 200);
    assert_eq!(mine(&client, &id).await["status"], "Dormant");
    let now = world.clock.now();
    let done = report(&world, &[seen("ADA", 1, now)]).await;
    assert_eq!((done.changed, done.refused.len()), (1, 0));
    let read = mine(&client, &id).await;
    assert_eq!((&read["status"], &read["lastAccess"]), (&json!("Active"), &json!(now.to_string())));
    let filter = format!("{} eq \"Active\"", at("status"));
    assert_eq!(count(&client, &filter).await, 1);
}

#[tokio::test]
async fn us6_last_access_never_goes_back_and_every_change_is_one_event() {
    let world = World::new().await;
    let client = world.client();
    let ada = person(&client, "ada", json!({})).await;
    let off = person(&client, "off", json!({})).await;
    let switch = json!([{"op": "replace", "path": "active", "value": false}]);
    client.operations(&format!("/Users/{off}"), switch).await.expect(200);
    world.clock.advance(MINUTE * 60);
    let now = world.clock.now();
    let before = world.events(1).await.len();
    let reports = [
        seen("ada", 1, now),
        seen("ada", 1, now.after(MINUTE * 4)),
        seen("nobody", 1, now),
        seen("ada", 1, now.after(MINUTE * 6)),
        seen("ada", 2, now),
        seen("off", 1, now),
    ];
    let done = report(&world, &reports).await;
    let refused: Vec<usize> = done.refused.iter().map(|(position, _)| *position).collect();
    assert_eq!((done.changed, done.known, refused), (1, 1, vec![2, 3, 4, 5]));
    assert!(done.refused[3].1.contains("switched off"));
    let events = world.events(1).await;
    assert_eq!(events.len(), before + 1);
    assert_eq!(events.last().unwrap().attributes, ["lastAccess"]);
    let last = now.after(MINUTE * 4).to_string();
    assert_eq!(mine(&client, &ada).await["lastAccess"], last);
    let again = report(&world, &reports[..2]).await;
    assert_eq!((again.changed, again.known), (0, 2));
    assert_eq!(world.events(1).await.len(), before + 1);
    assert_eq!(mine(&client, &ada).await["lastAccess"], last);
}

#[tokio::test]
async fn us6_a_connection_reports_of_its_own_people_and_only_if_it_may() {
    let world = World::new().await;
    let client = world.client();
    person(&client, "ada", json!({})).await;
    let (other, _) = world.other_connection(1).await;
    person(&other, "bo", json!({})).await;
    let known = || access::authenticate(&world.ports, world.token()).unwrap();
    let caller = || Caller {
        identity: known().identity,
        token: known().token,
        ..Caller::operator(&world.ports).unwrap()
    };
    let reports = [seen("ada", 1, world.clock.now()), seen("bo", 1, world.clock.now())];
    let mute = caller();
    let work = Work { ports: &world.ports, caller: &mute };
    assert_eq!(people::sign_ins(work, &reports).await.unwrap_err().kind, Kind::Denied);
    world.set("permissions=users,groups,sign-ins").await;
    let caller = caller();
    let work = Work { ports: &world.ports, caller: &caller };
    let done = people::sign_ins(work, &reports).await.unwrap();
    assert_eq!(done.changed, 1);
    assert_eq!(done.refused.iter().map(|one| one.0).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn us6_a_sheet_of_sign_ins_is_taken_row_by_row() {
    let world = World::new().await;
    let client = world.client();
    let id = person(&client, "ada", json!({})).await;
    world.clock.advance(MINUTE);
    let now = world.clock.now();
    let sheet = format!(
        "lastAccess,userName\n{now},ada@hospital.example\nyesterday,ada@hospital.example\n\
         {now},nobody@hospital.example\n{now},\n"
    );
    let command = Command::SignInImport { organization: "ORG0001".into(), sheet };
    let done = world.run(command).await;
    assert_eq!((&done["changed"], &done["known"]), (&json!(1), &json!(0)));
    let refused = done["refused"].as_array().unwrap();
    let rows = ["row 3, column lastAccess", "row 4:", "row 5, column userName"];
    assert_eq!(refused.len(), rows.len());
    for (said, row) in refused.iter().zip(rows) {
        let said = said.as_str().unwrap();
        assert!(said.starts_with(row), "{said}");
        assert!(!said.contains("hospital") && !said.contains("yesterday"), "{said}");
    }
    assert_eq!(mine(&client, &id).await["lastAccess"], now.to_string());
}
