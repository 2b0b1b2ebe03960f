//! Commands whose answer is a file, which comes in parts so that no answer is too large.

use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::hex::hex;
use crate::domain::place::organization;
use crate::domain::report::kind::Kind;
use crate::scim::error::ScimType;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Ports;
use crate::service::Work;
use crate::service::export;
use crate::service::export::Ask;
use crate::service::export::Taking;
use crate::service::operate::Command;

/// The most exports that a file is compared with.
const COMPARED: usize = 10;

/// A file on its way to the operator.
#[derive(Debug)]
pub struct Giving {
    caller: Caller,
    taking: Taking,
}

impl Giving {
    /// Begins the file that `command` asks for.
    pub async fn open(ports: &Ports, command: Command) -> Result<Self, Error> {
        let caller = Caller::operator(ports)?;
        let work = Work { ports, caller: &caller };
        let taking = match command {
            Command::Export { kind, organization, at, mark } => {
                let at = at.as_deref().map(instant).transpose()?;
                let ask = Ask { kind: parsed(&kind)?, organization, at, mark };
                Taking::open(work, &ask).await?
            }
            Command::ExportAgain { organization, seq } => {
                Taking::of_event(work, (organization, seq)).await?
            }
            _ => return Err(unfit()),
        };
        Ok(Self { caller, taking })
    }

    /// The next part; none after the last.
    pub async fn next(&mut self, ports: &Ports) -> Result<Option<String>, Error> {
        let work = Work { ports, caller: &self.caller };
        let bytes = self.taking.next(work).await?;
        bytes.map(String::from_utf8).transpose().map_err(Error::internal)
    }

    /// What the file is, once its last part was given.
    pub fn summary(&self) -> Result<Value, Error> {
        let whole = self.taking.summary();
        let whole = whole.ok_or_else(|| Error::internal("an export was not taken to its end"))?;
        Ok(json!({
            "file": self.taking.name(),
            "kind": self.taking.kind().word(),
            "organization": organization::code(self.taking.organization()),
            "as_of": self.taking.at().to_string(),
            "taken": self.taking.taken().to_string(),
            "rows": whole.rows,
            "bytes": whole.bytes,
            "neutralised": whole.neutralised,
            "sha256": hex(&whole.sha256),
        }))
    }
}

/// `{"is": [...]}` when the file is an export; else `{"is": [], "may_be": [...]}`.
pub(super) async fn verify(ports: &Ports, sum: &str, kinds: &[String]) -> Result<Value, Error> {
    let caller = Caller::operator(ports)?;
    let work = Work { ports, caller: &caller };
    let found = export::verify(work, sum).await?;
    let is = found.iter().map(|one| {
        json!({
            "organization": one.organization,
            "seq": one.seq,
            "at": one.at.to_string(),
            "by": one.by,
            "export": one.said,
        })
    });
    let is: Vec<Value> = is.collect();
    if !is.is_empty() {
        return Ok(json!({"is": is}));
    }
    let kinds = kinds.iter().map(|kind| parsed(kind)).collect::<Result<Vec<_>, _>>()?;
    let may = export::candidates(work, &kinds).await?;
    let may = may.iter().take(COMPARED).map(|one| {
        json!({
            "organization": one.organization,
            "seq": one.seq,
            "at": one.at.to_string(),
            "kind": one.kind.word(),
        })
    });
    Ok(json!({"is": [], "may_be": may.collect::<Vec<_>>()}))
}

/// The command's answer is, or is not, a file.
pub(super) fn unfit() -> Error {
    Error::new(ErrorKind::Unsupported, "The answer to this command does not come this way.")
}

fn parsed(word: &str) -> Result<Kind, Error> {
    Kind::parse(word).ok_or_else(|| {
        let words = Kind::ALL.map(Kind::word).join(", ");
        Error::new(ErrorKind::NotFound, format!("There is no such export. There are {words}."))
    })
}

fn instant(text: &str) -> Result<Moment, Error> {
    crate::scim::filter::operand::moment(text).ok_or_else(|| {
        let said = "The instant must be one of RFC 3339, such as 2026-01-05T13:00:00Z.";
        Error::new(ErrorKind::Scim(ScimType::InvalidValue), said)
    })
}
