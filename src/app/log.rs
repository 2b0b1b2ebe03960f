//! Where log lines go: standard error, one line each, ours at the level asked for.

use tracing::Subscriber;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::file::Format;
use crate::config::file::Level;
use crate::config::file::Log;

/// Starts the log. A second call changes nothing.
pub fn start(settings: &Log) {
    let _already_started = lines(settings, std::io::stderr).try_init();
}

/// Writes a line for every event to `writer`. Libraries are heard from `warn` on only: below that
/// they print headers, and with them tokens (LOG-01). Control characters of values are escaped,
/// so that nobody can forge a line (LOG-02).
pub fn lines<W>(settings: &Log, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match settings.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    let filter =
        Targets::new().with_target("wardgate", level).with_default(level.min(LevelFilter::WARN));
    let registry = tracing_subscriber::registry().with(filter);
    let layer = fmt::layer().with_writer(writer).with_ansi(false);
    match settings.format {
        Format::Json => Box::new(registry.with(layer.json().flatten_event(true))),
        Format::Text => Box::new(registry.with(layer)),
    }
}
