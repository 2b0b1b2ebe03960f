//! One resource.

use std::sync::Arc;

use crate::base::id::Id;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Precondition;
use crate::service::Success;
use crate::service::Tags;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::access::visible::Use;
use crate::service::wire::render;
use crate::service::wire::shelf;
use crate::service::wire::shelf::Ready;

/// Reads the resource `id` (RFC 7644 §3.4.1), as of `asked.at`.
pub async fn read(
    work: Work<'_>,
    rt: &Arc<ResourceType>,
    id: &str,
    asked: Asked,
) -> Result<Answer, Error> {
    let model = work.model(rt)?;
    visible::permit(work.caller, model.kind, Use::Read)?;
    if asked.at.is_none() && shelf::serves(work, model, &asked.view) {
        let id = Id::parse(id).ok_or_else(Error::not_found)?;
        let ready = shelf::answer(work, model, id).await?.ok_or_else(Error::not_found)?;
        return finish(&asked, ready);
    }
    let record = visible::load(work, model, id, asked.at).await?;
    let rendered = render::render(work, model, &record, &asked.view, asked.at).await?;
    let tag = rendered.etag.trim_start_matches("W/").trim_matches('"');
    let success = judge(&asked.precondition, tag)?;
    let location = Some(render::location(work, model, record.head.id));
    let (body, etag) = (Some(rendered.body), Some(rendered.etag));
    Ok(Answer { success, body, etag, location, ..Answer::default() })
}

/// The answer to the same, if it lies ready and nothing need be waited for. Whatever stands
/// against it is found out by [`read`].
pub fn ready(work: Work<'_>, rt: &ResourceType, id: &str, asked: &Asked) -> Option<Answer> {
    let model = work.model(rt).ok()?;
    visible::permit(work.caller, model.kind, Use::Read).ok()?;
    if asked.at.is_some() || !shelf::serves(work, model, &asked.view) {
        return None;
    }
    finish(asked, shelf::find(work, Id::parse(id)?)?).ok()
}

fn finish(asked: &Asked, ready: Ready) -> Result<Answer, Error> {
    let success = judge(&asked.precondition, ready.tag())?;
    Ok(Answer { success, ready: Some(ready), ..Answer::default() })
}

/// Holds the present version against what the request knows of it.
fn judge(precondition: &Precondition, tag: &str) -> Result<Success, Error> {
    if *precondition == Precondition::default() {
        return Ok(Success::Ok);
    }
    let holds = |tags: &Option<Tags>| tags.as_ref().map(|tags| tags.hold(tag));
    if holds(&precondition.if_match) == Some(false) {
        return Err(visible::stale());
    }
    match holds(&precondition.if_none_match) {
        Some(true) => Ok(Success::NotModified),
        _ => Ok(Success::Ok),
    }
}
