//! One process at a time on one store, and a message that names who holds it (F23).

use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io::Read;
use std::io::Seek;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use crate::app::Failure;
use crate::app::folder;
use crate::app::folder::Folder;

/// Holds the data directory until it is dropped; the system lets go of it when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the data directory for `purpose` (`serve`, `check`, ...), or names the holder.
pub fn take(folder: &Folder, purpose: &str) -> Result<Lock, Failure> {
    let path = folder.lock();
    let fault = |error: std::io::Error| folder::at(&path, &error);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(fault)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).map_err(fault)?;
            file.rewind().map_err(fault)?;
            let holder = format!("process {} (wardgate {purpose})", std::process::id());
            file.write_all(holder.as_bytes()).map_err(fault)?;
            Ok(Lock { _file: file })
        }
        Err(TryLockError::WouldBlock) => Err(held(folder, file)),
        Err(TryLockError::Error(error)) => Err(fault(error)),
    }
}

fn held(folder: &Folder, file: File) -> Failure {
    let mut holder = String::new();
    let read = file.take(200).read_to_string(&mut holder);
    if read.is_err() || holder.is_empty() {
        "another process".clone_into(&mut holder);
    }
    let root = folder.root().display();
    Failure::Refused(format!("The data directory {root} is in use by {holder}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f23_a_second_holder_is_refused_and_the_first_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::at(directory.path());
        let first = take(&folder, "serve").unwrap();
        let said = take(&folder, "check").unwrap_err().to_string();
        let holder = format!("in use by process {} (wardgate serve).", std::process::id());
        assert!(said.ends_with(&holder), "{said}");
        drop(first);
        assert!(take(&folder, "check").is_ok());
    }
}
