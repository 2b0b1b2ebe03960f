//! A resource that is there, and the caller's.

use std::sync::Arc;

use crate::domain::record::Record;
use crate::scim::schema::ResourceType;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::access::visible::Use;
use crate::service::wire::model::Model;

/// A resource that is there, and the caller's.
pub(super) struct Target<'a> {
    pub(super) model: &'a Arc<Model>,
    pub(super) record: Record,
}

/// Loads a resource for a change: permission first, then existence, then the version.
pub(super) async fn target<'a>(
    work: Work<'a>,
    rt: &ResourceType,
    id: &str,
    asked: &Asked,
) -> Result<Target<'a>, Error> {
    let model = work.model(rt)?;
    visible::permit(work.caller, model.kind, Use::Write)?;
    let record = visible::load(work, model, id, None).await?;
    visible::check(work, &record, &asked.precondition).await?;
    Ok(Target { model, record })
}
