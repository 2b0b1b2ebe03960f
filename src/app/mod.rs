//! Builds everything, starts it, stops it in order.
//!
//! `arguments` are the words of the command line; `verbs` does each. `serve` runs the gateway,
//! `first` makes a data directory, `restore` exchanges the store; every other command is a
//! `service::operate::Command` that `reach` carries to the running server or, when none runs,
//! to a store that it opens itself. `house` builds the ports, `folder` knows what lies where,
//! `export` writes the files that come in parts and `verify` compares them, `import` reads and
//! shows a description's way, `lock` lets one process in, `development` makes certificates,
//! `print` speaks to people.
//!
//! Invariants: one process on one store; a first start is whole or has not happened; a secret
//! is printed once and never taken as an argument; standard output is the answer, standard
//! error the log and the complaint, which is one sentence.
//!
//! Order of a stop: no new connections, requests that were taken are answered (at most
//! `server.drain` long), the store waits for its commits and closes, the lock goes.
//!
//! Rejected: a daemon mode (the service manager does it), and commands that open the store
//! beside a running server (one writer is what the store is built on).

pub mod access;
pub mod arguments;
pub mod certificate;
pub mod development;
pub mod export;
pub mod first;
pub mod folder;
pub mod house;
pub mod import;
pub mod lock;
pub mod log;
pub mod mail;
pub mod print;
pub mod reach;
pub mod restore;
pub mod serve;
pub mod shapes;
pub mod verbs;
pub mod verify;

use std::ffi::OsString;

use clap::Parser;

use crate::app::arguments::Arguments;
use crate::config::BadSetting;

/// Why a command did not do what it was asked: one sentence for the person at the terminal.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The command or a setting is wrong: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// It was refused, or failed: exit code 1.
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Refused(_) => 1,
        }
    }
}

impl From<BadSetting> for Failure {
    fn from(bad: BadSetting) -> Self {
        Self::Usage(bad.0)
    }
}

impl From<crate::service::Error> for Failure {
    fn from(error: crate::service::Error) -> Self {
        Self::Refused(match &error.source {
            Some(source) => format!("{} ({source})", error.said),
            None => error.said,
        })
    }
}

/// Runs the command line; the exit code is 0 done, 1 refused or failed, 2 wrong usage.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => return explain(&error),
    };
    match verbs::run(parsed.verb) {
        Ok(code) => code,
        Err(failure) => {
            print::complaint(&failure.to_string());
            failure.code()
        }
    }
}

/// Help goes out as it is; a mistake becomes one sentence.
fn explain(error: &clap::Error) -> u8 {
    if !error.use_stderr() {
        return u8::from(error.print().is_err());
    }
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return u8::from(error.print().is_err()).max(2);
    }
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = line.trim_start_matches("error: ").trim_end_matches('.');
    print::complaint(&format!("{said}; see `wardgate --help`."));
    2
}
