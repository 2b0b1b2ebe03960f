//! Runs the gateway until it is told to stop.
//!
//! Everything that can refuse comes first (settings, modes, lock, address, certificate); then
//! the store is made if there is none, so that the tokens of a first start are not lost to a
//! typing mistake; then the doors open and the ready line is printed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::Failure;
use crate::app::arguments::Serve;
use crate::app::first;
use crate::app::first::First;
use crate::app::first::Wish;
use crate::app::folder;
use crate::app::house;
use crate::app::house::Ground;
use crate::app::house::World;
use crate::app::lock;
use crate::app::log;
use crate::app::print;
use crate::config::file::Server;
use crate::config::limits;
use crate::http::control;
use crate::http::gateway::Gateway;
use crate::http::listener;
use crate::http::telemetry;
use crate::http::tls::Certificates;
use crate::http::tls::Look;
use crate::jobs::clockwork;
use crate::jobs::duties;
use crate::jobs::duties::Duty;
use crate::service::Error;
use crate::service::Ports;
use crate::service::certificates as register;

/// How often the certificate files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often the register of certificates is counted for the gauges.
const COUNT: Duration = Duration::from_secs(60);
/// How often idle throttles are forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// `wardgate serve`
pub fn run(arguments: &Serve) -> Result<(), Failure> {
    let listen = arguments.listen;
    let ground = Ground::find(&arguments.place, |file| {
        if let Some(listen) = listen {
            file.server.listen = listen;
        }
    })?;
    log::start(&ground.file.log);
    ground.folder.make()?;
    let _lock = lock::take(&ground.folder, "serve")?;
    if !ground.folder.initialised() {
        ground.folder.tighten()?;
    }
    ground.folder.guard()?;
    house::block_on(serve(&ground, &World::new(), arguments.place.json))
}

async fn serve(ground: &Ground, world: &World, json: bool) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let listener = bind("server.listen", ground.file.server.listen).await?;
    let address = listener.local_addr().map_err(no_address)?;
    let metrics = metrics(&ground.file.server).await?;
    first::keys(ground, world)?;
    let certificates = certificates(ground, world)?;
    let tls = certificates.server().map_err(|unfit| Failure::Refused(format!("{unfit}.")))?;
    let made = match ground.folder.initialised() {
        true => None,
        false => Some(first::make(ground, world, &Wish::default(), address.port()).await?),
    };
    let store = house::open_store(ground, world, &ground.folder.store())?;
    let base_url = ground.base_url(address.port());
    let ports = Arc::new(house::ports(ground, world, store.clone(), base_url).await?);
    keep_own(&ports, &certificates).await;
    let gateway = Gateway::new(Arc::clone(&ports), limits::for_doors(&ground.file));

    let (stop, stopped) = watch::channel(false);
    let mut doors = JoinSet::new();
    let clock = Arc::clone(&world.clock);
    doors.spawn(listener::serve(listener, Arc::clone(&gateway), tls, clock, stopped.clone()));
    if let Some(metrics) = metrics {
        doors.spawn(telemetry::serve(metrics, Arc::clone(&gateway), stopped.clone()));
    }
    if ground.file.server.control {
        control(ground, &ports, &mut doors, &stopped).await;
    }
    let duties = duties(certificates, Arc::clone(&gateway));
    // Duties rest after the last request: what they write at the end holds all of it.
    let (rest, resting) = watch::channel(false);
    let jobs = tokio::spawn(clockwork::run(Arc::clone(&ports), duties, resting));
    greet(address, made.as_ref(), json);

    let cause = tokio::select! {
        name = signals.next() => Ok(name),
        ended = doors.join_next() => Err(ended),
    };
    let broken = cause.is_err();
    tracing::info!(cause = cause.unwrap_or("a door fell shut"), "stopping");
    let began = world.clock.ticks();
    // The receivers may be gone already; then there is nothing to tell.
    let _nobody = stop.send(true);
    while doors.join_next().await.is_some() {}
    finish_writes(&gateway, world.clock.ticks().saturating_sub(began)).await;
    let _nobody = rest.send(true);
    let _ended = jobs.await;
    store.close().await.map_err(Error::from)?;
    tracing::info!("stopped");
    match broken {
        true => Err(Failure::Refused("A listener ended by itself; see the log.".to_owned())),
        false => Ok(()),
    }
}

/// Waits for writes whose callers have left. They have what the doors left of the time to
/// finish, and at least what a caller would have waited.
async fn finish_writes(gateway: &Gateway, spent: Duration) {
    let limits = gateway.limits();
    let most = limits.drain.saturating_sub(spent).max(limits.write_budget);
    let left = gateway.drain(most).await;
    if left > 0 {
        // None of them was answered, and the store ends or drops each of them whole.
        tracing::warn!(left, "writes were still at work at the end of the time to finish");
    }
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let listen =
            |kind| signal(kind).map_err(|error| Failure::Refused(format!("No signals: {error}.")));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

async fn bind(key: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::Refused(format!("Cannot listen on {address} ({key}): {error}.")))
}

/// The listener of the counters. The default address may be taken by another gateway on this
/// machine: then we go on without. An address that somebody chose must be free.
async fn metrics(server: &Server) -> Result<Option<TcpListener>, Failure> {
    let Some(address) = server.metrics.0 else { return Ok(None) };
    match bind("server.metrics", address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(failure) if server.metrics == Server::default().metrics => {
            tracing::warn!(cause = %failure, "no metrics are served");
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// The pair that is shown to clients.
fn certificates(ground: &Ground, world: &World) -> Result<Arc<Certificates>, Failure> {
    let server = &ground.file.server;
    let (chain, key) = match server.certificate.as_str() {
        "" => (ground.folder.server(), ground.folder.server_key()),
        chain => (chain.into(), server.key.clone().into()),
    };
    folder::guard_own_key(&key)?;
    let shown = chain.display().to_string();
    Certificates::load(chain, key, world.clock.now())
        .map_err(|unfit| Failure::Refused(format!("The certificate {shown}: {unfit}.")))
}

/// The register holds our own certificate (CE8). Without it we still serve: a start must not fail
/// for a list.
async fn keep_own(ports: &Ports, certificates: &Certificates) {
    if let Err(error) = register::keep_listener(ports, &certificates.chain()).await {
        tracing::error!(cause = %error, "our own certificate is not in the register");
    }
}

/// Opens the operator's door. Without it we still serve: the commands then say who holds the
/// store.
async fn control(
    ground: &Ground,
    ports: &Arc<Ports>,
    doors: &mut JoinSet<()>,
    stopped: &listener::Stop,
) {
    match control::Door::open(ground.folder.root()).await {
        Ok(door) => {
            let drain = ground.file.server.drain.0;
            doors.spawn(door.serve(Arc::clone(ports), drain, stopped.clone()));
        }
        Err(error) => {
            tracing::warn!(cause = %error, "commands cannot reach this server: no control socket");
        }
    }
}

fn duties(certificates: Arc<Certificates>, gateway: Arc<Gateway>) -> Vec<Duty> {
    let mut table = duties::table();
    let counted = Arc::clone(&gateway);
    table.push(Duty::new("certificate", LOOK, move |ports, now| {
        let look = certificates.run_once(now);
        if matches!(look, Look::Refused(_)) {
            counted.metrics().certificate_refused();
        }
        let exchanged = matches!(look, Look::Exchanged).then(|| certificates.chain());
        async move {
            match exchanged {
                Some(chain) => register::keep_listener(&ports, &chain).await.map(|_id| ()),
                None => Ok(()),
            }
        }
    }));
    let shown = Arc::clone(&gateway);
    table.push(Duty::new("register", COUNT, move |ports, _| {
        let shown = Arc::clone(&shown);
        async move {
            shown.metrics().certificates(&register::standing(&ports).await?);
            Ok(())
        }
    }));
    table.push(Duty::new("throttles", SWEEP, move |_, _| {
        gateway.sweep();
        async { Ok(()) }
    }));
    table
}

/// The ready line, and what a first start made.
fn greet(address: SocketAddr, made: Option<&First>, json: bool) {
    let host = match address.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    print::out(&format!("ready https://{host}:{}\n", address.port()));
    if let Some(first) = made {
        match json {
            true => print::out(&format!("{}\n", first::json(first))),
            false => print::out(&first::text(first)),
        }
    }
}

fn no_address(error: std::io::Error) -> Failure {
    Failure::Refused(format!("The listener has no address: {error}."))
}
