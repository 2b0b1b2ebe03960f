//! Reading and writing certificates and claims.

use std::ops::Bound;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::duty::certificate::Certificate;
use crate::domain::duty::reminder::Claimed;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Ports;
use crate::service::wire::render;
use crate::store;
use crate::store::change::Action;
use crate::store::change::Actor;
use crate::store::change::Cause;
use crate::store::change::Change;
use crate::store::change::Door;
use crate::store::change::Draft;
use crate::store::change::Entry;
use crate::store::change::Guard;
use crate::store::change::Outcome;
use crate::store::change::Unique;
use crate::store::change::Verdict;
use crate::store::change::Write;
use crate::store::select::Condition;
use crate::store::select::Select;
use crate::store::select::value;

/// How a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Progress {
    /// Somebody is sending it.
    Claimed,
    /// It is out.
    Sent,
    /// It did not leave; there is a next attempt.
    Failed,
    /// It is not needed any more.
    Cancelled,
}

/// A letter about one step of one certificate, and how it went.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claim {
    pub id: Id,
    pub organization: u32,
    pub certificate: Id,
    #[serde(flatten)]
    pub step: Claimed,
    pub late: bool,
    pub progress: Progress,
    /// The same in every attempt.
    pub message_id: String,
    pub attempts: u32,
    /// When whoever comes may take it on: the end of the lease, or the next attempt.
    pub retry: Moment,
    /// When it went out.
    pub sent: Option<Moment>,
    /// To whom.
    pub recipients: Vec<String>,
    /// Why it did not leave the last time.
    pub failure: Option<String>,
}

impl Claim {
    /// Whether there is still something to do.
    pub(super) fn open(&self) -> bool {
        matches!(self.progress, Progress::Claimed | Progress::Failed)
    }
}

/// A body with the version of its record.
pub(super) type Versioned<T> = (T, u64);

/// Someone of ourselves acts.
pub(super) fn own_cause(ports: &Ports) -> Result<Cause, Error> {
    Ok(Cause {
        actor: Actor::System,
        token: None,
        door: Door::Job,
        request: Id::new(ports.clock.now(), ports.entropy.as_ref())?,
        source: String::new(),
        reason: String::new(),
    })
}

/// Where the records of an organization lie; 0 is the network.
pub(super) fn partition(organization: u32) -> Partition {
    Partition { organization, connection: 0 }
}

/// Every certificate of an organization, or of all.
pub(super) async fn certificates(
    ports: &Ports,
    organization: Option<u32>,
) -> Result<Vec<Versioned<Certificate>>, Error> {
    let mut all: Vec<Versioned<Certificate>> =
        select(ports, Kind::CERTIFICATE, organization, Condition::Everything).await?;
    all.sort_by_key(|(one, _)| (one.facts.not_after, one.id));
    Ok(all)
}

/// The certificates in force that end at `until` or before, nearest end first.
pub(super) async fn ending(
    ports: &Ports,
    until: Moment,
) -> Result<Vec<Versioned<Certificate>>, Error> {
    let field = Field::of(Kind::CERTIFICATE, "ends");
    let end = Bound::Included(value::moment(until));
    let range = Condition::Range(field, Bound::Unbounded, end);
    let mut all: Vec<Versioned<Certificate>> =
        select(ports, Kind::CERTIFICATE, None, range).await?;
    all.sort_by_key(|(one, _)| (one.facts.not_after, one.id));
    Ok(all)
}

/// The certificate with this id, where there is one.
pub(super) async fn certificate(
    ports: &Ports,
    id: Id,
) -> Result<Option<Versioned<Certificate>>, Error> {
    let found = ports.store.get(id, None).await?;
    let Some(record) = found.filter(|one| one.head.kind == Kind::CERTIFICATE) else {
        return Ok(None);
    };
    let body = serde_json::from_slice(&record.body).map_err(|_| render::damaged(&record))?;
    Ok(Some((body, record.head.version)))
}

/// The claims on a certificate.
pub(super) async fn claims(
    ports: &Ports,
    certificate: &Certificate,
) -> Result<Vec<Versioned<Claim>>, Error> {
    let field = Field::of(Kind::CLAIM, "certificate");
    let of = Condition::Is(field, certificate.id.0.to_vec());
    select(ports, Kind::CLAIM, Some(certificate.organization), of).await
}

/// The claims that somebody may take on at `now`.
pub(super) async fn open_claims(
    ports: &Ports,
    now: Moment,
) -> Result<Vec<Versioned<Claim>>, Error> {
    let field = Field::of(Kind::CLAIM, "retry");
    let end = Bound::Included(value::moment(now));
    select(ports, Kind::CLAIM, None, Condition::Range(field, Bound::Unbounded, end)).await
}

/// Every claim, for lists.
pub(super) async fn all_claims(
    ports: &Ports,
    organization: Option<u32>,
) -> Result<Vec<Versioned<Claim>>, Error> {
    select(ports, Kind::CLAIM, organization, Condition::Everything).await
}

async fn select<T: DeserializeOwned>(
    ports: &Ports,
    kind: Kind,
    organization: Option<u32>,
    condition: Condition,
) -> Result<Vec<Versioned<T>>, Error> {
    let partitions = match organization {
        Some(number) => vec![partition(number)],
        None => {
            let snapshot = ports.registry.snapshot();
            let numbers = snapshot.organizations.values().copied();
            std::iter::once(0).chain(numbers).map(partition).collect()
        }
    };
    let select = Select::of(Scope::of_administrator(partitions), vec![kind], condition);
    let records = store::every(ports.store.as_ref(), select).await?;
    let read = |record: &Record| {
        let body = serde_json::from_slice(&record.body).map_err(|_| render::damaged(record))?;
        Ok((body, record.head.version))
    };
    records.iter().map(read).collect()
}

/// The record of a certificate. One in force is found by its end, and is in its organization once.
pub(super) fn certificate_draft(one: &Certificate) -> Result<Draft, Error> {
    let mut entries = Vec::new();
    if one.replaced_by.is_none() {
        let fingerprint = one.facts.fingerprint.as_bytes().to_vec();
        let ends = value::moment(one.facts.not_after);
        entries.push(entry(Kind::CERTIFICATE, "ends", ends, Unique::No));
        entries.push(entry(Kind::CERTIFICATE, "fingerprint", fingerprint, Unique::Partition));
    }
    draft(Kind::CERTIFICATE, one.id, one.organization, entries, one)
}

/// The record of a claim: one per certificate and step (CE1).
pub(super) fn claim_draft(one: &Claim) -> Result<Draft, Error> {
    let of = one.certificate.0.to_vec();
    let once = [one.certificate.0.as_slice(), one.step.step.as_bytes()].concat();
    let mut entries = vec![
        entry(Kind::CLAIM, "certificate", of, Unique::No),
        entry(Kind::CLAIM, "step", once, Unique::Partition),
    ];
    if one.open() {
        entries.push(entry(Kind::CLAIM, "retry", value::moment(one.retry), Unique::No));
    }
    draft(Kind::CLAIM, one.id, one.organization, entries, one)
}

fn entry(kind: Kind, name: &str, value: Vec<u8>, unique: Unique) -> Entry {
    Entry { field: Field::of(kind, name), value, unique }
}

fn draft<T: Serialize>(
    kind: Kind,
    id: Id,
    organization: u32,
    entries: Vec<Entry>,
    body: &T,
) -> Result<Draft, Error> {
    let body = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok(Draft { id, kind, partition: partition(organization), flags: 0, entries, body })
}

/// What is about to be written, as one change with one event.
pub(super) struct Writing {
    pub cause: Cause,
    pub action: Action,
    pub organization: u32,
    pub subject: (Kind, Id),
    pub attributes: &'static [&'static str],
    pub guards: Vec<Guard>,
    pub writes: Vec<Write>,
}

/// Writes it; how it ended is the caller's to judge.
pub(super) async fn commit(ports: &Ports, writing: Writing) -> Result<Verdict, Error> {
    let change = Change {
        chain: writing.organization,
        cause: writing.cause,
        action: writing.action,
        outcome: Outcome::Done,
        subject: Some(writing.subject),
        attributes: writing.attributes.iter().map(|&name| name.to_owned()).collect(),
        guards: writing.guards,
        writes: writing.writes,
    };
    Ok(ports.store.commit(change).await?)
}

/// The same, when nothing but success will do.
pub(super) async fn must(ports: &Ports, writing: Writing) -> Result<(), Error> {
    match commit(ports, writing).await? {
        Verdict::Done(_) => Ok(()),
        Verdict::Taken(_) => {
            let said = "This certificate is in the register of the organization already.";
            Err(Error::new(ErrorKind::Conflict, said))
        }
        _ => Err(Error::new(ErrorKind::Conflict, "It was changed meanwhile. Try again.")),
    }
}
