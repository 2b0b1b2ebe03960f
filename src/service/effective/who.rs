//! Who can: the reverse question, a page at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::effective::Effective;
use crate::domain::access::group::DEEPEST_NESTING;
use crate::domain::access::level::Module;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Work;
use crate::service::effective::modules;
use crate::service::effective::person;
use crate::service::effective::person::Named;
use crate::service::effective::person::Subject;
use crate::service::effective::room;
use crate::service::effective::service;
use crate::service::wire::access_group;
use crate::service::wire::access_group::EXTENSION;
use crate::service::wire::render;
use crate::store::End;
use crate::store::select::Budget;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Position;
use crate::store::select::Select;
use crate::store::select::Start;
use crate::store::select::Test;
use crate::store::select::value;

/// The extension that says which services people hold.
const PERSON: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";
/// How many people are looked at for one page: who is meant need not be who may.
const LOOKS: usize = 5_000;
/// How many records are read at a time.
const PAGE: usize = 1_000;

/// What someone may be able to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Work in a module, for one provider or for any.
    Module(Module, Option<Id>),
    /// Schedule a room system.
    Room(Id),
    /// Use a service of their own, by code or text.
    Service(String),
}

/// Somebody who can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The person.
    pub person: Named,
    /// The user name.
    pub user_name: String,
    /// How, and why.
    pub why: String,
}

/// A page of people, by identifier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Those who can.
    pub rows: Vec<Row>,
    /// Where to go on, if there may be more. A page can be short, even empty, and not the last.
    pub next: Option<Id>,
}

/// Who can do `goal` at `at`: at most `limit` people after `after`.
pub async fn who(
    work: Work<'_>,
    goal: &Goal,
    at: Option<Moment>,
    (after, limit): (Option<Id>, usize),
) -> Result<Rows, Error> {
    if let Goal::Room(system) = goal
        && room::closed(work, *system, at).await?.is_some()
    {
        return Ok(Rows::default());
    }
    let meant = meant(work, goal, at, after).await?;
    let limit = limit.clamp(1, PAGE);
    let mut page = Rows::default();
    for (looked, id) in meant.into_iter().enumerate() {
        if page.rows.len() == limit || looked == LOOKS {
            return Ok(page);
        }
        page.next = Some(id);
        // Whoever was there then and is not the caller's to see is not told of.
        if person::record(work, Kind::USER, id, at).await?.is_none() {
            continue;
        }
        let subject = person::subject(work, id, at).await?;
        if let Some(why) = can(work, &subject, goal).await? {
            let Subject { person, user_name, .. } = subject;
            page.rows.push(Row { person, user_name, why });
        }
    }
    page.next = None;
    Ok(page)
}

/// Why the person can; `None` if not.
async fn can(work: Work<'_>, subject: &Subject, goal: &Goal) -> Result<Option<String>, Error> {
    let verdict = match goal {
        Goal::Module(module, provider) => {
            let all = modules::decided(subject, Some(*module), *provider);
            let strictest_last = |one: &&Effective<'_>| (one.privilege, one.privacy);
            return Ok(all.iter().min_by_key(strictest_last).map(|one| match provider {
                Some(_) => one.derivation.to_string(),
                None => format!("For {} of the providers, at most: {}", all.len(), one.derivation),
            }));
        }
        Goal::Room(system) => room::room(work, subject, *system).await?,
        Goal::Service(text) => {
            let (code, _) = service::named(text)?;
            if !subject.services.contains_key(&code) {
                return Ok(None);
            }
            service::service(work, subject, text).await?
        }
    };
    Ok(verdict.may.then_some(verdict.why))
}

/// Everyone after `after` who may be able to, in order.
async fn meant(
    work: Work<'_>,
    goal: &Goal,
    at: Option<Moment>,
    after: Option<Id>,
) -> Result<Vec<Id>, Error> {
    let mut found: BTreeSet<Id> = BTreeSet::new();
    match goal {
        Goal::Module(module, provider) => {
            for group in groups(work, *module, *provider, at).await? {
                inside(work, group, at, &mut found).await?;
            }
        }
        Goal::Room(system) => {
            found.extend(person::links(work, Relation::SCHEDULER, End::From(*system), at).await?);
        }
        Goal::Service(text) => return holders(work, text, at, after).await,
    }
    found.retain(|id| after.is_none_or(|after| *id > after));
    Ok(found.into_iter().collect())
}

/// The access groups that open a module: for a provider, those that could lead there.
async fn groups(
    work: Work<'_>,
    module: Module,
    provider: Option<Id>,
    at: Option<Moment>,
) -> Result<Vec<Id>, Error> {
    let preferences = module == Module::UserPreferences;
    let test: Test = Arc::new(move |record: &Record| {
        let document = render::document(record).unwrap_or_default();
        let group = access_group::read(record.head.id, &document, BTreeSet::new());
        group.is_some_and(|group| {
            let open = preferences || group.modules.contains(&module);
            let leads = |id| group.providers.contains(&id) || !group.pools.is_empty();
            open && provider.is_none_or(leads)
        })
    });
    let field = work.ports.models.of_kind(Kind::GROUP);
    let field = field.and_then(|model| model.field(Some(EXTENSION), "modules", Some("value")));
    let condition = match field.filter(|_| at.is_none() && !preferences) {
        Some(field) => {
            let word = crate::scim::compare::fold(module.value());
            Condition::Is(field.field, value::text(&word))
        }
        None => Condition::Everything,
    };
    let found = all(work, (Kind::GROUP, condition, test), at, (None, usize::MAX)).await?;
    Ok(found.into_iter().collect())
}

/// The people in a group, itself or through groups inside it.
async fn inside(
    work: Work<'_>,
    group: Id,
    at: Option<Moment>,
    found: &mut BTreeSet<Id>,
) -> Result<(), Error> {
    let mut seen = BTreeSet::from([group]);
    let mut level = vec![group];
    for _ in 0..=DEEPEST_NESTING {
        let mut next = Vec::new();
        for id in level {
            let members = person::links(work, Relation::MEMBER, End::From(id), at).await?;
            next.extend(members.into_iter().filter(|member| seen.insert(*member)));
        }
        found.extend(next.iter().copied());
        if next.is_empty() {
            break;
        }
        level = next;
    }
    Ok(())
}

/// Those whose document says that they hold a service.
async fn holders(
    work: Work<'_>,
    text: &str,
    at: Option<Moment>,
    after: Option<Id>,
) -> Result<Vec<Id>, Error> {
    let (code, _) = service::named(text)?;
    let wanted = code.clone();
    let test: Test = Arc::new(move |record: &Record| {
        let document = render::document(record).unwrap_or_default();
        let own = document.get(PERSON).and_then(|own| own.get("services"));
        let mut all = own.and_then(Value::as_array).into_iter().flatten();
        all.any(|one| one.get("value").and_then(Value::as_str) == Some(wanted.as_str()))
    });
    let field = work.ports.models.of_kind(Kind::USER);
    let field = field.and_then(|model| model.field(Some(PERSON), "services", Some("value")));
    let condition = match field.filter(|_| at.is_none()) {
        Some(field) => match field.form.bytes(&Value::String(code)) {
            Some(bytes) => Condition::Is(field.field, bytes),
            None => Condition::Everything,
        },
        None => Condition::Everything,
    };
    all(work, (Kind::USER, condition, test), at, (after, LOOKS + 1)).await
}

/// The identifiers of records that fulfil a question, in order.
async fn all(
    work: Work<'_>,
    (kind, condition, test): (Kind, Condition, Test),
    at: Option<Moment>,
    (after, most): (Option<Id>, usize),
) -> Result<Vec<Id>, Error> {
    let settings = &work.ports.settings;
    let start = after.map(|id| Start::After(Position { part: 0, key: None, id }));
    let mut select = Select {
        scope: person::scope(work),
        kinds: vec![kind],
        condition,
        test: Some(test),
        order: Order::Id,
        start: start.unwrap_or(Start::Skip(0)),
        limit: PAGE.min(most),
        total: false,
        at,
        budget: Budget { rows: settings.search_rows, time: settings.search_time },
    };
    let mut found = Vec::new();
    loop {
        let page = work.ports.store.select(select.clone()).await?;
        found.extend(page.records.iter().map(|record| record.head.id));
        match page.next.filter(|_| found.len() < most) {
            Some(position) => select.start = Start::After(position),
            None => return Ok(found),
        }
    }
}
