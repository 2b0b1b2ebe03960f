//! The events of exports, as they are written and as they are read again (EX9).

use crate::base::clock::Moment;
use crate::base::hex::hex;
use crate::base::id::Id;
use crate::domain::record::Kind as Of;
use crate::domain::report::kind::Kind;
use crate::service::Error;
use crate::service::Work;
use crate::sheet::write::Summary;
use crate::store::change::Action;
use crate::store::change::Cause;
use crate::store::change::Change;
use crate::store::change::Committed;
use crate::store::change::Event;
use crate::store::change::Outcome;
use crate::store::change::Verdict;

/// The words between the parts of what an event says.
const AS_OF: &str = " as of ";
const BEGUN: &str = ": begun";
const MARKED: &str = " with byte order mark";
const SUM: &str = ", SHA-256 ";

/// A finished export, as its event tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) kind: Kind,
    /// As of when it is.
    pub(super) at: Moment,
    /// Whether the file begins with a byte order mark.
    pub(super) mark: bool,
    /// Of the whole file, in hexadecimal.
    pub(super) sum: String,
}

/// Somebody begins to take an export. Answers the event's own instant.
pub(super) async fn begun(
    work: Work<'_>,
    (kind, why): (Kind, &str),
    organization: (u32, Id),
) -> Result<Committed, Error> {
    let reason = format!("{}{BEGUN}{why}", kind.word());
    leave(work, organization.0, Some(organization.1), (Outcome::Done, reason)).await
}

/// The export is whole.
pub(super) async fn done(
    work: Work<'_>,
    (kind, at, mark): (Kind, Moment, bool),
    organization: (u32, Id),
    summary: &Summary,
) -> Result<(), Error> {
    let reason = format!(
        "{}{AS_OF}{at}{}: {} rows, {} bytes, {} neutralised{SUM}{}",
        kind.word(),
        if mark { MARKED } else { "" },
        summary.rows,
        summary.bytes,
        summary.neutralised,
        hex(&summary.sha256)
    );
    leave(work, organization.0, Some(organization.1), (Outcome::Done, reason)).await?;
    Ok(())
}

/// It was refused, or broke off.
pub(super) async fn ended(
    work: Work<'_>,
    kind: Option<Kind>,
    organization: Option<(u32, Id)>,
    error: &Error,
) -> Result<(), Error> {
    let word = error.kind.word().to_owned();
    let outcome = match error.kind {
        crate::service::Kind::Denied => Outcome::Denied(word),
        _ => Outcome::Failed(word),
    };
    let (chain, id) = match organization {
        Some((number, id)) => (number, Some(id)),
        None => (work.caller.chain(), None),
    };
    let reason = kind.map(|kind| kind.word().to_owned()).unwrap_or_default();
    leave(work, chain, id, (outcome, reason)).await?;
    Ok(())
}

async fn leave(
    work: Work<'_>,
    chain: u32,
    organization: Option<Id>,
    (outcome, reason): (Outcome, String),
) -> Result<Committed, Error> {
    let change = Change {
        chain,
        cause: Cause { reason, ..work.caller.cause() },
        action: Action::Export,
        outcome,
        subject: organization.map(|id| (Of::ORGANIZATION, id)),
        attributes: Vec::new(),
        guards: Vec::new(),
        writes: Vec::new(),
    };
    match work.ports.store.commit(change).await? {
        Verdict::Done(committed) => Ok(committed),
        _ => Err(Error::internal("the event of an export was refused")),
    }
}

/// What the event of a finished export says; none of any other event.
pub(super) fn told(event: &Event) -> Option<Told> {
    if event.action != Action::Export || event.outcome != Outcome::Done {
        return None;
    }
    let (word, rest) = event.cause.reason.split_once(AS_OF)?;
    let (at, _) = rest.split_once(": ")?;
    let (at, mark) = match at.strip_suffix(MARKED) {
        Some(at) => (at, true),
        None => (at, false),
    };
    let (_, sum) = rest.rsplit_once(SUM)?;
    Some(Told { kind: Kind::parse(word)?, at: at.parse().ok()?, mark, sum: sum.to_owned() })
}
