//! What a condition would cost, and whether it is cheap enough to answer on the spot.

use crate::store::Fault;
use crate::store::redb::Shared;
use crate::store::redb::ask;
use crate::store::redb::ask::Ask;
use crate::store::redb::keys;
use crate::store::redb::select;
use crate::store::redb::sources;
use crate::store::redb::tables::Reading;
use crate::store::redb::tables::Snapshot;
use crate::store::select::Condition;
use crate::store::select::Page;
use crate::store::select::Select;

/// Rows that are counted at first to compare conditions.
const ENOUGH: u64 = 1_000;
/// How many more are counted, again and again, while all conditions have at least as many.
const MORE: u64 = 8;
/// From here on one is as good as another.
const LOTS: u64 = 512_000;
/// Candidates that are read where the question is asked.
const FEW: u64 = 32;

/// How many candidates a condition has, counted up to `most`; `None` when only reading every
/// record can tell.
pub(super) fn estimate(
    ask: &Ask<'_>,
    condition: &Condition,
    most: u64,
) -> Result<Option<u64>, Fault> {
    match condition {
        Condition::Everything => Ok(None),
        Condition::Nothing => Ok(Some(0)),
        Condition::Ids(ids) => Ok(Some(u64::try_from(ids.len()).unwrap_or(u64::MAX))),
        Condition::HoldsLink(relation, id) => {
            rows(&ask.snapshot.links_back, keys::link_end(*relation, *id), most).map(Some)
        }
        Condition::LinkedFrom(relation, id) => {
            rows(&ask.snapshot.links, keys::link_end(*relation, *id), most).map(Some)
        }
        Condition::All(parts) => {
            let mut least: Option<u64> = None;
            for part in parts {
                let most = least.map_or(most, |least| most.min(least));
                let part = estimate(ask, part, most)?;
                least = least.into_iter().chain(part).min();
            }
            Ok(least)
        }
        Condition::Any(parts) => {
            let mut sum = 0_u64;
            for part in parts {
                let Some(part) = estimate(ask, part, most)? else { return Ok(None) };
                sum = sum.saturating_add(part);
            }
            Ok(Some(sum))
        }
        Condition::Is(..) | Condition::Prefix(..) | Condition::Range(..) => {
            let Some((field, reach)) = ask::reach(condition) else { return Ok(Some(0)) };
            sources::count(ask, field, reach, most).map(Some)
        }
    }
}

/// The condition with the fewest candidates; `None` when only reading every record can tell.
///
/// Counting costs a fraction of what the candidates cost: never more than a little beyond the
/// smallest condition, times the number of conditions.
pub(super) fn cheapest<'c>(
    ask: &Ask<'_>,
    parts: &'c [Condition],
) -> Result<Option<&'c Condition>, Fault> {
    let mut most = ENOUGH;
    loop {
        let mut best: Option<(u64, &Condition)> = None;
        for part in parts {
            let most = best.map_or(most, |(least, _)| least.max(1));
            let rows = estimate(ask, part, most)?;
            if let Some(rows) = rows.filter(|rows| best.is_none_or(|(least, _)| *rows < least)) {
                best = Some((rows, part));
            }
        }
        match best {
            Some((rows, _)) if rows >= most && most < LOTS => most = most.saturating_mul(MORE),
            best => return Ok(best.map(|(_, part)| part)),
        }
    }
}

fn rows(table: &Reading, prefix: Vec<u8>, most: u64) -> Result<u64, Fault> {
    let mut counted = 0_u64;
    for row in table.range::<&[u8]>(keys::borrowed(&keys::starting(prefix)))? {
        row?;
        counted = counted.saturating_add(1);
        if counted >= most {
            break;
        }
    }
    Ok(counted)
}

/// Whether the question looks like one that few rows answer.
pub(super) fn small(question: &Select) -> bool {
    question.at.is_none() && pointed(&question.condition)
}

fn pointed(condition: &Condition) -> bool {
    match condition {
        Condition::Nothing
        | Condition::Is(..)
        | Condition::HoldsLink(..)
        | Condition::LinkedFrom(..) => true,
        Condition::Ids(ids) => ids.len() <= 32,
        Condition::All(parts) => parts.iter().any(pointed),
        Condition::Any(parts) => parts.iter().all(pointed),
        _ => false,
    }
}

/// The page, when few candidates answer the question.
pub(super) fn quick(
    shared: &Shared,
    snapshot: &Snapshot,
    question: &Select,
) -> Result<Option<Page>, Fault> {
    let ask = Ask::new(snapshot, question, shared.clock.as_ref());
    let most = FEW.saturating_add(1);
    match estimate(&ask, &question.condition, most)? {
        Some(rows) if rows <= FEW => select::page(shared, snapshot, question).map(Some),
        _ => Ok(None),
    }
}
