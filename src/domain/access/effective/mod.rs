//! Effective access: what a person may do in the modules of the surgical applications, and why.
//!
//! Flow: [`effective`] takes a person, the access groups, the pools and the switch of Q17, and
//! gives one answer per module and provider. Each carries its derivation, made of the very steps
//! that decided, so that the explanation cannot drift from the decision. [`ask`] is the same for
//! one question, and says why there is nothing when there is nothing. `check` finds every fault
//! of a group before it is saved.
//!
//! Invariants: the most restrictive level wins and the order of groups does not matter; a user's
//! own override never relaxes (AG8); adding a group never relaxes what a person already reached
//! (AG9). With the switch at `module`, an entry of a pool that follows the provider groups may
//! restrict and not relax: otherwise a further provider group would pull the entry in, and relax
//! what the pool's group level held back before.
//!
//! Rejected: storing effective levels (they would have to be right in every as-of answer too),
//! and deriving the text in a second pass over the groups.

mod check;
mod decide;
mod group;
mod why;

pub use check::{Centre, Violation, auto_joined, changed, user_without_group, violations};
pub use decide::{Effective, Knob, NoAccess, Person, ask, effective};
pub use group::{AccessGroup, Entry, GroupType, Override, Pool, PoolMode, Target};
pub use why::Derivation;

#[cfg(test)]
mod tests;
