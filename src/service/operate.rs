//! The commands of an operator, the same through the socket and without a server.
//!
//! A switchboard over use cases and the store; it decides nothing itself. It is the one use case
//! that may call others.

mod certificate;
mod command;
pub mod files;
mod import;
mod mapping;
mod person;

pub use certificate::Certificate;
pub use certificate::Form;
pub use command::Command;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::base::hex::hex;
use crate::domain::place::organization;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::access::connection::Dialect;
use crate::service::effective;
use crate::service::effective::Asked;
use crate::service::tenancy;
use crate::service::wire::keys;
use crate::service::wire::model::Models;
use crate::service::wire::render;
use crate::store::Rule;
use crate::store::change::Event;

/// Runs a command. The answer is JSON that the command line prints as it is (`--json`) or as
/// lines for people.
pub async fn run(ports: &Ports, command: Command) -> Result<Value, Error> {
    let _alone = if command.governs() { Some(ports.governing.lock().await) } else { None };
    // Each kind of command in a box of its own: nobody carries the room of all others about.
    match command {
        Command::OrganizationAdd { .. }
        | Command::OrganizationList
        | Command::OrganizationSet { .. }
        | Command::ConnectionAdd { .. }
        | Command::ConnectionList { .. }
        | Command::ConnectionShow { .. }
        | Command::ConnectionSet { .. }
        | Command::TokenAdd { .. }
        | Command::TokenAddAdmin { .. }
        | Command::TokenList { .. }
        | Command::TokenRevoke { .. } => Box::pin(tenants(ports, command)).await,
        Command::AccessShow { user, module, provider, room, service, as_of } => {
            let asked = Asked { module, provider, room, service, as_of };
            effective::show(ports, &user, &asked).await
        }
        Command::AccessWho { module, provider, room, service, as_of, after, limit } => {
            let asked = Asked { module, provider, room, service, as_of };
            effective::who_can(ports, &asked, (after.as_deref(), limit)).await
        }
        Command::RuleAdd { .. }
        | Command::RuleList { .. }
        | Command::RuleShow { .. }
        | Command::RuleRemove { .. }
        | Command::RuleApprove { .. }
        | Command::RulePreview { .. }
        | Command::RuleProgress { .. } => Box::pin(mapping::rule_command(ports, command)).await,
        Command::HoldList { .. }
        | Command::HoldShow { .. }
        | Command::HoldRelease { .. }
        | Command::HoldReject { .. } => Box::pin(mapping::hold_command(ports, command)).await,
        Command::Certificate { of } => Box::pin(certificate::run(ports, of)).await,
        Command::AuditVerify => json(&ports.store.verify().await?),
        Command::AuditShow { chain, from, limit } => show(ports, &chain, from, limit).await,
        Command::Backup { target } => {
            let bytes = ports.store.backup(target.clone()).await?;
            Ok(serde_json::json!({"file": target.display().to_string(), "bytes": bytes}))
        }
        Command::ExportVerify { sum, kinds } => files::verify(ports, &sum, &kinds).await,
        Command::Export { .. } | Command::ExportAgain { .. } => Err(files::unfit()),
        Command::Import { source, organization, dry_run } => {
            let wish = import::Wish { source, organization, dry_run };
            // On the heap: no other command should carry the room that it needs.
            Box::pin(import::run(ports, wish)).await
        }
        Command::ImportProgress => json(&ports.progress.stage()),
        Command::PersonClosed { .. }
        | Command::PersonUndo { .. }
        | Command::PersonReinstate { .. }
        | Command::SignInImport { .. } => Box::pin(person::run(ports, command)).await,
        Command::Check => json(&ports.store.check(Some(rule(&ports.models))).await?),
    }
}

/// The commands about organizations, connections and tokens.
async fn tenants(ports: &Ports, command: Command) -> Result<Value, Error> {
    match command {
        Command::OrganizationAdd { number, name, parent } => {
            tenancy::add_organization(ports, number, &name, parent.as_deref()).await
        }
        Command::OrganizationList => tenancy::list_organizations(ports).await,
        Command::OrganizationSet { organization, name, brake_limit } => {
            tenancy::set_organization(ports, &organization, name.as_deref(), brake_limit).await
        }
        Command::ConnectionAdd { organization, name, dialect } => {
            tenancy::add_connection(ports, &organization, &name, dialect).await
        }
        Command::ConnectionList { organization } => {
            tenancy::list_connections(ports, organization.as_deref()).await
        }
        Command::ConnectionShow { connection } => {
            tenancy::show_connection(ports, &connection).await
        }
        Command::ConnectionSet { connection, settings } => {
            tenancy::set_connection(ports, &connection, &settings).await
        }
        Command::TokenAdd { connection, days } => {
            tenancy::add_token(ports, &connection, days).await
        }
        Command::TokenAddAdmin { days } => tenancy::add_admin_token(ports, days).await,
        Command::TokenList { connection } => {
            tenancy::list_tokens(ports, connection.as_deref()).await
        }
        Command::TokenRevoke { token } => tenancy::revoke_token(ports, &token).await,
        _ => Err(Error::not_found()),
    }
}

/// By what a resource is to be found, by the resource types of `models`. A body that cannot be
/// read is found by nothing.
pub fn rule(models: &Models) -> Rule {
    let models = models.clone();
    Arc::new(move |record: &Record| {
        let model = models.of_kind(record.head.kind)?;
        let document = render::document(record).unwrap_or_default();
        Some(keys::entries(model, &document, None))
    })
}

/// The first start: an organization, a connection with its token, an administrator's token.
pub async fn found(ports: &Ports, number: u32, name: &str) -> Result<Value, Error> {
    let organization = tenancy::add_organization(ports, number, name, None).await?;
    let code = organization::code(number);
    let made = tenancy::add_connection(ports, &code, "First connection", Dialect::Generic).await?;
    let admin = tenancy::add_admin_token(ports, tenancy::DEFAULT_DAYS).await?;
    let value = |answer: &Value, name: &str| answer.get(name).cloned().unwrap_or_default();
    Ok(serde_json::json!({
        "organization": value(&organization, "organization"),
        "connection": value(&made, "connection"),
        "token": value(&made, "token"),
        "admin_token": value(&admin, "token"),
    }))
}

/// The most events of one answer.
const MOST_EVENTS: usize = 10_000;

async fn show(ports: &Ports, chain: &str, from: u64, limit: usize) -> Result<Value, Error> {
    let number = match chain {
        "network" => 0,
        code => organization::number(code).ok_or_else(|| {
            let said = "A chain is named `network` or by its organization, such as ORG0001.";
            Error::new(Kind::NotFound, said)
        })?,
    };
    let events = ports.store.events(number, from.max(1), limit.min(MOST_EVENTS)).await?;
    Ok(events.iter().map(line).collect())
}

/// An event as people and scripts read it.
fn line(event: &Event) -> Value {
    serde_json::json!({
        "seq": event.seq,
        "at": event.at.to_string(),
        "actor": format!("{:?}", event.cause.actor),
        "door": format!("{:?}", event.cause.door),
        "source": event.cause.source,
        "request": event.cause.request.to_string(),
        "reason": event.cause.reason,
        "action": format!("{:?}", event.action),
        "outcome": format!("{:?}", event.outcome),
        "subject": event.subject.map(|(_, id)| id.to_string()),
        "attributes": event.attributes,
        "beside": event.beside.iter().map(|beside| beside.id.to_string()).collect::<Vec<_>>(),
        "linked": event.linked,
        "unlinked": event.unlinked,
        "clock_back": event.clock_back,
        "hash": hex(&event.hash),
    })
}

fn json<T: Serialize>(value: &T) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(Error::internal)
}
