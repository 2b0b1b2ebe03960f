//! Organizations, sites, room systems, providers and pools.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::service::import::Errand;
use crate::service::import::Finder;
use crate::service::import::Row;
use crate::service::import::Stop;
use crate::service::import::errand;
use crate::service::import::finder::home;
use crate::service::wire::render;

/// An organization is known by its number; a region or a division by its kind and name.
pub(super) async fn organization(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    let found = match row.text("orgNumber") {
        Some(code) => {
            finder.unique(Kind::ORGANIZATION, "orgNumber", code, Partition::NETWORK).await?
        }
        None => {
            let kind = row.text("kind").unwrap_or("organization");
            if kind.eq_ignore_ascii_case("organization") {
                let said = "an organization needs its number, ORG and four digits";
                return Err(Stop::at("orgNumber", said));
            }
            named(finder, kind, row.text("displayName").unwrap_or_default()).await?
        }
    };
    let mut wanted = row.copied(&[
        "displayName",
        "kind",
        "orgNumber",
        "shortCode",
        "healthCentre",
        "participation",
        "availableModules",
        "timezone",
        "active",
    ]);
    if let Some(name) = row.text("parent") {
        let parent = match named(finder, "division", name).await? {
            None => named(finder, "region", name).await?,
            division => division,
        };
        let said = "no such division or region; write the name of one";
        let parent = parent.ok_or_else(|| Stop::at("parent", said))?;
        wanted.insert("parent".into(), json!({"value": parent.head.id.to_string()}));
    }
    errand::settle(finder, Kind::ORGANIZATION, found.as_ref(), (wanted, &["kind", "orgNumber"]))
}

/// The region or division with a name.
async fn named(finder: &Finder<'_>, kind: &str, name: &str) -> Result<Option<Record>, Stop> {
    let wanted = [("kind", None, kind), ("displayName", None, name)];
    let found = finder.all(Kind::ORGANIZATION, &wanted, Partition::NETWORK).await?;
    if found.len() > 1 {
        let said = "several have this name; give them different ones first";
        return Err(Stop::at("displayName", said));
    }
    Ok(found.into_iter().next())
}

/// A site is known by its organization and code.
pub(super) async fn site(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    let (number, organization) = finder.organization_of(row, "organization")?;
    let code = row.text("siteCode").unwrap_or_default();
    let found = finder.unique(Kind::SITE, "siteCode", code, home(number)).await?;
    let mut wanted = row.copied(&["siteCode", "displayName", "careVenue", "active"]);
    wanted.insert("organization".into(), json!({"value": organization.to_string()}));
    errand::settle(finder, Kind::SITE, found.as_ref(), (wanted, &["organization", "siteCode"]))
}

/// A room system is known by its name in the whole network.
pub(super) async fn room(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    let site = row.text("site").unwrap_or_default();
    let site = finder.site("site", site, (row, "organization")).await?;
    let name = row.text("systemName").unwrap_or_default();
    let found = finder.unique(Kind::ROOM_SYSTEM, "systemName", name, site.head.partition).await?;
    let mut wanted = row.copied(&["systemName", "active"]);
    wanted.insert("site".into(), json!({"value": site.head.id.to_string()}));
    errand::settle(finder, Kind::ROOM_SYSTEM, found.as_ref(), (wanted, &["systemName"]))
}

/// A provider is known by its organization and name.
pub(super) async fn provider(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    let (number, found, mut wanted) = belonging(finder, row, Kind::PROVIDER).await?;
    if let Some(name) = row.text("user") {
        let user = finder.person("user", name, number).await?;
        wanted.insert("user".into(), json!({"value": user.head.id.to_string()}));
    }
    errand::settle(finder, Kind::PROVIDER, found.as_ref(), (wanted, &["organization"]))
}

/// A pool is known by its organization and name.
pub(super) async fn pool(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    let (number, found, mut wanted) = belonging(finder, row, Kind::POOL).await?;
    let mut providers = Vec::new();
    for name in row.list("providers") {
        let provider = one(finder, (Kind::PROVIDER, "providers"), name, number).await?;
        let said = "no such provider of the organization; write its name";
        let provider = provider.ok_or_else(|| Stop::at("providers", said))?;
        providers.push(json!({"value": provider.head.id.to_string()}));
    }
    if !providers.is_empty() {
        wanted.insert("providers".into(), Value::Array(providers));
    }
    wanted.extend(row.copied(&["accessMode"]));
    errand::settle(finder, Kind::POOL, found.as_ref(), (wanted, &["organization"]))
}

/// What providers and pools have in common: the organization, the record if there is one, and
/// what the row says.
async fn belonging(
    finder: &Finder<'_>,
    row: &Row,
    kind: Kind,
) -> Result<(u32, Option<Record>, Map<String, Value>), Stop> {
    let (number, organization) = finder.organization_of(row, "organization")?;
    let found =
        one(finder, (kind, "displayName"), row.text("displayName").unwrap_or_default(), number)
            .await?;
    let mut wanted = row.copied(&["displayName", "active"]);
    wanted.insert("organization".into(), json!({"value": organization.to_string()}));
    Ok((number, found, wanted))
}

/// The one record of an organization with a name.
pub(super) async fn one(
    finder: &Finder<'_>,
    (kind, column): (Kind, &'static str),
    name: &str,
    organization: u32,
) -> Result<Option<Record>, Stop> {
    let found = finder.all(kind, &[("displayName", None, name)], home(organization)).await?;
    if found.len() > 1 {
        let said = "several of the organization have this name; give them different ones first";
        return Err(Stop::at(column, said));
    }
    Ok(found.into_iter().next())
}

/// The document of a record, for comparison.
pub(super) fn document(record: &Record) -> Result<Map<String, Value>, Stop> {
    Ok(render::document(record)?)
}
