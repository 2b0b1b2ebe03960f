//! Accounts that were closed, as their records keep them.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::people::status::Refusal;
use crate::domain::people::status::USUAL_UNDO_WINDOW;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::scim::filter::operand;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::people::close;
use crate::service::people::text;
use crate::service::wire::render;
use crate::store::change::Guard;
use crate::store::select::Condition;
use crate::store::select::value;

/// A closed account.
#[derive(Debug)]
pub(super) struct Closed {
    /// What keeps it.
    pub(super) record: Record,
    /// The account.
    pub(super) user: Id,
    /// When it was closed.
    pub(super) at: Moment,
    /// The person's last document.
    pub(super) document: Map<String, Value>,
    body: Map<String, Value>,
}

impl Closed {
    fn read(record: Record) -> Result<Self, Error> {
        let mut body = render::document(&record)?;
        let document = match body.shift_remove("document") {
            Some(Value::Object(document)) => document,
            _ => return Err(render::damaged(&record)),
        };
        let word = |name: &str| body.get(name).and_then(Value::as_str);
        let (user, at) = (word("user").and_then(Id::parse), word("closedAt"));
        let (Some(user), Some(at)) = (user, at.and_then(operand::moment)) else {
            return Err(render::damaged(&record));
        };
        Ok(Self { record, user, at, document, body })
    }

    /// Who it was, and how long the closing can be undone.
    pub(super) fn line(&self) -> Value {
        json!({
            "user": self.user.to_string(),
            "userName": self.body.get("userName"),
            "closedAt": self.at.to_string(),
            "undoUntil": self.at.after(USUAL_UNDO_WINDOW).to_string(),
        })
    }

    /// A list of what the account took along.
    pub(super) fn took(&self, what: &str) -> &[Value] {
        let took = self.body.get("took").and_then(|took| took.get(what));
        took.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Nobody else has brought it back meanwhile.
    pub(super) fn guard(&self) -> Guard {
        Guard::Version(self.record.head.id, self.record.head.version)
    }
}

/// The closed account of `user`; a refusal if there is none.
pub(super) async fn of(work: Work<'_>, user: Id) -> Result<Closed, Error> {
    let field = Field::of(Kind::CLOSED, "user");
    let condition = Condition::Is(field, value::text(&user.to_string()));
    if let Some(record) = close::all(work, Kind::CLOSED, condition).await?.pop() {
        return Closed::read(record);
    }
    match work.ports.store.get(user, None).await? {
        Some(record) if record.head.kind == Kind::USER => Err(refused(Refusal::NotClosed)),
        _ => {
            let said = "No such closed account. `wardgate person closed` lists them.";
            Err(Error::new(ErrorKind::NotFound, said))
        }
    }
}

/// The closed accounts of an organization, the oldest first.
pub async fn closed(work: Work<'_>, number: u32) -> Result<Value, Error> {
    permit(work)?;
    let mut lines = Vec::new();
    for record in close::all(work, Kind::CLOSED, Condition::Everything).await? {
        if record.head.partition.organization == number {
            lines.push(Closed::read(record)?.line());
        }
    }
    lines.sort_by(|one, other| text(one, "closedAt").cmp(&text(other, "closedAt")));
    Ok(Value::Array(lines))
}

/// Only administrators see closed accounts, and bring them back.
pub(super) fn permit(work: Work<'_>) -> Result<(), Error> {
    if work.caller.connection().is_none() {
        return Ok(());
    }
    let said = "Only an administrator sees closed accounts or brings them back.";
    Err(Error::new(ErrorKind::Denied, said))
}

/// What the rules of an account's life refuse.
pub(super) fn refused(refusal: Refusal) -> Error {
    Error::new(ErrorKind::Conflict, refusal.to_string())
}
