//! Holding records against the journal: what the events tell of a record is what is stored of it.
//!
//! An event carries the hashes of its subject's body, before and after, and those of whatever
//! else it wrote beside. From that follows, for every version of every record, the present one
//! and those that are kept of the past:
//!
//! - its moment is the moment of an event, and versions follow each other without a gap;
//! - its body has the hash that the event of that moment left; if that event is about another
//!   record (a member of this group was removed), the body is the one before;
//! - an event that names the record tells of a body exactly as long as there is one.
//!
//! A change without a subject tells nothing of bodies: what it wrote is taken as it is found. The
//! use cases make no such changes.
//!
//! Identifiers are dealt into shares that are gone through one after the other, so that memory
//! does not grow with the journal: eight bytes an event, and one share.

use std::collections::BTreeSet;

use redb::ReadableTable;
use redb::ReadableTableMetadata;
use sha2::{Digest, Sha256};

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Head;
use crate::store::Fault;
use crate::store::change::Action;
use crate::store::change::Event;
use crate::store::change::Outcome;
use crate::store::redb::chain;
use crate::store::redb::keys;
use crate::store::redb::row::Past;
use crate::store::redb::row::View;
use crate::store::redb::tables::Snapshot;

/// Events that one share has, about.
const SHARE: u64 = 1_000_000;
/// The hash of no body.
const NONE: [u8; 32] = [0; 32];
const MISSING: &str = "it is missing, though no event removed it";
const OTHER: &str = "its body is not the one that its events tell of";

/// What differs: the records, and one sentence each for the first of them.
#[derive(Debug, Default)]
pub(super) struct Differing {
    /// How many records are not what the journal tells of.
    pub(super) records: u64,
    /// Which ones, and what is wrong.
    pub(super) said: Vec<String>,
}

/// Holds every record against the journal; keeps at most `kept` sentences.
pub(super) fn compare(snapshot: &Snapshot, kept: usize) -> Result<Differing, Fault> {
    let shares = (snapshot.events.len()? / SHARE).saturating_add(1);
    dealt(snapshot, kept, shares)
}

fn dealt(snapshot: &Snapshot, kept: usize, shares: u64) -> Result<Differing, Fault> {
    let told = Told::read(snapshot)?;
    let mut differing = Differing::default();
    for number in 0..shares {
        let share = Share::read(snapshot, &told, (number, shares))?;
        share.records(&mut |sentence| {
            differing.records = differing.records.saturating_add(1);
            if differing.said.len() < kept {
                differing.said.push(sentence);
            }
        })?;
    }
    Ok(differing)
}

/// The moments of all events, sorted.
#[derive(Default)]
struct Told {
    all: Vec<Moment>,
    /// Of changes without a subject.
    open: Vec<Moment>,
}

impl Told {
    fn read(snapshot: &Snapshot) -> Result<Self, Fault> {
        let mut told = Self::default();
        chain::each(snapshot, |event| {
            told.all.push(event.at);
            if open(event) {
                told.open.push(event.at);
            }
        })?;
        told.all.sort_unstable();
        told.open.sort_unstable();
        Ok(told)
    }

    fn of(&self, at: Moment) -> bool {
        self.all.binary_search(&at).is_ok()
    }

    fn openly(&self, at: Moment) -> bool {
        self.open.binary_search(&at).is_ok()
    }
}

/// Whether it tells of writes, and not of which records.
fn open(event: &Event) -> bool {
    let writes =
        matches!(event.action, Action::Create | Action::Replace | Action::Modify | Action::Delete);
    writes && event.subject.is_none() && event.outcome == Outcome::Done
}

/// An event, from the view of the record that it names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    id: Id,
    at: Moment,
    chain: u32,
    after: [u8; 32],
}

/// One version of a record.
struct Version {
    head: Head,
    /// Until when; `None` is now.
    ended: Option<Moment>,
    hash: [u8; 32],
}

impl Version {
    fn of(head: Head, ended: Option<Moment>, body: &[u8]) -> Self {
        Self { head, ended, hash: Sha256::digest(body).into() }
    }

    /// Whether `next` is the version after this one, at once or once the record was made again, or
    /// the first of a later life. That it was gone in between is what events tell: see [`presence`].
    fn precedes(&self, next: &Self) -> bool {
        let ended = self.ended.unwrap_or(Moment::MIN);
        let goes_on = next.head.created == self.head.created
            && next.head.modified >= ended
            && Some(next.head.version) == self.head.version.checked_add(1);
        goes_on || (next.begins() && next.head.created > ended)
    }

    /// Whether it is the first of a life.
    fn begins(&self) -> bool {
        self.head.version == 1 && self.head.created == self.head.modified
    }
}

/// The identifiers that are gone through together.
struct Share<'a> {
    snapshot: &'a Snapshot,
    told: &'a Told,
    /// Which share, of how many.
    place: (u64, u64),
    /// What the journal tells of them, by identifier and moment.
    named: Vec<Named>,
}

impl<'a> Share<'a> {
    fn read(snapshot: &'a Snapshot, told: &'a Told, place: (u64, u64)) -> Result<Self, Fault> {
        let mut share = Self { snapshot, told, place, named: Vec::new() };
        let mut named = Vec::new();
        chain::each(snapshot, |event| {
            let subject = event.subject.map(|(_, id)| (id, event.after));
            let beside = event.beside.iter().map(|beside| (beside.id, beside.after));
            let (at, chain) = (event.at, event.chain);
            let all = subject.into_iter().chain(beside).filter(|(id, _)| share.has(*id));
            named.extend(all.map(|(id, after)| Named { id, at, chain, after }));
        })?;
        named.sort_unstable();
        share.named = named;
        Ok(share)
    }

    fn has(&self, id: Id) -> bool {
        let (number, shares) = self.place;
        let [.., a, b, c] = id.0;
        u64::from(u32::from_be_bytes([0, a, b, c])) % shares == number
    }

    /// Everything that is, was, or is told of.
    fn records(&self, say: &mut impl FnMut(String)) -> Result<(), Fault> {
        for row in self.snapshot.records.iter()? {
            let id = keys::last_id(row?.0.value())?;
            self.record(id, say)?;
        }
        let mut last = None;
        for row in self.snapshot.history.iter()? {
            let (id, _) = keys::read_history(row?.0.value())?;
            if last.replace(id) != Some(id) && !self.stored(id)? {
                self.record(id, say)?;
            }
        }
        let ids: BTreeSet<Id> = self.named.iter().map(|named| named.id).collect();
        for id in ids {
            if !self.stored(id)? && !self.remembered(id)? {
                self.record(id, say)?;
            }
        }
        Ok(())
    }

    fn stored(&self, id: Id) -> Result<bool, Fault> {
        Ok(self.snapshot.records.get(id.0.as_slice())?.is_some())
    }

    fn remembered(&self, id: Id) -> Result<bool, Fault> {
        let span = keys::starting(id.0.to_vec());
        Ok(self.snapshot.history.range::<&[u8]>(keys::borrowed(&span))?.next().is_some())
    }

    fn record(&self, id: Id, say: &mut impl FnMut(String)) -> Result<(), Fault> {
        if !self.has(id) {
            return Ok(());
        }
        let start = self.named.partition_point(|named| named.id < id);
        let end = self.named.partition_point(|named| named.id <= id);
        let named = self.named.get(start..end).unwrap_or_default();
        let (versions, wrong) = match self.versions(id)? {
            Some(versions) => {
                let wrong = judge(self.told, &versions, named);
                (versions, wrong)
            }
            None if self.stored(id)? || named.last().is_none_or(|last| last.after == NONE) => {
                (Vec::new(), Some("it or what is kept of its past cannot be read"))
            }
            None => (Vec::new(), Some(MISSING)),
        };
        if let Some(wrong) = wrong {
            let own = versions.last().map(|last| last.head.partition.organization);
            let of = own.or_else(|| named.last().map(|last| last.chain));
            say(match of {
                Some(0) | None => format!("record {id} of the network: {wrong}"),
                Some(number) => format!("record {id} of organization {number}: {wrong}"),
            });
        }
        Ok(())
    }

    /// Every version, oldest first. `None` when they cannot be read.
    fn versions(&self, id: Id) -> Result<Option<Vec<Version>>, Fault> {
        let mut versions = Vec::new();
        let mut newer = Vec::new();
        if let Some(row) = self.snapshot.records.get(id.0.as_slice())? {
            // A record that cannot be read is told of elsewhere.
            let Ok(view) = View::read(id, row.value()) else { return Ok(None) };
            versions.push(Version::of(view.head, None, view.body));
            newer = view.body.to_vec();
        }
        let span = keys::starting(id.0.to_vec());
        for row in self.snapshot.history.range::<&[u8]>(keys::borrowed(&span))?.rev() {
            let (key, row) = row?;
            let (_, ended) = keys::read_history(key.value())?;
            let read = Past::read(id, row.value())
                .and_then(|past| past.restore(&newer).map(|body| (past.head, body)));
            let Ok((head, body)) = read else { return Ok(None) };
            versions.push(Version::of(head, Some(ended), &body));
            newer = body;
        }
        versions.reverse();
        Ok(Some(versions))
    }
}

/// What is wrong with a record, if anything is.
fn judge(told: &Told, versions: &[Version], named: &[Named]) -> Option<&'static str> {
    bodies(told, versions, named)
        .or_else(|| presence(told, versions, named))
        .or_else(|| revisions(told, versions))
}

/// Each version has the body that the event of its moment left, or else the one before. Former
/// bodies are worked out from newer ones: so the newest that is wrong is told of.
fn bodies(told: &Told, versions: &[Version], named: &[Named]) -> Option<&'static str> {
    let (mut known, mut wrong) = (None, None);
    for version in versions {
        let at = version.head.modified;
        let due = match event(named, at) {
            Some(own) => Some(own.after),
            None if told.openly(at) => Some(version.hash),
            None if version.begins() => None,
            None => known,
        };
        known = due;
        wrong = match due {
            Some(due) if due == version.hash => wrong,
            Some(NONE) => Some("it is there, though an event removed it"),
            Some(_) if version.ended.is_none() => Some(OTHER),
            Some(_) => Some("a former body is not the one that its events tell of"),
            None => Some("no event tells of its making"),
        };
    }
    wrong
}

/// Every event that names it tells of a body exactly where there is one.
fn presence(told: &Told, versions: &[Version], named: &[Named]) -> Option<&'static str> {
    for event in named {
        let next = versions.partition_point(|version| version.head.modified <= event.at);
        let version = next.checked_sub(1).and_then(|last| versions.get(last));
        let there = version.filter(|one| one.ended.is_none_or(|ended| event.at < ended));
        match there.map_or(NONE, |version| version.hash) {
            due if due == event.after => {}
            NONE => return Some(MISSING),
            _ if event.after == NONE => return Some("it is there, though an event removed it"),
            _ => return Some(OTHER),
        }
    }
    let mut rest = versions.iter().peekable();
    while let Some(version) = rest.next() {
        let Some(ended) = version.ended else { continue };
        let gone = rest.peek().is_none_or(|next| next.head.modified != ended);
        if gone && event(named, ended).is_none() && !told.openly(ended) {
            return Some(MISSING);
        }
    }
    None
}

/// Versions follow each other, each at the moment of an event.
fn revisions(told: &Told, versions: &[Version]) -> Option<&'static str> {
    let first = versions.first().is_none_or(Version::begins);
    let mut pairs = versions.iter().zip(versions.iter().skip(1));
    if !first || !pairs.all(|(one, next)| one.precedes(next)) {
        return Some("its versions do not follow each other");
    }
    let known = versions.iter().all(|version| told.of(version.head.modified));
    (!known).then_some("no event tells of its last change")
}

/// The event of this moment.
fn event(named: &[Named], at: Moment) -> Option<&Named> {
    let found = named.binary_search_by_key(&at, |named| named.at).ok()?;
    named.get(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::clock::FixedClock;
    use crate::domain::record::Kind;
    use crate::domain::record::Partition;
    use crate::store::Store;
    use crate::store::change::Actor;
    use crate::store::change::Cause;
    use crate::store::change::Change;
    use crate::store::change::Door;
    use crate::store::change::Draft;
    use crate::store::change::Write;
    use crate::store::redb::RedbStore;

    /// A change that makes one person.
    fn made(id: u8) -> Change {
        let partition = Partition { organization: 1, connection: 1 };
        let (id, body) = (Id([id; 16]), vec![id; 9]);
        let draft = Draft { id, kind: Kind::USER, partition, flags: 0, entries: vec![], body };
        let cause = Cause {
            actor: Actor::System,
            token: None,
            door: Door::Job,
            request: id,
            source: String::new(),
            reason: String::new(),
        };
        Change {
            chain: 1,
            cause,
            action: Action::Create,
            outcome: Outcome::Done,
            subject: Some((Kind::USER, id)),
            attributes: vec![],
            guards: vec![],
            writes: vec![Write::Create(draft)],
        }
    }

    #[tokio::test]
    async fn aud03_shares_find_together_what_one_finds() {
        let clock = Arc::new(FixedClock::at(Moment(1_764_028_800_000_000)));
        let store = RedbStore::in_memory(clock).unwrap();
        for id in 1..=40 {
            store.commit(made(id)).await.unwrap();
        }
        // Every tenth goes without an event.
        let transaction = store.shared.database.begin_write().unwrap();
        let mut records = transaction.open_table(crate::store::redb::tables::RECORDS).unwrap();
        for id in [10, 20, 30, 40] {
            records.remove([id; 16].as_slice()).unwrap();
        }
        drop(records);
        transaction.commit().unwrap();
        let snapshot = Snapshot::take(&store.shared.database, 99).unwrap();
        for shares in [1, 2, 7, 64] {
            let Differing { records, mut said } = dealt(&snapshot, 3, shares).unwrap();
            assert_eq!((records, said.len()), (4, 3), "{shares}: {said:?}");
            said.sort_unstable();
            said.dedup();
            assert_eq!(said.len(), 3, "each is told of once: {said:?}");
        }
    }
}
