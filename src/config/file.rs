//! The settings file, key by key. The defaults here are the defaults of the program.
//!
//! An empty text means "worked out": the comment on the key says how.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::config::quantity::Size;
use crate::config::quantity::Span;

/// All of `wardgate.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// Where it listens and who it says it is.
    pub server: Server,
    /// How much anyone may ask for.
    pub limits: Limits,
    /// The store.
    pub store: Store,
    /// The log.
    pub log: Log,
    /// Schemas of your own.
    pub schemas: Schemas,
}

/// Where it listens and who it says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address and port of SCIM over TLS; port 0 takes any free one.
    pub listen: SocketAddr,
    /// What clients call us, up to and including `/scim/v2`; empty: `https://localhost:PORT/scim/v2`.
    pub base_url: String,
    /// The certificate chain, PEM, our own certificate first; empty: `server.pem` in the data directory.
    pub certificate: String,
    /// Its private key, PEM, mode 0600; empty: `server.key.pem` in the data directory.
    pub key: String,
    /// Where `/metrics` is served in plain HTTP, or `off`.
    pub metrics: Listen,
    /// Whether commands may reach the running server through the socket in the data directory.
    pub control: bool,
    /// How long a stop waits for requests that were taken.
    pub drain: Span,
}

/// How much anyone may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// TCP connections at one time.
    pub sockets: u32,
    /// Requests per second of one connection (credential), lasting.
    pub requests_per_second: u32,
    /// Requests that one connection may send at once before the rate counts.
    pub burst: u32,
    /// Resources on a page when the query names no count.
    pub page_default: u32,
    /// The most resources on a page.
    pub page_maximum: u32,
    /// Records that one search may read when no index answers it.
    pub search_rows: u32,
    /// How long one search may take.
    pub search_time: Span,
    /// How long a cursor may be used.
    pub cursor_life: Span,
    /// The largest resource.
    pub resource: Size,
    /// The largest request body.
    pub body: Size,
    /// The largest bulk request.
    pub bulk: Size,
    /// The most operations in one bulk request.
    pub bulk_operations: u32,
}

/// The store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// Memory for pages of the store file.
    pub cache: Size,
}

/// The log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// The least important line that is written.
    pub level: Level,
    /// How a line looks.
    pub format: Format,
}

/// Schemas of your own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schemas {
    /// A directory of schema and resource type files that are served beside the built-in ones;
    /// empty: none.
    pub directory: String,
}

/// An address, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(pub Option<SocketAddr>);

/// How important a line of the log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something is broken.
    Error,
    /// Someone should look.
    Warn,
    /// What happens.
    #[default]
    Info,
    /// How it happens.
    Debug,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people.
    Text,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            base_url: String::new(),
            certificate: String::new(),
            key: String::new(),
            metrics: Listen(Some(SocketAddr::from(([127, 0, 0, 1], 9464)))),
            control: true,
            drain: Span(Duration::from_secs(30)),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sockets: 1_024,
            requests_per_second: 500,
            burst: 1_000,
            page_default: 100,
            page_maximum: 1_000,
            search_rows: 1_000_000,
            search_time: Span(Duration::from_secs(2)),
            cursor_life: Span(Duration::from_secs(3_600)),
            resource: Size(1 << 20),
            body: Size(4 << 20),
            bulk: Size(1 << 20),
            bulk_operations: 1_000,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { cache: Size(128 << 20) }
    }
}

impl Level {
    /// As the log library spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

impl std::str::FromStr for Listen {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "off" {
            return Ok(Self(None));
        }
        text.parse().map(|address| Self(Some(address))).map_err(|_| ())
    }
}

impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(address) => serializer.collect_str(&address),
            None => serializer.serialize_str("off"),
        }
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wanted = "expected an address such as \"127.0.0.1:9464\", or \"off\"";
        let text = String::deserialize(deserializer).map_err(|_| serde::de::Error::custom(wanted))?;
        text.parse().map_err(|()| serde::de::Error::custom(wanted))
    }
}
