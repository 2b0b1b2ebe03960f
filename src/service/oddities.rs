//! What was tolerated, counted per connection, with the last example of each.
//!
//! Counters live in memory and are written to the connection's own record now and then
//! ([`flush`]) and when the server stops: a kill may lose the last minutes of counting, never a
//! change. They hold shapes of requests, never values.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::quirks::Oddity;
use crate::scim::quirks::Quirk;
use crate::service::Error;
use crate::service::Identity;
use crate::service::Ports;
use crate::service::access::connection::Connection;
use crate::store::change::Action;
use crate::store::change::Actor;
use crate::store::change::Cause;
use crate::store::change::Change;
use crate::store::change::Door;
use crate::store::change::Draft;
use crate::store::change::Outcome;
use crate::store::change::Write;

/// How often something was tolerated, and how it last looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How often.
    pub count: u64,
    /// The last shape that was seen.
    pub example: String,
    /// When that was.
    pub last: String,
}

/// Tallies by the name of the quirk.
pub type Tallies = BTreeMap<String, Tally>;

/// The counters that are not written yet, by connection.
#[derive(Debug, Default)]
pub struct Oddities {
    pending: Mutex<HashMap<Id, Pending>>,
}

#[derive(Debug, Default)]
struct Pending {
    organization: u32,
    tallies: Tallies,
}

impl Oddities {
    /// Counts what a request of `connection` was forgiven.
    pub fn count(&self, connection: &Connection, seen: Vec<Oddity>, now: Moment) {
        if seen.is_empty() {
            return;
        }
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let own = pending.entry(connection.id).or_default();
        own.organization = connection.organization;
        for oddity in seen {
            let tally = Tally { count: 1, example: oddity.example, last: now.to_string() };
            add(&mut own.tallies, oddity.quirk.name(), tally);
        }
    }

    fn take(&self) -> HashMap<Id, Pending> {
        std::mem::take(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What could not be written counts again.
    fn give_back(&self, connection: Id, unwritten: Pending) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let own = pending.entry(connection).or_default();
        own.organization = unwritten.organization;
        for (name, tally) in unwritten.tallies {
            match own.tallies.get_mut(&name) {
                // What came meanwhile is newer: only the number is added.
                Some(newer) => newer.count = newer.count.saturating_add(tally.count),
                None => {
                    own.tallies.insert(name, tally);
                }
            }
        }
    }

    fn of(&self, connection: Id) -> Tallies {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.get(&connection).map(|own| own.tallies.clone()).unwrap_or_default()
    }
}

/// Whether `identity` is forgiven an oddity of the request around its message (path, header
/// fields); counts it if so. A strict connection is not.
pub fn forgive(ports: &Ports, identity: &Identity, quirk: Quirk, example: &str) -> bool {
    let Identity::Connection(connection, _) = identity else { return true };
    if !connection.strict {
        let seen = vec![Oddity { quirk, example: example.to_owned() }];
        ports.oddities.count(connection, seen, ports.clock.now());
    }
    !connection.strict
}

/// What was tolerated for a connection so far: written and pending together.
pub async fn of(ports: &Ports, connection: Id) -> Result<Tallies, Error> {
    let mut tallies = stored(ports, connection).await?;
    for (name, tally) in ports.oddities.of(connection) {
        add(&mut tallies, &name, tally);
    }
    Ok(tallies)
}

/// Writes pending counters. Run now and then, and once more when the server stops.
pub async fn flush(ports: &Ports) -> Result<(), Error> {
    let mut failed = Ok(());
    for (connection, pending) in ports.oddities.take() {
        if let Err(error) = write(ports, connection, &pending).await {
            ports.oddities.give_back(connection, pending);
            failed = Err(error);
        }
    }
    failed
}

async fn write(ports: &Ports, connection: Id, pending: &Pending) -> Result<(), Error> {
    let mut tallies = stored(ports, connection).await?;
    for (name, tally) in &pending.tallies {
        add(&mut tallies, name, tally.clone());
    }
    let id = record_of(connection);
    let exists = ports.store.get(id, None).await?.is_some();
    let draft = Draft {
        id,
        kind: Kind::ODDITIES,
        partition: Partition::NETWORK,
        flags: 0,
        entries: Vec::new(),
        body: serde_json::to_vec(&tallies).map_err(Error::internal)?,
    };
    let write = if exists { Write::Update(draft) } else { Write::Create(draft) };
    ports.store.commit(change(ports, pending.organization, id, write)?).await?;
    Ok(())
}

fn change(ports: &Ports, chain: u32, id: Id, write: Write) -> Result<Change, Error> {
    let cause = Cause {
        actor: Actor::System,
        token: None,
        door: Door::Job,
        request: Id::new(ports.clock.now(), ports.entropy.as_ref())?,
        source: String::new(),
        reason: "counters of tolerated oddities".into(),
    };
    Ok(Change {
        chain,
        cause,
        action: Action::Operate,
        outcome: Outcome::Done,
        subject: Some((Kind::ODDITIES, id)),
        attributes: Vec::new(),
        guards: Vec::new(),
        writes: vec![write],
    })
}

async fn stored(ports: &Ports, connection: Id) -> Result<Tallies, Error> {
    match ports.store.get(record_of(connection), None).await? {
        Some(record) => serde_json::from_slice(&record.body).map_err(Error::internal),
        None => Ok(Tallies::new()),
    }
}

/// The record of a connection's counters: the connection's id with the last bit turned, so that
/// no table has to be kept. Our ids are random in that bit, and two connections never differ in
/// it alone.
fn record_of(connection: Id) -> Id {
    let mut bytes = connection.0;
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    Id(bytes)
}

fn add(tallies: &mut Tallies, name: &str, seen: Tally) {
    match tallies.get_mut(name) {
        Some(tally) => {
            tally.count = tally.count.saturating_add(seen.count);
            tally.example = seen.example;
            tally.last = seen.last;
        }
        None => {
            tallies.insert(name.to_owned(), seen);
        }
    }
}
