//! Answering a question: candidates or a walk, judged, in order, one page of them.
//!
//! - By identifier: candidates of the index in order, or a walk over what is owned; kind by kind.
//! - By field: few candidates are read and sorted; else the values of the field are walked in
//!   order and looked up among the candidates. Records without the field follow (or precede).
//!   Values sort by their first 128 bytes, then by identifier.
//! - By key: everything that fulfils the question is read and sorted.
//!
//! A page ends at a place in the order, never at a count, so that what changes elsewhere moves
//! nothing across a page's edge.

use std::collections::BTreeSet;

use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::store::Fault;
use crate::store::redb::Shared;
use crate::store::redb::ask;
use crate::store::redb::ask::Ask;
use crate::store::redb::ask::Seat;
use crate::store::redb::gather;
use crate::store::redb::gather::Found;
use crate::store::redb::keys::Reach;
use crate::store::redb::skip;
use crate::store::redb::skip::Marks;
use crate::store::redb::sources;
use crate::store::redb::tables::Snapshot;
use crate::store::redb::walk;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Page;
use crate::store::select::Select;
use crate::store::select::Start;

/// Up to so many candidates are read and sorted instead of looked up along a walk.
const SORTED: usize = 1_000;

/// A page of records that fulfil the question.
pub(super) fn page(shared: &Shared, snapshot: &Snapshot, question: &Select) -> Result<Page, Fault> {
    let ask = Ask::new(snapshot, question, shared.clock.as_ref());
    let found = candidates(&ask)?;
    match &question.order {
        Order::Id => by_id(&ask, &shared.marks, found.as_ref()),
        Order::Field { field, descending } if question.at.is_none() => match found {
            Some(found) if found.rows.len() <= SORTED => sorted(&ask, Some(&found)),
            found => by_field(&ask, found.as_ref(), *field, *descending),
        },
        Order::Field { .. } | Order::Key { .. } => sorted(&ask, found.as_ref()),
    }
}

/// As of an instant, whatever is or was owned; the test decides.
fn candidates(ask: &Ask<'_>) -> Result<Option<Found>, Fault> {
    if ask.question.at.is_none() {
        return gather::found(ask, &ask.question.condition);
    }
    let mut rows = match &ask.question.condition {
        Condition::Nothing => Vec::new(),
        _ => walk::ever_owned(ask)?,
    };
    if let Condition::Ids(ids) = &ask.question.condition {
        let wanted: BTreeSet<_> = ids.iter().collect();
        rows.retain(|(_, id)| wanted.contains(id));
    }
    Ok(Some(Found { rows, exact: false, plan: "scan" }))
}

fn by_id(ask: &Ask<'_>, marks: &Marks, found: Option<&Found>) -> Result<Page, Fault> {
    let mut collect = Collect::new(ask, found)?;
    let from = collect.from();
    if let Some(found) = found {
        let start = from
            .as_ref()
            .map_or(0, |seat| found.rows.partition_point(|row| *row <= (seat.part, seat.id)));
        for (part, id) in found.rows.iter().skip(start) {
            if !collect.offer(Seat { part: *part, key: None, id: *id })? {
                break;
            }
        }
        return Ok(collect.page(found.plan));
    }
    for (part, kind) in ask.kinds() {
        let after = match &from {
            Some(seat) if seat.part > part => continue,
            Some(seat) if seat.part == part => Some(seat.id),
            _ => None,
        };
        let Some(after) = collect.pass(marks, kind, after)? else { continue };
        if !walk::owned(ask, &[(part, kind)], (after, false), &mut |seat| collect.offer(seat))? {
            break;
        }
    }
    let plan = collect.walked();
    Ok(collect.page(plan))
}

fn by_field(
    ask: &Ask<'_>,
    found: Option<&Found>,
    field: Field,
    descending: bool,
) -> Result<Page, Fault> {
    let mut collect = Collect::new(ask, found)?;
    let from = collect.from();
    let bound = bounds(&ask.question.condition, field);
    let reach = bound.unwrap_or(Reach::WHOLE);
    let lacking = bound.is_none();
    let keyed = from.as_ref().is_none_or(|seat| seat.key.is_some());
    let mut go = true;
    if descending && lacking && from.as_ref().is_none_or(|seat| seat.key.is_none()) {
        go = without(ask, field, (from.as_ref(), descending), &mut |s| collect.among(found, s))?;
    }
    if go && (descending || keyed) {
        let start = (from.as_ref(), descending);
        go = walk::values(ask, field, reach, start, &mut |s| collect.among(found, s))?;
    }
    if go && !descending && lacking {
        without(ask, field, (from.as_ref(), descending), &mut |s| collect.among(found, s))?;
    }
    let plan = collect.walked();
    Ok(collect.page(found.map_or(plan, |found| found.plan)))
}

/// The records that have no value of the field.
fn without(
    ask: &Ask<'_>,
    field: Field,
    (from, descending): (Option<&Seat>, bool),
    visit: walk::Visit<'_>,
) -> Result<bool, Fault> {
    let all = sources::population(ask)?;
    if sources::count(ask, field, Reach::WHOLE, all)? >= all {
        return Ok(true);
    }
    let after = from.filter(|seat| seat.key.is_none()).map(|seat| seat.id);
    walk::owned(ask, &ask.kinds(), (after, descending), &mut |seat| {
        let judged = ask.judge(seat.id, false)?;
        match judged.filter(|(_, seat)| seat.key.is_none()) {
            Some(_) => visit(seat),
            None => Ok(true),
        }
    })
}

/// What the condition says about the field, if it must hold for every match.
fn bounds(condition: &Condition, field: Field) -> Option<Reach<'_>> {
    match condition {
        Condition::All(parts) => parts.iter().find_map(|part| bounds(part, field)),
        _ => ask::reach(condition).filter(|(of, _)| *of == field).map(|(_, reach)| reach),
    }
}

fn sorted(ask: &Ask<'_>, found: Option<&Found>) -> Result<Page, Fault> {
    let verify = Collect::new(ask, found)?.verify;
    let mut seats = Vec::new();
    let mut take = |seat: Seat| {
        seats.extend(ask.judge(seat.id, verify)?.map(|(_, seat)| seat));
        Ok(true)
    };
    match found {
        Some(found) => {
            for (part, id) in &found.rows {
                take(Seat { part: *part, key: None, id: *id })?;
            }
        }
        None => {
            walk::owned(ask, &ask.kinds(), (None, false), &mut take)?;
        }
    }
    seats.sort_unstable_by(|one, other| ask.compare(one, other));
    let mut collect = Collect::new(ask, found)?;
    collect.verify = false;
    collect.counting = false;
    collect.total = ask.question.total.then(|| u64::try_from(seats.len()).unwrap_or(u64::MAX));
    for seat in seats {
        if !collect.offer(seat)? {
            break;
        }
    }
    Ok(collect.page(found.map_or("scan", |found| found.plan)))
}

/// Takes places in order and makes a page of them.
struct Collect<'a> {
    ask: &'a Ask<'a>,
    /// Each record must still be judged.
    verify: bool,
    /// The total is found by going through everything.
    counting: bool,
    total: Option<u64>,
    skip: u64,
    after: Option<Seat>,
    taken: Vec<Seat>,
    matched: u64,
    more: bool,
    page: Page,
}

impl<'a> Collect<'a> {
    fn new(ask: &'a Ask<'a>, found: Option<&Found>) -> Result<Self, Fault> {
        let question = ask.question;
        let decided = match found {
            Some(found) => found.exact,
            None => question.condition == Condition::Everything,
        };
        let verify = !decided || question.test.is_some();
        let total = match found {
            _ if !question.total || verify => None,
            Some(found) => Some(u64::try_from(found.rows.len()).unwrap_or(u64::MAX)),
            None => Some(sources::population(ask)?),
        };
        let (skip, after) = match &question.start {
            Start::Skip(skip) => (*skip, None),
            Start::After(position) => (0, Some(Seat::of(position))),
        };
        Ok(Self {
            ask,
            verify,
            counting: question.total && total.is_none(),
            total,
            skip,
            after,
            taken: Vec::new(),
            matched: 0,
            more: false,
            page: Page::default(),
        })
    }

    /// Where a walk may begin.
    fn from(&self) -> Option<Seat> {
        self.after.clone().filter(|_| !self.counting)
    }

    fn walked(&self) -> &'static str {
        if self.verify { "scan" } else { "walk" }
    }

    /// Skips as far as it goes without looking at records, and says after which one the walk is
    /// to begin; `None` when the kind is passed altogether.
    fn pass(
        &mut self,
        marks: &Marks,
        kind: Kind,
        after: Option<Id>,
    ) -> Result<Option<Option<Id>>, Fault> {
        if self.skip == 0 || self.verify || self.counting || self.ask.question.limit == 0 {
            return Ok(Some(after));
        }
        let all = sources::population_of_kind(self.ask, kind)?;
        let (reached, passed) = match self.ask.partitions(kind).first() {
            _ if all <= self.skip => (None, all),
            Some(only)
                if self.ask.partitions(kind).len() == 1 && self.ask.only(kind, *only).is_none() =>
            {
                skip::pass(self.ask, marks, (*only, kind), self.skip)?
            }
            _ => (after, 0),
        };
        self.skip = self.skip.saturating_sub(passed);
        Ok((all > passed).then_some(reached))
    }

    /// Takes a place, if its record is among the candidates.
    fn among(&mut self, found: Option<&Found>, seat: Seat) -> Result<bool, Fault> {
        match found {
            Some(found) if !found.has(seat.part, seat.id) => Ok(true),
            _ => self.offer(seat),
        }
    }

    /// Takes a place; says whether to go on.
    fn offer(&mut self, seat: Seat) -> Result<bool, Fault> {
        let wanted = self.ask.question.limit;
        if wanted == 0 && !self.counting {
            return Ok(false);
        }
        let early = self.after.as_ref().is_some_and(|a| self.ask.compare(&seat, a).is_le());
        if early && !self.counting {
            return Ok(true);
        }
        let full = self.page.records.len() >= wanted;
        let returned = !early && self.skip == 0 && !full;
        let mut record = None;
        if self.verify || returned {
            let judged = self.ask.judge(seat.id, self.verify)?;
            let Some((judged, _)) = judged else { return Ok(true) };
            record = Some(judged);
        }
        self.matched = self.matched.saturating_add(1);
        if early {
            return Ok(true);
        }
        if self.skip > 0 {
            self.skip = self.skip.saturating_sub(1);
            return Ok(true);
        }
        if full {
            self.more = true;
            return Ok(self.counting);
        }
        self.page.records.extend(record);
        self.taken.push(seat);
        Ok(true)
    }

    fn page(mut self, plan: &'static str) -> Page {
        self.page.plan = plan;
        self.page.total = if self.counting { Some(self.matched) } else { self.total };
        self.page.positions = self.taken.into_iter().map(Seat::position).collect();
        self.page.next = self.page.positions.last().filter(|_| self.more).cloned();
        self.page
    }
}
