//! What a veil remembers.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::store::End;
use crate::store::Link;
use crate::store::LinkQuery;
use crate::store::change::Draft;
use crate::store::change::Entry;
use crate::store::change::Key;
use crate::store::select::Condition;

/// A record as the veil has it.
pub(super) struct Seat {
    pub(super) record: Record,
    pub(super) entries: Vec<Entry>,
}

/// What a veil remembers.
#[derive(Default)]
pub(super) struct Layer {
    /// Records that were written; none for those that were removed.
    seats: HashMap<Id, Option<Seat>>,
    /// By how many versions links have moved a record that is still beneath.
    lifted: HashMap<Id, u64>,
    keys: HashMap<Key, Id>,
    rows: BTreeMap<(Field, Vec<u8>), BTreeSet<Id>>,
    kinds: BTreeMap<Kind, BTreeSet<Id>>,
    /// Links by holder and by target: the note of one that was added, none for one removed.
    out: BTreeMap<(Relation, Id, Id), Option<u8>>,
    back: BTreeMap<(Relation, Id, Id), Option<u8>>,
    /// Holders that lost all they had beneath.
    cleared: HashSet<(Relation, Id)>,
    /// Records that were erased at some time: links that lie beneath are theirs no more, also when
    /// they are made again.
    severed: HashSet<Id>,
    counts: HashMap<(Partition, Kind), i64>,
    moves: u64,
}

impl Layer {
    /// The record, if the veil has a word on it: none inside when it was removed.
    pub(super) fn record(&self, id: Id) -> Option<Option<Record>> {
        self.seats.get(&id).map(|seat| seat.as_ref().map(|seat| seat.record.clone()))
    }

    /// A record from beneath at the version that links have given it.
    pub(super) fn lifted(&self, mut record: Record) -> Record {
        let more = self.lifted.get(&record.head.id).copied().unwrap_or(0);
        record.head.version = record.head.version.saturating_add(more);
        record
    }

    /// Whether what is beneath under this identifier is not to be seen.
    pub(super) fn hides(&self, id: Id) -> bool {
        self.seats.contains_key(&id)
    }

    pub(super) fn holder(&self, key: &Key) -> Option<Id> {
        self.keys.get(key).copied()
    }

    pub(super) fn moves(&self) -> u64 {
        self.moves
    }

    pub(super) fn counted(&self, partition: Partition, kind: Kind) -> i64 {
        self.counts.get(&(partition, kind)).copied().unwrap_or(0)
    }

    /// Whether there is a link, if the veil has a word on it.
    pub(super) fn linked(&self, relation: Relation, from: Id, to: Id) -> Option<bool> {
        let gone = |id: &Id| matches!(self.seats.get(id), Some(None));
        if gone(&from) || gone(&to) {
            return Some(false);
        }
        let ours = self.out.get(&(relation, from, to)).map(Option::is_some);
        let severed = self.severed.contains(&from) || self.severed.contains(&to);
        ours.or_else(|| (severed || self.cleared.contains(&(relation, from))).then_some(false))
    }

    /// Our own links of a page, as made at `now`.
    pub(super) fn links(&self, query: &LinkQuery, now: Moment) -> Vec<Link> {
        let (table, end) = match query.end {
            End::From(id) => (&self.out, id),
            End::To(id) => (&self.back, id),
        };
        let relation = query.relation;
        let all = table.range((relation, end, Id([0; 16]))..=(relation, end, Id([255; 16])));
        let after = |other: &Id| query.after.is_none_or(|after| *other > after);
        all.filter_map(|((_, _, other), note)| {
            let (from, to) = match query.end {
                End::From(_) => (end, *other),
                End::To(_) => (*other, end),
            };
            let there = after(other) && self.linked(relation, from, to) == Some(true);
            note.filter(|_| there).map(|note| Link { from, to, note, since: now })
        })
        .take(query.limit)
        .collect()
    }

    /// The records of the veil that may fulfil a condition over `kinds`.
    pub(super) fn candidates(&self, kinds: &[Kind], condition: &Condition) -> Vec<&Seat> {
        let ids = self.narrowed(condition).unwrap_or_else(|| {
            kinds.iter().filter_map(|kind| self.kinds.get(kind)).flatten().copied().collect()
        });
        ids.iter().filter_map(|id| self.seats.get(id)?.as_ref()).collect()
    }

    fn narrowed(&self, condition: &Condition) -> Option<Vec<Id>> {
        match condition {
            Condition::Nothing => Some(Vec::new()),
            Condition::Ids(ids) => Some(ids.clone()),
            Condition::Is(field, value) if ![Field::CREATED, Field::MODIFIED].contains(field) => {
                let row = self.rows.get(&(*field, value.clone()));
                Some(row.into_iter().flatten().copied().collect())
            }
            Condition::All(parts) => {
                parts.iter().filter_map(|part| self.narrowed(part)).min_by_key(Vec::len)
            }
            _ => None,
        }
    }

    /// Puts a record in its place; `before` is what was there, in the veil or beneath.
    pub(super) fn put(&mut self, draft: Draft, before: Option<&Record>, at: Moment) -> bool {
        let old = self.seats.get(&draft.id).and_then(Option::as_ref);
        let known = old.is_none_or(|old| old.entries == draft.entries);
        let same = |before: &Record| {
            known && before.body == draft.body && before.head.flags == draft.flags
        };
        if before.is_some_and(same) {
            return false;
        }
        let Draft { id, kind, partition, flags, entries, body } = draft;
        let (version, created) = match before {
            Some(before) => (before.head.version.saturating_add(1), before.head.created),
            None => (1, at),
        };
        self.vacate(id);
        for entry in &entries {
            if let Some(within) = entry.unique.within(partition) {
                let key = Key { within, kind, field: entry.field, value: entry.value.clone() };
                self.keys.insert(key, id);
            }
            self.rows.entry((entry.field, entry.value.clone())).or_default().insert(id);
        }
        self.kinds.entry(kind).or_default().insert(id);
        if before.is_none() {
            *self.counts.entry((partition, kind)).or_default() += 1;
        }
        let head = Head { id, kind, partition, version, created, modified: at, flags };
        self.seats.insert(id, Some(Seat { record: Record { head, body }, entries }));
        true
    }

    /// Removes a record that was there.
    pub(super) fn erase(&mut self, before: &Record) {
        let Head { id, kind, partition, .. } = before.head;
        self.vacate(id);
        *self.counts.entry((partition, kind)).or_default() -= 1;
        self.seats.insert(id, None);
        self.severed.insert(id);
        let touches = |one: Id, other: Id| one == id || other == id;
        for ((_, from, to), note) in &mut self.out {
            *note = note.filter(|_| !touches(*from, *to));
        }
        for ((_, to, from), note) in &mut self.back {
            *note = note.filter(|_| !touches(*from, *to));
        }
    }

    /// Forgets how a record of the veil was found.
    fn vacate(&mut self, id: Id) {
        let Some(Some(old)) = self.seats.remove(&id) else { return };
        let Head { kind, partition, .. } = old.record.head;
        for Entry { field, value, unique } in old.entries {
            if let Some(row) = self.rows.get_mut(&(field, value.clone())) {
                row.remove(&id);
            }
            // In the same change another may have taken the value over.
            let key = unique.within(partition).map(|within| Key { within, kind, field, value });
            if let Some(key) = key.filter(|key| self.keys.get(key) == Some(&id)) {
                self.keys.remove(&key);
            }
        }
        if let Some(all) = self.kinds.get_mut(&kind) {
            all.remove(&id);
        }
    }

    /// Adds a link, or removes it, and gives the holder a new version.
    pub(super) fn link(&mut self, relation: Relation, (from, to): (Id, Id), note: Option<u8>) {
        self.out.insert((relation, from, to), note);
        self.back.insert((relation, to, from), note);
        self.lift(from);
    }

    /// Removes all links of a holder.
    pub(super) fn clear(&mut self, relation: Relation, from: Id) {
        let all = (relation, from, Id([0; 16]))..=(relation, from, Id([255; 16]));
        let ours: Vec<Id> = self.out.range(all).map(|((_, _, to), _)| *to).collect();
        for to in ours {
            self.out.insert((relation, from, to), None);
            self.back.insert((relation, to, from), None);
        }
        self.cleared.insert((relation, from));
        self.lift(from);
    }

    /// Something that groups are worked out from has changed.
    pub(super) fn moved(&mut self) {
        self.moves = self.moves.saturating_add(1);
    }

    fn lift(&mut self, id: Id) {
        match self.seats.get_mut(&id) {
            Some(Some(seat)) => {
                seat.record.head.version = seat.record.head.version.saturating_add(1);
            }
            Some(None) => {}
            None => *self.lifted.entry(id).or_default() += 1,
        }
    }
}
