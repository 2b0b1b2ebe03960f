//! How far the work on a rule has come, for whoever watches it.

use std::sync::atomic::AtomicU8;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// Nothing is written yet.
const LOOKING: u8 = 0;
/// Somebody wants it to stop.
const CANCELLED: u8 = 1;
/// It is being written, and cannot be stopped any more.
const WRITING: u8 = 2;

/// The work on one rule.
#[derive(Debug, Default)]
pub struct Progress {
    /// People that were worked out.
    pub done: AtomicU64,
    /// People in all.
    pub total: AtomicU64,
    state: AtomicU8,
}

impl Progress {
    /// Stops the work, if nothing is written yet.
    pub fn cancel(&self) -> bool {
        self.step(CANCELLED)
    }

    /// Begins to write, unless somebody was faster.
    pub fn commit(&self) -> bool {
        self.step(WRITING)
    }

    /// Whether somebody wants it to stop.
    pub fn is_cancelled(&self) -> bool {
        self.state.load(Ordering::Acquire) == CANCELLED
    }

    fn step(&self, next: u8) -> bool {
        let order = Ordering::AcqRel;
        self.state.compare_exchange(LOOKING, next, order, Ordering::Acquire).is_ok()
    }
}
