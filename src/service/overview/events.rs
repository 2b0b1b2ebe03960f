//! The record of what was done, as people read it.

use serde_json::Value;
use serde_json::json;

use crate::base::hex::hex;
use crate::base::id::Id;
use crate::domain::place::organization;
use crate::domain::record::Kind;
use crate::service::Error;
use crate::service::Work;
use crate::service::overview;
use crate::store::change::Actor;
use crate::store::change::Event;
use crate::store::change::Outcome;

/// Events of the chain of one organization, or of the `network`, from a sequence number on.
pub async fn events(
    work: Work<'_>,
    chain: &str,
    (from, limit): (u64, u64),
) -> Result<Value, Error> {
    let number = number(work, chain)?;
    let most = usize::try_from(limit.min(overview::LARGEST_PAGE)).unwrap_or(usize::MAX);
    let events = work.ports.store.events(number, from.max(1), most).await?;
    let next = events.last().filter(|_| events.len() >= most);
    let next = next.map(|last| last.seq.saturating_add(1));
    let items: Vec<Value> = events.iter().map(|event| shown(work, event)).collect();
    let chain = if number == 0 { "network".to_owned() } else { organization::code(number) };
    Ok(json!({"organization": chain, "from": from.max(1), "next": next, "items": items}))
}

fn number(work: Work<'_>, chain: &str) -> Result<u32, Error> {
    if chain == "network" {
        return Ok(0);
    }
    let snapshot = work.ports.registry.snapshot();
    let by_id = || Id::parse(chain).and_then(|id| snapshot.organizations.get(&id).copied());
    let number = organization::number(chain).or_else(by_id);
    let number = number.ok_or_else(overview::no_organization)?;
    let scope = work.caller.scope();
    let seen = scope.partitions(Kind::USER).iter().any(|one| one.organization == number);
    seen.then_some(number).ok_or_else(overview::no_organization)
}

fn shown(work: Work<'_>, event: &Event) -> Value {
    let subject =
        event.subject.map(|(kind, id)| json!({"type": type_of(work, kind), "id": id.to_string()}));
    json!({
        "seq": event.seq,
        "at": event.at.to_string(),
        "actor": actor(work, &event.cause.actor),
        "door": word(&event.cause.door),
        "action": word(&event.action),
        "outcome": outcome(&event.outcome),
        "subject": subject,
        "attributes": event.attributes,
        "beside": event.beside.iter().map(|one| json!({"type": type_of(work, one.kind), "id": one.id.to_string()})).collect::<Vec<_>>(),
        "linked": event.linked,
        "unlinked": event.unlinked,
        "reason": event.cause.reason,
        "request": event.cause.request.to_string(),
        "source": event.cause.source,
        "clockBack": event.clock_back,
        "hash": hex(&event.hash),
    })
}

fn actor(work: Work<'_>, actor: &Actor) -> Value {
    match actor {
        Actor::Connection(id) => {
            let snapshot = work.ports.registry.snapshot();
            let known = snapshot.connections.values().find(|one| one.id == *id);
            let name = known.map(|one| one.name.clone());
            json!({"type": "connection", "id": id.to_string(), "name": name})
        }
        Actor::Administrator(token) => json!({"type": "administrator", "id": token.to_string()}),
        Actor::Operator => json!({"type": "operator"}),
        Actor::System => json!({"type": "system"}),
        Actor::Unknown => json!({"type": "unknown"}),
    }
}

fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Done => json!({"result": "done"}),
        Outcome::Failed(code) => json!({"result": "failed", "code": code}),
        Outcome::Denied(code) => json!({"result": "denied", "code": code}),
    }
}

/// What a record is of, by the name of its resource type if it has one.
fn type_of(work: Work<'_>, kind: Kind) -> String {
    if let Some(model) = work.ports.models.of_kind(kind) {
        return model.rt.name.clone();
    }
    match kind {
        Kind::CONNECTION => "Connection".to_owned(),
        Kind::TOKEN => "Token".to_owned(),
        Kind::ODDITIES => "Oddities".to_owned(),
        Kind::RULE => "Rule".to_owned(),
        Kind::GRANT => "Grant".to_owned(),
        Kind::CLOSED => "ClosedAccount".to_owned(),
        Kind::HOLD => "Hold".to_owned(),
        other => format!("kind {}", other.0),
    }
}

/// `SignIn` as `signIn`: the closed words of the store, as JSON spells names.
fn word(value: &impl std::fmt::Debug) -> String {
    let name = format!("{value:?}");
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
