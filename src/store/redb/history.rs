//! What was: records and links as of an instant.
//!
//! A version holds in `[modified, end)`. The first row of the past that ends after the instant is
//! the one, if it had begun by then; its body is found by going from the next body that is kept
//! whole back to it, at most sixteen steps.

use std::collections::BTreeMap;
use std::ops::Bound;

use redb::ReadableTable;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Head;
use crate::domain::record::Record;
use crate::store::End;
use crate::store::Fault;
use crate::store::Link;
use crate::store::LinkQuery;
use crate::store::redb::fault::damaged;
use crate::store::redb::keys;
use crate::store::redb::read;
use crate::store::redb::row;
use crate::store::redb::row::Past;
use crate::store::redb::row::Take;
use crate::store::redb::tables::Snapshot;
use crate::store::redb::tables::Tables;

/// The record as of `at`.
pub(super) fn record(snapshot: &Snapshot, id: Id, at: Moment) -> Result<Option<Record>, Fault> {
    let present = read::record(snapshot, id)?;
    if present.as_ref().is_some_and(|record| record.head.modified <= at) {
        return Ok(present);
    }
    let low = Bound::Excluded(keys::history(id, at));
    let span = (low, keys::successor(&id.0));
    if keys::empty(&span) {
        return Ok(None);
    }
    let mut rows = snapshot.history.range::<&[u8]>(keys::borrowed(&span))?;
    let mut steps = Vec::new();
    let mut body = loop {
        let Some(found) = rows.next() else {
            // Only differences from here to the present: without a present there is nothing.
            match (&present, steps.is_empty()) {
                (_, true) => return Ok(None),
                (Some(present), false) => break present.body.clone(),
                (None, false) => return Err(damaged()),
            }
        };
        let row = found?.1;
        let past = Past::read(id, row.value())?;
        if steps.is_empty() && past.head.modified > at {
            return Ok(None);
        }
        let whole = past.whole();
        steps.push(row);
        if whole {
            break Vec::new();
        }
    };
    let mut head = None;
    for row in steps.iter().rev() {
        let past = Past::read(id, row.value())?;
        body = past.restore(&body)?;
        head = Some(past.head);
    }
    Ok(head.map(|head| Record { head, body }))
}

/// The head that an erased record had at its end.
pub(super) fn last(tables: &Tables<'_>, id: Id) -> Result<Option<Head>, Fault> {
    let span = keys::starting(id.0.to_vec());
    let mut rows = tables.history.range::<&[u8]>(keys::borrowed(&span))?;
    let Some(row) = rows.next_back() else { return Ok(None) };
    Ok(Some(Past::read(id, row?.1.value())?.head))
}

/// A page of links as of `at`, in the order of the other end.
pub(super) fn links(
    snapshot: &Snapshot,
    query: &LinkQuery,
    at: Moment,
) -> Result<Vec<Link>, Fault> {
    let past = match query.end {
        End::From(_) => &snapshot.links_past,
        End::To(_) => &snapshot.links_past_back,
    };
    let mut found: BTreeMap<Id, Link> = BTreeMap::new();
    let span = read::links_span(query);
    if keys::empty(&span) {
        return Ok(Vec::new());
    }
    for row in past.range::<&[u8]>(keys::borrowed(&span))? {
        let (key, row) = row?;
        let mut key = Take(key.value());
        key.bytes(18)?;
        let (other, ended) = (Id(key.array()?), key.array()?);
        let (began, note) = row::read_link(row.value())?;
        if began <= at && keys::moment(at) < ended {
            found.insert(other, read::link(query.end, other, (began, note)));
        }
        if found.len() >= query.limit {
            break;
        }
    }
    for link in read::links(snapshot, &LinkQuery { limit: usize::MAX, ..*query })? {
        let other = match query.end {
            End::From(_) => link.to,
            End::To(_) => link.from,
        };
        if link.since <= at {
            found.insert(other, link);
        }
    }
    Ok(found.into_values().take(query.limit).collect())
}
