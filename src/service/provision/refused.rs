//! The event of a change that was not made.

use crate::base::id::Id;
use crate::domain::record::Kind as RecordKind;
use crate::scim::schema::ResourceType;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::store::change::Action;
use crate::store::change::Change;
use crate::store::change::Outcome;

/// Records that a change was refused; also one that never reached its use case: a body that is
/// no JSON, too large, or of a type we do not read. Our own faults leave no event.
pub async fn refused(
    work: Work<'_>,
    action: Action,
    rt: Option<&ResourceType>,
    id: Option<Id>,
    error: &Error,
) -> Result<(), Error> {
    let code = error.kind.word().to_owned();
    let outcome = match error.kind {
        Kind::Internal | Kind::Busy => return Ok(()),
        Kind::Denied => Outcome::Denied(code),
        _ => Outcome::Failed(code),
    };
    let kind = rt.map(|rt| RecordKind::of_type(&rt.name));
    let change = Change {
        chain: work.caller.chain(),
        cause: work.caller.cause(),
        action,
        outcome,
        subject: kind.zip(id),
        attributes: Vec::new(),
        guards: Vec::new(),
        writes: Vec::new(),
    };
    work.ports.store.commit(change).await?;
    Ok(())
}
