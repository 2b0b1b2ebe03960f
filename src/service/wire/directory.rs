//! Whose a group is, and which rules are about it: worked out for whoever asks.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::rule::Rule;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::scim::project::Projection;
use crate::scim::schema::ResourceType;
use crate::service::Error;
use crate::service::Work;
use crate::service::wire::access_group;
use crate::service::wire::access_group::EXTENSION;
use crate::store;
use crate::store::select::Condition;
use crate::store::select::Select;
use crate::store::select::Test;

/// Completes a group that is looked at whole: names the connections it is published to, hides
/// what the caller is not shown, and adds what was asked for.
pub async fn complete(
    work: Work<'_>,
    head: &Head,
    (rt, view): (&ResourceType, &Projection),
    at: Option<Moment>,
    document: &mut Map<String, Value>,
) -> Result<(), Error> {
    let snapshot = work.ports.registry.snapshot();
    let name = |id: &str| {
        let mut all = snapshot.connections.values();
        all.find(|one| one.id.to_string() == id).map(|one| one.name.clone())
    };
    if work.caller.connection().is_some() {
        access_group::hide(document);
    }
    let own = document.get_mut(EXTENSION).and_then(|own| own.get_mut("publishedTo"));
    for one in own.and_then(Value::as_array_mut).into_iter().flatten() {
        let name = one.get("value").and_then(Value::as_str).and_then(name);
        if let (Some(name), Some(one)) = (name, one.as_object_mut()) {
            one.insert("display".into(), json!(name));
        }
    }
    let owner = snapshot.connections.get(&head.partition.connection);
    if let Some(owner) = owner.filter(|_| view.wants_inside(rt, EXTENSION, "connection")) {
        let value = json!({"value": owner.id.to_string(), "display": owner.name});
        add(document, "connection", value);
    }
    let asked = work.caller.connection().is_none() && view.wants_inside(rt, EXTENSION, "mappedBy");
    if asked && head.partition.connection != 0 {
        let name = document.get("displayName").and_then(Value::as_str).unwrap_or_default();
        let rules = rules(work, head, name, at).await?;
        if !rules.is_empty() {
            add(document, "mappedBy", Value::Array(rules));
        }
    }
    Ok(())
}

fn add(document: &mut Map<String, Value>, name: &str, value: Value) {
    let own = document.entry(EXTENSION).or_insert_with(|| json!({}));
    if let Some(own) = own.as_object_mut() {
        own.insert(name.into(), value);
    }
}

fn takes(rule: &Rule, group: Id, name: &str) -> bool {
    match &*rule.matcher() {
        Matcher::Id(id) => *id == group,
        other => other.compile().is_ok_and(|matcher| matcher.captures(name).is_some()),
    }
}

/// The rules whose matcher takes the group; an administrator's business.
async fn rules(
    work: Work<'_>,
    head: &Head,
    name: &str,
    at: Option<Moment>,
) -> Result<Vec<Value>, Error> {
    let home = Partition { connection: 0, ..head.partition };
    let everything =
        Select::of(Scope::of_administrator(vec![home]), vec![Kind::RULE], Condition::Everything);
    let test = at.map(|_| Arc::new(|_: &Record| true) as Test);
    let mut found = Vec::new();
    for record in store::every(work.ports.store.as_ref(), Select { test, at, ..everything }).await?
    {
        let Ok(rule) = serde_json::from_slice::<Rule>(&record.body) else { continue };
        if rule.connection == head.partition.connection && takes(&rule, head.id, name) {
            found.push(json!({"value": record.head.id.to_string()}));
        }
    }
    Ok(found)
}
