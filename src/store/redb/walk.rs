//! Walks in order: over everything that is owned, and over the values of a field.
//!
//! Several stretches are merged as they are read. A walk hands each place to `visit` until that
//! says to stop.

use std::collections::BTreeSet;
use std::collections::BinaryHeap;
use std::collections::VecDeque;
use std::ops::Bound;

use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::store::Fault;
use crate::store::redb::ask::Ask;
use crate::store::redb::ask::Seat;
use crate::store::redb::keys;
use crate::store::redb::keys::KEPT;
use crate::store::redb::keys::Reach;
use crate::store::redb::keys::Span;
use crate::store::redb::sources;
use crate::store::redb::sources::Place;
use crate::store::redb::sources::Rows;
use crate::store::redb::tables::Reading;

/// Takes a place of the order; says whether to go on.
pub(super) type Visit<'v> = &'v mut dyn FnMut(Seat) -> Result<bool, Fault>;

/// Everything of the given kinds inside the scope, by identifier. Ends early when told to, and
/// then answers false.
pub(super) fn owned(
    ask: &Ask<'_>,
    kinds: &[(u32, Kind)],
    (from, descending): (Option<Id>, bool),
    visit: Visit<'_>,
) -> Result<bool, Fault> {
    let mut merge = Merge::new(descending);
    for Stretch { part, kind, partition, span } in stretches(ask, kinds) {
        let (mut low, mut high) = span;
        match from.map(|id| Bound::Excluded(keys::owned(partition, kind, id))) {
            Some(at) if descending => high = sources::nearer(high, at, false),
            Some(at) => low = sources::nearer(low, at, true),
            None => {}
        }
        let span = (low, high);
        if keys::empty(&span) {
            continue;
        }
        let rows = ask.snapshot.owned.range::<&[u8]>(keys::borrowed(&span))?;
        let stream = Stream { rows, place: None, part, ready: VecDeque::new(), ahead: None };
        merge.add(ask, stream)?;
    }
    merge.run(ask, visit)
}

/// Where records that are asked for lie.
struct Stretch {
    part: u32,
    kind: Kind,
    partition: Partition,
    span: Span,
}

/// All of a partition for most kinds, some records of it for others.
fn stretches(ask: &Ask<'_>, kinds: &[(u32, Kind)]) -> Vec<Stretch> {
    let mut all = Vec::new();
    for &(part, kind) in kinds {
        for &partition in ask.partitions(kind) {
            let of = |prefix| Stretch { part, kind, partition, span: keys::starting(prefix) };
            match ask.only(kind, partition) {
                None => all.push(of(keys::kind(partition, kind))),
                Some(only) => {
                    let only: BTreeSet<&Id> = only.iter().collect();
                    let each = only.into_iter().map(|id| of(keys::owned(partition, kind, *id)));
                    all.extend(each);
                }
            }
        }
    }
    all
}

/// The wanted values of a field inside the scope, by value and identifier.
pub(super) fn values(
    ask: &Ask<'_>,
    field: Field,
    reach: Reach<'_>,
    (from, descending): (Option<&Seat>, bool),
    visit: Visit<'_>,
) -> Result<bool, Fault> {
    let mut merge = Merge::new(descending);
    for place in sources::places(ask, field) {
        let rows = match from.and_then(|seat| Some((seat.key.as_deref()?, seat.id))) {
            Some((key, id)) => place.rows_from(ask, reach, (key, id, descending))?,
            None => place.rows(ask, reach)?,
        };
        if let Some(rows) = rows {
            let part = place.part;
            let place = Some(place);
            merge.add(ask, Stream { rows, place, part, ready: VecDeque::new(), ahead: None })?;
        }
    }
    merge.run(ask, visit)
}

/// The identifiers of what is or was owned, by part.
pub(super) fn ever_owned(ask: &Ask<'_>) -> Result<Vec<(u32, Id)>, Fault> {
    let mut all = BTreeSet::new();
    for Stretch { part, span, .. } in stretches(ask, &ask.kinds()) {
        for table in [&ask.snapshot.owned, &ask.snapshot.erased] {
            let ids = listed(ask, table, &span)?;
            all.extend(ids.into_iter().map(|id| (part, id)));
        }
    }
    Ok(all.into_iter().collect())
}

/// The identifiers at the ends of the keys in a span.
fn listed(ask: &Ask<'_>, table: &Reading, span: &Span) -> Result<Vec<Id>, Fault> {
    let mut ids = Vec::new();
    for row in table.range::<&[u8]>(keys::borrowed(span))? {
        ask.step()?;
        ids.push(keys::last_id(row?.0.value())?);
    }
    Ok(ids)
}

/// One stretch of rows, in order. Long unique values are sorted again by what sort keys keep.
struct Stream {
    rows: Rows,
    place: Option<Place>,
    part: u32,
    ready: VecDeque<Seat>,
    ahead: Option<Seat>,
}

impl Stream {
    fn next(&mut self, ask: &Ask<'_>, descending: bool) -> Result<Option<Seat>, Fault> {
        if let Some(seat) = self.ready.pop_front() {
            return Ok(Some(seat));
        }
        let first = match self.ahead.take() {
            Some(seat) => Some(seat),
            None => self.read(ask, descending)?,
        };
        let Some(first) = first else { return Ok(None) };
        if !long(&first) {
            return Ok(Some(first));
        }
        let mut alike = vec![first];
        while let Some(seat) = self.read(ask, descending)? {
            if alike.first().is_some_and(|first| first.key == seat.key) {
                alike.push(seat);
            } else {
                self.ahead = Some(seat);
                break;
            }
        }
        alike.sort_unstable_by_key(|seat| seat.id);
        if descending {
            alike.reverse();
        }
        self.ready = alike.into();
        Ok(self.ready.pop_front())
    }

    fn read(&mut self, ask: &Ask<'_>, descending: bool) -> Result<Option<Seat>, Fault> {
        loop {
            ask.step()?;
            let row = if descending { self.rows.next_back() } else { self.rows.next() };
            let Some(row) = row else { return Ok(None) };
            let (key, row) = row?;
            let Some(place) = &self.place else {
                let id = keys::last_id(key.value())?;
                return Ok(Some(Seat { part: self.part, key: None, id }));
            };
            if let Some(id) = place.id(ask, key.value(), row.value())? {
                let key = Some(place.key(key.value())?);
                return Ok(Some(Seat { part: self.part, key, id }));
            }
        }
    }
}

fn long(seat: &Seat) -> bool {
    seat.key.as_ref().is_some_and(|key| key.len() >= KEPT)
}

/// Streams, merged.
struct Merge {
    streams: Vec<Stream>,
    next: BinaryHeap<Next>,
    descending: bool,
}

impl Merge {
    fn new(descending: bool) -> Self {
        Self { streams: Vec::new(), next: BinaryHeap::new(), descending }
    }

    fn add(&mut self, ask: &Ask<'_>, mut stream: Stream) -> Result<(), Fault> {
        if let Some(seat) = stream.next(ask, self.descending)? {
            let stream_at = self.streams.len();
            self.next.push(Next { seat, stream_at, descending: self.descending });
            self.streams.push(stream);
        }
        Ok(())
    }

    fn run(mut self, ask: &Ask<'_>, visit: Visit<'_>) -> Result<bool, Fault> {
        while let Some(Next { seat, stream_at, descending }) = self.next.pop() {
            if let Some(stream) = self.streams.get_mut(stream_at)
                && let Some(seat) = stream.next(ask, descending)?
            {
                self.next.push(Next { seat, stream_at, descending });
            }
            if !visit(seat)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The next place of a stream; the greatest is taken first.
struct Next {
    seat: Seat,
    stream_at: usize,
    descending: bool,
}

impl Ord for Next {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let order = (&self.seat.key, self.seat.id).cmp(&(&other.seat.key, other.seat.id));
        if self.descending { order } else { order.reverse() }
    }
}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Next {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Next {}
