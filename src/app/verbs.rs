//! What each word of the command line does.

use std::path::Path;

use serde_json::Value;

use crate::app::Failure;
use crate::app::access;
use crate::app::arguments::About;
use crate::app::arguments::Access;
use crate::app::arguments::Audit;
use crate::app::arguments::Connection;
use crate::app::arguments::ExportVerb;
use crate::app::arguments::Hold;
use crate::app::arguments::Organization;
use crate::app::arguments::Person;
use crate::app::arguments::Place;
use crate::app::arguments::Rule;
use crate::app::arguments::SignIn;
use crate::app::arguments::Token;
use crate::app::arguments::Verb;
use crate::app::certificate;
use crate::app::export;
use crate::app::first;
use crate::app::import;
use crate::app::print;
use crate::app::reach;
use crate::app::restore;
use crate::app::serve;
use crate::app::verify;
use crate::service::operate::Command;

/// Runs one command; the exit code is an answer too: `check` and `audit verify` say 1 on findings,
/// `sign-in import` when a row was not taken.
pub fn run(verb: Verb) -> Result<u8, Failure> {
    match verb {
        Verb::Serve(arguments) => serve::run(&arguments).map(|()| 0),
        Verb::Init(arguments) => first::run(&arguments).map(|()| 0),
        Verb::Restore(arguments) => restore::run(&arguments).map(|()| 0),
        Verb::Export(words) => match &words.verb {
            Some(ExportVerb::Verify { file, place }) => verify::run(file, place),
            None => export::run(&words),
        },
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
    Import,
    Verify,
    Access,
    Who,
    SignIns,
    Else,
}

impl Purpose {
    fn of(command: &Command) -> Self {
        match command {
            Command::Check => Self::Check,
            Command::AuditVerify => Self::Verify,
            Command::Import { .. } => Self::Import,
            Command::AccessShow { .. } => Self::Access,
            Command::AccessWho { .. } => Self::Who,
            Command::SignInImport { .. } => Self::SignIns,
            _ => Self::Else,
        }
    }

    /// Prints the answer; 1 when it is a finding.
    fn report(self, answer: &Value, json: bool) -> u8 {
        let found = match self {
            Self::Check => list(answer, "findings"),
            Self::Verify => list(answer, "broken"),
            Self::Import => return import::report(answer, json),
            Self::SignIns => list(answer, "refused"),
            Self::Access | Self::Who | Self::Else => &[],
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
            (Self::Access, false, _) => print::out(&access::person(answer)),
            (Self::Who, false, _) => print::out(&access::people(answer)),
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
        Verb::Import(words) => (words.place.clone(), import::command(&words)?),
        Verb::Access(words) => asked(words),
        Verb::Hold(words) => hold(words),
        Verb::Person(words) => person(words),
        Verb::Rule(words) => rule(words)?,
        Verb::SignIn(SignIn::Import { file, organization, place }) => {
            (place, Command::SignInImport { organization, sheet: text(&file)? })
        }
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
        Verb::Serve(_)
        | Verb::Init(_)
        | Verb::Restore(_)
        | Verb::Export(_)
        | Verb::Certificate(_) => {
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

fn asked(words: Access) -> (Place, Command) {
    match words {
        Access::Show { user, about, place } => {
            let About { module, provider, room, service, as_of } = about;
            (place, Command::AccessShow { user, module, provider, room, service, as_of })
        }
        Access::Who { about, after, limit, place } => {
            let About { module, provider, room, service, as_of } = about;
            let limit = usize::from(limit);
            let asked = Command::AccessWho { module, provider, room, service, as_of, after, limit };
            (place, asked)
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

fn hold(words: Hold) -> (Place, Command) {
    match words {
        Hold::List { organization, place } => (place, Command::HoldList { organization }),
        Hold::Show { hold, place } => (place, Command::HoldShow { hold }),
        Hold::Release { hold, place } => (place, Command::HoldRelease { hold }),
        Hold::Reject { hold, place } => (place, Command::HoldReject { hold }),
    }
}

fn person(words: Person) -> (Place, Command) {
    match words {
        Person::Closed { organization, place } => (place, Command::PersonClosed { organization }),
        Person::Undo { user, place } => (place, Command::PersonUndo { user }),
        Person::Reinstate { user, place } => (place, Command::PersonReinstate { user }),
    }
}

fn rule(words: Rule) -> Result<(Place, Command), Failure> {
    Ok(match words {
        Rule::Add { file, replaces, place } => {
            (place, Command::RuleAdd { rule: json(&file)?, replaces })
        }
        Rule::List { organization, place } => (place, Command::RuleList { organization }),
        Rule::Show { rule, place } => (place, Command::RuleShow { rule }),
        Rule::Remove { rule, place } => (place, Command::RuleRemove { rule }),
        Rule::Approve { rule, token_file, place } => {
            let token = token_file.as_deref().map(text).transpose()?;
            let token = token.map(|token| token.trim().to_owned());
            (place, Command::RuleApprove { rule, token })
        }
        Rule::Preview { file, replaces, as_of, place } => {
            let rule = file.as_deref().map(json).transpose()?;
            (place, Command::RulePreview { rule, replaces, at: as_of })
        }
        Rule::Progress { rule, cancel, place } => (place, Command::RuleProgress { rule, cancel }),
    })
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| crate::app::folder::at(path, &error))
}

fn json(path: &Path) -> Result<Value, Failure> {
    serde_json::from_str(&text(path)?).map_err(|error| {
        let (file, line, column) = (path.display(), error.line(), error.column());
        Failure::Refused(format!("{file} is no JSON at line {line}, column {column}."))
    })
}
