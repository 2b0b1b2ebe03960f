//! A page of resources (RFC 7644 §3.4.2, RFC 9865).
//!
//! A page ends after as many resources as were asked for, or when it has become large enough:
//! a thousand groups can be a hundred megabytes. `itemsPerPage` says how many it holds, and the
//! next page, by index or by cursor, begins right after the last of them.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::scim::filter::eval;
use crate::scim::list;
use crate::scim::list::ListQuery;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Error;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::access::visible::Use;
use crate::service::search::cursor::Cursor;
use crate::service::search::direct;
use crate::service::search::direct::Found;
use crate::service::search::linked;
use crate::service::search::order;
use crate::service::search::question;
use crate::service::wire::filled;
use crate::service::wire::model::Model;
use crate::service::wire::render;
use crate::service::wire::shelf::Ready;
use crate::service::wire::unseen;
use crate::store::select::Budget;
use crate::store::select::Condition;
use crate::store::select::Page;
use crate::store::select::Position;
use crate::store::select::Select;
use crate::store::select::Start;

/// Searches one resource type, or all that the caller may see when `rt` is `None` (root query).
pub async fn list(
    work: Work<'_>,
    rt: Option<&Arc<ResourceType>>,
    query: ListQuery,
    mut tolerance: Tolerance,
) -> Result<Answer, Error> {
    let outcome = search(work, rt, &query, &mut tolerance).await;
    work.count(&mut tolerance);
    outcome
}

async fn search(
    work: Work<'_>,
    rt: Option<&Arc<ResourceType>>,
    query: &ListQuery,
    tolerance: &mut Tolerance,
) -> Result<Answer, Error> {
    let models = models(work, rt)?;
    if let Some(filter) = &query.filter {
        let types: Vec<&ResourceType> = models.iter().map(|one| one.rt.as_ref()).collect();
        match types.as_slice() {
            [one] if rt.is_some() => eval::check(one, filter, tolerance)?,
            all => eval::check_any(all, filter, tolerance)?,
        }
        models.iter().try_for_each(|model| filled::check_filter(model, filter))?;
    }
    if let Some(path) = &query.sort_by {
        models.iter().try_for_each(|model| filled::check_order(model, path))?;
        models.iter().try_for_each(|model| unseen::check_order(work, model, path))?;
    }
    let walk = Walk::of(work, rt, query)?;
    let (mut page, plan) = match direct::find(work, &models, query, walk.limit).await? {
        Some(Found::Ready(ready)) => return walk.one(work, &ready),
        Some(Found::Page(page)) => (page, None),
        // In a box, so that the lookup before every push does not carry the room for it about.
        None => Box::pin(planned(work, models, query, &walk)).await?,
    };
    let resources = resources(work, &mut page, query).await?;
    let body = walk.response(work, &page, &resources)?;
    Ok(Answer { body: Some(body), plan: Some(plan.unwrap_or(page.plan)), ..Answer::default() })
}

/// The page of a search that needs a plan, and the plan if candidates were found beforehand.
async fn planned(
    work: Work<'_>,
    models: Vec<Arc<Model>>,
    query: &ListQuery,
    walk: &Walk<'_>,
) -> Result<(Page, Option<&'static str>), Error> {
    let (select, plan) = select(work, models, query, walk).await?;
    let _turn = work.ports.scans.enter_for(work.caller, &select).await?;
    Ok((work.ports.store.select(select).await?, plan))
}

/// The resources of the page; what does not fit is taken off it.
async fn resources(
    work: Work<'_>,
    page: &mut Page,
    query: &ListQuery,
) -> Result<Vec<Vec<u8>>, Error> {
    let mut resources: Vec<Vec<u8>> = Vec::with_capacity(page.records.len());
    let mut size = 0_usize;
    for record in &page.records {
        let model = work.models().of_kind(record.head.kind).ok_or_else(Error::not_found)?;
        let rendered = render::render(work, model, record, &query.projection, query.at).await?;
        size = size.saturating_add(rendered.body.len());
        if size > work.ports.settings.page_bytes && !resources.is_empty() {
            page.next = page.positions.get(resources.len().saturating_sub(1)).cloned();
            break;
        }
        resources.push(rendered.body);
    }
    page.records.truncate(resources.len());
    Ok(resources)
}

fn models(work: Work<'_>, rt: Option<&Arc<ResourceType>>) -> Result<Vec<Arc<Model>>, Error> {
    if let Some(rt) = rt {
        let model = work.model(rt)?;
        visible::permit(work.caller, model.kind, Use::Read)?;
        return Ok(vec![model.clone()]);
    }
    let permitted =
        |model: &&Arc<Model>| visible::permit(work.caller, model.kind, Use::Read).is_ok();
    Ok(work.models().all.iter().filter(permitted).cloned().collect())
}

/// The question for the store, and the plan by which its candidates were found, if they were
/// found before.
async fn select(
    work: Work<'_>,
    all: Vec<Arc<Model>>,
    query: &ListQuery,
    walk: &Walk<'_>,
) -> Result<(Select, Option<&'static str>), Error> {
    let settings = &work.ports.settings;
    // What no remaining type has sorts nothing, but it is a name, and no mistake.
    let fallback = order::order(&all, query.sort_by.as_ref(), query.descending)?;
    let models = question::narrowed(all, query.filter.as_ref());
    let question = question::prepare(work, &models, query.filter.as_ref(), query.at).await?;
    let mut select = Select {
        scope: work.caller.scope(),
        kinds: models.iter().map(|model| model.kind).collect(),
        condition: question.condition.clone(),
        test: question.test.clone(),
        order: order::order(&models, query.sort_by.as_ref(), query.descending).unwrap_or(fallback),
        start: walk.start.clone(),
        limit: walk.limit,
        total: walk.total.is_none(),
        at: query.at,
        budget: Budget { rows: settings.search_rows, time: settings.search_time },
    };
    if question.needs_links {
        let _turn = work.ports.scans.enter(work.caller).await?;
        let found = linked::matches(work, &question, select.clone()).await?;
        select.condition = Condition::Ids(found.ids);
        select.test = None;
        return Ok((select, Some(found.plan)));
    }
    Ok((select, None))
}

/// Where a page stands in the walk through its query.
struct Walk<'q> {
    rt: Option<&'q Arc<ResourceType>>,
    query: &'q ListQuery,
    by_cursor: bool,
    index: u64,
    start: Start,
    limit: usize,
    total: Option<u64>,
}

impl<'q> Walk<'q> {
    fn of(
        work: Work<'_>,
        rt: Option<&'q Arc<ResourceType>>,
        query: &'q ListQuery,
    ) -> Result<Self, Error> {
        let settings = &work.ports.settings;
        let limit = query.count.map_or(settings.default_page, |count| {
            usize::try_from(count).unwrap_or(usize::MAX).min(settings.max_page)
        });
        let mut walk = Self {
            rt,
            query,
            by_cursor: false,
            index: 1,
            start: Start::Skip(0),
            limit,
            total: None,
        };
        match &query.start {
            list::Start::Index(index) => {
                walk.index = *index;
                walk.start = match walk.recall(work) {
                    Some(position) => Start::After(position),
                    None => Start::Skip(index.saturating_sub(1)),
                };
            }
            list::Start::Cursor(token) => {
                walk.by_cursor = true;
                if !token.is_empty() {
                    let cursor = Cursor::open(work, token, walk.hash())?;
                    walk.start = Start::After(cursor.position);
                    walk.total = Some(cursor.total);
                }
            }
        }
        Ok(walk)
    }

    /// The page whose one resource lies ready.
    fn one(&self, work: Work<'_>, ready: &Ready) -> Result<Answer, Error> {
        let page = Page { total: Some(1), plan: direct::PLAN, ..Page::default() };
        let body = self.response(work, &page, &[&ready.body])?;
        Ok(Answer { body: Some(body), plan: Some(page.plan), ..Answer::default() })
    }

    fn response<T: AsRef<[u8]>>(
        &self,
        work: Work<'_>,
        page: &Page,
        resources: &[T],
    ) -> Result<Vec<u8>, Error> {
        let total = self.total.or(page.total).unwrap_or(0);
        let next = page.next.clone().filter(|_| self.limit > 0);
        let served = u64::try_from(resources.len()).unwrap_or(u64::MAX);
        let cursor = match (next, self.by_cursor) {
            (Some(position), true) => Some(self.seal(work, position, total)?),
            (Some(position), false) => {
                let index = self.index.saturating_add(served);
                let now = work.ports.clock.ticks();
                work.ports.walks.note(work.caller.token, self.hash(), index, position, now);
                None
            }
            (None, _) => None,
        };
        let index = (!self.by_cursor).then_some(self.index);
        let page = list::Page {
            total: Some(total),
            start_index: index,
            next_cursor: cursor.as_deref(),
            total_only: self.limit == 0,
        };
        Ok(list::response(&page, resources))
    }

    fn seal(&self, work: Work<'_>, position: Position, total: u64) -> Result<String, Error> {
        let expires = work.ports.clock.now().after(work.ports.settings.cursor_life);
        Cursor { position, total, query: self.hash(), expires }.seal(work)
    }

    /// Where the page before ended, if it was served lately. First pages have none before them.
    fn recall(&self, work: Work<'_>) -> Option<Position> {
        if self.index <= 1 {
            return None;
        }
        let now = work.ports.clock.ticks();
        work.ports.walks.recall(work.caller.token, self.hash(), self.index, now)
    }

    /// What makes two pages pages of one query: type, filter, order and instant.
    fn hash(&self) -> [u8; 32] {
        let query = self.query;
        let name = self.rt.map_or("", |rt| rt.name.as_str());
        let parts = format!(
            "{name}\n{:?}\n{:?}\n{}\n{:?}",
            query.filter, query.sort_by, query.descending, query.at
        );
        Sha256::digest(parts.as_bytes()).into()
    }
}
