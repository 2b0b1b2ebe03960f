//! Reads of single rows, now.

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::store::End;
use crate::store::Fault;
use crate::store::Link;
use crate::store::LinkQuery;
use crate::store::change::Key;
use crate::store::redb::keys;
use crate::store::redb::keys::Span;
use crate::store::redb::row;
use crate::store::redb::row::Take;
use crate::store::redb::row::View;
use crate::store::redb::tables::Snapshot;

/// The record: one look-up, one copy of its body.
pub(super) fn record(snapshot: &Snapshot, id: Id) -> Result<Option<Record>, Fault> {
    match snapshot.records.get(id.0.as_slice())? {
        Some(row) => Ok(Some(View::read(id, row.value())?.record()?)),
        None => Ok(None),
    }
}

/// The head of the record.
pub(super) fn head(snapshot: &Snapshot, id: Id) -> Result<Option<Head>, Fault> {
    match snapshot.records.get(id.0.as_slice())? {
        Some(row) => Ok(Some(View::read(id, row.value())?.head)),
        None => Ok(None),
    }
}

/// The record behind a unique value. A value that is unique in the organization is found from
/// the organization (connection 0) only.
pub(super) fn find(snapshot: &Snapshot, key: &Key) -> Result<Option<Id>, Fault> {
    let key = keys::unique(key.within, key.kind, key.field, &key.value);
    match snapshot.unique.get(key.as_slice())? {
        Some(row) => Ok(Some(row::read_holder(row.value())?.0)),
        None => Ok(None),
    }
}

/// How many records of a kind a partition has.
pub(super) fn count(snapshot: &Snapshot, partition: Partition, kind: Kind) -> Result<u64, Fault> {
    match snapshot.counts.get(keys::kind(partition, kind).as_slice())? {
        Some(row) => Take(row.value()).u64(),
        None => Ok(0),
    }
}

/// Whether the link exists.
pub(super) fn linked(
    snapshot: &Snapshot,
    relation: Relation,
    from: Id,
    to: Id,
) -> Result<bool, Fault> {
    Ok(snapshot.links.get(keys::link(relation, from, to).as_slice())?.is_some())
}

/// A page of links.
pub(super) fn links(snapshot: &Snapshot, query: &LinkQuery) -> Result<Vec<Link>, Fault> {
    let table = match query.end {
        End::From(_) => &snapshot.links,
        End::To(_) => &snapshot.links_back,
    };
    let span = links_span(query);
    let mut found = Vec::new();
    if keys::empty(&span) {
        return Ok(found);
    }
    for row in table.range::<&[u8]>(keys::borrowed(&span))?.take(query.limit) {
        let (key, row) = row?;
        found.push(link(query.end, keys::last_id(key.value())?, row::read_link(row.value())?));
    }
    Ok(found)
}

/// Where the asked-for links are, in the table of present or of past links.
pub(super) fn links_span(query: &LinkQuery) -> Span {
    let (End::From(known) | End::To(known)) = query.end;
    let (low, high) = keys::starting(keys::link_end(query.relation, known));
    match query.after {
        Some(after) => (keys::after(&keys::link(query.relation, known, after)), high),
        None => (low, high),
    }
}

/// A link, seen from one end.
pub(super) fn link(end: End, other: Id, (since, note): (Moment, u8)) -> Link {
    match end {
        End::From(from) => Link { from, to: other, note, since },
        End::To(to) => Link { from: other, to, note, since },
    }
}
