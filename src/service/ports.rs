//! What a use case may reach: the ports, what the service remembers, and its settings.

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::page_token::Sealer;
use crate::domain::record::Kind;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Catalogue;
use crate::scim::schema::ResourceType;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Identity;
use crate::service::Lanes;
use crate::service::Progress;
use crate::service::Scans;
use crate::service::Walks;
use crate::service::access::Registry;
use crate::service::ledger;
use crate::service::oddities::Oddities;
use crate::service::wire::groups;
use crate::service::wire::model::Model;
use crate::service::wire::model::Models;
use crate::service::wire::plain::Homes;
use crate::service::wire::shelf::Shelf;
use crate::store::Store;
use crate::store::veil::Veil;

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
    /// The groups of people, as they were last worked out.
    pub groups: groups::Kept,
    /// The mapping rules of organizations, ready for use.
    pub books: ledger::Kept,
    /// What was taken from people lately: see `ledger::brake`.
    pub windows: ledger::brake::Windows,
    /// What is shown of the organizations that people are at home in.
    pub homes: Homes,
    /// Answers about people that lie ready.
    pub shelf: Shelf,
    /// Turns of those who lost a race for a record.
    pub lanes: Lanes,
    /// Turns of those who add to a place, or take it away: see `places`.
    pub families: Lanes,
    /// One operator's command that changes something at a time: the registry is read from the
    /// store in several steps, and an older reading must not replace a newer one.
    pub governing: tokio::sync::Mutex<()>,
    /// Where walks through pages have come to.
    pub walks: Walks,
    /// Whose turn it is to search without an index.
    pub scans: Scans,
    /// How far an import has come.
    pub progress: Progress,
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
            groups: groups::Kept::default(),
            books: ledger::Kept::default(),
            windows: ledger::brake::Windows::default(),
            homes: Homes::default(),
            shelf: Shelf::default(),
            lanes: Lanes::default(),
            families: Lanes::default(),
            governing: tokio::sync::Mutex::new(()),
            walks: Walks::default(),
            scans: Scans::default(),
            progress: Progress::default(),
            settings,
        })
    }

    /// The same house under a veil: whatever is done there is seen there, and leaves nothing
    /// behind. The brake counts there and holds nothing.
    pub fn veiled(&self) -> Result<Self, Error> {
        let mut key = [0; 32];
        self.entropy.fill(&mut key)?;
        let veil = Veil::over(Arc::clone(&self.store), Arc::clone(&self.clock));
        let means = (Arc::clone(&self.clock), Arc::clone(&self.entropy));
        let (catalogue, settings) = (Arc::clone(&self.catalogue), self.settings.clone());
        let base_url = self.base_url.clone();
        let veiled = Self::new(Arc::new(veil), means, catalogue, &key, base_url, settings)?;
        Ok(Self {
            models: self.models.clone(),
            registry: self.registry.twin(),
            windows: ledger::brake::Windows::open(),
            ..veiled
        })
    }
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// How large the resources of a page may become before it ends, in bytes. The one that passes
/// the limit is left to the next page, unless it is the first: every page brings something.
const LARGEST_PAGE: usize = 16 * 1_024 * 1_024;

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
    pub search_time: Duration,
    /// How long a cursor lives.
    pub cursor_life: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            default_page: 100,
            max_page: 1_000,
            page_bytes: LARGEST_PAGE,
            search_rows: 1_000_000,
            search_time: Duration::from_secs(2),
            cursor_life: Duration::from_secs(3_600),
        }
    }
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
    /// Every resource type as the caller sees it.
    pub fn models(self) -> &'a Models {
        match &self.caller.identity {
            Identity::Connection(_, sight) => sight.models(&self.ports.models),
            Identity::Administrator(_) => &self.ports.models,
        }
    }

    /// A resource type as the caller sees it.
    pub fn model(self, rt: &ResourceType) -> Result<&'a Arc<Model>, Error> {
        let kind = Kind::of_type(&rt.name);
        self.models().of_kind(kind).ok_or_else(Error::not_found)
    }

    /// Counts what a request was forgiven, for its connection.
    pub fn count(self, tolerance: &mut Tolerance) {
        if let Some(connection) = self.caller.connection() {
            let now = self.ports.clock.now();
            self.ports.oddities.count(connection, tolerance.take_seen(), now);
        }
    }
}
