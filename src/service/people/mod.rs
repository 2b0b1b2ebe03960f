//! The rules of people that need more than their own document.
//!
//! Every way to make or change a person comes through [`settle`] before it is committed, and
//! every way to end one through [`close`].

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Work;
use crate::service::ledger;
use crate::service::ledger::Settled;
use crate::service::wire::model::Model;

/// Holds a person's document against the rules, before it is written over `old`, and completes it.
pub async fn settle(
    work: Work<'_>,
    (model, id, home): (&Model, Id, Partition),
    old: Option<&Map<String, Value>>,
    document: &mut Map<String, Value>,
) -> Result<Settled, Error> {
    if model.kind != Kind::USER {
        return Ok(Settled::default());
    }
    ledger::settle(work, (id, home), old, document).await
}

/// What the end of an account takes along (US4).
pub async fn close(work: Work<'_>, record: &Record) -> Result<Settled, Error> {
    ledger::close(work, record).await.map(|(_, settled)| settled)
}
