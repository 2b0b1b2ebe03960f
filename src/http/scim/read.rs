//! Reads: one resource, a page, a search by body.

use bytes::Bytes;
use hyper::body::Body;

use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::scim::Knock;
use crate::http::scim::ask;
use crate::scim::list::ListQuery;
use crate::service::Error;
use crate::service::search;

/// `GET /{type}/{id}`
pub async fn one(knock: Knock<'_>) -> Result<Reply, Problem> {
    let kind = knock.matched.kind.ok_or_else(Error::not_found)?;
    let id = knock.matched.name.as_deref().unwrap_or_default();
    let asked = ask::one(&knock)?;
    let answer = knock.desk.read(search::read(knock.work(), kind, id, asked)).await?;
    Ok(Reply::of(answer))
}

/// The same, if the answer lies ready: it is given at once, without the room and the timer that
/// a read needs which may have to wait.
pub fn ready(knock: &Knock<'_>) -> Result<Option<Reply>, Problem> {
    let kind = knock.matched.kind.ok_or_else(Error::not_found)?;
    let id = knock.matched.name.as_deref().unwrap_or_default();
    let asked = ask::one(knock)?;
    Ok(search::ready(knock.work(), kind, id, &asked).map(Reply::of))
}

/// `GET /{type}` and `GET /`
pub async fn list(knock: Knock<'_>) -> Result<Reply, Problem> {
    let mut tolerance = knock.caller.tolerance();
    let raw = knock.head.uri.query().unwrap_or_default();
    let query = ListQuery::from_query(raw, &mut tolerance).map_err(Error::from)?;
    let found = search::list(knock.work(), knock.matched.kind, query, tolerance);
    Ok(Reply::of(knock.desk.read(found).await?))
}

/// `POST /{type}/.search` and `POST /.search` (RFC 7644 §3.4.3)
pub async fn search<B>(knock: Knock<'_>, body: B) -> Result<Reply, Problem>
where
    B: Body<Data = Bytes>,
{
    let document = knock.document(body).await?;
    let mut tolerance = knock.caller.tolerance();
    let query = ListQuery::from_body(document, &mut tolerance).map_err(Error::from)?;
    let found = search::list(knock.work(), knock.matched.kind, query, tolerance);
    Ok(Reply::of(knock.desk.read(found).await?))
}
