//! The data directory: what lies where, and that nobody else may read it (KEY-01).

use std::fs::DirBuilder;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::Permissions;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use crate::app::Failure;
use crate::base::entropy::Entropy;
use crate::http::certificate::LOOSE;

/// The directory that holds everything one gateway keeps.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

/// Files that only their owner may read.
const PRIVATE: [&str; 4] = [STORE, CURSOR_KEY, CA_KEY, SERVER_KEY];
const STORE: &str = "store.redb";
const CURSOR_KEY: &str = "cursor.key";
const CA: &str = "ca.pem";
const CA_KEY: &str = "ca.key.pem";
const SERVER: &str = "server.pem";
const SERVER_KEY: &str = "server.key.pem";

impl Folder {
    /// The data directory at `root`, which need not exist yet.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The store.
    pub fn store(&self) -> PathBuf {
        self.root.join(STORE)
    }

    /// The key that seals cursors.
    pub fn cursor_key(&self) -> PathBuf {
        self.root.join(CURSOR_KEY)
    }

    /// The development CA.
    pub fn ca(&self) -> PathBuf {
        self.root.join(CA)
    }

    /// The key of the development CA.
    pub fn ca_key(&self) -> PathBuf {
        self.root.join(CA_KEY)
    }

    /// The server's certificate.
    pub fn server(&self) -> PathBuf {
        self.root.join(SERVER)
    }

    /// The server's key.
    pub fn server_key(&self) -> PathBuf {
        self.root.join(SERVER_KEY)
    }

    /// The lock of whoever uses the store.
    pub fn lock(&self) -> PathBuf {
        self.root.join("wardgate.lock")
    }

    /// Whether a store is there.
    pub fn initialised(&self) -> bool {
        self.store().exists()
    }

    /// Makes the directory if need be, with mode 0700.
    pub fn make(&self) -> Result<(), Failure> {
        if self.root.is_dir() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.root).map_err(|error| {
            let root = self.root.display();
            Failure::Refused(format!("The data directory {root} cannot be made: {error}."))
        })
    }

    /// Takes the directory away from others if they could read it: only before first use.
    pub fn tighten(&self) -> Result<(), Failure> {
        if mode(&self.root)? & 0o077 == 0 {
            return Ok(());
        }
        std::fs::set_permissions(&self.root, Permissions::from_mode(0o700))
            .map_err(|error| at(&self.root, &error))
    }

    /// Refuses loose modes: keys and the store are their owner's alone, and nobody else may put
    /// files into the directory.
    pub fn guard(&self) -> Result<(), Failure> {
        if mode(&self.root)? & 0o022 != 0 {
            return Err(loose(&self.root, "others may write to it", "700"));
        }
        for name in PRIVATE {
            let path = self.root.join(name);
            if path.exists() {
                guard_private(&path)?;
            }
        }
        Ok(())
    }
}

/// Refuses a private file that others may read or write.
pub fn guard_private(path: &Path) -> Result<(), Failure> {
    match mode(path)? & 0o077 {
        0 => Ok(()),
        _ => Err(loose(path, "others may read or write it", "600")),
    }
}

/// Refuses a TLS key with a mode of [`LOOSE`].
pub fn guard_own_key(path: &Path) -> Result<(), Failure> {
    match mode(path)? & LOOSE {
        0 => Ok(()),
        _ => Err(loose(path, "others may read it, or its group may write it", "600")),
    }
}

/// Writes a new private file (mode 0600), durably and whole; the caller knows that there is
/// none yet.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    write_new(path, content, 0o600)
}

/// Writes a new file that all may read, durably and whole; the caller knows that there is
/// none yet.
pub fn write_public(path: &Path, content: &[u8]) -> Result<(), Failure> {
    write_new(path, content, 0o644)
}

/// Copies a file into a new private one (mode 0600 whatever the source has), durably.
pub fn copy_private(source: &Path, target: &Path) -> Result<(), Failure> {
    write_private(target, b"")?;
    let copy = || {
        let mut from = File::open(source)?;
        let mut to = OpenOptions::new().write(true).open(target)?;
        std::io::copy(&mut from, &mut to)?;
        to.sync_all()
    };
    copy().map_err(|error: std::io::Error| at(source, &error))
}

/// The key that seals cursors; made at the first call.
pub fn cursor_key(folder: &Folder, entropy: &dyn Entropy) -> Result<[u8; 32], Failure> {
    let path = folder.cursor_key();
    let mut key = [0; 32];
    if !path.exists() {
        entropy.fill(&mut key).map_err(|error| Failure::Refused(format!("{error}.")))?;
        write_private(&path, &key)?;
        return Ok(key);
    }
    guard_private(&path)?;
    let mut file = File::open(&path).map_err(|error| at(&path, &error))?;
    file.read_exact(&mut key).map_err(|error| at(&path, &error))?;
    Ok(key)
}

/// Makes names in the directory of `path` durable.
pub fn sync_parent(path: &Path) -> Result<(), Failure> {
    let parent = path.parent().unwrap_or(path);
    let directory = File::open(parent).map_err(|error| at(parent, &error))?;
    directory.sync_all().map_err(|error| at(parent, &error))
}

/// A failure at a file, in words.
pub fn at(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Refused(format!("{}: {error}.", path.display()))
}

/// Written under another name and renamed: after a crash the file is whole or not there.
fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), Failure> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let write = || {
        if Path::new(&unfinished).exists() {
            std::fs::remove_file(&unfinished)?;
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(mode).open(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)
    };
    write().map_err(|error: std::io::Error| at(path, &error))?;
    sync_parent(path)
}

fn mode(path: &Path) -> Result<u32, Failure> {
    let metadata = std::fs::metadata(path).map_err(|error| at(path, &error))?;
    Ok(metadata.permissions().mode())
}

fn loose(path: &Path, why: &str, wanted: &str) -> Failure {
    let path = path.display();
    Failure::Refused(format!(
        "{path} is too open: {why}. Run `chmod {wanted} {path}` and start again."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SeededEntropy;

    fn folder() -> (tempfile::TempDir, Folder) {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::at(&directory.path().join("data"));
        folder.make().unwrap();
        (directory, folder)
    }

    #[test]
    fn key01_a_loose_key_or_directory_is_refused_and_named() {
        let (_directory, folder) = folder();
        cursor_key(&folder, &SeededEntropy::new(1)).unwrap();
        assert!(folder.guard().is_ok());
        std::fs::set_permissions(folder.cursor_key(), Permissions::from_mode(0o644)).unwrap();
        let said = folder.guard().unwrap_err().to_string();
        assert!(said.contains("cursor.key is too open"), "{said}");
        std::fs::set_permissions(folder.cursor_key(), Permissions::from_mode(0o600)).unwrap();
        std::fs::set_permissions(folder.root(), Permissions::from_mode(0o777)).unwrap();
        assert!(folder.guard().is_err());
    }

    #[test]
    fn key04_the_cursor_key_is_random_private_and_kept() {
        let (_directory, folder) = folder();
        let first = cursor_key(&folder, &SeededEntropy::new(1)).unwrap();
        assert_ne!(first, [0; 32]);
        assert_eq!(cursor_key(&folder, &SeededEntropy::new(2)), Ok(first));
        assert_eq!(mode(&folder.cursor_key()).unwrap() & 0o777, 0o600);
    }
}
