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
    /// The record of every change.
    #[command(subcommand)]
    Audit(Audit),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sound() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
