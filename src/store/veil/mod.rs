//! A store with a veil over it: what is written stays in the veil, what is beneath is not touched.
//!
//! ```text
//!  get, find, links, select -> what the veil has, and beneath it what it does not hide
//!  commit -> guards and unique values against both, writes into the veil, no event
//! ```
//!
//! So that a rehearsal is the performance: whoever wants to know what a change would do hands
//! the use cases a veil instead of the store, and drops it afterwards. What is refused there
//! would be refused, for the same reason, by the same code (LE4).
//!
//! `layer` is what the veil remembers, `commit` decides on changes, `sift` answers questions.
//!
//! Invariants: the store beneath gets no commit. One change at a time. The past is that of the
//! store beneath; the present is that of the veil.
//!
//! Not kept, since no rehearsal asks for it: events, history, an order by anything but the
//! identifier (refused), the version of a group one of whose members is removed.
//!
//! Rejected: a copy of the store to rehearse on (as large as the store, and personal data a
//! second time on disk), and a second set of checks that foretell what the first would say (two
//! sets drift apart).

mod commit;
mod layer;
mod sift;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::base::clock::Clock;
use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::store::Answer;
use crate::store::Audit;
use crate::store::End;
use crate::store::Fault;
use crate::store::Health;
use crate::store::Link;
use crate::store::LinkQuery;
use crate::store::Rule;
use crate::store::Store;
use crate::store::change::Change;
use crate::store::change::Event;
use crate::store::change::Key;
use crate::store::change::Verdict;
use crate::store::select::Page;
use crate::store::select::Select;
use crate::store::veil::layer::Layer;

/// A store with a veil over it.
pub struct Veil {
    beneath: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    layer: Mutex<Layer>,
    turn: tokio::sync::Mutex<()>,
}

impl Veil {
    /// Lays a veil over a store.
    pub fn over(beneath: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { beneath, clock, layer: Mutex::default(), turn: tokio::sync::Mutex::new(()) }
    }

    fn layer(&self) -> MutexGuard<'_, Layer> {
        self.layer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn record(&self, id: Id) -> Result<Option<Record>, Fault> {
        if let Some(ours) = self.layer().record(id) {
            return Ok(ours);
        }
        let record = self.beneath.get(id, None).await?;
        Ok(record.map(|record| self.layer().lifted(record)))
    }

    async fn holder(&self, key: Key) -> Result<Option<Id>, Fault> {
        if let Some(ours) = self.layer().holder(&key) {
            return Ok(Some(ours));
        }
        let theirs = self.beneath.find(key).await?;
        Ok(theirs.filter(|id| !self.layer().hides(*id)))
    }

    async fn is_linked(&self, relation: Relation, from: Id, to: Id) -> Result<bool, Fault> {
        if let Some(ours) = self.layer().linked(relation, from, to) {
            return Ok(ours);
        }
        self.beneath.linked(relation, from, to).await
    }

    /// A page of links: those beneath that nothing hides, and ours.
    async fn page_of_links(&self, query: LinkQuery) -> Result<Vec<Link>, Fault> {
        let other = |link: &Link| match query.end {
            End::From(_) => link.to,
            End::To(_) => link.from,
        };
        let mut found = Vec::new();
        let mut next = query;
        loop {
            let page = self.beneath.links(next).await?;
            let full = page.len() >= query.limit;
            next.after = page.last().map(other).or(next.after);
            let layer = self.layer();
            let seen = |link: &Link| layer.linked(query.relation, link.from, link.to).is_none();
            found.extend(page.into_iter().filter(seen));
            if !full || found.len() >= query.limit {
                break;
            }
        }
        let now = self.clock.now();
        found.extend(self.layer().links(&query, now));
        found.sort_by_key(other);
        found.truncate(query.limit);
        Ok(found)
    }
}

impl Store for Veil {
    fn get(&self, id: Id, at: Option<Moment>) -> Answer<'_, Option<Record>> {
        match at {
            Some(_) => self.beneath.get(id, at),
            None => Box::pin(self.record(id)),
        }
    }

    fn find(&self, key: Key) -> Answer<'_, Option<Id>> {
        Box::pin(self.holder(key))
    }

    fn ties(&self, organization: u32) -> u64 {
        self.beneath.ties(organization).wrapping_add(self.layer().moves())
    }

    fn shape(&self, organization: u32) -> u64 {
        self.beneath.shape(organization).wrapping_add(self.layer().moves())
    }

    /// None: no answer under a veil is kept for another.
    fn edition(&self, _id: Id) -> Option<u64> {
        None
    }

    fn select(&self, question: Select) -> Answer<'_, Page> {
        match question.at {
            Some(_) => self.beneath.select(question),
            None => Box::pin(sift::page(self, question)),
        }
    }

    fn links(&self, query: LinkQuery) -> Answer<'_, Vec<Link>> {
        match query.at {
            Some(_) => self.beneath.links(query),
            None => Box::pin(self.page_of_links(query)),
        }
    }

    fn linked(&self, relation: Relation, from: Id, to: Id) -> Answer<'_, bool> {
        Box::pin(self.is_linked(relation, from, to))
    }

    fn commit(&self, change: Change) -> Answer<'_, Verdict> {
        Box::pin(commit::commit(self, change))
    }

    fn events(&self, chain: u32, from: u64, limit: usize) -> Answer<'_, Vec<Event>> {
        self.beneath.events(chain, from, limit)
    }

    fn count(&self, partition: Partition, kind: Kind) -> Answer<'_, u64> {
        Box::pin(async move {
            let beneath = self.beneath.count(partition, kind).await?;
            Ok(beneath.saturating_add_signed(self.layer().counted(partition, kind)))
        })
    }

    fn verify(&self) -> Answer<'_, Audit> {
        self.beneath.verify()
    }

    fn check(&self, rule: Option<Rule>) -> Answer<'_, Health> {
        self.beneath.check(rule)
    }

    fn backup(&self, _target: PathBuf) -> Answer<'_, u64> {
        Box::pin(async { Err(Fault::Refused("a rehearsal cannot be copied")) })
    }

    fn ready(&self) -> bool {
        self.beneath.ready()
    }

    /// Nothing waits here, and the store beneath is not ours to close.
    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}
