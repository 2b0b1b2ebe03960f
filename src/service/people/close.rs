//! The end of an account: what it held goes in the same commit, and is kept beside (US4, DE6).
//!
//! Memberships, scheduling access and lines of the ledger are links to or from the person, which
//! the store takes away with the record; the lines and the delegations are records of their own,
//! erased here. What there was is written into one record of the closed account, so that the
//! closing can be undone.

use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::scim::compare;
use crate::service::Error;
use crate::service::Work;
use crate::service::ledger;
use crate::service::ledger::Settled;
use crate::service::wire::render;
use crate::store;
use crate::store::End;
use crate::store::change::Draft;
use crate::store::change::Entry;
use crate::store::change::Guard;
use crate::store::change::Unique;
use crate::store::change::Write;
use crate::store::select::Condition;
use crate::store::select::Select;
use crate::store::select::value;

/// The record of the closed account, and the ends of what belonged to it.
pub(super) async fn settle(work: Work<'_>, record: &Record) -> Result<Settled, Error> {
    let id = record.head.id;
    let document = render::document(record)?;
    let groups = ends(work, Relation::MEMBER, End::To(id)).await?;
    let rooms = ends(work, Relation::SCHEDULER, End::To(id)).await?;
    // What others hold by this account ends with it, and is decided on their versions.
    let (ended, Settled { mut guards, mut writes, .. }) = ledger::close(work, record).await?;
    let mut delegations = Vec::new();
    for one in of_person(work, id).await? {
        delegations.push(Value::Object(render::document(&one)?));
        if !writes.contains(&Write::Erase(one.head.id)) {
            writes.push(Write::Erase(one.head.id));
        }
    }
    let name = document.get("userName").and_then(Value::as_str).unwrap_or_default().to_owned();
    let took = json!({
        "groups": texts(&groups), "rooms": texts(&rooms),
        "grants": ended.own, "others": ended.others, "delegations": delegations,
    });
    let body = json!({
        "user": id.to_string(), "userName": name, "closedAt": work.ports.clock.now().to_string(),
        "document": document, "took": took,
    });
    writes.push(Write::Create(Draft {
        id: Id::new(work.ports.clock.now(), work.ports.entropy.as_ref())?,
        kind: Kind::CLOSED,
        partition: record.head.partition,
        flags: 0,
        entries: entries(id, &name),
        body: serde_json::to_vec(&body).map_err(Error::internal)?,
    }));
    guards.push(Guard::Version(id, record.head.version));
    Ok(Settled { guards, writes, ..Settled::default() })
}

/// By what a closed account is found: whose it was, and the name, which is free again (Q26).
fn entries(id: Id, name: &str) -> Vec<Entry> {
    let entry = |path: &str, text: &str| Entry {
        field: Field::of(Kind::CLOSED, path),
        value: value::text(text),
        unique: Unique::No,
    };
    let canonical = compare::canon(name).unwrap_or_default();
    vec![entry("user", &id.to_string()), entry("username", &canonical)]
}

/// The other ends of a person's links.
async fn ends(work: Work<'_>, relation: Relation, end: End) -> Result<Vec<Id>, Error> {
    let links = store::every_link(work.ports.store.as_ref(), (relation, end), None).await?;
    Ok(links.iter().map(|link| link.other(end)).collect())
}

/// The delegations from and to a person, whichever organization keeps them.
async fn of_person(work: Work<'_>, id: Id) -> Result<Vec<Record>, Error> {
    let Some(model) = work.ports.models.of_kind(Kind::DELEGATION) else { return Ok(Vec::new()) };
    let sides = ["delegator", "delegate"].iter();
    let fields = sides.filter_map(|name| model.field(None, name, Some("value")));
    let is_it = |field: Field| Condition::Is(field, value::text(&id.to_string()));
    let condition = Condition::Any(fields.map(|field| is_it(field.field)).collect());
    all(work, Kind::DELEGATION, condition).await
}

/// Every record of `kind` in the network that fulfils `condition`.
pub(super) async fn all(
    work: Work<'_>,
    kind: Kind,
    condition: Condition,
) -> Result<Vec<Record>, Error> {
    let scope = Scope::of_administrator(work.ports.registry.snapshot().partitions.to_vec());
    let select = Select::of(scope, vec![kind], condition);
    Ok(store::every(work.ports.store.as_ref(), select).await?)
}

fn texts(ids: &[Id]) -> Vec<String> {
    ids.iter().map(Id::to_string).collect()
}
