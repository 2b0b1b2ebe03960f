//! How keys are spelled: big-endian, fixed width first, so that bytes sort as meanings do.
//!
//! A value inside an index key is escaped (`00` becomes `00 FF`) and ended by `00 00`, so that
//! it sorts as the value alone would. Only its first 128 bytes are there: a match on so long a
//! value is a candidate, and the record itself decides.

use std::ops::Bound;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Relation;
use crate::store::Fault;
use crate::store::redb::fault::damaged;
use crate::store::redb::row::Take;
use crate::store::select::SORTED_BYTES;

/// How many bytes of a value an index row and a sort key keep.
pub(super) const KEPT: usize = SORTED_BYTES;
/// Bytes before the value in an index or unique key.
const FIXED: usize = 16;
const END: [u8; 2] = [0, 0];
const PAST_END: [u8; 2] = [0, 1];

/// A stretch of keys.
pub(super) type Span = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// partition
fn partition(p: Partition) -> Vec<u8> {
    let mut key = Vec::with_capacity(96);
    key.extend(p.organization.to_be_bytes());
    key.extend(p.connection.to_be_bytes());
    key
}

/// partition, kind
pub(super) fn kind(p: Partition, kind: Kind) -> Vec<u8> {
    let mut key = partition(p);
    key.extend(kind.0.to_be_bytes());
    key
}

/// partition, kind, id
pub(super) fn owned(p: Partition, of: Kind, id: Id) -> Vec<u8> {
    let mut key = kind(p, of);
    key.extend(id.0);
    key
}

/// partition, kind, field
pub(super) fn field(p: Partition, of: Kind, field: Field) -> Vec<u8> {
    let mut key = kind(p, of);
    key.extend(field.0.to_be_bytes());
    key
}

/// partition, kind, field, value: a unique row.
pub(super) fn unique(p: Partition, of: Kind, which: Field, value: &[u8]) -> Vec<u8> {
    let mut key = field(p, of, which);
    key.extend(value);
    key
}

/// partition, kind, field, value, id: an index row.
pub(super) fn index(p: Partition, of: Kind, which: Field, value: &[u8], id: Id) -> Vec<u8> {
    let mut key = field(p, of, which);
    escape(kept(value), &mut key);
    key.extend(END);
    key.extend(id.0);
    key
}

/// relation, one end, other end
pub(super) fn link(relation: Relation, one: Id, other: Id) -> Vec<u8> {
    let mut key = link_end(relation, one);
    key.extend(other.0);
    key
}

/// relation, one end
pub(super) fn link_end(relation: Relation, one: Id) -> Vec<u8> {
    let mut key = Vec::with_capacity(42);
    key.extend(relation.0.to_be_bytes());
    key.extend(one.0);
    key
}

/// relation, one end, other end, moment
pub(super) fn past_link(relation: Relation, one: Id, other: Id, ended: Moment) -> Vec<u8> {
    let mut key = link(relation, one, other);
    key.extend(moment(ended));
    key
}

/// id, moment
pub(super) fn history(id: Id, ended: Moment) -> Vec<u8> {
    let mut key = id.0.to_vec();
    key.extend(moment(ended));
    key
}

/// The reverse of [`history`].
pub(super) fn read_history(key: &[u8]) -> Result<(Id, Moment), Fault> {
    let mut take = Take(key);
    Ok((Id(take.array()?), read_moment(take.array()?)))
}

/// chain, sequence
pub(super) fn event(chain: u32, seq: u64) -> Vec<u8> {
    let mut key = chain.to_be_bytes().to_vec();
    key.extend(seq.to_be_bytes());
    key
}

/// A moment, so that earlier sorts before later.
pub(super) fn moment(at: Moment) -> [u8; 8] {
    (at.0.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// The reverse of [`moment`].
pub(super) fn read_moment(bytes: [u8; 8]) -> Moment {
    Moment((u64::from_be_bytes(bytes) ^ (1 << 63)).cast_signed())
}

/// Everything that starts with `prefix`.
pub(super) fn starting(prefix: Vec<u8>) -> Span {
    let end = successor(&prefix);
    (Bound::Included(prefix), end)
}

/// The first key after everything that starts with `prefix`.
pub(super) fn successor(prefix: &[u8]) -> Bound<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last.saturating_add(1));
            return Bound::Excluded(end);
        }
    }
    Bound::Unbounded
}

/// Where that which sorts after everything that starts with `prefix` begins.
pub(super) fn after(prefix: &[u8]) -> Bound<Vec<u8>> {
    match successor(prefix) {
        Bound::Excluded(next) => Bound::Included(next),
        // No key of ours is as long as this one.
        _ => Bound::Excluded(vec![u8::MAX; 4_096]),
    }
}

/// The part of a value that index rows and sort keys keep.
pub(super) fn kept(value: &[u8]) -> &[u8] {
    value.get(..KEPT).unwrap_or(value)
}

fn escape(value: &[u8], out: &mut Vec<u8>) {
    for &byte in value {
        out.push(byte);
        if byte == 0 {
            out.push(u8::MAX);
        }
    }
}

/// The identifier at the end of a key.
pub(super) fn last_id(key: &[u8]) -> Result<Id, Fault> {
    key.last_chunk().copied().map(Id).ok_or_else(damaged)
}

/// The escaped value inside an index key.
pub(super) fn index_value(key: &[u8]) -> Result<&[u8], Fault> {
    let end = key.len().checked_sub(16 + END.len()).ok_or_else(damaged)?;
    key.get(FIXED..end).ok_or_else(damaged)
}

/// The value inside a unique key.
pub(super) fn unique_value(key: &[u8]) -> Result<&[u8], Fault> {
    key.get(FIXED..).ok_or_else(damaged)
}

/// The reverse of escaping.
pub(super) fn unescape(escaped: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(&byte) = bytes.next() {
        value.push(byte);
        if byte == 0 {
            bytes.next();
        }
    }
    value
}

/// Which values are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach<'a> {
    /// Exactly this one.
    Is(&'a [u8]),
    /// Those that start so.
    Prefix(&'a [u8]),
    /// Those between.
    Range(Bound<&'a [u8]>, Bound<&'a [u8]>),
}

impl Reach<'_> {
    /// All values.
    pub(super) const WHOLE: Self = Reach::Range(Bound::Unbounded, Bound::Unbounded);

    /// Where they are among the index rows that start with `prefix`. May hold rows too many
    /// where a bound is longer than what rows keep.
    pub(super) fn index_span(self, prefix: &[u8]) -> Span {
        let spell = |value: &[u8], tail: &[u8]| {
            let mut key = prefix.to_vec();
            escape(kept(value), &mut key);
            key.extend(tail);
            key
        };
        match self {
            Reach::Is(value) => {
                (Bound::Included(spell(value, &END)), Bound::Excluded(spell(value, &PAST_END)))
            }
            Reach::Prefix(value) => starting(spell(value, &[])),
            Reach::Range(low, high) => {
                let low = match low {
                    Bound::Unbounded => Bound::Included(prefix.to_vec()),
                    Bound::Excluded(v) if v.len() < KEPT => Bound::Included(spell(v, &PAST_END)),
                    Bound::Included(v) | Bound::Excluded(v) => Bound::Included(spell(v, &END)),
                };
                let high = match high {
                    Bound::Unbounded => successor(prefix),
                    Bound::Excluded(v) if v.len() < KEPT => Bound::Excluded(spell(v, &END)),
                    Bound::Included(v) | Bound::Excluded(v) => Bound::Excluded(spell(v, &PAST_END)),
                };
                (low, high)
            }
        }
    }

    /// Where they are among the unique rows that start with `prefix`: exactly.
    pub(super) fn unique_span(self, prefix: &[u8]) -> Span {
        let spell = |value: &[u8]| [prefix, value].concat();
        match self {
            Reach::Is(value) => (Bound::Included(spell(value)), Bound::Included(spell(value))),
            Reach::Prefix(value) => starting(spell(value)),
            Reach::Range(low, high) => {
                let low = match low {
                    Bound::Unbounded => Bound::Included(prefix.to_vec()),
                    bound => bound.map(spell),
                };
                let high = match high {
                    Bound::Unbounded => successor(prefix),
                    bound => bound.map(spell),
                };
                (low, high)
            }
        }
    }

    /// Whether `value` is wanted.
    pub(super) fn holds(self, value: &[u8]) -> bool {
        match self {
            Reach::Is(wanted) => value == wanted,
            Reach::Prefix(start) => value.starts_with(start),
            Reach::Range(low, high) => {
                let above = match low {
                    Bound::Unbounded => true,
                    Bound::Included(low) => value >= low,
                    Bound::Excluded(low) => value > low,
                };
                let below = match high {
                    Bound::Unbounded => true,
                    Bound::Included(high) => value <= high,
                    Bound::Excluded(high) => value < high,
                };
                above && below
            }
        }
    }
}

/// Whether no key can lie in the span.
pub(super) fn empty(span: &Span) -> bool {
    match span {
        (Bound::Included(low), Bound::Included(high)) => low > high,
        (
            Bound::Included(low) | Bound::Excluded(low),
            Bound::Included(high) | Bound::Excluded(high),
        ) => low >= high,
        _ => false,
    }
}

/// A span as the engine takes it.
pub(super) fn borrowed(span: &Span) -> (Bound<&[u8]>, Bound<&[u8]>) {
    (span.0.as_ref().map(Vec::as_slice), span.1.as_ref().map(Vec::as_slice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_values_sort_as_values_do() {
        let p = Partition { organization: 1, connection: 2 };
        let spell = |v: &[u8]| index(p, Kind::USER, Field(9), v, Id([7; 16]));
        let values: [&[u8]; 6] = [b"", b"\0", b"\0\0", b"\0\x01", b"a", b"a\0b"];
        for pair in values.windows(2) {
            assert!(spell(pair[0]) < spell(pair[1]), "{pair:?}");
        }
        for value in values {
            assert_eq!(unescape(index_value(&spell(value)).unwrap()), value);
        }
    }

    #[test]
    fn successor_carries() {
        assert_eq!(successor(&[1, 255]), Bound::Excluded(vec![2]));
        assert_eq!(successor(&[255, 255]), Bound::Unbounded);
    }
}
