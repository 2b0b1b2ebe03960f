//! What every face has at hand: the ports, the limits, and the room where writes are finished.
//!
//! A write runs detached from the connection that asked for it and is counted, so that neither
//! a caller that hangs up nor a shutdown cuts it in half. A read may be dropped at any time.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::Semaphore;

use crate::http::auth::Keeper;
use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::service::Error;
use crate::service::Ports;

/// What every face has at hand.
pub struct Desk {
    /// What the use cases may reach.
    pub ports: Arc<Ports>,
    /// The limits of this server.
    pub limits: Limits,
    /// Who may come in, and how often.
    pub keeper: Keeper,
    /// Places for exports that are taken at once: each holds names of many people in memory.
    pub exports: Arc<Semaphore>,
    /// How long a read may take.
    patience: Duration,
    writes: Arc<Writes>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// How many exports are taken at once; the next is told to come back.
const EXPORTS: usize = 4;

/// How much longer than its own budget a search may take to say that it is over.
const MARGIN: Duration = Duration::from_secs(1);

impl Desk {
    /// A desk with no writes in work.
    pub fn new(ports: Arc<Ports>, limits: Limits) -> Self {
        let keeper = Keeper::new(&limits, Arc::clone(&ports.clock));
        // A search ends by its own budget and says `tooMany`; this one is for what has none.
        let patience = limits.read_budget.max(ports.settings.search_time + MARGIN);
        let exports = Arc::new(Semaphore::new(EXPORTS));
        Self { ports, limits, keeper, exports, patience, writes: Arc::default() }
    }

    /// Runs a read. It is dropped when the caller leaves, and refused when it takes too long.
    pub async fn read<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Problem> {
        match tokio::time::timeout(self.patience, work).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(Problem::busy("The answer took too long. Ask for less, or try again.")),
        }
    }

    /// Runs a write to its end, whoever leaves meanwhile, and waits for it for `budget`.
    pub async fn write<T: Send + 'static>(
        &self,
        budget: Duration,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Problem> {
        let count = Counted::enter(&self.writes);
        let run = tokio::spawn(async move {
            let done = work.await;
            drop(count);
            done
        });
        match tokio::time::timeout(budget, run).await {
            Ok(Ok(done)) => Ok(done?),
            Ok(Err(broken)) => Err(Error::internal(broken).into()),
            Err(_) => Err(Problem::busy(
                "The change takes longer than usual and may still be made. Read before you repeat.",
            )),
        }
    }

    /// Waits until no write is in work, for `most`. How many still are.
    pub async fn drain(&self, most: Duration) -> usize {
        match tokio::time::timeout(most, self.writes.rested()).await {
            Ok(()) => 0,
            Err(_) => self.writes.running.load(Ordering::Acquire),
        }
    }
}

/// The writes in work.
#[derive(Debug, Default)]
struct Writes {
    running: AtomicUsize,
    rest: Notify,
}

impl Writes {
    /// Waits until none is in work.
    async fn rested(&self) {
        loop {
            let rest = self.rest.notified();
            if self.running.load(Ordering::Acquire) == 0 {
                return;
            }
            rest.await;
        }
    }
}

/// One write in work; counted out when dropped, also by a panic.
struct Counted(Arc<Writes>);

impl Counted {
    fn enter(writes: &Arc<Writes>) -> Self {
        writes.running.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(writes))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.rest.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Kind;
    use tokio::sync::oneshot;

    fn desk(limits: Limits) -> Desk {
        let clock: Arc<dyn crate::base::clock::Clock> =
            Arc::new(crate::base::clock::SystemClock::new());
        let store = crate::store::redb::RedbStore::in_memory(Arc::clone(&clock)).unwrap();
        let ports = Ports::new(
            Arc::new(store),
            (clock, Arc::new(crate::base::entropy::OsEntropy)),
            Arc::new(crate::scim::schema::Catalogue::built_in().unwrap()),
            &[7; 32],
            "https://example.org/scim/v2".into(),
            crate::service::Settings::default(),
        );
        Desk::new(Arc::new(ports.unwrap()), limits)
    }

    #[tokio::test]
    async fn f18_a_write_outlives_its_caller_and_the_drain_waits_for_it() {
        let desk = desk(Limits::default());
        let (go, gone) = oneshot::channel::<()>();
        let (tell, mut told) = oneshot::channel::<()>();
        let mut write = Box::pin(desk.write(Duration::from_secs(60), async move {
            let _ = gone.await;
            let _ = tell.send(());
            Ok(())
        }));
        // The caller looks once, then hangs up.
        let looked = std::future::poll_fn(|cx| std::task::Poll::Ready(write.as_mut().poll(cx)));
        assert!(looked.await.is_pending());
        drop(write);
        assert!(told.try_recv().is_err());
        assert_eq!(desk.drain(Duration::ZERO).await, 1);
        go.send(()).unwrap();
        assert_eq!(desk.drain(Duration::MAX).await, 0);
        assert!(told.try_recv().is_ok());
    }

    #[tokio::test]
    async fn f19_what_takes_too_long_is_503_and_what_fails_is_its_own_status() {
        // A search has its own time, which no limit shortens; here nobody searches.
        let desk = Desk { patience: Duration::ZERO, ..desk(Limits::default()) };
        let never = desk.read(std::future::pending::<Result<(), Error>>()).await.unwrap_err();
        assert_eq!(never.status.as_u16(), 503);
        assert!(never.fields.retry_after.is_some());
        let slow = std::future::pending::<Result<(), Error>>();
        assert_eq!(desk.write(Duration::ZERO, slow).await.unwrap_err().status.as_u16(), 503);
        let denied = async { Err::<(), _>(Error::new(Kind::Denied, "No.")) };
        let denied = desk.write(Duration::from_secs(60), denied).await.unwrap_err();
        assert_eq!(denied.status.as_u16(), 403);
    }

    #[tokio::test]
    async fn f20_a_write_that_panics_is_our_fault_and_is_counted_out() {
        let desk = desk(Limits::default());
        let panics = async { panic!("a test asks for it") };
        let problem = desk.write::<()>(Duration::from_secs(60), panics).await.unwrap_err();
        assert_eq!(problem.status.as_u16(), 500);
        assert!(!problem.said.contains("test"));
        assert_eq!(desk.drain(Duration::MAX).await, 0);
    }
}
