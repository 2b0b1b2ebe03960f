//! The rules of places, delegations, providers and pools that need more than one document.
//!
//! Every way to make or change such a resource comes through [`settle`] before it is committed,
//! and every way to remove one through [`removable`]. The document is changed where the rules
//! give it a form: codes, defaults, `{value}` of references. `rules` holds the rules themselves,
//! by their ids; the pure ones are asked on plain values, so that they can move to `domain`.
//!
//! A decision that looks at the neighbours of a record (TR3, DE2) takes the lane of the family:
//! whoever adds a child and whoever removes the parent wait for each other. An operation holds
//! one such lane at most, and takes it last: no two can wait for each other in a circle.

mod home;
mod removal;
mod rules;

pub use home::home;
pub use removal::removable;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use tokio::sync::MutexGuard;

use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::groups;
use crate::service::wire::access_group;
use crate::service::wire::model::Model;
use crate::service::wire::reference;
use crate::store::change::Guard;

/// What the rules ask of the commit.
#[derive(Default)]
pub struct Settled<'a> {
    /// What must hold.
    pub guards: Vec<Guard>,
    /// The chain of the event, where it is not that of the record's partition.
    pub chain: Option<u32>,
    /// Held until the commit is done.
    pub lane: Option<MutexGuard<'a, ()>>,
}

/// Holds a document of `home` against the rules, before it is written over `old`.
pub async fn settle<'a>(
    work: Work<'a>,
    (model, home): (&Model, Partition),
    old: Option<&Map<String, Value>>,
    document: &mut Map<String, Value>,
) -> Result<Settled<'a>, Error> {
    if model.references.is_empty() {
        return Ok(Settled::default());
    }
    if is_place(model.kind) {
        rules::words(model, document)?;
        at_home(work, (model, home), document);
    }
    groups::words(work, (model, home), old, document)?;
    let guards = reference::settle(work, (model, home), old, document).await?;
    let lane = match family(model.kind, document) {
        Some(id) => work.ports.families.enter(id).await,
        None => None,
    };
    let mut settled = Settled { guards, chain: None, lane };
    match model.kind {
        Kind::ORGANIZATION => settled.chain = rules::organization(work, document).await?,
        Kind::DELEGATION => rules::delegation(work, (model, home), document).await?,
        Kind::GROUP => groups::settle(work, old, document).await?,
        _ => {}
    }
    Ok(settled)
}

/// Whether the rules of this room are about the kind.
pub fn is_place(kind: Kind) -> bool {
    has_switch(kind) || kind == Kind::DELEGATION
}

/// Whether resources of the kind are active unless their creator says otherwise.
pub fn has_switch(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ORGANIZATION | Kind::SITE | Kind::ROOM_SYSTEM | Kind::PROVIDER | Kind::POOL
    )
}

/// The organization of a place need not be named where it is known.
fn at_home(work: Work<'_>, (model, home): (&Model, Partition), document: &mut Map<String, Value>) {
    let snapshot = work.ports.registry.snapshot();
    let own = snapshot.organization(home.organization);
    if let Some(own) = own.filter(|_| home::names(model, "organization")) {
        document.entry("organization").or_insert_with(|| json!({"value": own.to_string()}));
    }
}

/// Whose family a record joins.
fn family(kind: Kind, document: &Map<String, Value>) -> Option<Id> {
    let name = match kind {
        Kind::ORGANIZATION => "parent",
        Kind::SITE | Kind::PROVIDER | Kind::POOL => "organization",
        Kind::ROOM_SYSTEM => "site",
        Kind::DELEGATION => "delegator",
        Kind::GROUP => {
            return reference::single(access_group::extension(document)?, "healthCentre");
        }
        _ => return None,
    };
    reference::single(document, name)
}

fn refusal(said: impl Into<String>) -> Error {
    Error::new(ErrorKind::Scim(ScimType::InvalidValue), said)
}
