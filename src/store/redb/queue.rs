//! The changes that wait for the writer, and how many of them one transaction takes.
//!
//! Whoever waits for an answer sends no next change. So while a transaction is on its way to
//! disk, half of the senders wait for it and half for the next one, and each transaction would
//! carry half of what it could. The writer therefore waits a moment for those it has just
//! answered: never for more than have been seen, and no longer than half the time that the last
//! transaction took to reach the disk, which is what is saved. When they do not come in that
//! time, they have other work to do, during which the writer had better work too: then it waits
//! for nobody for a while. One sender alone never waits.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::base::clock::Clock;
use crate::store::Fault;
use crate::store::change::Change;
use crate::store::change::Verdict;

/// Changes that one transaction takes at most.
const TOGETHER: usize = 256;
/// The part of a transaction's way to disk that is waited for those that it answered.
const PATIENCE: u32 = 2;
/// Transactions without any wait after one for which somebody was awaited in vain.
const SOBER: u32 = 32;

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
    /// Transactions until it hopes again.
    sober: u32,
}

impl<'q> Queue<'q> {
    /// An empty queue.
    pub(super) fn new(jobs: &'q Receiver<Job>, clock: &'q dyn Clock) -> Self {
        Self { jobs, clock, changes: Vec::new(), closed: None, hope: (0, Duration::ZERO), sober: 0 }
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
        if self.sober > 0 {
            self.sober = self.sober.saturating_sub(1);
        } else {
            self.wait();
        }
        std::mem::take(&mut self.changes)
    }

    /// A transaction with so many changes took so long to reach the disk, and nobody has been
    /// answered yet.
    pub(super) fn note(&mut self, changes: usize, took: Duration) {
        self.drain();
        self.hope = (changes.saturating_add(self.changes.len()), took / PATIENCE);
    }

    /// Who is to be told that the last change is done.
    pub(super) fn closed(&mut self) -> Option<oneshot::Sender<()>> {
        self.closed.take()
    }

    fn wait(&mut self) {
        let (hoped, patience) = self.hope;
        let began = self.clock.ticks();
        while self.open() && self.changes.len() < hoped {
            let waited = self.clock.ticks().saturating_sub(began);
            match self.jobs.recv_timeout(patience.saturating_sub(waited)) {
                Ok(job) => self.take(job),
                Err(_) => {
                    self.sober = SOBER;
                    return;
                }
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::SystemClock;
    use crate::base::id::Id;
    use crate::store::change::Action;
    use crate::store::change::Actor;
    use crate::store::change::Cause;
    use crate::store::change::Door;
    use crate::store::change::Outcome;

    fn job() -> Job {
        let cause = Cause {
            actor: Actor::System,
            token: None,
            door: Door::Job,
            request: Id([0; 16]),
            source: String::new(),
            reason: String::new(),
        };
        let change = Change {
            chain: 1,
            cause,
            action: Action::Operate,
            outcome: Outcome::Done,
            subject: None,
            attributes: vec![],
            guards: vec![],
            writes: vec![],
        };
        Job::Commit(Box::new(change), oneshot::channel().0)
    }

    #[test]
    fn those_that_were_answered_are_awaited_and_no_others() {
        let clock = SystemClock::new();
        let (jobs, taken) = std::sync::mpsc::sync_channel(8);
        let mut queue = Queue::new(&taken, &clock);
        jobs.send(job()).unwrap();
        queue.note(1, Duration::from_secs(3_600));
        let theirs = jobs.clone();
        let second = std::thread::spawn(move || theirs.send(job()).unwrap());
        // One was answered and one waited: two may come.
        assert_eq!(queue.next().len(), 2);
        second.join().unwrap();
        jobs.send(job()).unwrap();
        queue.note(0, Duration::from_secs(3_600));
        assert_eq!(queue.next().len(), 1);
    }

    #[test]
    fn after_a_wait_in_vain_nobody_is_awaited_for_a_while() {
        let clock = SystemClock::new();
        let (jobs, taken) = std::sync::mpsc::sync_channel(8);
        let mut queue = Queue::new(&taken, &clock);
        queue.note(2, Duration::ZERO);
        for _ in 0..=SOBER {
            jobs.send(job()).unwrap();
            assert_eq!(queue.next().len(), 1);
            queue.note(2, Duration::from_secs(3_600));
        }
        let (done, _) = oneshot::channel();
        jobs.send(Job::Close(done)).unwrap();
        assert!(queue.next().is_empty());
        assert!(queue.closed().is_some());
    }
}
