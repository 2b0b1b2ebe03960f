//! A portrait of a person: what reports and lists know, read out of the stored document.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::role::vocabulary;
use crate::domain::access::role::vocabulary::Credential;
use crate::domain::access::role::word::Named;
use crate::domain::people::status;
use crate::domain::people::status::Facts;
use crate::domain::people::status::USUAL_DORMANT_AFTER_MONTHS;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::report::person::Person;
use crate::service::Error;
use crate::service::access::Snapshot;
use crate::service::wire::person::ACTIVATED;
use crate::service::wire::person::DEACTIVATION;
use crate::service::wire::person::EXTENSION;
use crate::service::wire::person::HOME;
use crate::service::wire::person::LAST_ACCESS;
use crate::service::wire::person::REINSTATED;
use crate::service::wire::render;

/// Reads people out of records, on any thread.
#[derive(Clone)]
pub struct Reader {
    /// Which organization has which number.
    pub registry: Arc<Snapshot>,
    /// The number and the record of the one that is asked about.
    pub asked: (u32, Id),
    /// The instant for what depends on time.
    pub at: Moment,
}

impl Reader {
    /// The person of a record of an account, open or closed; at home in the organization whose
    /// record it is unless it says otherwise.
    pub fn person(&self, record: &Record) -> Result<Person, Error> {
        let number = record.head.partition.organization;
        let own = match number == self.asked.0 {
            true => Some(self.asked.1),
            false => self.registry.organization(number),
        };
        match record.head.kind {
            Kind::CLOSED => self.closed(record, own),
            _ => self.account(record, own),
        }
    }

    fn account(&self, record: &Record, own: Option<Id>) -> Result<Person, Error> {
        let document = render::document(record)?;
        let mut facts = facts(&document, record.head.created);
        if document.get("active") == Some(&Value::Bool(false)) {
            let since = moment(part(&document, DEACTIVATION).and_then(|off| off.get("at")));
            facts.login_disabled_at = Some(since.unwrap_or(record.head.modified));
        }
        Ok(person(record.head.id, &document, own, (&facts, self.at)))
    }

    /// The person as it was when the account was closed (Q34).
    fn closed(&self, record: &Record, own: Option<Id>) -> Result<Person, Error> {
        let mut body = render::document(record)?;
        let id = body.get("user").and_then(Value::as_str).and_then(Id::parse);
        let Some(Value::Object(document)) = body.shift_remove("document") else {
            return Err(render::damaged(record));
        };
        let mut facts = facts(&document, record.head.created);
        facts.closed_at = Some(moment(body.get("closedAt")).unwrap_or(record.head.created));
        Ok(person(id.unwrap_or(record.head.id), &document, own, (&facts, self.at)))
    }
}

/// Whether a body names a record anywhere; cheaper than reading it.
pub fn mentions(record: &Record, id: Id) -> bool {
    let mut text = [0; 36];
    let id = id.text(&mut text).as_bytes();
    record.body.windows(id.len()).any(|part| part == id)
}

fn person(
    id: Id,
    document: &Map<String, Value>,
    own: Option<Id>,
    (facts, now): (&Facts, Moment),
) -> Person {
    let name = |part: &str| text(document.get("name").and_then(|name| name.get(part)));
    let (first, last) = (name("givenName"), name("familyName"));
    let profession = text(part(document, "profession"));
    let home = part(document, HOME).and_then(reference);
    Person {
        id,
        first: if first.is_empty() && last.is_empty() { shown(document) } else { first },
        last,
        username: text(document.get("userName")),
        email: email(document),
        // What people do is often all that a provider knows (A15).
        profession: if profession.is_empty() { text(document.get("title")) } else { profession },
        services: services(document),
        credential: text_of(part(document, "credential")).and_then(Credential::parse),
        status: status::status(facts, now, USUAL_DORMANT_AFTER_MONTHS),
        home: home.or(own),
        affiliations: each(part(document, "affiliations")).filter_map(reference).collect(),
    }
}

fn facts(document: &Map<String, Value>, created: Moment) -> Facts {
    Facts {
        closed_at: None,
        login_disabled_at: None,
        last_access_at: moment(part(document, LAST_ACCESS)),
        activated_at: Some(moment(part(document, ACTIVATED)).unwrap_or(created)),
        reinstated_at: moment(part(document, REINSTATED)),
    }
}

/// What is shown of someone whose legal name is not known; at last the username, so that no row
/// is about nobody.
fn shown(document: &Map<String, Value>) -> String {
    let name = |one: Option<&Value>| text_of(one).map(str::to_owned);
    name(document.get("displayName"))
        .or_else(|| name(document.get("name").and_then(|name| name.get("formatted"))))
        .or_else(|| name(document.get("userName")))
        .unwrap_or_default()
}

/// The primary address, else the first.
fn email(document: &Map<String, Value>) -> String {
    let primary = |one: &&Value| one.get("primary") == Some(&Value::Bool(true));
    let mut all = each(document.get("emails"));
    let first = all.clone().next();
    text(all.find(primary).or(first).and_then(|one| one.get("value")))
}

/// The labels of the services held.
fn services(document: &Map<String, Value>) -> Vec<String> {
    let catalogue = vocabulary::services();
    let codes = each(part(document, "services")).filter_map(|one| text_of(one.get("value")));
    codes
        .map(|code| match catalogue.find(code) {
            Some(service) => service.word().display().to_owned(),
            None => code.to_owned(),
        })
        .collect()
}

fn part<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    document.get(EXTENSION)?.get(name)
}

fn each(value: Option<&Value>) -> std::slice::Iter<'_, Value> {
    value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice).iter()
}

fn reference(value: &Value) -> Option<Id> {
    value.get("value").unwrap_or(value).as_str().and_then(Id::parse)
}

fn text_of(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn text(value: Option<&Value>) -> String {
    text_of(value).unwrap_or_default().to_owned()
}

fn moment(value: Option<&Value>) -> Option<Moment> {
    text_of(value).and_then(crate::scim::filter::operand::moment)
}
