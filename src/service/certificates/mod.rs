//! The register of certificates, and the reminders of their ends.
//!
//! `register` adds, lists, replaces and removes; `remind` sends what is due; `listener` keeps the
//! gateway's own certificate in the register (CE8); `probe` reads what a host really serves;
//! `export` writes the register as CSV and as a calendar, `picture` as a timeline.
//!
//! A certificate is a record of its organization; a letter that somebody took on is a record
//! beside it, a claim. One claim per certificate and step can exist: that is how a letter goes
//! out once, across restarts and processes (CE1). A claim is a lease: when its holder dies before
//! the end is written down, the letter goes out again with the same Message-ID.
//!
//! Rejected: electing one process to send (a claim needs no election), and forgetting a claim
//! when sending fails (it holds the next attempt, and what went wrong).

mod export;
mod listener;
mod picture;
mod probe;
mod record;
mod register;
mod remind;
mod view;

pub use export::calendar;
pub use export::csv;
pub use listener::keep as keep_listener;
pub use picture::timeline;
pub use probe::probe;
pub use register::Details;
pub use register::add;
pub use register::list;
pub use register::remove;
pub use register::replace;
pub use register::set;
pub use register::show;
pub use register::standing;
pub use remind::confirm_clock;
pub use remind::dry_run;
pub use remind::remind;
pub use remind::run_once;
pub use remind::test_mail;

pub use crate::upstream::presented::Before;
