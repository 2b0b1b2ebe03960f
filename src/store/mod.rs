//! The store: what is remembered, and since when.
//!
//! A store has five doors: [`Store::get`] a record, [`Store::select`] a page, [`Store::commit`]
//! a change, [`Store::events`] in order, [`Store::check`] its health. Links (members of groups)
//! are read by [`Store::links`]; they are rows, never lists inside a record. Reads take an
//! as-of instant.
//!
//! A [`change::Change`] is a value: a cause, guards and writes. It is applied whole, in one
//! transaction with its index rows and its event, or not at all. A failed guard and a taken
//! value are answers ([`change::Verdict`]); everything else is a [`Fault`].
//!
//! Engines: `redb`, on disk and in memory. Nothing above this floor may know which one runs.
//!
//! Rejected: long transactions held by callers (a concurrent server and a single-writer file
//! would behave differently), and a map-based third implementation for tests (it would be what
//! the tests test).

pub mod change;
pub mod redb;
pub mod select;
pub mod veil;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::store::change::Change;
use crate::store::change::Entry;
use crate::store::change::Event;
use crate::store::change::Verdict;
use crate::store::select::Page;
use crate::store::select::Select;

/// A store's answer, when it comes.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'a>>;

/// The store could not do its duty. Except for `Refused`, never a consequence of what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The engine failed: disk, file, corruption. After this on a commit no more writes are taken.
    #[error("the store failed: {0}")]
    Engine(String),
    /// Too many changes wait, or the store has stopped taking writes.
    #[error("the store takes no writes at the moment")]
    Busy,
    /// A search passed its row or time budget (FLT-08).
    #[error("the search passed its budget")]
    Budget,
    /// What an operator asked for cannot be done as it was asked. The sentence is for them: what
    /// is wrong and what to do, without a full stop.
    #[error("{0}")]
    Refused(&'static str),
}

/// Which end of a link is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The record that holds the link (the group): its targets are asked for.
    From(Id),
    /// The record that is pointed at (the member): its holders are asked for.
    To(Id),
}

/// One link row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The holder (the group).
    pub from: Id,
    /// The target (the member).
    pub to: Id,
    /// A note about the target that the store only keeps (what kind it is).
    pub note: u8,
    /// Since when.
    pub since: Moment,
}

impl Link {
    /// The end that is not the known one.
    pub fn other(&self, known: End) -> Id {
        match known {
            End::From(_) => self.to,
            End::To(_) => self.from,
        }
    }
}

/// A page of links is asked for.
#[derive(Clone, Copy, Debug)]
pub struct LinkQuery {
    /// Of which relation.
    pub relation: Relation,
    /// Whose.
    pub end: End,
    /// Only links whose other end sorts after this.
    pub after: Option<Id>,
    /// At most this many.
    pub limit: usize,
    /// As of this instant; `None` is now.
    pub at: Option<Moment>,
}

/// How far a check has looked, and what it found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Health {
    /// Records compared.
    pub records: u64,
    /// Index and unique rows compared.
    pub index_rows: u64,
    /// Links compared, with their other direction and with what the events tell of them.
    pub links: u64,
    /// Events compared.
    pub events: u64,
    /// Records whose body, version or presence is not what the events tell of (AUD-03).
    pub differing: u64,
    /// What is wrong, one plain sentence each; empty when all is well.
    pub findings: Vec<String>,
}

/// The result of verifying the event chains.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Audit {
    /// Chains read.
    pub chains: u64,
    /// Events read.
    pub events: u64,
    /// The first bad record of each broken chain: organization number, sequence, what is wrong.
    pub broken: Vec<(u32, u64, String)>,
}

/// By what a record is to be found, worked out anew from its body; `None` for a record that the
/// rule knows nothing of. Within what a value is unique is not compared: settings change it.
pub type Rule = Arc<dyn Fn(&Record) -> Option<Vec<Entry>> + Send + Sync>;

/// The port.
pub trait Store: Send + Sync {
    /// The record `id`, of whatever kind, as of `at` (`None` is now). `None` when it does not exist
    /// or did not then. Whether the caller may see it is the caller's question.
    fn get(&self, id: Id, at: Option<Moment>) -> Answer<'_, Option<Record>>;

    /// The record behind a unique value, now: one read.
    fn find(&self, key: change::Key) -> Answer<'_, Option<Id>>;

    /// A number that is another one after every commit that may have changed who is linked to
    /// whom in `organization`, or any record there that is no person. Whoever keeps what they
    /// worked out of those asks before they read, and again before they use it.
    fn ties(&self, organization: u32) -> u64;

    /// The same for the places and the mapping rules of `organization`; 0 for the regions and
    /// divisions above all.
    fn shape(&self, organization: u32) -> u64;

    /// A number that is another one after every commit that may have changed the record `id`;
    /// `None` while one that may is on its way to readers. Whoever keeps what they worked out of
    /// the record asks before they read it, and again before they use it: equal numbers say that
    /// no answered commit lies between.
    fn edition(&self, id: Id) -> Option<u64>;

    /// A page of records that fulfil a question.
    fn select(&self, question: Select) -> Answer<'_, Page>;

    /// A page of links, in the order of the asked-for end's identifier.
    fn links(&self, query: LinkQuery) -> Answer<'_, Vec<Link>>;

    /// Whether the link exists now.
    fn linked(&self, relation: Relation, from: Id, to: Id) -> Answer<'_, bool>;

    /// Applies a change whole, durably, or answers why not.
    fn commit(&self, change: Change) -> Answer<'_, Verdict>;

    /// Events of one chain from `seq` on (the first is 1), at most `limit`.
    fn events(&self, chain: u32, from: u64, limit: usize) -> Answer<'_, Vec<Event>>;

    /// The numbers of records of a kind in a partition, now.
    fn count(&self, partition: Partition, kind: crate::domain::record::Kind) -> Answer<'_, u64>;

    /// Verifies every event chain (AUD-01).
    fn verify(&self) -> Answer<'_, Audit>;

    /// Compares records, indexes, unique keys, links, counts and events with each other, and
    /// every record and what is kept of its past with what the events tell of it. With a `rule`,
    /// the values by which each record is found are compared with its body.
    fn check(&self, rule: Option<Rule>) -> Answer<'_, Health>;

    /// Writes a consistent, compacted copy to `target`, which must not exist, while serving.
    /// Answers its size in bytes.
    fn backup(&self, target: PathBuf) -> Answer<'_, u64>;

    /// Whether writes are taken: false after an engine failure and after `close`.
    fn ready(&self) -> bool;

    /// Waits for the changes that were taken, then takes no more.
    fn close(&self) -> Answer<'_, ()>;
}

/// Every record that fulfils a question, page after page. Whoever asks knows that they are few
/// enough to be held.
pub async fn every(store: &dyn Store, mut select: Select) -> Result<Vec<Record>, Fault> {
    let mut found = Vec::new();
    loop {
        let page = store.select(select.clone()).await?;
        found.extend(page.records);
        match page.next {
            Some(position) => select.start = select::Start::After(position),
            None => return Ok(found),
        }
    }
}

/// How many links are read at first: few enough for a store to answer at once, and more than nearly
/// every person has.
const FIRST_LINKS: usize = 200;
/// How many are read at a time when there are more.
const MORE_LINKS: usize = 10_000;

/// Every link at one end, as of `at`.
pub async fn every_link(
    store: &dyn Store,
    (relation, end): (Relation, End),
    at: Option<Moment>,
) -> Result<Vec<Link>, Fault> {
    let mut all: Vec<Link> = Vec::new();
    loop {
        let after = all.last().map(|link| link.other(end));
        let limit = if after.is_none() { FIRST_LINKS } else { MORE_LINKS };
        let mut page = store.links(LinkQuery { relation, end, after, limit, at }).await?;
        let last = page.len() < limit;
        all.append(&mut page);
        if last {
            return Ok(all);
        }
    }
}
