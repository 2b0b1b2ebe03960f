//! Candidates: the records that an index or a link table names for a condition.

use crate::base::id::Id;
use crate::store::Fault;
use crate::store::redb::ask;
use crate::store::redb::ask::Ask;
use crate::store::redb::keys;
use crate::store::redb::keys::KEPT;
use crate::store::redb::keys::Reach;
use crate::store::redb::plan;
use crate::store::redb::read;
use crate::store::redb::sources;
use crate::store::redb::sources::Shape;
use crate::store::redb::tables::Reading;
use crate::store::select::Condition;

/// What was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Part and record, in order, each once; all of them inside the scope.
    pub(super) rows: Vec<(u32, Id)>,
    /// Whether the condition holds for every one of them; else each must be judged.
    pub(super) exact: bool,
    /// How they were found.
    pub(super) plan: &'static str,
}

impl Found {
    fn new(mut rows: Vec<(u32, Id)>, exact: bool, plan: &'static str) -> Self {
        rows.sort_unstable();
        rows.dedup();
        Self { rows, exact, plan }
    }

    /// Whether the record is among them.
    pub(super) fn has(&self, part: u32, id: Id) -> bool {
        self.rows.binary_search(&(part, id)).is_ok()
    }
}

/// The candidates; `None` when only reading every record can tell.
pub(super) fn found(ask: &Ask<'_>, condition: &Condition) -> Result<Option<Found>, Fault> {
    match condition {
        Condition::Everything => Ok(None),
        Condition::Nothing => Ok(Some(Found::new(Vec::new(), true, "index"))),
        Condition::Ids(ids) => inside(ask, ids.clone(), "unique").map(Some),
        Condition::HoldsLink(relation, id) => {
            let ids = others(ask, &ask.snapshot.links_back, keys::link_end(*relation, *id))?;
            inside(ask, ids, "links").map(Some)
        }
        Condition::LinkedFrom(relation, id) => {
            let ids = others(ask, &ask.snapshot.links, keys::link_end(*relation, *id))?;
            inside(ask, ids, "links").map(Some)
        }
        Condition::All(parts) => all(ask, parts),
        Condition::Any(parts) => any(ask, parts),
        Condition::Is(..) | Condition::Prefix(..) | Condition::Range(..) => {
            field(ask, condition).map(Some)
        }
    }
}

/// The smallest of the parts; the rest is for the judge.
fn all(ask: &Ask<'_>, parts: &[Condition]) -> Result<Option<Found>, Fault> {
    let Some(part) = plan::cheapest(ask, parts)? else { return Ok(None) };
    let mut found = found(ask, part)?;
    if let Some(found) = &mut found {
        let rest = |other: &&Condition| !std::ptr::eq(*other, part);
        found.exact &= parts.iter().filter(rest).all(|c| *c == Condition::Everything);
    }
    Ok(found)
}

/// All of the parts together, when each can be found.
fn any(ask: &Ask<'_>, parts: &[Condition]) -> Result<Option<Found>, Fault> {
    if plan::estimate(ask, &Condition::Any(parts.to_vec()), 1)?.is_none() {
        return Ok(None);
    }
    let mut union = Found::new(Vec::new(), true, "index");
    for part in parts {
        let Some(found) = found(ask, part)? else { return Ok(None) };
        union.rows.extend(found.rows);
        union.exact &= found.exact;
        union.plan = found.plan;
    }
    Ok(Some(Found::new(union.rows, union.exact, union.plan)))
}

fn field(ask: &Ask<'_>, condition: &Condition) -> Result<Found, Fault> {
    let Some((field, reach)) = ask::reach(condition) else {
        return Ok(Found::new(Vec::new(), true, "index"));
    };
    let mut rows = Vec::new();
    let mut plan = "index";
    for place in sources::places(ask, field) {
        let Some(found) = place.rows(ask, reach)? else { continue };
        for row in found {
            let (key, row) = row?;
            ask.step()?;
            if let Some(id) = place.id(ask, key.value(), row.value())? {
                rows.push((place.part, id));
            }
        }
        if place.shape == Shape::Unique && !rows.is_empty() && matches!(reach, Reach::Is(_)) {
            plan = "unique";
        }
    }
    Ok(Found::new(rows, decides(reach), plan))
}

/// Whether a reach can be decided by what an index row keeps of a value.
fn decides(reach: Reach<'_>) -> bool {
    let short = |bound: std::ops::Bound<&[u8]>| match bound {
        std::ops::Bound::Unbounded => true,
        std::ops::Bound::Included(v) | std::ops::Bound::Excluded(v) => v.len() < KEPT,
    };
    match reach {
        Reach::Is(value) | Reach::Prefix(value) => value.len() < KEPT,
        Reach::Range(low, high) => short(low) && short(high),
    }
}

/// The other ends of a record's links.
fn others(ask: &Ask<'_>, table: &Reading, prefix: Vec<u8>) -> Result<Vec<Id>, Fault> {
    let mut ids = Vec::new();
    for row in table.range::<&[u8]>(keys::borrowed(&keys::starting(prefix)))? {
        ask.step()?;
        ids.push(keys::last_id(row?.0.value())?);
    }
    Ok(ids)
}

/// Those of the records that are inside the scope and the kinds.
fn inside(ask: &Ask<'_>, ids: Vec<Id>, plan: &'static str) -> Result<Found, Fault> {
    let mut rows = Vec::new();
    for id in ids {
        ask.step()?;
        let part = read::head(ask.snapshot, id)?.and_then(|head| ask.inside(&head));
        rows.extend(part.map(|part| (part, id)));
    }
    Ok(Found::new(rows, true, plan))
}
