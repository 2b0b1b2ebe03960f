//! Whether a link would close a circle, or make a chain too long.
//!
//! Both walks go level by level, keep every record of a level once, and remember who has no
//! further links. People are no part of a chain, so a group of many costs one look.

use std::collections::BTreeSet;
use std::collections::HashSet;

use crate::base::id::Id;
use crate::domain::record::Relation;
use crate::store::Fault;
use crate::store::change::Guard;
use crate::store::change::Verdict;
use crate::store::redb::stage::Stage;
use crate::store::redb::stage::Stop;

/// Records that the walks of one change may look at together. The writer waits for them, and
/// with it everybody: a web of groups that needs more is refused as if it were too deep.
const MOST: usize = 50_000;

/// What the walks down of one change have learned and spent.
#[derive(Default)]
struct Walked {
    /// Who has no further links.
    barren: HashSet<Id>,
    looked: usize,
}

/// What lies above a holder: the same for all new members of one change.
struct Above {
    relation: Relation,
    to: Id,
    everyone: HashSet<Id>,
    levels: usize,
}

/// Which links a walk down follows.
#[derive(Clone, Copy)]
struct Way {
    relation: Relation,
    note: u8,
}

/// Checks the `NoPath` guards against the change as it would be.
pub(super) fn guard(stage: &Stage<'_, '_>, guards: &[Guard]) -> Result<(), Stop> {
    let mut above: Option<Above> = None;
    let mut walked = Walked::default();
    for guard in guards {
        let Guard::NoPath { relation, from, to, note, depth } = *guard else { continue };
        let depth = usize::from(depth);
        let known = above.take().filter(|a| a.relation == relation && a.to == to);
        let upper = match known {
            Some(upper) => upper,
            None => look_up(stage, relation, to, depth)?,
        };
        let room = depth.saturating_sub(upper.levels);
        let closed = from == to || upper.everyone.contains(&from);
        let way = Way { relation, note };
        if closed || room == 0 || longer(stage, way, (from, room.saturating_sub(1)), &mut walked)? {
            return Err(Stop::Refused(Verdict::Cyclic));
        }
        above = Some(upper);
    }
    Ok(())
}

fn look_up(
    stage: &Stage<'_, '_>,
    relation: Relation,
    to: Id,
    depth: usize,
) -> Result<Above, Fault> {
    let mut above = Above { relation, to, everyone: HashSet::new(), levels: 0 };
    let mut level = BTreeSet::from([to]);
    while above.levels <= depth && above.everyone.len() <= MOST {
        let mut next = BTreeSet::new();
        for id in level {
            next.extend(stage.holders(relation, id)?);
        }
        if next.is_empty() {
            return Ok(above);
        }
        above.everyone.extend(&next);
        above.levels = above.levels.saturating_add(1);
        level = next;
    }
    above.levels = usize::MAX;
    Ok(above)
}

/// Whether a chain of more than `most` links starts at `from`.
fn longer(
    stage: &Stage<'_, '_>,
    way: Way,
    (from, most): (Id, usize),
    walked: &mut Walked,
) -> Result<bool, Fault> {
    let mut level = BTreeSet::from([from]);
    for _ in 0..=most {
        let mut next = BTreeSet::new();
        let mut further = false;
        for id in level {
            walked.looked = walked.looked.saturating_add(1);
            let targets = stage.targets_noted(way.relation, id, way.note)?;
            if targets.is_empty() {
                walked.barren.insert(id);
            }
            further |= !targets.is_empty();
            next.extend(targets.into_iter().filter(|id| !walked.barren.contains(id)));
        }
        if !further {
            return Ok(false);
        }
        if walked.looked > MOST {
            return Ok(true);
        }
        level = next;
    }
    Ok(true)
}
