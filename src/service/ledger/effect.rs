//! From what a person will hold to what is written: lines, and what follows from them elsewhere.
//!
//! What is there already when a line begins was put there by hand: the line remembers that, and
//! leaves it when it ends. What is taken away by hand while a line holds stays, and the line
//! forgets the hand ([`hands`](crate::service::ledger::hands)).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Held;
use crate::domain::access::grant::Places;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Ports;
use crate::service::ledger::Settled;
use crate::service::ledger::line::BY_HAND;
use crate::service::ledger::line::Line;
use crate::service::ledger::person::Person;
use crate::service::ledger::read;
use crate::service::ledger::said;
use crate::service::ledger::shown;
use crate::service::wire::keys;
use crate::service::wire::members;
use crate::service::wire::person as wire;
use crate::service::wire::reference;
use crate::service::wire::render;
use crate::store::change::Draft;
use crate::store::change::Guard;
use crate::store::change::Write;
use crate::store::select::Condition;
use crate::store::select::value;

/// What the event says when a default location ended (AS7).
const MOVED: &str = "the default location ended; the oldest that is left took its place (AS7)";
/// The schema of delegations.
const DELEGATION: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:Delegation";

/// Writes what follows for one person, and completes their document.
pub(super) async fn carry(
    ports: &Ports,
    person: &mut Person,
    places: &Places,
    out: &mut Settled,
) -> Result<(), Error> {
    let before = out.writes.len();
    let mut lines = Vec::with_capacity(person.after.len());
    let mut switched = false;
    // Ends go first: a new role at a location takes the place of the one that ends.
    for line in &person.lines {
        if person.after.iter().any(|held| held.grant == line.held.grant) {
            continue;
        }
        switched |= line.switched;
        end(ports, line, out).await?;
    }
    for held in person.after.clone() {
        let known = person.lines.iter().find(|line| line.held.grant == held.grant);
        let line = match known {
            Some(known) => keep(person.home, known, held, out)?,
            None => begin(ports, person, held, out).await?,
        };
        lines.push(line);
    }
    disable(person, &mut lines, switched, (ports.clock.now(), out))?;
    let own = ports.registry.snapshot().organization(person.home.organization);
    let said = person.said.clone();
    if shown::write(&mut person.document, &said, &lines, (places, own)) {
        out.remark = MOVED;
    }
    if let Some(version) = person.version.filter(|_| out.writes.len() > before) {
        out.guards.push(Guard::Version(person.id, version));
    }
    Ok(())
}

/// What is to be written of a person whose document changed for other reasons than their own.
pub(super) fn document(ports: &Ports, person: &mut Person, out: &mut Settled) -> Result<(), Error> {
    wire::lay_out(&mut person.document);
    if person.old.as_ref() == Some(&person.document) {
        return Ok(());
    }
    let draft = draft(ports, Kind::USER, (person.id, person.home), &person.document)?;
    if let Some(version) = person.version {
        let guard = Guard::Version(person.id, version);
        if !out.guards.contains(&guard) {
            out.guards.push(guard);
        }
    }
    out.writes.push(Write::Update(draft));
    Ok(())
}

fn draft(
    ports: &Ports,
    kind: Kind,
    (id, partition): (Id, Partition),
    document: &Map<String, Value>,
) -> Result<Draft, Error> {
    let model = ports.models.of_kind(kind).ok_or_else(Error::not_found)?;
    let snapshot = ports.registry.snapshot();
    let owner = snapshot.connections.get(&partition.connection);
    Ok(Draft {
        id,
        kind,
        partition,
        flags: model.flags(document),
        entries: keys::entries(model, document, owner.map(AsRef::as_ref)),
        body: serde_json::to_vec(document).map_err(Error::internal)?,
    })
}

fn keep(home: Partition, known: &Line, held: Held, out: &mut Settled) -> Result<Line, Error> {
    let mut line = Line { held, ..known.clone() };
    // By hand is known by the record itself, and not by those who want it.
    if known.by_hand() && !said_in_document(&line.held.grant) {
        line.held.sources.insert(BY_HAND);
    }
    if line != *known {
        out.writes.push(Write::Update(line.draft(home)?));
    }
    Ok(line)
}

fn said_in_document(grant: &Grant) -> bool {
    !matches!(grant, Grant::Room { .. } | Grant::AccessGroup { .. } | Grant::Delegation { .. })
}

async fn begin(
    ports: &Ports,
    person: &Person,
    held: Held,
    out: &mut Settled,
) -> Result<Line, Error> {
    let id = Id::new(ports.clock.now(), ports.entropy.as_ref())?;
    let mut line = Line { id, held, made: None, switched: false };
    match line.held.grant.clone() {
        Grant::Room { system } => {
            let place = (Relation::SCHEDULER, Kind::ROOM_SYSTEM, system);
            link(ports, place, person, (&mut line, out)).await?;
        }
        Grant::AccessGroup { group } => {
            let place = (Relation::MEMBER, Kind::GROUP, group);
            link(ports, place, person, (&mut line, out)).await?;
        }
        Grant::Delegation { delegator, service } => {
            match between(ports, person, (delegator, &service)).await? {
                Some(_) => drop(line.held.sources.insert(BY_HAND)),
                None => line.made = Some(delegate(ports, person, (delegator, &service), out)?),
            }
        }
        _ => {}
    }
    out.writes.push(Write::Create(line.draft(person.home)?));
    let relation = Relation::GRANTED;
    out.writes.push(Write::Link { relation, from: person.id, to: line.id, note: 0 });
    Ok(line)
}

/// Ties a person to what the grant gives, unless somebody else has.
async fn link(
    ports: &Ports,
    (relation, kind, from): (Relation, Kind, Id),
    person: &Person,
    (line, out): (&mut Line, &mut Settled),
) -> Result<(), Error> {
    if ports.store.linked(relation, from, person.id).await? {
        line.held.sources.insert(BY_HAND);
        return Ok(());
    }
    let Some(holder) = read::record(ports, kind, from, None).await? else { return Ok(()) };
    let home = holder.head.partition;
    let note = members::note_of(person.home, home);
    out.guards.push(Guard::Exists { id: from, organization: home.organization });
    out.writes.push(Write::Link { relation, from, to: person.id, note });
    Ok(())
}

async fn end(ports: &Ports, line: &Line, out: &mut Settled) -> Result<(), Error> {
    let to = line.held.subject;
    if !line.by_hand() {
        match line.held.grant {
            Grant::Room { system } => {
                unlink(ports, (Relation::SCHEDULER, Kind::ROOM_SYSTEM, system), to, out).await?;
            }
            Grant::AccessGroup { group } => {
                unlink(ports, (Relation::MEMBER, Kind::GROUP, group), to, out).await?;
            }
            _ => {}
        }
    }
    if let Some(made) = line.made
        && read::record(ports, Kind::DELEGATION, made, None).await?.is_some()
    {
        out.erase(made);
    }
    out.erase(line.id);
    Ok(())
}

async fn unlink(
    ports: &Ports,
    (relation, kind, from): (Relation, Kind, Id),
    to: Id,
    out: &mut Settled,
) -> Result<(), Error> {
    if read::record(ports, kind, from, None).await?.is_some() {
        out.writes.push(Write::Unlink { relation, from, to });
    }
    Ok(())
}

/// The delegation that is there between the two in a service and has not ended (DE2).
async fn between(
    ports: &Ports,
    person: &Person,
    (delegator, service): (Id, &str),
) -> Result<Option<Record>, Error> {
    let model = ports.models.of_kind(Kind::DELEGATION).ok_or_else(Error::not_found)?;
    let mut conditions = Vec::new();
    for (name, id) in [("delegator", delegator), ("delegate", person.id)] {
        let field = model.field(None, name, Some("value")).ok_or_else(Error::not_found)?;
        conditions.push(Condition::Is(field.field, value::text(&id.to_string())));
    }
    let scope = Scope::of_connection(Partition { connection: 0, ..person.home });
    let now = ports.clock.now();
    for record in
        read::records(ports, scope, vec![Kind::DELEGATION], Condition::All(conditions)).await?
    {
        let document = render::document(&record)?;
        let same = document.get("service").and_then(Value::as_str) == Some(service);
        if same && reference::period(&document).1.is_none_or(|to| to > now) {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

fn delegate(
    ports: &Ports,
    person: &Person,
    (delegator, service): (Id, &str),
    out: &mut Settled,
) -> Result<Id, Error> {
    let id = Id::new(ports.clock.now(), ports.entropy.as_ref())?;
    let document = json!({
        "schemas": [DELEGATION],
        "id": id.to_string(),
        "delegator": {"value": delegator.to_string()},
        "delegate": {"value": person.id.to_string()},
        "service": service,
        "source": "rule",
    });
    let Value::Object(document) = document else { return Err(Error::not_found()) };
    let home = Partition { connection: 0, ..person.home };
    out.guards.push(Guard::Exists { id: delegator, organization: home.organization });
    out.writes.push(Write::Create(draft(ports, Kind::DELEGATION, (id, home), &document)?));
    Ok(id)
}

/// While a restriction says so the login is off; whoever was switched off by it alone is switched
/// on when the last ends.
fn disable(
    person: &mut Person,
    lines: &mut [Line],
    ended: bool,
    (now, out): (Moment, &mut Settled),
) -> Result<(), Error> {
    let was = person.old.as_ref().and_then(|old| old.get("active")) != Some(&Value::Bool(false));
    let is = person.document.get("active") != Some(&Value::Bool(false));
    let reason = lines.iter().find_map(|line| match &line.held.grant {
        Grant::LoginDisabled { reason } => Some(reason.to_string()),
        _ => None,
    });
    let Some(reason) = reason else {
        // Switched off before, and nobody said so since: on again.
        if ended && !is && !was {
            person.document.insert("active".into(), Value::Bool(true));
            mark(&mut person.document, None);
        }
        return Ok(());
    };
    // Somebody said off while it was on: that is theirs, and stays when the restriction ends.
    let theirs = person.old.is_some() && was && !is;
    let held = lines.iter().any(|line| line.switched) || ended;
    let switched = (is || held) && !theirs;
    if is {
        person.document.insert("active".into(), Value::Bool(false));
        mark(&mut person.document, Some((reason, now)));
    }
    let restrictions = lines.iter_mut();
    let is_one = |line: &&mut Line| matches!(line.held.grant, Grant::LoginDisabled { .. });
    for line in restrictions.filter(is_one).filter(|line| line.switched != switched) {
        line.switched = switched;
        out.replace(line.draft(person.home)?);
    }
    Ok(())
}

/// Says in the document why signing in is off.
fn mark(document: &mut Map<String, Value>, why: Option<(String, Moment)>) {
    let mut inside = said::extension(document).cloned().unwrap_or_default();
    match why {
        Some((reason, at)) => {
            let said = json!({"type": "temporary", "reason": reason, "at": at.to_string()});
            inside.insert("deactivation".into(), said);
        }
        None => drop(inside.shift_remove("deactivation")),
    }
    shown::install(document, inside);
}
