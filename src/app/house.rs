//! Builds what the use cases stand on: store, catalogue, credentials.

use std::path::Path;
use std::sync::Arc;

use crate::app::Failure;
use crate::app::arguments::Place;
use crate::app::folder;
use crate::app::folder::Folder;
use crate::app::mail;
use crate::app::shapes;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;
use crate::base::entropy::Entropy;
use crate::base::entropy::OsEntropy;
use crate::base::entropy::Pooled;
use crate::config::environment::Environment;
use crate::config::file::File;
use crate::config::limits;
use crate::config::source;
use crate::service::Ports;
use crate::service::operate;
use crate::service::tenancy;
use crate::service::wire::model::Models;
use crate::store::Fault;
use crate::store::Rule;
use crate::store::Store;
use crate::store::redb::Options;
use crate::store::redb::RedbStore;

/// What every command starts from: the data directory and the settings.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The data directory.
    pub folder: Folder,
    /// The settings.
    pub file: File,
}

impl Ground {
    /// Reads the environment, the command line and the settings file; `flags` go over all.
    pub fn find(place: &Place, flags: impl FnOnce(&mut File)) -> Result<Self, Failure> {
        let environment = Environment::read()?;
        let data = place.data.clone().or_else(|| environment.data.clone());
        let data = data.unwrap_or_else(|| "data".into());
        let root = std::path::absolute(&data).map_err(|error| folder::at(&data, &error))?;
        let file = source::load(place.config.as_deref(), &root, &environment, flags)?;
        Ok(Self { folder: Folder::at(&root), file })
    }

    /// What clients call us, when we listen on `port`.
    pub fn base_url(&self, port: u16) -> String {
        match self.file.server.base_url.as_str() {
            "" => format!("https://localhost:{port}/scim/v2"),
            set => set.to_owned(),
        }
    }

    /// Refuses to go on without a store.
    pub fn must_be_initialised(&self) -> Result<(), Failure> {
        if self.folder.initialised() {
            return Ok(());
        }
        let root = self.folder.root().display();
        Err(Failure::Refused(format!(
            "The data directory {root} holds no store. Run `wardgate init --data {root}` first."
        )))
    }
}

/// The clock and the chance of this machine.
#[derive(Clone)]
pub struct World {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

impl World {
    /// Starts the clock.
    pub fn new() -> Self {
        Self { clock: Arc::new(SystemClock::new()), entropy: Arc::new(Pooled::new(OsEntropy)) }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// Opens the store at `path`, making it (mode 0600) when it is not there.
pub fn open_store(ground: &Ground, world: &World, path: &Path) -> Result<Arc<dyn Store>, Failure> {
    let cache_bytes = ground.file.store.cache.bytes();
    let options = Options { cache_bytes, clock: world.clock.clone() };
    let store = RedbStore::open(path, options).map_err(|fault| at(path, &fault))?;
    Ok(Arc::new(store))
}

/// What is wrong with the pages of the store at `path`, which nothing has open.
pub fn examine(path: &Path) -> Result<Option<String>, Failure> {
    RedbStore::examine(path).map_err(|fault| at(path, &fault))
}

fn at(path: &Path, fault: &Fault) -> Failure {
    Failure::Refused(format!("{}: {fault}.", path.display()))
}

/// Builds the ports on an open store.
pub async fn ports(
    ground: &Ground,
    world: &World,
    store: Arc<dyn Store>,
    base_url: String,
) -> Result<Ports, Failure> {
    let catalogue = Arc::new(shapes::catalogue(&ground.file.schemas.directory)?);
    // Two names that get one number are a mistake in the schema files, told as such.
    Models::of(&catalogue).map_err(|error| Failure::Usage(format!("{error}.")))?;
    let key = folder::cursor_key(&ground.folder, world.entropy.as_ref())?;
    let means = (world.clock.clone(), world.entropy.clone());
    let settings = limits::for_service(&ground.file.limits);
    let ports = Ports::new(store, means, catalogue, &key, base_url, settings)?;
    let ports = ports.reminding(mail::reminding(ground)?);
    tenancy::load(&ports).await?;
    Ok(ports)
}

/// By what records are to be found, by the schema files that are set.
pub fn rule(ground: &Ground) -> Result<Rule, Failure> {
    let catalogue = shapes::catalogue(&ground.file.schemas.directory)?;
    let models = Models::of(&catalogue);
    models.map(|models| operate::rule(&models)).map_err(|error| Failure::Usage(format!("{error}.")))
}

/// Runs `work` to its end on a runtime of its own.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Failure::Refused(format!("No threads could be started: {error}.")))?;
    runtime.block_on(work)
}
