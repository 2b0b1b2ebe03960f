//! Organizations.

use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::place::organization;
use crate::domain::place::organization::Organization;
use crate::domain::record::Kind;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Ports;
use crate::service::tenancy::record;
use crate::service::tenancy::record::Writing;
use crate::service::tenancy::registry;

/// Makes an organization.
pub async fn add(
    ports: &Ports,
    number: u32,
    name: &str,
    parent: Option<&str>,
) -> Result<Value, Error> {
    if !(1..=organization::LARGEST_NUMBER).contains(&number) {
        return Err(Error::new(ErrorKind::Conflict, "The number must be between 1 and 9999."));
    }
    record::named(name)?;
    let parent = match parent {
        Some(parent) => Some(record::organization(ports, parent).await?.0.id),
        None => None,
    };
    let id = Id::new(ports.clock.now(), ports.entropy.as_ref())?;
    let made = Organization { id, number, name: name.to_owned(), parent, brake_limit: None };
    write(ports, &made, None, &["number", "name", "parent"]).await?;
    Ok(shown(&made))
}

/// Every organization, by number.
pub async fn list(ports: &Ports) -> Result<Value, Error> {
    let mut all: Vec<(Organization, u64)> = record::all(ports, Kind::ORGANIZATION).await?;
    all.sort_by_key(|(one, _)| one.number);
    Ok(all.iter().map(|(one, _)| shown(one)).collect())
}

/// Changes settings.
pub async fn set(
    ports: &Ports,
    organization: &str,
    name: Option<&str>,
    brake_limit: Option<u32>,
) -> Result<Value, Error> {
    let (mut one, version) = record::organization(ports, organization).await?;
    let mut attributes = Vec::new();
    if let Some(name) = name {
        record::named(name)?;
        one.name = name.to_owned();
        attributes.push("name");
    }
    if brake_limit.is_some() {
        one.brake_limit = brake_limit;
        attributes.push("brake_limit");
    }
    write(ports, &one, Some(version), &attributes).await?;
    Ok(shown(&one))
}

async fn write(
    ports: &Ports,
    one: &Organization,
    replaces: Option<u64>,
    attributes: &[&str],
) -> Result<(), Error> {
    let writing = Writing {
        kind: Kind::ORGANIZATION,
        id: one.id,
        chain: one.number,
        body: one,
        unique: vec![("number", one.number.to_be_bytes().to_vec())],
        replaces,
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    };
    record::write(ports, writing).await?;
    registry::load(ports).await
}

fn shown(one: &Organization) -> Value {
    json!({
        "id": one.id.to_string(),
        "organization": organization::code(one.number),
        "number": one.number,
        "name": one.name,
        "parent": one.parent.map(|parent| parent.to_string()),
        "brake_limit": one.brake_limit,
    })
}
