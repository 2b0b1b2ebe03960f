//! The clock on the wall: what is done without being asked.
//!
//! A duty is a name, a period and a `run_once(ports, now)`; the loop in `clockwork` calls it, a
//! test calls it too. A duty that fails is tried again, later and later; one that panics
//! [`clockwork::PANICS`] times in a row is given up, loudly (F20). Neither touches the doors.
//!
//! Rejected: one task per duty (order at the stop would be chance), and cron expressions
//! (periods are all we need).

pub mod clockwork;
pub mod duties;
