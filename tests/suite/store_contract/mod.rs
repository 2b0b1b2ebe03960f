//! What every engine must do. Each trial runs on every engine that there is: redb in memory and
//! redb on disk; what needs a file by its nature (reopening, planted damage) runs on disk only.

mod bench;
mod bonds;
mod chains;
pub mod failing;
mod journal;
mod paging;
mod past;
mod questions;
mod skipping;
mod upkeep;
mod veil;
mod writes;
