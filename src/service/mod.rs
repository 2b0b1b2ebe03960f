//! The use cases: load, decide, commit, answer.
//!
//! The only floor that holds ports and rules in one hand. A use case takes the [`Ports`], the
//! [`Caller`] and plain values; it loads what the rule needs, decides with pure functions, and
//! commits once. When the answer is `Stale` and the caller named no version, it loads and
//! decides again, three times, then reports a conflict. Nothing outside is called in between.
//!
//! Use cases do not import each other; they share this file, `access` and `wire`.
//!
//! Rejected: a use case object per request (a function says the same), and errors that know
//! HTTP (only `http/problem` maps a kind to a status).

pub mod access;
pub mod oddities;
pub mod operate;
pub mod provision;
pub mod search;
pub mod tenancy;
pub mod wire;

pub use crate::store::change::Action;
pub use crate::store::change::Door;

use std::sync::Arc;

use crate::base::clock::Clock;
use crate::base::clock::Moment;
use crate::base::entropy::Entropy;
use crate::base::id::Id;
use crate::base::page_token::Sealer;
use crate::domain::access::admin::Scope;
use crate::domain::record::Partition;
use crate::scim::error::ScimType;
use crate::scim::project::Projection;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Catalogue;
use crate::scim::schema::ResourceType;
use crate::service::access::Registry;
use crate::service::access::connection::Connection;
use crate::service::oddities::Oddities;
use crate::service::search::walks::Walks;
use crate::service::wire::model::Model;
use crate::service::wire::model::Models;
use crate::store::Fault;
use crate::store::Store;
use crate::store::change::Actor;
use crate::store::change::Cause;

/// Everything a use case may reach.
pub struct Ports {
    /// What is remembered.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Schemas and resource types.
    pub catalogue: Arc<Catalogue>,
    /// Seals cursors.
    pub sealer: Sealer,
    /// `https://HOST:PORT/scim/v2`, without a slash at the end.
    pub base_url: String,
    /// Who holds which credential.
    pub registry: Registry,
    /// What was tolerated, per connection.
    pub oddities: Oddities,
    /// What is known of each resource type beyond its schema.
    pub models: Models,
    /// Turns of those who lost a race for a record.
    pub lanes: Lanes,
    /// One operator's command that changes something at a time: the registry is read from the
    /// store in several steps, and an older reading must not replace a newer one.
    pub governing: tokio::sync::Mutex<()>,
    /// Where walks through pages have come to.
    pub walks: Walks,
    /// Limits of searches.
    pub settings: Settings,
}

impl Ports {
    /// Everything a use case may reach, with an empty registry: see `tenancy::load`.
    pub fn new(
        store: Arc<dyn Store>,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        catalogue: Arc<Catalogue>,
        cursor_key: &[u8; 32],
        base_url: String,
        settings: Settings,
    ) -> Result<Self, Error> {
        Ok(Self {
            models: Models::of(&catalogue).map_err(Error::internal)?,
            sealer: Sealer::new(cursor_key).map_err(Error::internal)?,
            store,
            clock,
            entropy,
            catalogue,
            base_url,
            registry: Registry::default(),
            oddities: Oddities::default(),
            lanes: Lanes::default(),
            governing: tokio::sync::Mutex::new(()),
            walks: Walks::default(),
            settings,
        })
    }
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Mutexes by record, for those whose decision was overtaken: they decide again one after the
/// other instead of overtaking each other for ever.
#[derive(Debug)]
pub struct Lanes(Vec<tokio::sync::Mutex<()>>);

impl Default for Lanes {
    fn default() -> Self {
        Self((0..256).map(|_| tokio::sync::Mutex::new(())).collect())
    }
}

impl Lanes {
    /// Waits for the lane of `id`.
    pub async fn enter(&self, id: Id) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let last = id.0.last().copied().unwrap_or(0);
        match self.0.get(usize::from(last)) {
            Some(lane) => Some(lane.lock().await),
            None => None,
        }
    }
}

/// What the use cases can be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Page size when the query names none.
    pub default_page: usize,
    /// The largest page.
    pub max_page: usize,
    /// The size of a page, in bytes of its resources, beyond which it takes no more of them.
    pub page_bytes: usize,
    /// Records that one search may read and test.
    pub search_rows: u64,
    /// How long one search may take.
    pub search_time: std::time::Duration,
    /// How long a cursor lives.
    pub cursor_life: std::time::Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            default_page: 100,
            max_page: 1_000,
            page_bytes: search::LARGEST_PAGE,
            search_rows: 1_000_000,
            search_time: std::time::Duration::from_secs(2),
            cursor_life: std::time::Duration::from_secs(3_600),
        }
    }
}

/// Who is calling, and how.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What stands behind the credential.
    pub identity: Identity,
    /// The token that was shown, by the id of its record.
    pub token: Id,
    /// Through which door.
    pub door: Door,
    /// The id of the request.
    pub request: Id,
    /// The peer's address as we saw it.
    pub source: String,
}

/// What stands behind a credential.
#[derive(Clone, Debug)]
pub enum Identity {
    /// A connection of an organization.
    Connection(Arc<Connection>),
    /// A global administrator; the partitions are those that exist at the moment.
    Administrator(Arc<Vec<Partition>>),
}

impl Caller {
    /// The records the caller may see.
    pub fn scope(&self) -> Scope {
        match &self.identity {
            Identity::Connection(connection) => Scope::of_connection(connection.partition()),
            Identity::Administrator(all) => Scope::of_administrator(all.to_vec()),
        }
    }

    /// The connection behind the call, if it is one.
    pub fn connection(&self) -> Option<&Connection> {
        match &self.identity {
            Identity::Connection(connection) => Some(connection),
            Identity::Administrator(_) => None,
        }
    }

    /// How forgiving a request of this caller is read.
    pub fn tolerance(&self) -> Tolerance {
        let Some(connection) = self.connection() else { return Tolerance::lenient() };
        let tolerance = if connection.strict { Tolerance::strict() } else { Tolerance::lenient() };
        tolerance.unpacking(connection.unpack_json_text)
    }

    /// The number of the chain that keeps this caller's events.
    pub fn chain(&self) -> u32 {
        self.connection().map_or(0, |connection| connection.organization)
    }

    /// Why a change of this caller happens.
    pub fn cause(&self) -> Cause {
        let actor = match &self.identity {
            Identity::Connection(connection) => Actor::Connection(connection.id),
            Identity::Administrator(_) => Actor::Administrator(self.token),
        };
        Cause {
            actor,
            token: Some(self.token),
            door: self.door,
            request: self.request,
            source: self.source.clone(),
            reason: String::new(),
        }
    }
}

/// A failure: a kind, a sentence fit for the caller, a cause fit for the log.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub struct Error {
    /// What kind; `http/problem` makes a status of it.
    pub kind: Kind,
    /// For the caller. Never a secret, never the input repeated.
    pub said: String,
    /// For the log.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The closed set of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request is wrong in a way that SCIM has a word for.
    Scim(ScimType),
    /// It does not exist, or is not the caller's to see.
    NotFound,
    /// The caller named a version that is not the present one.
    Stale,
    /// Others changed it meanwhile, again and again.
    Conflict,
    /// The caller may not.
    Denied,
    /// A limit was passed; the sentence names it.
    TooLarge,
    /// Not at the moment; try again.
    Busy,
    /// We do not do that.
    Unsupported,
    /// Our fault.
    Internal,
}

impl Error {
    /// A failure of `kind`, explained by `said`.
    pub fn new(kind: Kind, said: impl Into<String>) -> Self {
        Self { kind, said: said.into(), source: None }
    }

    /// Nothing there, or nothing of the caller's: the same answer for both (TEN-01).
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "No such resource.")
    }

    /// Our fault; the caller learns nothing but that.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let said = "The request could not be completed because of a fault on our side.".into();
        Self { kind: Kind::Internal, said, source: Some(source.into()) }
    }
}

impl From<crate::scim::error::Error> for Error {
    fn from(error: crate::scim::error::Error) -> Self {
        Self::new(Kind::Scim(error.kind), error.detail)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Busy => {
                Self::new(Kind::Busy, "No changes are taken at the moment. Try again shortly.")
            }
            Fault::Budget => Self::new(
                Kind::Scim(ScimType::TooMany),
                "The search would read too much. Narrow the filter, or use an indexed attribute.",
            ),
            Fault::Engine(_) => Self::internal(fault),
        }
    }
}

impl From<crate::base::entropy::NoEntropy> for Error {
    fn from(error: crate::base::entropy::NoEntropy) -> Self {
        Self::internal(error)
    }
}

/// What a use case answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// How it went.
    pub success: Success,
    /// Finished JSON, if there is any to send.
    pub body: Option<Vec<u8>>,
    /// The version of the resource, as an entity tag.
    pub etag: Option<String>,
    /// Where the resource is.
    pub location: Option<String>,
    /// How the store found what was searched for; for the metrics.
    pub plan: Option<&'static str>,
}

/// The ways to succeed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Success {
    /// Here it is.
    #[default]
    Ok,
    /// It was made.
    Created,
    /// It is done and there is nothing to say.
    NoContent,
    /// You have it already (If-None-Match).
    NotModified,
}

/// What a request asks about the version of its resource (RFC 9110 §13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    /// `If-Match`, if sent.
    pub if_match: Option<Tags>,
    /// `If-None-Match`, if sent.
    pub if_none_match: Option<Tags>,
}

/// A list of entity tags. Only the opaque part counts: SCIM's own examples send weak tags in
/// `If-Match`, which plain HTTP could never match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`
    Any,
    /// The opaque parts, without quotes and `W/`.
    These(Vec<String>),
}

/// The present moment, for a use case to hand down.
pub fn now(ports: &Ports) -> Moment {
    ports.clock.now()
}

/// What a request asks beside its body.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which attributes the answer shows.
    pub view: Projection,
    /// What it knows of the version.
    pub precondition: Precondition,
    /// The identifier of a new resource, where a bulk request has promised it already.
    pub new_id: Option<Id>,
    /// What is forgiven; the use case counts it for the connection.
    pub tolerance: Tolerance,
    /// As of when; reads only.
    pub at: Option<Moment>,
}

/// The two things every use case needs.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// What may be reached.
    pub ports: &'a Ports,
    /// Who asks.
    pub caller: &'a Caller,
}

impl<'a> Work<'a> {
    /// What is known of a resource type beyond its schema.
    pub fn model(self, rt: &ResourceType) -> Result<&'a Arc<Model>, Error> {
        let kind = crate::domain::record::Kind::of_type(&rt.name);
        self.ports.models.of_kind(kind).ok_or_else(Error::not_found)
    }
}
