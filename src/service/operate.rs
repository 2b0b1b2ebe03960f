//! The commands of an operator, the same through the socket and without a server.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::service::Error;
use crate::service::Ports;
use crate::service::access::connection::Dialect;

/// A command, as the command line sends it to a running server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Makes an organization. Answers the organization.
    OrganizationAdd {
        /// `ORG####` without the letters: 1 to 9999.
        number: u32,
        /// For people.
        name: String,
        /// The organization above, by `ORG####` or id.
        parent: Option<String>,
    },
    /// Lists organizations.
    OrganizationList,
    /// Changes settings of an organization.
    OrganizationSet {
        /// `ORG####` or id.
        organization: String,
        /// A new name.
        name: Option<String>,
        /// The mass-change brake's limit; 0 switches it off.
        brake_limit: Option<u32>,
    },
    /// Makes a connection with its first token. Answers `{"connection", "token"}`.
    ConnectionAdd {
        /// `ORG####` or id.
        organization: String,
        /// For people.
        name: String,
        /// The product behind it.
        dialect: Dialect,
    },
    /// Lists connections, of one organization or of all.
    ConnectionList {
        /// `ORG####` or id.
        organization: Option<String>,
    },
    /// One connection: settings, tokens (never their text), tolerated oddities.
    ConnectionShow {
        /// Its id.
        connection: String,
    },
    /// Changes settings of a connection: names and values as `connection show` prints them.
    ConnectionSet {
        /// Its id.
        connection: String,
        /// `name=value` pairs.
        settings: Vec<String>,
    },
    /// Mints a token for a connection; two may live at once. Answers the token, once.
    TokenAdd {
        /// The connection's id.
        connection: String,
        /// How long it lives, in days.
        days: u32,
    },
    /// Mints a token of a global administrator.
    TokenAddAdmin {
        /// How long it lives, in days.
        days: u32,
    },
    /// Lists tokens of a connection, or all.
    TokenList {
        /// The connection's id.
        connection: Option<String>,
    },
    /// Ends a token at once.
    TokenRevoke {
        /// The token's id, as `token list` prints it.
        token: String,
    },
    /// Verifies every event chain.
    AuditVerify,
    /// Events of one chain.
    AuditShow {
        /// `ORG####`, or `network`.
        chain: String,
        /// From this sequence number on.
        from: u64,
        /// At most this many.
        limit: usize,
    },
    /// Copies the store while serving.
    Backup {
        /// The new file.
        target: std::path::PathBuf,
    },
    /// Compares indexes, unique keys, links and events.
    Check,
}

/// Runs a command. The answer is JSON that the command line prints as it is (`--json`) or as
/// lines for people.
pub async fn run(_ports: &Ports, _command: Command) -> Result<Value, Error> {
    Err(Error::new(crate::service::Kind::Unsupported, "not built yet"))
}
