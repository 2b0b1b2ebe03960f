//! Organizations.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::place::organization;
use crate::domain::place::organization::Organization;
use crate::domain::place::organization::OrganizationKind;
use crate::domain::record::Kind;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Ports;
use crate::service::tenancy::record;
use crate::service::tenancy::record::Writing;
use crate::service::tenancy::registry;
use crate::service::wire::keys;
use crate::service::wire::organization as wire;
use crate::service::wire::render;

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
        Some(parent) => Some(above(ports, parent).await?),
        None => None,
    };
    let id = Id::new(ports.clock.now(), ports.entropy.as_ref())?;
    let document = wire::made(id, number, name, parent);
    write(ports, (id, number), &document, None, &["orgNumber", "displayName", "parent"]).await?;
    shown(&document)
}

/// The region or division that is to be above an organization (TR1).
async fn above(ports: &Ports, named: &str) -> Result<Id, Error> {
    let id = Id::parse(named);
    let nodes = record::nodes(ports).await?;
    let found = nodes.iter().find(|(node, _)| Some(node.id) == id);
    let fits = |node: &&(Organization, u64)| node.0.kind < OrganizationKind::Organization;
    found.filter(fits).map(|(node, _)| node.id).ok_or_else(|| {
        let said = "The parent must be the id of a region or a division (TR1).";
        Error::new(ErrorKind::NotFound, said)
    })
}

/// Every organization, by number.
pub async fn list(ports: &Ports) -> Result<Value, Error> {
    let mut all: Vec<(Map<String, Value>, u64)> = record::all(ports, Kind::ORGANIZATION).await?;
    all.retain(|(one, _)| one.contains_key("orgNumber"));
    all.sort_by_key(|(one, _)| one.get("orgNumber").and_then(Value::as_str).map(str::to_owned));
    all.iter().map(|(one, _)| shown(one)).collect()
}

/// Changes settings; what this room does not know of the organization stays.
pub async fn set(
    ports: &Ports,
    organization: &str,
    name: Option<&str>,
    brake_limit: Option<u32>,
) -> Result<Value, Error> {
    let (number, one) = record::organization(ports, organization).await?;
    let record = ports.store.get(one.id, None).await?.ok_or_else(Error::not_found)?;
    let mut document = render::document(&record)?;
    let mut attributes = Vec::new();
    if let Some(name) = name {
        record::named(name)?;
        document.insert("displayName".into(), json!(name));
        attributes.push("displayName");
    }
    if let Some(limit) = brake_limit {
        document.insert("brakeLimit".into(), json!(limit));
        attributes.push("brakeLimit");
    }
    let version = Some(record.head.version);
    write(ports, (one.id, number), &document, version, &attributes).await?;
    shown(&document)
}

async fn write(
    ports: &Ports,
    (id, number): (Id, u32),
    document: &Map<String, Value>,
    replaces: Option<u64>,
    attributes: &[&str],
) -> Result<(), Error> {
    let model = ports.models.of_kind(Kind::ORGANIZATION).ok_or_else(Error::not_found)?;
    let writing = Writing {
        kind: Kind::ORGANIZATION,
        id,
        chain: number,
        body: document,
        unique: Vec::new(),
        entries: keys::entries(model, document, None),
        replaces,
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    };
    record::write(ports, writing).await?;
    registry::load(ports).await
}

fn shown(document: &Map<String, Value>) -> Result<Value, Error> {
    let one = wire::read(document).ok_or_else(|| Error::internal("no organization was written"))?;
    Ok(json!({
        "id": one.id.to_string(),
        "organization": one.number.map(organization::code),
        "number": one.number,
        "name": one.name,
        "parent": one.parent.map(|parent| parent.to_string()),
        "brake_limit": one.brake_limit,
    }))
}
