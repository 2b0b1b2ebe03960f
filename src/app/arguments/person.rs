//! `wardgate person` and `wardgate sign-in`: what happens to accounts beside what identity
//! providers send.

use std::path::PathBuf;

use clap::Subcommand;

use crate::app::arguments::Place;

/// `person`
#[derive(Debug, Subcommand)]
pub enum Person {
    /// List closed accounts, and until when each closing can be undone.
    Closed {
        /// The organization: ORG####.
        #[arg(long, value_name = "ORG")]
        organization: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Undo a closing within 24 hours: everything is as it was before.
    Undo {
        /// The account's id.
        user: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Open a closed account again: disabled, without services and grants.
    Reinstate {
        /// The account's id.
        user: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// `sign-in`
#[derive(Debug, Subcommand)]
pub enum SignIn {
    /// Take over when people signed in; an older report changes nothing.
    Import {
        /// A sheet with the columns userName and lastAccess.
        file: PathBuf,
        /// The organization of the people: ORG####.
        #[arg(long, value_name = "ORG")]
        organization: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}
