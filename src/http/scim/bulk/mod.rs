//! Many operations in one request (RFC 7644 §3.7).
//!
//! Each operation goes the way of a single request, through another door (`round`). What an
//! operation refers to runs before it. Where operations refer to each other, and an identifier is
//! all that is needed, they are rehearsed together and then run with promised identifiers
//! (§3.7.1); circles of groups are refused with 409. Results come in the order of the request, and
//! every operation that was begun has one (BLK-04).
//!
//! Rejected: one commit for a circle (an event belongs to one resource), and taking back what was
//! made when a later one of the circle is overtaken after the rehearsal (two events more, and the
//! identifier would still have been seen).

mod round;

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;

use crate::http::body;
use crate::http::limits;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::scim::Knock;
use crate::http::scim::ask;
use crate::http::scim::bulk::round::Round;
use crate::http::scim::write::as_error;
use crate::scim::bulk::Request;
use crate::scim::json;
use crate::service::Action;
use crate::service::Door;
use crate::service::Error;
use crate::service::Work;
use crate::service::provision;

/// `POST /Bulk`
pub async fn bulk<B>(mut knock: Knock<'_>, body: B) -> Result<Reply, Problem>
where
    B: Body<Data = Bytes>,
{
    knock.caller.door = Door::Bulk;
    let read = read(&knock, body).await;
    let limits = &knock.desk.limits;
    let patience = limits.bulk_budget.saturating_add(limits.write_budget);
    let (desk, caller) = (Arc::clone(knock.desk), Arc::new(knock.caller));
    match read {
        Ok(request) => {
            let run = async move { Ok(Round::new(desk, caller).run(request).await) };
            let body = knock.desk.write(patience, run).await?;
            Ok(Reply::new(StatusCode::OK, body))
        }
        Err(problem) => {
            let error = as_error(&problem);
            let run = async move {
                let work = Work { ports: &desk.ports, caller: &caller };
                provision::refused(work, Action::Modify, None, None, &error).await
            };
            knock.desk.write(patience, run).await?;
            Err(problem)
        }
    }
}

/// Reads the request and holds it against the limits before any operation runs (BLK-29).
async fn read<B>(knock: &Knock<'_>, body: B) -> Result<Request, Problem>
where
    B: Body<Data = Bytes>,
{
    ask::now(knock)?;
    let limit = knock.matched.route.carry.bytes();
    let clock = &*knock.desk.ports.clock;
    let bytes = body::take(&knock.head.headers, body, limit, clock).await?;
    let document = json::read(&bytes).map_err(Error::from)?;
    let mut tolerance = knock.caller.tolerance();
    let request = Request::read(document, &mut tolerance).map_err(Error::from)?;
    if let Some(connection) = knock.caller.connection() {
        let now = knock.desk.ports.clock.now();
        knock.desk.ports.oddities.count(connection, tolerance.take_seen(), now);
    }
    let count = request.operations.len();
    if count > limits::MOST_OPERATIONS {
        let most = limits::MOST_OPERATIONS;
        let said = format!("A bulk request may have {most} operations. Send the rest in another.");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, said));
    }
    // The request itself is paid for; each further operation counts like a request.
    let more = u32::try_from(count).unwrap_or(u32::MAX).saturating_sub(1);
    if let Some(more) = NonZeroU32::new(more) {
        knock.desk.keeper.charge(knock.payer, more)?;
    }
    Ok(request)
}
