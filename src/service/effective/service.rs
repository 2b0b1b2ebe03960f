//! Services: whether a person may use one, and for whom.

use std::sync::Arc;

use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::role::vocabulary;
use crate::domain::access::role::word::Named as _;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::effective::Verdict;
use crate::service::effective::person;
use crate::service::effective::person::Subject;
use crate::service::wire::reference;
use crate::service::wire::render;
use crate::store::select::Budget;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Select;
use crate::store::select::Start;
use crate::store::select::Test;
use crate::store::select::value;

/// The most delegations of one person that are named.
const MOST: usize = 100;

/// The code and the text of the service that `text` is read as.
pub(super) fn named(text: &str) -> Result<(String, String), Error> {
    let services = vocabulary::services();
    let found = services.parse(text).map(|one| one.word());
    let found = found.map(|word| (word.value().to_owned(), word.display().to_owned()));
    found.ok_or_else(|| {
        let known: Vec<&str> = services.all().iter().map(|one| one.word().value()).collect();
        let said = format!("There is no such service. Known are: {}.", known.join(", "));
        Error::new(ErrorKind::NotFound, said)
    })
}

/// Whether `subject` may use the service, for themselves or for others (DE4: for those who chose
/// them, and nobody beyond).
pub async fn service(work: Work<'_>, subject: &Subject, text: &str) -> Result<Verdict, Error> {
    let (code, word) = named(text)?;
    if let Some(why) = subject.barred() {
        return Ok(Verdict::no(why));
    }
    let mut why = subject.services.get(&code).map(|source| match source.as_deref() {
        Some("rule") => format!("May use {word} because a mapping rule grants it."),
        Some("compact" | "core") => {
            format!("May use {word} because the identity provider sent it.")
        }
        _ => format!("May use {word} because the account holds it."),
    });
    let others = delegators(work, subject, &code).await?;
    if !others.is_empty() {
        let said = format!("Acts in {word} for {}.", others.join(", "));
        why = Some(why.map_or(said.clone(), |why| format!("{why} {said}")));
    }
    Ok(match why {
        Some(why) => Verdict::yes(why),
        None => Verdict::no(format!(
            "No access: the account does not hold {word}, and acts in it for nobody."
        )),
    })
}

/// The names of those for whom the person acts in the service at the instant.
async fn delegators(work: Work<'_>, subject: &Subject, code: &str) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for (delegator, service) in delegations(work, subject.person.id, subject.at).await? {
        if service == code && is_active(work, delegator, subject).await? {
            names.push(person::name_of(work, delegator, subject.at).await?.name);
        }
    }
    names.sort();
    Ok(names)
}

/// For whom, and in which service by its code, the person `delegate` acts at an instant.
pub(super) async fn delegations(
    work: Work<'_>,
    delegate: Id,
    at: Option<Moment>,
) -> Result<Vec<(Id, String)>, Error> {
    let now = at.unwrap_or_else(|| work.ports.clock.now());
    let text = delegate.to_string();
    let test: Test = Arc::new(move |record: &Record| {
        let document = render::document(record).unwrap_or_default();
        let (from, to) = reference::period(&document);
        let named = document.get("delegate").and_then(|it| it.get("value"));
        named.and_then(Value::as_str) == Some(text.as_str())
            && from.is_none_or(|from| from <= now)
            && to.is_none_or(|to| now < to)
    });
    let field = Field::of(Kind::DELEGATION, "delegate.value");
    let condition = match at {
        None => Condition::Is(field, value::text(&delegate.to_string())),
        Some(_) => Condition::Everything,
    };
    let settings = &work.ports.settings;
    let page = work.ports.store.select(Select {
        scope: person::scope(work),
        kinds: vec![Kind::DELEGATION],
        condition,
        test: Some(test),
        order: Order::Id,
        start: Start::Skip(0),
        limit: MOST,
        total: false,
        at,
        budget: Budget { rows: settings.search_rows, time: settings.search_time },
    });
    let mut found = Vec::new();
    for record in page.await?.records {
        let document = render::document(&record)?;
        let service = document.get("service").and_then(Value::as_str).and_then(|it| named(it).ok());
        let delegator = reference::single(&document, "delegator");
        found.extend(delegator.zip(service.map(|(code, _)| code)));
    }
    Ok(found)
}

async fn is_active(work: Work<'_>, id: Id, subject: &Subject) -> Result<bool, Error> {
    let record = person::record(work, Kind::USER, id, subject.at).await?;
    let document = record.as_ref().map(render::document).transpose()?;
    Ok(document.is_some_and(|it| it.get("active") != Some(&Value::Bool(false))))
}
