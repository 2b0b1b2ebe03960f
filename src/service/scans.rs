//! Whose turn it is to search without an index (FLT-08).
//!
//! A search that reads record after record holds a thread and a core for up to its budget of
//! time. A caller has few such searches running, so that whatever it sends at once, others find
//! threads and cores; its further searches wait in line, and those that find the line full are
//! refused. Callers wait for the places of all in the order of their coming, so that a caller has
//! never more of them in front of another than its own few.
//!
//! Rejected: one line for all (whoever sends fifty searches puts all of them in front of the
//! others), and shares by time (a search cannot be interrupted for another).

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::base::id::Id;
use crate::scim::error::ScimType;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Select;

/// How many costly searches of one caller run at once.
const EACH: usize = 2;
/// How many of all callers run at once: fewer than the threads that may block, of which other
/// reads need some.
const ALL: usize = 8;
/// How many of one caller may run or wait. With the default budget of two seconds the last one
/// has its answer within the minute that clients wait.
const LINE: usize = 32;

/// The places.
#[derive(Debug)]
pub struct Scans {
    all: Arc<Semaphore>,
    /// By connection, or by token of an administrator: as many as there are credentials.
    own: Mutex<HashMap<Id, Own>>,
}

#[derive(Clone, Debug)]
struct Own {
    line: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// A place, until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Turn(
    #[expect(dead_code, reason = "held for what dropping it does")] [OwnedSemaphorePermit; 3],
);

impl Default for Scans {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL)), own: Mutex::default() }
    }
}

impl Scans {
    /// Waits for a turn. `tooMany` when too many searches of the caller wait already.
    pub async fn enter(&self, caller: &Caller) -> Result<Turn, Error> {
        self.take(caller.connection().map_or(caller.token, |connection| connection.id)).await
    }

    /// Waits for a turn if the question may have to look at records one by one.
    pub async fn enter_for(
        &self,
        caller: &Caller,
        question: &Select,
    ) -> Result<Option<Turn>, Error> {
        let looks = question.test.is_some() || matches!(question.order, Order::Key { .. });
        match looks && !is_narrow(&question.condition) {
            true => self.enter(caller).await.map(Some),
            false => Ok(None),
        }
    }

    async fn take(&self, who: Id) -> Result<Turn, Error> {
        let own = self.own(who);
        let line = own.line.try_acquire_owned().map_err(|_| {
            let said = "Too many searches without an index wait already. Send fewer at a time, or \
                        use an indexed attribute.";
            Error::new(Kind::Scim(ScimType::TooMany), said)
        })?;
        let running = own.running.acquire_owned().await.map_err(Error::internal)?;
        let place = self.all.clone().acquire_owned().await.map_err(Error::internal)?;
        Ok(Turn([line, running, place]))
    }

    fn own(&self, who: Id) -> Own {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Own {
            line: Arc::new(Semaphore::new(LINE)),
            running: Arc::new(Semaphore::new(EACH)),
        };
        own.entry(who).or_insert_with(new).clone()
    }
}

/// Whether a condition lets only records through that it names.
fn is_narrow(condition: &Condition) -> bool {
    match condition {
        Condition::Nothing | Condition::Ids(_) => true,
        Condition::All(parts) => parts.iter().any(is_narrow),
        Condition::Any(parts) => parts.iter().all(is_narrow),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::Context;
    use std::task::Poll;
    use std::task::Waker;

    use super::*;

    type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Turn, Error>> + 'a>>;

    fn asked(turns: &Scans, who: u8) -> Waiting<'_> {
        Box::pin(turns.take(Id([who; 16])))
    }

    /// The answer, if it is there.
    fn now(waiting: &mut Waiting<'_>) -> Option<Result<Turn, Error>> {
        match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        }
    }

    #[test]
    fn flt08_a_caller_takes_two_places_and_leaves_the_rest() {
        let turns = Scans::default();
        let mut held = Vec::new();
        for who in 1..=4 {
            for _ in 0..EACH {
                held.push(now(&mut asked(&turns, who)).unwrap().unwrap());
            }
            assert!(now(&mut asked(&turns, who)).is_none(), "a third one waits");
        }
        assert!(now(&mut asked(&turns, 5)).is_none(), "all places are taken");
        drop(held.pop());
        assert!(now(&mut asked(&turns, 5)).unwrap().is_ok());
    }

    #[test]
    fn flt08_the_line_of_a_caller_has_an_end() {
        let turns = Scans::default();
        let mut waiting: Vec<_> = (0..LINE).map(|_| asked(&turns, 1)).collect();
        let held: Vec<_> = waiting.iter_mut().filter_map(now).map(Result::unwrap).collect();
        assert_eq!(held.len(), EACH);
        let refused = now(&mut asked(&turns, 1)).unwrap().unwrap_err();
        assert_eq!(refused.kind, Kind::Scim(ScimType::TooMany));
        assert!(now(&mut asked(&turns, 2)).unwrap().is_ok());
        drop((held, waiting));
        assert!(now(&mut asked(&turns, 1)).unwrap().is_ok());
    }
}
