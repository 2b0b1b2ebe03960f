//! The exports of several organizations in one zip file (Q15).
//!
//! A folder `ORG####/` each with the file under its own name inside, all as of one instant, and
//! at the end `manifest.json`, which says of each file what its event says.

use std::collections::BTreeSet;
use std::io;
use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::vec::IntoIter;

use serde_json::Value;
use serde_json::json;
use zip::CompressionMethod;
use zip::DateTime;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;
use zip::write::StreamWriter;

use crate::base::clock::Moment;
use crate::base::hex::hex;
use crate::domain::place::organization::code;
use crate::domain::report::file_name::folder;
use crate::domain::report::kind::Kind;
use crate::service::Error;
use crate::service::Work;
use crate::service::export::Ask;
use crate::service::export::Taking;
use crate::service::export::event;
use crate::service::export::organization;

/// Bytes that are gathered before they are given out.
const BLOCK: usize = 64 * 1_024;

/// What is said of all files.
#[derive(Clone, Copy, Debug)]
struct What {
    kind: Kind,
    /// As of when: the instant that was asked for, else that of the first file.
    at: Option<Moment>,
    mark: bool,
}

/// Exports on their way out. Without its last bytes it is not whole.
#[derive(Debug)]
pub struct Bundle {
    what: What,
    /// Numbers of the organizations that are still to come.
    rest: IntoIter<u32>,
    current: Option<Taking>,
    zip: Option<Zip>,
    manifest: Vec<Value>,
}

impl Bundle {
    /// Begins the exports of these organizations, of each once, or of all that the caller sees
    /// when none is named.
    ///
    /// # Errors
    ///
    /// Those of [`Taking::open`], for all organizations before anything is taken of one.
    pub async fn open(work: Work<'_>, kind: Kind, named: &[&str], ask: Ask) -> Result<Self, Error> {
        let numbers = match numbers(work, named, ask.at).await {
            Ok(numbers) => numbers,
            Err(error) => {
                event::ended(work, Some(kind), None, &error).await?;
                return Err(error);
            }
        };
        let mut rest = numbers.into_iter().collect::<Vec<_>>().into_iter();
        let mut what = What { kind, at: ask.at, mark: ask.mark };
        // The first one says whether any may be taken at all.
        let current = match rest.next() {
            Some(number) => Some(Taking::open(work, &what.ask(number)).await?),
            None => None,
        };
        what.at = what.at.or(current.as_ref().map(Taking::at));
        let mut bundle = Self { what, rest, current, zip: Some(Zip::new()), manifest: Vec::new() };
        bundle.begin_file()?;
        Ok(bundle)
    }

    /// What the file is called.
    pub fn name(&self) -> String {
        format!("{}.zip", self.what.kind.word())
    }

    /// Whether the last bytes were given.
    pub fn is_whole(&self) -> bool {
        self.zip.is_none()
    }

    /// The next bytes; none after the last.
    pub async fn next(&mut self, work: Work<'_>) -> Result<Option<Vec<u8>>, Error> {
        while self.zip.is_some() {
            let Some(current) = &mut self.current else { return self.finish().map(Some) };
            match current.next(work).await? {
                Some(bytes) => self.put(&bytes)?,
                None => self.turn(work).await?,
            }
            if let Some(bytes) = self.zip.as_ref().and_then(Zip::full) {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// Notes the file that is whole, and begins the next one.
    async fn turn(&mut self, work: Work<'_>) -> Result<(), Error> {
        if let Some(line) = self.current.as_ref().and_then(line) {
            self.manifest.push(line);
        }
        self.current = match self.rest.next() {
            Some(number) => Some(Taking::of_the_past(work, &self.what.ask(number)).await?),
            None => None,
        };
        self.begin_file()
    }

    fn begin_file(&mut self) -> Result<(), Error> {
        match (&self.current, &mut self.zip) {
            (Some(current), Some(zip)) => zip.begin(&path(current), current.taken()),
            _ => Ok(()),
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.zip {
            Some(zip) => zip.writer.write_all(bytes).map_err(Error::internal),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<Vec<u8>, Error> {
        let Some(mut zip) = self.zip.take() else { return Ok(Vec::new()) };
        let at = self.what.at;
        let manifest = json!({
            "kind": self.what.kind.word(),
            "asOf": at.map(|at| at.to_string()),
            "files": self.manifest,
        });
        zip.begin("manifest.json", at.unwrap_or(Moment(0)))?;
        let text = serde_json::to_vec_pretty(&manifest).map_err(Error::internal)?;
        zip.writer.write_all(&text).map_err(Error::internal)?;
        let out = zip.out;
        zip.writer.finish().map_err(Error::internal)?;
        Ok(out.take())
    }
}

/// The numbers of the organizations that are named, each once; when none is, of all that were
/// known at the instant.
async fn numbers(
    work: Work<'_>,
    named: &[&str],
    at: Option<Moment>,
) -> Result<BTreeSet<u32>, Error> {
    let mut numbers = BTreeSet::new();
    for name in named {
        let organization = organization::find(work, name).await?;
        organization.known_at(at)?;
        numbers.insert(organization.number);
    }
    if named.is_empty() {
        let scope = work.caller.scope();
        for partition in scope.partitions(crate::domain::record::Kind::USER) {
            let organization = organization::find(work, &code(partition.organization)).await?;
            if organization.known_at(at).is_ok() {
                numbers.insert(organization.number);
            }
        }
    }
    Ok(numbers)
}

impl What {
    fn ask(self, number: u32) -> Ask {
        Ask { kind: self.kind, organization: code(number), at: self.at, mark: self.mark }
    }
}

/// Where a file is in the zip.
fn path(taking: &Taking) -> String {
    format!("{}{}", folder(taking.organization()), taking.name())
}

/// What the manifest says of a file that is whole.
fn line(taking: &Taking) -> Option<Value> {
    let whole = taking.summary()?;
    Some(json!({
        "path": path(taking),
        "organization": code(taking.organization()),
        "taken": taking.taken().to_string(),
        "rows": whole.rows,
        "bytes": whole.bytes,
        "neutralised": whole.neutralised,
        "sha256": hex(&whole.sha256),
    }))
}

/// A zip file that is written from its beginning to its end.
struct Zip {
    writer: ZipWriter<StreamWriter<Out>>,
    out: Out,
}

impl std::fmt::Debug for Zip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Zip")
    }
}

impl Zip {
    fn new() -> Self {
        let out = Out::default();
        Self { writer: ZipWriter::new_stream(out.clone()), out }
    }

    fn begin(&mut self, name: &str, at: Moment) -> Result<(), Error> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(0o600)
            .last_modified_time(stamp(at));
        self.writer.start_file(name, options).map_err(Error::internal)
    }

    /// What was gathered, if it is enough.
    fn full(&self) -> Option<Vec<u8>> {
        (self.out.len() >= BLOCK).then(|| self.out.take())
    }
}

/// The time of a file in a zip, in UTC and to two seconds.
fn stamp(at: Moment) -> DateTime {
    let instant = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    let civil = instant.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    DateTime::from_date_and_time(
        u16::try_from(civil.year()).unwrap_or_default(),
        part(civil.month()),
        part(civil.day()),
        part(civil.hour()),
        part(civil.minute()),
        part(civil.second()),
    )
    .unwrap_or_default()
}

/// Bytes that wait to be given out.
#[derive(Clone, Debug, Default)]
struct Out(Arc<Mutex<Vec<u8>>>);

impl Out {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
