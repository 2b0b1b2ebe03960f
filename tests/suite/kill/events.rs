//! Events against changes: one for each that happened, in order, and none for those that did not.

use std::collections::HashMap;

use serde_json::Value;

use crate::kill::Tally;
use crate::kill::ledger::Ledger;
use crate::kill::site::Site;

/// Events that one command shows.
const PAGE: u64 = 10_000;

/// Reads what was added to the chain, and compares it with the ledger.
pub fn read(site: &Site, ledger: &mut Ledger, tally: &mut Tally) {
    let mut groups: HashMap<String, u64> = HashMap::new();
    let mut people: HashMap<String, Vec<String>> = HashMap::new();
    loop {
        let page = page(site, ledger.read + 1);
        for event in &page {
            let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            ledger.read += 1;
            if event["seq"] != ledger.read {
                tally
                    .half
                    .push(format!("event {} stands in the place of {}", event["seq"], ledger.read));
            }
            let subject = text("subject");
            if ledger.groups.iter().any(|group| group.id == subject) {
                *groups.entry(subject).or_default() += 1;
            } else {
                people.entry(subject).or_default().push(text("action"));
            }
        }
        if (page.len() as u64) < PAGE {
            break;
        }
    }
    for (number, group) in ledger.groups.iter_mut().enumerate() {
        let seen = groups.remove(&group.id).unwrap_or_default();
        if seen != group.events {
            let expected = group.events;
            tally.half.push(format!("group {number} has {seen} new events for {expected} changes"));
        }
        group.events = 0;
    }
    for person in ledger.people.iter_mut().flatten().filter(|person| person.touched) {
        let seen = person.id.as_ref().and_then(|id| people.remove(id)).unwrap_or_default();
        if seen != person.history {
            tally.half.push(format!("{} has the events {seen:?}", person.label));
        }
        person.history.clear();
    }
    // What is left are the organization, the connection and their tokens.
    // The organization is changed once: its brake is switched off.
    let strangers = people.values().filter(|seen| seen.as_slice() != ["Create", "Modify"]);
    let strangers = strangers.flatten().filter(|action| *action != "Create");
    tally.half.extend(strangers.map(|action| format!("nobody asked for a {action}")));
}

fn page(site: &Site, from: u64) -> Vec<Value> {
    let (from, limit) = (from.to_string(), PAGE.to_string());
    let words = ["audit", "show", "ORG0001", "--from", &from, "--limit", &limit, "--json"];
    let said = site.run(&words).unwrap_or_else(|complaint| panic!("{complaint}"));
    serde_json::from_str(&said).unwrap()
}
