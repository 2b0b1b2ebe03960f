//! A request whose caller is known and whose route was found: what every face is given.

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Body;
use hyper::http::request::Parts;
use serde_json::Value;

use crate::base::id::Id;
use crate::http::body;
use crate::http::desk::Desk;
use crate::http::problem::Problem;
use crate::http::route::Matched;
use crate::scim::json;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Work;

/// A request whose caller is known and whose route was found.
pub struct Knock<'a> {
    /// What every face has at hand.
    pub desk: &'a Arc<Desk>,
    /// Who asks.
    pub caller: Caller,
    /// The row, the resource type, the names in the path.
    pub matched: Matched<'a>,
    /// Query and header fields.
    pub head: &'a Parts,
    /// Whose share of requests it draws on.
    pub payer: Id,
}

impl Knock<'_> {
    /// Reads the body as JSON, no more of it than the route carries.
    pub async fn document<B>(&self, body: B) -> Result<Value, Problem>
    where
        B: Body<Data = Bytes>,
    {
        let limit = self.matched.route.carry.bytes();
        let clock = &*self.desk.ports.clock;
        let bytes = body::take(&self.head.headers, body, limit, clock).await?;
        Ok(json::read(&bytes).map_err(Error::from)?)
    }

    /// What the use cases are given.
    pub fn work(&self) -> Work<'_> {
        Work { ports: &self.desk.ports, caller: &self.caller }
    }
}
