//! What a person schedules and for whom they act, as others keep it: shown when it is asked for.
//!
//! Room systems hold their schedulers, and a delegation is a record of its own; neither changes
//! the person. Shown is what the caller may see of them, at the instant that is asked about.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Relation;
use crate::scim::project::Projection;
use crate::scim::schema::ResourceType;
use crate::service::Error;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::access::visible::Use;
use crate::service::wire::person::EXTENSION;
use crate::service::wire::reference;
use crate::service::wire::render;
use crate::store::End;
use crate::store::LinkQuery;
use crate::store::select::Budget;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Select;
use crate::store::select::Start;
use crate::store::select::Test;
use crate::store::select::value;

/// The attributes that are shown on request only.
pub const ASKED: [&str; 3] = ["schedulingAccess", "delegateOf", "delegates"];
/// The most values of one of them.
const MOST: usize = 10_000;

/// Adds what `view` names of [`ASKED`]. Answers whether it names any: such an answer depends on
/// other records, so nobody keeps it.
pub async fn complete(
    work: Work<'_>,
    head: &Head,
    (rt, view): (&ResourceType, &Projection),
    at: Option<Moment>,
    document: &mut Map<String, Value>,
) -> Result<bool, Error> {
    let mut any = false;
    for name in ASKED.into_iter().filter(|name| view.wants_inside(rt, EXTENSION, name)) {
        any = true;
        let values = match name {
            "schedulingAccess" => rooms(work, head.id, at).await?,
            "delegateOf" => delegations(work, head.id, ("delegate", "delegator"), at).await?,
            _ => delegations(work, head.id, ("delegator", "delegate"), at).await?,
        };
        let mine = document.entry(EXTENSION).or_insert_with(|| json!({}));
        if let Some(mine) = mine.as_object_mut().filter(|_| !values.is_empty()) {
            mine.insert(name.into(), Value::Array(values));
        }
    }
    Ok(any)
}

async fn rooms(work: Work<'_>, id: Id, at: Option<Moment>) -> Result<Vec<Value>, Error> {
    let mut values = Vec::new();
    if visible::permit(work.caller, Kind::ROOM_SYSTEM, Use::Read).is_err() {
        return Ok(values);
    }
    let (relation, end) = (Relation::SCHEDULER, End::To(id));
    let query = LinkQuery { relation, end, after: None, limit: MOST, at };
    for link in work.ports.store.links(query).await? {
        if let Some(shown) = reference::shown(work, link.from, at).await? {
            values.push(one(link.from, shown));
        }
    }
    Ok(values)
}

/// The delegations that hold with the person at the end `own`, by who is at the `other`.
async fn delegations(
    work: Work<'_>,
    id: Id,
    (own, other): (&str, &str),
    at: Option<Moment>,
) -> Result<Vec<Value>, Error> {
    let mut values = Vec::new();
    let Some(model) = work.ports.models.of_kind(Kind::DELEGATION) else { return Ok(values) };
    let field = model.field(None, own, Some(reference::VALUE));
    let permitted = visible::permit(work.caller, Kind::DELEGATION, Use::Read).is_ok();
    let Some(field) = field.filter(|_| permitted) else { return Ok(values) };
    let (name, text) = (own.to_owned(), id);
    let test: Test = std::sync::Arc::new(move |record| {
        let document: Option<Map<String, Value>> = serde_json::from_slice(&record.body).ok();
        document.is_some_and(|document| reference::single(&document, &name) == Some(text))
    });
    // The index knows the present only.
    let (condition, test) = match at {
        None => (Condition::Is(field.field, value::text(&id.to_string())), None),
        Some(_) => (Condition::Everything, Some(test)),
    };
    let page = work.ports.store.select(Select {
        scope: work.caller.scope(),
        kinds: vec![Kind::DELEGATION],
        condition,
        test,
        order: Order::Id,
        start: Start::Skip(0),
        limit: MOST,
        total: false,
        at,
        budget: Budget {
            rows: work.ports.settings.search_rows,
            time: work.ports.settings.search_time,
        },
    });
    let now = at.unwrap_or_else(|| work.ports.clock.now());
    for record in page.await?.records {
        let document = render::document(&record)?;
        let (from, to) = reference::period(&document);
        let holds = from.is_none_or(|from| from <= now) && to.is_none_or(|to| now < to);
        let Some(who) = reference::single(&document, other).filter(|_| holds) else { continue };
        // Someone of another organization is not named to a connection.
        let Some(shown) = reference::shown(work, who, at).await? else { continue };
        let mut value = one(who, shown);
        if let (Some(value), Some(service)) = (value.as_object_mut(), document.get("service")) {
            value.insert("service".into(), service.clone());
        }
        values.push(value);
    }
    Ok(values)
}

fn one(id: Id, shown: Map<String, Value>) -> Value {
    let mut value = Map::from_iter([(reference::VALUE.to_owned(), json!(id.to_string()))]);
    value.extend(shown);
    Value::Object(value)
}
