//! Whether the pages of a file have the checksums that were written with them.
//!
//! The engine looks at checksums only when it repairs a file, and it would repair what it finds.
//! A check changes nothing: so the engine is shown the file behind glass, where what it writes
//! stays in memory. It needs the file alone, so a running store cannot be asked this.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;

use redb::Database;
use redb::DatabaseError;
use redb::StorageBackend;
use redb::StorageError;

use crate::store::Fault;

/// Bytes that are kept together of what was written.
const BLOCK: u64 = 4_096;
/// Memory for pages while looking.
const CACHE: usize = 64 << 20;

/// What is wrong with the pages of the file at `path`, if anything is.
pub(super) fn examine(path: &Path) -> Result<Option<String>, Fault> {
    let path = path.to_owned();
    // On a thread of its own: the engine promises no more than an end for a file that was
    // altered, and the end may be a panic.
    let looked =
        std::thread::Builder::new().name("store-pages".into()).spawn(move || look(&path))?.join();
    looked.unwrap_or_else(|_| Ok(Some(damaged())))
}

fn look(path: &Path) -> Result<Option<String>, Fault> {
    // Opening so reads everything, and fails where nothing can be made of it.
    match open(path, true) {
        Ok(database) => drop(database),
        Err(error) => return finding(error),
    }
    // Where something could be made of it by going back, only this tells.
    match open(path, false).and_then(|mut database| database.check_integrity()) {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some(damaged())),
        Err(error) => finding(error),
    }
}

fn open(path: &Path, whole: bool) -> Result<Database, DatabaseError> {
    let glass = Glass::over(path).map_err(StorageError::from)?;
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(whole).create_with_backend(glass)
}

fn finding(error: DatabaseError) -> Result<Option<String>, Fault> {
    match error {
        DatabaseError::Storage(StorageError::Corrupted(_)) => Ok(Some(damaged())),
        other => Err(other.into()),
    }
}

fn damaged() -> String {
    "pages of the data file do not have the checksums that were written with them; restore a \
     backup"
        .into()
}

/// A file that is only read; what is written over it is kept here.
#[derive(Debug)]
struct Glass {
    file: File,
    /// Length of the file itself.
    under: u64,
    over: Mutex<Over>,
}

#[derive(Debug)]
struct Over {
    length: u64,
    /// Where the file itself still shows through.
    shown: u64,
    blocks: BTreeMap<u64, Vec<u8>>,
}

impl Glass {
    fn over(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let under = file.metadata()?.len();
        let over = Over { length: under, shown: under, blocks: BTreeMap::new() };
        Ok(Self { file, under, over: Mutex::new(over) })
    }

    /// Runs `work` with everything that was written.
    fn with<T>(&self, work: impl FnOnce(&mut Over) -> io::Result<T>) -> io::Result<T> {
        work(&mut self.over.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One block as it is now.
    fn block(&self, over: &Over, number: u64) -> io::Result<Vec<u8>> {
        if let Some(block) = over.blocks.get(&number) {
            return Ok(block.clone());
        }
        let start = number.saturating_mul(BLOCK);
        let there = over.shown.min(self.under).saturating_sub(start).min(BLOCK);
        let mut block = vec![0; size(BLOCK)?];
        if let Some(part) = block.get_mut(..size(there)?) {
            self.file.read_exact_at(part, start)?;
        }
        Ok(block)
    }
}

impl StorageBackend for Glass {
    fn len(&self) -> io::Result<u64> {
        self.with(|over| Ok(over.length))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.with(|over| {
            let end = offset.checked_add(u64::try_from(out.len()).unwrap_or(u64::MAX));
            if end.is_none_or(|end| end > over.length) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let (mut at, mut rest) = (offset, out);
            while !rest.is_empty() {
                let block = self.block(over, at / BLOCK)?;
                let from = block.get(size(at % BLOCK)?..).unwrap_or_default();
                let count = from.len().min(rest.len());
                let (now, later) = rest.split_at_mut(count);
                now.copy_from_slice(from.get(..count).unwrap_or_default());
                rest = later;
                at = at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            }
            Ok(())
        })
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.with(|over| {
            if length < over.length {
                over.shown = over.shown.min(length);
                over.blocks.retain(|number, _| number.saturating_mul(BLOCK) < length);
                // What lies behind the new end of its block is nothing from now on.
                let (number, keep) = (length / BLOCK, size(length % BLOCK)?);
                let cut = over.blocks.get_mut(&number);
                cut.into_iter().flatten().skip(keep).for_each(|byte| *byte = 0);
            }
            over.length = length;
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.with(|over| {
            let (mut at, mut rest) = (offset, data);
            while !rest.is_empty() {
                let mut block = self.block(over, at / BLOCK)?;
                let into = block.get_mut(size(at % BLOCK)?..).unwrap_or_default();
                let (now, later) = rest.split_at(into.len().min(rest.len()));
                into.iter_mut().zip(now).for_each(|(byte, new)| *byte = *new);
                over.blocks.insert(at / BLOCK, block);
                at = at.saturating_add(u64::try_from(now.len()).unwrap_or(u64::MAX));
                rest = later;
            }
            over.length = over.length.max(at);
            Ok(())
        })
    }
}

fn size(count: u64) -> io::Result<usize> {
    usize::try_from(count).map_err(io::Error::other)
}
