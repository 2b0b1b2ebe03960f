//! TR3: what something still stands on is not removed, only switched off.

use tokio::sync::MutexGuard;

use crate::domain::access::admin::Scope;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Work;
use crate::service::groups;
use crate::service::places;
use crate::service::places::refusal;
use crate::service::places::rules::question;
use crate::service::wire::person;
use crate::service::wire::render;
use crate::store::select::Condition;
use crate::store::select::value;

/// Refuses to remove a place with something in it, and what an access group names. What is
/// answered is held until the commit.
pub async fn removable<'a>(
    work: Work<'a>,
    record: &Record,
) -> Result<Option<MutexGuard<'a, ()>>, Error> {
    let head = record.head;
    if matches!(head.kind, Kind::GROUP | Kind::PROVIDER | Kind::POOL) {
        let document = render::document(record)?;
        let lane = match places::family(head.kind, &document) {
            Some(id) => work.ports.families.enter(id).await,
            None => None,
        };
        groups::removable(work, record).await?;
        return Ok(lane);
    }
    groups::removable(work, record).await?;
    let full = match head.kind {
        Kind::ORGANIZATION | Kind::SITE => {
            let lane = work.ports.families.enter(head.id).await;
            if !is_full(work, record).await? {
                return Ok(lane);
            }
            true
        }
        // Nobody is to be given a delegation while the account is closed.
        Kind::USER => return Ok(work.ports.families.enter(head.id).await),
        _ => false,
    };
    if full {
        let said = "What still has places, people, connections or records in it cannot be removed \
                    (TR3). Remove those first, or set `active` to false.";
        return Err(refusal(said));
    }
    Ok(None)
}

async fn is_full(work: Work<'_>, record: &Record) -> Result<bool, Error> {
    let head = record.head;
    if is_worked_at(work, record).await? {
        return Ok(true);
    }
    if head.kind == Kind::SITE {
        return has(work, head.partition, (Kind::ROOM_SYSTEM, "site"), record).await;
    }
    if has(work, Partition::NETWORK, (Kind::ORGANIZATION, "parent"), record).await? {
        return Ok(true);
    }
    let snapshot = work.ports.registry.snapshot();
    let Some(number) = snapshot.organizations.get(&head.id).copied() else { return Ok(false) };
    if snapshot.connections.values().any(|connection| connection.organization == number) {
        return Ok(true);
    }
    let scope = vec![Partition { organization: number, connection: 0 }];
    let kinds = work.ports.models.all.iter().map(|model| model.kind);
    let kinds = kinds.filter(|kind| *kind != Kind::ORGANIZATION).collect();
    let any = question(Scope::of_administrator(scope), kinds, Vec::new());
    Ok(!work.ports.store.select(any).await?.records.is_empty())
}

/// Whether anybody of the network is assigned to the place.
async fn is_worked_at(work: Work<'_>, record: &Record) -> Result<bool, Error> {
    let model = work.ports.models.of_kind(Kind::USER).ok_or_else(Error::not_found)?;
    let field = model.field(Some(person::EXTENSION), "assignments", Some("value"));
    let Some(field) = field else { return Ok(false) };
    let here = Condition::Is(field.field, value::text(&record.head.id.to_string()));
    let everywhere = work.ports.registry.snapshot().partitions.to_vec();
    let scope = Scope::of_administrator(everywhere);
    let found = work.ports.store.select(question(scope, vec![Kind::USER], vec![here])).await?;
    Ok(!found.records.is_empty())
}

/// Whether a record of `kind` names this one in `name`.
async fn has(
    work: Work<'_>,
    home: Partition,
    (kind, name): (Kind, &str),
    record: &Record,
) -> Result<bool, Error> {
    let model = work.ports.models.of_kind(kind).ok_or_else(Error::not_found)?;
    let field = model.field(None, name, Some("value")).ok_or_else(Error::not_found)?;
    let leads = Condition::Is(field.field, value::text(&record.head.id.to_string()));
    let scope = match kind {
        Kind::ORGANIZATION => Scope::network(),
        _ => Scope::of_connection(home),
    };
    let found = work.ports.store.select(question(scope, vec![kind], vec![leads])).await?;
    Ok(!found.records.is_empty())
}
