//! Storage that fails, at every one of the operations that a few changes need (F04, F05, F06):
//! whoever is told of success keeps it, nothing is half there, and nothing is written any more.

use std::io;
use std::sync::Arc;
use std::sync::Mutex;

use redb::StorageBackend;
use redb::backends::InMemoryBackend;
use wardgate::domain::record::Kind;
use wardgate::store::Fault;
use wardgate::store::Store;
use wardgate::store::change::Change;
use wardgate::store::change::Verdict;
use wardgate::store::change::Write;
use wardgate::store::redb::RedbStore;

use super::bench::*;

/// How storage fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One operation fails, and all is well again.
    Once,
    /// Nothing is written from then on.
    Full,
    /// Half of the bytes are written, and nothing from then on.
    Torn,
    /// Nothing is written or read from then on.
    Gone,
}

/// Storage in memory that fails after some more operations.
#[derive(Debug)]
pub struct Failing {
    bytes: InMemoryBackend,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Writes and syncs that still succeed; `None` is all of them.
    left: Option<usize>,
    way: Way,
    failed: usize,
    /// What was there when it was last synced.
    synced: Vec<u8>,
}

impl Failing {
    pub fn new() -> Arc<Self> {
        Self::holding(&[])
    }

    fn holding(bytes: &[u8]) -> Arc<Self> {
        let storage = InMemoryBackend::new();
        storage.set_len(bytes.len() as u64).unwrap();
        storage.write(0, bytes).unwrap();
        let state = State { left: None, way: Way::Full, failed: 0, synced: bytes.to_vec() };
        Arc::new(Self { bytes: storage, state: Mutex::new(state) })
    }

    /// Fails after so many more operations.
    pub fn arm(&self, left: usize, way: Way) {
        let mut state = self.state.lock().unwrap();
        (state.left, state.way) = (Some(left), way);
    }

    /// What is there now, and what was there at the last sync.
    fn images(&self) -> [Vec<u8>; 2] {
        [self.all(), self.state.lock().unwrap().synced.clone()]
    }

    fn all(&self) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(self.bytes.len().unwrap()).unwrap()];
        self.bytes.read(0, &mut bytes).unwrap();
        bytes
    }

    fn failed(&self) -> bool {
        self.state.lock().unwrap().failed > 0
    }

    /// Whether the operation fails, and in which way if it is the first.
    fn step(&self) -> Result<(), Option<Way>> {
        let mut state = self.state.lock().unwrap();
        match state.left {
            Some(0) => {
                state.failed += 1;
                let first = state.failed == 1;
                if state.way == Way::Once {
                    state.left = None;
                }
                Err(first.then_some(state.way))
            }
            Some(left) => {
                state.left = Some(left - 1);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn broken() -> io::Error {
    io::Error::other("the storage failed, as the trial wants it")
}

/// What the engine holds of it.
#[derive(Debug)]
pub struct Handle(pub Arc<Failing>);

impl StorageBackend for Handle {
    fn len(&self) -> io::Result<u64> {
        self.0.bytes.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let gone = {
            let state = self.0.state.lock().unwrap();
            state.way == Way::Gone && state.failed > 0
        };
        if gone { Err(broken()) } else { self.0.bytes.read(offset, out) }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.step().map_err(|_| broken())?;
        self.0.bytes.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.step().map_err(|_| broken())?;
        let all = self.0.all();
        self.0.state.lock().unwrap().synced = all;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        match self.0.step() {
            Ok(()) => self.0.bytes.write(offset, data),
            Err(way) => {
                if way == Some(Way::Torn) {
                    self.0.bytes.write(offset, &data[..data.len() / 2])?;
                }
                Err(broken())
            }
        }
    }
}

/// Changes that a trial makes after the storage was armed.
const CHANGES: u64 = 3;

fn make(n: u64) -> Change {
    let writes = vec![Write::Create(person(n, &format!("p{n}"))), link(30, n)];
    Change { subject: Some((Kind::USER, id(n))), ..change(writes) }
}

/// Three changes over storage that fails after `left` operations: whether it failed at all, and
/// that all is as it must be.
async fn trial_of(left: usize, way: Way) -> bool {
    let storage = Failing::new();
    let bench = Bench::in_memory();
    let store = RedbStore::over(Handle(storage.clone()), bench.clock.clone()).unwrap();
    let first = Change { subject: Some((Kind::GROUP, id(30))), ..change(vec![]) };
    let first = Change { writes: vec![Write::Create(group(30))], ..first };
    done(store.commit(first).await.unwrap());
    storage.arm(left, way);
    let mut kept = Vec::new();
    for n in 1..=CHANGES {
        match store.commit(make(n)).await {
            Ok(Verdict::Done(_)) => {
                assert!(store.ready(), "{way:?} {left}: it writes, so it is ready");
                kept.push(n);
            }
            Ok(other) => panic!("{way:?} {left}: {other:?}"),
            Err(Fault::Engine(_)) => {
                assert!(storage.failed() && !store.ready(), "{way:?} {left}");
                let later = store.commit(make(9)).await;
                assert!(matches!(later, Err(Fault::Busy)), "{way:?} {left}: {later:?}");
                break;
            }
            Err(other) => panic!("{way:?} {left}: {other:?}"),
        }
    }
    // Reads are right, or they fail.
    for n in 1..=CHANGES {
        if let Ok(read) = store.get(id(n), None).await {
            assert_eq!(read.is_some(), kept.contains(&n), "{way:?} {left}: record {n}");
        }
    }
    drop(store);
    for bytes in storage.images() {
        reopened(&bench, &bytes, &kept).await;
    }
    storage.failed()
}

/// What was told to be kept is there, and whatever else is there is whole.
async fn reopened(bench: &Bench, bytes: &[u8], kept: &[u64]) {
    let storage = Failing::holding(bytes);
    let store = Arc::new(RedbStore::over(Handle(storage), bench.clock.clone()).unwrap());
    let again = Bench { store, ..Bench::in_memory() };
    again.assert_sound().await;
    let there = async |n| again.store.get(id(n), None).await.unwrap().is_some();
    let mut count = 0;
    for n in 1..=CHANGES {
        let here = there(n).await;
        assert!(here || !kept.contains(&n), "record {n} was acknowledged");
        assert_eq!(again.store.linked(MEMBER, id(30), id(n)).await.unwrap(), here);
        count += u64::from(here);
    }
    assert_eq!(again.store.count(HERE, Kind::USER).await.unwrap(), count);
    let events = again.store.events(1, 1, 100).await.unwrap().len() as u64;
    assert_eq!(events, 1 + count, "one event for each change, and none beside");
    assert!(again.store.ready());
    done(again.store.commit(make(8)).await.unwrap());
    again.assert_sound().await;
}

#[test]
fn f04_f06_a_failure_at_any_operation_loses_nothing_and_halves_nothing() {
    for way in [Way::Once, Way::Full, Way::Torn, Way::Gone] {
        block(async {
            let mut left = 0;
            while trial_of(left, way).await {
                left += 1;
            }
            // Three changes take many operations: each of them has failed once.
            assert!(left > 10, "{way:?}: {left}");
        });
    }
}
