//! What durable creates are measured against: a loop over redb alone that writes the rows one
//! create leaves, with the same durability and the same grouping.
//!
//! The rows are taken from a loaded store: everything in which the identifier of one user
//! occurs. For each new create the identifier and the number of the user are exchanged in them,
//! so that tables, sizes and places in the trees are those of the real thing.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use std::time::Instant;

use redb::Database;
use redb::Durability;
use redb::ReadableDatabase;
use redb::ReadableTable;
use redb::TableHandle;
use wardgate::base::clock::Clock;
use wardgate::base::clock::SystemClock;
use wardgate::base::entropy::NoEntropy;
use wardgate::base::entropy::OsEntropy;
use wardgate::base::id::Id;
use wardgate::store::redb::tables;

use crate::measure;
use crate::measure::Figure;

/// Creates that one transaction takes at most, as in the store.
const TOGETHER: usize = 256;

/// A row that a create leaves.
#[derive(Clone)]
struct Row {
    table: tables::Definition,
    key: Vec<u8>,
    value: Vec<u8>,
}

/// The rows of one user.
pub struct Pattern {
    rows: Vec<Row>,
    id: [u8; 16],
    number: String,
}

impl Pattern {
    /// Reads what the user `number` with the identifier `id` left in the store at `path`, and
    /// the counters that every create writes anew.
    pub fn read(path: &Path, number: usize, id: Id) -> io::Result<Self> {
        let database = Database::builder().create(path).map_err(io::Error::other)?;
        let snapshot = database.begin_read().map_err(io::Error::other)?;
        let mut rows = Vec::new();
        for definition in tables::ALL {
            let table = snapshot.open_table(*definition).map_err(io::Error::other)?;
            let counter = [tables::COUNTS, tables::HEADS, tables::META]
                .iter()
                .any(|counter| counter.name() == definition.name());
            let all = table.iter().map_err(io::Error::other)?.map_while(Result::ok);
            let all = all.map(|(key, value)| (key.value().to_vec(), value.value().to_vec()));
            let of_user = all
                .filter(|(key, value)| counter || holds(key, &id.0) || holds(value, &id.0))
                .map(|(key, value)| Row { table: *definition, key, value });
            rows.extend(of_user.take(if counter { 1 } else { usize::MAX }));
        }
        Ok(Self { rows, id: id.0, number: format!("{number:07}") })
    }

    /// How many rows, and how many bytes of keys and values.
    pub fn size(&self) -> (usize, usize) {
        let bytes = self.rows.iter().map(|row| row.key.len() + row.value.len()).sum();
        (self.rows.len(), bytes)
    }

    /// The rows of another user.
    fn next(&self, number: u64) -> Result<Vec<Row>, NoEntropy> {
        let id = Id::new(SystemClock::new().now(), &OsEntropy)?;
        let digits = format!("{number:07}");
        let mut rows = self.rows.clone();
        for row in &mut rows {
            for bytes in [&mut row.key, &mut row.value] {
                exchange(bytes, &self.id, &id.0);
                exchange(bytes, self.number.as_bytes(), digits.as_bytes());
            }
            if row.table.name() == tables::EVENTS.name() {
                // chain, sequence: the sequence goes on.
                row.key.truncate(4);
                row.key.extend((1_u64 << 40 | number).to_be_bytes());
            }
        }
        Ok(rows)
    }
}

/// The loop, on a store that nobody else has open.
pub struct Plain {
    database: Database,
    pattern: Arc<Pattern>,
    next: Arc<AtomicU64>,
}

impl Plain {
    /// Opens the file at `path` with a cache of `cache` bytes.
    pub fn open(path: &Path, cache: usize, pattern: Arc<Pattern>) -> io::Result<Self> {
        let database = Database::builder().set_cache_size(cache).create(path);
        let database = database.map_err(io::Error::other)?;
        Ok(Self { database, pattern, next: Arc::new(AtomicU64::new(5_000_000)) })
    }

    /// `producers` threads, each of which waits for its create to be on disk before it sends
    /// the next, for `span`.
    pub fn round(&self, producers: usize, span: Duration) -> io::Result<Figure> {
        let began = Instant::now();
        let before = measure::processor_time(std::process::id())?;
        let (jobs, taken) = mpsc::sync_channel::<(Vec<Row>, SyncSender<()>)>(4_096);
        for _ in 0..producers {
            let (jobs, pattern, next) = (jobs.clone(), self.pattern.clone(), self.next.clone());
            std::thread::spawn(move || produce(&jobs, &pattern, &next, || began.elapsed() < span));
        }
        drop(jobs);
        let mut count = 0;
        while let Ok(first) = taken.recv() {
            let mut some = vec![first];
            some.extend(taken.try_iter().take(TOGETHER - 1));
            self.write(&some)?;
            count += some.len() as u64;
            for (_, done) in some {
                // A producer waits, or its time is over.
                let _ = done.send(());
            }
        }
        let spent = measure::processor_time(std::process::id())? - before;
        Ok(measure::figure(count, began.elapsed(), spent))
    }

    fn write(&self, some: &[(Vec<Row>, SyncSender<()>)]) -> io::Result<()> {
        let mut transaction = self.database.begin_write().map_err(io::Error::other)?;
        transaction.set_durability(Durability::Immediate).map_err(io::Error::other)?;
        transaction.set_two_phase_commit(true);
        transaction.set_quick_repair(true);
        for definition in tables::ALL {
            let mut table = transaction.open_table(*definition).map_err(io::Error::other)?;
            let rows = some.iter().flat_map(|(rows, _)| rows);
            for row in rows.filter(|row| row.table.name() == definition.name()) {
                table.insert(row.key.as_slice(), row.value.as_slice()).map_err(io::Error::other)?;
            }
        }
        transaction.commit().map_err(io::Error::other)
    }
}

/// Sends one create after the other, each when the one before is on disk.
fn produce(
    jobs: &SyncSender<(Vec<Row>, SyncSender<()>)>,
    pattern: &Pattern,
    next: &AtomicU64,
    more: impl Fn() -> bool,
) {
    let (done, wait) = mpsc::sync_channel(1);
    while more() {
        let rows = pattern.next(next.fetch_add(1, Ordering::Relaxed));
        let sent = rows.map(|rows| jobs.send((rows, done.clone())));
        if !matches!(sent, Ok(Ok(()))) || wait.recv().is_err() {
            return;
        }
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn exchange(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    let mut start = 0;
    while let Some(rest) = bytes.get_mut(start..) {
        let Some(place) = rest.windows(old.len()).position(|window| window == old) else { return };
        if let Some(part) = rest.get_mut(place..place + old.len()) {
            part.copy_from_slice(new);
        }
        start += place + old.len();
    }
}
