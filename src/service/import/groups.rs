//! Groups of the organization itself, which no identity provider pushes.
//!
//! One with `kind` access opens modules; its health centre is the organization of the row.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Relation;
use crate::service::import::Errand;
use crate::service::import::Finder;
use crate::service::import::Row;
use crate::service::import::Stop;
use crate::service::import::errand;
use crate::service::import::errand::grown;
use crate::service::import::finder::home;
use crate::service::import::places;
use crate::service::import::ties::added;
use crate::service::wire::access_group::EXTENSION;

/// What cannot be changed of an access group.
const FIXED: [&str; 3] = ["kind", "groupType", "healthCentre"];

/// A group is known by its organization and name. Members are added.
pub(super) async fn group(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    let (number, organization) = finder.organization_of(row, "organization")?;
    let mut members: Vec<Id> = Vec::new();
    for name in row.list("members") {
        let id = finder.person("members", name, number).await?.head.id;
        if !members.contains(&id) {
            members.push(id);
        }
    }
    let name = row.text("displayName").unwrap_or_default();
    let found = finder.unique(Kind::GROUP, "displayName", name, home(number)).await?;
    let mut mine = extension(finder, row, (number, organization)).await?;
    let mut wanted = row.copied(&["displayName"]);
    let Some(group) = found else {
        if !mine.is_empty() {
            wanted.insert(EXTENSION.into(), Value::Object(mine));
        }
        wanted.insert("organization".into(), json!({"value": organization.to_string()}));
        let values = members.iter().map(|id| json!({"value": id.to_string()})).collect();
        wanted.insert("members".into(), Value::Array(values));
        return Ok(vec![Errand::create(finder, Kind::GROUP, wanted)?]);
    };
    mine.retain(|name, _| !FIXED.contains(&name.as_str()));
    if let Some(there) = places::document(&group)?.get(EXTENSION) {
        grown(&mut mine, there);
    }
    if !mine.is_empty() {
        wanted.insert(EXTENSION.into(), Value::Object(mine));
    }
    let mut errands = errand::settle(finder, Kind::GROUP, Some(&group), (wanted, &[]))?;
    errands.extend(added(finder, &group, (Relation::MEMBER, "members"), members).await?);
    Ok(errands)
}

/// What a row says of an access group.
async fn extension(
    finder: &Finder<'_>,
    row: &Row,
    (number, organization): (u32, Id),
) -> Result<Map<String, Value>, Stop> {
    let mut mine = row.copied(&["kind", "groupType", "scheduling", "autoAddProviders"]);
    if row.text("kind").is_some_and(|kind| kind.eq_ignore_ascii_case("access")) {
        mine.insert("healthCentre".into(), json!({"value": organization.to_string()}));
    }
    for name in ["privilegeLevel", "privacyLevel"] {
        if let Some(word) = row.text(name) {
            mine.insert(name.into(), json!({"value": word}));
        }
    }
    let modules: Vec<Value> = row.list("modules").map(|word| json!({"value": word})).collect();
    let mut venues = Vec::new();
    for code in row.list("careVenues") {
        let site = finder.site("careVenues", code, (row, "organization")).await?;
        venues.push(json!({"value": site.head.id.to_string()}));
    }
    let named = [("providers", Kind::PROVIDER), ("pools", Kind::POOL)];
    for (name, kind) in named {
        let mut all = Vec::new();
        for text in row.list(name) {
            let one = places::one(finder, (kind, name), text, number).await?;
            let said = "no such one in the organization; write its name";
            let one = one.ok_or_else(|| Stop::at(name, said))?;
            all.push(json!({"value": one.head.id.to_string()}));
        }
        put(&mut mine, name, all);
    }
    put(&mut mine, "modules", modules);
    put(&mut mine, "careVenues", venues);
    Ok(mine)
}

fn put(mine: &mut Map<String, Value>, name: &str, all: Vec<Value>) {
    if !all.is_empty() {
        mine.insert(name.into(), Value::Array(all));
    }
}
