//! The command line, as words.

mod access;
mod person;
mod rule;

pub use access::About;
pub use access::Access;
pub use person::Person;
pub use person::SignIn;
pub use rule::Hold;
pub use rule::Rule;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::builder::PossibleValuesParser;

use crate::domain::report::kind::Kind;

use crate::app::certificate::Certificate;

/// SCIM 2.0 provisioning gateway for a health network.
#[derive(Debug, Parser)]
#[command(name = "wardgate", version, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What every command knows.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The data directory [default: $WARDGATE_DATA, else data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The settings file [default: $WARDGATE_CONFIG, else wardgate.toml in the data directory].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long)]
    pub json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Serve SCIM over TLS; the first start makes everything that is missing.
    Serve(Serve),
    /// Make a data directory: keys, store, a first organization, connection and tokens.
    Init(Init),
    /// Organizations: the tenants.
    #[command(subcommand)]
    Organization(Organization),
    /// Connections: an identity provider's link to an organization.
    #[command(subcommand)]
    Connection(Connection),
    /// Bearer tokens.
    #[command(subcommand)]
    Token(Token),
    /// Take over a description of the network: organizations, sites, rooms, people and what ties
    /// them. What is the same is left alone, what differs is updated, nothing is removed.
    Import(Import),
    /// What people may do at an instant, and why; and who may do something.
    #[command(subcommand)]
    Access(Access),
    /// Closed accounts: shown, and brought back.
    #[command(subcommand)]
    Person(Person),
    /// When people signed in.
    #[command(subcommand)]
    SignIn(SignIn),
    /// Mapping rules: what the members of pushed groups get.
    #[command(subcommand)]
    Rule(Rule),
    /// Mass changes that were held back.
    #[command(subcommand)]
    Hold(Hold),
    /// Certificates: what ends when, and who is told.
    #[command(subcommand)]
    Certificate(Certificate),
    /// The record of every change.
    #[command(subcommand)]
    Audit(Audit),
    /// Export people, delegates or scheduling access of one organization as CSV, also while
    /// serving; or verify such a file.
    Export(Export),
    /// Copy the store into a new file, also while serving.
    Backup(Backup),
    /// Put a backup in the place of the store; the former store is kept beside it.
    Restore(Restore),
    /// Compare records, indexes, unique keys, memberships and events with each other; with no
    /// server running, the checksums of the file too.
    Check(Check),
}

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// The address and port to listen on; port 0 takes any free one.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// The number in ORG####.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=9_999))]
    pub organization_number: u32,
    /// The organization's name.
    #[arg(long, value_name = "NAME", default_value = "First organization")]
    pub organization_name: String,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `organization`
#[derive(Debug, Subcommand)]
pub enum Organization {
    /// Make an organization.
    Add {
        /// The number in ORG####.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=9_999))]
        number: u32,
        /// Its name.
        #[arg(long)]
        name: String,
        /// The organization above it: ORG#### or id.
        #[arg(long, value_name = "ID")]
        parent: Option<String>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// List organizations.
    List {
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Change settings of an organization.
    Set {
        /// ORG#### or id.
        organization: String,
        /// A new name.
        #[arg(long)]
        name: Option<String>,
        /// How many people a mass change may hit before it is held; 0 switches the brake off.
        #[arg(long, value_name = "N")]
        brake_limit: Option<u32>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// `connection`
#[derive(Debug, Subcommand)]
pub enum Connection {
    /// Make a connection and its first token.
    Add {
        /// ORG#### or id.
        #[arg(long, value_name = "ORG")]
        organization: String,
        /// Its name.
        #[arg(long)]
        name: String,
        /// The product behind it: generic, entra, okta, onelogin, jumpcloud, ping, sailpoint,
        /// google or authentik.
        #[arg(long, default_value = "generic", value_parser = dialect)]
        dialect: crate::service::access::connection::Dialect,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// List connections.
    List {
        /// Only of this organization: ORG#### or id.
        #[arg(long, value_name = "ORG")]
        organization: Option<String>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Show settings, tokens (never their text) and tolerated oddities.
    Show {
        /// The connection's id.
        connection: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Change settings, by the names that `connection show` prints.
    Set {
        /// The connection's id.
        connection: String,
        /// name=value, once or more.
        #[arg(required = true, value_name = "NAME=VALUE")]
        settings: Vec<String>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// `token`
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Mint a token. It is shown once. Two of a connection may live at one time.
    Add {
        /// The connection's id.
        #[arg(required_unless_present = "admin")]
        connection: Option<String>,
        /// A global administrator's token instead of a connection's.
        #[arg(long, conflicts_with = "connection")]
        admin: bool,
        /// How many days it lives.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3_650))]
        days: u32,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// List tokens (never their text).
    List {
        /// Only of this connection.
        connection: Option<String>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// End a token at once.
    Revoke {
        /// The token's id, as `token list` prints it.
        token: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// A JSON file, a sheet, or a folder of them. A sheet is named for what it holds:
    /// organizations.csv, sites.csv, room-systems.csv, people.csv, providers.csv, pools.csv,
    /// groups.csv, delegations.csv, schedulers.csv. It is read by the process that has the
    /// store open.
    #[arg(required_unless_present = "sample", value_name = "FILE|FOLDER")]
    pub path: Option<PathBuf>,
    /// The organization of rows that name none.
    #[arg(long, value_name = "ORG####")]
    pub organization: Option<String>,
    /// Only show what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Load a network to try things on: active (everybody at work) or deactivated.
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "active", conflicts_with = "path", value_parser = sample)]
    pub sample: Option<crate::service::import::Sample>,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `audit`
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Verify every chain; the first bad record of a broken chain is named, and the exit code is 1.
    Verify {
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Show events of one chain.
    Show {
        /// ORG####, or network.
        #[arg(default_value = "network")]
        chain: String,
        /// From this sequence number on.
        #[arg(long, default_value_t = 1)]
        from: u64,
        /// At most this many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// `export`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Export {
    /// Instead of an export: say which export a file is.
    #[command(subcommand)]
    pub verb: Option<ExportVerb>,
    /// Which export.
    #[arg(required = true, value_name = "KIND", value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::word)))]
    pub kind: Option<String>,
    /// Of which organization: ORG#### or id.
    #[arg(long, required = true, value_name = "ID")]
    pub organization: Option<String>,
    /// As of an instant that has passed, such as 2026-01-05T13:00:00Z [default: now].
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// A file, a directory, or - to print [default: under its own name in the current directory].
    #[arg(long, value_name = "FILE|DIR|-")]
    pub output: Option<PathBuf>,
    /// Replace a file that is there already.
    #[arg(long)]
    pub force: bool,
    /// Begin the file with a byte order mark, for Excel.
    #[arg(long)]
    pub bom: bool,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `export verify`
#[derive(Debug, Subcommand)]
pub enum ExportVerb {
    /// Say which export a file is, or where it differs from the nearest one; then the exit code
    /// is 1.
    Verify {
        /// The file.
        file: PathBuf,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// `backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The new file; it must not exist.
    pub target: PathBuf,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// A file that `wardgate backup` wrote.
    pub backup: PathBuf,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

fn dialect(text: &str) -> Result<crate::service::access::connection::Dialect, &'static str> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| {
        "expected generic, entra, okta, onelogin, jumpcloud, ping, sailpoint, google or authentik"
    })
}

fn sample(text: &str) -> Result<crate::service::import::Sample, &'static str> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|_| "expected active or deactivated")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sound() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
