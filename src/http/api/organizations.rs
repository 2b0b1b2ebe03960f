//! Organizations.

use crate::http::api::Answered;
use crate::http::api::Request;
use crate::service::overview;

/// `GET /organizations`
pub fn list(request: Request<'_>) -> Answered<'_> {
    Box::pin(async move {
        let start = request.asked.number("startIndex", 1);
        let count = request.asked.number("count", overview::USUAL_PAGE);
        request.read(overview::organizations(request.work(), (start, count))).await
    })
}

/// `GET /organizations/{id}`
pub fn read(request: Request<'_>) -> Answered<'_> {
    Box::pin(
        async move { request.read(overview::organization(request.work(), request.name())).await },
    )
}
