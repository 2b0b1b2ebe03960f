//! Which export a file is, or from which it differs.

use crate::base::clock::Moment;
use crate::domain::place::organization;
use crate::domain::report::kind::Kind;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::export::Taking;
use crate::service::export::event;
use crate::service::export::event::Told;
use crate::store::change::Event;

/// Events that are read at a time.
const PAGE: usize = 1_000;

/// An export that a file is, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `ORG####`.
    pub organization: String,
    /// When it was whole.
    pub at: Moment,
    /// Its place in the chain of the organization.
    pub seq: u64,
    /// What the event says: kind, as of when, rows, hash.
    pub said: String,
    /// Who took it.
    pub by: String,
}

/// An export that a file may have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The number of the organization.
    pub organization: u32,
    /// Its place in the chain of the organization.
    pub seq: u64,
    /// When it was whole.
    pub at: Moment,
    /// Which of the five.
    pub kind: Kind,
}

/// The events of exports that gave out exactly the bytes with this SHA-256 (in hexadecimal),
/// oldest first, of every organization that the caller sees. None: nobody took this file here, or
/// it was changed since.
pub async fn verify(work: Work<'_>, sum: &str) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    each(work, |event, told| {
        if told.sum.eq_ignore_ascii_case(sum) {
            found.push(Found {
                organization: organization::code(event.chain),
                at: event.at,
                seq: event.seq,
                said: event.cause.reason.clone(),
                by: format!("{:?}", event.cause.actor),
            });
        }
    })
    .await?;
    Ok(found)
}

/// The exports of some kinds, the latest first.
pub async fn candidates(work: Work<'_>, kinds: &[Kind]) -> Result<Vec<Candidate>, Error> {
    let mut found = Vec::new();
    each(work, |event, told| {
        if kinds.contains(&told.kind) {
            let Event { chain, seq, at, .. } = *event;
            found.push(Candidate { organization: chain, seq, at, kind: told.kind });
        }
    })
    .await?;
    found.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(found)
}

impl Taking {
    /// Makes the file of an export once more, to compare it with another.
    pub async fn of_event(work: Work<'_>, (organization, seq): (u32, u64)) -> Result<Self, Error> {
        let events = work.ports.store.events(organization, seq, 1).await?;
        let told = events.first().filter(|event| event.seq == seq).and_then(event::told);
        let told = told.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "That event is not the one of a finished export.")
        })?;
        Self::again(work, &told, &organization::code(organization)).await
    }
}

/// Shows the events of all finished exports, chain by chain.
async fn each(work: Work<'_>, mut show: impl FnMut(&Event, &Told)) -> Result<(), Error> {
    let seen = work.caller.scope();
    let seen = seen.partitions(crate::domain::record::Kind::USER);
    let mut chains: Vec<u32> = seen.iter().map(|partition| partition.organization).collect();
    chains.dedup();
    for chain in chains {
        let mut from = 1;
        loop {
            let events = work.ports.store.events(chain, from, PAGE).await?;
            let finished = events.iter().filter_map(|event| Some((event, event::told(event)?)));
            finished.for_each(|(event, told)| show(event, &told));
            let Some(last) = events.last() else { break };
            from = last.seq.saturating_add(1);
        }
    }
    Ok(())
}
