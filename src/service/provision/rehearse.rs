//! Finding out beforehand whether resources could be made.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::base::id::Id;
use crate::scim::schema::ResourceType;
use crate::service::Error;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::access::visible::Use;
use crate::service::people;
use crate::service::places;
use crate::service::provision::create;
use crate::service::provision::verdict;
use crate::store::change::Entry;
use crate::store::change::Key;
use crate::store::change::Verdict;

/// Creations that belong together, tried without writing anything. Whoever passes can only be
/// overtaken by somebody else before the real creation.
#[derive(Debug, Default)]
pub(super) struct Rehearsal {
    /// Unique values of those that passed.
    taken: BTreeSet<Key>,
}

impl Rehearsal {
    /// Refuses what `create` would refuse: what the caller may not do, what does not fit the
    /// schema, and unique values that are taken, be it by an earlier resource of this rehearsal.
    /// Members are not looked up.
    pub(super) async fn create(
        &mut self,
        work: Work<'_>,
        rt: &Arc<ResourceType>,
        body: Value,
    ) -> Result<(), Error> {
        let id = Id::new(work.ports.clock.now(), work.ports.entropy.as_ref())?;
        let model = work.model(rt)?;
        visible::permit(work.caller, model.kind, Use::Write)?;
        let mut tolerance = work.caller.tolerance();
        let mut wanted = create::read(work, model, id, body, &mut tolerance).await?;
        let home = (model.as_ref(), wanted.partition);
        drop(places::settle(work, home, None, &mut wanted.document).await?);
        let person = (model.as_ref(), id, wanted.partition);
        drop(people::settle(work, person, None, &mut wanted.document).await?);
        let draft = create::draft(work, model, (id, wanted.partition), &wanted.document)?;
        let mut keys = Vec::new();
        for entry in draft.entries {
            let Some(within) = entry.unique.within(draft.partition) else { continue };
            let Entry { field, value, .. } = entry;
            let key = Key { within, kind: draft.kind, field, value };
            if self.taken.contains(&key) || work.ports.store.find(key.clone()).await?.is_some() {
                return Err(verdict::refusal(model, id, &Verdict::Taken(field)));
            }
            keys.push(key);
        }
        self.taken.extend(keys);
        Ok(())
    }
}
