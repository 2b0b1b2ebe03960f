//! Saving, showing, approving and removing rules.

use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::rule;
use crate::domain::access::rule::Approval;
use crate::domain::access::rule::Rule;
use crate::domain::access::rule::RuleFault;
use crate::domain::place::organization;
use crate::domain::record::Field;
use crate::domain::record::Kind as RecordKind;
use crate::domain::record::Partition;
use crate::scim::compare;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::service::access::connection::Connection;
use crate::service::ledger;
use crate::service::ledger::Saved;
use crate::service::rules::apply;
use crate::service::rules::apply::Edit;
use crate::service::rules::form;
use crate::service::rules::form::Frame;
use crate::service::rules::governs;
use crate::service::rules::written;
use crate::service::wire::render;
use crate::store::change::Key;
use crate::store::select::value;

/// Saves a rule as people write it, and carries it out. With `replaces` it takes the place of
/// that one, whose approval it loses. Answers the rule as [`show`] does.
pub async fn save(work: Work<'_>, body: &Value, replaces: Option<Id>) -> Result<Value, Error> {
    governs(work)?;
    let (rule, version) = draft(work, body, replaces).await?;
    let id = rule.id;
    apply::apply(work, Edit::Put(Box::new(rule), version)).await?;
    show(work, id).await
}

/// The rules of an organization, or of all.
pub async fn list(work: Work<'_>, number: Option<u32>) -> Result<Value, Error> {
    governs(work)?;
    let snapshot = work.ports.registry.snapshot();
    let mut numbers: Vec<u32> = snapshot.organizations.values().copied().collect();
    numbers.retain(|known| number.is_none_or(|number| number == *known));
    numbers.sort_unstable();
    let mut all = Vec::new();
    for number in numbers {
        for (saved, _) in ledger::saved(work.ports, number).await? {
            all.push(shown(work, &saved));
        }
    }
    Ok(Value::Array(all))
}

/// One rule: what was written, and how far it has come.
pub async fn show(work: Work<'_>, id: Id) -> Result<Value, Error> {
    governs(work)?;
    let (saved, _) = load(work, id).await?;
    Ok(shown(work, &saved))
}

/// Takes a rule away, and what is held by it.
pub async fn remove(work: Work<'_>, id: Id) -> Result<(), Error> {
    governs(work)?;
    let (saved, version) = load(work, id).await?;
    apply::apply(work, Edit::Take(Box::new(saved.rule), version)).await
}

/// Agrees to what stands in a rule, as somebody else than its writer (AD6, LE6). One that gives
/// an administrator's rights by the name of a group is about the group that bears it now (GRP-02).
pub async fn approve(work: Work<'_>, id: Id) -> Result<Value, Error> {
    governs(work)?;
    let (saved, version) = load(work, id).await?;
    let mut rule = saved.rule;
    let group = match (&rule.matcher, rule.is_privileged()) {
        (Matcher::Exact(name), true) => Some(bearer(work, &rule, name).await?),
        _ => None,
    };
    let at = work.ports.clock.now();
    rule.approved_by = Some(Approval { by: author(work), at, group });
    let faults = rule::faults(&rule);
    if faults.contains(&RuleFault::OwnApproval) {
        return Err(Error::new(Kind::Denied, RuleFault::OwnApproval.to_string()));
    }
    refuse(faults.iter().map(ToString::to_string).collect())?;
    apply::apply(work, Edit::Put(Box::new(rule), Some(version))).await?;
    show(work, id).await
}

/// The rule that `body` says, checked whole, and the version that it replaces.
pub(super) async fn draft(
    work: Work<'_>,
    body: &Value,
    replaces: Option<Id>,
) -> Result<(Rule, Option<u64>), Error> {
    let connection = connection(work, body)?;
    let (id, version) = match replaces {
        None => (Id::new(work.ports.clock.now(), work.ports.entropy.as_ref())?, None),
        Some(id) => {
            let (saved, version) = load(work, id).await?;
            if saved.rule.organization != connection.organization {
                let said = "A rule stays in its organization. Remove it and make another.";
                return Err(Error::new(Kind::Scim(ScimType::Mutability), said));
            }
            (id, Some(version))
        }
    };
    let frame = Frame {
        id,
        connection: connection.number,
        organization: connection.organization,
        author: author(work),
    };
    let rule = form::read(body, frame).map_err(refusal)?;
    refuse(rule::faults(&rule).iter().map(ToString::to_string).collect())?;
    Ok((rule, version))
}

/// A saved rule and the version of its record.
pub(super) async fn load(work: Work<'_>, id: Id) -> Result<(Saved, u64), Error> {
    let record = work.ports.store.get(id, None).await?;
    let record = record.filter(|record| record.head.kind == RecordKind::RULE);
    let record = record.ok_or_else(|| {
        Error::new(Kind::NotFound, "No such rule. `wardgate rule list` shows all.")
    })?;
    let saved = serde_json::from_slice(&record.body).map_err(|_| render::damaged(&record))?;
    Ok((saved, record.head.version))
}

/// Who writes or approves: the account behind the call; the operator counts as one.
fn author(work: Work<'_>) -> Id {
    work.caller.token
}

fn connection(work: Work<'_>, body: &Value) -> Result<Arc<Connection>, Error> {
    let snapshot = work.ports.registry.snapshot();
    let named = form::connection(body).and_then(Id::parse);
    let found = snapshot.connections.values().find(|known| Some(known.id) == named);
    found.cloned().ok_or_else(|| {
        let said = "`connection` must be the id of the connection whose groups the rule is about.";
        Error::new(Kind::Scim(ScimType::InvalidValue), said)
    })
}

/// The group of the rule's connection that bears exactly this name.
async fn bearer(work: Work<'_>, rule: &Rule, name: &str) -> Result<Id, Error> {
    let home = Partition { organization: rule.organization, connection: rule.connection };
    let key = Key {
        within: home,
        kind: RecordKind::GROUP,
        field: Field::of(RecordKind::GROUP, "displayname"),
        value: value::text(&compare::fold(name)),
    };
    let scope = Scope::of_connection(home);
    let found = work.ports.store.find(key).await?;
    let record = match found {
        Some(id) => work.ports.store.get(id, None).await?,
        None => None,
    };
    let fits = |record: &crate::domain::record::Record| {
        let head = record.head;
        let named = render::document(record).ok();
        let exact =
            named.and_then(|one| one.get("displayName").and_then(Value::as_str).map(|n| n == name));
        scope.covers(head.kind, head.partition, head.id) && exact == Some(true)
    };
    record.filter(fits).map(|record| record.head.id).ok_or_else(|| {
        let said = "The group must be there when the rule is approved: push it first (GRP-02). \
                    Where group names are not unique, match it by id.";
        Error::new(Kind::Conflict, said)
    })
}

fn refuse(faults: Vec<String>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(refusal(faults)) }
}

fn refusal(faults: Vec<String>) -> Error {
    Error::new(Kind::Scim(ScimType::InvalidValue), faults.join(" "))
}

fn shown(work: Work<'_>, saved: &Saved) -> Value {
    let rule = &saved.rule;
    let snapshot = work.ports.registry.snapshot();
    let connection = snapshot.connections.get(&rule.connection).map(|known| known.id.to_string());
    let mut whole = serde_json::Map::new();
    whole.insert("rule".into(), json!(rule.id.to_string()));
    whole.insert("organization".into(), json!(organization::code(rule.organization)));
    whole.extend(written::write(rule, &connection.unwrap_or_default()));
    let state = match rule.idle(work.ports.clock.now()) {
        _ if saved.ending => "ending".to_owned(),
        None => "in force".to_owned(),
        Some(idle) => idle.to_string(),
    };
    whole.insert("state".into(), json!(state));
    if let Some(approval) = rule.approved_by {
        whole.insert("approvedAt".into(), json!(approval.at.to_string()));
    }
    if let Some(at) = saved.applied {
        whole.insert("appliedAt".into(), json!(at.to_string()));
    }
    Value::Object(whole)
}
