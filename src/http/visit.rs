//! What is learned about a request while it is answered.

use std::time::Duration;

use hyper::Method;
use hyper::StatusCode;

use crate::base::id::Id;
use crate::http::problem::Problem;
use crate::http::reply::Media;
use crate::http::reply::Reply;
use crate::http::route;
use crate::http::route::ROUTES;

/// What is learned about a request while it is answered; for the log and the last touches.
#[derive(Debug)]
pub struct Visit {
    /// Its id.
    pub request: Option<Id>,
    /// The row of the table; one past the last before it was found.
    pub row: usize,
    /// Whose credential it is.
    pub connection: Option<Id>,
    /// The usual media type of the face.
    pub media: Media,
    /// Whether it is one of the administrators' API.
    pub api: bool,
}

impl Visit {
    /// A request for `path` of which nothing else is known.
    pub fn of(request: Option<Id>, path: &str) -> Self {
        let api = route::is_api(path);
        let media = if api { Media::Json } else { Media::Scim };
        Self { request, row: ROUTES.len(), connection: None, media, api }
    }

    /// A refusal in the words of the face.
    pub fn refuse(&self, problem: Problem) -> Reply {
        match self.api {
            true => problem.reply_in_details(self.request),
            false => problem.reply(self.request),
        }
    }

    /// One line per request: nothing that a caller sent, but the method if it is a known one
    /// (LOG-01, FLT-09).
    pub fn log(&self, method: &Method, status: StatusCode, took: Duration) {
        tracing::info!(
            target: "wardgate::access",
            method = known(method),
            route = ROUTES.get(self.row).map_or("none", |route| route.name),
            status = status.as_u16(),
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            request = self.request.map(tracing::field::display),
            connection = self.connection.map(tracing::field::display),
            "answered"
        );
    }
}

fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
