//! From a store's verdict to an answer or a refusal.

use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Head;
use crate::domain::record::Record;
use crate::scim::error::ScimType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::service::wire::model::Model;
use crate::service::wire::render;
use crate::store::change::Verdict;

/// The new head of `id`, or why there is none. `Stale` comes here only when nobody can decide
/// again.
pub(super) fn head(model: &Model, id: Id, verdict: Verdict) -> Result<Head, Error> {
    match verdict {
        Verdict::Done(committed) => committed
            .heads
            .into_iter()
            .find(|head| head.id == id)
            .ok_or_else(|| Error::internal("the store answered without the head of the change")),
        refused => Err(refusal(model, id, &refused)),
    }
}

/// The answer that shows a resource after a change.
pub(super) async fn shown(
    work: Work<'_>,
    model: &Model,
    record: &Record,
    asked: &Asked,
) -> Result<Answer, Error> {
    let rendered = render::render(work, model, record, &asked.view, None).await?;
    Ok(Answer {
        body: Some(rendered.body),
        etag: Some(rendered.etag),
        location: Some(render::location(work, model, record.head.id)),
        ..Answer::default()
    })
}

/// Why a change was not applied.
pub(super) fn refusal(model: &Model, id: Id, verdict: &Verdict) -> Error {
    match verdict {
        Verdict::Taken(field) => taken(model, *field),
        Verdict::Missing(missing) if *missing == id => Error::not_found(),
        Verdict::Missing(_) => Error::new(Kind::Scim(ScimType::InvalidValue), gone(model)),
        Verdict::Cyclic => Error::new(
            Kind::Scim(ScimType::InvalidValue),
            "`members` would put a group inside itself, or more than 10 groups deep.",
        ),
        Verdict::Stale(_) | Verdict::Done(_) => conflict(),
    }
}

/// What is said of a target that went away meanwhile.
fn gone(model: &Model) -> String {
    let held = model.held.as_ref().map(|held| held.name.as_str());
    // What extensions refer to is seldom sent; naming all of it would help nobody.
    let references = model.references.iter().filter(|reference| reference.container.is_none());
    let references = references.map(|reference| reference.name.as_str());
    let names: Vec<&str> = held.into_iter().chain(references).collect();
    let names = names.join("` or `");
    if names.is_empty() {
        return "A reference names a resource that does not exist any more. Read it again.".into();
    }
    format!("`{names}` names a resource that does not exist any more. Read it again.")
}

/// Others were faster, again and again.
pub(super) fn conflict() -> Error {
    let said = "Others keep changing this resource. Read it again and repeat the request.";
    Error::new(Kind::Conflict, said)
}

fn taken(model: &Model, field: Field) -> Error {
    let name = model.fields.iter().find(|known| known.field == field);
    let name = name.map_or("a unique attribute", |known| known.name.as_str());
    let said = format!("Another resource already has this value of `{name}`. Choose another one.");
    Error::new(Kind::Scim(ScimType::Uniqueness), said)
}
