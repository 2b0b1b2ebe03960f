//! Places: organizations and what lies in them.
//!
//! `tree` holds how places lie in each other, and answers what is inside what; `organization`,
//! `facts`, `site` and `room_system` say what is known of one place and what may be wrong with
//! it. The service builds a [`tree::Tree`] from the places it has read, asks it, and hands it on
//! to the rules of people and access.
//!
//! Invariants: the rank of a place is higher in number than that of what it lies in (TR1), so no
//! circle can form and the way up has at most four steps; numbers, system names and the codes of
//! one organization's sites are unique (TR2), by the `key` functions that the store indexes; a
//! place with anything in it is switched off, never deleted, and what is switched off takes no
//! new grants (TR3).
//!
//! Rejected: a stored path or interval per place. Both must be rewritten for everything below a
//! place that moves, and with five ranks walking up is as quick. Refusing to build a tree from
//! places of which one is damaged: it would shut every door for one bad record, so such a place
//! becomes a root, is named among the misfits, and nobody reaches it from above.

pub mod facts;
pub mod organization;
pub mod room_system;
pub mod site;
pub mod tree;
