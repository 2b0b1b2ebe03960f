//! One resource.

use std::sync::Arc;

use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Success;
use crate::service::Tags;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::access::visible::Use;
use crate::service::wire::render;

/// Reads the resource `id` (RFC 7644 §3.4.1), as of `asked.at`.
pub async fn read(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    id: &str,
    asked: Asked,
) -> Result<Answer, Error> {
    let model = work.model(rt)?;
    visible::permit(work.caller, model.kind, Use::Read)?;
    let record = visible::load(work, model, id, asked.at).await?;
    let rendered = render::render(work, model, &record, &asked.view, asked.at).await?;
    let tag = rendered.etag.trim_start_matches("W/").trim_matches('"');
    let holds = |tags: &Option<Tags>| tags.as_ref().map(|tags| tags.hold(tag));
    if holds(&asked.precondition.if_match) == Some(false) {
        return Err(visible::stale());
    }
    let location = Some(render::location(work, model, record.head.id));
    let known = holds(&asked.precondition.if_none_match) == Some(true);
    let (success, body) = match known {
        true => (Success::NotModified, None),
        false => (Success::Ok, Some(rendered.body)),
    };
    Ok(Answer { success, body, etag: Some(rendered.etag), location, ..Answer::default() })
}
