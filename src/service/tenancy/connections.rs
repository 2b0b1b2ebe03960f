//! Connections.

use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::place::organization;
use crate::domain::record::Kind;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Ports;
use crate::service::access::connection::Connection;
use crate::service::access::connection::Dialect;
use crate::service::access::connection::Permission;
use crate::service::access::sight;
use crate::service::oddities;
use crate::service::tenancy::DEFAULT_DAYS;
use crate::service::tenancy::group_names;
use crate::service::tenancy::record;
use crate::service::tenancy::record::Writing;
use crate::service::tenancy::registry;
use crate::service::tenancy::tokens;
use crate::store::change::Guard;
use crate::store::change::Write;

/// Settings that `set` does not change.
const FIXED: [&str; 3] = ["id", "number", "organization"];

/// Makes a connection and its first token: `{"connection", "token"}`.
pub async fn add(
    ports: &Ports,
    organization: &str,
    name: &str,
    dialect: Dialect,
) -> Result<Value, Error> {
    let (home, _) = record::organization(ports, organization).await?;
    record::named(name)?;
    let known: Vec<(Connection, u64)> = record::all(ports, Kind::CONNECTION).await?;
    let highest = known.iter().map(|(one, _)| one.number).max().unwrap_or(0);
    let made = Connection {
        id: Id::new(ports.clock.now(), ports.entropy.as_ref())?,
        number: highest.saturating_add(1),
        organization: home,
        name: name.to_owned(),
        dialect,
        strict: false,
        // OneLogin documents application/json for every answer.
        plain_json: dialect == Dialect::Onelogin,
        put_merges: false,
        unique_group_names: true,
        skip_unknown_members: false,
        unpack_json_text: false,
        hidden_attributes: Vec::new(),
        permissions: vec![Permission::Users, Permission::Groups, Permission::OrganizationRead],
        disabled: false,
    };
    write(ports, &made, (None, Default::default()), vec!["name".into(), "dialect".into()]).await?;
    let token = tokens::add(ports, &made.id.to_string(), DEFAULT_DAYS).await?;
    Ok(json!({"connection": made.id.to_string(), "token": token.get("token")}))
}

/// Connections, of one organization or of all.
pub async fn list(ports: &Ports, organization: Option<&str>) -> Result<Value, Error> {
    let home = match organization {
        Some(named) => Some(record::organization(ports, named).await?.0),
        None => None,
    };
    let mut all: Vec<(Connection, u64)> = record::all(ports, Kind::CONNECTION).await?;
    all.retain(|(one, _)| home.is_none_or(|home| one.organization == home));
    all.sort_by_key(|(one, _)| one.number);
    let line = |(one, _): &(Connection, u64)| {
        json!({
            "connection": one.id.to_string(),
            "organization": organization::code(one.organization),
            "name": one.name,
            "dialect": one.dialect,
            "disabled": one.disabled,
        })
    };
    Ok(all.iter().map(line).collect())
}

/// A connection's settings, its tokens, how many records it holds, and what it was forgiven.
pub async fn show(ports: &Ports, connection: &str) -> Result<Value, Error> {
    let (one, _) = record::connection(ports, connection).await?;
    let partition = one.partition();
    Ok(json!({
        "connection": one.id.to_string(),
        "organization": organization::code(one.organization),
        "settings": settings(&one)?,
        "users": ports.store.count(partition, Kind::USER).await?,
        "groups": ports.store.count(partition, Kind::GROUP).await?,
        "tokens": tokens::list(ports, Some(connection)).await?,
        "tolerated": oddities::of(ports, one.id).await?,
    }))
}

/// Changes settings given as `name=value`, as `show` prints them.
pub async fn set(ports: &Ports, connection: &str, pairs: &[String]) -> Result<Value, Error> {
    let (one, version) = record::connection(ports, connection).await?;
    let mut body = serde_json::to_value(&one).map_err(Error::internal)?;
    let mut names = Vec::new();
    for pair in pairs {
        let (name, text) = pair
            .split_once('=')
            .ok_or_else(|| Error::new(ErrorKind::Conflict, "A setting is written NAME=VALUE."))?;
        let slot = body.get_mut(name).filter(|_| !FIXED.contains(&name)).ok_or_else(|| {
            let said = "No such setting. `wardgate connection show` lists them.";
            Error::new(ErrorKind::Conflict, said)
        })?;
        *slot = parsed(slot, name, text)?;
        names.push(name.to_owned());
    }
    let changed: Connection = serde_json::from_value(body).map_err(|_| {
        let said = "A dialect or permission has a name that is not known.";
        Error::new(ErrorKind::Conflict, said)
    })?;
    record::named(&changed.name)?;
    if names.iter().any(|name| name == "hidden_attributes") {
        sight::check(&ports.models, &changed.hidden_attributes)?;
    }
    let switched_on = changed.unique_group_names && !one.unique_group_names;
    let also = match switched_on {
        true => group_names::keyed(ports, &changed).await?,
        false => Default::default(),
    };
    write(ports, &changed, (Some(version), also), names).await?;
    settings(&changed)
}

/// Reads a setting in the shape that it has now.
fn parsed(slot: &Value, name: &str, text: &str) -> Result<Value, Error> {
    match slot {
        Value::Bool(_) => text.parse().map(Value::Bool).map_err(|_| {
            let said = format!("`{name}` is switched with true or false.");
            Error::new(ErrorKind::Conflict, said)
        }),
        Value::Array(_) => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            Ok(words.map(|word| Value::String(word.to_owned())).collect())
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn settings(one: &Connection) -> Result<Value, Error> {
    let mut body = serde_json::to_value(one).map_err(Error::internal)?;
    if let Some(body) = body.as_object_mut() {
        body.retain(|name, _| !FIXED.contains(&name.as_str()));
    }
    Ok(body)
}

async fn write(
    ports: &Ports,
    one: &Connection,
    (replaces, also): (Option<u64>, (Vec<Guard>, Vec<Write>)),
    attributes: Vec<String>,
) -> Result<(), Error> {
    let writing = Writing {
        kind: Kind::CONNECTION,
        id: one.id,
        chain: one.organization,
        body: one,
        unique: vec![("number", one.number.to_be_bytes().to_vec())],
        entries: Vec::new(),
        replaces,
        attributes,
    };
    record::write_with(ports, writing, also).await?;
    registry::load(ports).await
}
