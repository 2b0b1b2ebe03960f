//! Alive and ready, for whoever keeps us running.

use hyper::StatusCode;

use crate::http::reply::Reply;

/// `/healthz`: the process answers.
pub fn alive() -> Reply {
    Reply::new(StatusCode::OK, &br#"{"status":"alive"}"#[..])
}

/// `/readyz`: the store takes writes and we are not stopping (F04).
pub fn ready(ready: bool) -> Reply {
    if ready {
        return Reply::new(StatusCode::OK, &br#"{"status":"ready"}"#[..]);
    }
    let mut reply = Reply::new(StatusCode::SERVICE_UNAVAILABLE, &br#"{"status":"not ready"}"#[..]);
    reply.fields.retry_after = Some(2);
    reply
}
