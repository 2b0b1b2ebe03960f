//! The organization that an export is about.

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::place::organization;
use crate::domain::report::file_name::DEFAULT_ZONE;
use crate::domain::report::file_name::Zone;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Identity;
use crate::service::Kind;
use crate::service::Work;
use crate::service::wire::render;

/// An organization, as far as exports need it.
#[derive(Clone, Debug)]
pub(super) struct Organization {
    pub(super) id: Id,
    pub(super) number: u32,
    /// Its own clock, for file names (Q10).
    pub(super) zone: Zone,
    /// Since when it is known.
    pub(super) since: Moment,
}

impl Organization {
    /// Refuses an instant of which nothing is known.
    pub(super) fn known_at(&self, at: Option<Moment>) -> Result<(), Error> {
        if at.is_none_or(|at| at >= self.since) {
            return Ok(());
        }
        let said = "Nothing is known of this organization at that instant. Name a later one.";
        Err(Error::new(Kind::Scim(ScimType::InvalidValue), said))
    }

    /// The number of its chain, and its record.
    pub(super) fn named(&self) -> (u32, Id) {
        (self.number, self.id)
    }
}

/// The organization behind `ORG####` or an id, if the caller may export it (EX10).
pub(super) async fn find(work: Work<'_>, named: &str) -> Result<Organization, Error> {
    let Identity::Administrator(seen) = &work.caller.identity else {
        let said = "Exports are for administrators. A connection reads what is its own by SCIM.";
        return Err(Error::new(Kind::Denied, said));
    };
    let missing = || {
        let said = "No such organization. Name it by ORG#### or by its id.";
        Error::new(Kind::NotFound, said)
    };
    let snapshot = work.ports.registry.snapshot();
    let by_id = || Id::parse(named).and_then(|id| snapshot.organizations.get(&id).copied());
    let number = organization::number(named).or_else(by_id).ok_or_else(missing)?;
    let id = snapshot.organization(number).ok_or_else(missing)?;
    if !seen.iter().any(|partition| partition.organization == number) {
        return Err(missing());
    }
    let record = work.ports.store.get(id, None).await?.ok_or_else(missing)?;
    let document = render::document(&record)?;
    let zone = document.get("timezone").and_then(serde_json::Value::as_str);
    let usual = || Zone::named(DEFAULT_ZONE);
    let zone = zone.and_then(Zone::named).or_else(usual);
    let zone = zone.ok_or_else(|| Error::internal("the usual time zone is not built in"))?;
    Ok(Organization { id, number, zone, since: record.head.created })
}
