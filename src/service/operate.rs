//! The commands of an operator, the same through the socket and without a server.
//!
//! A switchboard over use cases and the store; it decides nothing itself. It is the one use case
//! that may call others.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::place::organization;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::access::connection::Dialect;
use crate::service::certificates;
use crate::service::tenancy;
use crate::service::wire::keys;
use crate::service::wire::model::Models;
use crate::service::wire::render;
use crate::store::Rule;
use crate::store::change::Event;

/// A command, as the command line sends it to a running server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Makes an organization. Answers the organization.
    OrganizationAdd {
        /// `ORG####` without the letters: 1 to 9999.
        number: u32,
        /// For people.
        name: String,
        /// The organization above, by `ORG####` or id.
        parent: Option<String>,
    },
    /// Lists organizations.
    OrganizationList,
    /// Changes settings of an organization.
    OrganizationSet {
        /// `ORG####` or id.
        organization: String,
        /// A new name.
        name: Option<String>,
        /// The mass-change brake's limit; 0 switches it off.
        brake_limit: Option<u32>,
    },
    /// Makes a connection with its first token. Answers `{"connection", "token"}`.
    ConnectionAdd {
        /// `ORG####` or id.
        organization: String,
        /// For people.
        name: String,
        /// The product behind it.
        dialect: Dialect,
    },
    /// Lists connections, of one organization or of all.
    ConnectionList {
        /// `ORG####` or id.
        organization: Option<String>,
    },
    /// One connection: settings, tokens (never their text), tolerated oddities.
    ConnectionShow {
        /// Its id.
        connection: String,
    },
    /// Changes settings of a connection: names and values as `connection show` prints them.
    ConnectionSet {
        /// Its id.
        connection: String,
        /// `name=value` pairs.
        settings: Vec<String>,
    },
    /// Mints a token for a connection; two may live at once. Answers the token, once.
    TokenAdd {
        /// The connection's id.
        connection: String,
        /// How long it lives, in days.
        days: u32,
    },
    /// Mints a token of a global administrator.
    TokenAddAdmin {
        /// How long it lives, in days.
        days: u32,
    },
    /// Lists tokens of a connection, or all.
    TokenList {
        /// The connection's id.
        connection: Option<String>,
    },
    /// Ends a token at once.
    TokenRevoke {
        /// The token's id, as `token list` prints it.
        token: String,
    },
    /// The register of certificates.
    Certificate {
        /// What of it.
        of: Certificate,
    },
    /// Verifies every event chain.
    AuditVerify,
    /// Events of one chain.
    AuditShow {
        /// `ORG####`, or `network`.
        chain: String,
        /// From this sequence number on.
        from: u64,
        /// At most this many.
        limit: usize,
    },
    /// Copies the store while serving.
    Backup {
        /// The new file.
        target: std::path::PathBuf,
    },
    /// Compares records with their indexes, unique keys, links and events.
    Check,
}

/// A command about certificates.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "certificate", rename_all = "kebab-case")]
pub enum Certificate {
    /// Puts a certificate into the register. Answers it.
    Add {
        /// `ORG####`, id, or `network`.
        organization: String,
        /// Certificates in PEM.
        input: String,
        /// What people say of it.
        details: certificates::Details,
    },
    /// Reads what a host shows.
    Probe {
        /// `HOST:PORT`.
        at: String,
        /// Whether SMTP is spoken before TLS.
        smtp: bool,
        /// Whether private addresses may be looked at.
        allow_private: bool,
        /// Keeps it in the register of this organization.
        organization: Option<String>,
        /// What people say of it.
        details: certificates::Details,
    },
    /// What expires, nearest end first.
    List {
        /// `ORG####`, id, or `network`.
        organization: Option<String>,
    },
    /// One certificate, its plan and its letters.
    Show {
        /// Its id.
        id: String,
    },
    /// Changes what people say of it.
    Set {
        /// Its id.
        id: String,
        /// What they say now.
        details: certificates::Details,
    },
    /// Puts its successor into the register.
    Replace {
        /// Its id.
        id: String,
        /// The successor in PEM.
        input: String,
        /// What people say of the successor, where it differs.
        details: certificates::Details,
    },
    /// Takes it out of the register.
    Remove {
        /// Its id.
        id: String,
    },
    /// Sends the letters that are due.
    Remind {
        /// Only says which those are.
        dry_run: bool,
        /// Says that the clock is right, after it jumped.
        confirm_clock: bool,
    },
    /// Sends a letter that says only that mail works.
    TestMail {
        /// To whom.
        address: String,
    },
    /// The register as a file: `{"text"}`.
    Write {
        /// In which form.
        form: Form,
        /// `ORG####`, id, or `network`.
        organization: Option<String>,
    },
}

/// A form in which the register is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A picture of the coming 400 days: SVG.
    Timeline,
    /// A calendar: iCalendar.
    Calendar,
    /// A sheet: CSV.
    Csv,
}

impl Command {
    /// Whether it changes organizations, connections or tokens.
    fn governs(&self) -> bool {
        matches!(
            self,
            Self::OrganizationAdd { .. }
                | Self::OrganizationSet { .. }
                | Self::ConnectionAdd { .. }
                | Self::ConnectionSet { .. }
                | Self::TokenAdd { .. }
                | Self::TokenAddAdmin { .. }
                | Self::TokenRevoke { .. }
        )
    }
}

/// Runs a command. The answer is JSON that the command line prints as it is (`--json`) or as
/// lines for people.
pub async fn run(ports: &Ports, command: Command) -> Result<Value, Error> {
    let _alone = if command.governs() { Some(ports.governing.lock().await) } else { None };
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
        Command::Certificate { of } => certificate(ports, of).await,
        Command::AuditVerify => json(&ports.store.verify().await?),
        Command::AuditShow { chain, from, limit } => show(ports, &chain, from, limit).await,
        Command::Backup { target } => {
            let bytes = ports.store.backup(target.clone()).await?;
            Ok(serde_json::json!({"file": target.display().to_string(), "bytes": bytes}))
        }
        Command::Check => json(&ports.store.check(Some(rule(&ports.models))).await?),
    }
}

async fn certificate(ports: &Ports, of: Certificate) -> Result<Value, Error> {
    let cause = tenancy::operator(ports)?;
    match of {
        Certificate::Add { organization, input, details } => {
            certificates::add(ports, cause, &organization, input.as_bytes(), details).await
        }
        Certificate::Probe { at, smtp, allow_private, organization, details } => {
            let before = if smtp { certificates::Before::Smtp } else { Default::default() };
            let keep = organization.map(|organization| (cause, organization, details));
            certificates::probe(ports, (&at, before), allow_private, keep).await
        }
        Certificate::List { organization } => {
            certificates::list(ports, organization.as_deref()).await
        }
        Certificate::Show { id } => certificates::show(ports, &id).await,
        Certificate::Set { id, details } => certificates::set(ports, cause, &id, details).await,
        Certificate::Replace { id, input, details } => {
            certificates::replace(ports, cause, &id, input.as_bytes(), details).await
        }
        Certificate::Remove { id } => certificates::remove(ports, cause, &id).await,
        Certificate::Remind { dry_run, confirm_clock } => {
            if confirm_clock {
                certificates::confirm_clock(ports);
            }
            match dry_run {
                true => certificates::dry_run(ports).await,
                false => certificates::remind(ports).await,
            }
        }
        Certificate::TestMail { address } => certificates::test_mail(ports, &address).await,
        Certificate::Write { form, organization } => {
            let of = organization.as_deref();
            let text = match form {
                Form::Timeline => certificates::timeline(ports, of).await?,
                Form::Calendar => certificates::calendar(ports, of).await?,
                Form::Csv => String::from_utf8(certificates::csv(ports, of).await?)
                    .map_err(Error::internal)?,
            };
            Ok(serde_json::json!({ "text": text }))
        }
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn json<T: Serialize>(value: &T) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(Error::internal)
}
