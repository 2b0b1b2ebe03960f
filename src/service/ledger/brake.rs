//! The brake at the doors: a change that would take access from too many people waits for a word
//! of an administrator (PUL-05, LE7).
//!
//! What a change takes is read off what it would write: accounts that go or are switched off, and
//! lines of the ledger, schedulers and members of access groups that end. The window is kept in
//! memory: it begins anew when the program does, holds and their releases do not.
//!
//! A hold is for exactly its list of people. The same change sent again after the release passes,
//! for a day.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::brake;
use crate::domain::access::brake::Counted;
use crate::domain::access::brake::Decision;
use crate::domain::access::brake::Leave;
use crate::domain::access::brake::Limits;
use crate::domain::access::ledger::Plan;
use crate::domain::record::Field;
use crate::domain::record::Kind as RecordKind;
use crate::domain::record::Partition;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::Work;
use crate::service::ledger::evaluate;
use crate::service::ledger::line::Line;
use crate::service::ledger::read;
use crate::service::wire::organization;
use crate::service::wire::render;
use crate::store::change::Action;
use crate::store::change::Change;
use crate::store::change::Draft;
use crate::store::change::Entry;
use crate::store::change::Outcome;
use crate::store::change::Unique;
use crate::store::change::Write;
use crate::store::select::Condition;

/// What was counted lately, by number of the organization.
#[derive(Debug, Default)]
pub struct Windows {
    counted: Mutex<HashMap<u32, Vec<Counted>>>,
    /// Nothing is held: somebody finds out what would be taken.
    open: bool,
}

/// A change that was held back, as its record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its record.
    pub id: Id,
    /// Number of the organization.
    pub organization: u32,
    /// Exactly the people of the change, in order.
    pub people: Vec<Id>,
    /// The hash of that list.
    pub list: [u8; 32],
    /// Why it was held.
    pub said: String,
    /// When.
    pub at: Moment,
    /// When an administrator let it pass.
    pub released: Option<Moment>,
    /// When an administrator said that it shall not.
    pub rejected: Option<Moment>,
}

/// People who were counted, to be given back if the change is not made.
#[derive(Debug)]
#[must_use]
pub struct Ticket {
    organization: u32,
    at: Moment,
    people: BTreeSet<Id>,
}

/// Weighs what `writes` take away. Counts it, or refuses it and lists the hold.
pub async fn weigh(work: Work<'_>, number: u32, writes: &[Write]) -> Result<Option<Ticket>, Error> {
    let people = losers(work.ports, writes).await?;
    weigh_people(work, number, people).await
}

/// The same for people who are known.
pub async fn weigh_people(
    work: Work<'_>,
    number: u32,
    people: BTreeSet<Id>,
) -> Result<Option<Ticket>, Error> {
    if people.is_empty() {
        return Ok(None);
    }
    let ports = work.ports;
    let limits = Limits::of_setting(setting(ports, number).await?);
    let mut active = 0_u64;
    for home in evaluate::partitions(ports, number) {
        active = active.saturating_add(ports.store.count(home, RecordKind::USER).await?);
    }
    let known = hold_of(ports, number, &people).await?;
    let leave = known.as_ref().and_then(|known| {
        let at = known.released?;
        Some(Leave::Released { list: known.list, at })
    });
    let now = ports.clock.now();
    match ports.windows.decide(number, (active, limits), (&people, leave.as_ref()), now) {
        Decision::Pass => Ok(Some(Ticket { organization: number, at: now, people })),
        Decision::Hold(hold) => {
            let rejected = known.as_ref().is_some_and(|known| known.rejected.is_some());
            if known.is_none_or(|known| known.released.is_some()) && !rejected {
                list(work, number, (&people, hold.to_string())).await?;
            }
            let said = format!("massChange: {hold}");
            let seconds = hold.retry_after.as_secs().max(1);
            Err(Error::new(Kind::Held(seconds), said))
        }
    }
}

/// Takes a count back: the change was not made.
pub fn give_back(ports: &Ports, ticket: Option<Ticket>) {
    let Some(ticket) = ticket else { return };
    let mut windows = ports.windows.counted.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(window) = windows.get_mut(&ticket.organization) {
        window.retain(|one| one.at != ticket.at || !ticket.people.contains(&one.subject));
    }
}

/// Every hold of an organization.
pub async fn holds(ports: &Ports, number: u32) -> Result<Vec<Held>, Error> {
    found(ports, number, Condition::Everything).await
}

/// Writes a hold over what is there of it, or anew.
pub async fn write(work: Work<'_>, held: &Held, action: Action) -> Result<(), Error> {
    let draft = Draft {
        id: held.id,
        kind: RecordKind::HOLD,
        partition: Partition { organization: held.organization, connection: 0 },
        flags: 0,
        entries: vec![Entry { field: list_field(), value: held.list.to_vec(), unique: Unique::No }],
        body: serde_json::to_vec(held).map_err(Error::internal)?,
    };
    let change = Change {
        chain: held.organization,
        cause: work.caller.cause(),
        action,
        outcome: Outcome::Done,
        subject: Some((RecordKind::HOLD, held.id)),
        attributes: vec!["hold".to_owned()],
        guards: Vec::new(),
        writes: vec![if action == Action::Create {
            Write::Create(draft)
        } else {
            Write::Update(draft)
        }],
    };
    work.ports.store.commit(change).await?;
    Ok(())
}

impl Windows {
    /// Windows in which nothing was counted and nothing will be held.
    pub fn open() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// Whether nothing is held.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Other windows, with what was counted in these.
    pub fn twin(&self) -> Self {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { counted: Mutex::new(counted), open: self.open }
    }

    /// Everybody who was counted, by number of the organization.
    pub fn everybody(&self) -> BTreeMap<u32, BTreeSet<Id>> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let people = |window: &Vec<Counted>| window.iter().map(|one| one.subject).collect();
        counted.iter().map(|(number, window)| (*number, people(window))).collect()
    }

    /// Decides, and counts what passes: nothing comes in between.
    fn decide(
        &self,
        number: u32,
        (active, limits): (u64, Limits),
        (people, leave): (&BTreeSet<Id>, Option<&Leave>),
        now: Moment,
    ) -> Decision {
        let mut windows = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(number).or_default();
        window.retain(|one| now < one.at.after(brake::DAY));
        let decision = match self.open {
            true => Decision::Pass,
            false => brake::decide(window, active, limits, people, leave, now),
        };
        if decision == Decision::Pass {
            let released = leave.is_some();
            window.extend(people.iter().map(|id| Counted { at: now, subject: *id, released }));
        }
        decision
    }
}

fn list_field() -> Field {
    Field::of(RecordKind::HOLD, "list")
}

async fn found(ports: &Ports, number: u32, condition: Condition) -> Result<Vec<Held>, Error> {
    let scope = Scope::of_connection(Partition { organization: number, connection: 0 });
    let records = read::records(ports, scope, vec![RecordKind::HOLD], condition).await?;
    let read = |record: &crate::domain::record::Record| {
        serde_json::from_slice(&record.body).map_err(|_| render::damaged(record))
    };
    records.iter().map(read).collect()
}

/// The last hold of exactly these people.
async fn hold_of(ports: &Ports, number: u32, people: &BTreeSet<Id>) -> Result<Option<Held>, Error> {
    let list = brake::fingerprint(people).to_vec();
    Ok(found(ports, number, Condition::Is(list_field(), list)).await?.pop())
}

async fn list(
    work: Work<'_>,
    number: u32,
    (people, said): (&BTreeSet<Id>, String),
) -> Result<(), Error> {
    let at = work.ports.clock.now();
    let held = Held {
        id: Id::new(at, work.ports.entropy.as_ref())?,
        organization: number,
        people: people.iter().copied().collect(),
        list: brake::fingerprint(people),
        said,
        at,
        released: None,
        rejected: None,
    };
    write(work, &held, Action::Create).await
}

/// The limit that is set for an organization.
async fn setting(ports: &Ports, number: u32) -> Result<Option<u32>, Error> {
    let Some(id) = ports.registry.snapshot().organization(number) else { return Ok(None) };
    let Some(record) = ports.store.get(id, None).await? else { return Ok(None) };
    Ok(organization::read(&render::document(&record)?).and_then(|one| one.brake_limit))
}

/// The people whom `writes` take something from.
async fn losers(ports: &Ports, writes: &[Write]) -> Result<BTreeSet<Id>, Error> {
    let (mut people, mut plan) = (BTreeSet::new(), Plan::default());
    for write in writes {
        match write {
            Write::Erase(id) => match ports.store.get(*id, None).await? {
                Some(record) if record.head.kind == RecordKind::USER => drop(people.insert(*id)),
                Some(record) if record.head.kind == RecordKind::GRANT => {
                    plan.end.push(Line::read(&record)?.held);
                }
                _ => {}
            },
            Write::Create(draft) if draft.kind == RecordKind::GRANT => {
                plan.add.extend(serde_json::from_slice(&draft.body).ok());
            }
            Write::Update(draft) if draft.kind == RecordKind::USER => {
                let off = switches_off(ports, draft).await?;
                people.extend(off.then_some(draft.id));
            }
            Write::Unlink { relation, from, to } if gives(ports, *relation, *from).await? => {
                // A line that ends has said so itself, and what it held up stays counted once.
                let there = ports.store.linked(*relation, *from, *to).await?;
                people.extend(there.then_some(*to));
            }
            _ => {}
        }
    }
    people.extend(plan.losers());
    Ok(people)
}

async fn switches_off(ports: &Ports, draft: &Draft) -> Result<bool, Error> {
    let off = |body: &[u8]| {
        let document: Option<Value> = serde_json::from_slice(body).ok();
        document.is_some_and(|document| document.get("active") == Some(&Value::Bool(false)))
    };
    if !off(&draft.body) {
        return Ok(false);
    }
    let before = ports.store.get(draft.id, None).await?;
    Ok(before.is_some_and(|record| !off(&record.body)))
}

/// Whether whoever holds the link has something by it: a room system, or an access group.
async fn gives(ports: &Ports, relation: Relation, holder: Id) -> Result<bool, Error> {
    match relation {
        Relation::SCHEDULER => Ok(true),
        Relation::MEMBER => {
            let record = ports.store.get(holder, None).await?;
            Ok(record.is_some_and(|record| record.head.partition.connection == 0))
        }
        _ => Ok(false),
    }
}
