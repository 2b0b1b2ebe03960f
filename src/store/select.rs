//! What a question is. It cannot be built without a scope.

use std::fmt;
use std::ops::Bound;
use std::ops::RangeBounds;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::record::Field;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::store::change::Entry;

/// A condition over indexed fields and links. It may let through more than the question means;
/// then the question's `test` decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Every record.
    Everything,
    /// No record.
    Nothing,
    /// One of the fields' values is exactly this.
    Is(Field, Vec<u8>),
    /// One of the field's values starts with this.
    Prefix(Field, Vec<u8>),
    /// One of the field's values lies between.
    Range(Field, Bound<Vec<u8>>, Bound<Vec<u8>>),
    /// The record is one of these.
    Ids(Vec<Id>),
    /// The record holds a link to this record (the groups of a member).
    HoldsLink(Relation, Id),
    /// This record holds a link to the record (the members of a group).
    LinkedFrom(Relation, Id),
    /// All of these.
    All(Vec<Condition>),
    /// Any of these.
    Any(Vec<Condition>),
}

/// Decides what the index cannot. Called on records in any order, on any thread.
pub type Test = Arc<dyn Fn(&Record) -> bool + Send + Sync>;

/// Reads a sort key out of a record; `None` when it has none.
pub type SortKey = Arc<dyn Fn(&Record) -> Option<Vec<u8>> + Send + Sync>;

/// In which order.
#[derive(Clone)]
pub enum Order {
    /// By identifier: the order of creation.
    Id,
    /// By an indexed, single-valued field; records without it come last (first when descending).
    /// As of a past instant only `CREATED` and `MODIFIED` are known: take `Key` there.
    Field {
        /// The field.
        field: Field,
        /// Whether the order is reversed.
        descending: bool,
    },
    /// By a key read out of each record; records without one come last (first when descending).
    Key {
        /// The reader.
        key: SortKey,
        /// Whether the order is reversed.
        descending: bool,
    },
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id => f.write_str("Id"),
            Self::Field { field, descending } => write!(f, "Field({}, {descending})", field.0),
            Self::Key { descending, .. } => write!(f, "Key({descending})"),
        }
    }
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// After this many matches.
    Skip(u64),
    /// After this position, which need not exist any more.
    After(Position),
}

/// A place in an order, that survives changes around it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Which of the question's kinds, counted from 0. Counts in the order by identifier, which
    /// runs kind by kind; sorting by key or field runs over all kinds together and ignores it.
    pub part: u32,
    /// The sort key; `None` for order by id and for records without one.
    pub key: Option<Vec<u8>>,
    /// The identifier.
    pub id: Id,
}

/// How much a question may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Records that may be read and tested.
    pub rows: u64,
    /// How long it may take.
    pub time: Duration,
}

/// How many records of a question without a limit of its own are read at a time.
const PAGE: usize = 1_000;

/// A question.
#[derive(Clone)]
pub struct Select {
    /// Whose records; made by `domain/access/admin` only.
    pub scope: Scope,
    /// Of which kinds, in this order; sorting by key or field runs over all of them together.
    pub kinds: Vec<Kind>,
    /// What the index can decide.
    pub condition: Condition,
    /// What it cannot. `None` when `condition` says it all.
    pub test: Option<Test>,
    /// The order.
    pub order: Order,
    /// Where the page begins.
    pub start: Start,
    /// At most this many records; 0 asks for the total only.
    pub limit: usize,
    /// Whether the total is needed.
    pub total: bool,
    /// As of this instant; `None` is now. As-of questions always carry a `test` that says it all.
    pub at: Option<Moment>,
    /// What it may cost.
    pub budget: Budget,
}

impl Select {
    /// All of `kinds` in `scope` that fulfil `condition`, now, in the order of their making and as
    /// many at a time as a page holds. For our own use cases, which bound themselves: without a
    /// budget.
    pub fn of(scope: Scope, kinds: Vec<Kind>, condition: Condition) -> Self {
        Self {
            scope,
            kinds,
            condition,
            test: None,
            order: Order::Id,
            start: Start::Skip(0),
            limit: PAGE,
            total: false,
            at: None,
            budget: Budget { rows: u64::MAX, time: Duration::MAX },
        }
    }
}

impl fmt::Debug for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Select");
        shown.field("kinds", &self.kinds).field("order", &self.order).finish_non_exhaustive()
    }
}

/// A page of records.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records, in order.
    pub records: Vec<Record>,
    /// Where each of them stands, for whoever gives out fewer than there are. A question that
    /// was answered without an order leaves it empty, and has one record at most.
    pub positions: Vec<Position>,
    /// How many fulfil the question, when asked for.
    pub total: Option<u64>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Position>,
    /// How the store found them: `unique`, `index`, `links`, `walk`, `scan`. For metrics.
    pub plan: &'static str,
}

/// How many bytes of a value or a sort key decide an order; the identifier decides the rest.
pub const SORTED_BYTES: usize = 128;

/// The naive evaluator: what every engine must answer, worked out over plain values (records
/// with their entries, and links as relation, holder, target). Answers the identifiers of the
/// page. For tests; it is as slow as it is plain.
pub fn reference(
    records: &[(Record, Vec<Entry>)],
    links: &[(Relation, Id, Id)],
    question: &Select,
) -> Vec<Id> {
    let part = |record: &Record| question.kinds.iter().position(|kind| *kind == record.head.kind);
    let mut seats = Vec::new();
    for (record, entries) in records {
        let Some(part) = part(record) else { continue };
        let inside = {
            let Head { id, kind, partition, .. } = record.head;
            question.scope.covers(kind, partition, id)
        };
        let tested = question.test.as_ref().is_none_or(|test| test(record));
        if inside && tested && fulfils(&question.condition, record, entries, links) {
            let (key, part) = match &question.order {
                Order::Id => (None, part),
                Order::Field { field, .. } => {
                    (values(*field, record, entries).into_iter().min(), 0)
                }
                Order::Key { key, .. } => (key(record), 0),
            };
            let key = key.map(|key| key.get(..SORTED_BYTES).unwrap_or(&key).to_vec());
            seats.push((part, key.is_none(), key, record.head.id));
        }
    }
    seats.sort();
    let mut seats: Vec<Id> = seats.into_iter().map(|(_, _, _, id)| id).collect();
    if let Order::Field { descending: true, .. } | Order::Key { descending: true, .. } =
        question.order
    {
        seats.reverse();
    }
    let before = match &question.start {
        Start::Skip(skip) => usize::try_from(*skip).unwrap_or(usize::MAX),
        Start::After(position) => {
            seats.iter().position(|id| *id == position.id).map_or(0, |at| at.saturating_add(1))
        }
    };
    seats.into_iter().skip(before).take(question.limit).collect()
}

fn values(field: Field, record: &Record, entries: &[Entry]) -> Vec<Vec<u8>> {
    match field {
        Field::CREATED => vec![value::moment(record.head.created)],
        Field::MODIFIED => vec![value::moment(record.head.modified)],
        _ => entries.iter().filter(|e| e.field == field).map(|e| e.value.clone()).collect(),
    }
}

pub(in crate::store) fn fulfils(
    condition: &Condition,
    record: &Record,
    entries: &[Entry],
    links: &[(Relation, Id, Id)],
) -> bool {
    let id = record.head.id;
    let any = |field: Field, test: &dyn Fn(&[u8]) -> bool| {
        values(field, record, entries).iter().any(|value| test(value))
    };
    match condition {
        Condition::Everything => true,
        Condition::Nothing => false,
        Condition::Is(field, wanted) => any(*field, &|value| value == wanted),
        Condition::Prefix(field, start) => any(*field, &|value| value.starts_with(start)),
        Condition::Range(field, low, high) => {
            any(*field, &|value| (low.clone(), high.clone()).contains(&value.to_vec()))
        }
        Condition::Ids(ids) => ids.contains(&id),
        Condition::HoldsLink(relation, to) => links.contains(&(*relation, id, *to)),
        Condition::LinkedFrom(relation, from) => links.contains(&(*relation, *from, id)),
        Condition::All(parts) => parts.iter().all(|part| fulfils(part, record, entries, links)),
        Condition::Any(parts) => parts.iter().any(|part| fulfils(part, record, entries, links)),
    }
}

/// The encoding of values in entries and conditions, so that bytes compare as values do.
pub mod value {
    use crate::base::clock::Moment;

    /// Text that is already folded or exact as its attribute asks.
    pub fn text(text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }

    /// `false` before `true`.
    pub fn boolean(value: bool) -> Vec<u8> {
        vec![u8::from(value)]
    }

    /// Earlier before later.
    pub fn moment(moment: Moment) -> Vec<u8> {
        integer(moment.0)
    }

    /// Smaller before larger.
    pub fn integer(value: i64) -> Vec<u8> {
        let shifted = value.cast_unsigned() ^ (1 << 63);
        shifted.to_be_bytes().to_vec()
    }

    /// Smaller before larger; no NaN comes here.
    pub fn decimal(value: f64) -> Vec<u8> {
        let bits = value.to_bits();
        let ordered = if bits >> 63 == 1 { !bits } else { bits ^ (1 << 63) };
        ordered.to_be_bytes().to_vec()
    }
}
