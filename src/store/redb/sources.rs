//! Where the values of a field lie: stretches of the index and of the unique values.

use std::collections::BTreeSet;
use std::ops::Bound;

use redb::Range;

use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::store::Fault;
use crate::store::redb::ask::Ask;
use crate::store::redb::keys;
use crate::store::redb::keys::Reach;
use crate::store::redb::keys::Span;
use crate::store::redb::row;

/// Rows of a table.
pub(super) type Rows = Range<'static, &'static [u8], &'static [u8]>;

/// Which table a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Values that may occur anywhere.
    Index,
    /// Values that may occur once.
    Unique,
}

/// The rows of one field, kind and partition in one table.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// In which table.
    pub(super) shape: Shape,
    /// Which of the question's kinds.
    pub(super) part: u32,
    kind: Kind,
    prefix: Vec<u8>,
    partition: Partition,
}

/// Every place where values of `field` may be that the question covers.
pub(super) fn places(ask: &Ask<'_>, field: Field) -> Vec<Place> {
    let mut found = Vec::new();
    let whole = |p: &Partition| Partition { connection: 0, ..*p };
    for (part, kind) in ask.kinds() {
        let own = ask.partitions(kind);
        let within: BTreeSet<Partition> = own.iter().flat_map(|p| [*p, whole(p)]).collect();
        let place = |shape, p: &Partition| Place {
            shape,
            part,
            kind,
            prefix: keys::field(*p, kind, field),
            partition: *p,
        };
        found.extend(within.iter().map(|p| place(Shape::Unique, p)));
        found.extend(own.iter().map(|p| place(Shape::Index, p)));
    }
    found
}

impl Place {
    /// The rows of the values that are wanted.
    pub(super) fn rows(&self, ask: &Ask<'_>, reach: Reach<'_>) -> Result<Option<Rows>, Fault> {
        self.open(ask, &self.span(reach))
    }

    /// The rows of the values that are wanted, from a place in the order on. May begin a little
    /// before it.
    pub(super) fn rows_from(
        &self,
        ask: &Ask<'_>,
        reach: Reach<'_>,
        (key, id, descending): (&[u8], Id, bool),
    ) -> Result<Option<Rows>, Fault> {
        let (mut low, mut high) = self.span(reach);
        let (from, to) = match self.shape {
            Shape::Index => {
                let (Bound::Included(mut at), _) = Reach::Is(key).index_span(&self.prefix) else {
                    return self.open(ask, &(low, high));
                };
                at.extend(id.0);
                (Bound::Included(at.clone()), Bound::Included(at))
            }
            Shape::Unique => {
                let at = [self.prefix.as_slice(), key].concat();
                let to = keys::successor(&at);
                (Bound::Included(at), to)
            }
        };
        if descending {
            high = nearer(high, to, false);
        } else {
            low = nearer(low, from, true);
        }
        self.open(ask, &(low, high))
    }

    fn span(&self, reach: Reach<'_>) -> Span {
        match self.shape {
            Shape::Index => reach.index_span(&self.prefix),
            Shape::Unique => reach.unique_span(&self.prefix),
        }
    }

    fn open(&self, ask: &Ask<'_>, span: &Span) -> Result<Option<Rows>, Fault> {
        if keys::empty(span) {
            return Ok(None);
        }
        let table = match self.shape {
            Shape::Index => &ask.snapshot.index,
            Shape::Unique => &ask.snapshot.unique,
        };
        Ok(Some(table.range::<&[u8]>(keys::borrowed(span))?))
    }

    /// The record of a row; `None` when the question does not cover it.
    pub(super) fn id(&self, ask: &Ask<'_>, key: &[u8], row: &[u8]) -> Result<Option<Id>, Fault> {
        match self.shape {
            Shape::Index => {
                let seen = |id: &Id| ask.sees(self.kind, self.partition, *id);
                Ok(Some(keys::last_id(key)?).filter(seen))
            }
            Shape::Unique => {
                let (id, connection) = row::read_holder(row)?;
                let partition = Partition { connection, ..self.partition };
                let inside = ask.covers(self.kind, partition);
                Ok((inside && ask.sees(self.kind, partition, id)).then_some(id))
            }
        }
    }

    /// The sort key of a row.
    pub(super) fn key(&self, key: &[u8]) -> Result<Vec<u8>, Fault> {
        match self.shape {
            Shape::Index => Ok(keys::unescape(keys::index_value(key)?)),
            Shape::Unique => Ok(keys::kept(keys::unique_value(key)?).to_vec()),
        }
    }
}

/// The bound that lets through less.
pub(super) fn nearer(one: Bound<Vec<u8>>, other: Bound<Vec<u8>>, low: bool) -> Bound<Vec<u8>> {
    match (&one, &other) {
        (Bound::Unbounded, _) => other,
        (_, Bound::Unbounded) => one,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => {
            match a.cmp(b) {
                std::cmp::Ordering::Equal if matches!(one, Bound::Excluded(_)) => one,
                std::cmp::Ordering::Equal => other,
                order if order.is_gt() == low => one,
                _ => other,
            }
        }
    }
}

/// How many rows a reach has, counted up to `most`.
pub(super) fn count(
    ask: &Ask<'_>,
    field: Field,
    reach: Reach<'_>,
    most: u64,
) -> Result<u64, Fault> {
    let mut counted = 0_u64;
    for place in places(ask, field) {
        let Some(rows) = place.rows(ask, reach)? else { continue };
        for row in rows {
            let (key, row) = row?;
            ask.step()?;
            if place.id(ask, key.value(), row.value())?.is_some() {
                counted = counted.saturating_add(1);
            }
            if counted >= most {
                return Ok(counted);
            }
        }
    }
    Ok(counted)
}

/// How many records the question's scope and kinds have.
pub(super) fn population(ask: &Ask<'_>) -> Result<u64, Fault> {
    let mut sum = 0_u64;
    for (_, kind) in ask.kinds() {
        sum = sum.saturating_add(population_of_kind(ask, kind)?);
    }
    Ok(sum)
}

/// How many records of a kind the scope has.
pub(super) fn population_of_kind(ask: &Ask<'_>, kind: Kind) -> Result<u64, Fault> {
    let mut sum = 0_u64;
    for partition in ask.partitions(kind) {
        if let Some(only) = ask.only(kind, *partition) {
            for id in only.iter().collect::<BTreeSet<_>>() {
                let key = keys::owned(*partition, kind, *id);
                sum = sum
                    .saturating_add(u64::from(ask.snapshot.owned.get(key.as_slice())?.is_some()));
            }
            continue;
        }
        sum = sum.saturating_add(population_of(ask, *partition, kind)?);
    }
    Ok(sum)
}

fn population_of(ask: &Ask<'_>, partition: Partition, kind: Kind) -> Result<u64, Fault> {
    crate::store::redb::read::count(ask.snapshot, partition, kind)
}
