//! What a caller may see and touch: the same checks at every door.

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::scim::schema::ResourceType;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Precondition;
use crate::service::Work;
use crate::service::access::connection::Permission;
use crate::service::wire::model::Model;
use crate::service::wire::render;

/// What a caller is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Look.
    Read,
    /// Change something.
    Write,
}

/// Whether the caller may use resources of this kind at all.
pub fn permit(caller: &Caller, kind: Kind, what: Use) -> Result<(), Error> {
    let Some(connection) = caller.connection() else { return Ok(()) };
    let needed = match (kind, what) {
        (Kind::USER, _) => Some(Permission::Users),
        (Kind::GROUP, _) => Some(Permission::Groups),
        (Kind::ORGANIZATION, Use::Write) => None,
        (Kind::ORGANIZATION | Kind::PROVIDER | Kind::POOL, Use::Read) => {
            Some(Permission::OrganizationRead)
        }
        (Kind::SITE | Kind::PROVIDER | Kind::POOL, _) => Some(Permission::Sites),
        (Kind::ROOM_SYSTEM, _) => Some(Permission::Rooms),
        (Kind::DELEGATION, _) => Some(Permission::Delegations),
        _ => return Ok(()),
    };
    if needed.is_some_and(|needed| connection.permissions.contains(&needed)) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Denied, "This connection has no permission for this resource type."))
}

/// Whether the caller is told that this resource type exists: whoever may read its resources is.
pub fn sees(caller: &Caller, rt: &ResourceType) -> bool {
    permit(caller, Kind::of_type(&rt.name), Use::Read).is_ok()
}

/// The record `id` if it is of this type and inside the caller's scope. What is not there and
/// what is somebody else's get one answer (TEN-01).
pub async fn load(
    work: Work<'_>,
    model: &Model,
    id: &str,
    at: Option<Moment>,
) -> Result<Record, Error> {
    let id = Id::parse(id).ok_or_else(Error::not_found)?;
    let record = work.ports.store.get(id, at).await?.ok_or_else(Error::not_found)?;
    let own = record.head.kind == model.kind && covers(work.caller, &record);
    own.then_some(record).ok_or_else(Error::not_found)
}

/// Whether a record is inside the caller's scope; says what `Caller::scope` says, without
/// building it, for the path of every read.
pub fn covers(caller: &Caller, record: &Record) -> bool {
    let Head { id, kind, partition, .. } = record.head;
    sees_record(caller, kind, partition, id)
}

/// The same, of the record `id` of this kind and partition.
pub fn sees_record(caller: &Caller, kind: Kind, partition: Partition, id: Id) -> bool {
    match caller.connection() {
        Some(connection) => {
            let at_home = partition == admin::home(kind, connection.partition());
            let seen = || match kind {
                Kind::ORGANIZATION => caller.organizations().contains(&id),
                _ => true,
            };
            let published = || {
                let groups = caller.published().filter(|_| kind == Kind::GROUP);
                groups.is_some_and(|groups| groups.binary_search(&id).is_ok())
            };
            at_home && seen() || !at_home && published()
        }
        None => caller.scope().covers(kind, partition, id),
    }
}

/// Holds a change against `If-Match` and `If-None-Match`.
pub async fn check(
    work: Work<'_>,
    record: &Record,
    precondition: &Precondition,
) -> Result<(), Error> {
    if precondition.if_match.is_none() && precondition.if_none_match.is_none() {
        return Ok(());
    }
    let tag = render::tag_of(work, record).await?;
    let wanted = precondition.if_match.as_ref().is_none_or(|tags| tags.hold(&tag));
    let unwanted = precondition.if_none_match.as_ref().is_some_and(|tags| tags.hold(&tag));
    if wanted && !unwanted {
        return Ok(());
    }
    Err(stale())
}

/// The caller's version is not the present one.
pub fn stale() -> Error {
    let said = "The resource has changed since the version you named. Read it again.";
    Error::new(ErrorKind::Stale, said)
}
