//! `wardgate rule` and `wardgate hold`: what members of pushed groups get, and what was held back.

use std::path::PathBuf;

use clap::Subcommand;

use crate::app::arguments::Place;

/// `rule`
#[derive(Debug, Subcommand)]
pub enum Rule {
    /// Save a rule, and carry it out for the members that are there.
    Add {
        /// The rule in JSON: connection, match, userFilter, then, options.
        file: PathBuf,
        /// Take the place of this rule, which loses its approval.
        #[arg(long, value_name = "RULE")]
        replaces: Option<String>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// List rules.
    List {
        /// Only of this organization: ORG####.
        #[arg(long, value_name = "ORG")]
        organization: Option<String>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Show a rule.
    Show {
        /// Its id.
        rule: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Take a rule away, and what is held by it.
    Remove {
        /// Its id.
        rule: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Agree to a rule that needs it; whoever wrote it cannot.
    Approve {
        /// Its id.
        rule: String,
        /// A file with an administrator's token; without it, the operator agrees.
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Show what saving a rule would do, or removing one; nothing is changed.
    Preview {
        /// The rule in JSON; without it, the removal of --replaces is shown.
        #[arg(required_unless_present = "replaces")]
        file: Option<PathBuf>,
        /// In the place of this rule.
        #[arg(long, value_name = "RULE")]
        replaces: Option<String>,
        /// With the groups and people of this instant.
        #[arg(long, value_name = "INSTANT")]
        as_of: Option<String>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Show how far the work on a rule has come.
    Progress {
        /// Its id.
        rule: String,
        /// Stop it, if nothing is written yet.
        #[arg(long)]
        cancel: bool,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// `hold`
#[derive(Debug, Subcommand)]
pub enum Hold {
    /// List holds.
    List {
        /// Only of this organization: ORG####.
        #[arg(long, value_name = "ORG")]
        organization: Option<String>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Show a hold with its exact people.
    Show {
        /// Its id.
        hold: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Let the same change pass, for a day.
    Release {
        /// Its id.
        hold: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Say that the change shall not be made.
    Reject {
        /// Its id.
        hold: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}
