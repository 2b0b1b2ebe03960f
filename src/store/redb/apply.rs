//! A worked-out change becomes rows: only those that differ.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Head;
use crate::domain::record::Relation;
use crate::store::Fault;
use crate::store::change::Entry;
use crate::store::redb::bonds;
use crate::store::redb::bonds::Bond;
use crate::store::redb::keys;
use crate::store::redb::row;
use crate::store::redb::row::Stored;
use crate::store::redb::skip::Move;
use crate::store::redb::stage::Tie;
use crate::store::redb::stage::Turn;
use crate::store::redb::tables::Tables;
use crate::store::select::value;

/// What a change does to the tables, detached from them.
pub(super) struct Outcome {
    records: BTreeMap<Id, Turn>,
    ties: BTreeMap<(Relation, Id, Id), Tie>,
}

impl Outcome {
    /// What is left of a layer once it may be written.
    pub(super) fn of(
        mut records: BTreeMap<Id, Turn>,
        mut ties: BTreeMap<(Relation, Id, Id), Tie>,
    ) -> Self {
        records.retain(|_, turn| turn.changed());
        ties.retain(|_, tie| tie.changed());
        Self { records, ties }
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.ties.is_empty()
    }

    /// Links added and removed.
    pub(super) fn links(&self) -> (u64, u64) {
        let added = self.ties.values().filter(|tie| tie.after.is_some()).count();
        let removed = self.ties.len().saturating_sub(added);
        (u64::try_from(added).unwrap_or(u64::MAX), u64::try_from(removed).unwrap_or(u64::MAX))
    }

    /// What the event keeps of which links are added and removed.
    pub(super) fn bonds(&self) -> [u8; 32] {
        let bond = |((relation, from, to), tie): (&(Relation, Id, Id), &Tie)| {
            let (_, note) = tie.after.or(tie.before)?;
            let added = tie.after.is_some();
            Some(Bond { relation: *relation, from: *from, to: *to, note, added })
        };
        bonds::digest(self.ties.iter().filter_map(bond))
    }

    /// Records made and erased.
    pub(super) fn moves(&self) -> impl Iterator<Item = Move> {
        self.records.values().filter_map(|turn| match (&turn.before, &turn.after) {
            (None, Some(made)) => Some(Move::of(&made.head, true)),
            (Some(erased), None) => Some(Move::of(&erased.head, false)),
            _ => None,
        })
    }

    /// Records made, changed and erased.
    pub(super) fn touched(&self) -> impl Iterator<Item = Id> {
        self.records.keys().copied()
    }

    /// Writes it all.
    pub(super) fn write(&self, tables: &mut Tables<'_>, at: Moment) -> Result<(), Fault> {
        for (id, turn) in &self.records {
            for key in &turn.given_up {
                tables.unique.remove(key.as_slice())?;
            }
            write_record(tables, *id, turn, at)?;
        }
        for turn in self.records.values() {
            add_unique(tables, turn)?;
        }
        for ((relation, from, to), tie) in &self.ties {
            write_tie(tables, (*relation, *from, *to), *tie, at)?;
        }
        Ok(())
    }
}

fn write_record(tables: &mut Tables<'_>, id: Id, turn: &Turn, at: Moment) -> Result<(), Fault> {
    write_index(tables, turn)?;
    if let Some(before) = &turn.before {
        let newer = turn.after.as_ref().map(|after| after.body.as_slice());
        let key = keys::history(id, at);
        tables.history.insert(key.as_slice(), before.past(newer)?.as_slice())?;
    }
    match (&turn.before, &turn.after) {
        (None, Some(after)) => {
            tables.owned.insert(owned(&after.head).as_slice(), [].as_slice())?;
        }
        (Some(before), None) => {
            let key = owned(&before.head);
            tables.owned.remove(key.as_slice())?;
            tables.erased.insert(key.as_slice(), at.0.to_be_bytes().as_slice())?;
        }
        _ => {}
    }
    match &turn.after {
        Some(after) => tables.records.insert(id.0.as_slice(), after.row()?.as_slice())?,
        None => tables.records.remove(id.0.as_slice())?,
    };
    Ok(())
}

fn owned(head: &Head) -> Vec<u8> {
    keys::owned(head.partition, head.kind, head.id)
}

fn write_index(tables: &mut Tables<'_>, turn: &Turn) -> Result<(), Fault> {
    let had = turn.before.as_ref().map(index_rows).unwrap_or_default();
    let has = turn.after.as_ref().map(index_rows).unwrap_or_default();
    for key in had.difference(&has) {
        tables.index.remove(key.as_slice())?;
    }
    for key in has.difference(&had) {
        tables.index.insert(key.as_slice(), [].as_slice())?;
    }
    Ok(())
}

fn add_unique(tables: &mut Tables<'_>, turn: &Turn) -> Result<(), Fault> {
    let Some(after) = &turn.after else { return Ok(()) };
    let holder = row::holder(after.head.id, after.head.partition.connection);
    for key in turn.claimed.keys() {
        tables.unique.insert(key.as_slice(), holder.as_slice())?;
    }
    Ok(())
}

fn write_tie(
    tables: &mut Tables<'_>,
    (relation, from, to): (Relation, Id, Id),
    tie: Tie,
    at: Moment,
) -> Result<(), Fault> {
    let forth = keys::link(relation, from, to);
    let back = keys::link(relation, to, from);
    if let Some((since, note)) = tie.after {
        let row = row::link(since, note);
        tables.links.insert(forth.as_slice(), row.as_slice())?;
        tables.links_back.insert(back.as_slice(), row.as_slice())?;
    } else if let Some((since, note)) = tie.before {
        let row = row::link(since, note);
        tables.links.remove(forth.as_slice())?;
        tables.links_back.remove(back.as_slice())?;
        let forth = keys::past_link(relation, from, to, at);
        let back = keys::past_link(relation, to, from, at);
        tables.links_past.insert(forth.as_slice(), row.as_slice())?;
        tables.links_past_back.insert(back.as_slice(), row.as_slice())?;
    }
    Ok(())
}

/// The index rows a record must have: its plain entries, and its two moments.
pub(super) fn index_rows(stored: &Stored) -> BTreeSet<Vec<u8>> {
    let head = &stored.head;
    let spell =
        |field: Field, value: &[u8]| keys::index(head.partition, head.kind, field, value, head.id);
    let plain = stored.entries.iter().filter(|entry| entry.unique.is_indexed(head.partition));
    let mut rows: BTreeSet<_> = plain.map(|entry| spell(entry.field, &entry.value)).collect();
    rows.insert(spell(Field::CREATED, &value::moment(head.created)));
    rows.insert(spell(Field::MODIFIED, &value::moment(head.modified)));
    rows
}

/// The unique rows a record must have, and for which field.
pub(super) fn unique_rows(stored: &Stored) -> BTreeMap<Vec<u8>, Field> {
    let spell = |entry: &Entry| {
        let head = &stored.head;
        let within = entry.unique.within(head.partition)?;
        Some((keys::unique(within, head.kind, entry.field, &entry.value), entry.field))
    };
    stored.entries.iter().filter_map(spell).collect()
}
