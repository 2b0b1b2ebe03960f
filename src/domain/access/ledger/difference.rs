//! The difference between what is held and what should be: a plan, and what it does.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Held;
use crate::domain::access::grant::Source;
use crate::domain::access::ledger::desired::Desired;

/// What is to be done to the ledger. Ends go first: a new role at a location takes the place of
/// the one that ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Grants that begin.
    pub add: Vec<Held>,
    /// Grants that end with the last of their sources (LE2), as they were held.
    pub end: Vec<Held>,
    /// Grants that stay, whatever becomes of their sources.
    pub keep: Vec<Kept>,
    /// What else is to be said.
    pub notes: Vec<Note>,
}

/// A grant that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it is held afterwards.
    pub held: Held,
    /// Sources it gets.
    pub gained: BTreeSet<Source>,
    /// Sources it loses.
    pub lost: BTreeSet<Source>,
}

/// Something about one grant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The person.
    pub subject: Id,
    /// The grant.
    pub grant: Grant,
    /// What.
    pub why: NoteWhy,
}

/// What is said about a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NoteWhy {
    /// An entry without source was found; it ends unless a rule wants it.
    #[error("The grant was held without a source (LE1).")]
    NoSource,
    /// The place is switched off.
    #[error("The place is deactivated and takes no new grants (TR3).")]
    NoNewGrants,
}

/// Compares entries with what rules want. Entries of people who were not asked about are passed
/// over; sources that are not rules stay as they are.
pub fn difference(current: &[Held], desired: &Desired) -> Plan {
    let mut held: BTreeMap<(Id, &Grant), BTreeSet<Source>> = BTreeMap::new();
    for entry in current.iter().filter(|entry| desired.subjects.contains(&entry.subject)) {
        held.entry((entry.subject, &entry.grant)).or_default().extend(&entry.sources);
    }
    let mut plan = Plan::default();
    for ((subject, grant), before) in &held {
        let wanted = desired.wanted.get(&(*subject, (*grant).clone()));
        let rules = wanted.into_iter().flat_map(|wanted| wanted.sources.iter().copied());
        let others = before.iter().copied().filter(|source| !source.is_rule());
        let after: BTreeSet<Source> = others.chain(rules).collect();
        plan.compare(*subject, grant, before, after);
    }
    for ((subject, grant), wanted) in &desired.wanted {
        if held.contains_key(&(*subject, grant)) {
            continue;
        }
        if wanted.keep_only {
            plan.note(*subject, grant, NoteWhy::NoNewGrants);
        } else {
            let (grant, sources) = (grant.clone(), wanted.sources.clone());
            plan.add.push(Held { subject: *subject, grant, sources });
        }
    }
    plan
}

impl Plan {
    /// Whether the ledger stays as it is (LE5).
    pub fn is_empty(&self) -> bool {
        let still = |kept: &Kept| kept.gained.is_empty() && kept.lost.is_empty();
        self.add.is_empty() && self.end.is_empty() && self.keep.iter().all(still)
    }

    /// The people whom the plan takes something from, for the brake: they lose a grant that no
    /// other takes the place of, or their login.
    pub fn losers(&self) -> BTreeSet<Id> {
        let taken = self.add.iter().filter_map(|held| Some((held.subject, one_of(&held.grant)?)));
        let taken: BTreeSet<_> = taken.collect();
        let replaced = |held: &Held| {
            one_of(&held.grant).is_some_and(|one| taken.contains(&(held.subject, one)))
        };
        let ended = self.end.iter().filter(|held| !held.grant.is_restriction() && !replaced(held));
        let disabled =
            self.add.iter().filter(|held| matches!(held.grant, Grant::LoginDisabled { .. }));
        ended.chain(disabled).map(|held| held.subject).collect()
    }

    /// `current` after the plan, in order; with it, a dry run shows what an apply would leave.
    pub fn apply(&self, current: &[Held]) -> Vec<Held> {
        let mut held: BTreeMap<(Id, Grant), BTreeSet<Source>> = BTreeMap::new();
        for entry in current {
            let key = (entry.subject, entry.grant.clone());
            held.entry(key).or_default().extend(&entry.sources);
        }
        for ended in &self.end {
            held.remove(&(ended.subject, ended.grant.clone()));
        }
        let kept = self.keep.iter().map(|kept| &kept.held);
        for after in kept.chain(&self.add) {
            held.insert((after.subject, after.grant.clone()), after.sources.clone());
        }
        let entry = |((subject, grant), sources)| Held { subject, grant, sources };
        held.into_iter().map(entry).collect()
    }

    fn compare(
        &mut self,
        subject: Id,
        grant: &Grant,
        before: &BTreeSet<Source>,
        after: BTreeSet<Source>,
    ) {
        if before.is_empty() {
            self.note(subject, grant, NoteWhy::NoSource);
        }
        if after.is_empty() {
            let (grant, sources) = (grant.clone(), before.clone());
            self.end.push(Held { subject, grant, sources });
            return;
        }
        let gained = after.difference(before).copied().collect();
        let lost = before.difference(&after).copied().collect();
        let held = Held { subject, grant: grant.clone(), sources: after };
        self.keep.push(Kept { held, gained, lost });
    }

    fn note(&mut self, subject: Id, grant: &Grant, why: NoteWhy) {
        self.notes.push(Note { subject, grant: grant.clone(), why });
    }
}

/// What of a kind a person holds one of, so that a new one replaces the old.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum One {
    Home,
    Credential,
    Default,
    RoleAt(Id),
}

fn one_of(grant: &Grant) -> Option<One> {
    match grant {
        Grant::HomeOrganization { .. } => Some(One::Home),
        Grant::Credential { .. } => Some(One::Credential),
        Grant::DefaultLocation { .. } => Some(One::Default),
        Grant::Assignment { location, .. } => Some(One::RoleAt(*location)),
        _ => None,
    }
}
