//! The rules compiled, and which of them each pushed group meets.

use std::collections::HashMap;

use crate::base::id::Id;
use crate::domain::access::pattern::Captures;
use crate::domain::access::pattern::Compiled;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::rule::Rule;

/// A group that a connection pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedGroup {
    /// Its record.
    pub id: Id,
    /// Number of the connection that owns it.
    pub connection: u32,
    /// Its display name.
    pub name: String,
}

/// All rules that can reach the people at hand, ready for use. Every rule must be in it: sources
/// of rules that are not count as gone.
#[derive(Debug, Default)]
pub struct Rules {
    rules: HashMap<Id, Ready>,
    doors: HashMap<u32, Door>,
    /// Rules whose matcher cannot be used any more; they match nothing.
    broken: Vec<Id>,
}

#[derive(Debug)]
struct Ready {
    rule: Rule,
    compiled: Compiled,
}

/// The rules of one connection.
#[derive(Debug, Default)]
struct Door {
    ids: HashMap<Id, Vec<Id>>,
    names: HashMap<String, Vec<Id>>,
    wild: Vec<Id>,
}

impl Rules {
    /// Compiles `rules`, in any order. Of two with one id the first counts.
    pub fn compile(rules: impl IntoIterator<Item = Rule>) -> Self {
        let mut made = Self::default();
        for rule in rules {
            made.add(rule);
        }
        made.broken.sort_unstable();
        made
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Every rule, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values().map(|ready| &ready.rule)
    }

    /// What the name of every group that the rule meets begins with; perhaps empty.
    pub fn prefix(&self, id: Id) -> Option<&str> {
        self.rules.get(&id).map(|ready| ready.compiled.prefix())
    }

    /// The rule of this id.
    pub fn find(&self, id: Id) -> Option<&Rule> {
        self.rules.get(&id).map(|ready| &ready.rule)
    }

    /// Rules that were saved and cannot be compiled, by id.
    pub fn broken(&self) -> &[Id] {
        &self.broken
    }

    /// The rules that `group` meets, by id, with what its name gave to their captures. Whether
    /// they count at an instant is asked later.
    pub fn meeting(&self, group: &PushedGroup) -> Vec<(Id, Captures)> {
        let Some(door) = self.doors.get(&group.connection) else { return Vec::new() };
        let by_id = door.ids.get(&group.id).into_iter().flatten();
        let by_name = door.names.get(&group.name).into_iter().flatten();
        let plain = by_id.chain(by_name).map(|id| (*id, Captures::default()));
        let wild = door.wild.iter().filter_map(|id| {
            let captures = self.rules.get(id)?.compiled.captures(&group.name)?;
            Some((*id, captures))
        });
        let mut met: Vec<_> = plain.chain(wild).collect();
        met.sort_unstable();
        met
    }

    fn add(&mut self, rule: Rule) {
        let id = rule.id;
        if self.rules.contains_key(&id) {
            return;
        }
        let matcher = rule.matcher();
        let Ok(compiled) = matcher.compile() else {
            self.broken.push(id);
            return;
        };
        let door = self.doors.entry(rule.connection).or_default();
        match matcher.as_ref() {
            Matcher::Id(group) => door.ids.entry(*group).or_default().push(id),
            Matcher::Exact(name) => door.names.entry(name.clone()).or_default().push(id),
            Matcher::Glob(_) | Matcher::Regex(_) => door.wild.push(id),
        }
        drop(matcher);
        self.rules.insert(id, Ready { rule, compiled });
    }
}

/// Which rules each group meets: made once for a set of rules, mended when a group is pushed,
/// renamed or deleted.
#[derive(Clone, Debug, Default)]
pub struct Matched(HashMap<Id, Vec<(Id, Captures)>>);

impl Matched {
    /// Matches every group.
    pub fn of<'a>(rules: &Rules, groups: impl IntoIterator<Item = &'a PushedGroup>) -> Self {
        let mut matched = Self::default();
        for group in groups {
            matched.put(rules, group);
        }
        matched
    }

    /// Matches a group that is new or has another name.
    pub fn put(&mut self, rules: &Rules, group: &PushedGroup) {
        self.0.insert(group.id, rules.meeting(group));
    }

    /// Takes over what [`Rules::meeting`] said of a group.
    pub fn note(&mut self, group: Id, met: Vec<(Id, Captures)>) {
        self.0.insert(group, met);
    }

    /// Forgets a group.
    pub fn remove(&mut self, group: Id) {
        self.0.remove(&group);
    }

    /// The rules that the group meets, by id; none for a group that is not known.
    pub fn rules_of(&self, group: Id) -> &[(Id, Captures)] {
        self.0.get(&group).map_or(&[], Vec::as_slice)
    }
}
