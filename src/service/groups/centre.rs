//! What the rules need of the health centre of an access group.

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::effective::AccessGroup;
use crate::domain::access::effective::Centre;
use crate::domain::access::level::Module;
use crate::service::Error;
use crate::service::Work;
use crate::service::groups::refusal;
use crate::service::wire::access_group;
use crate::service::wire::render;

/// Loads what `group` names of its centre. That each of them is there and of the organization is
/// known already: references are checked first.
pub(super) async fn load(work: Work<'_>, group: &AccessGroup) -> Result<Centre, Error> {
    let organization = document(work, group.health_centre).await?;
    if organization.get("healthCentre") != Some(&Value::Bool(true)) {
        let said = "`healthCentre` must be an organization whose own `healthCentre` is true. Set \
                    it there first.";
        return Err(refusal(said));
    }
    let mut centre = Centre { providers: group.providers.clone(), ..Centre::default() };
    centre.modules = match organization.contains_key("availableModules") {
        true => access_group::modules(&organization, "availableModules"),
        // Nothing said is nothing held back (C8).
        false => Module::STORABLE.into_iter().collect(),
    };
    for id in &group.care_venues {
        if document(work, *id).await?.get("careVenue") == Some(&Value::Bool(true)) {
            centre.venues.insert(*id);
        }
    }
    for id in &group.pools {
        centre.pools.push(access_group::pool(*id, &document(work, *id).await?));
    }
    Ok(centre)
}

/// Whether a provider or pool takes new grants (TR3).
pub(super) async fn is_open(work: Work<'_>, id: Id) -> Result<bool, Error> {
    Ok(document(work, id).await?.get("active") != Some(&Value::Bool(false)))
}

/// What is not there any more says nothing.
async fn document(work: Work<'_>, id: Id) -> Result<Map<String, Value>, Error> {
    match work.ports.store.get(id, None).await? {
        Some(record) => render::document(&record),
        None => Ok(Map::new()),
    }
}
