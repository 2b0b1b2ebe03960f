//! From edits of members and schedulers to link writes.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::group::DEEPEST_NESTING;
use crate::domain::record::Kind as RecordKind;
use crate::domain::record::Partition;
use crate::scim::error::ScimType;
use crate::scim::filter::Filter;
use crate::scim::filter::eval::Matcher;
use crate::scim::patch::RelationChange;
use crate::scim::patch::RelationEdit;
use crate::scim::path::AttributePath;
use crate::scim::quirks::Tolerance;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::provision::Plan;
use crate::service::wire::members;
use crate::service::wire::model::Held;
use crate::service::wire::model::Model;
use crate::store::Link;
use crate::store::change::Guard;
use crate::store::change::Write;

/// A group: its id and whose it is.
type Place = (Id, Partition);

/// How many comparisons with members the filters of one PATCH may cost.
const MOST_CHOSEN: usize = 500_000;

/// The first members of a new group.
pub(super) async fn fill(
    work: Work<'_>,
    (held, place): (&Held, Place),
    members: &Value,
    tolerance: &mut Tolerance,
    plan: &mut Plan,
) -> Result<(), Error> {
    let roster = resolve(work, (held, place), listed(members), tolerance).await?;
    plan.links((held, place), roster.into_iter().map(|(id, note)| (id, Some(note))));
    Ok(())
}

/// Exactly these members. The caller guards the group's version.
pub(super) async fn replace(
    work: Work<'_>,
    (held, place): (&Held, Place),
    members: &Value,
    tolerance: &mut Tolerance,
    plan: &mut Plan,
) -> Result<(), Error> {
    let roster = resolve(work, (held, place), listed(members), tolerance).await?;
    whole(work, (held, place), roster, plan).await
}

/// The member edits of a PATCH, in their order. Single additions and removals need no version
/// of the group: they commute, so that many writers can work on one group at once.
pub(super) async fn edit(
    work: Work<'_>,
    (model, place, version): (&Model, Place, u64),
    edits: Vec<RelationEdit>,
    tolerance: &mut Tolerance,
    plan: &mut Plan,
) -> Result<(), Error> {
    let Some(held) = model.held.as_ref().filter(|_| !edits.is_empty()) else { return Ok(()) };
    let mut draft = Draft::Delta(BTreeMap::new());
    let mut versioned = false;
    let mut chosen = 0;
    for edit in edits {
        match edit.change {
            RelationChange::Add(values) => {
                for (id, note) in resolve(work, (held, place), &values, tolerance).await? {
                    draft.set(id, Some(note));
                }
            }
            RelationChange::Remove(ids) => {
                for id in removable(work, (held, place.0), &ids).await? {
                    draft.set(id, None);
                }
            }
            RelationChange::RemoveWhere(filter) => {
                versioned = true;
                for id in
                    matching(work, (model, held), (place.0, &draft), (filter, &mut chosen)).await?
                {
                    draft.set(id, None);
                }
            }
            RelationChange::Clear => draft = Draft::Whole(BTreeMap::new()),
            RelationChange::Replace(values) => {
                draft = Draft::Whole(resolve(work, (held, place), &values, tolerance).await?);
            }
        }
    }
    match draft {
        Draft::Delta(delta) => plan.links((held, place), delta.into_iter()),
        Draft::Whole(roster) => {
            versioned = true;
            whole(work, (held, place), roster, plan).await?;
        }
    }
    if versioned && plan.guards.iter().all(|guard| !matches!(guard, Guard::Version(..))) {
        plan.guards.push(Guard::Version(place.0, version));
    }
    Ok(())
}

/// Nobody new may schedule a system that is switched off (RO1); nor is it switched off unseen by
/// whoever adds someone at the same time.
pub(super) async fn only_active(
    work: Work<'_>,
    model: &Model,
    (holder, version): (Id, Option<u64>),
    document: &Map<String, Value>,
    plan: &mut Plan,
) -> Result<(), Error> {
    let Some(held) = model.held.as_ref().filter(|_| model.kind == RecordKind::ROOM_SYSTEM) else {
        return Ok(());
    };
    let added = |write: &Write| match write {
        Write::Link { to, .. } => Some(*to),
        _ => None,
    };
    let added: Vec<Id> = plan.writes.iter().filter_map(added).collect();
    if added.is_empty() {
        return Ok(());
    }
    let guarded = plan.guards.iter().any(|guard| matches!(guard, Guard::Version(..)));
    plan.guards.extend(version.filter(|_| !guarded).map(|at| Guard::Version(holder, at)));
    if document.get("active") != Some(&Value::Bool(false)) {
        return Ok(());
    }
    for id in added {
        if members::to(work, held, (holder, id), None).await?.is_none() {
            let said = "`schedulers` of a room system that is not active take nobody new (RO1).";
            return Err(Error::new(Kind::Scim(ScimType::InvalidValue), said));
        }
    }
    Ok(())
}

/// Those of the named members that the caller may remove: whom it does not see stays, as if
/// nobody had been named.
async fn removable(
    work: Work<'_>,
    (held, group): (&Held, Id),
    named: &[String],
) -> Result<Vec<Id>, Error> {
    let mut ids = Vec::with_capacity(named.len());
    for id in named.iter().filter_map(|id| Id::parse(id)) {
        if !members::is_unseen(work, held, group, id).await? {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// What the roster is to become: a few changes, or a whole new list.
enum Draft {
    /// Some note: a member from now on. None: not one any more.
    Delta(BTreeMap<Id, Option<u8>>),
    Whole(BTreeMap<Id, u8>),
}

impl Draft {
    /// The members as they would be if nothing more came.
    fn over(&self, stored: Vec<Link>) -> BTreeMap<Id, u8> {
        let mut roster: BTreeMap<Id, u8> =
            stored.into_iter().map(|link| (link.to, link.note)).collect();
        match self {
            Self::Whole(whole) => return whole.clone(),
            Self::Delta(delta) => {
                for (id, member) in delta {
                    match member {
                        Some(note) => roster.insert(*id, *note),
                        None => roster.remove(id),
                    };
                }
            }
        }
        roster
    }

    fn set(&mut self, id: Id, member: Option<u8>) {
        match (self, member) {
            (Self::Delta(delta), member) => {
                delta.insert(id, member);
            }
            (Self::Whole(roster), Some(note)) => {
                roster.insert(id, note);
            }
            (Self::Whole(roster), None) => {
                roster.remove(&id);
            }
        }
    }
}

impl Plan {
    fn links(
        &mut self,
        (held, (group, partition)): (&Held, Place),
        edits: impl Iterator<Item = (Id, Option<u8>)>,
    ) {
        let relation = held.relation;
        for (id, member) in edits {
            let Some(note) = member else {
                self.writes.push(Write::Unlink { relation, from: group, to: id });
                continue;
            };
            self.guards.push(Guard::Exists { id, organization: partition.organization });
            if note & members::IS_GROUP != 0 {
                // A chain of so many groups has one link less.
                let depth = DEEPEST_NESTING - 1;
                let note = members::IS_GROUP;
                self.guards.push(Guard::NoPath { relation, from: id, to: group, note, depth });
            }
            self.writes.push(Write::Link { relation, from: group, to: id, note });
        }
    }
}

/// The writes that turn the present members into `roster`. Members that the caller may not see
/// stay.
async fn whole(
    work: Work<'_>,
    (held, place): (&Held, Place),
    roster: BTreeMap<Id, u8>,
    plan: &mut Plan,
) -> Result<(), Error> {
    let mut edits: BTreeMap<Id, Option<u8>> =
        roster.into_iter().map(|(id, note)| (id, Some(note))).collect();
    for link in members::all(work, held, place.0, None).await? {
        if edits.remove(&link.to).is_none() {
            edits.insert(link.to, None);
        }
    }
    plan.links((held, place), edits.into_iter());
    Ok(())
}

fn listed(members: &Value) -> &[Value] {
    members.as_array().map_or(&[], Vec::as_slice)
}

/// Finds every member inside the caller's scope before anything is written (TEN-04). Unknown
/// ones are refused, or skipped where the connection says so.
async fn resolve(
    work: Work<'_>,
    (held, (_, partition)): (&Held, Place),
    values: &[Value],
    tolerance: &mut Tolerance,
) -> Result<BTreeMap<Id, u8>, Error> {
    let skip = work.caller.connection().is_some_and(|own| own.skip_unknown_members)
        && !tolerance.is_strict();
    let mut roster = BTreeMap::new();
    for (place, value) in values.iter().enumerate() {
        let text = value.get("value").and_then(Value::as_str).unwrap_or_default();
        match find(work, (held, partition), text).await? {
            Some((id, note)) => {
                roster.insert(id, note);
            }
            None if skip => {}
            None => {
                let what =
                    if held.kinds.contains(&RecordKind::GROUP) { "user or group" } else { "user" };
                let (name, number) = (&held.name, place + 1);
                let said =
                    format!("`{name}`, value number {number}: no such {what}. Create it first.");
                return Err(Error::new(Kind::Scim(ScimType::InvalidValue), said));
            }
        }
    }
    Ok(roster)
}

async fn find(
    work: Work<'_>,
    (held, home): (&Held, Partition),
    text: &str,
) -> Result<Option<(Id, u8)>, Error> {
    let Some(id) = Id::parse(text) else { return Ok(None) };
    let Some(record) = work.ports.store.get(id, None).await? else { return Ok(None) };
    let at_home = record.head.partition.organization == home.organization;
    let note = members::note(held, &record.head, home);
    Ok(note.filter(|_| at_home && visible::covers(work.caller, &record)).map(|note| (id, note)))
}

async fn matching(
    work: Work<'_>,
    (model, held): (&Model, &Held),
    (group, draft): (Id, &Draft),
    (inner, spent): (Filter, &mut usize),
) -> Result<Vec<Id>, Error> {
    let path = AttributePath { urn: None, name: held.name.clone(), sub: None };
    let clauses = inner.clauses();
    let matcher = Matcher::new(&model.rt, &Filter::Values { path, inner: Box::new(inner) });
    let mut found = Vec::new();
    let roster = draft.over(members::all(work, held, group, None).await?);
    *spent = spent.saturating_add(roster.len().saturating_mul(clauses));
    if *spent > MOST_CHOSEN {
        let said = format!(
            "The filters of this request would compare members more than {MOST_CHOSEN} times. \
             Name the members by `value`, or send fewer operations."
        );
        return Err(Error::new(Kind::TooLarge, said));
    }
    for (to, note) in roster {
        let link = Link { from: group, to, note, since: Moment::MIN };
        let one = Value::Array(vec![members::value(work, &link)]);
        if matcher.matches(&Map::from_iter([(held.name.clone(), one)])) {
            found.push(to);
        }
    }
    Ok(found)
}
