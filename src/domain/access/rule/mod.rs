//! Mapping rules: which pushed group gives its members what (2.7).
//!
//! Flow: a [`Rule`] is written by an administrator and checked whole by [`faults`], every fault
//! at once; `access::ledger` compiles the rules once and fills their [`Template`]s for each
//! member of a matched group.
//!
//! Invariants: rules that give an administrator's rights match no group by a wildcard, need an
//! approval by somebody else (LE6, AD6), and count for the one group that was approved, by its
//! id: a group that is later given the same name gets nothing (GRP-02, GRP-04). Words captured
//! from a name reach only the rule's own organization and those it lists.
//!
//! Rejected: conditions of free form on users (a few tests on named facts suffice and can be
//! checked when saved).

mod check;
mod filter;
mod statement;
mod template;

pub use check::{RuleFault, faults};
pub use filter::{Fact, Facts, Test, UserFilter, Wanted};
pub use statement::{Approval, Idle, Rule};
pub use template::{DefaultWish, Ground, Offer, Template, Words};

#[cfg(test)]
mod tests;
