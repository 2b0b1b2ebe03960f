//! The end of a resource.

use std::sync::Arc;

use crate::domain::record::Kind;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Success;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::ledger::brake;
use crate::service::people;
use crate::service::places;
use crate::service::provision::Plan;
use crate::service::provision::create;
use crate::service::provision::target::target;
use crate::service::provision::verdict;
use crate::store::change::Action;
use crate::store::change::Guard;
use crate::store::change::Verdict;
use crate::store::change::Write;

pub(super) async fn attempt(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    id: &str,
    asked: &Asked,
) -> Result<Answer, Error> {
    // What a closing keeps is what there was: another change meanwhile, and it is decided anew.
    for _ in 0..TURNS {
        if let Some(answer) = once(work, rt, id, asked).await? {
            return Ok(answer);
        }
    }
    Err(verdict::conflict())
}

/// How often a removal is decided anew when others are faster.
const TURNS: usize = 5;

/// One decision; `None` when it was overtaken and the caller named no version.
async fn once(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    id: &str,
    asked: &Asked,
) -> Result<Option<Answer>, Error> {
    let target = target(work, rt, id, asked).await?;
    let head = target.record.head;
    let _lane = places::removable(work, &target.record).await?;
    let versioned = asked.precondition.if_match.is_some();
    let mut plan = Plan {
        guards: versioned.then_some(Guard::Version(head.id, head.version)).into_iter().collect(),
        writes: vec![Write::Erase(head.id)],
        chain: work.ports.registry.snapshot().organizations.get(&head.id).copied(),
        ..Plan::default()
    };
    match head.kind {
        Kind::USER => plan.follow(people::close(work, &target.record).await?),
        _ => {
            create::follow(work, (target.model, head.id, head.partition), None, &mut plan).await?;
        }
    }
    let ticket = match asked.weighed {
        true => None,
        false => brake::weigh(work, head.partition.organization, &plan.writes).await?,
    };
    let change = plan.change(work, Action::Delete, (head.kind, head.id, head.partition));
    let verdict = work.ports.store.commit(change).await?;
    if !matches!(verdict, Verdict::Done(_)) {
        brake::give_back(work.ports, ticket);
    }
    match verdict {
        Verdict::Done(_) => Ok(Some(Answer { success: Success::NoContent, ..Answer::default() })),
        Verdict::Stale(_) if !versioned => Ok(None),
        Verdict::Stale(_) => Err(visible::stale()),
        refused => Err(verdict::refusal(target.model, head.id, &refused)),
    }
}
