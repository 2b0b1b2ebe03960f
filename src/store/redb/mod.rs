//! The embedded engine: one redb file, or the same in memory.
//!
//! ```text
//!  commit  -> channel -> write (one thread) -> stage -> paths -> apply + chain -> on disk
//!                                                                   |
//!  get, find, links, select  <-  snapshot, replaced after every commit, before its answer
//! ```
//!
//! Invariants: every transaction is durable in two phases; a change and its event are in the
//! same transaction; a refused change writes nothing; a reader sees whole transactions only, and
//! whoever got an answer sees what it says. After an engine failure nothing is written until
//! the file is opened again.
//!
//! Tables are in [`tables`], their keys in `keys`, their values in `row`. Small reads run where
//! they are called; what may take long runs on a thread that may block.
//!
//! Rejected: one read transaction per read (a third of the speed), multimap tables (their rows
//! cannot be ranged over as one key space), and changing a record's links inside its body (a
//! large group would be rewritten for every member).

mod apply;
mod ask;
mod backup;
mod batch;
mod beside;
mod bonds;
mod chain;
mod check;
mod editions;
mod fault;
mod gather;
mod history;
mod journal;
mod keys;
mod open;
mod pages;
mod paths;
mod plan;
mod queue;
mod read;
mod row;
mod select;
mod skip;
mod sources;
mod stage;
pub mod tables;
mod ties;
mod walk;
mod write;

use std::fmt;
use std::future::ready;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;

use ::redb::StorageBackend;
use ::redb::backends::InMemoryBackend;
use arc_swap::ArcSwap;
use tokio::sync::oneshot;

use crate::base::clock::Clock;
use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::store::Answer;
use crate::store::Audit;
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
use crate::store::redb::editions::Editions;
use crate::store::redb::queue::Job;
use crate::store::redb::skip::Marks;
use crate::store::redb::tables::Snapshot;
use crate::store::redb::ties::Ties;
use crate::store::select::Page;
use crate::store::select::Select;

/// Changes that may wait for the writer.
const WAITING: usize = 4_096;
/// Links that are read where they are asked for; longer pages go to a thread that may block.
const FEW_LINKS: usize = 200;

/// How a store is opened.
#[derive(Clone)]
pub struct Options {
    /// Memory that the engine may use to keep pages of the file, in bytes.
    pub cache_bytes: usize,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// What readers and the writer share. The snapshot goes before the database does.
struct Shared {
    snapshot: ArcSwap<Snapshot>,
    marks: Marks,
    ties: Ties,
    shapes: Ties,
    editions: Editions,
    database: ::redb::Database,
    clock: Arc<dyn Clock>,
    failed: AtomicBool,
    closed: AtomicBool,
}

/// The store in a file, or in memory.
pub struct RedbStore {
    shared: Arc<Shared>,
    jobs: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
}

impl RedbStore {
    /// Opens the file at `path`, and makes it when it is not there (readable by its owner only).
    ///
    /// Fails when another process has it open, when it is no store of ours, and when its layout
    /// is newer than this program. Reads inside need a tokio runtime around them.
    pub fn open(path: &Path, options: Options) -> Result<Self, Fault> {
        Self::start(open::file(path, options.cache_bytes)?, options.clock)
    }

    /// A store that is gone when it is dropped; otherwise the same.
    pub fn in_memory(clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        Self::over(InMemoryBackend::new(), clock)
    }

    /// A store over any storage: how a trial learns what becomes of it when storage fails.
    pub fn over(storage: impl StorageBackend, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        Self::start(open::over(storage)?, clock)
    }

    /// What is wrong with the pages of the file at `path`, if anything is. The file must be open
    /// nowhere; it is not changed.
    pub fn examine(path: &Path) -> Result<Option<String>, Fault> {
        pages::examine(path)
    }

    fn start(database: ::redb::Database, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        open::layout(&database)?;
        let shared = Arc::new(Shared {
            snapshot: ArcSwap::from_pointee(Snapshot::take(&database, 0)?),
            marks: Marks::default(),
            ties: Ties::default(),
            shapes: Ties::default(),
            editions: Editions::default(),
            database,
            clock,
            failed: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        });
        let (jobs, taken) = std::sync::mpsc::sync_channel(WAITING);
        let theirs = Arc::clone(&shared);
        let writer = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write::run(&theirs, &taken))?;
        Ok(Self { shared, jobs: Some(jobs), writer: Some(writer) })
    }

    fn send(&self, job: Job) -> Result<(), Fault> {
        let jobs = self.jobs.as_ref().ok_or(Fault::Busy)?;
        jobs.try_send(job).map_err(|_| Fault::Busy)
    }

    /// An answer that is there at once.
    fn now<'a, T: Send + 'a>(
        &self,
        read: impl FnOnce(&Snapshot) -> Result<T, Fault>,
    ) -> Answer<'a, T> {
        Box::pin(ready(read(&self.shared.snapshot.load())))
    }

    /// An answer that may take a while: found on a thread that may block.
    fn later<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Shared, &Snapshot) -> Result<T, Fault> + Send + 'static,
    ) -> Answer<'static, T> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let work = move || {
                let snapshot = shared.snapshot.load_full();
                read(&shared, &snapshot)
            };
            let done = tokio::task::spawn_blocking(work).await;
            done.map_err(|_| Fault::Engine("a read was given up".into()))?
        })
    }
}

impl Store for RedbStore {
    fn get(&self, id: Id, at: Option<Moment>) -> Answer<'_, Option<Record>> {
        match at {
            None => self.now(|snapshot| read::record(snapshot, id)),
            Some(at) => self.now(|snapshot| history::record(snapshot, id, at)),
        }
    }

    fn find(&self, key: Key) -> Answer<'_, Option<Id>> {
        self.now(|snapshot| read::find(snapshot, &key))
    }

    fn ties(&self, organization: u32) -> u64 {
        self.shared.ties.count(organization)
    }

    fn shape(&self, organization: u32) -> u64 {
        self.shared.shapes.count(organization)
    }

    fn edition(&self, id: Id) -> Option<u64> {
        self.shared.editions.of(id)
    }

    fn select(&self, question: Select) -> Answer<'_, Page> {
        if plan::small(&question) {
            let quick = plan::quick(&self.shared, &self.shared.snapshot.load(), &question);
            if let Some(page) = quick.transpose() {
                return Box::pin(ready(page));
            }
        }
        self.later(move |shared, snapshot| select::page(shared, snapshot, &question))
    }

    fn links(&self, query: LinkQuery) -> Answer<'_, Vec<Link>> {
        match query.at {
            None if query.limit <= FEW_LINKS => self.now(|snapshot| read::links(snapshot, &query)),
            None => self.later(move |_, snapshot| read::links(snapshot, &query)),
            Some(at) => self.later(move |_, snapshot| history::links(snapshot, &query, at)),
        }
    }

    fn linked(&self, relation: Relation, from: Id, to: Id) -> Answer<'_, bool> {
        self.now(|snapshot| read::linked(snapshot, relation, from, to))
    }

    fn commit(&self, change: Change) -> Answer<'_, Verdict> {
        Box::pin(async move {
            if !self.ready() {
                return Err(Fault::Busy);
            }
            let (answer, answered) = oneshot::channel();
            self.send(Job::Commit(Box::new(change), answer))?;
            answered.await.map_err(|_| Fault::Busy)?
        })
    }

    fn events(&self, chain: u32, from: u64, limit: usize) -> Answer<'_, Vec<Event>> {
        self.later(move |_, snapshot| chain::events(snapshot, chain, from, limit))
    }

    fn count(&self, partition: Partition, kind: Kind) -> Answer<'_, u64> {
        self.now(|snapshot| read::count(snapshot, partition, kind))
    }

    fn verify(&self) -> Answer<'_, Audit> {
        self.later(|_, snapshot| chain::verify(snapshot))
    }

    fn check(&self, rule: Option<Rule>) -> Answer<'_, Health> {
        self.later(move |_, snapshot| check::health(snapshot, rule.as_ref()))
    }

    fn backup(&self, target: PathBuf) -> Answer<'_, u64> {
        self.later(move |_, snapshot| backup::write(snapshot, &target))
    }

    fn ready(&self) -> bool {
        !self.shared.failed.load(Ordering::SeqCst) && !self.shared.closed.load(Ordering::SeqCst)
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.shared.closed.store(true, Ordering::SeqCst);
            let Some(jobs) = self.jobs.clone() else { return Ok(()) };
            let (done, ended) = oneshot::channel();
            // The channel may be full, and then waiting for room may block. A writer that is
            // gone already has nothing left to finish.
            let sent = tokio::task::spawn_blocking(move || jobs.send(Job::Close(done)));
            if matches!(sent.await, Ok(Ok(()))) {
                let _ = ended.await;
            }
            Ok(())
        })
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has said so already.
            let _ = writer.join();
        }
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("ready", &self.ready()).finish_non_exhaustive()
    }
}
