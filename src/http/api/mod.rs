//! The administrators' API, `/api/v1`: JSON and files, problem details (RFC 9457), one table.
//!
//! A request whose row of the one route table is an [`operations::Operation`] comes here when its
//! token is an administrator's; a connection's is told 403. `accept` says whether the caller
//! takes what the operation gives, `asked` reads the query by what the operation says of its
//! parameters (an unknown one is refused: an `asof` that is read over would show the wrong day),
//! and the operation's own function calls a use case and makes a reply. `openapi` describes all
//! of it, from the same table.
//!
//! # To add an operation
//!
//! 1. A row in `operations.rs`: name, verb, pattern, parameters, what it gives. It is routed,
//!    guarded, counted, logged and described from then on; a test fails if a row lacks a summary,
//!    names a schema that is not there, or has a name in its path without a parameter for it.
//! 2. A function `fn(Request<'_>) -> Answered<'_>` in a room named after what it is about, which
//!    calls one use case through `request.work()`; what it may not is the use case's to say. A
//!    read runs in `desk.read`; a change in `desk.write`, so that it outlives its connection, and
//!    its row carries `Carry::Document`: then `request.body` is the JSON.
//! 3. If its answer is of a new shape: the schema in `schemas.rs`.
//!
//! Invariants: no rule lives here. Every refusal is a problem with a stable `code`. No answer
//! without a credential, the description included.
//!
//! Rejected: routes and descriptions in macros (what is generated cannot be read), a second table
//! for the description (it would lie one day), and versions by header (one is in the path).

pub mod accept;
pub mod asked;
pub mod events;
pub mod exports;
pub mod openapi;
pub mod operations;
pub mod organizations;
pub mod schemas;
pub mod users;

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;
use serde_json::Value;

use crate::http::api::asked::Asked;
use crate::http::api::operations::Operation;
use crate::http::knock::Knock;
use crate::http::problem::Problem;
use crate::http::reply::Media;
use crate::http::reply::Reply;
use crate::http::route::Carry;
use crate::service::Error;
use crate::service::Work;

/// An answer, when it comes.
pub type Answered<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;

/// What an operation is given.
pub struct Request<'a> {
    /// Who knocked, with which path and header fields.
    pub knock: Knock<'a>,
    /// The query, read.
    pub asked: Asked,
    /// The body; null for operations that take none.
    pub body: Value,
}

impl Request<'_> {
    /// What the use cases are given.
    pub fn work(&self) -> Work<'_> {
        self.knock.work()
    }

    /// The last name of the path.
    pub fn name(&self) -> &str {
        self.knock.matched.name.as_deref().unwrap_or_default()
    }

    /// The name before it.
    pub fn above(&self) -> &str {
        self.knock.matched.above.as_deref().unwrap_or_default()
    }

    /// Runs a read and answers its JSON.
    pub async fn read(
        &self,
        work: impl Future<Output = Result<Value, Error>>,
    ) -> Result<Reply, Problem> {
        Ok(json(&self.knock.desk.read(work).await?))
    }
}

/// Answers an operation.
pub async fn answer<B>(
    knock: Knock<'_>,
    operation: &'static Operation,
    body: B,
) -> Result<Reply, Problem>
where
    B: Body<Data = Bytes>,
{
    accept::check(&knock.head.headers, operation.gives)?;
    let now = knock.desk.ports.clock.now();
    let raw = knock.head.uri.query().unwrap_or_default();
    let asked = Asked::read(raw, operation.parameters, now)?;
    let body = match operation.carry {
        Carry::Nothing => Value::Null,
        _ => knock.document(body).await?,
    };
    (operation.run)(Request { knock, asked, body }).await
}

/// An answer of JSON.
pub fn json(value: &Value) -> Reply {
    let mut reply = Reply::new(StatusCode::OK, value.to_string());
    reply.fields.media = Some(Media::Json);
    reply
}
