//! Comparing what is stored twice: records with their rows, links with their reverse, chains
//! with their heads, bodies and links with what the journal tells of them ([`journal`],
//! [`bonds`]). The chains themselves are verified too: what a body is held against must be whole.
//! Findings name the record and say what is wrong, never what it holds; the first hundred of each
//! part are kept.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use redb::ReadableTable;
use redb::ReadableTableMetadata;

use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::store::Fault;
use crate::store::Health;
use crate::store::Rule;
use crate::store::change::Entry;
use crate::store::redb::apply;
use crate::store::redb::bonds;
use crate::store::redb::chain;
use crate::store::redb::journal;
use crate::store::redb::keys;
use crate::store::redb::read;
use crate::store::redb::row;
use crate::store::redb::row::Stored;
use crate::store::redb::row::Take;
use crate::store::redb::row::View;
use crate::store::redb::tables::Reading;
use crate::store::redb::tables::Snapshot;

/// Findings that are kept.
const KEPT: usize = 100;

/// Compares everything.
pub(super) fn health(snapshot: &Snapshot, rule: Option<&Rule>) -> Result<Health, Fault> {
    let mut check = Check { snapshot, rule, health: Health::default(), unique: 0 };
    check.records()?;
    check.strays()?;
    check.links()?;
    check.past_links()?;
    check.chains()?;
    check.journal()?;
    check.bonds()?;
    Ok(check.health)
}

struct Check<'a> {
    snapshot: &'a Snapshot,
    rule: Option<&'a Rule>,
    health: Health,
    unique: u64,
}

impl Check<'_> {
    fn say(&mut self, finding: String) {
        if self.health.findings.len() < KEPT {
            self.health.findings.push(finding);
        }
    }

    fn records(&mut self) -> Result<(), Fault> {
        let mut counts: BTreeMap<(Partition, Kind), u64> = BTreeMap::new();
        for row in self.snapshot.records.iter()? {
            let (key, row) = row?;
            let id = keys::last_id(key.value())?;
            self.health.records = self.health.records.saturating_add(1);
            if View::read(id, row.value()).is_ok_and(|view| !view.whole()) {
                self.say(format!("record {id}: its body and its checksum do not fit"));
            }
            match View::read(id, row.value()).and_then(|view| view.stored()) {
                Ok(stored) => {
                    self.found_by(&stored);
                    *counts.entry((stored.head.partition, stored.head.kind)).or_default() += 1;
                    self.record(&stored)?;
                }
                Err(_) => self.say(format!("record {id} cannot be read")),
            }
        }
        self.counts(counts)
    }

    /// The values it is found by are those of its body.
    fn found_by(&mut self, stored: &Stored) {
        let record = Record { head: stored.head, body: stored.body.clone() };
        let Some(due) = self.rule.and_then(|rule| rule(&record)) else { return };
        if values(&due) != values(&stored.entries) {
            let id = stored.head.id;
            self.say(format!(
                "record {id} is found by values that are not those of its body (or of the schema \
                 files that are in use now)"
            ));
        }
    }

    fn record(&mut self, stored: &Stored) -> Result<(), Fault> {
        let head = &stored.head;
        let id = head.id;
        let owned = keys::owned(head.partition, head.kind, id);
        if self.snapshot.owned.get(owned.as_slice())?.is_none() {
            self.say(format!("record {id} is not listed among what its owner has"));
        }
        for key in apply::index_rows(stored) {
            self.health.index_rows = self.health.index_rows.saturating_add(1);
            if self.snapshot.index.get(key.as_slice())?.is_none() {
                self.say(format!("record {id} lacks a row of the index"));
            }
        }
        for key in apply::unique_rows(stored).keys() {
            self.health.index_rows = self.health.index_rows.saturating_add(1);
            self.unique = self.unique.saturating_add(1);
            let holder = row::holder(id, head.partition.connection);
            match self.snapshot.unique.get(key.as_slice())? {
                Some(row) if row.value() == holder => {}
                Some(_) => self.say(format!("a unique value of record {id} leads to another")),
                None => self.say(format!("record {id} lacks a row of the unique values")),
            }
        }
        Ok(())
    }

    fn counts(&mut self, mut counts: BTreeMap<(Partition, Kind), u64>) -> Result<(), Fault> {
        for row in self.snapshot.counts.iter()? {
            let (key, row) = row?;
            let mut key = Take(key.value());
            let partition = Partition { organization: key.u32()?, connection: key.u32()? };
            let place = (partition, Kind(key.u32()?));
            if Take(row.value()).u64()? != counts.remove(&place).unwrap_or(0) {
                self.say(format!("the number of records of {} is wrong", place_name(place)));
            }
        }
        for place in counts.into_keys() {
            self.say(format!("the number of records of {} is missing", place_name(place)));
        }
        Ok(())
    }

    /// Rows that belong to no record. Only looked for when there are more rows than there should
    /// be, for every row that should be has been looked for already.
    fn strays(&mut self) -> Result<(), Fault> {
        if self.snapshot.owned.len()? != self.health.records {
            self.stray_rows(&self.snapshot.owned, "the list of its owner", |_, _| true)?;
        }
        let plain = self.health.index_rows.saturating_sub(self.unique);
        if self.snapshot.index.len()? != plain {
            self.stray_rows(&self.snapshot.index, "the index", |stored, key| {
                apply::index_rows(stored).contains(key)
            })?;
        }
        if self.snapshot.unique.len()? != self.unique {
            self.stray_values()?;
        }
        Ok(())
    }

    fn stray_values(&mut self) -> Result<(), Fault> {
        for row in self.snapshot.unique.iter()? {
            let (key, row) = row?;
            let (id, _) = row::read_holder(row.value())?;
            let keeps = |stored: &Stored| apply::unique_rows(stored).contains_key(key.value());
            if !self.stored(id)?.as_ref().is_some_and(keeps) {
                self.say(format!("the unique values name record {id} without reason"));
            }
        }
        Ok(())
    }

    fn stray_rows(
        &mut self,
        table: &Reading,
        place: &str,
        belongs: impl Fn(&Stored, &[u8]) -> bool,
    ) -> Result<(), Fault> {
        for row in table.iter()? {
            let (key, _) = row?;
            let id = keys::last_id(key.value())?;
            if !self.stored(id)?.as_ref().is_some_and(|stored| belongs(stored, key.value())) {
                self.say(format!("{place} names record {id} without reason"));
            }
        }
        Ok(())
    }

    fn stored(&self, id: Id) -> Result<Option<Stored>, Fault> {
        let row = self.snapshot.records.get(id.0.as_slice())?;
        Ok(row.and_then(|row| View::read(id, row.value()).and_then(|view| view.stored()).ok()))
    }

    /// Both records of a link are there.
    fn ends(&mut self, from: Id, to: Id) -> Result<(), Fault> {
        for id in [from, to] {
            if read::head(self.snapshot, id)?.is_none() {
                self.say(format!("the link from {from} to {to} has no record {id}"));
            }
        }
        Ok(())
    }

    fn links(&mut self) -> Result<(), Fault> {
        let (forth, back) = (&self.snapshot.links, &self.snapshot.links_back);
        for row in forth.iter()? {
            let (key, row) = row?;
            self.health.links = self.health.links.saturating_add(1);
            let (from, to, reverse) = ends(key.value())?;
            if !same(back, &reverse, row.value())? {
                self.say(format!("the link from {from} to {to} cannot be read backwards"));
            }
            self.ends(from, to)?;
        }
        if back.len()? == self.health.links {
            return Ok(());
        }
        for row in back.iter()? {
            let (to, from, reverse) = ends(row?.0.value())?;
            if forth.get(reverse.as_slice())?.is_none() {
                self.say(format!("the link from {from} to {to} can be read backwards only"));
            }
        }
        Ok(())
    }

    /// The same of links that are no more; their ends need not be there.
    fn past_links(&mut self) -> Result<(), Fault> {
        let (forth, back) = (&self.snapshot.links_past, &self.snapshot.links_past_back);
        for row in forth.iter()? {
            let (key, row) = row?;
            let (from, to, reverse) = ends(key.value())?;
            if !same(back, &reverse, row.value())? {
                self.say(format!("the former link from {from} to {to} cannot be read backwards"));
            }
        }
        if back.len()? == forth.len()? {
            return Ok(());
        }
        for row in back.iter()? {
            let (to, from, reverse) = ends(row?.0.value())?;
            if forth.get(reverse.as_slice())?.is_none() {
                self.say(format!("the former link from {from} to {to} can be read backwards only"));
            }
        }
        Ok(())
    }

    fn chains(&mut self) -> Result<(), Fault> {
        self.health.events = self.snapshot.events.len()?;
        let mut due = 0_u64;
        for (chain, tip) in chain::tips(self.snapshot)? {
            due = due.saturating_add(tip.seq);
            let last = self.snapshot.events.get(keys::event(chain, tip.seq).as_slice())?;
            let fits = last.is_some_and(|row| row.value().starts_with(&tip.hash));
            if !fits {
                self.say(format!("the head of chain {chain} is not the hash of its last event"));
            }
        }
        if due != self.health.events {
            let stored = self.health.events;
            self.say(format!("the chains' heads count {due} events, {stored} are stored"));
        }
        for (chain, seq, why) in chain::verify(self.snapshot)?.broken {
            self.say(format!("chain {chain}, event {seq}: {why}"));
        }
        Ok(())
    }

    fn journal(&mut self) -> Result<(), Fault> {
        let journal::Differing { records, said } = journal::compare(self.snapshot, KEPT)?;
        self.health.differing = records;
        self.health.findings.extend(said);
        if records > 0 {
            let sentence = format!("in all, {records} records differ from what the events tell");
            self.health.findings.push(sentence);
        }
        Ok(())
    }

    fn bonds(&mut self) -> Result<(), Fault> {
        let bonds::Differing { changes, said } = bonds::compare(self.snapshot, KEPT)?;
        self.health.findings.extend(said);
        if changes > 0 {
            let sentence = format!("in all, {changes} changes have other links than events tell");
            self.health.findings.push(sentence);
        }
        Ok(())
    }
}

fn same(table: &Reading, key: &[u8], row: &[u8]) -> Result<bool, Fault> {
    Ok(table.get(key)?.is_some_and(|other| other.value() == row))
}

fn values(entries: &[Entry]) -> BTreeSet<(Field, &[u8])> {
    entries.iter().map(|entry| (entry.field, entry.value.as_slice())).collect()
}

fn place_name((partition, kind): (Partition, Kind)) -> String {
    let Partition { organization, connection } = partition;
    format!("kind {} in organization {organization}, connection {connection}", kind.0)
}

/// Both ends of a link row, present or past, and the key of its reverse.
fn ends(key: &[u8]) -> Result<(Id, Id, Vec<u8>), Fault> {
    let mut take = Take(key);
    let relation: [u8; 2] = take.array()?;
    let (one, other) = (Id(take.array()?), Id(take.array()?));
    Ok((one, other, [relation.as_slice(), &other.0, &one.0, take.0].concat()))
}
