//! Members: values of a relation, `{value, type, display?}`.

use std::collections::HashSet;

use serde_json::Map;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::resource::value;
use crate::scim::schema::Attribute;

/// What a member is when the client does not say (idp-clients.md 8A, 68).
const ASSUMED: &str = "User";

/// Brings the values of a relation into form; a member that is named twice counts once. `None`
/// for null only. There is no limit on how many: the request's own size bounds them.
///
/// `type` is what the client said, else what the `$ref` says, else `User`: a hint, while the
/// record that `value` names tells the truth.
pub fn members(
    attribute: &Attribute,
    given: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<Value>, Error> {
    let Some(given) = value::list(attribute, given, tolerance)? else { return Ok(None) };
    let mut seen = HashSet::with_capacity(given.len());
    let mut read = Vec::with_capacity(given.len());
    for one in given {
        let Some((id, member)) = member(attribute, one, tolerance)? else { continue };
        if seen.insert(id) {
            read.push(member);
        }
    }
    Ok(Some(Value::Array(read)))
}

fn member(
    attribute: &Attribute,
    given: Value,
    tolerance: &mut Tolerance,
) -> Result<Option<(String, Value)>, Error> {
    let given = match given {
        Value::Null => return Ok(None),
        Value::String(_) => {
            let example = format!("{}: text", attribute.name);
            let refusal = || value::wrong(attribute, "must hold objects");
            tolerance.forgive(Quirk::TextForComplex, example, refusal)?;
            Value::Object(Map::from_iter([("value".to_owned(), given)]))
        }
        other => other,
    };
    let Value::Object(mut given) = given else {
        return Err(value::wrong(attribute, "must hold objects"));
    };
    // Okta and Entra send the name under one of two keys; it is shown, never believed.
    let name = given.keys().find(|key| key.eq_ignore_ascii_case("displayName")).cloned();
    name.map(|name| given.remove(&name));
    let read = value::element(attribute, Value::Object(given), tolerance)?;
    let Some(Value::Object(mut read)) = read else {
        return Err(value::wrong(attribute, "has a member without `value`"));
    };
    let link = read.remove("$ref").and_then(|link| link.as_str().map(str::to_owned));
    let link = link.unwrap_or_default();
    let mut tail = link.trim_end_matches('/').rsplit('/');
    let (last, place) = (tail.next().unwrap_or_default(), tail.next().unwrap_or_default());
    let id = read.get("value").and_then(Value::as_str).unwrap_or(last).to_owned();
    if id.is_empty() {
        return Err(value::wrong(attribute, "has a member without `value`"));
    }
    let said = read.get("type").and_then(Value::as_str).filter(|said| !said.is_empty());
    let kind = said.map_or_else(|| kind_of(place), |said| spelled(attribute, said));
    let mut member = Map::new();
    member.insert("value".to_owned(), Value::String(id.clone()));
    member.insert("type".to_owned(), Value::String(kind));
    if let Some(display) = read.remove("display") {
        member.insert("display".to_owned(), display);
    }
    Ok(Some((id, Value::Object(member))))
}

/// `Groups` in front of the identifier of a `$ref` says that the member is a group.
fn kind_of(place: &str) -> String {
    if place == "Groups" { "Group".to_owned() } else { ASSUMED.to_owned() }
}

fn spelled(attribute: &Attribute, said: &str) -> String {
    let known = attribute.sub("type").map_or(&[][..], |sub| sub.canonical_values.as_slice());
    let known = known.iter().find(|word| word.eq_ignore_ascii_case(said));
    known.cloned().unwrap_or_else(|| said.to_owned())
}
