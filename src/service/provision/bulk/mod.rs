//! Many operations in one request (RFC 7644 §3.7).
//!
//! Each operation goes the way of a single request (`step`). What an operation refers to runs
//! before it (`round`). Where operations refer to each other, and an identifier is all that is
//! needed, they are rehearsed together and then run with promised identifiers (§3.7.1); circles
//! of groups are refused with 409. Results come in the order of the request, and every operation
//! that was begun has one (BLK-04).
//!
//! Invariants: a promised identifier is known to other operations only from the promise to the
//! failure of its maker; whatever goes wrong with one operation is the result of that one.
//!
//! Rejected: one commit for a circle (an event belongs to one resource), and taking back what was
//! made when a later one of the circle is overtaken after the rehearsal (two events more, and the
//! identifier would still have been seen).

mod round;
mod step;

use std::sync::Arc;
use std::time::Duration;

use crate::scim::bulk::Method;
use crate::scim::bulk::Request;
use crate::service::Answer;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Ports;
use crate::service::provision::bulk::round::Round;
use crate::service::provision::bulk::step::Hand;

/// What came of one operation.
#[derive(Debug)]
pub struct Outcome {
    /// What it was to do, if that much is clear.
    pub method: Option<Method>,
    /// Its name in the request.
    pub bulk_id: Option<String>,
    /// Where its resource is, as far as it has one.
    pub location: Option<String>,
    /// How it went.
    pub done: Result<Answer, Error>,
}

/// Works through a request. After `budget` no further operation is carried out.
///
/// `show` makes of an outcome what the door keeps of it, as soon as it is known: answers are not
/// piled up, and a fault is logged when it happens. The list is in the order of the request; what
/// never had a turn, because too many failed before, is not in it.
pub async fn run<T: Send>(
    (ports, caller): (Arc<Ports>, Arc<Caller>),
    request: Request,
    budget: Duration,
    show: impl Fn(Outcome) -> T + Send + Sync,
) -> Vec<T> {
    Round::new(Hand::new(ports, caller), budget, show).run(request).await
}
