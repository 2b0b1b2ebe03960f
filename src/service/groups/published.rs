//! Access groups that an administrator published to a connection.

use serde_json::Map;
use serde_json::Value;

use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::scim::patch::Act;
use crate::scim::patch::Operation;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::wire::access_group::EXTENSION;

/// What a connection replaces of a group that is published to it: the members. The rest of its
/// body is not its to say, and what it says of it is passed over like anything read-only; another
/// name would be a group of its own, and is refused.
pub fn fillable(
    work: Work<'_>,
    record: &Record,
    current: &Map<String, Value>,
    body: Value,
) -> Result<Value, Error> {
    let head = record.head;
    let ours = head.kind == Kind::GROUP && head.partition.connection == 0;
    let Value::Object(given) = body else { return Ok(body) };
    if !ours || work.caller.connection().is_none() {
        return Ok(Value::Object(given));
    }
    let mut kept = current.clone();
    for (name, value) in given {
        if name.eq_ignore_ascii_case("members") {
            kept.insert("members".into(), value);
        } else if name.eq_ignore_ascii_case("displayName")
            && current.get("displayName") != Some(&value)
        {
            let said = "This group is published to the connection: only an administrator renames \
                        it.";
            return Err(Error::new(ErrorKind::Denied, said));
        } else if name.eq_ignore_ascii_case("id") {
            kept.insert("id".into(), value);
        }
    }
    Ok(Value::Object(kept))
}

/// Refuses operations of a connection on anything but the members of a group that is published
/// to it, before they are tried: what a filter finds there is not the connection's to learn. Its
/// name and identifier may be repeated, as clients do.
pub fn only_filled(work: Work<'_>, record: &Record, operations: &[Operation]) -> Result<(), Error> {
    let head = record.head;
    let ours = head.kind == Kind::GROUP && head.partition.connection == 0;
    if !ours || work.caller.connection().is_none() {
        return Ok(());
    }
    let may = |urn: Option<&str>, name: &str| {
        let outside = urn.is_some_and(|urn| urn.eq_ignore_ascii_case(EXTENSION));
        let known = ["members", "displayName", "id", "schemas"];
        !outside && known.iter().any(|one| one.eq_ignore_ascii_case(name))
    };
    let fits = |operation: &Operation| match (&operation.path, &operation.act) {
        (Some(path), _) => may(path.attribute.urn.as_deref(), &path.attribute.name),
        (None, Act::Add(Value::Object(all)) | Act::Replace(Value::Object(all))) => {
            all.keys().all(|name| may(None, name))
        }
        (None, _) => true,
    };
    if operations.iter().all(fits) {
        return Ok(());
    }
    let said = "This group is published to the connection: it takes `members` from it, and \
                nothing else.";
    Err(Error::new(ErrorKind::Denied, said))
}

/// Whether a request about a group may change to whom it is published: what connections see is
/// then read anew.
pub fn touches(document: &Value) -> bool {
    let speaks = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("publishedto") || text.contains("wardgate:2.0:group")
    };
    match document {
        Value::String(text) => speaks(text),
        Value::Array(all) => all.iter().any(touches),
        Value::Object(all) => all.iter().any(|(name, value)| speaks(name) || touches(value)),
        _ => false,
    }
}
