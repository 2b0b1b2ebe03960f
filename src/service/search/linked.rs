//! Filters over members and groups that no index answers, such as `not (members pr)`.
//!
//! Rare and bounded: candidates are read page by page, their links with them, within the same
//! budget of rows and time as every search.

use std::time::Duration;

use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Work;
use crate::service::search::question::Question;
use crate::service::wire::members;
use crate::service::wire::render;
use crate::store::Fault;
use crate::store::select::Order;
use crate::store::select::Select;
use crate::store::select::Start;

/// How many candidates are read at a time.
const PAGE: usize = 500;

/// The identifiers of the records that fulfil the question.
pub(super) async fn matches(
    work: Work<'_>,
    question: &Question,
    mut select: Select,
) -> Result<Vec<Id>, Error> {
    let began = work.ports.clock.ticks();
    let settings = &work.ports.settings;
    select.test = select.at.and(question.test.clone().map(|_| yes()));
    select.order = Order::Id;
    select.start = Start::Skip(0);
    select.limit = PAGE;
    select.total = false;
    let mut found = Vec::new();
    let mut read: u64 = 0;
    loop {
        let page = work.ports.store.select(select.clone()).await?;
        for record in page.records {
            let links = links(work, &record, select.at).await?;
            read = read.saturating_add(1 + count(&links));
            if question.judges.judge(&record, links) {
                found.push(record.head.id);
            }
            let spent: Duration = work.ports.clock.ticks().saturating_sub(began);
            if read > settings.search_rows || spent > settings.search_time {
                return Err(Fault::Budget.into());
            }
        }
        match page.next {
            Some(position) => select.start = Start::After(position),
            None => return Ok(found),
        }
    }
}

async fn links(
    work: Work<'_>,
    record: &Record,
    at: Option<Moment>,
) -> Result<Option<(&'static str, Value)>, Error> {
    let id = record.head.id;
    match record.head.kind {
        Kind::GROUP => {
            let links = members::all(work, id, at).await?;
            let values = links.iter().map(|link| members::value(work, link)).collect();
            Ok(Some(("members", Value::Array(values))))
        }
        Kind::USER => {
            let holders = members::groups_of(work, id, at).await?;
            let values = holders.iter().map(|holder| {
                let kind = if holder.direct { "direct" } else { "indirect" };
                let id = holder.record.head.id.to_string();
                let reference = format!("{}/Groups/{id}", work.ports.base_url);
                let group = render::document(&holder.record).unwrap_or_default();
                let name = group.get("displayName");
                serde_json::json!({"value": id, "$ref": reference, "display": name, "type": kind})
            });
            Ok(Some(("groups", Value::Array(values.collect()))))
        }
        _ => Ok(None),
    }
}

fn count(links: &Option<(&str, Value)>) -> u64 {
    let values = links.as_ref().and_then(|(_, values)| values.as_array());
    values.map_or(0, |values| u64::try_from(values.len()).unwrap_or(u64::MAX))
}

fn yes() -> crate::store::select::Test {
    std::sync::Arc::new(|_| true)
}
