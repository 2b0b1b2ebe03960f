//! Many operations in one request (RFC 7644 §3.7): read, put in order, references resolved.

use std::collections::HashMap;
use std::collections::HashSet;

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

/// An operation's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which operation, by its place in the request.
    pub index: usize,
    /// Why it cannot run, if it cannot.
    pub blocked: Option<Blocked>,
}

/// Why the references of an operation cannot be resolved (RFC 7644 §3.7.1: 409).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// No operation has the bulkId that it refers to.
    Unknown,
    /// It refers to itself, be it through others.
    Circular,
    /// It refers to an operation that cannot run.
    Dependent,
}

/// The order in which operations run: that of the request, save that what an operation refers to
/// comes before it. Every operation has its turn exactly once, refused and blocked ones too, so
/// that errors can be counted. Takes time in proportion to operations and references.
pub fn plan(request: &Request) -> Vec<Step> {
    let mut makers = HashMap::new();
    for (index, operation) in request.operations.iter().enumerate() {
        if let Some(name) = bulk_id(operation) {
            makers.entry(name).or_insert(index);
        }
    }
    let nodes = request.operations.iter().map(|operation| Node::new(operation, &makers));
    let mut walk = Walk { nodes: nodes.collect(), open: Vec::new(), steps: Vec::new() };
    for root in 0..request.operations.len() {
        walk.from(root);
    }
    walk.steps
}

/// An operation in the walk over references.
struct Node {
    needs: Vec<usize>,
    /// How many of `needs` were looked at.
    looked: usize,
    /// The place on the path from the root, while it is open.
    depth: Option<usize>,
    /// The shallowest place that a reference from here or below leads back to.
    back: usize,
    done: bool,
    refused: bool,
    blocked: Option<Blocked>,
}

impl Node {
    fn new(operation: &Result<Operation, Refused>, makers: &HashMap<&str, usize>) -> Self {
        let names = operation.as_ref().map(references).unwrap_or_default();
        let needs: Vec<usize> = names.iter().filter_map(|name| makers.get(name).copied()).collect();
        let blocked = (needs.len() < names.len()).then_some(Blocked::Unknown);
        let refused = operation.is_err();
        Self { needs, looked: 0, depth: None, back: usize::MAX, done: false, refused, blocked }
    }
}

/// A walk in depth, on a stack of its own: a chain may be as long as the request.
struct Walk {
    nodes: Vec<Node>,
    open: Vec<usize>,
    steps: Vec<Step>,
}

impl Walk {
    fn from(&mut self, root: usize) {
        self.enter(root);
        while let Some(&top) = self.open.last() {
            let next = self.nodes.get_mut(top).and_then(|node| {
                let next = node.needs.get(node.looked).copied();
                node.looked = node.looked.saturating_add(1);
                next
            });
            match next {
                Some(next) => self.look(top, next),
                None => self.leave(top),
            }
        }
    }

    fn enter(&mut self, index: usize) {
        if let Some(node) = self.nodes.get_mut(index).filter(|node| !node.done) {
            node.depth = Some(self.open.len());
            self.open.push(index);
        }
    }

    /// Follows the reference from `top` to `next`.
    fn look(&mut self, top: usize, next: usize) {
        let Some(target) = self.nodes.get(next) else { return };
        let (depth, done) = (target.depth, target.done);
        let fails = done && (target.refused || target.blocked.is_some());
        if !done && depth.is_none() {
            self.enter(next);
        } else if let Some(node) = self.nodes.get_mut(top) {
            if let Some(depth) = depth.filter(|_| !done) {
                node.back = node.back.min(depth);
            }
            if fails {
                node.blocked = node.blocked.or(Some(Blocked::Dependent));
            }
        }
    }

    fn leave(&mut self, top: usize) {
        self.open.pop();
        let Some(node) = self.nodes.get_mut(top) else { return };
        let depth = node.depth.take().unwrap_or_default();
        if node.back <= depth {
            node.blocked = Some(Blocked::Circular);
        }
        node.done = true;
        let (back, fails) = (node.back, node.refused || node.blocked.is_some());
        self.steps.push(Step { index: top, blocked: node.blocked });
        let parent = self.open.last().and_then(|parent| self.nodes.get_mut(*parent));
        if let Some(parent) = parent {
            if back < depth {
                parent.back = parent.back.min(back);
            }
            if fails {
                parent.blocked = parent.blocked.or(Some(Blocked::Dependent));
            }
        }
    }
}

/// The bulkIds that an operation refers to, in its path and anywhere in its data.
pub fn references(operation: &Operation) -> Vec<&str> {
    let mut found = Vec::new();
    if let Some(Target::BulkId(name)) = &operation.target {
        found.push(name.as_str());
    }
    let mut rest = vec![&operation.data];
    while let Some(value) = rest.pop() {
        match value {
            Value::String(text) => found.extend(reference(text).map(|(_, name)| name)),
            Value::Array(list) => rest.extend(list),
            Value::Object(object) => rest.extend(object.values()),
            _ => {}
        }
    }
    found
}

/// A reference was left that `ids` does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bulkId in the operation is not the name of an operation that succeeded")]
pub struct Unresolved;

/// Puts real identifiers in place of all references of an operation.
pub fn resolve(operation: &mut Operation, ids: &HashMap<String, String>) -> Result<(), Unresolved> {
    if let Some(Target::BulkId(name)) = &operation.target {
        operation.target = Some(Target::Id(ids.get(name).ok_or(Unresolved)?.clone()));
    }
    let mut rest = vec![&mut operation.data];
    while let Some(value) = rest.pop() {
        match value {
            Value::String(text) => {
                let resolved = match reference(text) {
                    None => continue,
                    Some((before, name)) => {
                        format!("{before}{}", ids.get(name).ok_or(Unresolved)?)
                    }
                };
                *text = resolved;
            }
            Value::Array(list) => rest.extend(list),
            Value::Object(object) => rest.extend(object.values_mut()),
            _ => {}
        }
    }
    Ok(())
}

/// Splits `bulkId:x`, also at the end of a URI (`$ref`), into what precedes it and the name.
fn reference(text: &str) -> Option<(&str, &str)> {
    let start = if text.starts_with(REFERENCE) { 0 } else { text.rfind('/')?.saturating_add(1) };
    let (before, last) = text.split_at_checked(start)?;
    Some((before, last.strip_prefix(REFERENCE).filter(|name| !name.is_empty())?))
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
mod tests {
    use super::*;
    use serde_json::json;

    fn read(operations: Value) -> Request {
        let body = json!({"schemas": [BULK_REQUEST], "Operations": operations});
        Request::read(body, &mut Tolerance::strict()).unwrap()
    }

    fn group(name: &str, members: &[&str]) -> Value {
        let members: Vec<Value> =
            members.iter().map(|of| json!({"value": format!("bulkId:{of}")})).collect();
        json!({"method": "POST", "path": "/Groups", "bulkId": name,
            "data": {"displayName": name, "members": members}})
    }

    fn order(request: &Request) -> Vec<(usize, Option<Blocked>)> {
        plan(request).iter().map(|step| (step.index, step.blocked)).collect()
    }

    #[test]
    fn rfc_blk02_all_methods_are_read() {
        let request = read(json!([
            {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "mara"}},
            {"method": "put", "path": "/Users/7", "data": {}, "version": "W/\"3\""},
            {"method": "Patch", "path": "Users/bulkId:u", "data": {"Operations": []}},
            {"method": "DELETE", "path": "/Groups/9", "data": null},
        ]));
        let of = |turn: usize| request.operations[turn].clone().unwrap();
        assert_eq!((of(0).method, of(0).endpoint.as_str()), (Method::Post, "Users"));
        assert_eq!((of(0).target, of(0).bulk_id.as_deref()), (None, Some("u")));
        assert_eq!(of(1).target, Some(Target::Id("7".into())));
        assert_eq!(of(1).version.as_deref(), Some("W/\"3\""));
        assert_eq!(of(2).target, Some(Target::BulkId("u".into())));
        assert_eq!((of(3).method, of(3).data), (Method::Delete, Value::Null));
    }

    #[test]
    fn rfc_blk18_blk20_blk26_what_lacks_a_piece_is_an_error_of_its_own() {
        for bad in [
            json!({"method": "POST", "path": "/Users", "data": {}}),
            json!({"method": "POST", "path": "/Users", "bulkId": "", "data": {}}),
            json!({"method": "POST", "path": "/Users", "bulkId": "a"}),
            json!({"method": "POST", "path": "/Users/1", "bulkId": "a", "data": {}}),
            json!({"method": "PUT", "path": "/Users/1"}),
            json!({"method": "PATCH", "path": "/Users", "data": {}}),
            json!({"method": "DELETE", "path": "/Users"}),
            json!({"method": "DELETE"}),
            json!({"path": "/Users/1"}),
            json!({"method": "GET", "path": "/Users/1"}),
            json!({"method": "TRACE", "path": "/Users/1"}),
            json!({"method": "PUT", "path": "/Users/1", "data": {}, "version": 3}),
            json!("DELETE"),
        ] {
            let good = json!({"method": "DELETE", "path": "/Users/1"});
            let request = read(json!([bad, good]));
            assert!(request.operations[0].is_err(), "{:?}", request.operations[0]);
            assert!(request.operations[1].is_ok());
        }
    }

    #[test]
    fn blk03_paths_are_two_plain_words() {
        for path in [
            "/Users/../Groups/x",
            "/Users/..",
            "//Users/1",
            "/Users/1/2",
            "/Users/1?a=b",
            "/Users/",
            "https://gw.example/scim/v2/Users/1",
            "/Users/%2e",
            "/Users/a b",
            "/",
            "",
            "/./1",
        ] {
            let request = read(json!([{"method": "DELETE", "path": path}]));
            let refused = request.operations[0].clone().unwrap_err();
            assert_eq!(
                (refused.method, refused.error.kind),
                (Some(Method::Delete), ScimType::InvalidValue),
                "{path}"
            );
        }
    }

    #[test]
    fn rfc_blk19_a_bulk_id_is_given_once() {
        let request = read(json!([group("a", &[]), group("a", &[]), group("b", &["a"])]));
        assert!(request.operations[0].is_ok());
        let refused = request.operations[1].clone().unwrap_err();
        assert_eq!(refused.bulk_id.as_deref(), Some("a"));
        assert_eq!(order(&request), [(0, None), (1, None), (2, None)]);
    }

    #[test]
    fn rfc_blk24_a_malformed_request_is_refused_whole() {
        let strict = |body| Request::read(body, &mut Tolerance::strict()).unwrap_err().kind;
        let one = json!([{"method": "DELETE", "path": "/Users/1"}]);
        assert_eq!(strict(json!([])), ScimType::InvalidSyntax);
        assert_eq!(strict(json!({"schemas": [BULK_REQUEST]})), ScimType::InvalidSyntax);
        assert_eq!(strict(json!({"Operations": one})), ScimType::InvalidSyntax);
        let empty = json!({"schemas": [BULK_REQUEST], "Operations": []});
        assert_eq!(strict(empty), ScimType::InvalidSyntax);
        for bad in [json!(0), json!(-1), json!("1"), json!(1.5)] {
            let body = json!({"schemas": [BULK_REQUEST], "Operations": one, "failOnErrors": bad});
            assert_eq!(strict(body), ScimType::InvalidValue);
        }
        let mut lenient = Tolerance::lenient();
        let body = json!({"operations": one, "failOnErrors": 2});
        assert_eq!(Request::read(body, &mut lenient).unwrap().fail_on_errors, Some(2));
        assert_eq!(lenient.take_seen()[0].quirk, Quirk::SchemasList);
    }

    #[test]
    fn rfc_blk12_what_is_referred_to_comes_first_and_else_the_order_stays() {
        let request = read(json!([
            group("g", &["h", "u"]),
            {"method": "DELETE", "path": "/Users/1"},
            group("h", &[]),
            {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "mara"}},
        ]));
        let indices: Vec<usize> = plan(&request).iter().map(|step| step.index).collect();
        let at = |index| indices.iter().position(|one| *one == index).unwrap();
        assert!(at(2) < at(0) && at(3) < at(0) && at(0) < at(1));
        assert!(plan(&request).iter().all(|step| step.blocked.is_none()));
    }

    #[test]
    fn rfc_blk11_blk15_circles_and_unknown_names_are_blocked_alone() {
        let request = read(json!([
            group("a", &["b"]),
            group("b", &["a"]),
            group("self", &["self"]),
            group("c", &["a"]),
            group("none", &["nobody"]),
            group("d", &["none"]),
            group("fine", &[]),
        ]));
        let mut steps = order(&request);
        steps.sort_unstable_by_key(|step| step.0);
        let blocked: Vec<Option<Blocked>> = steps.into_iter().map(|step| step.1).collect();
        assert_eq!(
            blocked,
            [
                Some(Blocked::Circular),
                Some(Blocked::Circular),
                Some(Blocked::Circular),
                Some(Blocked::Dependent),
                Some(Blocked::Unknown),
                Some(Blocked::Dependent),
                None,
            ]
        );
    }

    #[test]
    fn blk02_a_chain_as_long_as_the_request_is_followed_both_ways() {
        for forward in [true, false] {
            let name = |turn: usize| format!("g{turn}");
            let chain: Vec<Value> = (0..MOST_OPERATIONS)
                .map(|turn| {
                    let next = if forward { turn.checked_add(1) } else { turn.checked_sub(1) };
                    let next = next.filter(|next| *next < MOST_OPERATIONS).map(name);
                    group(&name(turn), &next.iter().map(String::as_str).collect::<Vec<_>>())
                })
                .collect();
            let steps = order(&read(Value::Array(chain)));
            assert_eq!(steps.len(), MOST_OPERATIONS);
            let first = if forward { MOST_OPERATIONS - 1 } else { 0 };
            assert_eq!(steps[0], (first, None));
            assert!(steps.iter().all(|step| step.1.is_none()));
        }
    }

    #[test]
    fn rfc_blk09_blk10_blk14_references_are_found_and_replaced_anywhere() {
        let request = read(json!([{
            "method": "PATCH", "path": "/Groups/bulkId:g",
            "data": {"Operations": [{"op": "add", "path": "members", "value": [
                {"value": "bulkId:u", "$ref": "../Users/bulkId:u"},
                {"value": "plain", "display": "a bulkId:u inside"}]}],
                "urn:x": {"manager": {"value": "bulkId:m"}}}
        }]));
        let mut operation = request.operations[0].clone().unwrap();
        let mut names = references(&operation);
        names.sort_unstable();
        assert_eq!(names, ["g", "m", "u", "u"]);
        let mut ids = HashMap::from([("g", "1"), ("u", "2")].map(|(k, v)| (k.into(), v.into())));
        assert_eq!(resolve(&mut operation.clone(), &ids), Err(Unresolved));
        ids.insert("m".into(), "3".into());
        assert_eq!(resolve(&mut operation, &ids), Ok(()));
        assert_eq!(operation.target, Some(Target::Id("1".into())));
        assert_eq!(operation.data["urn:x"]["manager"]["value"], "3");
        let members = &operation.data["Operations"][0]["value"];
        assert_eq!(members[0], json!({"value": "2", "$ref": "../Users/2"}));
        assert_eq!(members[1]["display"], "a bulkId:u inside");
        assert!(references(&operation).is_empty());
    }
}
