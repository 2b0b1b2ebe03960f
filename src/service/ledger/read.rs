//! Reading for the ledger: whole lists of records and links, whoever asks.
//!
//! What a person holds does not depend on who caused the change, so nothing here looks at what
//! the caller may see.

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Ports;
use crate::store;
use crate::store::End;
use crate::store::Link;
use crate::store::select::Condition;
use crate::store::select::Select;

/// Every record of `kinds` in `scope` that fulfils `condition`, now.
pub(super) async fn records(
    ports: &Ports,
    scope: Scope,
    kinds: Vec<Kind>,
    condition: Condition,
) -> Result<Vec<Record>, Error> {
    let select = Select::of(scope, kinds, condition);
    Ok(store::every(ports.store.as_ref(), select).await?)
}

/// Every link at one end, as of `at`.
pub(super) async fn links(
    ports: &Ports,
    relation: Relation,
    end: End,
    at: Option<Moment>,
) -> Result<Vec<Link>, Error> {
    Ok(store::every_link(ports.store.as_ref(), (relation, end), at).await?)
}

/// The record `id`, if it is of `kind`, as of `at`.
pub(super) async fn record(
    ports: &Ports,
    kind: Kind,
    id: Id,
    at: Option<Moment>,
) -> Result<Option<Record>, Error> {
    Ok(ports.store.get(id, at).await?.filter(|record| record.head.kind == kind))
}
