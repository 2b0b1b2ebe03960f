//! Filters over members and groups that no index answers, such as `not (members pr)`.
//!
//! Rare and bounded: candidates are read page by page, and of their links only those that the
//! filter can tell apart, within the same budget of rows and time as every search.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::scim::filter::Filter;
use crate::scim::filter::Literal;
use crate::scim::filter::Op;
use crate::scim::path::AttributePath;
use crate::service::Error;
use crate::service::Work;
use crate::service::search::question::Links;
use crate::service::search::question::Question;
use crate::service::wire::members;
use crate::service::wire::person;
use crate::service::wire::render;
use crate::store::Fault;
use crate::store::select::Order;
use crate::store::select::Select;
use crate::store::select::Start;
use crate::store::select::Test;

/// How many candidates are read at a time.
const PAGE: usize = 500;

/// What was found.
pub(super) struct Found {
    /// The records that fulfil the question.
    pub ids: Vec<Id>,
    /// How the store found the candidates.
    pub plan: &'static str,
}

/// Which members of a group a filter can tell apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Needed {
    /// These, and whether there is any.
    Named(Vec<Id>),
    /// Every one.
    All,
}

/// The records that fulfil the question.
pub(super) async fn matches(
    work: Work<'_>,
    question: &Question,
    mut select: Select,
) -> Result<Found, Error> {
    let began = work.ports.clock.ticks();
    let settings = &work.ports.settings;
    select.test = select.at.map(|_| Arc::new(|_: &Record| true) as Test);
    select.order = Order::Id;
    select.start = Start::Skip(0);
    select.limit = PAGE;
    select.total = false;
    let mut found = Found { ids: Vec::new(), plan: "scan" };
    let mut read: u64 = 0;
    loop {
        let page = work.ports.store.select(select.clone()).await?;
        found.plan = if page.plan == "walk" { "scan" } else { page.plan };
        for record in page.records {
            let held = links(work, &record, &question.members, select.at).await?;
            read = read.saturating_add(1 + count(&held));
            let access = match record.head.kind {
                Kind::USER if question.judges.counts_groups() => {
                    Some(person::access_groups(work, record.head.id, select.at).await?)
                }
                _ => None,
            };
            let links = Links { held, access };
            if question.judges.judge_whole(work, &record, links, select.at).await? {
                found.ids.push(record.head.id);
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

/// Which members decide about `filter`. A comparison of `members` holds when one member fulfils
/// it, so that those which it names by `value` are enough, and one more for `pr`.
pub(super) fn needed(filter: &Filter) -> Needed {
    let mut named = Vec::new();
    if gather(filter, &mut named) { Needed::Named(named) } else { Needed::All }
}

fn gather(filter: &Filter, named: &mut Vec<Id>) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().all(|part| gather(part, named)),
        Filter::Not(inner) => gather(inner, named),
        Filter::Compare { path, op, value } if is_members(path) => {
            let by_value = path.sub.as_deref().is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
            by_value && (*value == Literal::Null || name(*op, value, named))
        }
        Filter::Values { path, inner } if is_members(path) => pinned(inner, named),
        Filter::Compare { .. } | Filter::Present(_) | Filter::Values { .. } => true,
    }
}

/// Whether only members that `inner` names by `value` can fulfil it.
fn pinned(inner: &Filter, named: &mut Vec<Id>) -> bool {
    match inner {
        Filter::Compare { path, op, value } => {
            path.name.eq_ignore_ascii_case("value") && name(*op, value, named)
        }
        Filter::And(parts) => parts.iter().any(|part| pinned(part, named)),
        Filter::Or(parts) => parts.iter().all(|part| pinned(part, named)),
        Filter::Present(_) | Filter::Not(_) | Filter::Values { .. } => false,
    }
}

fn name(op: Op, value: &Literal, named: &mut Vec<Id>) -> bool {
    match (op, value) {
        (Op::Eq, Literal::Text(text)) => {
            named.extend(Id::parse(&text.to_ascii_lowercase()));
            true
        }
        _ => false,
    }
}

fn is_members(path: &AttributePath) -> bool {
    ["members", "schedulers"].iter().any(|name| path.name.eq_ignore_ascii_case(name))
}

async fn links<'a>(
    work: Work<'a>,
    record: &Record,
    needed: &Needed,
    at: Option<Moment>,
) -> Result<Option<(&'a str, Value)>, Error> {
    let id = record.head.id;
    if record.head.kind == Kind::USER {
        return Ok(render::groups(work, record, at).await?.map(|groups| ("groups", groups)));
    }
    let model = work.models().of_kind(record.head.kind);
    let Some(held) = model.and_then(|model| model.held.as_ref()) else { return Ok(None) };
    let links = match needed {
        Needed::Named(named) => members::some(work, (held, id), named, at).await?,
        Needed::All => members::all(work, held, id, at).await?,
    };
    let values = links.iter().map(|link| members::value(work, link)).collect();
    Ok(Some((held.name.as_str(), Value::Array(values))))
}

fn count(links: &Option<(&str, Value)>) -> u64 {
    let values = links.as_ref().and_then(|(_, values)| values.as_array());
    values.map_or(0, |values| u64::try_from(values.len()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::filter::LONGEST;
    use crate::scim::filter::parse;
    use crate::scim::quirks::Tolerance;

    const ID: &str = "0190f3a4-0000-7000-8000-000000000000";

    fn of(filter: &str) -> Needed {
        let filter = filter.replace('#', &format!("\"{ID}\""));
        needed(&parse::parse(&filter, LONGEST, &mut Tolerance::lenient()).unwrap())
    }

    #[test]
    fn rfc_flt69_a_filter_reads_no_more_members_than_it_names() {
        let named = Needed::Named(vec![Id::parse(ID).unwrap()]);
        for filter in [
            "not (members.value eq #)",
            "members[value eq # and type eq \"User\"]",
            "not (members[type eq \"User\" and (value eq #)]) or displayName pr",
        ] {
            assert_eq!(of(filter), named, "{filter}");
        }
        assert_eq!(of("not (members pr)"), Needed::Named(Vec::new()));
        for filter in [
            "members.value ne #",
            "members.type eq \"Group\"",
            "members[type eq \"Group\" or value eq #]",
            "members[not (value eq #)]",
            "members[value ne null and type eq \"Group\"]",
            "members.value sw \"0\"",
        ] {
            assert_eq!(of(filter), Needed::All, "{filter}");
        }
    }
}
