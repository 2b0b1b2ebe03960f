//! A store that is watched.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use tokio::sync::Semaphore;
use wardgate::base::clock::Moment;
use wardgate::base::id::Id;
use wardgate::domain::record::Kind;
use wardgate::domain::record::Partition;
use wardgate::domain::record::Record;
use wardgate::domain::record::Relation;
use wardgate::store::Answer;
use wardgate::store::Audit;
use wardgate::store::Health;
use wardgate::store::Link;
use wardgate::store::LinkQuery;
use wardgate::store::Rule;
use wardgate::store::Store;
use wardgate::store::change::Change;
use wardgate::store::change::Event;
use wardgate::store::change::Key;
use wardgate::store::change::Outcome;
use wardgate::store::change::Verdict;
use wardgate::store::select::Page;
use wardgate::store::select::Select;

/// The store itself, how many links were read from it, and gates before an organization's
/// searches that look at records one by one, before changes of people and before refusals.
pub struct Watched {
    pub store: Arc<dyn Store>,
    pub links: Arc<AtomicU64>,
    /// The number of the organization, and its gate.
    pub gate: Option<(u32, Gate)>,
    /// A gate before changes of people.
    pub people: Option<Gate>,
    /// A gate before the events of what was refused.
    pub refusals: Option<Gate>,
}

impl Watched {
    pub fn over(store: Arc<dyn Store>) -> Self {
        Self { store, links: Arc::default(), gate: None, people: None, refusals: None }
    }
}

/// Holds back whoever comes until it is opened, and counts them.
#[derive(Clone, Debug)]
pub struct Gate {
    places: Arc<Semaphore>,
    entered: Arc<AtomicU64>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(0)), entered: Arc::default() }
    }
}

impl Gate {
    /// Lets everybody through from now on.
    pub fn open(&self) {
        self.places.close();
    }

    /// How many came.
    pub fn entered(&self) -> u64 {
        self.entered.load(Ordering::SeqCst)
    }

    async fn pass(&self) {
        self.entered.fetch_add(1, Ordering::SeqCst);
        // A closed gate of places is an open gate.
        drop(self.places.acquire().await);
    }
}

impl Store for Watched {
    fn get(&self, id: Id, at: Option<Moment>) -> Answer<'_, Option<Record>> {
        self.store.get(id, at)
    }

    fn find(&self, key: Key) -> Answer<'_, Option<Id>> {
        self.store.find(key)
    }

    fn ties(&self, organization: u32) -> u64 {
        self.store.ties(organization)
    }

    fn shape(&self, organization: u32) -> u64 {
        self.store.shape(organization)
    }

    fn edition(&self, id: Id) -> Option<u64> {
        self.store.edition(id)
    }

    fn select(&self, question: Select) -> Answer<'_, Page> {
        let looks = question.test.is_some();
        let theirs = |number: u32| {
            question.scope.partitions(Kind::USER).iter().any(|home| home.organization == number)
        };
        match &self.gate {
            Some((number, gate)) if looks && theirs(*number) => Box::pin(async move {
                gate.pass().await;
                self.store.select(question).await
            }),
            _ => self.store.select(question),
        }
    }

    fn links(&self, query: LinkQuery) -> Answer<'_, Vec<Link>> {
        Box::pin(async move {
            let page = self.store.links(query).await?;
            self.links.fetch_add(page.len() as u64, Ordering::SeqCst);
            Ok(page)
        })
    }

    fn linked(&self, relation: Relation, from: Id, to: Id) -> Answer<'_, bool> {
        self.store.linked(relation, from, to)
    }

    fn commit(&self, change: Change) -> Answer<'_, Verdict> {
        let person = change.subject.is_some_and(|(kind, _)| kind == Kind::USER);
        let people = self.people.as_ref().filter(|_| person);
        let refused = change.outcome != Outcome::Done;
        match people.or(self.refusals.as_ref().filter(|_| refused)) {
            Some(gate) => Box::pin(async move {
                gate.pass().await;
                self.store.commit(change).await
            }),
            None => self.store.commit(change),
        }
    }

    fn events(&self, chain: u32, from: u64, limit: usize) -> Answer<'_, Vec<Event>> {
        self.store.events(chain, from, limit)
    }

    fn count(&self, partition: Partition, kind: Kind) -> Answer<'_, u64> {
        self.store.count(partition, kind)
    }

    fn verify(&self) -> Answer<'_, Audit> {
        self.store.verify()
    }

    fn check(&self, rule: Option<Rule>) -> Answer<'_, Health> {
        self.store.check(rule)
    }

    fn backup(&self, target: PathBuf) -> Answer<'_, u64> {
        self.store.backup(target)
    }

    fn ready(&self) -> bool {
        self.store.ready()
    }

    fn close(&self) -> Answer<'_, ()> {
        self.store.close()
    }
}
