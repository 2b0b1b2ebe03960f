//! AG9 through the store: a further group never relaxes what a person reached, and the order in
//! which groups are joined does not matter.

use std::collections::BTreeMap;

use serde_json::json;
use wardgate::base::entropy::Entropy;
use wardgate::base::entropy::SeededEntropy;
use wardgate::service::operate::Command;

use super::*;

const MODULES: [&str; 3] = ["PROVIDERS_OFFICE", "REPORTS", "SECURE_MESSAGING"];
const PRIVILEGES: [&str; 2] = ["FULL", "READ_ONLY"];
const PRIVACIES: [&str; 4] =
    ["TOGGLE_OFF", "TOGGLE_ON", "FORCED_PATIENT", "FORCED_PATIENT_PROVIDER"];

struct Dice(SeededEntropy);

impl Dice {
    fn roll(&self, sides: usize) -> usize {
        let mut byte = [0];
        self.0.fill(&mut byte).unwrap();
        usize::from(byte[0]) % sides
    }

    fn of<'a>(&self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len())]
    }

    /// What a group says beside its name.
    fn group(&self, centre: &Centre) -> Value {
        let start = self.roll(3);
        let modules: Vec<&str> =
            (0..=self.roll(2)).map(|turn| MODULES[(start + turn) % 3]).collect();
        let first = self.roll(3);
        let providers: Vec<&String> =
            (0..=self.roll(2)).map(|turn| &centre.providers[(first + turn) % 3]).collect();
        let mut entries = Vec::new();
        if self.roll(2) == 0 {
            let mut row = json!({"module": modules[0], "provider": providers[0]});
            match self.roll(3) {
                0 => row["excluded"] = json!(true),
                1 => row["privacyLevel"] = json!(self.of(&PRIVACIES)),
                _ if modules[0] == "SECURE_MESSAGING" => row["privilegeLevel"] = json!("FULL"),
                _ => row["privilegeLevel"] = json!(self.of(&PRIVILEGES)),
            }
            entries.push(row);
        }
        json!({"modules": modules, "providers": providers, "subjectEntries": entries,
            "privilegeLevel": self.of(&PRIVILEGES), "privacyLevel": self.of(&PRIVACIES)})
    }
}

type Levels = BTreeMap<(String, String), (usize, usize)>;

/// The first module and provider where `after` is less restricted.
fn relaxed(before: &Levels, after: &Levels) -> Option<(String, String)> {
    let looser = |key: &(String, String), old: &(usize, usize)| {
        after.get(key).is_none_or(|new| new.0 < old.0 || new.1 < old.1)
    };
    before.iter().find(|(key, old)| looser(key, old)).map(|(key, _)| key.clone())
}

/// How restricted a person is, by module and provider.
async fn levels(centre: &Centre, user: &str) -> Levels {
    let nothing = None::<String>;
    let told = centre
        .world
        .run(Command::AccessShow {
            user: user.to_owned(),
            module: nothing.clone(),
            provider: nothing.clone(),
            room: nothing.clone(),
            service: nothing.clone(),
            as_of: nothing,
        })
        .await;
    let rank = |words: &[&str], word: &Value| words.iter().position(|one| word == one).unwrap();
    let answers = told["answers"].as_array().unwrap().iter();
    let known = answers.filter(|one| one["provider"].is_string());
    known
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            let key = (text("module"), text("provider"));
            (key, (rank(&PRIVILEGES, &one["privilege"]), rank(&PRIVACIES, &one["privacy"])))
        })
        .collect()
}

#[tokio::test]
async fn ag9_through_the_store_a_further_group_never_relaxes_and_order_does_not_matter() {
    let centre = Centre::new().await;
    for seed in 0..6 {
        let dice = Dice(SeededEntropy::new(seed));
        let mut groups = Vec::new();
        for number in 0..4 {
            let more = dice.group(&centre);
            groups.push(centre.group(&format!("G{seed}-{number}"), more).await);
        }
        let there = centre.person(&format!("there{seed}")).await;
        let back = centre.person(&format!("back{seed}")).await;
        let mut before = Levels::new();
        for group in &groups {
            centre.enrol(group, &there).await;
            let after = levels(&centre, &there).await;
            assert_eq!(relaxed(&before, &after), None, "seed {seed}");
            before = after;
        }
        for group in groups.iter().rev() {
            centre.enrol(group, &back).await;
        }
        assert_eq!(levels(&centre, &back).await, before, "seed {seed}");
    }
}
