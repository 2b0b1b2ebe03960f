//! A command of an operator, as the command line sends it to a running server.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::service::access::connection::Dialect;
use crate::service::import::Source;
use crate::service::operate::Certificate;

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
    /// What a person may do, and why.
    AccessShow {
        /// Id or user name.
        user: String,
        /// Code or text of a module.
        module: Option<String>,
        /// Id of a provider.
        provider: Option<String>,
        /// Id or name of a room system.
        room: Option<String>,
        /// Code or text of a service.
        service: Option<String>,
        /// An RFC 3339 instant; now if absent.
        as_of: Option<String>,
    },
    /// Who can work in a module, schedule a room system, or use a service; one of them.
    AccessWho {
        /// Code or text of a module.
        module: Option<String>,
        /// Id of a provider, beside a module.
        provider: Option<String>,
        /// Id or name of a room system.
        room: Option<String>,
        /// Code or text of a service.
        service: Option<String>,
        /// An RFC 3339 instant; now if absent.
        as_of: Option<String>,
        /// `next` of the page before.
        after: Option<String>,
        /// At most this many people.
        limit: usize,
    },
    /// Saves a mapping rule and carries it out.
    RuleAdd {
        /// The rule as people write it.
        rule: Value,
        /// The id of the rule whose place it takes.
        replaces: Option<String>,
    },
    /// Lists rules, of one organization or of all.
    RuleList {
        /// `ORG####`.
        organization: Option<String>,
    },
    /// One rule.
    RuleShow {
        /// Its id.
        rule: String,
    },
    /// Takes a rule away, and what is held by it.
    RuleRemove {
        /// Its id.
        rule: String,
    },
    /// Agrees to a rule; never its writer.
    RuleApprove {
        /// Its id.
        rule: String,
        /// An administrator's token; without one, the operator agrees.
        token: Option<String>,
    },
    /// What saving or removing a rule would do.
    RulePreview {
        /// The rule as people write it; without it, the removal is shown.
        rule: Option<Value>,
        /// The id of the rule whose place it takes, or that goes.
        replaces: Option<String>,
        /// With the groups and people of this instant.
        at: Option<String>,
    },
    /// How far the work on a rule has come, and a way to stop it.
    RuleProgress {
        /// Its id.
        rule: String,
        /// Stop it, while nothing is written.
        cancel: bool,
    },
    /// Lists mass changes that were held back, of one organization or of all.
    HoldList {
        /// `ORG####`.
        organization: Option<String>,
    },
    /// One of them, with its exact people.
    HoldShow {
        /// Its id.
        hold: String,
    },
    /// Lets the same change pass, for a day.
    HoldRelease {
        /// Its id.
        hold: String,
    },
    /// Says that it shall not be made.
    HoldReject {
        /// Its id.
        hold: String,
    },
    /// Takes over a description of the network. Answers the report.
    Import {
        /// Where it is.
        source: Source,
        /// `ORG####` of rows that name no organization.
        organization: Option<String>,
        /// Only say what would be done.
        dry_run: bool,
    },
    /// How far the import that runs has come. Answers the stage, or null.
    ImportProgress,
    /// The register of certificates.
    Certificate {
        /// What of it.
        of: Certificate,
    },
    /// Lists the closed accounts of an organization.
    PersonClosed {
        /// `ORG####`.
        organization: String,
    },
    /// Undoes a closing within 24 hours: exactly the state before.
    PersonUndo {
        /// The account's id.
        user: String,
    },
    /// Opens a closed account again: disabled, without services and grants.
    PersonReinstate {
        /// The account's id.
        user: String,
    },
    /// Takes over when people signed in.
    SignInImport {
        /// `ORG####`.
        organization: String,
        /// The sheet: `userName,lastAccess`.
        sheet: String,
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
    /// Compares records with their indexes, unique keys, links and events.
    Check,
    /// Takes an export; a file, see [`files`](super::files).
    Export {
        /// Which of the five, by its word.
        kind: String,
        /// `ORG####` or id.
        organization: String,
        /// As of when, in RFC 3339; now when it is left out.
        at: Option<String>,
        /// Whether the file begins with a byte order mark.
        mark: bool,
    },
    /// Makes the file of a finished export once more, to compare it; a file, see
    /// [`files`](super::files).
    ExportAgain {
        /// The number of the organization.
        organization: u32,
        /// The sequence of the event in its chain.
        seq: u64,
    },
    /// The exports that a file is, or else may have been.
    ExportVerify {
        /// Its SHA-256, in hexadecimal.
        sum: String,
        /// What its first line says that it can be, by their words.
        kinds: Vec<String>,
    },
}

impl Command {
    /// Whether its answer is a file, which comes in parts.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::Export { .. } | Self::ExportAgain { .. })
    }

    /// Whether it changes organizations, connections or tokens.
    pub(super) fn governs(&self) -> bool {
        matches!(
            self,
            Self::OrganizationAdd { .. }
                | Self::OrganizationSet { .. }
                | Self::ConnectionAdd { .. }
                | Self::ConnectionSet { .. }
                | Self::TokenAdd { .. }
                | Self::TokenAddAdmin { .. }
                | Self::TokenRevoke { .. }
        )
    }
}
