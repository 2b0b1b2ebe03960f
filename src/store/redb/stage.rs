//! A change, worked out in memory before anything is written.
//!
//! Writes are laid over what the tables hold, in order. Only when every guard and every unique
//! value has passed does [`crate::store::redb::apply`] touch a table, so a refused change leaves
//! nothing behind.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use redb::ReadableTable;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Head;
use crate::domain::record::Relation;
use crate::store::Fault;
use crate::store::change::Draft;
use crate::store::change::Guard;
use crate::store::change::Verdict;
use crate::store::change::Write;
use crate::store::redb::apply;
use crate::store::redb::history;
use crate::store::redb::keys;
use crate::store::redb::row;
use crate::store::redb::row::Stored;
use crate::store::redb::row::View;
use crate::store::redb::tables::Tables;

/// Why a change goes no further.
pub(super) enum Stop {
    /// An answer.
    Refused(Verdict),
    /// The engine failed.
    Failed(Fault),
}

impl<F: Into<Fault>> From<F> for Stop {
    fn from(fault: F) -> Self {
        Self::Failed(fault.into())
    }
}

/// A record before and after the change.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    /// As the tables hold it.
    pub(super) before: Option<Stored>,
    /// As it is to be.
    pub(super) after: Option<Stored>,
    /// Rows of unique values that it no longer has; known once the claims are settled.
    pub(super) given_up: BTreeSet<Vec<u8>>,
    /// Rows of unique values that are new, and for which field; known likewise.
    pub(super) claimed: BTreeMap<Vec<u8>, Field>,
    /// Its links changed.
    touched: bool,
}

impl Turn {
    /// Works out which unique values it gives up and which it claims.
    fn compare(&mut self) {
        let mut had = self.before.as_ref().map(apply::unique_rows).unwrap_or_default();
        self.claimed = self.after.as_ref().map(apply::unique_rows).unwrap_or_default();
        self.claimed.retain(|key, _| had.remove(key).is_none());
        self.given_up = had.into_keys().collect();
    }

    /// Whether anything is different afterwards.
    pub(super) fn changed(&self) -> bool {
        self.touched || self.before != self.after
    }
}

/// A link before and after the change.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tie {
    /// Since when and with what note, as the tables hold it.
    pub(super) before: Option<(Moment, u8)>,
    /// As it is to be.
    pub(super) after: Option<(Moment, u8)>,
}

impl Tie {
    /// Whether it is there afterwards and was not before, or the reverse.
    pub(super) fn changed(&self) -> bool {
        self.before.is_some() != self.after.is_some()
    }
}

/// The layer over the tables.
pub(super) struct Stage<'s, 't> {
    /// What is committed, and what earlier changes of the same transaction wrote.
    pub(super) tables: &'s Tables<'t>,
    /// When the change happens.
    at: Moment,
    /// Records that were looked at.
    pub(super) records: BTreeMap<Id, Turn>,
    /// Links that were looked at: relation, holder, target.
    pub(super) ties: BTreeMap<(Relation, Id, Id), Tie>,
    named: Vec<Id>,
}

impl<'s, 't> Stage<'s, 't> {
    /// An empty layer.
    pub(super) fn new(tables: &'s Tables<'t>, at: Moment) -> Self {
        Self { tables, at, records: BTreeMap::new(), ties: BTreeMap::new(), named: Vec::new() }
    }

    /// Guards about single records.
    pub(super) fn guard(&mut self, guards: &[Guard]) -> Result<(), Stop> {
        for guard in guards {
            let (holds, refusal) = match *guard {
                Guard::Version(id, version) => {
                    (present(self.turn(id)?, id)?.head.version == version, Verdict::Stale(id))
                }
                Guard::Exists { id, organization } => {
                    let home = present(self.turn(id)?, id)?.head.partition.organization;
                    (home == organization, Verdict::Missing(id))
                }
                Guard::NoPath { .. } => continue,
            };
            if !holds {
                return Err(Stop::Refused(refusal));
            }
        }
        Ok(())
    }

    /// Lays one write over the tables.
    pub(super) fn write(&mut self, write: Write) -> Result<(), Stop> {
        match write {
            Write::Create(draft) => self.create(draft),
            Write::Revive(draft) => self.revive(draft),
            Write::Update(draft) => self.update(draft),
            Write::Erase(id) => self.erase(id),
            Write::Link { relation, from, to, note } => self.link(relation, from, to, note),
            Write::Unlink { relation, from, to } => {
                self.name(from);
                present(self.turn(from)?, from)?;
                self.tie(relation, from, to)?.after = None;
                Ok(())
            }
            Write::UnlinkAll { relation, from } => {
                self.name(from);
                present(self.turn(from)?, from)?;
                for to in self.targets(relation, from)? {
                    self.tie(relation, from, to)?.after = None;
                }
                Ok(())
            }
        }
    }

    fn create(&mut self, draft: Draft) -> Result<(), Stop> {
        let (id, at) = (draft.id, self.at);
        self.name(id);
        let turn = self.turn(id)?;
        if turn.before.is_some() || turn.after.is_some() {
            return Err(Stop::Refused(Verdict::Stale(id)));
        }
        let head = Head {
            id,
            kind: draft.kind,
            partition: draft.partition,
            version: 1,
            created: at,
            modified: at,
            flags: draft.flags,
        };
        turn.after = Some(stored(head, draft));
        Ok(())
    }

    fn revive(&mut self, draft: Draft) -> Result<(), Stop> {
        let (id, was) = (draft.id, (draft.kind, draft.partition));
        self.create(draft)?;
        let last = history::last(self.tables, id)?;
        let last = last.filter(|last| (last.kind, last.partition) == was);
        let last = last.ok_or(Stop::Refused(Verdict::Missing(id)))?;
        if let Some(made) = &mut self.turn(id)?.after {
            (made.head.created, made.head.version) = (last.created, last.version.saturating_add(1));
        }
        Ok(())
    }

    fn update(&mut self, draft: Draft) -> Result<(), Stop> {
        let id = draft.id;
        self.name(id);
        let turn = self.turn(id)?;
        let now = present(turn, id)?;
        if now.head.kind != draft.kind || now.head.partition != draft.partition {
            return Err(Stop::Refused(Verdict::Missing(id)));
        }
        let head = Head { flags: draft.flags, ..now.head };
        turn.after = Some(stored(head, draft));
        Ok(())
    }

    fn erase(&mut self, id: Id) -> Result<(), Stop> {
        let turn = self.turn(id)?;
        present(turn, id)?;
        turn.after = None;
        for (relation, from, to) in self.links_of(id)? {
            self.tie(relation, from, to)?.after = None;
        }
        Ok(())
    }

    fn link(&mut self, relation: Relation, from: Id, to: Id, note: u8) -> Result<(), Stop> {
        self.name(from);
        present(self.turn(from)?, from)?;
        present(self.turn(to)?, to)?;
        let at = self.at;
        let tie = self.tie(relation, from, to)?;
        tie.after = tie.after.or(tie.before).or(Some((at, note)));
        Ok(())
    }

    /// Gives every record that changes its next version, and its moment.
    pub(super) fn settle(&mut self) -> Result<(), Fault> {
        let holders: Vec<Id> = self
            .ties
            .iter()
            .filter(|(_, tie)| tie.changed())
            .map(|((_, from, _), _)| *from)
            .collect();
        for from in holders {
            let turn = self.turn(from)?;
            turn.touched = turn.after.is_some();
        }
        let at = self.at;
        for turn in self.records.values_mut().filter(|turn| turn.changed()) {
            if let (Some(before), Some(after)) = (&turn.before, &mut turn.after) {
                after.head.version = before.head.version.saturating_add(1);
                after.head.modified = at;
            }
        }
        Ok(())
    }

    /// Every new unique value is free, or given up in this same change.
    pub(super) fn claims(&mut self) -> Result<(), Stop> {
        for turn in self.records.values_mut().filter(|turn| turn.changed()) {
            turn.compare();
        }
        let mut claimed = BTreeSet::new();
        for (key, field) in self.records.values().flat_map(|turn| &turn.claimed) {
            if self.taken(key)? || !claimed.insert(key) {
                return Err(Stop::Refused(Verdict::Taken(*field)));
            }
        }
        Ok(())
    }

    fn taken(&self, key: &[u8]) -> Result<bool, Fault> {
        let Some(row) = self.tables.unique.get(key)? else { return Ok(false) };
        let (id, _) = row::read_holder(row.value())?;
        Ok(self.records.get(&id).is_none_or(|turn| !turn.given_up.contains(key)))
    }

    /// The heads of the records that writes named, as they are now.
    pub(super) fn heads(&self) -> Vec<Head> {
        let after = |id: &Id| Some(self.records.get(id)?.after.as_ref()?.head);
        self.named.iter().filter_map(after).collect()
    }

    /// The targets of a holder, with the layer applied.
    pub(super) fn targets(&self, relation: Relation, from: Id) -> Result<Vec<Id>, Fault> {
        let span = keys::starting(keys::link_end(relation, from));
        let mut found = Vec::new();
        for row in self.tables.links.range::<&[u8]>(keys::borrowed(&span))? {
            let to = keys::last_id(row?.0.value())?;
            if self.ties.get(&(relation, from, to)).is_none_or(|tie| tie.after.is_some()) {
                found.push(to);
            }
        }
        let all = (relation, from, Id([0; 16]))..=(relation, from, Id([u8::MAX; 16]));
        let added = self.ties.range(all).filter(|(_, tie)| added(tie));
        found.extend(added.map(|((_, _, to), _)| *to));
        Ok(found)
    }

    /// The targets of a holder whose links have the bits of this note, with the layer applied.
    pub(super) fn targets_noted(
        &self,
        relation: Relation,
        from: Id,
        note: u8,
    ) -> Result<Vec<Id>, Fault> {
        let span = keys::starting(keys::link_end(relation, from));
        let mut found = Vec::new();
        for row in self.tables.links.range::<&[u8]>(keys::borrowed(&span))? {
            let (key, row) = row?;
            let to = keys::last_id(key.value())?;
            let kept = match self.ties.get(&(relation, from, to)) {
                Some(tie) => tie.after.map(|(_, note)| note),
                None => Some(row::read_link(row.value())?.1),
            };
            if kept.is_some_and(|kept| kept & note == note) {
                found.push(to);
            }
        }
        let all = (relation, from, Id([0; 16]))..=(relation, from, Id([u8::MAX; 16]));
        let added = self.ties.range(all).filter(|(_, tie)| added(tie));
        let added = added.filter(|(_, tie)| tie.after.is_some_and(|(_, own)| own & note == note));
        found.extend(added.map(|((_, _, to), _)| *to));
        Ok(found)
    }

    /// The holders of a target, with the layer applied.
    pub(super) fn holders(&self, relation: Relation, to: Id) -> Result<Vec<Id>, Fault> {
        let span = keys::starting(keys::link_end(relation, to));
        let mut found = Vec::new();
        for row in self.tables.links_back.range::<&[u8]>(keys::borrowed(&span))? {
            let from = keys::last_id(row?.0.value())?;
            if self.ties.get(&(relation, from, to)).is_none_or(|tie| tie.after.is_some()) {
                found.push(from);
            }
        }
        let new =
            self.ties.iter().filter(|((r, _, t), tie)| *r == relation && *t == to && added(tie));
        found.extend(new.map(|((_, from, _), _)| *from));
        Ok(found)
    }

    /// Every link from or to a record, with the layer applied.
    fn links_of(&self, id: Id) -> Result<Vec<(Relation, Id, Id)>, Fault> {
        let mut found = Vec::new();
        for relation in self.relations()? {
            found.extend(self.targets(relation, id)?.into_iter().map(|to| (relation, id, to)));
            found.extend(self.holders(relation, id)?.into_iter().map(|from| (relation, from, id)));
        }
        Ok(found)
    }

    /// The relations that have links at all: one step per relation.
    fn relations(&self) -> Result<Vec<Relation>, Fault> {
        let mut found: Vec<Relation> = self.ties.keys().map(|(relation, _, _)| *relation).collect();
        let mut low = std::ops::Bound::Unbounded;
        loop {
            let span = (low, std::ops::Bound::Unbounded);
            let mut rows = self.tables.links.range::<&[u8]>(keys::borrowed(&span))?;
            let Some(row) = rows.next() else { break };
            let relation = row::Take(row?.0.value()).array().map(u16::from_be_bytes)?;
            found.push(Relation(relation));
            low = keys::after(&relation.to_be_bytes());
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn name(&mut self, id: Id) {
        if !self.named.contains(&id) {
            self.named.push(id);
        }
    }

    /// The record, looked up once.
    pub(super) fn turn(&mut self, id: Id) -> Result<&mut Turn, Fault> {
        if let std::collections::btree_map::Entry::Vacant(slot) = self.records.entry(id) {
            let before = match self.tables.records.get(id.0.as_slice())? {
                Some(row) => Some(View::read(id, row.value())?.stored()?),
                None => None,
            };
            slot.insert(Turn { after: before.clone(), before, ..Turn::default() });
        }
        Ok(self.records.entry(id).or_default())
    }

    fn tie(&mut self, relation: Relation, from: Id, to: Id) -> Result<&mut Tie, Fault> {
        let key = (relation, from, to);
        if let std::collections::btree_map::Entry::Vacant(slot) = self.ties.entry(key) {
            let key = keys::link(relation, from, to);
            let before = match self.tables.links.get(key.as_slice())? {
                Some(row) => Some(row::read_link(row.value())?),
                None => None,
            };
            slot.insert(Tie { before, after: before });
        }
        Ok(self.ties.entry(key).or_default())
    }
}

fn added(tie: &Tie) -> bool {
    tie.before.is_none() && tie.after.is_some()
}

fn present(turn: &Turn, id: Id) -> Result<&Stored, Stop> {
    turn.after.as_ref().ok_or(Stop::Refused(Verdict::Missing(id)))
}

fn stored(head: Head, draft: Draft) -> Stored {
    let mut entries = draft.entries;
    entries.sort_unstable_by(|a, b| {
        (a.field, &a.value, a.unique as u8).cmp(&(b.field, &b.value, b.unique as u8))
    });
    entries.dedup();
    Stored { head, body: draft.body, entries }
}
