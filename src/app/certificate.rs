//! `wardgate certificate`: the register on the command line.
//!
//! A file is read and judged here, before anything is sent: what holds a private key never
//! reaches a server.

use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use serde_json::Value;

use crate::app::Failure;
use crate::app::arguments::Place;
use crate::app::folder;
use crate::app::print;
use crate::app::reach;
use crate::domain::duty::certificate::Use;
use crate::domain::duty::read;
use crate::service::certificates::Details;
use crate::service::operate::Certificate as Of;
use crate::service::operate::Command;
use crate::service::operate::Form;

/// `certificate`
#[derive(Debug, Subcommand)]
pub enum Certificate {
    /// Put a certificate into the register: PEM, DER or PKCS #7, alone or with its chain.
    Add {
        /// The file. One that holds a private key is refused.
        file: PathBuf,
        /// Whose it is: ORG####, an id, or network.
        #[arg(long, value_name = "ORG")]
        organization: String,
        /// What people say of it.
        #[command(flatten)]
        said: Said,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Show the certificate that a host really serves; with --organization and --owner, keep it.
    Probe {
        /// The host and its port, such as www.example.org:443.
        #[arg(value_name = "HOST:PORT")]
        at: String,
        /// Speak SMTP up to STARTTLS first.
        #[arg(long)]
        smtp: bool,
        /// Look also at addresses of private networks and of this machine.
        #[arg(long)]
        allow_private: bool,
        /// Keep it in the register of this organization.
        #[arg(long, value_name = "ORG", requires = "owner")]
        organization: Option<String>,
        /// What people say of it.
        #[command(flatten)]
        said: Said,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// List what expires, nearest end first: certificates and tokens.
    List {
        /// Only of this organization: ORG####, an id, or network.
        #[arg(long, value_name = "ORG")]
        organization: Option<String>,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Show one certificate, its plan and its letters.
    Show {
        /// Its id, as `certificate list` prints it.
        id: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Change what people say of a certificate.
    Set {
        /// Its id.
        id: String,
        /// What people say of it.
        #[command(flatten)]
        said: Said,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Put the successor of a certificate into the register; letters about the old one end.
    Replace {
        /// The id of the old one.
        id: String,
        /// The file with the new one.
        file: PathBuf,
        /// What people say of the new one, where it differs.
        #[command(flatten)]
        said: Said,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Take a certificate out of the register.
    Remove {
        /// Its id.
        id: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Send the letters that are due now; a running server does so by itself.
    Remind {
        /// Only say which those are.
        #[arg(long)]
        dry_run: bool,
        /// Say that the clock is right, after it jumped and letters were held.
        #[arg(long)]
        confirm_clock: bool,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Send a letter that says only that mail works.
    TestMail {
        /// To whom.
        address: String,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Draw the coming 400 days as SVG; with --json, the same as a table.
    Timeline(Written),
    /// Write the ends of certificates as a calendar (.ics).
    Calendar(Written),
    /// Write the register as CSV.
    Export(Written),
}

/// What people say of a certificate.
#[derive(Clone, Debug, Args)]
pub struct Said {
    /// What it is used for: gateway-tls, client, saml-signing, saml-encryption, data-feed, other.
    #[arg(long = "use", value_name = "USE", value_parser = usage)]
    usage: Option<Use>,
    /// The Application Owner's mail address; empty when nobody owns it any more.
    #[arg(long, value_name = "MAIL")]
    owner: Option<String>,
    /// Another address that gets the letters; up to five times.
    #[arg(long, value_name = "MAIL")]
    also: Vec<String>,
    /// How it is renewed.
    #[arg(long, value_name = "TEXT")]
    process: Option<String>,
    /// Where it is used, and who is affected.
    #[arg(long, value_name = "TEXT")]
    place_of_use: Option<String>,
}

/// A form of the register that goes into a file.
#[derive(Debug, Args)]
pub struct Written {
    /// The file; - or none is standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only of this organization: ORG####, an id, or network.
    #[arg(long, value_name = "ORG")]
    organization: Option<String>,
    /// Where.
    #[command(flatten)]
    place: Place,
}

impl Said {
    fn details(self) -> Details {
        Details {
            usage: self.usage,
            owner: self.owner,
            extra: (!self.also.is_empty()).then_some(self.also),
            process: self.process,
            place: self.place_of_use,
        }
    }
}

/// Runs one of the words, and prints the answer.
pub fn run(words: Certificate) -> Result<(), Failure> {
    let (place, of) = match words {
        Certificate::Add { file, organization, said, place } => {
            (place, Of::Add { organization, input: read_file(&file)?, details: said.details() })
        }
        Certificate::Probe { at, smtp, allow_private, organization, said, place } => {
            let details = said.details();
            (place, Of::Probe { at, smtp, allow_private, organization, details })
        }
        Certificate::List { organization, place } => (place, Of::List { organization }),
        Certificate::Show { id, place } => (place, Of::Show { id }),
        Certificate::Set { id, said, place } => (place, Of::Set { id, details: said.details() }),
        Certificate::Replace { id, file, said, place } => {
            (place, Of::Replace { id, input: read_file(&file)?, details: said.details() })
        }
        Certificate::Remove { id, place } => (place, Of::Remove { id }),
        Certificate::Remind { dry_run, confirm_clock, place } => {
            (place, Of::Remind { dry_run, confirm_clock })
        }
        Certificate::TestMail { address, place } => (place, Of::TestMail { address }),
        Certificate::Timeline(written) => return write(Form::Timeline, written),
        Certificate::Calendar(written) => return write(Form::Calendar, written),
        Certificate::Export(written) => return write(Form::Csv, written),
    };
    let json = place.json;
    print::answer(&reach::execute(&place, Command::Certificate { of })?, json);
    Ok(())
}

/// The certificates of a file, as PEM.
fn read_file(path: &Path) -> Result<String, Failure> {
    let file = std::fs::File::open(path).map_err(|error| folder::at(path, &error))?;
    let mut input = Vec::new();
    let most = u64::try_from(read::MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    std::io::Read::read_to_end(&mut std::io::Read::take(file, most), &mut input)
        .map_err(|error| folder::at(path, &error))?;
    match read::certificates(&input) {
        Ok(found) => Ok(read::pem(&found)),
        Err(unreadable) => Err(Failure::Refused(format!("{}: {unreadable}", path.display()))),
    }
}

/// Writes a form of the register where it was asked for. With --json the picture is a table.
fn write(form: Form, written: Written) -> Result<(), Failure> {
    let Written { output, organization, place } = written;
    if place.json && form == Form::Timeline && output.is_none() {
        let of = Of::List { organization };
        print::answer(&reach::execute(&place, Command::Certificate { of })?, true);
        return Ok(());
    }
    let of = Of::Write { form, organization };
    let answer = reach::execute(&place, Command::Certificate { of })?;
    let text = answer.get("text").and_then(Value::as_str).unwrap_or_default();
    match output.filter(|path| path != Path::new("-")) {
        None => print::out(text),
        Some(path) => {
            std::fs::write(&path, text).map_err(|error| folder::at(&path, &error))?;
            let bytes = text.len();
            print::answer(
                &serde_json::json!({"file": path.display().to_string(), "bytes": bytes}),
                place.json,
            );
        }
    }
    Ok(())
}

fn usage(word: &str) -> Result<Use, &'static str> {
    Use::of(word)
        .ok_or("expected gateway-tls, client, saml-signing, saml-encryption, data-feed or other")
}
