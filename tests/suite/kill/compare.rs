//! Everything that was acknowledged against everything that is there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use bytes::Bytes;
use hyper::Method;
use serde_json::Value;

use crate::kill::Tally;
use crate::kill::client::Client;
use crate::kill::client::Door;
use crate::kill::events;
use crate::kill::ledger::Facts;
use crate::kill::ledger::Ledger;
use crate::kill::ledger::Person;
use crate::kill::parse;
use crate::kill::site::Site;
use crate::kill::writer;

/// Reads it all, through every door that shows it.
pub async fn everything(site: &Site, door: &Door, ledger: &mut Ledger, tally: &mut Tally) {
    for words in [["audit", "verify"].as_slice(), &["check"]] {
        if let Err(complaint) = site.run(words) {
            tally.half.push(complaint);
        }
    }
    let mut client = Client::connect(door).await.unwrap();
    let present = list(&mut client, ledger).await;
    settle(ledger, &present, tally);
    let mut people = std::mem::take(&mut ledger.people);
    for person in people.iter_mut().flatten().filter(|person| person.touched) {
        alone(&mut client, person, tally).await;
    }
    ledger.people = people;
    members(&mut client, ledger, tally).await;
    events::read(site, ledger, tally);
    for person in ledger.people.iter_mut().flatten() {
        person.touched = false;
    }
}

/// Somebody as the list shows them.
struct Shown {
    id: String,
    facts: Facts,
    fits: bool,
}

/// Everybody, by `externalId`.
async fn list(client: &mut Client, ledger: &Ledger) -> BTreeMap<String, Shown> {
    let mut present = BTreeMap::new();
    loop {
        let start = present.len() + 1;
        let path = format!("/scim/v2/Users?count=1000&startIndex={start}");
        let page = get(client, &path).await;
        let people = page["Resources"].as_array().cloned().unwrap_or_default();
        for user in &people {
            let label = user["externalId"].as_str().unwrap().to_owned();
            let twice = present.insert(label, shown(user, ledger));
            assert!(twice.is_none(), "an externalId is listed twice");
        }
        if people.is_empty() || page["totalResults"].as_u64() == Some(present.len() as u64) {
            return present;
        }
    }
}

fn shown(user: &Value, ledger: &Ledger) -> Shown {
    let text = |name: &str| user[name].as_str().unwrap().to_owned();
    let name = text("displayName").trim_start_matches("Name ").parse().unwrap();
    let groups = user["groups"].as_array().cloned().unwrap_or_default();
    let number = |group: &Value| {
        ledger.groups.iter().position(|known| group["value"] == known.id.as_str()).unwrap()
    };
    let facts = Facts { exists: true, name, groups: groups.iter().map(number).collect() };
    let fits = Person::new(text("externalId")).user_name(name) == text("userName");
    Shown { id: text("id"), facts, fits }
}

/// Decides what became of the unanswered, and compares everybody with the list.
fn settle(ledger: &mut Ledger, present: &BTreeMap<String, Shown>, tally: &mut Tally) {
    let mut joined = Vec::new();
    let mut known = 0;
    for person in ledger.people.iter_mut().flatten() {
        let there = present.get(&person.label);
        let absent = Facts { name: person.facts.name, ..Facts::default() };
        let facts = there.map_or(&absent, |there| &there.facts);
        if let Some(step) = person.pending.take()
            && *facts == person.after(step)
        {
            person.done(step);
            person.id = person.id.take().or_else(|| there.map(|there| there.id.clone()));
            joined.extend(step.group());
        } else if *facts != person.facts {
            tally.lost.push(format!("{person:?} is {facts:?}"));
        }
        known += usize::from(there.is_some());
        let same = there.is_none_or(|there| there.fits && Some(&there.id) == person.id.as_ref());
        if !same {
            tally.half.push(format!("{person:?} has two names or another id"));
        }
    }
    if known != present.len() {
        tally.half.push(format!("{} are listed that nobody made", present.len() - known));
    }
    for group in joined {
        ledger.groups[group].events += 1;
    }
}

/// One person: the record and the index must say the same.
async fn alone(client: &mut Client, person: &Person, tally: &mut Tally) {
    if let Some(id) = &person.id {
        let answer = client.send(Method::GET, &format!("/scim/v2/Users/{id}"), Bytes::new()).await;
        let answer = answer.unwrap();
        let expected = if person.facts.exists { 200 } else { 404 };
        if answer.status != expected {
            tally.half.push(format!("{person:?} is answered {}", answer.status));
        }
    }
    let name = person.facts.name;
    let neighbours = [name.checked_sub(1), Some(name), Some(name + 1)];
    for other in neighbours.into_iter().flatten() {
        let found = get(client, &writer::search(&person.user_name(other))).await;
        let expected = person.facts.exists && other == name;
        let right = match expected {
            true => found["Resources"][0]["id"].as_str() == person.id.as_deref(),
            false => true,
        };
        if found["totalResults"] != u64::from(expected) || !right {
            tally.half.push(format!("{person:?}, searched by name {other}: {found}"));
        }
    }
}

/// Every group shows exactly those who are in it.
async fn members(client: &mut Client, ledger: &Ledger, tally: &mut Tally) {
    for (number, group) in ledger.groups.iter().enumerate() {
        let shown = get(client, &format!("/scim/v2/Groups/{}", group.id)).await;
        let shown = shown["members"].as_array().cloned().unwrap_or_default();
        let shown: BTreeSet<&str> = shown.iter().filter_map(|one| one["value"].as_str()).collect();
        let people = ledger.people.iter().flatten();
        let inside = people.filter(|person| person.facts.groups.contains(&number));
        let expected: BTreeSet<&str> = inside.filter_map(|person| person.id.as_deref()).collect();
        let differ = expected.symmetric_difference(&shown);
        tally.half.extend(differ.map(|id| format!("group {number} differs in {id}")));
    }
}

async fn get(client: &mut Client, path: &str) -> Value {
    let answer = client.send(Method::GET, path, Bytes::new()).await.unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    parse(&answer.body)
}
