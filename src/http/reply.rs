//! An answer before it is bytes, and the header fields that every answer carries.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::StatusCode;
use hyper::header;
use hyper::header::HeaderMap;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;

use crate::base::id::Id;
use crate::service::Answer;
use crate::service::Success;
use crate::service::wire::shelf::Ready;

/// The header field with the id of the request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The media type of an answer with a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// `application/scim+json` (RFC 7644 §3.8).
    #[default]
    Scim,
    /// `application/json`, for connections that want it and for health.
    Json,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body; may be empty.
    pub body: Bytes,
    /// Fields of this answer alone.
    pub fields: Fields,
    /// How the store found what was searched for.
    pub plan: Option<&'static str>,
}

/// Fields of one answer alone.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// `ETag`
    pub etag: Option<Bytes>,
    /// `Location`
    pub location: Option<Bytes>,
    /// `Allow`
    pub allow: Option<String>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// `WWW-Authenticate`
    pub challenge: bool,
}

impl Reply {
    /// An answer without fields of its own.
    pub fn new(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { status, body: body.into(), fields: Fields::default(), plan: None }
    }

    /// What a use case answered.
    pub fn of(answer: Answer) -> Self {
        let status = match answer.success {
            Success::Ok => StatusCode::OK,
            Success::Created => StatusCode::CREATED,
            Success::NoContent => StatusCode::NO_CONTENT,
            Success::NotModified => StatusCode::NOT_MODIFIED,
        };
        let bare = matches!(answer.success, Success::NoContent | Success::NotModified);
        let (body, etag, location) = match answer.ready {
            Some(Ready { body, etag, location }) => (Some(body), Some(etag), Some(location)),
            None => {
                let (etag, location) = (answer.etag, answer.location);
                (answer.body.map(Bytes::from), etag.map(Bytes::from), location.map(Bytes::from))
            }
        };
        let body = body.filter(|_| !bare).unwrap_or_default();
        let fields = Fields { etag, location, ..Fields::default() };
        Self { status, body, fields, plan: answer.plan }
    }

    /// The finished answer. For `HEAD` (`bodiless`) the length is told and the body kept back.
    pub fn finish(
        self,
        request: Option<Id>,
        media: Media,
        bodiless: bool,
    ) -> Response<Full<Bytes>> {
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
        if let Some(id) = request {
            let mut text = Vec::with_capacity(36);
            id.write(&mut text);
            put(&mut headers, REQUEST_ID, text);
        }
        if !self.body.is_empty() {
            let kind = match media {
                Media::Scim => HeaderValue::from_static("application/scim+json"),
                Media::Json => HeaderValue::from_static("application/json"),
            };
            headers.insert(header::CONTENT_TYPE, kind);
        }
        self.fields.write(&mut headers);
        let mut body = self.body;
        if bodiless && !body.is_empty() {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            body = Bytes::new();
        }
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}

impl Fields {
    fn write(self, headers: &mut HeaderMap) {
        if let Some(etag) = self.etag {
            put(headers, header::ETAG, etag);
        }
        if let Some(location) = self.location {
            put(headers, header::LOCATION, location);
        }
        if let Some(allow) = self.allow {
            put(headers, header::ALLOW, allow);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.challenge {
            let challenge = HeaderValue::from_static("Bearer realm=\"wardgate\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
    }
}

/// Our own texts are always fit for a header; one that were not would be left out.
fn put(headers: &mut HeaderMap, name: HeaderName, text: impl Into<Bytes>) {
    if let Ok(value) = HeaderValue::from_maybe_shared(text.into()) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_cty11_no_content_has_no_body_and_no_type() {
        let answer =
            Answer { success: Success::NoContent, body: Some(b"{}".to_vec()), ..Answer::default() };
        let response = Reply::of(answer).finish(None, Media::Scim, false);
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert!(!response.headers().contains_key(header::CONTENT_TYPE));
    }

    #[test]
    fn rfc_etg01_version_and_location_travel_in_header_fields() {
        let answer = Answer {
            success: Success::Created,
            body: Some(b"{}".to_vec()),
            etag: Some("W/\"1\"".into()),
            location: Some("https://example.org/scim/v2/Users/1".into()),
            ..Answer::default()
        };
        let response = Reply::of(answer).finish(Some(Id([7; 16])), Media::Json, true);
        let field = |name: HeaderName| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(field(header::ETAG), "W/\"1\"");
        assert_eq!(field(header::LOCATION), "https://example.org/scim/v2/Users/1");
        assert_eq!(field(header::CONTENT_LENGTH), "2");
        assert_eq!(field(header::CONTENT_TYPE), "application/json");
        assert_eq!(field(REQUEST_ID), Id([7; 16]).to_string());
    }
}
