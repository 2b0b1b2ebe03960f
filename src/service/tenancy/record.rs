//! Reading and writing the network's own records.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::place::organization;
use crate::domain::place::organization::Organization;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Ports;
use crate::service::access::connection::Connection;
use crate::service::wire::organization as wire;
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

/// A record that is about to be written.
pub(super) struct Writing<'a, T> {
    pub kind: Kind,
    pub id: Id,
    /// The chain that keeps the event.
    pub chain: u32,
    pub body: &'a T,
    /// What may occur once in the network: the name of the attribute and its value.
    pub unique: Vec<(&'static str, Vec<u8>)>,
    /// By what it is found, beside.
    pub entries: Vec<Entry>,
    /// The version that is replaced; `None` makes a new record.
    pub replaces: Option<u64>,
    /// Names of the attributes that change.
    pub attributes: Vec<String>,
}

/// Writes a record, or says why not.
pub(super) async fn write<T: Serialize>(
    ports: &Ports,
    writing: Writing<'_, T>,
) -> Result<(), Error> {
    write_with(ports, writing, (Vec::new(), Vec::new())).await
}

/// Writes a record, and in the same change what follows from it.
pub(super) async fn write_with<T: Serialize>(
    ports: &Ports,
    writing: Writing<'_, T>,
    (mut guards, mut writes): (Vec<Guard>, Vec<Write>),
) -> Result<(), Error> {
    let Writing { kind, id, chain, body, unique, mut entries, replaces, attributes } = writing;
    let entry = |(name, value): (&str, Vec<u8>)| Entry {
        field: Field::of(kind, name),
        value,
        unique: Unique::Organization,
    };
    let draft = Draft {
        id,
        kind,
        partition: Partition::NETWORK,
        flags: 0,
        entries: {
            entries.extend(unique.into_iter().map(entry));
            entries
        },
        body: serde_json::to_vec(body).map_err(Error::internal)?,
    };
    let (action, write) = match replaces {
        Some(_) => (Action::Modify, Write::Update(draft)),
        None => (Action::Create, Write::Create(draft)),
    };
    guards.extend(replaces.map(|version| Guard::Version(id, version)));
    writes.push(write);
    let change = Change {
        chain,
        cause: cause(ports)?,
        action,
        outcome: Outcome::Done,
        subject: Some((kind, id)),
        attributes,
        guards,
        writes,
    };
    match ports.store.commit(change).await? {
        Verdict::Done(_) => Ok(()),
        Verdict::Taken(_) => {
            Err(Error::new(ErrorKind::Conflict, "That number or name is taken. Choose another."))
        }
        _ => Err(Error::new(ErrorKind::Conflict, "It was changed meanwhile. Try again.")),
    }
}

/// Every record of a kind, with its version.
pub(super) async fn all<T: DeserializeOwned>(
    ports: &Ports,
    kind: Kind,
) -> Result<Vec<(T, u64)>, Error> {
    let select = Select::of(Scope::network(), vec![kind], Condition::Everything);
    let records = store::every(ports.store.as_ref(), select).await?;
    let read = |record: &Record| {
        let body = serde_json::from_slice(&record.body).map_err(|_| render::damaged(record))?;
        Ok((body, record.head.version))
    };
    records.iter().map(read).collect()
}

/// Every organization, division and region, with its version.
pub(super) async fn nodes(ports: &Ports) -> Result<Vec<(Organization, u64)>, Error> {
    let all: Vec<(Map<String, Value>, u64)> = all(ports, Kind::ORGANIZATION).await?;
    let read = |(document, version): &(Map<String, Value>, u64)| {
        wire::read(document).map(|node| (node, *version)).ok_or_else(|| {
            Error::internal("the record of an organization is not the resource it should be")
        })
    };
    all.iter().map(read).collect()
}

/// The organization behind `ORG####` or an id: its number, and all of it.
pub(super) async fn organization(ports: &Ports, named: &str) -> Result<(u32, Organization), Error> {
    let number = organization::number(named);
    let id = Id::parse(named);
    let is_it =
        |node: &Organization| number.is_some() && node.number == number || Some(node.id) == id;
    let nodes = nodes(ports).await?.into_iter().map(|(node, _)| node);
    nodes.filter(is_it).find_map(|node| Some((node.number?, node))).ok_or_else(|| {
        let said = "No such organization. `wardgate organization list` shows all.";
        Error::new(ErrorKind::NotFound, said)
    })
}

/// The connection behind an id.
pub(super) async fn connection(ports: &Ports, named: &str) -> Result<(Connection, u64), Error> {
    let id = Id::parse(named);
    let known: Vec<(Connection, u64)> = all(ports, Kind::CONNECTION).await?;
    known.into_iter().find(|(one, _)| Some(one.id) == id).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "No such connection. `wardgate connection list` shows all.")
    })
}

/// Whether a name is one: for organizations and connections alike.
pub(super) fn named(name: &str) -> Result<(), Error> {
    if name.trim().is_empty() || name.len() > 256 || name.chars().any(char::is_control) {
        let said = "A name has 1 to 256 bytes and no control characters.";
        return Err(Error::new(ErrorKind::Conflict, said));
    }
    Ok(())
}

/// Someone with the data directory at hand.
pub fn cause(ports: &Ports) -> Result<Cause, Error> {
    Ok(Cause {
        actor: Actor::Operator,
        token: None,
        door: Door::Command,
        request: Id::new(ports.clock.now(), ports.entropy.as_ref())?,
        source: String::new(),
        reason: String::new(),
    })
}
