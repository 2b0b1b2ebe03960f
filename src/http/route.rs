//! The one table of routes: what can be knocked at, by whom, and how much may be carried in.
//!
//! A path is decoded once and matched once; the check of the credential and the dispatch use
//! the same match (HTP-04). A row cannot be written without saying who may knock and how large
//! the body may be, and whatever is not in the table asks for a credential before it is told
//! that there is nothing (AUT-01).

use std::borrow::Cow;
use std::sync::Arc;

use hyper::Method;

use crate::http::limits;
use crate::scim::schema::Catalogue;
use crate::scim::schema::ResourceType;

/// The methods that rows can have. `HEAD` is answered wherever `GET` is, `OPTIONS` everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Read.
    Get,
    /// Create, search, bulk.
    Post,
    /// Replace.
    Put,
    /// Modify.
    Patch,
    /// Remove.
    Delete,
}

/// Who may knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone: liveness, readiness and the configuration (DSC-08).
    Public,
    /// Whoever shows a live credential.
    Credential,
}

/// How much may be carried in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carry {
    /// The body, if any, is not read.
    Nothing,
    /// One resource, one patch or one search.
    Document,
    /// A bulk request.
    Bulk,
}

/// What a path begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// The root of the server.
    Server,
    /// `/scim/v2`.
    Scim,
}

/// One segment of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Exactly this word, in this letter case.
    Word(&'static str),
    /// The endpoint of a resource type of the catalogue.
    Type,
    /// Anything that is one name: an id, a URN.
    Name,
}

/// What answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `/healthz`
    Alive,
    /// `/readyz`
    Ready,
    /// `/ServiceProviderConfig`
    Configuration,
    /// `/Schemas`
    Schemas,
    /// `/Schemas/{urn}`
    Schema,
    /// `/ResourceTypes`
    ResourceTypes,
    /// `/ResourceTypes/{name}`
    ResourceType,
    /// A page of one type, or of all types at the root.
    List,
    /// The same question as a body.
    Search,
    /// One resource.
    Read,
    /// A new resource.
    Create,
    /// A resource as it is to be.
    Replace,
    /// Edits of a resource.
    Modify,
    /// The end of a resource.
    Remove,
    /// Many operations.
    Bulk,
    /// `/Me`, which we do not have (RFC 7644 §3.11).
    Me,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// For logs and metrics; never contains what a caller sent.
    pub name: &'static str,
    /// The method.
    pub verb: Verb,
    /// Where the pattern begins.
    pub under: Under,
    /// The segments.
    pub pattern: &'static [Part],
    /// Who may knock.
    pub access: Access,
    /// How much may be carried in.
    pub carry: Carry,
    /// What answers.
    pub target: Target,
}

impl Carry {
    /// The limit in bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Document => limits::LARGEST_BODY,
            Self::Bulk => limits::LARGEST_BULK,
        }
    }
}

const CONFIGURATION: &[Part] = &[Part::Word("ServiceProviderConfig")];
const SCHEMAS: &[Part] = &[Part::Word("Schemas")];
const SCHEMA: &[Part] = &[Part::Word("Schemas"), Part::Name];
const TYPES: &[Part] = &[Part::Word("ResourceTypes")];
const TYPE: &[Part] = &[Part::Word("ResourceTypes"), Part::Name];
const SEARCH: &[Part] = &[Part::Word(".search")];
const BULK: &[Part] = &[Part::Word("Bulk")];
const ME: &[Part] = &[Part::Word("Me")];
const ALL: &[Part] = &[];
const MANY: &[Part] = &[Part::Type];
const MANY_SEARCH: &[Part] = &[Part::Type, Part::Word(".search")];
const ONE: &[Part] = &[Part::Type, Part::Name];

/// The table.
pub const ROUTES: &[Route] = &[
    credential("GET /{type}/{id}", Verb::Get, ONE, Carry::Nothing, Target::Read),
    credential("PATCH /{type}/{id}", Verb::Patch, ONE, Carry::Document, Target::Modify),
    credential("PUT /{type}/{id}", Verb::Put, ONE, Carry::Document, Target::Replace),
    credential("DELETE /{type}/{id}", Verb::Delete, ONE, Carry::Nothing, Target::Remove),
    credential("GET /{type}", Verb::Get, MANY, Carry::Nothing, Target::List),
    credential("POST /{type}", Verb::Post, MANY, Carry::Document, Target::Create),
    credential("POST /{type}/.search", Verb::Post, MANY_SEARCH, Carry::Document, Target::Search),
    credential("GET /", Verb::Get, ALL, Carry::Nothing, Target::List),
    credential("POST /.search", Verb::Post, SEARCH, Carry::Document, Target::Search),
    credential("POST /Bulk", Verb::Post, BULK, Carry::Bulk, Target::Bulk),
    Route {
        name: "GET /ServiceProviderConfig",
        verb: Verb::Get,
        under: Under::Scim,
        pattern: CONFIGURATION,
        access: Access::Public,
        carry: Carry::Nothing,
        target: Target::Configuration,
    },
    credential("GET /Schemas", Verb::Get, SCHEMAS, Carry::Nothing, Target::Schemas),
    credential("GET /Schemas/{urn}", Verb::Get, SCHEMA, Carry::Nothing, Target::Schema),
    credential("GET /ResourceTypes", Verb::Get, TYPES, Carry::Nothing, Target::ResourceTypes),
    credential("GET /ResourceTypes/{name}", Verb::Get, TYPE, Carry::Nothing, Target::ResourceType),
    credential("GET /Me", Verb::Get, ME, Carry::Nothing, Target::Me),
    credential("POST /Me", Verb::Post, ME, Carry::Nothing, Target::Me),
    credential("PUT /Me", Verb::Put, ME, Carry::Nothing, Target::Me),
    credential("PATCH /Me", Verb::Patch, ME, Carry::Nothing, Target::Me),
    credential("DELETE /Me", Verb::Delete, ME, Carry::Nothing, Target::Me),
    health("GET /healthz", &[Part::Word("healthz")], Target::Alive),
    health("GET /readyz", &[Part::Word("readyz")], Target::Ready),
];

/// The rows, for tests that try each of them (AUT-01).
pub fn all() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter()
}

const fn credential(
    name: &'static str,
    verb: Verb,
    pattern: &'static [Part],
    carry: Carry,
    target: Target,
) -> Route {
    let (under, access) = (Under::Scim, Access::Credential);
    Route { name, verb, under, pattern, access, carry, target }
}

const fn health(name: &'static str, pattern: &'static [Part], target: Target) -> Route {
    let (under, access, carry) = (Under::Server, Access::Public, Carry::Nothing);
    Route { name, verb: Verb::Get, under, pattern, access, carry, target }
}

/// A row that fits, with what the path said.
#[derive(Clone, Debug)]
pub struct Matched<'a> {
    /// The place of the row in [`ROUTES`].
    pub row: usize,
    /// The row.
    pub route: &'static Route,
    /// The resource type, where the pattern has one.
    pub kind: Option<&'a Arc<ResourceType>>,
    /// The last name, where the pattern has one.
    pub name: Option<Cow<'a, str>>,
}

/// What a method and a path lead to.
#[derive(Clone, Debug)]
pub enum Sought<'a> {
    /// A row.
    Found(Matched<'a>),
    /// The path exists; the method asks what it allows.
    Asked(Verbs, Access),
    /// The path exists, with these methods only.
    Unfit(Verbs),
    /// `/scim/v9/...`: a version of the protocol that is not served (VER-02).
    Version,
    /// Nothing.
    Nothing,
}

/// A set of methods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verbs(u8);

impl Verb {
    const fn bit(self) -> u8 {
        1 << self as u8
    }

    fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET | Method::HEAD => Some(Self::Get),
            Method::POST => Some(Self::Post),
            Method::PUT => Some(Self::Put),
            Method::PATCH => Some(Self::Patch),
            Method::DELETE => Some(Self::Delete),
            _ => None,
        }
    }
}

impl Verbs {
    /// As the `Allow` header wants it (RFC 9110 §10.2.1).
    pub fn allow(self) -> String {
        let words = [
            (Verb::Get, "GET, HEAD"),
            (Verb::Post, "POST"),
            (Verb::Put, "PUT"),
            (Verb::Patch, "PATCH"),
            (Verb::Delete, "DELETE"),
        ];
        let mut text = String::new();
        for (verb, word) in words {
            if self.0 & verb.bit() != 0 {
                text.push_str(word);
                text.push_str(", ");
            }
        }
        text.push_str("OPTIONS");
        text
    }
}

/// Finds the row for `method` and the undecoded `path`.
pub fn seek<'a>(method: &Method, path: &'a str, catalogue: &'a Catalogue) -> Sought<'a> {
    let (under, rest) = match path.strip_prefix("/scim/v2") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => (Under::Scim, rest),
        _ if foreign_version(path) => return Sought::Version,
        _ => (Under::Server, path),
    };
    let Some(names) = Names::split(under, rest) else { return Sought::Nothing };
    let wanted = Verb::of(method);
    let mut verbs = Verbs::default();
    let mut access = Access::Credential;
    for (row, route) in ROUTES.iter().enumerate() {
        let Some(kind) = names.fit(under, route, catalogue) else { continue };
        if wanted == Some(route.verb) {
            let name = if route.pattern.contains(&Part::Name) { names.last() } else { None };
            return Sought::Found(Matched { row, route, kind, name });
        }
        verbs.0 |= route.verb.bit();
        access = route.access;
    }
    match (verbs.0, method == Method::OPTIONS) {
        (0, _) => Sought::Nothing,
        (_, true) => Sought::Asked(verbs, access),
        (_, false) => Sought::Unfit(verbs),
    }
}

/// Whether a path has one of the slashes that are forgiven: a second one straight after the base,
/// or one behind the last name (OneLogin, Keycloak: `/scim/v2//Users`, `/Users/?filter=`).
pub fn has_odd_slash(path: &str) -> bool {
    let rest = path.strip_prefix("/scim/v2").unwrap_or_default();
    rest.starts_with("//") || (rest.len() > 1 && rest.ends_with('/'))
}

/// The decoded segments of a path: none, one or two.
struct Names<'a> {
    first: Option<Cow<'a, str>>,
    second: Option<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    /// Splits and decodes, whether or not the slashes are odd ([`has_odd_slash`]).
    fn split(under: Under, path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix('/').unwrap_or(path);
        let rest = match under {
            Under::Scim => rest.strip_prefix('/').unwrap_or(rest),
            Under::Server => rest,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.is_empty() {
            return Some(Self { first: None, second: None });
        }
        let mut parts = rest.split('/');
        let first = decode(parts.next()?)?;
        let second = match parts.next() {
            Some(part) => Some(decode(part)?),
            None => None,
        };
        parts.next().is_none().then_some(Self { first: Some(first), second })
    }

    /// Whether `route` fits, and with which resource type.
    fn fit<'c>(
        &self,
        under: Under,
        route: &Route,
        catalogue: &'c Catalogue,
    ) -> Option<Option<&'c Arc<ResourceType>>> {
        let count = usize::from(self.first.is_some()) + usize::from(self.second.is_some());
        if route.under != under || route.pattern.len() != count {
            return None;
        }
        let mut kind = None;
        for (part, name) in route.pattern.iter().zip(self.first.iter().chain(&self.second)) {
            match part {
                Part::Word(word) if name == word => {}
                Part::Name if !name.starts_with('.') => {}
                Part::Type => kind = Some(resource_type(catalogue, name)?),
                Part::Word(_) | Part::Name => return None,
            }
        }
        Some(kind)
    }

    fn last(self) -> Option<Cow<'a, str>> {
        self.second.or(self.first)
    }
}

fn resource_type<'c>(catalogue: &'c Catalogue, name: &str) -> Option<&'c Arc<ResourceType>> {
    catalogue.types.iter().find(|kind| kind.endpoint.strip_prefix('/') == Some(name))
}

fn foreign_version(path: &str) -> bool {
    let rest = path.strip_prefix("/scim/v").and_then(|rest| rest.split('/').next());
    rest.is_some_and(|digits| {
        !digits.is_empty() && digits != "2" && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Undoes percent-encoding once. `None` for what no name of ours can hold: an empty segment, a
/// broken escape, bytes that are no UTF-8, a slash, a control character.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    // What nearly every name is made of, and none of it odd.
    if !segment.is_empty() && segment.bytes().all(is_plain) {
        return Some(Cow::Borrowed(segment));
    }
    let plain = if segment.contains('%') {
        Cow::Owned(String::from_utf8(crate::http::query::unescape(segment, false)?).ok()?)
    } else {
        Cow::Borrowed(segment)
    };
    let odd = plain.is_empty() || plain.chars().any(|c| c == '/' || c.is_control());
    (!odd).then_some(plain)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::Schema;

    fn catalogue() -> Catalogue {
        let core = Arc::new(Schema {
            id: "urn:example:core".into(),
            name: "Core".into(),
            attributes: Vec::new(),
            document: serde_json::Value::Null,
        });
        let kind = |name: &str, endpoint: &str| {
            Arc::new(ResourceType {
                name: name.into(),
                endpoint: endpoint.into(),
                core: Arc::clone(&core),
                extensions: Vec::new(),
                common: Arc::default(),
                document: serde_json::Value::Null,
            })
        };
        Catalogue {
            schemas: vec![Arc::clone(&core)],
            types: vec![kind("User", "/Users"), kind("Group", "/Groups")],
        }
    }

    fn led(method: Method, path: &str) -> String {
        let catalogue = catalogue();
        match seek(&method, path, &catalogue) {
            Sought::Found(matched) => {
                let kind = matched.kind.map(|kind| kind.name.as_str()).unwrap_or("-");
                let name = matched.name.as_deref().unwrap_or("-");
                format!("{:?} {kind} {name}", matched.route.target)
            }
            Sought::Asked(verbs, access) => format!("{access:?}: {}", verbs.allow()),
            Sought::Unfit(verbs) => format!("unfit: {}", verbs.allow()),
            Sought::Version => "version".into(),
            Sought::Nothing => "nothing".into(),
        }
    }

    #[test]
    fn htp04_a_path_is_matched_once_and_exactly() {
        for (path, expected) in [
            ("/scim/v2/Users", "List User -"),
            ("/scim/v2//Users", "List User -"),
            ("/scim/v2/Users/", "List User -"),
            ("/scim/v2/Groups/7", "Read Group 7"),
            ("/scim/v2/Users/a%20b", "Read User a b"),
            ("/scim/v2/%55sers/1", "Read User 1"),
            ("/scim/v2", "List - -"),
            ("/scim/v2/", "List - -"),
            ("/scim/v2/Schemas/urn:example:x", "Schema - urn:example:x"),
            ("/scim/v2/ResourceTypes/User", "ResourceType - User"),
            ("/scim/v2/Me", "Me - -"),
            ("/healthz", "Alive - -"),
            ("/readyz", "Ready - -"),
            ("/scim/v2/users", "nothing"),
            ("/scim/v2/Users;x", "nothing"),
            ("/scim/v2///Users", "nothing"),
            ("/scim/v2/Users//", "nothing"),
            ("/scim/v2/Users/%00", "nothing"),
            ("/scim/v2/Users/%2e%2e", "nothing"),
            ("/scim/v2/Users/%2e%2e/", "nothing"),
            ("/scim/v2/Users/a%2fb", "nothing"),
            ("/scim/v2/Users/%c0%af", "nothing"),
            ("/scim/v2/Users/%", "nothing"),
            ("/scim/v2/Users/%4", "nothing"),
            ("/scim/v2/Users/%252e", "Read User %2e"),
            ("/scim/v2/Users/1/2", "nothing"),
            ("/scim/v2Users", "nothing"),
            ("/scim/v9/Users", "version"),
            ("/scim/v22", "version"),
            ("/scim/vx/Users", "nothing"),
            ("//healthz", "nothing"),
            ("/Users", "nothing"),
            ("*", "nothing"),
        ] {
            assert_eq!(led(Method::GET, path), expected, "{path}");
        }
    }

    #[test]
    fn idp14_slashes_too_many_are_noticed() {
        for odd in ["/scim/v2//Users", "/scim/v2/Users/", "/scim/v2//", "/scim/v2/Users/1/"] {
            assert!(has_odd_slash(odd), "{odd}");
        }
        for plain in ["/scim/v2", "/scim/v2/", "/scim/v2/Users", "/scim/v2/Users/1", "/healthz/"] {
            assert!(!has_odd_slash(plain), "{plain}");
        }
    }

    #[test]
    fn rfc_err17_an_unfit_method_learns_what_fits() {
        assert_eq!(led(Method::PATCH, "/scim/v2/Users"), "unfit: GET, HEAD, POST, OPTIONS");
        assert_eq!(
            led(Method::POST, "/scim/v2/Users/1"),
            "unfit: GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
        );
        assert_eq!(led(Method::GET, "/scim/v2/Users/.search"), "unfit: POST, OPTIONS");
        assert_eq!(led(Method::TRACE, "/scim/v2/Bulk"), "unfit: POST, OPTIONS");
        assert_eq!(led(Method::OPTIONS, "/scim/v2/Bulk"), "Credential: POST, OPTIONS");
        assert_eq!(
            led(Method::OPTIONS, "/scim/v2/ServiceProviderConfig"),
            "Public: GET, HEAD, OPTIONS"
        );
        assert_eq!(led(Method::HEAD, "/scim/v2/Users/1"), "Read User 1");
    }

    #[test]
    fn aut01_only_health_and_configuration_are_public() {
        let public: Vec<_> = all().filter(|route| route.access == Access::Public).collect();
        let names: Vec<_> = public.iter().map(|route| route.name).collect();
        assert_eq!(names, ["GET /ServiceProviderConfig", "GET /healthz", "GET /readyz"]);
    }
}
