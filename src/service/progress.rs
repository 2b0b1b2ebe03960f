//! How far long work has come, for whoever waits for it.

use std::sync::Mutex;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};
use tokio::sync::MutexGuard;

/// A stage of long work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// What is being done, as people say it: `checking people`.
    pub doing: String,
    /// How many are done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
}

/// How far the one import at a time has come.
#[derive(Debug, Default)]
pub struct Progress {
    turn: tokio::sync::Mutex<()>,
    stage: Mutex<Option<Stage>>,
}

impl Progress {
    /// The right to work; `None` while somebody has it. It lasts as long as what is returned.
    pub fn begin(&self) -> Option<Turn<'_>> {
        let turn = self.turn.try_lock().ok()?;
        Some(Turn { progress: self, _turn: turn })
    }

    /// Where the work is; `None` when there is none.
    pub fn stage(&self) -> Option<Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, stage: Option<Stage>) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
    }
}

/// The right to work.
#[derive(Debug)]
pub struct Turn<'a> {
    progress: &'a Progress,
    _turn: MutexGuard<'a, ()>,
}

impl Turn<'_> {
    /// Says where the work is.
    pub fn at(&self, doing: &str, done: usize, total: usize) {
        self.progress.put(Some(Stage { doing: doing.to_owned(), done, total }));
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.progress.put(None);
    }
}
