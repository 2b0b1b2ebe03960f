//! One transaction under way: its tables, and what its changes add up to.
//!
//! Rows that every change would write anew (how many records there are, the head of a chain, the
//! moment of the last commit) are kept here and written once, at the end.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use redb::ReadableTable;
use redb::WriteTransaction;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::store::Fault;
use crate::store::change::Event;
use crate::store::redb::apply::Outcome;
use crate::store::redb::chain;
use crate::store::redb::chain::Tip;
use crate::store::redb::fault::damaged;
use crate::store::redb::keys;
use crate::store::redb::row::Take;
use crate::store::redb::skip::Move;
use crate::store::redb::tables::Tables;
use crate::store::redb::ties;

/// Where the moment of the last commit is kept.
const LAST: &[u8] = b"last";

/// A transaction under way.
pub(super) struct Batch<'t> {
    /// Its tables, without what is only written at the end.
    pub(super) tables: Tables<'t>,
    /// The moments that it has given out.
    pub(super) pace: Pace,
    tips: BTreeMap<u32, Tip>,
    moves: Vec<Move>,
    /// Records that are made, changed or erased.
    pub(super) touched: Vec<Id>,
    /// Organizations in which more than people changed.
    pub(super) tied: BTreeSet<u32>,
    /// Organizations in which a place or a rule changed.
    pub(super) shaped: BTreeSet<u32>,
}

impl<'t> Batch<'t> {
    /// Nothing so far.
    pub(super) fn new(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
        let tables = Tables::open(transaction)?;
        let pace = Pace::read(&tables)?;
        Ok(Self {
            tables,
            pace,
            tips: BTreeMap::new(),
            moves: Vec::new(),
            touched: Vec::new(),
            tied: BTreeSet::new(),
            shaped: BTreeSet::new(),
        })
    }

    /// Takes what a change does.
    pub(super) fn write(&mut self, outcome: &Outcome, at: Moment) -> Result<(), Fault> {
        outcome.write(&mut self.tables, at)?;
        self.moves.extend(outcome.moves());
        self.touched.extend(outcome.touched());
        Ok(())
    }

    /// Adds an event to its chain, and answers its sequence.
    pub(super) fn append(&mut self, event: Event) -> Result<u64, Fault> {
        let chain = event.chain;
        if ties::moved(&event) {
            self.tied.insert(chain);
        }
        if ties::reshaped(&event) {
            self.shaped.insert(chain);
        }
        let before = match self.tips.get(&chain) {
            Some(tip) => *tip,
            None => chain::tip(&self.tables, chain)?,
        };
        let tip = chain::append(&mut self.tables, &before, event)?;
        self.tips.insert(chain, tip);
        Ok(tip.seq)
    }

    /// Writes what was put off. Answers which records were made and erased.
    pub(super) fn finish(mut self) -> Result<Vec<Move>, Fault> {
        self.count()?;
        for (chain, tip) in &self.tips {
            let chain = chain.to_be_bytes();
            self.tables.heads.insert(chain.as_slice(), tip.row().as_slice())?;
        }
        self.pace.write(&mut self.tables)?;
        Ok(self.moves)
    }

    fn count(&mut self) -> Result<(), Fault> {
        let mut moved: BTreeMap<_, i64> = BTreeMap::new();
        for change in &self.moves {
            *moved.entry(change.place).or_default() += if change.made { 1 } else { -1 };
        }
        for ((partition, kind), by) in moved.into_iter().filter(|(_, by)| *by != 0) {
            let key = keys::kind(partition, kind);
            let now = match self.tables.counts.get(key.as_slice())? {
                Some(row) => Take(row.value()).u64()?,
                None => 0,
            };
            let then = now.checked_add_signed(by).ok_or_else(damaged)?;
            self.tables.counts.insert(key.as_slice(), then.to_be_bytes().as_slice())?;
        }
        Ok(())
    }
}

/// The order of moments: each commit is later than the one before, whatever the clock says.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// Moment of the last commit.
    last: Moment,
    /// What the clock said then.
    clock: Moment,
}

impl Pace {
    fn read(tables: &Tables<'_>) -> Result<Self, Fault> {
        let Some(row) = tables.meta.get(LAST)? else {
            return Ok(Self { last: Moment::MIN, clock: Moment::MIN });
        };
        let mut take = Take(row.value());
        Ok(Self { last: take.moment()?, clock: take.moment()? })
    }

    fn write(self, tables: &mut Tables<'_>) -> Result<(), Fault> {
        let row = [self.last.0.to_be_bytes(), self.clock.0.to_be_bytes()].concat();
        tables.meta.insert(LAST, row.as_slice())?;
        Ok(())
    }

    /// The moment of the next commit, and whether the clock has gone back.
    pub(super) fn next(&mut self, now: Moment) -> (Moment, bool) {
        let back = now < self.clock;
        self.last = now.max(self.last.next());
        self.clock = now;
        (self.last, back)
    }
}
