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
    /// How letters leave the house.
    pub mail: Mail,
    /// When owners of certificates are reminded.
    pub reminders: Reminders,
}

/// Where it listens and who it says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address and port of SCIM over TLS; port 0 takes any free one.
    pub listen: SocketAddr,
    /// What clients call us, up to and including `/scim/v2`; empty:
    /// `https://localhost:PORT/scim/v2`.
    pub base_url: String,
    /// The certificate chain, PEM, our own certificate first; empty: `server.pem` in the data
    /// directory.
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
    /// Requests per second of one connection (the tenant's, not the socket), lasting.
    pub requests_per_second: u32,
    /// Requests that one connection may send at once after a rest.
    pub burst: u32,
    /// Wrong tokens per minute from one address with one beginning.
    pub failures_per_minute: u32,
    /// Wrong tokens at once from one address with one beginning.
    pub failure_burst: u32,
    /// Open sockets; the next waits to be accepted.
    pub sockets: u32,
    /// Requests in work at one time; more are answered 503.
    pub in_work: u32,
    /// Resources on a page when the query names no count.
    pub page_default: u32,
    /// The most resources on a page.
    pub page_maximum: u32,
    /// Records that one search may read and test when no index answers it.
    pub search_rows: u32,
    /// How long one search may take.
    pub search_time: Span,
    /// How long a cursor may be used.
    pub cursor_life: Span,
    /// How long a read may take.
    pub read_time: Span,
    /// How long we wait for a write before we answer 503; the write goes on.
    pub write_time: Span,
    /// How long we wait for a bulk request.
    pub bulk_time: Span,
    /// How long a TLS handshake may take.
    pub handshake_time: Span,
    /// How long a request head may take from its first byte on.
    pub header_time: Span,
    /// How long a socket may be idle between requests.
    pub idle_time: Span,
    /// How long a peer may refuse to take any byte of an answer.
    pub stall_time: Span,
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

/// How letters leave the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Who carries them.
    pub post: Carrier,
    /// The address they come from.
    pub from: String,
    /// The help desk's address: gets what has no owner.
    pub help_desk: String,
    /// In which language.
    pub language: Tongue,
    /// Where the letters go of `post = "directory"`; empty: `letters` in the data directory.
    pub directory: String,
    /// The relay's name.
    pub host: String,
    /// The relay's port.
    pub port: u16,
    /// How the line to the relay is secured.
    pub security: MailSecurity,
    /// A PEM file of authorities for the relay's certificate; empty: the system's.
    pub authorities: String,
    /// The user at the relay; empty: none.
    pub user: String,
    /// A file that holds the password, mode 0600.
    pub password_file: String,
}

/// Who carries letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// Nobody: letters wait, and are shown as undelivered.
    #[default]
    Off,
    /// They are written into a directory: for test systems.
    Directory,
    /// A mail relay.
    Smtp,
}

/// How the line to a mail relay is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS by command; without it nothing is sent.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// In which language letters are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    /// English.
    En,
    /// French.
    Fr,
    /// English, and French below.
    #[default]
    Both,
}

/// When owners of certificates are reminded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reminders {
    /// Days before the end.
    pub days: Vec<u32>,
    /// Whether a letter goes out when the last 24 hours begin.
    pub last_day: bool,
    /// Days after the end.
    pub after: Vec<u32>,
    /// Certificates that hold shorter than this many days are reminded in proportion; 0: none.
    pub proportional_below: u32,
    /// Whether `certificate probe` may look at private addresses.
    pub private_probes: bool,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            post: Carrier::Off,
            from: String::new(),
            help_desk: String::new(),
            language: Tongue::Both,
            directory: String::new(),
            host: String::new(),
            port: 587,
            security: MailSecurity::StartTls,
            authorities: String::new(),
            user: String::new(),
            password_file: String::new(),
        }
    }
}

impl Default for Reminders {
    fn default() -> Self {
        Self {
            days: vec![90, 60, 30],
            last_day: true,
            after: vec![1],
            proportional_below: 0,
            private_probes: false,
        }
    }
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
            drain: Span(Duration::from_secs(25)),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = |seconds| Span(Duration::from_secs(seconds));
        Self {
            requests_per_second: 1_000,
            burst: 2_000,
            failures_per_minute: 60,
            failure_burst: 100,
            sockets: 4_096,
            in_work: 1_024,
            page_default: 100,
            page_maximum: 1_000,
            search_rows: 1_000_000,
            search_time: seconds(2),
            cursor_life: seconds(3_600),
            read_time: seconds(2),
            write_time: seconds(5),
            bulk_time: seconds(30),
            handshake_time: seconds(5),
            header_time: seconds(10),
            idle_time: seconds(60),
            stall_time: seconds(10),
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
        let text =
            String::deserialize(deserializer).map_err(|_| serde::de::Error::custom(wanted))?;
        text.parse().map_err(|()| serde::de::Error::custom(wanted))
    }
}
