//! The commonest search of all: one equality on an attribute whose values occur once, which
//! identity providers ask before every push. Two reads answer it, without a plan.

use std::sync::Arc;

use crate::domain::access::admin;
use crate::scim::filter::Filter;
use crate::scim::filter::Op;
use crate::scim::list::ListQuery;
use crate::scim::list::Start;
use crate::service::Error;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::wire::condition::Closures;
use crate::service::wire::condition::Translator;
use crate::service::wire::model::Model;
use crate::service::wire::shelf;
use crate::service::wire::shelf::Ready;
use crate::store::change::Key;
use crate::store::select::Condition;
use crate::store::select::Page;

/// How the store finds what occurs once, for the metrics.
pub(super) const PLAN: &str = "unique";

/// What such a search found.
pub(super) enum Found {
    /// The one match, finished.
    Ready(Ready),
    /// The page, with its match still to be shown, or with none.
    Page(Page),
}

/// Answers such a search; `None` for every other one.
pub(super) async fn find(
    work: Work<'_>,
    models: &[Arc<Model>],
    query: &ListQuery,
    limit: usize,
) -> Result<Option<Found>, Error> {
    let Some((model, key)) = key(work, models, query) else { return Ok(None) };
    let kind = key.kind;
    let found = match work.ports.store.find(key).await? {
        Some(id) if limit > 0 && shelf::serves(work, model, &query.projection) => {
            if let Some(ready) = shelf::answer(work, model, id).await? {
                return Ok(Some(Found::Ready(ready)));
            }
            None
        }
        Some(id) => work.ports.store.get(id, None).await?,
        None => None,
    };
    let own =
        found.filter(|record| record.head.kind == kind && visible::covers(work.caller, record));
    let mut records: Vec<_> = own.into_iter().collect();
    let total = u64::try_from(records.len()).ok();
    records.truncate(limit);
    Ok(Some(Found::Page(Page { records, total, plan: PLAN, ..Page::default() })))
}

/// The unique value that the query asks for, if that is all it asks for. Values that are unique
/// only while a connection says so (group names) are left to the index, which knows both.
fn key<'m>(
    work: Work<'_>,
    models: &'m [Arc<Model>],
    query: &ListQuery,
) -> Option<(&'m Model, Key)> {
    let connection = work.caller.connection()?;
    let [model] = models else { return None };
    let plain = query.at.is_none() && query.sort_by.is_none() && query.start == Start::Index(1);
    let filter = query.filter.as_ref().filter(|_| plain)?;
    if !matches!(filter, Filter::Compare { op: Op::Eq, .. }) {
        return None;
    }
    let translated = Translator { model, closures: &Closures::default() }.translate(filter);
    let Condition::Is(field, value) = translated.condition else { return None };
    let known = model.fields.iter().find(|known| known.field == field && translated.exact)?;
    let home = admin::home(model.kind, connection.partition());
    let within = known.unique.within(home)?;
    Some((model.as_ref(), Key { within, kind: model.kind, field, value }))
}
