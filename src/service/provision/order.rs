//! What every change begins and ends with, whichever door it came through.

use std::sync::Arc;

use serde_json::Value;

use crate::base::id::Id;
use crate::domain::record::Kind as RecordKind;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Work;
use crate::service::groups;
use crate::service::ledger;
use crate::service::provision::create;
use crate::service::provision::modify;
use crate::service::provision::refused;
use crate::service::provision::remove;
use crate::service::provision::replace;
use crate::service::tenancy;
use crate::store::change::Action;

/// The resource type that tenants are of.
const ORGANIZATION: &str = "Organization";
/// The resource type that may be published to connections.
const GROUP: &str = "Group";

/// A change of one resource that can be carried out without its request.
#[derive(Clone, Debug)]
pub struct Order {
    /// What is to be done.
    pub deed: Deed,
    /// To which type of resource.
    pub kind: Arc<ResourceType>,
    /// To which resource, as the client names it; empty for a new one.
    pub id: String,
    /// The body; null where none is needed.
    pub document: Value,
    /// What is asked beside the body.
    pub asked: Asked,
}

/// What can be done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Makes it (RFC 7644 §3.3).
    Create,
    /// Replaces it as a whole (RFC 7644 §3.5.1).
    Replace,
    /// Changes parts of it (RFC 7644 §3.5.2).
    Modify,
    /// Removes it (RFC 7644 §3.6).
    Remove,
}

impl Deed {
    /// What the event calls it.
    pub const fn action(self) -> Action {
        match self {
            Self::Create => Action::Create,
            Self::Replace => Action::Replace,
            Self::Modify => Action::Modify,
            Self::Remove => Action::Delete,
        }
    }
}

impl Order {
    /// Carries the change out, counts what was forgiven, and keeps the event of a refusal.
    pub async fn run(self, work: Work<'_>) -> Result<Answer, Error> {
        let Self { deed, kind, id, document, mut asked } = self;
        let asked = &mut asked;
        // What makes or changes a tenant is seen by the next request, as through the command line.
        let governs = kind.name == ORGANIZATION;
        let _alone = if governs { Some(work.ports.governing.lock().await) } else { None };
        let publishes = kind.name == GROUP
            && work.caller.connection().is_none()
            && (deed == Deed::Remove || groups::touches(&document));
        let place = Place::of(work, &kind, &id).await?;
        let outcome = match deed {
            Deed::Create => Box::pin(create::attempt(work, &kind, document, asked)).await,
            Deed::Replace => Box::pin(replace::attempt(work, &kind, &id, document, asked)).await,
            Deed::Modify => Box::pin(modify::attempt(work, &kind, &id, document, asked)).await,
            Deed::Remove => Box::pin(remove::attempt(work, &kind, &id, asked)).await,
        };
        work.count(&mut asked.tolerance);
        if governs && outcome.is_ok() {
            tenancy::load(work.ports).await?;
        }
        // To whom an access group is published is seen by the next request too.
        if publishes && outcome.is_ok() {
            let _alone = work.ports.governing.lock().await;
            tenancy::load(work.ports).await?;
        }
        if let (Some(place), Ok(answer)) = (place, &outcome) {
            place.follow(work, answer).await?;
        }
        if let Err(error) = &outcome {
            let subject = Id::parse(&id);
            refused(work, deed.action(), Some(&kind), subject, error).await?;
        }
        outcome
    }
}

/// A place that rules may speak of, or an access group.
struct Place {
    kind: RecordKind,
    /// Number of its organization; not known of a new one.
    organization: Option<u32>,
}

impl Place {
    async fn of(work: Work<'_>, rt: &ResourceType, id: &str) -> Result<Option<Self>, Error> {
        let kind = RecordKind::of_type(&rt.name);
        let speaks = matches!(kind, RecordKind::SITE | RecordKind::ROOM_SYSTEM | RecordKind::GROUP);
        if !speaks || kind == RecordKind::GROUP && work.caller.connection().is_some() {
            return Ok(None);
        }
        let organization = match Id::parse(id) {
            Some(id) => home(work, id).await?,
            None => None,
        };
        Ok(Some(Self { kind, organization }))
    }

    /// What the rules of its organization make of the change.
    async fn follow(self, work: Work<'_>, answer: &Answer) -> Result<(), Error> {
        let made = answer.location.as_deref().and_then(|place| place.rsplit('/').next());
        let organization = match (self.organization, made.and_then(Id::parse)) {
            (None, Some(id)) => home(work, id).await?,
            (known, _) => known,
        };
        match organization {
            Some(number) => ledger::follow_place(work, number, self.kind).await,
            None => Ok(()),
        }
    }
}

async fn home(work: Work<'_>, id: Id) -> Result<Option<u32>, Error> {
    let record = work.ports.store.get(id, None).await?;
    Ok(record.map(|record| record.head.partition.organization))
}
