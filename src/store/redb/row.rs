//! How values are spelled: records, their former selves, links.
//!
//! A record is `2, head, length and checksum of the body, body, entries`: the body is read
//! without looking at the entries, and never given out when it is not what was written (F05). A former body is kept whole, or as its difference from the next newer one: how
//! many bytes at both ends are the same, and what was between.

use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::store::Fault;
use crate::store::change::Entry;
use crate::store::change::Unique;
use crate::store::redb::fault::altered;
use crate::store::redb::fault::damaged;
use crate::store::redb::fault::oversized;

const LAYOUT: u8 = 2;
const WHOLE: u8 = 0;
const DIFFERENCE: u8 = 1;
/// Every so many versions a former body is kept whole, so that reading the past stays short.
const STRIDE: u64 = 16;

/// A record with everything that is stored of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// Its head.
    pub(super) head: Head,
    /// Its body.
    pub(super) body: Vec<u8>,
    /// Sorted, without repetition.
    pub(super) entries: Vec<Entry>,
}

/// A stored record, not yet copied.
pub(super) struct View<'a> {
    /// Its head.
    pub(super) head: Head,
    /// Its body.
    pub(super) body: &'a [u8],
    checksum: u32,
    entries: &'a [u8],
}

/// An entry, not copied.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EntryView<'a> {
    /// Which attribute.
    pub(super) field: Field,
    /// The value.
    pub(super) value: &'a [u8],
    /// Within what it may occur once.
    pub(super) unique: Unique,
}

impl<'a> View<'a> {
    /// Reads a row of the records.
    pub(super) fn read(id: Id, row: &'a [u8]) -> Result<Self, Fault> {
        let mut take = Take(row);
        let head = take.head(id)?;
        let length = usize::try_from(take.u32()?).map_err(|_| damaged())?;
        let checksum = take.u32()?;
        let body = take.bytes(length)?;
        Ok(Self { head, body, checksum, entries: take.0 })
    }

    /// The record as callers see it, if its body is what was written.
    pub(super) fn record(&self) -> Result<Record, Fault> {
        if !self.whole() {
            return Err(altered(self.head.id));
        }
        Ok(Record { head: self.head, body: self.body.to_vec() })
    }

    /// Whether the body is what was written.
    pub(super) fn whole(&self) -> bool {
        crc32fast::hash(self.body) == self.checksum
    }

    /// By what it is found.
    pub(super) fn entries(&self) -> Result<Vec<EntryView<'a>>, Fault> {
        postcard::from_bytes(self.entries).map_err(|_| damaged())
    }

    /// All of it, copied.
    pub(super) fn stored(&self) -> Result<Stored, Fault> {
        let entries = postcard::from_bytes(self.entries).map_err(|_| damaged())?;
        Ok(Stored { head: self.head, body: self.body.to_vec(), entries })
    }
}

impl Stored {
    /// As a row of the records.
    pub(super) fn row(&self) -> Result<Vec<u8>, Fault> {
        let mut row = Vec::with_capacity(self.body.len() + self.entries.len() * 48 + 64);
        write_head(&self.head, &mut row);
        row.extend(length(&self.body)?);
        row.extend(crc32fast::hash(&self.body).to_be_bytes());
        row.extend_from_slice(&self.body);
        postcard::to_extend(&self.entries, row).map_err(|_| oversized())
    }

    /// As a row of the past. `newer` is the body that replaces it, if one does.
    pub(super) fn past(&self, newer: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
        let mut row = Vec::new();
        write_head(&self.head, &mut row);
        let newer = newer.filter(|_| !self.head.version.is_multiple_of(STRIDE));
        match newer.map(|newer| difference(&self.body, newer)) {
            Some((start, end)) if start + end > 8 => {
                row.push(DIFFERENCE);
                row.extend(u32::try_from(start).map_err(|_| oversized())?.to_be_bytes());
                row.extend(u32::try_from(end).map_err(|_| oversized())?.to_be_bytes());
                let middle = self.body.get(start..self.body.len().saturating_sub(end));
                row.extend_from_slice(middle.ok_or_else(damaged)?);
            }
            _ => {
                row.push(WHOLE);
                row.extend_from_slice(&self.body);
            }
        }
        Ok(row)
    }
}

/// A row of the past.
pub(super) struct Past<'a> {
    /// The head it had.
    pub(super) head: Head,
    body: PastBody<'a>,
}

enum PastBody<'a> {
    Whole(&'a [u8]),
    Difference { start: usize, end: usize, middle: &'a [u8] },
}

impl<'a> Past<'a> {
    /// Reads a row of the past.
    pub(super) fn read(id: Id, row: &'a [u8]) -> Result<Self, Fault> {
        let mut take = Take(row);
        let head = take.head(id)?;
        let body = match take.u8()? {
            WHOLE => PastBody::Whole(take.0),
            DIFFERENCE => PastBody::Difference {
                start: usize::try_from(take.u32()?).map_err(|_| damaged())?,
                end: usize::try_from(take.u32()?).map_err(|_| damaged())?,
                middle: take.0,
            },
            _ => return Err(damaged()),
        };
        Ok(Self { head, body })
    }

    /// Whether it can be read without the next newer body.
    pub(super) fn whole(&self) -> bool {
        matches!(self.body, PastBody::Whole(_))
    }

    /// The body, given the next newer one.
    pub(super) fn restore(&self, newer: &[u8]) -> Result<Vec<u8>, Fault> {
        match self.body {
            PastBody::Whole(body) => Ok(body.to_vec()),
            PastBody::Difference { start, end, middle } => {
                let head = newer.get(..start).ok_or_else(damaged)?;
                let from = newer.len().checked_sub(end).ok_or_else(damaged)?;
                let tail = newer.get(from..).ok_or_else(damaged)?;
                Ok([head, middle, tail].concat())
            }
        }
    }
}

/// How many bytes are the same at the start and at the end.
fn difference(old: &[u8], new: &[u8]) -> (usize, usize) {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()).saturating_sub(start);
    let same = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    (start, same.min(most))
}

fn write_head(head: &Head, row: &mut Vec<u8>) {
    row.push(LAYOUT);
    row.extend(head.kind.0.to_be_bytes());
    row.extend(head.partition.organization.to_be_bytes());
    row.extend(head.partition.connection.to_be_bytes());
    row.extend(head.version.to_be_bytes());
    row.extend(head.created.0.to_be_bytes());
    row.extend(head.modified.0.to_be_bytes());
    row.push(head.flags);
}

fn length(body: &[u8]) -> Result<[u8; 4], Fault> {
    Ok(u32::try_from(body.len()).map_err(|_| oversized())?.to_be_bytes())
}

/// Since when (or: until when) and the note of a link.
pub(super) fn link(since: Moment, note: u8) -> Vec<u8> {
    let mut row = since.0.to_be_bytes().to_vec();
    row.push(note);
    row
}

/// The reverse of [`link`].
pub(super) fn read_link(row: &[u8]) -> Result<(Moment, u8), Fault> {
    let mut take = Take(row);
    Ok((take.moment()?, take.u8()?))
}

/// Whose a unique value is.
pub(super) fn holder(id: Id, connection: u32) -> Vec<u8> {
    let mut row = id.0.to_vec();
    row.extend(connection.to_be_bytes());
    row
}

/// The reverse of [`holder`].
pub(super) fn read_holder(row: &[u8]) -> Result<(Id, u32), Fault> {
    let mut take = Take(row);
    Ok((Id(take.array()?), take.u32()?))
}

/// Reads fixed-width fields from the front.
pub(super) struct Take<'a>(pub(super) &'a [u8]);

impl<'a> Take<'a> {
    /// The next `count` bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// The next byte.
    pub(super) fn u8(&mut self) -> Result<u8, Fault> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// The next four bytes.
    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// The next eight bytes.
    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// The next eight bytes, as a moment.
    pub(super) fn moment(&mut self) -> Result<Moment, Fault> {
        Ok(Moment(i64::from_be_bytes(self.array()?)))
    }

    fn head(&mut self, id: Id) -> Result<Head, Fault> {
        if self.u8()? != LAYOUT {
            return Err(damaged());
        }
        Ok(Head {
            id,
            kind: Kind(self.u32()?),
            partition: Partition { organization: self.u32()?, connection: self.u32()? },
            version: self.u64()?,
            created: self.moment()?,
            modified: self.moment()?,
            flags: self.u8()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(version: u64, body: &[u8]) -> Stored {
        let head = Head {
            id: Id([1; 16]),
            kind: Kind::USER,
            partition: Partition { organization: 1, connection: 2 },
            version,
            created: Moment(5),
            modified: Moment(6),
            flags: 3,
        };
        let entry = Entry { field: Field(7), value: b"v".to_vec(), unique: Unique::Partition };
        Stored { head, body: body.to_vec(), entries: vec![entry] }
    }

    #[test]
    fn a_record_reads_back() {
        let record = stored(1, b"{}");
        let row = record.row().unwrap();
        let view = View::read(record.head.id, &row).unwrap();
        assert_eq!(view.stored().unwrap(), record);
        assert_eq!(view.entries().unwrap()[0].value, b"v");
        assert!(View::read(record.head.id, &row[..20]).is_err());
    }

    #[test]
    fn f05_a_body_that_is_not_what_was_written_is_not_given_out() {
        let record = stored(1, b"{\"active\":false}");
        let row = record.row().unwrap();
        let id = record.head.id;
        assert_eq!(View::read(id, &row).unwrap().record().unwrap().body, record.body);
        let start = row.windows(5).position(|bytes| bytes == b"false").unwrap();
        for bit in 0..8 {
            let mut flipped = row.clone();
            flipped[start] ^= 1 << bit;
            assert!(View::read(id, &flipped).unwrap().record().is_err());
        }
    }

    #[test]
    fn a_former_body_reads_back_from_the_newer_one() {
        for (old, new) in [
            ("{\"a\":\"long enough\"}", "{\"a\":\"long and enough\"}"),
            ("aaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("aaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaa"),
            ("x", ""),
            ("same same same same", "same same same same"),
        ] {
            let record = stored(3, old.as_bytes());
            let row = record.past(Some(new.as_bytes())).unwrap();
            let past = Past::read(record.head.id, &row).unwrap();
            assert_eq!(past.restore(new.as_bytes()).unwrap(), old.as_bytes());
        }
    }

    #[test]
    fn every_sixteenth_version_is_kept_whole() {
        let row = stored(16, b"0123456789abcdef").past(Some(b"0123456789abcdef")).unwrap();
        assert!(Past::read(Id([1; 16]), &row).unwrap().whole());
    }
}
