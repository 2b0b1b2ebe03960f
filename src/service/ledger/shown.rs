//! What the ledger shows in a person's document: what is said there, and beside it what lines
//! give, each element with its source.
//!
//! Elements keep their place; new ones come last, so that the first is the oldest.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Places;
use crate::domain::access::grant::Source;
use crate::domain::access::role::vocabulary;
use crate::service::ledger::line::Line;
use crate::service::ledger::places::rank_word;
use crate::service::ledger::said;
use crate::service::ledger::said::Said;
use crate::service::ledger::said::URN;

/// Writes what is said and what `lines` give into `document`. Answers whether a default location
/// that ended has moved on (AS7).
pub(super) fn write(
    document: &mut Map<String, Value>,
    said: &Said,
    lines: &[Line],
    (places, own): (&Places, Option<Id>),
) -> bool {
    let before = default_of(document);
    let assignments = assignments(document, said, lines, places);
    let services = services(document, said, lines);
    let mut inside = said::extension(document).cloned().unwrap_or_default();
    let home = lines.iter().find_map(|line| match line.held.grant {
        Grant::HomeOrganization { organization } => Some(organization),
        _ => None,
    });
    let home = said.home.or(home).or(own).map(|home| json!({"value": home.to_string()}));
    let credential = lines.iter().find_map(|line| match &line.held.grant {
        Grant::Credential { credential } => Some(credential.to_string()),
        _ => None,
    });
    let credential = said.credential.clone().or(credential).map(Value::String);
    let partner = lines.iter().any(|line| line.held.grant == Grant::PartnerSignIn);
    if partner || said.partner {
        inside.insert("partnerSignIn".into(), Value::Bool(true));
    } else if inside.get("partnerSignIn") == Some(&Value::Bool(true)) {
        inside.remove("partnerSignIn");
    }
    put(&mut inside, "homeOrganization", home);
    put(&mut inside, "credential", credential);
    let roles = roles(&inside, said, lines);
    put(&mut inside, "applicationRoles", roles);
    put(&mut inside, "services", Some(services).filter(|all| !all.is_empty()).map(Value::Array));
    put(
        &mut inside,
        "assignments",
        Some(assignments).filter(|all| !all.is_empty()).map(Value::Array),
    );
    put(&mut inside, "adminRoles", administrator(document, lines));
    install(document, inside);
    let after = default_of(document);
    before.is_some_and(|before| {
        !said::elements(document, "assignments").any(|one| said::id(one) == Some(before))
    }) && after.is_some()
}

/// Puts the extension into the document and names it in `schemas`, or takes it out of both.
pub(super) fn install(document: &mut Map<String, Value>, inside: Map<String, Value>) {
    if let Some(Value::Array(schemas)) = document.get_mut("schemas") {
        let named = schemas.iter().any(|one| one == URN);
        match inside.is_empty() {
            true => schemas.retain(|one| one != URN),
            false if !named => schemas.push(URN.into()),
            false => {}
        }
    }
    match inside.is_empty() {
        true => drop(document.shift_remove(URN)),
        false => drop(document.insert(URN.into(), Value::Object(inside))),
    }
}

/// The word for the channel that gave a line, if one did.
pub(super) fn source_word(line: &Line) -> Option<&'static str> {
    let any = |wanted: fn(&Source) -> bool| line.held.sources.iter().any(wanted);
    if any(|source| source.is_rule()) {
        return Some("rule");
    }
    if any(|source| matches!(source, Source::Compact { .. })) {
        return Some("compact");
    }
    any(|source| matches!(source, Source::Core { .. })).then_some("core")
}

fn put(inside: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(inside.insert(name.to_owned(), value)),
        None => drop(inside.shift_remove(name)),
    }
}

fn default_of(document: &Map<String, Value>) -> Option<Id> {
    let mut all = said::elements(document, "assignments");
    all.find(|one| one.get("default") == Some(&Value::Bool(true))).and_then(said::id)
}

fn assignments(
    document: &Map<String, Value>,
    said: &Said,
    lines: &[Line],
    places: &Places,
) -> Vec<Value> {
    let taken = |location: Id| said.assignments.iter().any(|one| said::id(one) == Some(location));
    let mut given: Vec<(Id, Map<String, Value>)> = Vec::new();
    for line in lines {
        let (Grant::Assignment { location, role }, Some(source)) =
            (&line.held.grant, source_word(line))
        else {
            continue;
        };
        if taken(*location) {
            continue;
        }
        let mut one = Map::new();
        one.insert("value".into(), json!(location.to_string()));
        if let Some(kind) = rank_word(places, *location) {
            one.insert("kind".into(), json!(kind));
        }
        one.insert("role".into(), json!(&**role));
        one.insert("source".into(), json!(source));
        given.push((*location, one));
    }
    let mut all = Vec::new();
    for one in said::elements(document, "assignments") {
        if said.assignments.contains(one) {
            all.push(one.clone());
        } else if let Some(at) = given.iter().position(|(place, _)| said::id(one) == Some(*place)) {
            all.push(given.remove(at).1);
        }
    }
    all.extend(given.into_iter().map(|(_, one)| one));
    let default = default(said, lines, &all);
    for one in &mut all {
        let is = default.is_some() && said::id(one) == default;
        one.insert("default".into(), Value::Bool(is));
    }
    all.into_iter().map(Value::Object).collect()
}

/// Exactly one default (AS3): what is said, else what lines give, else the oldest (AS7).
fn default(said: &Said, lines: &[Line], all: &[Map<String, Value>]) -> Option<Id> {
    let there = |id: &Id| all.iter().any(|one| said::id(one) == Some(*id));
    let marked = |one: &&Map<String, Value>| one.get("default") == Some(&Value::Bool(true));
    let own = said.assignments.iter().find(marked).and_then(said::id);
    let line = || {
        lines.iter().find_map(|line| match line.held.grant {
            Grant::DefaultLocation { location } => Some(location).filter(there),
            _ => None,
        })
    };
    own.or_else(line).or_else(|| all.first().and_then(said::id))
}

fn services(document: &Map<String, Value>, said: &Said, lines: &[Line]) -> Vec<Value> {
    let words = vocabulary::services();
    let taken = |code: &str| said.services.iter().any(|one| said::part(one, "value") == Some(code));
    let mut given: Vec<(String, Map<String, Value>)> = Vec::new();
    for line in lines {
        let (Grant::Service { service }, Some(source)) = (&line.held.grant, source_word(line))
        else {
            continue;
        };
        if taken(service) {
            continue;
        }
        let mut one = Map::new();
        one.insert("value".into(), json!(&**service));
        one.insert("display".into(), json!(words.display(service)));
        one.insert("source".into(), json!(source));
        given.push((service.to_string(), one));
    }
    let mut all = Vec::new();
    for one in said::elements(document, "services") {
        let code = said::part(one, "value").unwrap_or_default();
        if said.services.contains(one) {
            all.push(one.clone());
        } else if let Some(at) = given.iter().position(|(known, _)| known == code) {
            all.push(given.remove(at).1);
        }
    }
    all.extend(given.into_iter().map(|(_, one)| one));
    all.into_iter().map(Value::Object).collect()
}

fn roles(inside: &Map<String, Value>, said: &Said, lines: &[Line]) -> Option<Value> {
    let given = lines.iter().filter_map(|line| match &line.held.grant {
        Grant::ApplicationRole { role } => Some(role.to_string()),
        _ => None,
    });
    let wanted: Vec<String> = said.roles.iter().cloned().chain(given).collect();
    let had = inside.get("applicationRoles").and_then(Value::as_array).into_iter().flatten();
    let had = had.filter_map(Value::as_str).map(str::to_owned);
    let mut all: Vec<String> = had.filter(|role| wanted.contains(role)).collect();
    for role in wanted {
        if !all.contains(&role) {
            all.push(role);
        }
    }
    (!all.is_empty()).then(|| json!(all))
}

/// Administrator's roles: what is said stays, and approved rules add theirs (LE6).
fn administrator(document: &Map<String, Value>, lines: &[Line]) -> Option<Value> {
    let said = said::elements(document, "adminRoles").filter(|one| !said::is_ledgers(one));
    let mut all: Vec<Value> = said.cloned().map(Value::Object).collect();
    for line in lines {
        let (Grant::Admin { role, scope }, Some(source)) = (&line.held.grant, source_word(line))
        else {
            continue;
        };
        let scope = scope.map(|scope| ("value".to_owned(), json!(scope.to_string())));
        let mut one: Map<String, Value> = scope.into_iter().collect();
        one.insert("type".into(), json!(role.value()));
        one.insert("source".into(), json!(source));
        all.push(Value::Object(one));
    }
    (!all.is_empty()).then_some(Value::Array(all))
}
