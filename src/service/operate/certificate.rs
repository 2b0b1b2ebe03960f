//! The operator's commands about certificates.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::service::Error;
use crate::service::Ports;
use crate::service::certificates;
use crate::service::tenancy;

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

/// Runs a command about certificates.
pub(super) async fn run(ports: &Ports, of: Certificate) -> Result<Value, Error> {
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
