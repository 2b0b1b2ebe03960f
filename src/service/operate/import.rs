//! Imports a description of the network: everything is tried under a veil first, then done.
//!
//! ```text
//!  files -> rows -> under a veil, row by row, through the use cases
//!        -> every refusal at once, the difference, and the errands that make it
//!        -> again in earnest: the same errands, many at a time
//! ```
//!
//! All or nothing for each file: one wrong row and nothing of its file is done; and nothing of
//! another file that needs it. The store commits one record at a time, so a fault half way (a
//! full disk, somebody else's change at that very moment) leaves the first part done: the answer
//! says how far it came, and the same command again does the rest.
//!
//! A dry run ends where the earnest would begin, so that it foretells exactly what would be done
//! (LE4).

mod carry;
mod difference;
mod earnest;
mod rehearsal;
mod report;
mod weighing;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::base::id::Id;
use crate::domain::place::organization;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::import;
use crate::service::import::Errand;
use crate::service::import::Place;
use crate::service::import::Refusal;
use crate::service::import::Sort;
use crate::service::import::Source;

/// What an import is told.
pub(super) struct Wish {
    pub(super) source: Source,
    /// `ORG####` of rows that name none.
    pub(super) organization: Option<String>,
    pub(super) dry_run: bool,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Create,
    Update,
    Close,
    Unchanged,
}

/// A row that was tried.
struct Tried {
    sort: Sort,
    place: Place,
    fate: Fate,
    /// Names of the attributes that would change.
    attributes: Vec<String>,
    errands: Vec<Errand>,
}

/// What trying came to.
#[derive(Default)]
struct Plan {
    tried: Vec<Tried>,
    refusals: Vec<Refusal>,
    /// The files of which nothing is done.
    refused: Vec<Arc<str>>,
    files: Vec<Arc<str>>,
    /// From whom something would be taken, by number of the organization.
    losers: BTreeMap<u32, BTreeSet<Id>>,
}

/// Runs an import. Answers the report.
pub(super) async fn run(ports: &Ports, wish: Wish) -> Result<Value, Error> {
    let Some(turn) = ports.progress.begin() else {
        let said = "Another import is running. Wait until it has ended.";
        return Err(Error::new(Kind::Busy, said));
    };
    turn.at("reading", 0, 0);
    let organization = wish.organization.as_deref().map(number).transpose()?;
    let source = wish.source;
    let read = tokio::task::spawn_blocking(move || import::read(&source));
    let heaps = read.await.map_err(Error::internal)??;
    let plan = rehearsal::run(ports, heaps, organization, &turn).await?;
    let held = weighing::weigh(ports, &plan, wish.dry_run).await?;
    let broken = match wish.dry_run || held.is_some() {
        true => None,
        false => earnest::run(ports, &plan, &turn).await?,
    };
    Ok(report::of(&plan, wish.dry_run, (held, broken)))
}

fn number(code: &str) -> Result<u32, Error> {
    organization::number(code).ok_or_else(|| {
        let said = "--organization is written ORG and four digits, such as ORG0001.";
        Error::new(Kind::NotFound, said)
    })
}
