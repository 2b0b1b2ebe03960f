//! A random history of pushes gives the ledger that a rebuild from what is left gives (LE3, LE5).

use super::*;
use wardgate::base::entropy::Entropy;
use wardgate::base::entropy::SeededEntropy;
use wardgate::base::id::Id;
use wardgate::domain::access::grant::Held;
use wardgate::service::Caller;
use wardgate::service::Work;
use wardgate::service::ledger;

async fn lines(ground: &Ground, people: &[String]) -> Vec<Held> {
    let mut all = Vec::new();
    for person in people {
        let lines = ledger::lines(&ground.world.ports, Id::parse(person).unwrap()).await.unwrap();
        all.extend(lines.into_iter().map(|line| line.held));
    }
    all
}

async fn history(seed: u64) {
    let ground = Ground::new().await;
    let chance = SeededEntropy::new(seed);
    let draw = |below: usize| {
        let mut byte = [0_u8; 1];
        chance.fill(&mut byte).unwrap();
        usize::from(byte[0]) % below
    };
    let assignment =
        |place: &str, role: &str| json!({"assignment": {"location": place, "role": role}});
    ground.exact("A", json!([{"service": "PCVC"}, assignment("ABCC", "ED Normal")])).await;
    ground.exact("B", json!([assignment("ORG0001", "View-Only"), {"roomsOfSite": "ABCC"}])).await;
    let all = json!([assignment("ABCC", "ED Administrator"), {"credential": "OTN"}]);
    ground.rule(json!({"glob": "C*"}), all, json!({"priority": 3})).await;
    let acts = json!([{"delegation": {"delegator": "p0@hospital.example", "service": "PCVC"}}]);
    ground.exact("D", acts).await;
    let mut people = Vec::new();
    for number in 0..4 {
        people.push(ground.person(&format!("p{number}")).await);
    }
    let mut groups: Vec<String> = Vec::new();
    for name in ["A", "B", "C1", "C2", "D"] {
        groups.push(ground.group(name, &[]).await);
    }
    for _ in 0..40 {
        let (group, person) = (&groups[draw(groups.len())], &people[draw(people.len())]);
        let path = format!("/Groups/{group}");
        match draw(6) {
            0 | 1 => ground.add(group, person).await,
            2 => ground.remove(group, person).await,
            3 => {
                let clear = json!([{"op": "remove", "path": "members"}]);
                ground.client.operations(&path, clear).await.expect(204);
            }
            4 => {
                let whole =
                    json!([{"op": "replace", "path": "members", "value": [{"value": person}]}]);
                ground.client.operations(&path, whole).await.expect(204);
            }
            _ => {
                let name = format!("{}{}", ["A", "C", "X"][draw(3)], draw(90));
                let rename = json!([{"op": "replace", "path": "displayName", "value": name}]);
                ground.client.operations(&path, rename).await;
            }
        }
    }
    let pushed = lines(&ground, &people).await;
    let ports = &ground.world.ports;
    let caller = Caller::operator(ports).unwrap();
    let book = ledger::book(ports, 1).await.unwrap();
    let everyone = people.iter().map(|id| Id::parse(id).unwrap()).collect();
    let work = Work { ports, caller: &caller };
    let again = ledger::anew::again(work, &book, everyone).await.unwrap();
    assert!(again.writes.is_empty(), "seed {seed}: {:?}", again.writes);
    assert!(pushed.iter().all(|held| !held.sources.is_empty()), "LE1");
    ground.check().await;
}

#[tokio::test]
async fn le3_le5_a_random_history_leaves_what_a_rebuild_gives() {
    for seed in 0..6 {
        history(seed).await;
    }
}
