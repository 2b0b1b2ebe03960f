//! The rules asked: every fault of an access group in one answer.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::effective;
use crate::domain::access::effective::AccessGroup;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::groups::centre;
use crate::service::groups::refusal;
use crate::service::wire::access_group;
use crate::service::wire::access_group::EXTENSION;
use crate::service::wire::members;
use crate::store::change::Write;
use crate::store::select::Condition;
use crate::store::select::Select;
use crate::store::select::Start;
use crate::store::select::value;

/// Holds the document of an access group against the rules, before it is written over `old`. Its
/// references are checked, and its centre's lane is held.
pub async fn settle(
    work: Work<'_>,
    old: Option<&Map<String, Value>>,
    document: &Map<String, Value>,
) -> Result<(), Error> {
    if !access_group::is_access(document) {
        return Ok(());
    }
    if access_group::extension(document).is_some_and(|own| !own.contains_key("groupType")) {
        return Err(refusal("`groupType` of an access group must be provider or pool."));
    }
    let read = |document| access_group::read(NOBODY, document, BTreeSet::new());
    let mut group = read(document).ok_or_else(|| refusal("`healthCentre` is needed (AG3)."))?;
    // Who is a member is known when the members are: see `enrolled`.
    group.members = group.overrides.iter().map(|one| one.user).collect();
    let faults = effective::violations(&group, &centre::load(work, &group).await?);
    if !faults.is_empty() {
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        return Err(refusal(said.join(" ")));
    }
    open(work, old.and_then(read).as_ref(), &group).await
}

/// What the pure rules do not look at has no identifier yet.
const NOBODY: Id = Id([0; 16]);

/// What is switched off takes no new grants (TR3).
async fn open(work: Work<'_>, old: Option<&AccessGroup>, group: &AccessGroup) -> Result<(), Error> {
    let had = |id: &Id| old.is_some_and(|old| old.providers.contains(id) || old.pools.contains(id));
    for id in group.providers.iter().chain(&group.pools).filter(|id| !had(id)) {
        if !centre::is_open(work, *id).await? {
            let said = "A provider or pool that is not active joins no access group (TR3). Switch \
                        it on first.";
            return Err(refusal(said));
        }
    }
    Ok(())
}

/// Refuses a new restriction of someone who is not in the group when `writes` are done (AG8).
pub async fn enrolled(
    work: Work<'_>,
    group: Id,
    document: Option<&Map<String, Value>>,
    writes: &[Write],
) -> Result<(), Error> {
    let named = document.map(restricted).unwrap_or_default();
    if named.is_empty()
        || !writes.iter().any(|write| matches!(write, Write::Create(_) | Write::Update(_)))
    {
        return Ok(());
    }
    let had = match work.ports.store.get(group, None).await? {
        Some(record) => restricted(&crate::service::wire::render::document(&record)?),
        None => BTreeSet::new(),
    };
    for user in named.difference(&had) {
        let now = writes.iter().rev().find_map(|write| match write {
            Write::Link { relation: Relation::MEMBER, from, to, .. } => {
                (*from == group && to == user).then_some(true)
            }
            Write::Unlink { relation: Relation::MEMBER, from, to } => {
                (*from == group && to == user).then_some(false)
            }
            _ => None,
        });
        let is_in = match now {
            Some(now) => now,
            None => {
                let groups = members::groups_of(work, *user, None).await?;
                groups.iter().any(|holder| holder.record.head.id == group)
            }
        };
        if !is_in {
            return Err(refusal(effective::Violation::OverrideOutside.to_string()));
        }
    }
    Ok(())
}

fn restricted(document: &Map<String, Value>) -> BTreeSet<Id> {
    let own = document.get(EXTENSION).and_then(Value::as_object);
    let rows = own.into_iter().flat_map(|own| access_group::rows(own, "userOverrides"));
    rows.filter_map(|row| access_group::id(row, "user")).collect()
}

/// Refuses to remove a published group through the connection that may only fill it, and a place,
/// provider or pool that an access group names (TR3).
pub async fn removable(work: Work<'_>, record: &Record) -> Result<(), Error> {
    let head = record.head;
    let list = match head.kind {
        Kind::GROUP if head.partition.connection == 0 && work.caller.connection().is_some() => {
            let said = "This group is published to the connection: only an administrator ends it.";
            return Err(Error::new(ErrorKind::Denied, said));
        }
        Kind::SITE => "careVenues",
        Kind::PROVIDER => "providers",
        Kind::POOL => "pools",
        _ => return Ok(()),
    };
    let named = value::text(&head.id.to_string());
    if find(work, head.partition, (list, Some("value")), named, 1).await?.is_empty() {
        return Ok(());
    }
    let said = "What an access group names cannot be removed (TR3). Take it out of the group \
                first, or set `active` to false.";
    Err(refusal(said))
}

/// Access groups of an organization by an indexed part of their extension.
pub(super) async fn find(
    work: Work<'_>,
    home: Partition,
    (name, sub): (&str, Option<&str>),
    wanted: Vec<u8>,
    most: usize,
) -> Result<Vec<Record>, Error> {
    let model = work.ports.models.of_kind(Kind::GROUP).ok_or_else(Error::not_found)?;
    let field = model.field(Some(EXTENSION), name, sub).ok_or_else(Error::not_found)?;
    let mut select = Select {
        limit: most.min(PAGE),
        ..Select::of(
            Scope::of_connection(Partition { connection: 0, ..home }),
            vec![Kind::GROUP],
            Condition::Is(field.field, wanted),
        )
    };
    let mut found = Vec::new();
    loop {
        let page = work.ports.store.select(select.clone()).await?;
        found.extend(page.records);
        match page.next.filter(|_| found.len() < most) {
            Some(position) => select.start = Start::After(position),
            None => return Ok(found),
        }
    }
}

/// How many groups are read at a time.
const PAGE: usize = 1_000;
