//! What writers were told, and what they do not know.

use std::collections::BTreeSet;

/// Everything that was asked for in a campaign.
#[derive(Default)]
pub struct Ledger {
    /// Everyone ever asked for, by the number of the writer.
    pub people: Vec<Vec<Person>>,
    /// The groups that all writers share.
    pub groups: Vec<Group>,
    /// Writes that were answered 2xx.
    pub acknowledged: u64,
    /// How many events of the chain were read so far.
    pub read: u64,
}

/// A group; its members follow from the people.
pub struct Group {
    /// Its identifier.
    pub id: String,
    /// Events that name it.
    pub events: u64,
}

/// Someone whom one writer alone changes, one step after the other.
#[derive(Clone, Debug)]
pub struct Person {
    /// `externalId`, for ever.
    pub label: String,
    /// The identifier, once it is known.
    pub id: Option<String>,
    /// What was acknowledged.
    pub facts: Facts,
    /// Sent, and not answered.
    pub pending: Option<Step>,
    /// Whether something was sent since the last comparison.
    pub touched: bool,
    /// What new events must say of them, in order.
    pub history: Vec<&'static str>,
}

/// A state of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether there is such a person.
    pub exists: bool,
    /// Which of their names they bear.
    pub name: u64,
    /// The groups that they are in, by number.
    pub groups: BTreeSet<usize>,
}

/// One change of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Made.
    Create,
    /// Given the next name, `userName` and `displayName` at once.
    Rename,
    /// Added to a group.
    Join(usize),
    /// Taken out of a group.
    Leave(usize),
    /// Deleted.
    Delete,
}

impl Person {
    /// Someone who was not asked for yet.
    pub fn new(label: String) -> Self {
        Self {
            label,
            id: None,
            facts: Facts::default(),
            pending: None,
            touched: false,
            history: Vec::new(),
        }
    }

    /// The `userName` that goes with the number `name`.
    pub fn user_name(&self, name: u64) -> String {
        format!("{}.{name}@example.org", self.label)
    }

    /// The state after `step`.
    pub fn after(&self, step: Step) -> Facts {
        let mut facts = self.facts.clone();
        match step {
            Step::Create => facts.exists = true,
            Step::Rename => facts.name += 1,
            Step::Join(group) => drop(facts.groups.insert(group)),
            Step::Leave(group) => drop(facts.groups.remove(&group)),
            Step::Delete => facts = Facts { name: facts.name, ..Facts::default() },
        }
        facts
    }

    /// Takes a step that is known to be done. Steps in groups are events of the group.
    pub fn done(&mut self, step: Step) {
        self.facts = self.after(step);
        self.pending = None;
        match step {
            Step::Create => self.history.push("Create"),
            Step::Rename => self.history.push("Modify"),
            Step::Delete => self.history.push("Delete"),
            Step::Join(_) | Step::Leave(_) => {}
        }
    }
}

impl Step {
    /// The group whose event the step is.
    pub fn group(self) -> Option<usize> {
        match self {
            Self::Join(group) | Self::Leave(group) => Some(group),
            Self::Create | Self::Rename | Self::Delete => None,
        }
    }
}
