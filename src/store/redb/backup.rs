//! A copy of one snapshot in a new file, made while everything else goes on.
//!
//! The table that makes a file valid is written last: a copy that broke off cannot be opened by
//! mistake.

use std::path::Path;

use redb::Database;
use redb::Range;
use redb::ReadableTable;

use crate::store::Fault;
use crate::store::redb::open;
use crate::store::redb::tables;
use crate::store::redb::tables::Definition;
use crate::store::redb::tables::Reading;
use crate::store::redb::tables::Snapshot;
use crate::store::redb::tables::Writing;
use crate::store::redb::write;

/// Bytes that one transaction of the copy takes at most, about.
const TOGETHER: usize = 64 << 20;

/// Writes the copy; answers its size in bytes. A broken copy is removed again.
pub(super) fn write(snapshot: &Snapshot, target: &Path) -> Result<u64, Fault> {
    let database = open::fresh(target)?;
    let copied = copy(snapshot, database, target);
    if copied.is_err() {
        // What remains would be refused anyway.
        let _ = std::fs::remove_file(target);
    }
    copied
}

fn copy(snapshot: &Snapshot, mut database: Database, target: &Path) -> Result<u64, Fault> {
    for (definition, table) in tables::ALL.iter().zip(snapshot.all()) {
        fill(&database, *definition, table)?;
    }
    database.compact()?;
    drop(database);
    let file = std::fs::File::open(target)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// Copies one table in the order of its keys.
fn fill(database: &Database, definition: Definition, from: &Reading) -> Result<(), Fault> {
    let mut rows = from.iter()?;
    let mut more = true;
    while more {
        let transaction = write::begin(database)?;
        more = some(&mut transaction.open_table(definition)?, &mut rows)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Copies as many rows as one transaction takes. Answers whether there may be more.
fn some(
    into: &mut Writing<'_>,
    rows: &mut Range<'_, &'static [u8], &'static [u8]>,
) -> Result<bool, Fault> {
    let mut taken = 0_usize;
    for row in rows {
        let (key, row) = row?;
        into.insert(key.value(), row.value())?;
        taken = taken.saturating_add(key.value().len()).saturating_add(row.value().len());
        if taken >= TOGETHER {
            return Ok(true);
        }
    }
    Ok(false)
}
