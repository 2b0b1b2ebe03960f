//! Data directories of many users, made once and kept under `target/bench-data`.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;
use wardgate::base::clock::SystemClock;
use wardgate::base::entropy::OsEntropy;
use wardgate::base::id::Id;
use wardgate::scim::schema::Catalogue;
use wardgate::scim::schema::ResourceType;
use wardgate::service::Asked;
use wardgate::service::Caller;
use wardgate::service::Ports;
use wardgate::service::Settings;
use wardgate::service::Work;
use wardgate::service::access;
use wardgate::service::provision::Deed;
use wardgate::service::provision::Order;
use wardgate::service::tenancy;
use wardgate::store::change::Door;
use wardgate::store::redb::Options;
use wardgate::store::redb::RedbStore;

use crate::people;

/// Changes when what is loaded does.
const EDITION: &str = "3";
/// Creates under way at the same time.
const AT_ONCE: usize = 512;
/// Members that one PATCH adds.
const MEMBERS: usize = 1_000;
/// Members of the large group, at most half of everybody.
const LARGE: usize = 100_000;
/// No limit that a benchmark could meet.
const SETTINGS: &str = "[limits]\nrequests_per_second = 1000000\nburst = 1000000\n\
                        idle_time = \"1h\"\nsearch_time = \"60s\"\n\
                        [server]\nmetrics = \"off\"\n[log]\nlevel = \"warn\"\n";

/// A data directory and what lies in it.
pub struct Site {
    /// The directory.
    pub data: PathBuf,
    /// The connection's token.
    pub token: String,
    /// Identifiers of everybody, by number.
    pub ids: Arc<Vec<Id>>,
    /// The group of ten.
    pub small_group: String,
    /// The large group.
    pub large_group: String,
    /// Members of the large group.
    pub large: usize,
}

/// The data directory of `users` users; loads it when it is not there yet.
pub async fn prepare(root: &Path, users: usize) -> io::Result<Site> {
    let data = root.join(format!("{users}-edition{EDITION}"));
    if !data.join("loaded").exists() {
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fill(&data, users).await?;
    }
    open(&data)
}

/// A copy that may be changed.
pub fn copy(site: &Site, target: &Path) -> io::Result<Site> {
    if target.exists() {
        fs::remove_dir_all(target)?;
    }
    fs::create_dir_all(target)?;
    for entry in fs::read_dir(&site.data)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let copy = target.join(entry.file_name());
            fs::copy(entry.path(), &copy)?;
            // What is measured is the server, not the first read of a file from the disk.
            io::copy(&mut fs::File::open(copy)?, &mut io::sink())?;
        }
    }
    let mode = fs::metadata(&site.data)?.permissions();
    fs::set_permissions(target, mode)?;
    open(target)
}

/// A data directory that is loaded.
pub fn open(data: &Path) -> io::Result<Site> {
    let facts: Value = serde_json::from_slice(&fs::read(data.join("loaded"))?)?;
    let text = |name: &str| {
        facts.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(incomplete)
    };
    let bytes = fs::read(data.join("ids"))?;
    let large = facts.get("large").and_then(Value::as_u64).ok_or_else(incomplete)?;
    Ok(Site {
        data: data.to_owned(),
        token: text("token")?,
        ids: Arc::new(bytes.as_chunks().0.iter().map(|id| Id(*id)).collect()),
        small_group: text("small_group")?,
        large_group: text("large_group")?,
        large: usize::try_from(large).map_err(io::Error::other)?,
    })
}

async fn fill(data: &Path, users: usize) -> io::Result<()> {
    let mut init = Command::new(env!("CARGO_BIN_EXE_wardgate"));
    let output = init.args(["init", "--json", "--data"]).arg(data).output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr)));
    }
    let made: Value = serde_json::from_slice(&output.stdout)?;
    let token = made.get("token").and_then(Value::as_str).ok_or_else(incomplete)?;
    fs::write(data.join("wardgate.toml"), SETTINGS)?;
    let loader = Arc::new(Loader::new(data, token).await?);
    let ids = loader.users(users).await?;
    let large = LARGE.min(users / 2);
    let small_group = loader.group("Ten", ids.get(..10).unwrap_or_default()).await?;
    let large_group = loader.group("Many", ids.get(..large).unwrap_or_default()).await?;
    loader.ports.store.close().await.map_err(io::Error::other)?;
    drop(loader);
    fs::write(data.join("ids"), ids.iter().flat_map(|id| id.0).collect::<Vec<u8>>())?;
    let facts = json!({
        "token": token, "small_group": small_group, "large_group": large_group, "large": large,
    });
    fs::write(data.join("loaded"), facts.to_string())
}

/// The use cases on the open store, as the connection.
struct Loader {
    ports: Ports,
    caller: Caller,
    user: Arc<ResourceType>,
    group: Arc<ResourceType>,
}

impl Loader {
    async fn new(data: &Path, token: &str) -> io::Result<Self> {
        let clock = Arc::new(SystemClock::new());
        let options = Options { cache_bytes: 1 << 30, clock: clock.clone() };
        let store = RedbStore::open(&data.join("store.redb"), options).map_err(io::Error::other)?;
        let catalogue = Arc::new(Catalogue::built_in().map_err(io::Error::other)?);
        let find = |name: &str| {
            let found = catalogue.types.iter().find(|rt| rt.name == name);
            found.cloned().ok_or_else(incomplete)
        };
        let (user, group) = (find("User")?, find("Group")?);
        let world = (clock as _, Arc::new(OsEntropy) as _);
        let base = "https://localhost/scim/v2".to_owned();
        let ports =
            Ports::new(Arc::new(store), world, catalogue, &[0; 32], base, Settings::default());
        let ports = ports.map_err(io::Error::other)?;
        tenancy::load(&ports).await.map_err(io::Error::other)?;
        let credential = access::authenticate(&ports, token).map_err(|_| incomplete())?;
        let caller = Caller {
            identity: credential.identity,
            token: credential.token,
            door: Door::Scim,
            request: Id::new(ports.clock.now(), &OsEntropy).map_err(io::Error::other)?,
            source: None,
        };
        Ok(Self { ports, caller, user, group })
    }

    fn work(&self) -> Work<'_> {
        Work { ports: &self.ports, caller: &self.caller }
    }

    /// Makes everybody, many at a time; their identifiers by number.
    async fn users(self: &Arc<Self>, users: usize) -> io::Result<Vec<Id>> {
        let now = self.ports.clock.now();
        let ids: Result<Vec<Id>, _> = (0..users)
            .map(|turn| {
                // In the order of their numbers, as if a millisecond lay between each two.
                let at = now.after(Duration::from_millis(turn as u64));
                Id::new(at, &OsEntropy)
            })
            .collect();
        let ids = Arc::new(ids.map_err(io::Error::other)?);
        let next = Arc::new(AtomicU64::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..AT_ONCE {
            let (loader, ids, next) = (self.clone(), ids.clone(), next.clone());
            tasks.spawn(async move { loader.some(&ids, &next).await });
        }
        let began = Instant::now();
        let mut tick = tokio::time::interval(Duration::from_secs(5));
        loop {
            tokio::select! {
                ended = tasks.join_next() => match ended {
                    Some(ended) => ended.map_err(io::Error::other)??,
                    None => break,
                },
                _ = tick.tick() => {
                    let done = next.load(Ordering::Relaxed).min(users as u64);
                    let speed = done as f64 / began.elapsed().as_secs_f64();
                    eprintln!("loading {users} users: {done} ({speed:.0}/s)");
                }
            }
        }
        Arc::try_unwrap(ids).map_err(|_| incomplete())
    }

    async fn some(&self, ids: &[Id], next: &AtomicU64) -> io::Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let place = usize::try_from(number).map_err(io::Error::other)?;
            let Some(id) = ids.get(place) else { return Ok(()) };
            let asked = Asked { new_id: Some(*id), ..Asked::default() };
            let body = people::person("bench", number);
            self.make(&self.user, body, asked).await?;
        }
    }

    async fn group(&self, name: &str, members: &[Id]) -> io::Result<String> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name,
        });
        let id = Id::new(self.ports.clock.now(), &OsEntropy).map_err(io::Error::other)?;
        let asked = Asked { new_id: Some(id), ..Asked::default() };
        self.make(&self.group, body, asked).await?;
        let id = id.to_string();
        for some in members.chunks(MEMBERS) {
            let value: Vec<Value> =
                some.iter().map(|id| json!({"value": id.to_string()})).collect();
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "add", "path": "members", "value": value}],
            });
            let order = Order {
                deed: Deed::Modify,
                kind: Arc::clone(&self.group),
                id: id.clone(),
                document: body,
                asked: Asked::default(),
            };
            order.run(self.work()).await.map_err(io::Error::other)?;
        }
        Ok(id)
    }

    async fn make(
        &self,
        kind: &Arc<ResourceType>,
        document: Value,
        asked: Asked,
    ) -> io::Result<()> {
        let (kind, id) = (Arc::clone(kind), String::new());
        let order = Order { deed: Deed::Create, kind, id, document, asked };
        order.run(self.work()).await.map(drop).map_err(io::Error::other)
    }
}

fn incomplete() -> io::Error {
    io::Error::other("a data directory of the benchmark is incomplete; remove target/bench-data")
}
