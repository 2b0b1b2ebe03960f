//! Many operations in one request (RFC 7644 §3.7).

use bytes::Bytes;
use hyper::body::Body;

use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::scim::Knock;
use crate::service::Error;
use crate::service::Kind;

/// `POST /Bulk`
pub async fn bulk<B>(_knock: Knock<'_>, _body: B) -> Result<Reply, Problem>
where
    B: Body<Data = Bytes>,
{
    Err(Error::new(Kind::Unsupported, "not yet").into())
}
