//! Many operations in one request (RFC 7644 §3.7), as far as they can be looked at without
//! running them.
//!
//! `Request::read` takes the body apart; `order` says in which order operations run and which
//! cannot; `reference` finds `bulkId:x` and puts real identifiers in its place once they are
//! known. Running them, through the same use cases as single requests, is for `service`.
//!
//! Invariants: what is wrong with one operation is an error of that operation alone; nothing
//! here recurses or takes more than linear time, since a chain may be as long as the request
//! (BLK-02).
//!
//! Circles are resolved where an identifier is enough, as for managers: the operations of a circle
//! run one after the other with identifiers that are promised beforehand. Where a resource must
//! be there before another refers to it, as the members of a group must, they are answered 409.
//!
//! Rejected: resolving circles by creating first and patching later (a resource would be seen
//! without what it must have).

mod circles;
mod order;
mod reference;

use std::collections::HashSet;

pub use order::Blocked;
pub use order::Turn;
pub use order::plan;
pub use reference::Unresolved;
pub use reference::references;
pub use reference::resolve;

use serde_json::Map;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;

/// The most operations of a request; more are answered 413 before any runs (BLK-21).
pub const MOST_OPERATIONS: usize = 1_000;
/// The largest request, in bytes; more is answered 413 before any runs (BLK-22).
pub const LARGEST: usize = 1_048_576;
/// The URN of a bulk request.
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The URN of a bulk response.
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// What stands in front of the bulkId in a reference.
const REFERENCE: &str = "bulkId:";

/// A bulk request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Ends after this many errors; `None` goes on whatever happens.
    pub fail_on_errors: Option<u64>,
    /// The operations in the order of the request. One that cannot be understood is an error of
    /// its own and does not end the others.
    pub operations: Vec<Result<Operation, Refused>>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Edits.
    Patch,
    /// Removes.
    Delete,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What it does.
    pub method: Method,
    /// Where, without slash: `Users`. Not yet looked up.
    pub endpoint: String,
    /// To which resource; `None` for a POST.
    pub target: Option<Target>,
    /// By what name others refer to its resource; every POST has one.
    pub bulk_id: Option<String>,
    /// The version that the resource must have.
    pub version: Option<String>,
    /// The body; null for a DELETE.
    pub data: Value,
}

/// Which resource an operation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// This one.
    Id(String),
    /// The one that the operation with this bulkId makes.
    BulkId(String),
}

/// An operation that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What it was to do, if that much is clear.
    pub method: Option<Method>,
    /// Its name, to be returned with the error.
    pub bulk_id: Option<String>,
    /// What is wrong.
    pub error: Error,
}

impl Method {
    /// The method on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn read(word: &str) -> Option<Self> {
        let all = [Self::Post, Self::Put, Self::Patch, Self::Delete];
        all.into_iter().find(|method| method.word().eq_ignore_ascii_case(word))
    }
}

impl Request {
    /// Reads a request. Only what concerns it as a whole is an error here; the number of
    /// operations is for the caller to compare with [`MOST_OPERATIONS`].
    pub fn read(body: Value, tolerance: &mut Tolerance) -> Result<Self, Error> {
        let Value::Object(mut body) = body else {
            return Err(broken("The body must be a JSON object: a BulkRequest."));
        };
        let is_ours =
            |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(BULK_REQUEST));
        let schemas = taken(&mut body, "schemas").unwrap_or_default();
        if !schemas.as_array().is_some_and(|urns| urns.iter().any(is_ours)) {
            let refusal = || broken("`schemas` must name the BulkRequest message.");
            tolerance.forgive(Quirk::SchemasList, "schemas: no BulkRequest", refusal)?;
        }
        let fail_on_errors = match taken(&mut body, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(number) => Some(number.as_u64().filter(|count| *count > 0).ok_or_else(|| {
                Error::new(ScimType::InvalidValue, "`failOnErrors` must be a whole number from 1.")
            })?),
        };
        let list = match taken(&mut body, "Operations") {
            Some(Value::Array(list)) if !list.is_empty() => list,
            _ => return Err(broken("`Operations` must be an array that is not empty.")),
        };
        let mut operations: Vec<_> = list.into_iter().map(operation).collect();
        refuse_twins(&mut operations);
        Ok(Self { fail_on_errors, operations })
    }
}

/// A bulkId names one operation (BLK-19); the first to have it keeps it.
fn refuse_twins(operations: &mut [Result<Operation, Refused>]) {
    let mut seen = HashSet::new();
    for slot in operations {
        let Some(bulk_id) = bulk_id(slot).map(str::to_owned) else { continue };
        if seen.insert(bulk_id.clone()) {
            continue;
        }
        let method = slot.as_ref().map_or_else(|refused| refused.method, |it| Some(it.method));
        let error = invalid("`bulkId` is the name of another operation.");
        *slot = Err(Refused { method, bulk_id: Some(bulk_id), error });
    }
}

fn bulk_id(operation: &Result<Operation, Refused>) -> Option<&str> {
    match operation {
        Ok(operation) => operation.bulk_id.as_deref(),
        Err(refused) => refused.bulk_id.as_deref(),
    }
}

fn operation(given: Value) -> Result<Operation, Refused> {
    let Value::Object(mut given) = given else {
        let error = broken("An operation must be a JSON object.");
        return Err(Refused { method: None, bulk_id: None, error });
    };
    let method = taken(&mut given, "method").and_then(|word| word.as_str().and_then(Method::read));
    let bulk_id = match taken(&mut given, "bulkId") {
        Some(Value::String(name)) if !name.is_empty() => Some(name),
        _ => None,
    };
    let refused = |error| Refused { method, bulk_id: bulk_id.clone(), error };
    let Some(verb) = method else {
        return Err(refused(invalid("`method` must be POST, PUT, PATCH or DELETE.")));
    };
    if verb == Method::Post && bulk_id.is_none() {
        return Err(refused(invalid("`bulkId` is required for POST.")));
    }
    let path = taken(&mut given, "path").unwrap_or_default();
    let (endpoint, target) = place(verb, path.as_str().unwrap_or_default()).map_err(refused)?;
    let version = match taken(&mut given, "version") {
        None | Some(Value::Null) => None,
        Some(Value::String(version)) => Some(version),
        Some(_) => return Err(refused(invalid("`version` must be a text."))),
    };
    let data = taken(&mut given, "data").unwrap_or_default();
    if verb != Method::Delete && !data.is_object() {
        return Err(refused(invalid("`data` must be an object, for all but DELETE.")));
    }
    let data = if verb == Method::Delete { Value::Null } else { data };
    Ok(Operation { method: verb, endpoint, target, bulk_id, version, data })
}

/// Splits `/Users` or `/Users/{id}`. Anything that a URL would treat in a special way is refused.
fn place(method: Method, path: &str) -> Result<(String, Option<Target>), Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~:".contains(&byte);
    let is_word = |word: &&str| !matches!(*word, "" | "." | "..") && word.bytes().all(plain);
    let mut words = path.strip_prefix('/').unwrap_or(path).split('/');
    let endpoint = words.next().filter(is_word);
    let target = words.next();
    let fits = (method == Method::Post) == target.is_none();
    let Some(endpoint) = endpoint.filter(|_| fits && words.next().is_none()) else {
        return Err(invalid("`path` must be /Endpoint for POST, and /Endpoint/id for the rest."));
    };
    let target = match target {
        None => None,
        Some(word) if !is_word(&word) => return Err(invalid("`path` must end in an id.")),
        Some(word) => Some(match word.strip_prefix(REFERENCE) {
            Some(name) => Target::BulkId(name.to_owned()),
            None => Target::Id(word.to_owned()),
        }),
    };
    Ok((endpoint.to_owned(), target))
}

/// Takes a member out, whatever its letter case.
fn taken(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    object.remove(&key)
}

fn broken(detail: &str) -> Error {
    Error::new(ScimType::InvalidSyntax, detail)
}

fn invalid(detail: &str) -> Error {
    Error::new(ScimType::InvalidValue, detail)
}

#[cfg(test)]
mod tests;
