//! Mass changes that were held back: shown, released, rejected by an administrator.

use serde_json::Value;
use serde_json::json;

use crate::base::hex::hex;
use crate::base::id::Id;
use crate::domain::place::organization;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::service::ledger::brake;
use crate::service::ledger::brake::Held;
use crate::store::change::Action;

/// The holds of an organization, or of all.
pub async fn list(work: Work<'_>, number: Option<u32>) -> Result<Value, Error> {
    Ok(all(work, number).await?.iter().map(line).collect())
}

/// One hold with its exact people.
pub async fn show(work: Work<'_>, id: Id) -> Result<Value, Error> {
    let held = find(work, id).await?;
    let mut whole = line(&held);
    if let Some(whole) = whole.as_object_mut() {
        whole.insert("said".into(), json!(held.said));
        whole.insert("people".into(), held.people.iter().map(ToString::to_string).collect());
    }
    Ok(whole)
}

/// Lets the same change pass, for a day.
pub async fn release(work: Work<'_>, id: Id) -> Result<Value, Error> {
    let held = find(work, id).await?;
    let now = work.ports.clock.now();
    let held = Held { released: Some(now), rejected: None, ..held };
    brake::write(work, &held, Action::Modify).await?;
    Ok(line(&held))
}

/// Says that the change shall not be made.
pub async fn reject(work: Work<'_>, id: Id) -> Result<Value, Error> {
    let held = find(work, id).await?;
    let now = work.ports.clock.now();
    let held = Held { released: None, rejected: Some(now), ..held };
    brake::write(work, &held, Action::Modify).await?;
    Ok(line(&held))
}

async fn all(work: Work<'_>, number: Option<u32>) -> Result<Vec<Held>, Error> {
    if work.caller.connection().is_some() {
        return Err(Error::new(Kind::Denied, "Only an administrator may see or decide holds."));
    }
    let snapshot = work.ports.registry.snapshot();
    let mut numbers: Vec<u32> = snapshot.organizations.values().copied().collect();
    numbers.retain(|known| number.is_none_or(|number| number == *known));
    numbers.sort_unstable();
    let mut found = Vec::new();
    for number in numbers {
        found.extend(brake::holds(work.ports, number).await?);
    }
    Ok(found)
}

async fn find(work: Work<'_>, id: Id) -> Result<Held, Error> {
    let found = all(work, None).await?.into_iter().find(|held| held.id == id);
    found.ok_or_else(|| Error::new(Kind::NotFound, "No such hold. `wardgate hold list` shows all."))
}

fn line(held: &Held) -> Value {
    let state = match (held.released, held.rejected) {
        (Some(_), _) => "released",
        (None, Some(_)) => "rejected",
        (None, None) => "held",
    };
    let list = hex(&held.list);
    json!({
        "hold": held.id.to_string(),
        "organization": organization::code(held.organization),
        "state": state,
        "count": held.people.len(),
        "list": list,
        "at": held.at.to_string(),
    })
}
