//! `wardgate access`: what people may do, and who may do something.

use clap::Args;
use clap::Subcommand;

use crate::app::arguments::Place;

/// `access`
#[derive(Debug, Subcommand)]
pub enum Access {
    /// What a person may do, and why: every module, unless something else is asked about.
    Show {
        /// The person: id or user name.
        user: String,
        /// What about.
        #[command(flatten)]
        about: About,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Who can work in a module, schedule a room system, or use a service.
    Who {
        /// What about: one of module, room and service.
        #[command(flatten)]
        about: About,
        /// Go on after this id: `next` of the page before.
        #[arg(long, value_name = "ID")]
        after: Option<String>,
        /// At most this many people.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1_000))]
        limit: u16,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// What `access` is asked about.
#[derive(Debug, Args)]
pub struct About {
    /// A module: code or text, such as PROVIDERS_OFFICE.
    #[arg(long)]
    pub module: Option<String>,
    /// A provider, by id.
    #[arg(long, value_name = "ID")]
    pub provider: Option<String>,
    /// A room system: id or name.
    #[arg(long)]
    pub room: Option<String>,
    /// A service: code or text, such as PCVC.
    #[arg(long)]
    pub service: Option<String>,
    /// As of this instant, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
}
