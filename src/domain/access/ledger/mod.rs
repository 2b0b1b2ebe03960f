//! The ledger: what people should hold by the rules, and the difference to what they hold.
//!
//! Flow: [`Rules`] compiles all rules once; [`Matched`] remembers which rules each pushed group
//! meets and what its name gave to the captures, and is mended group by group. [`desired`] takes
//! members with their groups and says what they should hold, with a [`Finding`] for whatever
//! could not be granted. [`difference`] compares that with the entries held and gives a [`Plan`];
//! apply, dry-run, what-if and as-of are these two functions, with and without the write.
//!
//! Invariants: no order of rules, groups or members changes the answer (LE3); the answer for one
//! member is the answer for all, cut down to that member; the same input twice gives an empty
//! plan (LE5); only sources that are rules are added or taken away, and a grant ends with the
//! last of its sources (LE1, LE2); what other sources hold wins over rules, and is said.
//!
//! Rejected: matching names again for every member (fifty groups times two hundred patterns on
//! each push), and reading the ledger to settle conflicts among rules (a rebuild from events
//! would then come out otherwise): the age of a wish is the age of the membership behind it.

mod conflict;
mod desired;
mod difference;
mod finding;
mod index;

pub use desired::{Desired, Member, Membership, Wanted, delegators_named, desired, groups_named};
pub use difference::{Kept, Note, NoteWhy, Plan, difference};
pub use finding::{Finding, OverLimit, Why, over_limits};
pub use index::{Matched, PushedGroup, Rules};

#[cfg(test)]
mod tests;
