//! Searches through the router against the naive evaluator (security.md FLT-06).

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::properties;
use crate::properties::Dice;
use crate::properties::naive::Tree;
use crate::world::Client;
use crate::world::Reply;
use crate::world::World;
use crate::world::encode;

const PEOPLE: usize = 300;
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A gateway with random people in random groups, and all of them as a client reads them.
async fn crowd(dice: &mut Dice) -> (World, Vec<Value>) {
    let world = properties::tireless().await;
    let client = world.client();
    let mut ids = Vec::new();
    for turn in 0..PEOPLE {
        if dice.one_in(3) {
            world.clock.advance(Duration::from_millis(700));
        }
        ids.push(client.post("/Users", &person(dice, turn)).await.expect(201).id());
    }
    for turn in 0..8 {
        let count = dice.below(60);
        let members: Vec<Value> = (0..count).map(|_| json!({"value": dice.pick(&ids)})).collect();
        let body = json!({"displayName": format!("Ward {turn}"), "members": members});
        client.post("/Groups", &body).await.expect(201);
    }
    let all = client.get("/Users?count=1000").await.expect(200).resources();
    assert_eq!(all.len(), PEOPLE);
    (world, all)
}

fn person(dice: &mut Dice, turn: usize) -> Value {
    let given = ["Åsa", "ines", "INES", "Bo", "Zoë", "O'Neil", "per%cent", "under_score", "ba\\ck"];
    let family = ["Lind", "lind", "LINDEN", "Quarrie", "Ærø", "von Å", "d'Or", "*)(uid=*"];
    let mut body = json!({"userName": format!("{}{turn}", ["u", "U", "user.", "å"][turn % 4])});
    let mut set = |dice: &mut Dice, name: &str, value: Value| {
        if !dice.one_in(3) {
            body[name] = value;
        }
    };
    let (first, last) = (*dice.pick(&given), *dice.pick(&family));
    set(dice, "externalId", format!("{}{turn}", ["e", "E"][turn % 2]).into());
    set(dice, "displayName", format!("{first} {last}").into());
    let value = *dice.pick(&["", "x", "X", "xx"]);
    set(dice, "nickName", value.into());
    let value = *dice.pick(&["Nurse", "nurse", "Lead Nurse", "Clerk"]);
    set(dice, "title", value.into());
    let active = !dice.one_in(4);
    set(dice, "active", active.into());
    set(dice, "name", json!({"givenName": first, "familyName": last}));
    set(dice, "profileUrl", format!("https://northvale.example/People/{turn}").into());
    let mut mails = Vec::new();
    for mail in 0..dice.below(4) {
        let kind = *dice.pick(&["work", "home", "Work"]);
        let value = format!("{}@{}.example", ["A", "a", "b"][mail % 3], dice.below(12));
        mails.push(json!({"value": value, "type": kind, "primary": mail == 0}));
    }
    set(dice, "emails", mails.into());
    let roles = (0..dice.below(3)).map(|role| json!({"value": format!("role {role}")}));
    let roles: Vec<Value> = roles.collect();
    set(dice, "roles", roles.into());
    let phone = format!("555 {}", dice.below(9));
    set(dice, "phoneNumbers", json!([{"value": phone, "type": "work"}]));
    let department = *dice.pick(&["Cardiology", "cardiology", "Surgery"]);
    let number = dice.below(500).to_string();
    let manager = json!({"value": format!("M{}", dice.below(9))});
    let extension = json!({"department": department, "employeeNumber": number, "manager": manager});
    set(dice, ENTERPRISE, extension);
    body
}

fn ids(resources: &[Value]) -> Vec<&str> {
    resources.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

async fn asked(client: &Client, filter: &str, more: &str) -> Reply {
    client.get(&format!("/Users?attributes=userName&filter={}{more}", encode(filter))).await
}

#[test]
fn flt06_random_filters_find_what_a_naive_evaluator_finds() {
    let mut dice = Dice::new(6);
    properties::play(async {
        let (world, all) = crowd(&mut dice).await;
        let client = world.client();
        world.clock.advance(Duration::from_secs(1));
        let at = encode(&wardgate::base::clock::Clock::now(&*world.clock).to_string());
        let (mut some, tries) = (0, properties::times("WARDGATE_FILTERS", 1_200));
        for turn in 0..tries {
            let tree = Tree::draw(&mut dice, &all, 3);
            let text = tree.text();
            let expected: Vec<&Value> = all.iter().filter(|one| tree.holds(one)).collect();
            let more = if turn % 8 == 7 { format!("&asOf={at}") } else { String::new() };
            let reply = asked(&client, &text, &format!("&count=1000{more}")).await.expect(200);
            let found = reply.resources();
            let expected: Vec<&str> =
                expected.iter().map(|one| one["id"].as_str().unwrap()).collect();
            assert_eq!(ids(&found), expected, "{text} {more}");
            assert_eq!(reply.body["totalResults"], expected.len(), "{text}");
            some += u64::from(!expected.is_empty() && expected.len() < PEOPLE);
        }
        assert!(some > tries / 4, "only {some} of {tries} filters part the crowd");
    });
}

#[test]
fn flt06_pages_and_orders_hold_the_same_answer() {
    let mut dice = Dice::new(66);
    properties::play(async {
        let (world, all) = crowd(&mut dice).await;
        let client = world.client();
        for turn in 0..properties::times("WARDGATE_FILTERS", 1_200) / 20 {
            let tree = Tree::draw(&mut dice, &all, 1);
            let mut expected: Vec<String> = all
                .iter()
                .filter(|one| tree.holds(one))
                .map(|one| one["id"].as_str().unwrap().to_owned())
                .collect();
            let by = dice.pick(&["", "userName", "displayName", "emails", "meta.created", "title"]);
            let order = *dice.pick(&["ascending", "descending"]);
            let more = match by.is_empty() {
                true => String::new(),
                false => format!("&sortBy={by}&sortOrder={order}"),
            };
            let count = 1 + dice.below(90);
            let text = tree.text();
            let mut walked = match turn % 2 {
                0 => by_index(&client, &text, &more, count).await,
                _ => by_cursor(&client, &text, &more, count).await,
            };
            let whole = asked(&client, &text, &format!("{more}&count=1000")).await.expect(200);
            assert_eq!(walked, ids(&whole.resources()), "{text} {more} {count}");
            walked.sort_unstable();
            expected.sort_unstable();
            assert_eq!(walked, expected, "{text} {more} {count}");
        }
    });
}

async fn by_index(client: &Client, filter: &str, more: &str, count: usize) -> Vec<String> {
    let mut walked = Vec::new();
    loop {
        let start = walked.len() + 1;
        let more = format!("{more}&count={count}&startIndex={start}");
        let reply = asked(client, filter, &more).await.expect(200);
        let page = reply.resources();
        assert_eq!(reply.body["startIndex"], start);
        walked.extend(ids(&page).into_iter().map(str::to_owned));
        if page.is_empty() || reply.body["totalResults"] == walked.len() {
            return walked;
        }
    }
}

async fn by_cursor(client: &Client, filter: &str, more: &str, count: usize) -> Vec<String> {
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let more = format!("{more}&count={count}&cursor={cursor}");
        let reply = asked(client, filter, &more).await.expect(200);
        walked.extend(ids(&reply.resources()).into_iter().map(str::to_owned));
        match reply.body["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return walked,
        }
    }
}
