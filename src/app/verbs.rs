//! What each word of the command line does.

use serde_json::Value;

use crate::app::Failure;
use crate::app::arguments::Audit;
use crate::app::arguments::Connection;
use crate::app::arguments::Organization;
use crate::app::arguments::Place;
use crate::app::arguments::Token;
use crate::app::arguments::Verb;
use crate::app::certificate;
use crate::app::first;
use crate::app::print;
use crate::app::reach;
use crate::app::restore;
use crate::app::serve;
use crate::service::operate::Command;

/// Runs one command; the exit code is an answer too: `check` and `audit verify` say 1 on findings.
pub fn run(verb: Verb) -> Result<u8, Failure> {
    match verb {
        Verb::Serve(arguments) => serve::run(&arguments).map(|()| 0),
        Verb::Init(arguments) => first::run(&arguments).map(|()| 0),
        Verb::Restore(arguments) => restore::run(&arguments).map(|()| 0),
        Verb::Certificate(words) => certificate::run(words).map(|()| 0),
        other => {
            let (place, command) = command(other)?;
            let purpose = Purpose::of(&command);
            let answer = reach::execute(&place, command)?;
            Ok(purpose.report(&answer, place.json))
        }
    }
}

/// How an answer is read.
#[derive(Clone, Copy)]
enum Purpose {
    Check,
    Verify,
    Else,
}

impl Purpose {
    fn of(command: &Command) -> Self {
        match command {
            Command::Check => Self::Check,
            Command::AuditVerify => Self::Verify,
            _ => Self::Else,
        }
    }

    /// Prints the answer; 1 when it is a finding.
    fn report(self, answer: &Value, json: bool) -> u8 {
        let found = match self {
            Self::Check => list(answer, "findings"),
            Self::Verify => list(answer, "broken"),
            Self::Else => &[],
        };
        match (self, json, found) {
            (Self::Check, false, []) => print::out(&format!(
                "All is well: {} records, {} index rows, {} links, {} events.\n",
                number(answer, "records"),
                number(answer, "index_rows"),
                number(answer, "links"),
                number(answer, "events"),
            )),
            (Self::Verify, false, []) => print::out(&format!(
                "Every chain is intact: {} chains, {} events.\n",
                number(answer, "chains"),
                number(answer, "events"),
            )),
            (Self::Check | Self::Verify, false, found) => {
                found.iter().for_each(|finding| print::out(&sentence(finding)));
            }
            _ => print::answer(answer, json),
        }
        u8::from(!found.is_empty())
    }
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn number(answer: &Value, name: &str) -> u64 {
    answer.get(name).and_then(Value::as_u64).unwrap_or(0)
}

/// A finding as a line; the first bad record of a chain is `[organization, sequence, why]`.
fn sentence(finding: &Value) -> String {
    match finding.as_array().map(Vec::as_slice) {
        Some([Value::Number(organization), Value::Number(sequence), Value::String(why)]) => {
            let chain = match organization.as_u64() {
                Some(0) => "network".to_owned(),
                other => format!("ORG{:04}", other.unwrap_or(0)),
            };
            format!("{chain}, record {sequence}: {why}\n")
        }
        _ => print::people(finding),
    }
}

fn command(verb: Verb) -> Result<(Place, Command), Failure> {
    Ok(match verb {
        Verb::Organization(words) => organization(words),
        Verb::Connection(words) => connection(words),
        Verb::Token(words) => token(words),
        Verb::Audit(Audit::Verify { place }) => (place, Command::AuditVerify),
        Verb::Audit(Audit::Show { chain, from, limit, place }) => {
            (place, Command::AuditShow { chain, from, limit })
        }
        Verb::Backup(words) => {
            let target = std::path::absolute(&words.target)
                .map_err(|error| crate::app::folder::at(&words.target, &error))?;
            (words.place, Command::Backup { target })
        }
        Verb::Check(words) => (words.place, Command::Check),
        Verb::Serve(_) | Verb::Init(_) | Verb::Restore(_) | Verb::Certificate(_) => {
            return Err(Failure::Usage("This command does not go through a server.".to_owned()));
        }
    })
}

fn organization(words: Organization) -> (Place, Command) {
    match words {
        Organization::Add { number, name, parent, place } => {
            (place, Command::OrganizationAdd { number, name, parent })
        }
        Organization::List { place } => (place, Command::OrganizationList),
        Organization::Set { organization, name, brake_limit, place } => {
            (place, Command::OrganizationSet { organization, name, brake_limit })
        }
    }
}

fn connection(words: Connection) -> (Place, Command) {
    match words {
        Connection::Add { organization, name, dialect, place } => {
            (place, Command::ConnectionAdd { organization, name, dialect })
        }
        Connection::List { organization, place } => {
            (place, Command::ConnectionList { organization })
        }
        Connection::Show { connection, place } => (place, Command::ConnectionShow { connection }),
        Connection::Set { connection, settings, place } => {
            (place, Command::ConnectionSet { connection, settings })
        }
    }
}

fn token(words: Token) -> (Place, Command) {
    match words {
        Token::Add { connection: Some(connection), days, place, .. } => {
            (place, Command::TokenAdd { connection, days })
        }
        Token::Add { connection: None, days, place, .. } => {
            (place, Command::TokenAddAdmin { days })
        }
        Token::List { connection, place } => (place, Command::TokenList { connection }),
        Token::Revoke { token, place } => (place, Command::TokenRevoke { token }),
    }
}
