//! The chains of events: written with the change, verified from their bytes.
//!
//! An event is stored as `hash, bytes`, where `bytes` is its postcard form with the hash zeroed
//! and `hash` is SHA-256 over a label, the hash before, and `bytes` (security rule AUD-01).

use std::collections::BTreeMap;

use redb::ReadableTable;
use sha2::{Digest, Sha256};

use crate::store::Audit;
use crate::store::Fault;
use crate::store::change::Event;
use crate::store::redb::fault::damaged;
use crate::store::redb::fault::oversized;
use crate::store::redb::keys;
use crate::store::redb::row::Take;
use crate::store::redb::tables::Snapshot;
use crate::store::redb::tables::Tables;

const LABEL: &[u8] = b"wardgate event 1\0";

/// Sequence and hash of the last event of a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tip {
    /// Its sequence.
    pub(super) seq: u64,
    /// Its hash.
    pub(super) hash: [u8; 32],
}

impl Tip {
    /// Reads a row of the heads.
    pub(super) fn read(row: &[u8]) -> Result<Self, Fault> {
        let mut take = Take(row);
        Ok(Self { seq: take.u64()?, hash: take.array()? })
    }

    /// As a row of the heads.
    pub(super) fn row(&self) -> Vec<u8> {
        [self.seq.to_be_bytes().as_slice(), &self.hash].concat()
    }
}

/// The last event of a chain as the table of the heads has it.
pub(super) fn tip(tables: &Tables<'_>, chain: u32) -> Result<Tip, Fault> {
    match tables.heads.get(chain.to_be_bytes().as_slice())? {
        Some(row) => Tip::read(row.value()),
        None => Ok(Tip::default()),
    }
}

/// Adds `event` to its chain, which ended with `tip`: fills its sequence and its hashes. Answers
/// the new end; writing it to the heads is the caller's.
pub(super) fn append(tables: &mut Tables<'_>, tip: &Tip, mut event: Event) -> Result<Tip, Fault> {
    event.seq = tip.seq.checked_add(1).ok_or_else(damaged)?;
    event.previous = tip.hash;
    event.hash = [0; 32];
    let mut row = Vec::with_capacity(512);
    row.extend([0; 32]);
    let mut row = postcard::to_extend(&event, row).map_err(|_| oversized())?;
    let (place, bytes) = row.split_first_chunk_mut().ok_or_else(damaged)?;
    let hash = seal(&tip.hash, bytes);
    *place = hash;
    tables.events.insert(keys::event(event.chain, event.seq).as_slice(), row.as_slice())?;
    Ok(Tip { seq: event.seq, hash })
}

fn seal(previous: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    let sum = Sha256::new().chain_update(LABEL).chain_update(previous).chain_update(bytes);
    sum.finalize().into()
}

/// Events of one chain from `from` on.
pub(super) fn events(
    snapshot: &Snapshot,
    chain: u32,
    from: u64,
    limit: usize,
) -> Result<Vec<Event>, Fault> {
    let low = std::ops::Bound::Included(keys::event(chain, from));
    let span = (low, keys::successor(&chain.to_be_bytes()));
    let mut events = Vec::new();
    for row in snapshot.events.range::<&[u8]>(keys::borrowed(&span))?.take(limit) {
        let (_, row) = row?;
        let mut take = Take(row.value());
        let hash = take.array()?;
        let event: Event = postcard::from_bytes(take.0).map_err(|_| damaged())?;
        events.push(Event { hash, ..event });
    }
    Ok(events)
}

/// Shows every event that can be read, chain after chain.
pub(super) fn each(snapshot: &Snapshot, mut show: impl FnMut(&Event)) -> Result<(), Fault> {
    for row in snapshot.events.iter()? {
        let (_, row) = row?;
        let bytes = row.value().get(32..).unwrap_or_default();
        if let Ok(event) = postcard::from_bytes(bytes) {
            show(&event);
        }
    }
    Ok(())
}

/// Every chain's tip.
pub(super) fn tips(snapshot: &Snapshot) -> Result<BTreeMap<u32, Tip>, Fault> {
    let mut tips = BTreeMap::new();
    for row in snapshot.heads.iter()? {
        let (key, row) = row?;
        tips.insert(Take(key.value()).u32()?, Tip::read(row.value())?);
    }
    Ok(tips)
}

/// Recomputes every chain from the stored bytes.
pub(super) fn verify(snapshot: &Snapshot) -> Result<Audit, Fault> {
    let tips = tips(snapshot)?;
    let mut walks: BTreeMap<u32, Walk> =
        tips.keys().map(|chain| (*chain, Walk::default())).collect();
    let mut audit = Audit::default();
    for row in snapshot.events.iter()? {
        let (key, row) = row?;
        let mut key = Take(key.value());
        let (chain, seq) = (key.u32()?, key.u64()?);
        audit.events = audit.events.saturating_add(1);
        walks.entry(chain).or_default().step(chain, seq, row.value());
    }
    for (chain, walk) in walks {
        audit.chains = audit.chains.saturating_add(1);
        let bad = walk.bad.or_else(|| walk.end(tips.get(&chain)));
        audit.broken.extend(bad.map(|(seq, what)| (chain, seq, what.to_owned())));
    }
    Ok(audit)
}

#[derive(Clone, Debug, Default)]
struct Walk {
    tip: Tip,
    bad: Option<(u64, &'static str)>,
}

impl Walk {
    fn step(&mut self, chain: u32, seq: u64, row: &[u8]) {
        if self.bad.is_some() {
            return;
        }
        let due = self.tip.seq.saturating_add(1);
        if seq != due {
            self.bad = Some((due, "the event is missing"));
            return;
        }
        match judge(chain, seq, &self.tip, row) {
            Ok(hash) => self.tip = Tip { seq, hash },
            Err(what) => self.bad = Some((seq, what)),
        }
    }

    fn end(&self, tip: Option<&Tip>) -> Option<(u64, &'static str)> {
        let due = self.tip.seq.saturating_add(1);
        match tip {
            None => Some((self.tip.seq, "the chain has events but no head")),
            Some(tip) if tip.seq > self.tip.seq => Some((due, "the event is missing")),
            Some(tip) if tip.seq < self.tip.seq => {
                Some((tip.seq.saturating_add(1), "the event lies behind the head of its chain"))
            }
            Some(tip) if tip.hash != self.tip.hash => {
                Some((tip.seq, "the head of the chain was altered"))
            }
            Some(_) => None,
        }
    }
}

fn judge(chain: u32, seq: u64, tip: &Tip, row: &[u8]) -> Result<[u8; 32], &'static str> {
    const ALTERED: &str = "the event was altered";
    let mut take = Take(row);
    let hash: [u8; 32] = take.array().map_err(|_| ALTERED)?;
    let event: Event = postcard::from_bytes(take.0).map_err(|_| ALTERED)?;
    if event.chain != chain || event.seq != seq {
        let whole = seal(&event.previous, take.0) == hash;
        return Err(if whole { "the event stands in another's place" } else { ALTERED });
    }
    let sound = event.previous == tip.hash && seal(&tip.hash, take.0) == hash;
    if sound { Ok(hash) } else { Err(ALTERED) }
}
