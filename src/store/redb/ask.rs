//! A question under way: its scope spelled out, its budget, and the judgement of one record.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::store::Fault;
use crate::store::redb::history;
use crate::store::redb::keys;
use crate::store::redb::keys::Reach;
use crate::store::redb::read;
use crate::store::redb::row::EntryView;
use crate::store::redb::row::View;
use crate::store::redb::tables::Snapshot;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Position;
use crate::store::select::Select;
use crate::store::select::value;

/// Between two looks at the clock.
const STEPS: u64 = 64;

/// A place in the question's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    /// Which of the question's kinds.
    pub(super) part: u32,
    /// The sort key.
    pub(super) key: Option<Vec<u8>>,
    /// The record.
    pub(super) id: Id,
}

/// A record, and the value it is sorted by.
type Keyed = (Record, Option<Vec<u8>>);

/// A question under way.
pub(super) struct Ask<'a> {
    /// Where it is answered from.
    pub(super) snapshot: &'a Snapshot,
    /// The question.
    pub(super) question: &'a Select,
    /// For each of its kinds the partitions, each once.
    within: Vec<(Kind, BTreeSet<Partition>)>,
    clock: &'a dyn Clock,
    started: Duration,
    rows: Cell<u64>,
    steps: Cell<u64>,
}

impl<'a> Ask<'a> {
    /// Starts on a question.
    pub(super) fn new(snapshot: &'a Snapshot, question: &'a Select, clock: &'a dyn Clock) -> Self {
        let partitions = |kind| question.scope.partitions(kind).iter().copied().collect();
        let mut within: Vec<(Kind, BTreeSet<Partition>)> = Vec::with_capacity(question.kinds.len());
        for kind in &question.kinds {
            if within.iter().all(|(known, _)| known != kind) {
                within.push((*kind, partitions(*kind)));
            }
        }
        Self {
            snapshot,
            question,
            within,
            clock,
            started: clock.ticks(),
            rows: Cell::new(0),
            steps: Cell::new(0),
        }
    }

    /// The question's kinds, each once, numbered.
    pub(super) fn kinds(&self) -> Vec<(u32, Kind)> {
        let numbered = (0_u32..).zip(self.question.kinds.iter().copied());
        numbered.filter(|(part, kind)| self.part(*kind) == Some(*part)).collect()
    }

    /// Which of the question's kinds this is.
    pub(super) fn part(&self, kind: Kind) -> Option<u32> {
        let mut numbered = (0_u32..).zip(&self.question.kinds);
        numbered.find(|(_, other)| **other == kind).map(|(part, _)| part)
    }

    /// The partitions in which records of this kind are asked for.
    pub(super) fn partitions(&self, kind: Kind) -> &BTreeSet<Partition> {
        const NONE: &BTreeSet<Partition> = &BTreeSet::new();
        self.within.iter().find(|(known, _)| *known == kind).map_or(NONE, |(_, within)| within)
    }

    /// Whether records of this kind in this partition are asked for.
    pub(super) fn covers(&self, kind: Kind, partition: Partition) -> bool {
        self.partitions(kind).contains(&partition)
    }

    /// The records of this kind that are asked for, where a partition holds others too.
    pub(super) fn only(&self, kind: Kind, partition: Partition) -> Option<&[Id]> {
        self.question.scope.only(kind, partition)
    }

    /// Whether this record is not left out where only some are asked for.
    pub(super) fn sees(&self, kind: Kind, partition: Partition, id: Id) -> bool {
        self.only(kind, partition).is_none_or(|only| only.contains(&id))
    }

    /// Whether a record is of the scope and the kinds.
    pub(super) fn inside(&self, head: &Head) -> Option<u32> {
        let seen =
            self.sees(head.kind, head.partition, head.id) && self.covers(head.kind, head.partition);
        self.part(head.kind).filter(|_| seen)
    }

    /// Accounts for a record that is read and tested.
    pub(super) fn spend(&self) -> Result<(), Fault> {
        self.rows.set(self.rows.get().saturating_add(1));
        if self.rows.get() > self.question.budget.rows {
            return Err(Fault::Budget);
        }
        self.step()
    }

    /// Accounts for the time of a row that is only passed.
    pub(super) fn step(&self) -> Result<(), Fault> {
        let steps = self.steps.get().wrapping_add(1);
        self.steps.set(steps);
        let look = steps.is_multiple_of(STEPS);
        let late = || self.clock.ticks().saturating_sub(self.started) > self.question.budget.time;
        if look && late() { Err(Fault::Budget) } else { Ok(()) }
    }

    /// The record, if it is inside and, when `verify`, fulfils condition and test; with its sort
    /// key. As of the question's instant, where the condition is the test's business.
    pub(super) fn judge(&self, id: Id, verify: bool) -> Result<Option<(Record, Seat)>, Fault> {
        self.spend()?;
        let judged = match self.question.at {
            Some(at) => history::record(self.snapshot, id, at)?.map(|record| (record, None)),
            None => self.judge_now(id, verify)?,
        };
        let Some((record, mut key)) = judged else { return Ok(None) };
        let Some(part) = self.inside(&record.head) else { return Ok(None) };
        if verify && self.question.test.as_ref().is_some_and(|test| !test(&record)) {
            return Ok(None);
        }
        match &self.question.order {
            Order::Key { key: read, .. } => key = read(&record),
            Order::Field { field, .. } if key.is_none() => key = own(*field, &record.head),
            _ => {}
        }
        let key = key.map(|key| keys::kept(&key).to_vec());
        Ok(Some((record, Seat { part, key, id })))
    }

    fn judge_now(&self, id: Id, verify: bool) -> Result<Option<Keyed>, Fault> {
        let Some(row) = self.snapshot.records.get(id.0.as_slice())? else { return Ok(None) };
        let view = View::read(id, row.value())?;
        if self.inside(&view.head).is_none() {
            return Ok(None);
        }
        let sorted = match &self.question.order {
            Order::Field { field, .. } => Some(*field),
            _ => None,
        };
        let entries = if verify || sorted.is_some() { view.entries()? } else { Vec::new() };
        if verify && !self.fulfils(&self.question.condition, &view.head, &entries)? {
            return Ok(None);
        }
        let least = |field| entries.iter().find(|e| e.field == field).map(|e| e.value.to_vec());
        Ok(Some((view.record()?, sorted.and_then(least))))
    }

    /// Whether a record fulfils a condition, read off the record itself.
    fn fulfils(
        &self,
        condition: &Condition,
        head: &Head,
        entries: &[EntryView<'_>],
    ) -> Result<bool, Fault> {
        let linked = |relation, from, to| read::linked(self.snapshot, relation, from, to);
        match condition {
            Condition::Everything => Ok(true),
            Condition::Nothing => Ok(false),
            Condition::Ids(ids) => Ok(ids.contains(&head.id)),
            Condition::HoldsLink(relation, to) => linked(*relation, head.id, *to),
            Condition::LinkedFrom(relation, from) => linked(*relation, *from, head.id),
            Condition::All(parts) => parts
                .iter()
                .try_fold(true, |all, part| Ok(all && self.fulfils(part, head, entries)?)),
            Condition::Any(parts) => parts
                .iter()
                .try_fold(false, |any, part| Ok(any || self.fulfils(part, head, entries)?)),
            _ => Ok(reach(condition).is_some_and(|(field, reach)| match own(field, head) {
                Some(value) => reach.holds(&value),
                None => entries.iter().any(|e| e.field == field && reach.holds(e.value)),
            })),
        }
    }

    /// How two places of the order compare.
    pub(super) fn compare(&self, one: &Seat, other: &Seat) -> Ordering {
        match self.question.order {
            Order::Id => (one.part, one.id).cmp(&(other.part, other.id)),
            Order::Field { descending, .. } | Order::Key { descending, .. } => {
                let missing = one.key.is_none().cmp(&other.key.is_none());
                let order = missing.then_with(|| (&one.key, one.id).cmp(&(&other.key, other.id)));
                if descending { order.reverse() } else { order }
            }
        }
    }
}

/// The fields and values that a condition on one field reaches.
pub(super) fn reach(condition: &Condition) -> Option<(Field, Reach<'_>)> {
    match condition {
        Condition::Is(field, value) => Some((*field, Reach::Is(value))),
        Condition::Prefix(field, start) => Some((*field, Reach::Prefix(start))),
        Condition::Range(field, low, high) => {
            let (low, high) = (low.as_ref(), high.as_ref());
            Some((*field, Reach::Range(low.map(Vec::as_slice), high.map(Vec::as_slice))))
        }
        _ => None,
    }
}

/// The value of a field that the store keeps by itself.
fn own(field: Field, head: &Head) -> Option<Vec<u8>> {
    match field {
        Field::CREATED => Some(value::moment(head.created)),
        Field::MODIFIED => Some(value::moment(head.modified)),
        _ => None,
    }
}

impl Seat {
    /// The place, as a page's end.
    pub(super) fn position(self) -> Position {
        Position { part: self.part, key: self.key, id: self.id }
    }

    /// A page's end, as a place.
    pub(super) fn of(position: &Position) -> Self {
        Self { part: position.part, key: position.key.clone(), id: position.id }
    }
}
