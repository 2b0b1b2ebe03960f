//! Room systems: whether a person may schedule one.

use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::scim::compare;
use crate::service::Error;
use crate::service::Work;
use crate::service::effective::Verdict;
use crate::service::effective::missing;
use crate::service::effective::person;
use crate::service::effective::person::Subject;
use crate::service::wire::reference;
use crate::service::wire::render;
use crate::store::End;
use crate::store::LinkQuery;
use crate::store::change::Key;
use crate::store::select::value;

/// The identifier of the room system that `named` names: an identifier, or its present name.
pub async fn room_named(work: Work<'_>, named: &str) -> Result<Id, Error> {
    if let Some(id) = Id::parse(named) {
        return Ok(id);
    }
    let kind = Kind::ROOM_SYSTEM;
    let within = crate::domain::record::Partition::NETWORK;
    let field = Field::of(kind, "systemname");
    let key = Key { within, kind, field, value: value::text(&compare::fold(named)) };
    work.ports.store.find(key).await?.ok_or_else(|| missing("room system"))
}

/// Whether `subject` may schedule the room system (RO1).
pub async fn room(work: Work<'_>, subject: &Subject, system: Id) -> Result<Verdict, Error> {
    if let Some(why) = subject.barred() {
        return Ok(Verdict::no(why));
    }
    let closed = closed(work, system, subject.at).await?;
    let before = Id(u128::from_be_bytes(system.0).saturating_sub(1).to_be_bytes());
    let query = LinkQuery {
        relation: Relation::SCHEDULER,
        end: End::To(subject.person.id),
        after: Some(before),
        limit: 1,
        at: subject.at,
    };
    let link = work.ports.store.links(query).await?.pop();
    Ok(match (link.filter(|link| link.from == system), closed) {
        (None, _) => Verdict::no("No access: the person is no scheduler of this room system."),
        (Some(_), Some(why)) => Verdict::no(why),
        (Some(link), None) => Verdict::yes(format!(
            "May schedule because the person is a scheduler of this room system since {}, and it \
             is in use.",
            link.since
        )),
    })
}

/// Why nobody may schedule the system at an instant: it, or a place that it stands in, is
/// switched off.
pub(super) async fn closed(
    work: Work<'_>,
    system: Id,
    at: Option<Moment>,
) -> Result<Option<String>, Error> {
    let record = person::record(work, Kind::ROOM_SYSTEM, system, at).await?;
    let mut record: Record = record.ok_or_else(|| missing("room system"))?;
    let mut what = "the room system";
    loop {
        let document = render::document(&record)?;
        if document.get("active") == Some(&Value::Bool(false)) {
            return Ok(Some(format!(
                "No access: {what} is switched off (RO1). Who is a scheduler may schedule again \
                 when it is switched on."
            )));
        }
        let (kind, name) = match record.head.kind {
            Kind::ROOM_SYSTEM => (Kind::SITE, "site"),
            Kind::SITE => (Kind::ORGANIZATION, "organization"),
            _ => return Ok(None),
        };
        let Some(above) = reference::single(&document, name) else { return Ok(None) };
        let Some(next) = person::record(work, kind, above, at).await? else { return Ok(None) };
        what = if kind == Kind::SITE { "its site" } else { "its organization" };
        record = next;
    }
}
