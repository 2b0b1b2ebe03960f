//! Events.

use crate::http::api::Answered;
use crate::http::api::Request;
use crate::service::overview;

/// `GET /events`
pub fn list(request: Request<'_>) -> Answered<'_> {
    Box::pin(async move {
        let chain = request.asked.text("organization").unwrap_or("network");
        let from = request.asked.number("from", 1);
        let limit = request.asked.number("limit", overview::USUAL_PAGE);
        request.read(overview::events(request.work(), chain, (from, limit))).await
    })
}
