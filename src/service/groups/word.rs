//! The words of an access group: codes and texts of closed lists, read into codes.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::groups::refusal;
use crate::service::wire::access_group;
use crate::service::wire::access_group::EXTENSION;
use crate::service::wire::model::Model;

/// Refuses what the caller may not write of a group, and brings its words into form: codes, with
/// their text beside them where there is a place for it.
pub fn words(
    work: Work<'_>,
    (model, home): (&Model, Partition),
    old: Option<&Map<String, Value>>,
    document: &mut Map<String, Value>,
) -> Result<(), Error> {
    if model.kind != Kind::GROUP {
        return Ok(());
    }
    form(work, home, old, document)?;
    if work.caller.connection().is_some() && home.connection == 0 && old != Some(&*document) {
        let said = "This group is published to the connection: it takes members from it, and \
                    nothing else.";
        return Err(Error::new(ErrorKind::Denied, said));
    }
    Ok(())
}

fn form(
    work: Work<'_>,
    home: Partition,
    old: Option<&Map<String, Value>>,
    document: &mut Map<String, Value>,
) -> Result<(), Error> {
    kind(old, document)?;
    if document.get(EXTENSION).is_none() {
        return Ok(());
    }
    if !access_group::is_access(document) {
        return directory(document);
    }
    if home.connection != 0 {
        let said = "Access groups are made by administrators. Push a directory group, and ask for \
                    a mapping rule.";
        return Err(Error::new(ErrorKind::Denied, said));
    }
    let snapshot = work.ports.registry.snapshot();
    let own = snapshot.organization(home.organization);
    let Some(extension) = document.get_mut(EXTENSION).and_then(Value::as_object_mut) else {
        return Ok(());
    };
    if let Some(own) = own {
        extension.entry("healthCentre").or_insert_with(|| json!({"value": own.to_string()}));
    }
    published(extension, |id| {
        let mut all = snapshot.connections.values();
        all.any(|one| one.id == id && one.organization == home.organization)
    })?;
    levels(extension)
}

/// What a group is for never changes; without a word it is a directory group.
fn kind(old: Option<&Map<String, Value>>, document: &mut Map<String, Value>) -> Result<(), Error> {
    if let Some(extension) = document.get_mut(EXTENSION).and_then(Value::as_object_mut) {
        one_of(extension, "kind", &["directory", "access"])?;
        one_of(extension, "groupType", &["provider", "pool"])?;
    }
    let is_access = access_group::is_access(document);
    if old.is_some_and(|old| access_group::is_access(old) != is_access) {
        let said = "`kind` cannot be changed once the group is there. Make a new group.";
        return Err(Error::new(ErrorKind::Scim(ScimType::Mutability), said));
    }
    Ok(())
}

/// A directory group has nothing but its kind.
fn directory(document: &Map<String, Value>) -> Result<(), Error> {
    let own = access_group::extension(document);
    match own.and_then(|own| own.keys().find(|name| *name != "kind")) {
        None => Ok(()),
        Some(name) => Err(refusal(format!(
            "`{name}` is for access groups: send `kind` with the value access when the group is \
             made."
        ))),
    }
}

fn one_of(own: &mut Map<String, Value>, name: &str, known: &[&str]) -> Result<(), Error> {
    let Some(value) = own.get_mut(name) else { return Ok(()) };
    let text = value.as_str().unwrap_or_default();
    let word = known.iter().find(|word| word.eq_ignore_ascii_case(text));
    let said = || format!("`{name}` must be one of: {}.", known.join(", "));
    *value = json!(word.ok_or_else(|| refusal(said()))?);
    Ok(())
}

fn published(own: &Map<String, Value>, is_ours: impl Fn(Id) -> bool) -> Result<(), Error> {
    let each = access_group::rows(own, "publishedTo");
    let known = |one: &Value| access_group::id(one, "value").is_some_and(&is_ours);
    if each.into_iter().all(known) {
        return Ok(());
    }
    let said = "`publishedTo` names no connection of the health centre. Take the id that \
                `wardgate connection list` shows (LE8).";
    Err(refusal(said))
}

fn levels(own: &mut Map<String, Value>) -> Result<(), Error> {
    let module = |text: &str| Module::parse(text).map(|it| (it.value(), it.display()));
    let privilege = |text: &str| Privilege::parse(text).map(|it| (it.value(), it.display()));
    let privacy = |text: &str| Privacy::parse(text).map(|it| (it.value(), it.display()));
    let modules = Module::STORABLE.map(Module::value).join(", ");
    let privileges = Privilege::ALL.map(Privilege::value).join(", ");
    let privacies = Privacy::ALL.map(Privacy::value).join(", ");
    many(own, "modules", module, &modules)?;
    single(own, "privilegeLevel", privilege, &privileges)?;
    single(own, "privacyLevel", privacy, &privacies)?;
    for list in ["subjectEntries", "userOverrides"] {
        let rows = own.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for row in rows.filter_map(Value::as_object_mut) {
            if !row.contains_key("module") {
                return Err(refusal(format!("Each of `{list}` needs a `module`.")));
            }
            code(row, (list, "module"), module, &modules)?;
            code(row, (list, "privilegeLevel"), privilege, &privileges)?;
            code(row, (list, "privacyLevel"), privacy, &privacies)?;
        }
    }
    targets(own)
}

/// Code and text of the word that a text is read as.
type Read = fn(&str) -> Option<(&'static str, &'static str)>;

fn many(own: &mut Map<String, Value>, name: &str, read: Read, known: &str) -> Result<(), Error> {
    let Some(list) = own.get_mut(name).and_then(Value::as_array_mut) else { return Ok(()) };
    let mut seen = BTreeSet::new();
    let mut kept = Vec::with_capacity(list.len());
    for one in list.iter() {
        let text = one.get("value").and_then(Value::as_str).unwrap_or_default();
        let (value, display) = read(text).ok_or_else(|| unknown(name, known))?;
        if seen.insert(value) {
            kept.push(json!({"value": value, "display": display}));
        }
    }
    *list = kept;
    Ok(())
}

fn single(own: &mut Map<String, Value>, name: &str, read: Read, known: &str) -> Result<(), Error> {
    let text = own.get(name).and_then(|level| level.get("value")).and_then(Value::as_str);
    let word = text.and_then(read).ok_or_else(|| unknown(name, known))?;
    own.insert(name.into(), json!({"value": word.0, "display": word.1}));
    Ok(())
}

fn code(
    row: &mut Map<String, Value>,
    (list, name): (&str, &str),
    read: Read,
    known: &str,
) -> Result<(), Error> {
    let Some(value) = row.get_mut(name) else { return Ok(()) };
    let word = read(value.as_str().unwrap_or_default());
    *value = json!(word.ok_or_else(|| unknown(&format!("{list}.{name}"), known))?.0);
    Ok(())
}

fn unknown(name: &str, known: &str) -> Error {
    refusal(format!("`{name}` must be the code or the text of one of: {known}."))
}

/// Each row is about somebody, and about one.
fn targets(own: &Map<String, Value>) -> Result<(), Error> {
    let both = |row: &Value| row.get("provider").is_some() == row.get("pool").is_some();
    if access_group::rows(own, "subjectEntries").any(both) {
        return Err(refusal("Each of `subjectEntries` names either a `provider` or a `pool`."));
    }
    if access_group::rows(own, "userOverrides").any(|row| row.get("user").is_none()) {
        return Err(refusal("Each of `userOverrides` names a `user`."));
    }
    Ok(())
}
