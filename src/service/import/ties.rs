//! Who may act for whom, and who may schedule what.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::role::vocabulary;
use crate::domain::access::role::word::Named;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::scim::filter::operand;
use crate::service::import::Errand;
use crate::service::import::Finder;
use crate::service::import::Row;
use crate::service::import::Stop;
use crate::service::import::errand;
use crate::service::import::places::document;
use crate::service::wire::reference;

/// A scheduler is known by the room system and the user name.
pub(super) async fn scheduler(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    let name = row.text("systemName").unwrap_or_default();
    let room = finder.unique(Kind::ROOM_SYSTEM, "systemName", name, Partition::NETWORK).await?;
    let said = "no such room system; write its whole name";
    let room = room.ok_or_else(|| Stop::at("systemName", said))?;
    let organization = room.head.partition.organization;
    let name = row.text("userName").unwrap_or_default();
    let person = finder.person("userName", name, organization).await?;
    added(finder, &room, (Relation::SCHEDULER, "schedulers"), vec![person.head.id]).await
}

/// Adds those who are not there.
pub(super) async fn added(
    finder: &Finder<'_>,
    holder: &Record,
    (relation, path): (Relation, &str),
    ids: Vec<Id>,
) -> Result<Vec<Errand>, Stop> {
    let mut new = Vec::new();
    for id in ids {
        if !finder.work.ports.store.linked(relation, holder.head.id, id).await? {
            new.push(id);
        }
    }
    Ok(match new.is_empty() {
        true => Vec::new(),
        false => vec![Errand::add(holder, path, &new)],
    })
}

/// A delegation is known by its two people, the service, and its beginning where one is given.
pub(super) async fn delegation(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    let (number, _) = finder.organization_of(row, "organization")?;
    let delegator = row.text("delegator").unwrap_or_default();
    let delegator = finder.person("delegator", delegator, number).await?;
    let other = match row.text("delegateOrganization") {
        Some(code) => finder.organization("delegateOrganization", code)?.0,
        None => number,
    };
    let delegate = row.text("delegate").unwrap_or_default();
    let delegate = finder.person("delegate", delegate, other).await?;
    let services = vocabulary::services();
    let service = row.text("service").and_then(|text| services.parse(text));
    let said = "no such service; write its code, such as PCVC or ECONSULT";
    let service = service.ok_or_else(|| Stop::at("service", said))?;
    let mut wanted = Map::new();
    for (name, record) in [("delegator", &delegator), ("delegate", &delegate)] {
        wanted.insert(name.into(), json!({"value": record.head.id.to_string()}));
    }
    wanted.insert("service".into(), json!(service.word().value()));
    for name in ["validFrom", "validTo"] {
        if let Some(moment) = moment(row, name)? {
            wanted.insert(name.into(), json!(moment.to_string()));
        }
    }
    let found = same(finder, (&delegator, &delegate), &wanted).await?;
    let fixed = ["delegator", "delegate", "service", "validFrom"];
    errand::settle(finder, Kind::DELEGATION, found.as_ref(), (wanted, &fixed))
}

/// The instant in a column.
pub(super) fn moment(row: &Row, column: &'static str) -> Result<Option<Moment>, Stop> {
    let said = "write an instant as 2026-11-25T09:30:00Z";
    let read = |text| operand::moment(text).ok_or_else(|| Stop::at(column, said));
    row.text(column).map(read).transpose()
}

/// The delegation that a row is about: from the same instant where it names one, else the one
/// that has not ended.
async fn same(
    finder: &Finder<'_>,
    (delegator, delegate): (&Record, &Record),
    wanted: &Map<String, Value>,
) -> Result<Option<Record>, Stop> {
    let ids = [delegator, delegate].map(|record| record.head.id.to_string());
    let [from, to] = &ids;
    let ends = [("delegator", Some("value"), from.as_str()), ("delegate", Some("value"), to)];
    let partition = Partition { connection: 0, ..delegator.head.partition };
    let now = finder.work.ports.clock.now();
    let (begins, _) = reference::period(wanted);
    for record in finder.all(Kind::DELEGATION, &ends, partition).await? {
        let other = document(&record)?;
        let (from, to) = reference::period(&other);
        let fits = match begins {
            Some(begins) => from == Some(begins),
            None => to.is_none_or(|to| to > now),
        };
        if fits && other.get("service") == wanted.get("service") {
            return Ok(Some(record));
        }
    }
    Ok(None)
}
