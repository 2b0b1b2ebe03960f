//! What a change of rules would do: the same evaluation, without the write.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::base::clock::Moment;
use crate::base::hex::hex;
use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Held;
use crate::domain::access::grant::Source;
use crate::service::Error;
use crate::service::Work;
use crate::service::ledger::anew::Outlook;
use crate::service::rules::apply;
use crate::service::rules::apply::Edit;
use crate::service::rules::governs;
use crate::service::rules::keep;

/// The most people whose changes are spelled out.
const MOST_SHOWN: usize = 1_000;
/// The most findings that are spelled out.
const MOST_FINDINGS: usize = 1_000;

/// What saving `body` in the place of `replaces` would do, or removing `replaces` where there is
/// no body; as of `at`, with the groups and people of then.
pub async fn preview(
    work: Work<'_>,
    body: Option<&Value>,
    replaces: Option<Id>,
    at: Option<Moment>,
) -> Result<Value, Error> {
    governs(work)?;
    let edit = match (body, replaces) {
        (Some(body), _) => {
            let (rule, version) = keep::draft(work, body, replaces).await?;
            Edit::Put(Box::new(rule), version)
        }
        (None, Some(id)) => {
            let (saved, version) = keep::load(work, id).await?;
            Edit::Take(Box::new(saved.rule), version)
        }
        (None, None) => return Err(Error::not_found()),
    };
    let outlook = apply::outlook(work, &edit, at).await?;
    Ok(shown(&outlook, edit.rule().id))
}

/// A hash of what people hold, in which the rule `edited` counts as itself whatever its id: the
/// preview of a new rule, and the ledger after it, have the same.
pub fn fingerprint(held: &[Held], edited: Id) -> String {
    let mut lines: Vec<String> = held.iter().map(|held| line(held, edited)).collect();
    lines.sort_unstable();
    let digest = lines
        .iter()
        .fold(Sha256::new(), |digest, line| digest.chain_update(line.as_bytes()).chain_update([0]));
    hex(&digest.finalize())
}

fn line(held: &Held, edited: Id) -> String {
    let name = |source: &Source| match source {
        Source::Rule { rule, group } if *rule == edited => format!("rule:this/{group}"),
        other => other.to_string(),
    };
    let sources: Vec<String> = held.sources.iter().map(name).collect();
    let mut sources = sources;
    sources.sort_unstable();
    format!("{} {} {}", held.subject, words(&held.grant), sources.join(" "))
}

fn shown(outlook: &Outlook, edited: Id) -> Value {
    let of = |all: &[Held]| {
        let mut by: BTreeMap<Id, BTreeSet<Grant>> = BTreeMap::new();
        for held in all {
            by.entry(held.subject).or_default().insert(held.grant.clone());
        }
        by
    };
    let (before, after) = (of(&outlook.before), of(&outlook.after));
    let none = BTreeSet::new();
    let mut changes = Vec::new();
    let people: BTreeSet<Id> = before.keys().chain(after.keys()).copied().collect();
    let mut changed = 0_usize;
    for id in people {
        let (had, has) = (before.get(&id).unwrap_or(&none), after.get(&id).unwrap_or(&none));
        if had == has {
            continue;
        }
        changed += 1;
        if changes.len() < MOST_SHOWN {
            let words = |all: &mut dyn Iterator<Item = &Grant>| all.map(words).collect::<Vec<_>>();
            changes.push(json!({
                "person": id.to_string(),
                "begins": words(&mut has.difference(had)),
                "ends": words(&mut had.difference(has)),
            }));
        }
    }
    let findings = outlook.findings.iter().take(MOST_FINDINGS).map(|finding| {
        json!({
            "person": finding.subject.to_string(),
            "group": finding.group.to_string(),
            "why": finding.why.to_string(),
        })
    });
    json!({
        "people": outlook.people,
        "changed": changed,
        "changes": changes,
        "findings": findings.collect::<Vec<_>>(),
        "result": fingerprint(&outlook.after, edited),
    })
}

/// A grant in one line.
fn words(grant: &Grant) -> String {
    let topic = crate::service::ledger::topic(grant);
    match grant {
        Grant::Assignment { role, .. } => format!("{topic} role:{role}"),
        Grant::Delegation { service, .. } => format!("{topic} service:{service}"),
        Grant::LoginDisabled { reason } => format!("{topic} {reason}"),
        Grant::Limit { limit } => format!("{topic} {limit:?}"),
        Grant::Admin { scope: Some(scope), .. } => format!("{topic} at:{scope}"),
        _ => topic,
    }
}
