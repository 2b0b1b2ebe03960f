//! Stores to try, and short words for changes.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wardgate::base::clock::FixedClock;
use wardgate::base::clock::Moment;
use wardgate::base::id::Id;
use wardgate::domain::access::admin::Scope;
use wardgate::domain::record::Field;
use wardgate::domain::record::Kind;
use wardgate::domain::record::Partition;
use wardgate::domain::record::Relation;
use wardgate::store::Store;
use wardgate::store::change::Action;
use wardgate::store::change::Actor;
use wardgate::store::change::Cause;
use wardgate::store::change::Change;
use wardgate::store::change::Committed;
use wardgate::store::change::Door;
use wardgate::store::change::Draft;
use wardgate::store::change::Entry;
use wardgate::store::change::Guard;
use wardgate::store::change::Outcome;
use wardgate::store::change::Unique;
use wardgate::store::change::Verdict;
use wardgate::store::change::Write;
use wardgate::store::redb::Options;
use wardgate::store::redb::RedbStore;
use wardgate::store::select::Budget;
use wardgate::store::select::Condition;
use wardgate::store::select::Order;
use wardgate::store::select::Select;
use wardgate::store::select::Start;

/// The partition of most trials.
pub const HERE: Partition = Partition { organization: 1, connection: 1 };
/// A unique field of users.
pub const NAME: Field = Field(100);
/// A plain field of users.
pub const CITY: Field = Field(101);
/// Group has member.
pub const MEMBER: Relation = Relation::MEMBER;

/// A store with its clock.
pub struct Bench {
    pub store: Arc<RedbStore>,
    pub clock: Arc<FixedClock>,
    pub directory: tempfile::TempDir,
}

impl Bench {
    pub fn in_memory() -> Self {
        let clock = clock();
        let store = Arc::new(RedbStore::in_memory(clock.clone()).unwrap());
        Self { store, clock, directory: tempfile::tempdir().unwrap() }
    }

    pub fn on_disk() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = clock();
        let store = Arc::new(open(&directory.path().join("store.redb"), &clock));
        Self { store, clock, directory }
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().join("store.redb")
    }

    /// The same file, opened again.
    pub fn reopened(self) -> Self {
        let path = self.path();
        let Self { store, clock, directory } = self;
        drop(Arc::try_unwrap(store).expect("nobody else holds the store"));
        let store = Arc::new(open(&path, &clock));
        Self { store, clock, directory }
    }

    pub async fn commit(&self, writes: Vec<Write>) -> Verdict {
        self.store.commit(change(writes)).await.unwrap()
    }

    pub async fn done(&self, writes: Vec<Write>) -> Committed {
        done(self.commit(writes).await)
    }

    pub async fn guarded(&self, guard: Guard, writes: Vec<Write>) -> Verdict {
        let change = Change { guards: vec![guard], ..change(writes) };
        self.store.commit(change).await.unwrap()
    }

    /// Nothing is wrong with the store.
    pub async fn assert_sound(&self) {
        let health = self.store.check(None).await.unwrap();
        assert_eq!(health.findings, Vec::<String>::new());
        assert_eq!(self.store.verify().await.unwrap().broken, vec![]);
    }

    pub fn tick(&self) {
        self.clock.advance(Duration::from_secs(1));
    }
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(Moment(1_764_028_800_000_000)))
}

/// Opens the file as a store.
pub fn open(path: &Path, clock: &Arc<FixedClock>) -> RedbStore {
    RedbStore::open(path, Options { cache_bytes: 16 << 20, clock: clock.clone() }).unwrap()
}

/// Runs a trial on every engine.
pub fn trial(run: impl AsyncFn(&Bench)) {
    for bench in [Bench::in_memory(), Bench::on_disk()] {
        block(async {
            run(&bench).await;
            bench.assert_sound().await;
        });
    }
}

/// Runs a future to its end.
pub fn block<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(future)
}

/// The `n`th identifier.
pub fn id(n: u64) -> Id {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    Id(bytes)
}

/// A person with a unique name.
pub fn person(n: u64, name: &str) -> Draft {
    let entry = Entry { field: NAME, value: name.into(), unique: Unique::Organization };
    Draft {
        id: id(n),
        kind: Kind::USER,
        partition: HERE,
        flags: 0,
        entries: vec![entry],
        body: format!("{{\"userName\":\"{name}\"}}").into_bytes(),
    }
}

/// A group without entries.
pub fn group(n: u64) -> Draft {
    Draft {
        id: id(n),
        kind: Kind::GROUP,
        partition: HERE,
        flags: 0,
        entries: vec![],
        body: b"{\"displayName\":\"Ward\"}".to_vec(),
    }
}

pub fn link(from: u64, to: u64) -> Write {
    Write::Link { relation: MEMBER, from: id(from), to: id(to), note: 7 }
}

pub fn unlink(from: u64, to: u64) -> Write {
    Write::Unlink { relation: MEMBER, from: id(from), to: id(to) }
}

pub fn change(writes: Vec<Write>) -> Change {
    Change {
        chain: 1,
        cause: Cause {
            actor: Actor::Operator,
            token: None,
            door: Door::Command,
            request: id(999),
            source: String::new(),
            reason: "a trial".into(),
        },
        action: Action::Modify,
        outcome: Outcome::Done,
        subject: None,
        attributes: vec!["userName".into()],
        guards: vec![],
        writes,
    }
}

pub fn done(verdict: Verdict) -> Committed {
    match verdict {
        Verdict::Done(committed) => committed,
        other => panic!("expected the change to be done, got {other:?}"),
    }
}

/// Everyone here.
pub fn everyone() -> Select {
    Select {
        scope: Scope::of_connection(HERE),
        kinds: vec![Kind::USER],
        condition: Condition::Everything,
        test: None,
        order: Order::Id,
        start: Start::Skip(0),
        limit: 1_000,
        total: true,
        at: None,
        budget: Budget { rows: 1_000_000, time: Duration::from_secs(3_600) },
    }
}
