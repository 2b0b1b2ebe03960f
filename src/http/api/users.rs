//! People, as administrators look for them.

use crate::http::api::Answered;
use crate::http::api::Request;
use crate::service::overview;
use crate::service::overview::Inactive;
use crate::service::overview::Question;
use crate::service::overview::SortBy;

/// `GET /users`
pub fn list(request: Request<'_>) -> Answered<'_> {
    Box::pin(async move {
        let question = question(&request);
        request.read(overview::people(request.work(), &question)).await
    })
}

fn question(request: &Request<'_>) -> Question {
    let asked = &request.asked;
    let text = |name: &str| asked.text(name).map(str::to_owned);
    Question {
        organization: text("organization"),
        part: text("q"),
        sort_by: match asked.text("sortBy") {
            Some("username") => SortBy::Username,
            Some("lastAccess") => SortBy::LastAccess,
            Some("status") => SortBy::Status,
            _ => SortBy::FullName,
        },
        descending: asked.text("sortOrder") == Some("descending"),
        inactive: match asked.text("inactive") {
            Some("also") => Inactive::Also,
            Some("only") => Inactive::Only,
            _ => Inactive::No,
        },
        start: asked.number("startIndex", 1),
        count: asked.number("count", overview::USUAL_PAGE),
        at: asked.instant("asOf"),
    }
}
