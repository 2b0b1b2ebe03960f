//! Opening a file: is it free, is it ours, can we read its layout.

use std::fs::File;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use redb::Database;
use redb::ReadableDatabase;
use redb::StorageBackend;

use crate::store::Fault;
use crate::store::redb::row::Take;
use crate::store::redb::tables;
use crate::store::redb::tables::Tables;
use crate::store::redb::write;

/// Number of the layout that this program reads and writes.
const LAYOUT: u32 = 4;
const FORMAT: &[u8] = b"format";
/// Memory for pages while copying, and for stores in memory.
const SMALL_CACHE: usize = 64 << 20;

/// The file at `path`, made when it is not there.
pub(super) fn file(path: &Path, cache_bytes: usize) -> Result<Database, Fault> {
    match create(path) {
        Ok(()) => {}
        // A store that was there is never empty: an empty file is what is left of one, and making
        // a new store in it would hide that.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            if std::fs::metadata(path)?.len() == 0 {
                let said = "the data file is empty, which no store ever is; restore a backup";
                return Err(Fault::Engine(said.into()));
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Database::builder().set_cache_size(cache_bytes).create(path)?)
}

/// A new file at `path`, which must not exist.
pub(super) fn fresh(path: &Path) -> Result<Database, Fault> {
    create(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Fault::Refused(
            "The file named for the backup exists already, and a backup replaces none: name \
             another file",
        ),
        std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied => Fault::Refused(
            "The file named for the backup cannot be made: its directory is not there, or may \
             not be written to by the user that the store is open for",
        ),
        _ => error.into(),
    })?;
    Ok(Database::builder().set_cache_size(SMALL_CACHE).create(path)?)
}

/// A store without a file of ours.
pub(super) fn over(storage: impl StorageBackend) -> Result<Database, Fault> {
    Ok(Database::builder().set_cache_size(SMALL_CACHE).create_with_backend(storage)?)
}

/// Only its owner may read it: it holds personal data.
fn create(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    sync_directory(path)
}

/// A new name in a directory is durable once the directory is.
pub(super) fn sync_directory(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

/// Checks the layout's number; a new file gets ours, and every table.
pub(super) fn layout(database: &Database) -> Result<(), Fault> {
    if database.begin_read()?.list_tables()?.next().is_some() {
        return known(database);
    }
    let transaction = write::begin(database)?;
    {
        let mut tables = Tables::open(&transaction)?;
        tables.meta.insert(FORMAT, LAYOUT.to_be_bytes().as_slice())?;
    }
    Ok(transaction.commit()?)
}

fn known(database: &Database) -> Result<(), Fault> {
    let strange = || Fault::Engine("the data file is no complete store of this program".into());
    let meta = database.begin_read()?.open_table(tables::META).map_err(|_| strange())?;
    let row = meta.get(FORMAT)?.ok_or_else(strange)?;
    match Take(row.value()).u32()? {
        LAYOUT => Ok(()),
        _ => Err(Fault::Engine(
            "the data file has a layout that this version does not know; use the version that \
             wrote it"
                .into(),
        )),
    }
}
