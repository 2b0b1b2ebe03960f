//! Holding links against the journal: what the events tell of links is what is stored of them.
//!
//! A link begins with one change and ends with one, and its row has the moments of both. So for
//! every event of a change there are, among the rows of the present and the past, exactly the
//! links that began and ended at its moment:
//!
//! - as many as it counts;
//! - the same ones: the event keeps a digest over relation, holder, target and note of each;
//! - and no link has a moment at which no event tells of links.
//!
//! Moments are dealt into shares that are gone through one after the other, so that memory does
//! not grow with the links.

use redb::ReadableTable;
use redb::ReadableTableMetadata;
use sha2::{Digest, Sha256};

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Relation;
use crate::store::Fault;
use crate::store::change::Event;
use crate::store::redb::chain;
use crate::store::redb::keys;
use crate::store::redb::row;
use crate::store::redb::row::Take;
use crate::store::redb::tables::Snapshot;

const LABEL: &[u8] = b"wardgate links 1\0";
/// Beginnings and ends that one share has, about.
const SHARE: u64 = 1_000_000;

/// A link that a change added or removed. They sort as the digest takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bond {
    /// Of which relation.
    pub(super) relation: Relation,
    /// The holder.
    pub(super) from: Id,
    /// The target.
    pub(super) to: Id,
    /// What is kept beside it.
    pub(super) note: u8,
    /// Added, not removed.
    pub(super) added: bool,
}

impl Bond {
    /// What is said when no event tells of it.
    fn untold(&self) -> String {
        let Self { from, to, added, .. } = self;
        let what = if *added { "began" } else { "ended" };
        format!("no event tells when the link from {from} to {to} {what}")
    }
}

/// What an event keeps of the links of its change, which come in order, each once; zeros for
/// none.
pub(super) fn digest(bonds: impl Iterator<Item = Bond>) -> [u8; 32] {
    let mut bonds = bonds.peekable();
    if bonds.peek().is_none() {
        return [0; 32];
    }
    let mut sum = Sha256::new().chain_update(LABEL);
    for Bond { relation, from, to, note, added } in bonds {
        sum.update(relation.0.to_be_bytes());
        sum.update(from.0);
        sum.update(to.0);
        sum.update([note, u8::from(added)]);
    }
    sum.finalize().into()
}

/// What differs: how many moments, and one sentence each for the first of them.
#[derive(Debug, Default)]
pub(super) struct Differing {
    /// How many changes have other links than their events tell of.
    pub(super) changes: u64,
    /// Which ones, and what is wrong.
    pub(super) said: Vec<String>,
}

/// Holds every link against the journal; keeps at most `kept` sentences.
pub(super) fn compare(snapshot: &Snapshot, kept: usize) -> Result<Differing, Fault> {
    let rows = snapshot.links.len()?.saturating_add(snapshot.links_past.len()?.saturating_mul(2));
    dealt(snapshot, kept, rows / SHARE + 1)
}

fn dealt(snapshot: &Snapshot, kept: usize, shares: u64) -> Result<Differing, Fault> {
    let mut differing = Differing::default();
    for number in 0..shares {
        Share::read(snapshot, (number, shares))?.compare(&mut |sentence| {
            differing.changes = differing.changes.saturating_add(1);
            if differing.said.len() < kept {
                differing.said.push(sentence);
            }
        });
    }
    Ok(differing)
}

/// What an event tells of links.
struct Told {
    at: Moment,
    chain: u32,
    seq: u64,
    subject: Option<Id>,
    added: u64,
    removed: u64,
    digest: [u8; 32],
}

impl Told {
    fn of(event: &Event) -> Self {
        let Event { at, chain, seq, linked, unlinked, links, .. } = *event;
        let subject = event.subject.map(|(_, id)| id);
        Self { at, chain, seq, subject, added: linked, removed: unlinked, digest: links }
    }

    /// What is wrong with the links that are stored for it, if anything is.
    fn judge(&self, stored: &[(Moment, Bond)]) -> Option<String> {
        let count = |added| stored.iter().filter(|(_, bond)| bond.added == added).count();
        let (begun, ended) = (count(true), count(false));
        let as_told =
            u64::try_from(begun) == Ok(self.added) && u64::try_from(ended) == Ok(self.removed);
        let wrong = if !as_told {
            let Self { added, removed, .. } = self;
            format!(
                "it added {added} links and removed {removed}, and {begun} and {ended} are stored"
            )
        } else if self.digest != digest(stored.iter().map(|(_, one)| *one)) {
            "the links that it added and removed are not those that are stored".to_owned()
        } else {
            return None;
        };
        let Self { chain, seq, .. } = self;
        let about = self.subject.map(|id| format!(" about record {id}")).unwrap_or_default();
        Some(format!("chain {chain}, event {seq}{about}: {wrong}"))
    }
}

/// The moments that are gone through together.
struct Share {
    /// Which share, of how many.
    place: (u64, u64),
    /// What the journal tells, by moment.
    told: Vec<Told>,
    /// What is stored, by moment.
    stored: Vec<(Moment, Bond)>,
}

impl Share {
    fn read(snapshot: &Snapshot, place: (u64, u64)) -> Result<Self, Fault> {
        let mut share = Self { place, told: Vec::new(), stored: Vec::new() };
        chain::each(snapshot, |event| {
            let links = event.linked > 0 || event.unlinked > 0;
            if links && share.has(event.at) {
                share.told.push(Told::of(event));
            }
        })?;
        for row in snapshot.links.iter()? {
            let (key, row) = row?;
            let (bond, _, began) = bond(key.value(), row.value())?;
            share.keep(began, bond);
        }
        for row in snapshot.links_past.iter()? {
            let (key, row) = row?;
            let (bond, mut rest, began) = bond(key.value(), row.value())?;
            share.keep(began, bond);
            share.keep(keys::read_moment(rest.array()?), Bond { added: false, ..bond });
        }
        share.told.sort_unstable_by_key(|told| told.at);
        share.stored.sort_unstable();
        Ok(share)
    }

    fn keep(&mut self, at: Moment, bond: Bond) {
        if self.has(at) {
            self.stored.push((at, bond));
        }
    }

    fn has(&self, at: Moment) -> bool {
        let (number, shares) = self.place;
        at.0.cast_unsigned() % shares == number
    }

    fn compare(&self, say: &mut impl FnMut(String)) {
        let mut told = self.told.iter().peekable();
        for stored in self.stored.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((at, first)) = stored.first() else { continue };
            while let Some(missed) = told.next_if(|told| told.at < *at) {
                missed.judge(&[]).into_iter().for_each(&mut *say);
            }
            match told.next_if(|told| told.at == *at) {
                Some(told) => told.judge(stored).into_iter().for_each(&mut *say),
                None => say(first.untold()),
            }
        }
        told.filter_map(|missed| missed.judge(&[])).for_each(say);
    }
}

/// A link as a row has it, the rest of the row's key, and when it began.
fn bond<'k>(key: &'k [u8], row: &[u8]) -> Result<(Bond, Take<'k>, Moment), Fault> {
    let mut take = Take(key);
    let relation = Relation(u16::from_be_bytes(take.array()?));
    let (from, to) = (Id(take.array()?), Id(take.array()?));
    let (began, note) = row::read_link(row)?;
    Ok((Bond { relation, from, to, note, added: true }, take, began))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::clock::FixedClock;
    use crate::domain::record::Kind;
    use crate::domain::record::Partition;
    use crate::store::Store;
    use crate::store::change::Action;
    use crate::store::change::Actor;
    use crate::store::change::Cause;
    use crate::store::change::Change;
    use crate::store::change::Door;
    use crate::store::change::Draft;
    use crate::store::change::Outcome;
    use crate::store::change::Write;
    use crate::store::redb::RedbStore;
    use crate::store::redb::tables;
    use crate::store::redb::write;

    fn change(writes: Vec<Write>) -> Change {
        let cause = Cause {
            actor: Actor::System,
            token: None,
            door: Door::Job,
            request: Id([0; 16]),
            source: String::new(),
            reason: String::new(),
        };
        Change {
            chain: 1,
            cause,
            action: Action::Create,
            outcome: Outcome::Done,
            subject: None,
            attributes: vec![],
            guards: vec![],
            writes,
        }
    }

    #[tokio::test]
    async fn aud03_shares_of_links_find_together_what_one_finds() {
        let clock = Arc::new(FixedClock::at(Moment(1_764_028_800_000_000)));
        let store = RedbStore::in_memory(clock).unwrap();
        let relation = Relation::MEMBER;
        for n in 1..=40 {
            let partition = Partition { organization: 1, connection: 1 };
            let (id, body) = (Id([n; 16]), vec![n; 9]);
            let draft = Draft { id, kind: Kind::GROUP, partition, flags: 0, entries: vec![], body };
            store.commit(change(vec![Write::Create(draft)])).await.unwrap();
            let link = Write::Link { relation, from: Id([1; 16]), to: id, note: 0 };
            store.commit(change(vec![link])).await.unwrap();
        }
        for n in (10..=40).step_by(10) {
            let key = keys::link(relation, Id([1; 16]), Id([n; 16]));
            let transaction = write::begin(&store.shared.database).unwrap();
            transaction.open_table(tables::LINKS).unwrap().remove(key.as_slice()).unwrap();
            transaction.commit().unwrap();
        }
        let snapshot = Snapshot::take(&store.shared.database, 9).unwrap();
        for shares in [1, 2, 7, 64] {
            let Differing { changes, mut said } = dealt(&snapshot, 3, shares).unwrap();
            assert_eq!((changes, said.len()), (4, 3), "{shares}: {said:?}");
            said.sort_unstable();
            said.dedup();
            assert_eq!(said.len(), 3, "each is told of once: {said:?}");
        }
    }
}
