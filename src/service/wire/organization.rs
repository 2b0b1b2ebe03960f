//! An organization as the tenancy reads and edits it: its record is the SCIM resource.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::place::organization;
use crate::domain::place::organization::Organization;
use crate::domain::place::organization::OrganizationKind;

/// The schema of organizations, regions and divisions.
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:Organization";

/// What the tenancy needs of a document; `None` when it is no organization's.
pub fn read(document: &Map<String, Value>) -> Option<Organization> {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let kind = OrganizationKind::of(text("kind")?)?;
    let parent = document.get("parent").and_then(|parent| parent.get("value"));
    let limit = document.get("brakeLimit").and_then(Value::as_u64);
    Some(Organization {
        id: Id::parse(text("id")?)?,
        number: text("orgNumber").and_then(organization::number),
        kind,
        name: text("displayName")?.to_owned(),
        parent: parent.and_then(Value::as_str).and_then(Id::parse),
        brake_limit: limit.and_then(|limit| u32::try_from(limit).ok()),
    })
}

/// The document of a new organization.
pub fn made(id: Id, number: u32, name: &str, parent: Option<Id>) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("schemas".into(), json!([SCHEMA]));
    document.insert("id".into(), json!(id.to_string()));
    document.insert("displayName".into(), json!(name));
    document.insert("kind".into(), json!("organization"));
    document.insert("orgNumber".into(), json!(organization::code(number)));
    if let Some(parent) = parent {
        document.insert("parent".into(), json!({"value": parent.to_string()}));
    }
    document.insert("active".into(), json!(true));
    document
}
