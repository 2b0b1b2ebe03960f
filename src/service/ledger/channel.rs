//! Channels beside rules: core `roles` and `entitlements`, and the Compact texts (2.7).
//!
//! A text that is absent or empty says nothing: what was said last stays, and so the document
//! keeps it. What names nothing is refused when it is new; what once named something and does no
//! more gives nothing and keeps nobody from writing.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::domain::access::grant::CoreValue;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Places;
use crate::domain::access::grant::Reach;
use crate::domain::access::grant::Said;
use crate::domain::access::grant::Source;
use crate::domain::access::grant::Unresolved;
use crate::domain::access::grant::read_assignments;
use crate::domain::access::grant::read_delegate_of;
use crate::domain::access::grant::read_flag;
use crate::domain::access::grant::read_word;
use crate::domain::access::grant::read_words;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::service::access::connection::Permission;
use crate::service::ledger::evaluate;
use crate::service::ledger::person::Person;
use crate::service::ledger::said;

/// The schema of the texts.
const COMPACT: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:Compact";
/// The texts, each with the permission that it needs beside.
const TEXTS: [(&str, Option<Permission>); 7] = [
    ("assignmentsText", None),
    ("servicesText", None),
    ("roomsText", Some(Permission::Rooms)),
    ("delegateOfText", Some(Permission::Delegations)),
    ("homeOrganizationText", None),
    ("credentialText", None),
    ("partnerSignInText", None),
];

/// Whether a document says anything through these channels.
pub(super) fn speaks(document: &Map<String, Value>) -> bool {
    let core = ["roles", "entitlements"].into_iter().flat_map(|name| core(document, name));
    document.contains_key(COMPACT) || core.count() > 0
}

/// Takes over what the channels of a person say.
pub(super) async fn read(
    work: Work<'_>,
    person: &mut Person,
    places: &Places,
) -> Result<(), Error> {
    keep_texts(person);
    let connection = person.home.connection;
    let wanted = of_core(person, places)?;
    person.channels.push((Source::Core { connection }, wanted));
    let mut wanted = BTreeSet::new();
    for (name, needed) in TEXTS {
        let now = text(&person.document, name).trim().to_owned();
        let new = person.old.as_ref().is_none_or(|old| text(old, name).trim() != now);
        if now.is_empty() {
            continue;
        }
        if new {
            permitted(work, name, needed)?;
        }
        match of_text(work, person, places, (name, &now)).await {
            Ok(grants) => {
                if new {
                    agrees(person, name, &grants)?;
                }
                wanted.extend(grants);
            }
            Err(error) if new => return Err(error),
            Err(_) => {}
        }
    }
    person.channels.push((Source::Compact { connection }, wanted));
    Ok(())
}

/// What was said last stays where nothing is said now.
fn keep_texts(person: &mut Person) {
    let Some(old) = person.old.as_ref().and_then(|old| old.get(COMPACT)).and_then(Value::as_object)
    else {
        return;
    };
    let mut now =
        person.document.get(COMPACT).and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in old {
        let said =
            now.get(name).and_then(Value::as_str).is_some_and(|said| !said.trim().is_empty());
        if !said {
            now.insert(name.clone(), value.clone());
        }
    }
    person.document.insert(COMPACT.into(), Value::Object(now));
    if let Some(Value::Array(schemas)) = person.document.get_mut("schemas")
        && !schemas.iter().any(|one| one == COMPACT)
    {
        schemas.push(COMPACT.into());
    }
}

fn text<'a>(document: &'a Map<String, Value>, name: &str) -> &'a str {
    let inside = document.get(COMPACT).and_then(|inside| inside.get(name));
    inside.and_then(Value::as_str).unwrap_or_default()
}

fn permitted(work: Work<'_>, name: &str, needed: Option<Permission>) -> Result<(), Error> {
    let (Some(connection), Some(needed)) = (work.caller.connection(), needed) else {
        return Ok(());
    };
    if connection.permissions.contains(&needed) {
        return Ok(());
    }
    let said = format!("`{name}` needs a permission that this connection does not have.");
    Err(Error::new(Kind::Denied, said))
}

/// Values of `roles` or `entitlements` in one of our two forms; others are text to us.
fn core<'a>(
    document: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = (&'a str, CoreValue)> {
    let list = document.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let texts = list.iter().filter_map(|one| one.get("value")?.as_str());
    texts.filter_map(|text| Some((text, CoreValue::parse(text).ok()?)))
}

fn of_core(person: &Person, places: &Places) -> Result<BTreeSet<Grant>, Error> {
    let reach = reach(person);
    let mut wanted: BTreeSet<Grant> = BTreeSet::new();
    for name in ["roles", "entitlements"] {
        let old = person.old.as_ref();
        let had: Vec<&str> =
            old.into_iter().flat_map(|old| core(old, name)).map(|(text, _)| text).collect();
        for (at, (text, value)) in core(&person.document, name).enumerate() {
            let grant = match value.grant(places, reach) {
                Ok(grant) => grant,
                Err(_) if had.contains(&text) => continue,
                Err(why) => return Err(refusal(&format!("`{name}`, value {}", at + 1), &why)),
            };
            let place = |grant: &Grant| match grant {
                Grant::Assignment { location, .. } => Some(*location),
                _ => None,
            };
            let twice =
                wanted.iter().any(|one| place(one).is_some() && place(one) == place(&grant));
            if twice && !wanted.contains(&grant) {
                let said = format!("`{name}` gives two roles at one place (AS2).");
                return Err(Error::new(Kind::Scim(ScimType::InvalidValue), said));
            }
            wanted.insert(grant);
        }
    }
    Ok(wanted)
}

/// A connection's words reach its own organization only.
fn reach(person: &Person) -> Reach<'static> {
    Reach { own: person.home.organization, foreign: true, listed: &[] }
}

async fn of_text(
    work: Work<'_>,
    person: &Person,
    places: &Places,
    (name, text): (&str, &str),
) -> Result<Vec<Grant>, Error> {
    let (own, reach) = (person.home.organization, reach(person));
    let read =
        |error: crate::domain::access::grant::CompactError| refusal(&format!("`{name}`"), &error);
    let found: Result<Vec<Grant>, Unresolved> = match name {
        "assignmentsText" => {
            let Said::These(items) = read_assignments(text).map_err(read)? else {
                return Ok(Vec::new());
            };
            let grants = items.iter().map(|item| item.grants(places, reach));
            grants.collect::<Result<Vec<_>, _>>().map(|all| all.concat())
        }
        "servicesText" | "roomsText" => {
            let Said::These(words) = read_words(text).map_err(read)? else { return Ok(Vec::new()) };
            let one = |word: &String| match name {
                "roomsText" => places.room(word, reach).map(|system| Grant::Room { system }),
                _ => places.service(word).map(|service| Grant::Service { service }),
            };
            words.iter().map(one).collect()
        }
        "delegateOfText" => {
            let Said::These(items) = read_delegate_of(text).map_err(read)? else {
                return Ok(Vec::new());
            };
            let mut places = places.clone();
            for item in &items {
                let named = (own, item.delegator.as_str());
                let known = evaluate::delegator(work.ports, named, &BTreeMap::new()).await?;
                places.people.extend(known);
            }
            items.iter().map(|item| item.grant(&places, own, person.id)).collect()
        }
        "partnerSignInText" => match read_flag(text).map_err(read)? {
            Said::These(true) => Ok(vec![Grant::PartnerSignIn]),
            _ => Ok(Vec::new()),
        },
        _ => {
            let Said::These(word) = read_word(text) else { return Ok(Vec::new()) };
            match name {
                "homeOrganizationText" => places
                    .organization(word, reach)
                    .map(|place| vec![Grant::HomeOrganization { organization: place.id }]),
                _ => {
                    let known = places.credentials.find(word).ok_or(Unresolved::Credential);
                    known.map(|credential| vec![Grant::Credential { credential }])
                }
            }
        }
    };
    found.map_err(|why| refusal(&format!("`{name}`"), &why))
}

fn refusal(place: &str, why: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Scim(ScimType::InvalidValue), format!("{place}: {why}"))
}

/// A text and the attribute that it stands for, both said in one request, say the same.
fn agrees(person: &Person, name: &str, grants: &[Grant]) -> Result<(), Error> {
    let attribute = match name {
        "assignmentsText" => "assignments",
        "servicesText" => "services",
        "homeOrganizationText" => "homeOrganization",
        "credentialText" => "credential",
        "partnerSignInText" => "partnerSignIn",
        _ => return Ok(()),
    };
    let of = |document: Option<&Map<String, Value>>| {
        document.and_then(said::extension).and_then(|inside| inside.get(attribute)).cloned()
    };
    let now = of(Some(&person.document));
    if now.is_none() || now == of(person.old.as_ref()) {
        return Ok(());
    }
    let mut full: Vec<Grant> =
        person.said.grants().into_iter().filter(|g| of_kind(g, attribute)).collect();
    let mut given: Vec<Grant> = grants.to_vec();
    full.sort();
    given.sort();
    // The organization of the record need not be said to be meant.
    let silent = full.is_empty() && attribute == "homeOrganization";
    if silent || full == given {
        return Ok(());
    }
    let said = format!("`{name}` and `{attribute}` say different things in one request.");
    Err(Error::new(Kind::Scim(ScimType::InvalidValue), said))
}

fn of_kind(grant: &Grant, attribute: &str) -> bool {
    match grant {
        Grant::Assignment { .. } | Grant::DefaultLocation { .. } => attribute == "assignments",
        Grant::Service { .. } => attribute == "services",
        Grant::HomeOrganization { .. } => attribute == "homeOrganization",
        Grant::Credential { .. } => attribute == "credential",
        Grant::PartnerSignIn => attribute == "partnerSignIn",
        _ => false,
    }
}
