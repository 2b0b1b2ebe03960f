//! Creating, replacing, changing and removing resources: one path for single requests and for
//! the operations of a bulk request.
//!
//! Every door hands in an [`Order`]. It loads (`target`), decides on values (`create`, `replace`,
//! `modify`, `remove`), and commits a `plan` once; where another was faster it decides again
//! (`turns`); the store's `verdict` becomes the answer. A refusal leaves exactly one event of
//! outcome *failed* or *denied* and nothing else ([`refused`]). `roster` turns member edits into
//! link writes: a group's document never holds its members, so one member more costs the same at
//! any size. `bulk` works through many orders that refer to each other.
//!
//! Invariant: no answer of success before the commit is on disk.
//!
//! Rejected: a function per deed for the doors to choose from (each repeated what every change
//! begins and ends with).

pub mod bulk;
mod create;
mod modify;
mod order;
mod plan;
mod refused;
mod rehearse;
mod remove;
mod replace;
mod roster;
mod target;
mod turns;
mod verdict;

pub use order::Deed;
pub use order::Order;
pub use refused::refused;

use crate::service::provision::plan::Plan;
use crate::service::provision::rehearse::Rehearsal;
