//! Finds the files of a description and reads each whole.
//!
//! They are read by whoever has the store open, with that process's rights: the command line
//! sends a path, and only who may command the server can send one. No refusal repeats anything
//! of a file, so that none can be read through them.

use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::service::Error;
use crate::service::Kind;
use crate::service::import::Place;
use crate::service::import::Refusal;
use crate::service::import::Row;
use crate::service::import::Sample;
use crate::service::import::Sort;
use crate::service::import::Spot;
use crate::service::import::document;
use crate::service::import::sheets;

/// The largest file that is read, in bytes.
pub const LARGEST_FILE: u64 = 64 * 1_024 * 1_024;

/// Where a description is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A JSON file, a sheet, or a folder of them: an absolute path.
    Path(PathBuf),
    /// One that comes with the program.
    Sample(Sample),
}

/// What was read of one file.
#[derive(Debug)]
pub struct Heap {
    /// Its name, without folders.
    pub file: Arc<str>,
    /// Its rows, in their order.
    pub rows: Vec<Row>,
    /// What is wrong with its form.
    pub refusals: Vec<Refusal>,
}

impl Heap {
    fn refused(file: &str, said: impl Into<String>) -> Self {
        let place = Place { file: file.into(), spot: Spot::Whole };
        let refusals = vec![place.refuse(None, said)];
        Self { file: place.file, rows: Vec::new(), refusals }
    }
}

/// Reads every file of a description.
pub fn read(source: &Source) -> Result<Vec<Heap>, Error> {
    let path = match source {
        Source::Sample(sample) => {
            return Ok(vec![document::read(sample.file(), sample.text().as_bytes())]);
        }
        Source::Path(path) => path,
    };
    let about = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !about.is_dir() {
        return Ok(vec![one(path)]);
    }
    let mut heaps = Vec::new();
    for path in files(path).map_err(|error| unreadable(&error))? {
        heaps.push(one(&path));
    }
    if heaps.is_empty() {
        let said =
            format!("The folder holds no description: no JSON file, and none of {}.", known());
        return Err(Error::new(Kind::NotFound, said));
    }
    Ok(heaps)
}

/// The files of a folder that hold a description, or seem to, by name.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = name(&path).starts_with('.');
        if !hidden && (has_ending(&path, "csv") || has_ending(&path, "json")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn one(path: &Path) -> Heap {
    let file = name(path);
    let sort = Sort::ALL.into_iter().find(|sort| sort.file().eq_ignore_ascii_case(&file));
    match sort {
        None if !has_ending(path, "json") => {
            let said = format!("what it holds is told by its name; call it one of {}", known());
            Heap::refused(&file, said)
        }
        sort => match (open(path), sort) {
            (Err(said), _) => Heap::refused(&file, said),
            (Ok(input), Some(sort)) => sheets::read(&file, sort, input),
            (Ok(mut input), None) => {
                let mut bytes = Vec::new();
                match input.read_to_end(&mut bytes) {
                    Ok(_) => document::read(&file, &bytes),
                    Err(error) => Heap::refused(&file, refusal(&error)),
                }
            }
        },
    }
}

/// A file that is one, and not too large. What is no file is not even opened: a pipe would wait.
fn open(path: &Path) -> Result<impl Read + use<>, String> {
    let about = std::fs::metadata(path).map_err(|error| refusal(&error))?;
    if !about.is_file() {
        return Err("this is no file".to_owned());
    }
    if about.len() > LARGEST_FILE {
        let most = LARGEST_FILE / 1_024 / 1_024;
        return Err(format!("larger than {most} MiB; divide it"));
    }
    let file = File::open(path).map_err(|error| refusal(&error))?;
    Ok(file.take(LARGEST_FILE))
}

fn refusal(error: &io::Error) -> String {
    format!("it cannot be read by the process that has the store open: {}", error.kind())
}

fn unreadable(error: &io::Error) -> Error {
    let said = format!(
        "The description cannot be read by the process that has the store open: {}.",
        error.kind()
    );
    Error::new(Kind::NotFound, said)
}

fn known() -> String {
    Sort::ALL.map(Sort::file).join(", ")
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending))
}
