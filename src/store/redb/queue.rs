//! The changes that wait for the writer, and how many of them one transaction takes.
//!
//! Whoever waits for an answer sends no next change. So while a transaction is on its way to
//! disk, half of the senders wait for it and half for the next one, and each transaction would
//! carry half of what it could. The writer therefore waits a moment for those it has just
//! answered: never for more than have been seen, never longer than the last transaction took,
//! and not when none comes for a quarter of that time. One sender alone never waits.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::base::clock::Clock;
use crate::store::Fault;
use crate::store::change::Change;
use crate::store::change::Verdict;

/// Changes that one transaction takes at most.
const TOGETHER: usize = 256;
/// The longest wait for those that were answered.
const PATIENCE: Duration = Duration::from_millis(5);

/// What the writer is asked to do.
pub(super) enum Job {
    /// A change, and where its answer goes.
    Commit(Box<Change>, oneshot::Sender<Result<Verdict, Fault>>),
    /// No more changes come.
    Close(oneshot::Sender<()>),
}

/// A change, and where its answer goes.
pub(super) type Asked = (Change, oneshot::Sender<Result<Verdict, Fault>>);

/// The changes that wait.
pub(super) struct Queue<'q> {
    jobs: &'q Receiver<Job>,
    clock: &'q dyn Clock,
    changes: Vec<Asked>,
    closed: Option<oneshot::Sender<()>>,
    /// How many may come together next time, and how long to wait for them.
    hope: (usize, Duration),
}

impl<'q> Queue<'q> {
    /// An empty queue.
    pub(super) fn new(jobs: &'q Receiver<Job>, clock: &'q dyn Clock) -> Self {
        Self { jobs, clock, changes: Vec::new(), closed: None, hope: (0, Duration::ZERO) }
    }

    /// The changes of the next transaction; empty when no more come.
    pub(super) fn next(&mut self) -> Vec<Asked> {
        if self.changes.is_empty() && self.closed.is_none() {
            match self.jobs.recv() {
                Ok(job) => self.take(job),
                Err(_) => return Vec::new(),
            }
        }
        self.drain();
        let (hoped, patience) = self.hope;
        let began = self.clock.ticks();
        while self.open() && self.changes.len() < hoped {
            let waited = self.clock.ticks().saturating_sub(began);
            let left = patience.saturating_sub(waited).min(patience / 4);
            match self.jobs.recv_timeout(left) {
                Ok(job) => self.take(job),
                Err(_) => break,
            }
        }
        std::mem::take(&mut self.changes)
    }

    /// A transaction with so many changes took so long, and nobody has been answered yet.
    pub(super) fn note(&mut self, changes: usize, took: Duration) {
        self.drain();
        self.hope = (changes.saturating_add(self.changes.len()), took.min(PATIENCE));
    }

    /// Who is to be told that the last change is done.
    pub(super) fn closed(&mut self) -> Option<oneshot::Sender<()>> {
        self.closed.take()
    }

    fn open(&self) -> bool {
        self.changes.len() < TOGETHER && self.closed.is_none()
    }

    fn drain(&mut self) {
        while self.open() {
            let Ok(job) = self.jobs.try_recv() else { return };
            self.take(job);
        }
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Commit(change, answer) => self.changes.push((*change, answer)),
            Job::Close(done) => self.closed = Some(done),
        }
    }
}
