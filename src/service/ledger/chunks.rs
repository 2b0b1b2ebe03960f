//! Many people changed because of a rule or a place: chunk by chunk, a commit each.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use crate::base::id::Id;
use crate::domain::access::rule::Rule;
use crate::domain::access::rule::Template;
use crate::domain::record::Kind as RecordKind;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::service::ledger::anew;
use crate::service::ledger::book::book;
use crate::service::ledger::progress::Progress;
use crate::store::change::Action;
use crate::store::change::Change;
use crate::store::change::Guard;
use crate::store::change::Outcome;
use crate::store::change::Verdict;
use crate::store::change::Write;

/// How many people are changed at a time.
const CHUNK: usize = 250;
/// How often a chunk that was overtaken is worked out anew.
const TURNS: usize = 8;

/// Changes the people, chunk by chunk.
pub async fn everyone(
    work: Work<'_>,
    rule: &Rule,
    people: BTreeSet<Id>,
    progress: &Progress,
) -> Result<(), Error> {
    let all: Vec<Id> = people.into_iter().collect();
    for chunk in all.chunks(CHUNK) {
        chunk_of(work, rule, chunk).await?;
        let done = u64::try_from(chunk.len()).unwrap_or(0);
        progress.done.fetch_add(done, Ordering::Relaxed);
    }
    Ok(())
}

async fn chunk_of(work: Work<'_>, rule: &Rule, chunk: &[Id]) -> Result<(), Error> {
    for _ in 0..TURNS {
        let book = book(work.ports, rule.organization).await?;
        let settled = anew::again(work, &book, chunk.iter().copied().collect()).await?;
        if settled.writes.is_empty() {
            return Ok(());
        }
        let change = of_rule(work, rule, (Action::Modify, settled.guards, settled.writes));
        if matches!(work.ports.store.commit(change).await?, Verdict::Done(_)) {
            return Ok(());
        }
    }
    let said = "Others keep changing the people of this rule. The rest is done within a minute.";
    Err(Error::new(Kind::Conflict, said))
}

/// The change of a rule, with what follows from it.
pub fn of_rule(
    work: Work<'_>,
    rule: &Rule,
    (action, guards, writes): (Action, Vec<Guard>, Vec<Write>),
) -> Change {
    Change {
        chain: rule.organization,
        cause: work.caller.cause(),
        action,
        outcome: Outcome::Done,
        subject: Some((RecordKind::RULE, rule.id)),
        attributes: vec!["rule".to_owned()],
        guards,
        writes,
    }
}

/// A place of `organization` was made, changed or taken away: works the people of every rule out
/// anew that may speak of it.
pub async fn follow_place(
    work: Work<'_>,
    organization: u32,
    kind: RecordKind,
) -> Result<(), Error> {
    let book = book(work.ports, organization).await?;
    let speaks = |grant: &Template| match kind {
        RecordKind::ROOM_SYSTEM => {
            matches!(grant, Template::RoomsOfSite { .. } | Template::Rooms { .. })
        }
        RecordKind::GROUP => matches!(grant, Template::AccessGroup { .. }),
        _ => matches!(
            grant,
            Template::Assignment { .. }
                | Template::RoomsOfSite { .. }
                | Template::HomeOrganization { .. }
                | Template::Admin { .. }
        ),
    };
    let rules: Vec<Rule> =
        book.rules.all().filter(|rule| rule.grants.iter().any(speaks)).cloned().collect();
    for rule in rules {
        let mut people = anew::people_of(work.ports, &book, &rule, None).await?;
        people.extend(anew::holders(work.ports, organization, rule.id).await?);
        everyone(work, &rule, people, &Progress::default()).await?;
    }
    Ok(())
}
