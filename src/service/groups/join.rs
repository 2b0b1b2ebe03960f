//! AG11: who newly joins a health centre joins its flagged groups, in the same commit.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::access::effective;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::resource::MOST_VALUES;
use crate::service::Error;
use crate::service::Work;
use crate::service::groups::refusal;
use crate::service::groups::rules;
use crate::service::wire::access_group;
use crate::service::wire::access_group::EXTENSION;
use crate::service::wire::keys;
use crate::service::wire::reference;
use crate::service::wire::render;
use crate::store::change::Draft;
use crate::store::change::Write;
use crate::store::select::value;

/// What the new provider `id` of `home` changes beside: provider groups of the centre that add
/// providers by themselves. The centre's lane is held. One that is made switched off joins
/// nothing (TR3), and neither do those who were there before a group was flagged (Q32).
pub async fn joined(
    work: Work<'_>,
    (id, home): (Id, Partition),
    provider: &Map<String, Value>,
) -> Result<Vec<Write>, Error> {
    let Some(centre) = reference::single(provider, "organization") else { return Ok(Vec::new()) };
    if provider.get("active") == Some(&Value::Bool(false)) {
        return Ok(Vec::new());
    }
    let model = work.ports.models.of_kind(Kind::GROUP).ok_or_else(Error::not_found)?;
    let flagged = ("autoAddProviders", None);
    let mut writes = Vec::new();
    for record in rules::find(work, home, flagged, value::boolean(true), usize::MAX).await? {
        let head = record.head;
        let mut document = render::document(&record)?;
        let Some(group) = access_group::read(head.id, &document, Default::default()) else {
            continue;
        };
        if effective::auto_joined(&[&group], centre, id).is_empty() {
            continue;
        }
        if group.providers.len() >= MOST_VALUES {
            let said = "An access group that adds providers by itself has 1000 already (AG11). \
                        Switch `autoAddProviders` off there, or divide the group.";
            return Err(refusal(said));
        }
        let own = document.get_mut(EXTENSION).and_then(|own| own.get_mut("providers"));
        if let Some(providers) = own.and_then(Value::as_array_mut) {
            providers.push(json!({"value": id.to_string()}));
        }
        writes.push(Write::Update(Draft {
            id: head.id,
            kind: head.kind,
            partition: head.partition,
            flags: model.flags(&document),
            entries: keys::entries(model, &document, None),
            body: serde_json::to_vec(&document).map_err(Error::internal)?,
        }));
    }
    Ok(writes)
}
