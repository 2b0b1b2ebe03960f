//! People.
//!
//! What the core schema has goes into the core, the rest under the URN of the network's
//! extension. Codes are taken for what they are in any spelling that the catalogues read, so that
//! a word that nobody knows is refused with its column.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::access::grant::Said;
use crate::domain::access::grant::read_assignments;
use crate::domain::access::role::sample;
use crate::domain::access::role::vocabulary;
use crate::domain::access::role::vocabulary::Credential;
use crate::domain::access::role::word::Named;
use crate::domain::record::Kind;
use crate::scim::compare;
use crate::service::import::Errand;
use crate::service::import::Finder;
use crate::service::import::Row;
use crate::service::import::Stop;
use crate::service::import::errand;
use crate::service::import::errand::grown;
use crate::service::import::finder::home;
use crate::service::import::places::document;
use crate::service::import::ties::moment;
use crate::service::wire::person::EXTENSION;

/// How an account is switched off, if it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deactivated {
    Temporary,
    Permanent,
}

/// A person is known by the user name within the home organization. One who is closed is made
/// and then ended; one who was closed before stays so.
pub(super) async fn person(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    let (number, organization) = finder.organization_of(row, "homeOrganization")?;
    let name = row.text("userName").unwrap_or_default();
    compare::canon(name).map_err(|_| {
        Stop::at("userName", "this cannot be a user name; write letters, digits and signs only")
    })?;
    let deactivated = deactivated(row)?;
    let found = finder.unique(Kind::USER, "userName", name, home(number)).await?;
    let closes = deactivated == Some(Deactivated::Permanent);
    if closes && found.is_none() && finder.was_closed(name, number).await? {
        return Ok(Vec::new());
    }
    let present = found.as_ref().map(document).transpose()?;
    let mut wanted = core(row, (deactivated, present.as_ref()));
    let mut mine = extension(finder, row).await?;
    if found.is_none() {
        mine.insert("homeOrganization".into(), json!({"value": organization.to_string()}));
    }
    if let Some(there) = present.as_ref().and_then(|whole| whole.get(EXTENSION)) {
        grown(&mut mine, there);
    }
    if !mine.is_empty() {
        wanted.insert(EXTENSION.into(), Value::Object(mine));
    }
    let mut errands = errand::settle(finder, Kind::USER, found.as_ref(), (wanted, &["userName"]))?;
    let made = errands.first().map(|errand| errand.id);
    let Some(id) = found.as_ref().map(|record| record.head.id).or(made) else {
        return Ok(errands);
    };
    let past = past(row)?;
    if !past.is_empty() {
        errands.push(Errand::recall(id, past));
    }
    if closes {
        errands.push(Errand::remove(Kind::USER, id));
    }
    Ok(errands)
}

/// What the row knows of the account's past.
fn past(row: &Row) -> Result<Map<String, Value>, Stop> {
    let mut past = Map::new();
    for name in ["activatedAt", "lastAccess"] {
        if let Some(moment) = moment(row, name)? {
            past.insert(name.into(), json!(moment.to_string()));
        }
    }
    Ok(past)
}

/// Whether and how the row says that the account is off.
fn deactivated(row: &Row) -> Result<Option<Deactivated>, Stop> {
    let word = match row.text("deactivated") {
        None => return Ok(None),
        Some(text) if text.eq_ignore_ascii_case("temporary") => Deactivated::Temporary,
        Some(text) if text.eq_ignore_ascii_case("permanent") => Deactivated::Permanent,
        Some(_) => {
            let said = "write temporary or permanent, or leave it empty";
            return Err(Stop::at("deactivated", said));
        }
    };
    if row.truth("active") == Some(true) {
        let said = "an account that is deactivated is not active; correct one of the two";
        return Err(Stop::at("active", said));
    }
    Ok(Some(word))
}

/// What the core schema has of a person.
fn core(
    row: &Row,
    (deactivated, present): (Option<Deactivated>, Option<&Map<String, Value>>),
) -> Map<String, Value> {
    let mut wanted = row.copied(&["userName", "displayName", "active"]);
    let name = row.copied(&["givenName", "familyName"]);
    if !name.is_empty() {
        let there = present.and_then(|whole| whole.get("name")).and_then(Value::as_object);
        let mut whole = there.cloned().unwrap_or_default();
        whole.extend(name);
        wanted.insert("name".into(), Value::Object(whole));
    }
    if deactivated == Some(Deactivated::Temporary) {
        wanted.insert("active".into(), json!(false));
    }
    let had = present.and_then(|whole| whole.get("emails")).and_then(Value::as_array);
    if let Some(emails) = row.text("email").and_then(|email| emails(email, had)) {
        wanted.insert("emails".into(), emails);
    }
    wanted
}

/// The addresses of somebody whose main one is `email`; nothing where it is there already.
fn emails(email: &str, had: Option<&Vec<Value>>) -> Option<Value> {
    let mut all = had.cloned().unwrap_or_default();
    let is = |one: &Value| {
        let address = one.get("value").and_then(Value::as_str);
        address.is_some_and(|address| address.eq_ignore_ascii_case(email))
    };
    if all.iter().any(is) {
        return None;
    }
    let main = |one: &&mut Value| one.get("primary") == Some(&json!(true));
    let main = match all.iter_mut().find(main) {
        Some(main) => Some(main),
        None => all.first_mut(),
    };
    match main.and_then(Value::as_object_mut) {
        Some(main) => drop(main.insert("value".into(), json!(email))),
        None => all.push(json!({"value": email, "type": "work", "primary": true})),
    }
    Some(Value::Array(all))
}

/// What the extension has of a person.
async fn extension(finder: &Finder<'_>, row: &Row) -> Result<Map<String, Value>, Stop> {
    let mut mine = row.copied(&["profession", "partnerSignIn"]);
    if let Some(text) = row.text("credential") {
        let said = "write OTN Credential or ONE ID";
        let one = Credential::parse(text).ok_or_else(|| Stop::at("credential", said))?;
        mine.insert("credential".into(), json!(one.value()));
    }
    let services = vocabulary::services();
    let service = |text: &str| {
        let said = "no such service; write Directory, eConsult, eVisit/Videoconference or \
                    Ncompass/Scheduling Access";
        let one = services.parse(text).ok_or_else(|| Stop::at("services", said))?;
        Ok(json!({"value": one.word().value()}))
    };
    put(&mut mine, "services", row.list("services").map(service).collect::<Result<_, Stop>>()?);
    let roles = vocabulary::application_roles();
    let role = |text: &str| {
        let said = "no such application role; write ATCUser or IdentityAccountManager";
        let one = roles.parse(text).ok_or_else(|| Stop::at("applicationRoles", said))?;
        Ok(json!(one.value()))
    };
    let applications = row.list("applicationRoles").map(role).collect::<Result<_, Stop>>()?;
    put(&mut mine, "applicationRoles", applications);
    let affiliation = |code: &str| {
        let (_, id) = finder.organization("affiliations", code)?;
        Ok(json!({"value": id.to_string()}))
    };
    let affiliations = row.list("affiliations").map(affiliation).collect::<Result<_, Stop>>()?;
    put(&mut mine, "affiliations", affiliations);
    put(&mut mine, "assignments", assignments(finder, row).await?);
    Ok(mine)
}

/// The assignments of a row: `ORG5555/ABCC=ED Normal*`, the star after the default's role. A
/// single one is the default without it.
async fn assignments(finder: &Finder<'_>, row: &Row) -> Result<Vec<Value>, Stop> {
    let mut text = row.list("assignments").collect::<Vec<_>>().join(";");
    if row.list("assignments").count() == 1 && !text.ends_with('*') {
        text.push('*');
    }
    let column = "assignments";
    let said = read_assignments(&text).map_err(|error| {
        let said = format!("item {}: {}", error.item, error.fault);
        Stop::at(column, said)
    })?;
    let Said::These(items) = said else { return Ok(Vec::new()) };
    let roles = sample::roles();
    let mut all = Vec::new();
    for item in items {
        let code = crate::domain::place::organization::code(item.organization);
        let (number, organization) = finder.organization(column, &code)?;
        let place = match &item.site {
            None => organization,
            Some(site) => {
                let found = finder.unique(Kind::SITE, "siteCode", site, home(number)).await?;
                let said = "no such site; write ORG####/CODE of one that exists";
                found.map(|record| record.head.id).ok_or_else(|| Stop::at(column, said))?
            }
        };
        let role = roles.parse(&item.role);
        let role = role.ok_or_else(|| Stop::at(column, "no such role; write its code or name"))?;
        all.push(json!({
            "value": place.to_string(), "role": role.word().value(), "default": item.default,
        }));
    }
    Ok(all)
}

fn put(mine: &mut Map<String, Value>, name: &str, list: Vec<Value>) {
    if !list.is_empty() {
        mine.insert(name.into(), Value::Array(list));
    }
}
