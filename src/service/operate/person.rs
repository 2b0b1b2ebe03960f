//! The operator's commands about people: sign-ins, and the end of an account taken back.

use serde_json::Value;

use crate::base::id::Id;
use crate::domain::place::organization;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::Work;
use crate::service::operate::Command;
use crate::service::people;

/// The commands about people.
pub(super) async fn run(ports: &Ports, command: Command) -> Result<Value, Error> {
    let caller = Caller::operator(ports)?;
    let work = Work { ports, caller: &caller };
    match command {
        Command::SignInImport { organization, sheet } => {
            people::import(work, known_organization(ports, &organization)?, &sheet).await
        }
        Command::PersonClosed { organization } => {
            people::closed(work, known_organization(ports, &organization)?).await
        }
        Command::PersonUndo { user } => people::undo(work, user_id(&user)?).await,
        Command::PersonReinstate { user } => people::reinstate(work, user_id(&user)?).await,
        _ => Err(Error::not_found()),
    }
}

fn user_id(text: &str) -> Result<Id, Error> {
    let said = "An account is named by its id. `wardgate person closed` lists closed ones.";
    Id::parse(text).ok_or_else(|| Error::new(Kind::NotFound, said))
}

/// The number behind `ORG####`, if there is such an organization.
fn known_organization(ports: &Ports, code: &str) -> Result<u32, Error> {
    let number = organization::number(code);
    let known = number.filter(|number| ports.registry.snapshot().organization(*number).is_some());
    known.ok_or_else(|| {
        let said = "No such organization. `wardgate organization list` shows all.";
        Error::new(Kind::NotFound, said)
    })
}
