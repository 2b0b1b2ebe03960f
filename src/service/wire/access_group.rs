//! Access groups as documents: where their parts stand, and what a connection sees of them.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::effective::AccessGroup;
use crate::domain::access::effective::Entry;
use crate::domain::access::effective::GroupType;
use crate::domain::access::effective::Override;
use crate::domain::access::effective::Pool;
use crate::domain::access::effective::PoolMode;
use crate::domain::access::effective::Target;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;

/// The extension of Group.
pub const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:Group";

/// What an administrator keeps beside an access group that no connection is shown: it names
/// people and connections that are not its own.
const KEPT: [&str; 2] = ["userOverrides", "publishedTo"];

/// The extension of a group's document.
pub fn extension(document: &Map<String, Value>) -> Option<&Map<String, Value>> {
    document.get(EXTENSION)?.as_object()
}

/// Whether a group's document is that of an access group; else it is a directory group.
pub fn is_access(document: &Map<String, Value>) -> bool {
    extension(document).and_then(|own| own.get("kind")).is_some_and(|kind| kind == "access")
}

/// The identifiers of the connections that an access group is published to.
pub fn published_to(document: &Map<String, Value>) -> BTreeSet<Id> {
    extension(document).map(|own| ids(own, "publishedTo")).unwrap_or_default()
}

/// Takes out what no connection is shown.
pub fn hide(document: &mut Map<String, Value>) {
    if let Some(own) = document.get_mut(EXTENSION).and_then(Value::as_object_mut) {
        own.retain(|name, _| !KEPT.contains(&name.as_str()));
    }
}

/// The identifiers that a list of references holds.
pub fn ids(own: &Map<String, Value>, name: &str) -> BTreeSet<Id> {
    rows(own, name).filter_map(|one| id(one, "value")).collect()
}

/// The elements of a list.
pub fn rows<'d>(own: &'d Map<String, Value>, name: &str) -> impl Iterator<Item = &'d Value> {
    own.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The identifier in a part of a value.
pub fn id(value: &Value, part: &str) -> Option<Id> {
    value.get(part)?.as_str().and_then(Id::parse)
}

/// The access group in the document of the record `id`, with these members; `None` for a
/// directory group. A level that is not known counts as the strictest: what was checked when it
/// was written and cannot be read now must not open anything.
pub fn read(id: Id, document: &Map<String, Value>, members: BTreeSet<Id>) -> Option<AccessGroup> {
    let own = extension(document).filter(|_| is_access(document))?;
    let flag = |name: &str| own.get(name) == Some(&Value::Bool(true));
    let level = |name: &str| own.get(name).and_then(|level| level.get("value"))?.as_str();
    let word = |name: &str| own.get(name).and_then(Value::as_str);
    Some(AccessGroup {
        id,
        name: document.get("displayName").and_then(Value::as_str).unwrap_or_default().to_owned(),
        group_type: match word("groupType") {
            Some("pool") => GroupType::Pool,
            _ => GroupType::Provider,
        },
        health_centre: own.get("healthCentre").and_then(|centre| self::id(centre, "value"))?,
        care_venues: ids(own, "careVenues"),
        modules: rows(own, "modules").filter_map(|one| module(one, "value")).collect(),
        privilege: level("privilegeLevel").and_then(Privilege::parse).unwrap_or(STRICTEST.0),
        privacy: level("privacyLevel").and_then(Privacy::parse).unwrap_or(STRICTEST.1),
        scheduling: flag("scheduling"),
        auto_add: flag("autoAddProviders"),
        providers: ids(own, "providers"),
        pools: ids(own, "pools"),
        entries: rows(own, "subjectEntries").filter_map(entry).collect(),
        overrides: rows(own, "userOverrides").filter_map(restriction).collect(),
        members,
    })
}

const STRICTEST: (Privilege, Privacy) = (Privilege::ReadOnly, Privacy::ForcedPatientProvider);

fn entry(row: &Value) -> Option<Entry> {
    let provider = id(row, "provider").map(Target::Provider);
    Some(Entry {
        module: module(row, "module")?,
        target: provider.or_else(|| id(row, "pool").map(Target::Pool))?,
        excluded: row.get("excluded") == Some(&Value::Bool(true)),
        privilege: privilege(row),
        privacy: privacy(row),
    })
}

fn restriction(row: &Value) -> Option<Override> {
    Some(Override {
        user: id(row, "user")?,
        module: module(row, "module")?,
        privilege: privilege(row),
        privacy: privacy(row),
    })
}

fn module(value: &Value, part: &str) -> Option<Module> {
    value.get(part)?.as_str().and_then(Module::parse)
}

fn privilege(row: &Value) -> Option<Privilege> {
    let word = row.get("privilegeLevel")?.as_str()?;
    Some(Privilege::parse(word).unwrap_or(STRICTEST.0))
}

fn privacy(row: &Value) -> Option<Privacy> {
    let word = row.get("privacyLevel")?.as_str()?;
    Some(Privacy::parse(word).unwrap_or(STRICTEST.1))
}

/// The pool in the document of the record `id`.
pub fn pool(id: Id, document: &Map<String, Value>) -> Pool {
    let intersect = document.get("accessMode").is_some_and(|mode| mode == "intersect");
    Pool {
        id,
        providers: ids(document, "providers"),
        mode: if intersect { PoolMode::Intersect } else { PoolMode::All },
    }
}

/// The modules of a list of words, such as `availableModules`.
pub fn modules(document: &Map<String, Value>, name: &str) -> BTreeSet<Module> {
    rows(document, name).filter_map(|one| one.as_str().and_then(Module::parse)).collect()
}
