//! What could not be granted, and what was settled: said, never thrown.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::base::id::Id;
use crate::domain::access::grant::Source;
use crate::domain::access::grant::Unresolved;
use crate::domain::access::ledger::desired::Desired;
use crate::domain::access::ledger::index::Rules;
use crate::domain::access::rule::Idle;

/// One thing that a rule did not bring about for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The person.
    pub subject: Id,
    /// The rule.
    pub rule: Id,
    /// The pushed group.
    pub group: Id,
    /// Why.
    pub why: Why,
}

/// Why a rule's grant did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Why {
    /// The rule waits.
    #[error("{0}")]
    Idle(Idle),
    /// A word means nothing.
    #[error("{0}")]
    Unresolved(Unresolved),
    /// Another rule goes first.
    #[error("A rule of higher priority gives something else (AS2).")]
    LowerPriority,
    /// Two rules of one priority; the less privileged role, then the older wish won.
    #[error(
        "Another rule of the same priority gives something else; the less privileged counts (AS2). Give one of them a higher priority."
    )]
    Tie,
    /// Two rules of one priority want two defaults; the older won.
    #[error("Another rule of the same priority wants another default; the older counts (AS3).")]
    DefaultTie,
    /// Not from a rule, and it stays.
    #[error("The person holds something else that no rule gave, and it stays (AS2).")]
    HeldOtherwise,
    /// Not from a rule, and it stays.
    #[error("The person has another default that no rule gave, and it stays (AS3).")]
    DefaultHeldOtherwise,
}

impl Why {
    /// Whether two rules of one priority disagree, which an administrator should mend.
    pub fn is_flagged(self) -> bool {
        matches!(self, Self::Tie | Self::DefaultTie)
    }
}

/// A rule is about more people than it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OverLimit {
    /// The rule.
    pub rule: Id,
    /// How many people get something from it.
    pub affected: usize,
    /// Its `max_affected`.
    pub limit: u32,
}

/// The rules that are about more people than they may be; ask with everyone in `desired`.
pub fn over_limits(rules: &Rules, desired: &Desired) -> Vec<OverLimit> {
    let mut people: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for ((subject, _), wanted) in &desired.wanted {
        for source in &wanted.sources {
            if let Source::Rule { rule, .. } = source {
                people.entry(*rule).or_default().insert(*subject);
            }
        }
    }
    let over = |(rule, people): (Id, BTreeSet<Id>)| {
        let limit = rules.find(rule)?.max_affected?;
        let within = u32::try_from(people.len()).is_ok_and(|count| count <= limit);
        (!within).then_some(OverLimit { rule, affected: people.len(), limit })
    };
    people.into_iter().filter_map(over).collect()
}
