//! The organizations that an administrator sees.

use serde_json::Value;
use serde_json::json;

use crate::service::Error;
use crate::service::Work;
use crate::service::overview;
use crate::service::tenancy;

/// A page of them, by number.
pub async fn organizations(work: Work<'_>, (start, count): (u64, u64)) -> Result<Value, Error> {
    let all = seen(work).await?;
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let items = all.into_iter().skip(place(start.saturating_sub(1))).take(place(count)).collect();
    Ok(overview::page(total, start, items))
}

/// One of them, by `ORG####` or id.
pub async fn organization(work: Work<'_>, named: &str) -> Result<Value, Error> {
    let code = named.to_ascii_uppercase();
    let is_it =
        |one: &Value| one.get("code") == Some(&json!(code)) || one.get("id") == Some(&json!(named));
    seen(work).await?.into_iter().find(is_it).ok_or_else(overview::no_organization)
}

async fn seen(work: Work<'_>) -> Result<Vec<Value>, Error> {
    let scope = work.caller.scope();
    let partitions = scope.partitions(crate::domain::record::Kind::USER);
    let all = tenancy::list_organizations(work.ports).await?;
    let all = all.as_array().cloned().unwrap_or_default();
    let ours = all.into_iter().filter(|one| {
        let number = one.get("number").and_then(Value::as_u64);
        partitions.iter().any(|partition| Some(u64::from(partition.organization)) == number)
    });
    Ok(ours.map(|one| shown(&one)).collect())
}

fn shown(one: &Value) -> Value {
    let part = |name: &str| one.get(name).cloned().unwrap_or_default();
    json!({
        "id": part("id"),
        "code": part("organization"),
        "number": part("number"),
        "name": part("name"),
        "parent": part("parent"),
        "brakeLimit": part("brake_limit"),
    })
}
