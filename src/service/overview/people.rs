//! The list of people, as administrators look for them (B1, B3, B5, C16).

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::place::organization;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::report::order;
use crate::domain::report::person::Person;
use crate::service::Error;
use crate::service::Work;
use crate::service::overview;
use crate::service::wire::person::EXTENSION;
use crate::service::wire::person::LAST_ACCESS;
use crate::service::wire::portrait::Reader;
use crate::service::wire::render;
use crate::store::select::Budget;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Select;
use crate::store::select::Start;
use crate::store::select::value;

/// By which column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Last name, then first name.
    #[default]
    FullName,
    /// The username.
    Username,
    /// The last sign-in; who never signed in comes last.
    LastAccess,
    /// The status.
    Status,
}

/// Whether those who cannot sign in are listed: login disabled, or account closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inactive {
    /// They are left out.
    #[default]
    No,
    /// They are listed among the others.
    Also,
    /// They alone are listed.
    Only,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Only people at home in this organization: `ORG####` or id.
    pub organization: Option<String>,
    /// A part of the name or the username, whatever its accents and letter case.
    pub part: Option<String>,
    /// By which column.
    pub sort_by: SortBy,
    /// Whether the order is reversed.
    pub descending: bool,
    /// Whether those who cannot sign in are listed.
    pub inactive: Inactive,
    /// Which one comes first, from 1.
    pub start: u64,
    /// At most this many.
    pub count: u64,
    /// As of when; `None` is now.
    pub at: Option<Moment>,
}

/// A page of people.
pub async fn people(work: Work<'_>, question: &Question) -> Result<Value, Error> {
    let (select, reader) = select(work, question)?;
    let _turn = work.ports.scans.enter_for(work.caller, &select).await?;
    let found = work.ports.store.select(select).await?;
    let mut places = HashMap::new();
    let mut items = Vec::with_capacity(found.records.len());
    for record in &found.records {
        let one = reader.person(record)?;
        items.push(shown(work, record, &one, (question.at, &mut places)).await?);
    }
    Ok(overview::page(found.total.unwrap_or_default(), question.start, items))
}

fn select(work: Work<'_>, question: &Question) -> Result<(Select, Reader), Error> {
    let registry = work.ports.registry.snapshot();
    let scope = work.caller.scope();
    let mut seen: Vec<Partition> = scope.partitions(Kind::USER).to_vec();
    if let Some(named) = &question.organization {
        let by_id = || Id::parse(named).and_then(|id| registry.organizations.get(&id).copied());
        let number = organization::number(named).or_else(by_id);
        seen.retain(|partition| Some(partition.organization) == number);
        if seen.is_empty() {
            return Err(overview::no_organization());
        }
    }
    let number = seen.first().map_or(0, |partition| partition.organization);
    let own = registry.organization(number).unwrap_or(Id([0; 16]));
    let at = question.at.unwrap_or_else(|| work.ports.clock.now());
    let reader = Reader { registry, asked: (number, own), at };
    let settings = &work.ports.settings;
    let kinds = match question.inactive {
        Inactive::No => vec![Kind::USER],
        Inactive::Also | Inactive::Only => vec![Kind::USER, Kind::CLOSED],
    };
    let select = Select {
        scope: Scope::of_administrator(seen),
        kinds,
        condition: Condition::Everything,
        test: Some(test(question, reader.clone())),
        order: sorted(question, reader.clone()),
        start: Start::Skip(question.start.saturating_sub(1)),
        limit: usize::try_from(question.count).unwrap_or(usize::MAX),
        total: true,
        at: question.at,
        budget: Budget { rows: settings.search_rows, time: settings.search_time },
    };
    Ok((select, reader))
}

/// Whether a record is of somebody who is looked for. One that is damaged is shown to the reader
/// of the page, who says so.
fn test(question: &Question, reader: Reader) -> crate::store::select::Test {
    let part = question.part.as_deref().map(order::folded).unwrap_or_default();
    let inactive = question.inactive;
    Arc::new(move |record: &Record| {
        let Ok(one) = reader.person(record) else { return true };
        let wanted = match inactive {
            Inactive::No => one.status.deactivation().is_none(),
            Inactive::Also => true,
            Inactive::Only => one.status.deactivation().is_some(),
        };
        let holds = |text: &str| order::folded(text).contains(&part);
        let reversed = || format!("{}, {}", one.last, one.first);
        wanted
            && (part.is_empty()
                || holds(&one.display())
                || holds(&one.username)
                || holds(&reversed()))
    })
}

fn sorted(question: &Question, reader: Reader) -> Order {
    let by = question.sort_by;
    let key = move |record: &Record| {
        let one = reader.person(record).ok()?;
        let name = || one.key().as_bytes().to_vec();
        match by {
            SortBy::FullName => Some(name()),
            SortBy::Username => Some(value::text(&order::folded(&one.username))),
            SortBy::LastAccess => access(&document(record).ok()?).map(value::moment),
            SortBy::Status => Some([one.status.word().as_bytes(), &[0], &name()].concat()),
        }
    };
    Order::Key { key: Arc::new(key), descending: question.descending }
}

async fn shown(
    work: Work<'_>,
    record: &Record,
    one: &Person,
    (at, places): (Option<Moment>, &mut HashMap<Id, Option<String>>),
) -> Result<Value, Error> {
    let document = document(record)?;
    let location = match default_location(&document) {
        Some(id) => {
            let name = place(work, id, (at, places)).await?;
            json!({"value": id.to_string(), "display": name})
        }
        None => Value::Null,
    };
    Ok(json!({
        "id": one.id.to_string(),
        "fullName": one.display(),
        "firstName": one.first,
        "lastName": one.last,
        "username": one.username,
        "organization": organization::code(record.head.partition.organization),
        "defaultLocation": location,
        "lastAccess": access(&document).map(|at| at.to_string()),
        "status": one.status.word(),
        "closed": record.head.kind == Kind::CLOSED,
    }))
}

/// The document of a person; of a closed account the last one.
fn document(record: &Record) -> Result<Map<String, Value>, Error> {
    let mut body = render::document(record)?;
    match body.shift_remove("document") {
        Some(Value::Object(document)) if record.head.kind == Kind::CLOSED => Ok(document),
        _ => Ok(body),
    }
}

/// The name of a place; none if it is gone.
async fn place(
    work: Work<'_>,
    id: Id,
    (at, places): (Option<Moment>, &mut HashMap<Id, Option<String>>),
) -> Result<Option<String>, Error> {
    if let Some(known) = places.get(&id) {
        return Ok(known.clone());
    }
    let record = work.ports.store.get(id, at).await?;
    let document = record.as_ref().map(render::document).transpose()?.unwrap_or_default();
    let name = document.get("displayName").and_then(Value::as_str).map(str::to_owned);
    places.insert(id, name.clone());
    Ok(name)
}

fn access(document: &Map<String, Value>) -> Option<Moment> {
    let text = document.get(EXTENSION)?.get(LAST_ACCESS)?.as_str()?;
    crate::scim::filter::operand::moment(text)
}

fn default_location(document: &Map<String, Value>) -> Option<Id> {
    let all = document.get(EXTENSION)?.get("assignments")?.as_array()?;
    let usual = |one: &&Value| one.get("default") == Some(&Value::Bool(true));
    Id::parse(all.iter().find(usual)?.get("value")?.as_str()?)
}
