//! Who is in which group, with a change that is not committed yet laid over the store.
//!
//! Whoever is in a group inside a group is in both. A membership through others is as old as the
//! youngest link on the way, and of several ways the oldest counts.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use serde::Deserialize;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::group::DEEPEST_NESTING;
use crate::domain::access::ledger::Membership;
use crate::domain::access::ledger::PushedGroup;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Ports;
use crate::service::ledger::read;
use crate::service::wire::members::IS_GROUP;
use crate::service::wire::render;
use crate::store::End;
use crate::store::change::Write;

/// Links between groups and members as they will be.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    added: HashMap<(Id, Id), u8>,
    removed: HashSet<(Id, Id)>,
    cleared: HashSet<Id>,
    gone: HashSet<Id>,
    groups: HashMap<Id, PushedGroup>,
    /// As of a past instant; then nothing lies over.
    pub(super) at: Option<Moment>,
}

impl Overlay {
    /// What `writes` will have done.
    pub(super) fn of(writes: &[Write]) -> Self {
        let mut over = Self::default();
        for write in writes {
            match write {
                Write::Link { relation: Relation::MEMBER, from, to, note } => {
                    over.removed.remove(&(*from, *to));
                    over.added.insert((*from, *to), *note);
                }
                Write::Unlink { relation: Relation::MEMBER, from, to } => {
                    over.added.remove(&(*from, *to));
                    over.removed.insert((*from, *to));
                }
                Write::UnlinkAll { relation: Relation::MEMBER, from } => {
                    over.added.retain(|(holder, _), _| holder != from);
                    over.cleared.insert(*from);
                }
                Write::Erase(id) => drop(over.gone.insert(*id)),
                _ => {}
            }
        }
        over
    }

    /// The store as it was at `at`.
    pub(super) fn past(at: Option<Moment>) -> Self {
        Self { at, ..Self::default() }
    }

    /// A group as it will be.
    pub(super) fn put(&mut self, group: PushedGroup) {
        self.groups.insert(group.id, group);
    }

    /// The members of `group` whose own links change, each with its note.
    pub(super) async fn touched(
        &self,
        ports: &Ports,
        group: Id,
    ) -> Result<BTreeMap<Id, u8>, Error> {
        let mut found: BTreeMap<Id, u8> = BTreeMap::new();
        for ((from, to), note) in &self.added {
            if !ports.store.linked(Relation::MEMBER, *from, *to).await? {
                found.insert(*to, *note);
            }
        }
        if self.removed.is_empty() && self.cleared.is_empty() && self.gone.is_empty() {
            return Ok(found);
        }
        // Few who go are looked up; where all go, so are all.
        if self.cleared.contains(&group) || self.gone.contains(&group) {
            let links = read::links(ports, Relation::MEMBER, End::From(group), None).await?;
            let kept = |to: Id| self.added.contains_key(&(group, to));
            let links = links.into_iter().filter(|link| !kept(link.to));
            found.extend(links.map(|link| (link.to, link.note)));
        }
        for (from, to) in &self.removed {
            if !ports.store.linked(Relation::MEMBER, *from, *to).await? {
                continue;
            }
            let kind = ports.store.get(*to, None).await?.map(|record| record.head.kind);
            let is_group = kind == Some(Kind::GROUP);
            found.insert(*to, if is_group { IS_GROUP } else { 0 });
        }
        Ok(found)
    }

    /// The groups that hold `member` directly, since when.
    async fn holders(&self, ports: &Ports, member: Id) -> Result<Vec<(Id, Moment)>, Error> {
        let mut found: Vec<(Id, Moment)> = Vec::new();
        for link in read::links(ports, Relation::MEMBER, End::To(member), self.at).await? {
            let key = (link.from, link.to);
            let out = self.cleared.contains(&link.from) || self.removed.contains(&key);
            let stays = !out || self.added.contains_key(&key);
            if stays && !self.gone.contains(&link.from) {
                found.push((link.from, link.since));
            }
        }
        for (from, _) in self.added.keys().filter(|(_, to)| *to == member) {
            if found.iter().all(|(known, _)| known != from) {
                // It will be younger than everything that is there.
                found.push((*from, Moment::MAX));
            }
        }
        Ok(found)
    }

    /// Every group that `member` is in, since when.
    pub(super) async fn memberships(
        &self,
        ports: &Ports,
        member: Id,
    ) -> Result<Vec<Membership>, Error> {
        let mut known: BTreeMap<Id, Moment> = BTreeMap::new();
        let mut level = vec![(member, Moment::MIN)];
        for _ in 0..DEEPEST_NESTING {
            let mut next = Vec::new();
            for (id, reached) in level {
                let holders = self.holders(ports, id).await?.into_iter();
                let holders = holders.map(|(group, since)| (group, since.max(reached)));
                next.extend(holders.filter(|one| is_older(&known, one)));
            }
            for (group, since) in &next {
                let oldest = known.entry(*group).or_insert(*since);
                *oldest = (*oldest).min(*since);
            }
            if next.is_empty() {
                break;
            }
            level = next;
        }
        Ok(known.into_iter().map(|(group, since)| Membership { group, since }).collect())
    }

    /// The people in `group`, also through groups inside it, as the store has them.
    pub(super) async fn people(&self, ports: &Ports, group: Id) -> Result<BTreeSet<Id>, Error> {
        let (mut people, mut seen) = (BTreeSet::new(), BTreeSet::from([group]));
        let mut level = vec![group];
        for _ in 0..DEEPEST_NESTING {
            let mut next = Vec::new();
            for id in level {
                let links = read::links(ports, Relation::MEMBER, End::From(id), self.at).await?;
                let (groups, own): (Vec<_>, Vec<_>) =
                    links.into_iter().partition(|link| link.note & IS_GROUP != 0);
                people.extend(own.into_iter().map(|link| link.to));
                next.extend(groups.into_iter().map(|link| link.to).filter(|to| seen.insert(*to)));
            }
            if next.is_empty() {
                break;
            }
            level = next;
        }
        Ok(people)
    }

    /// A pushed group, as rules see it.
    pub(super) async fn group(&self, ports: &Ports, id: Id) -> Result<Option<PushedGroup>, Error> {
        if let Some(group) = self.groups.get(&id) {
            return Ok(Some(group.clone()));
        }
        let record = read::record(ports, Kind::GROUP, id, self.at).await?;
        record.map(|record| pushed(&record)).transpose()
    }
}

/// Whether a way into a group is older than what is known.
fn is_older(known: &BTreeMap<Id, Moment>, (group, since): &(Id, Moment)) -> bool {
    known.get(group).is_none_or(|before| since < before)
}

/// A group as the store has it.
pub(super) fn pushed(record: &Record) -> Result<PushedGroup, Error> {
    let named: Named = serde_json::from_slice(&record.body).map_err(|_| render::damaged(record))?;
    let connection = record.head.partition.connection;
    Ok(PushedGroup { id: record.head.id, connection, name: named.display_name })
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "displayName", default)]
    display_name: String,
}
