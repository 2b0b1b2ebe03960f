//! What went wrong, as a status and a SCIM error (RFC 7644 §3.12).
//!
//! The only place where a kind of failure becomes a status. The id of the request travels in
//! its header field alone, so that "not there" and "not yours" are the same bytes (TEN-01).

use std::borrow::Cow;
use std::time::Duration;

use hyper::StatusCode;

use crate::base::id::Id;
use crate::http::reply::Fields;
use crate::http::reply::Reply;
use crate::http::route::Verbs;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind;

/// After how many seconds a caller may come back when we cannot say better.
const SHORTLY: u64 = 2;

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// The keyword, if SCIM has one.
    pub word: Option<ScimType>,
    /// For the caller; never the input repeated.
    pub said: Cow<'static, str>,
    /// Fields of this answer alone.
    pub fields: Box<Fields>,
    /// For the log: every cause of a fault of ours, outermost first.
    pub cause: Option<Box<str>>,
}

/// The status of a kind of failure.
pub const fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::Scim(ScimType::Uniqueness) | Kind::Conflict => StatusCode::CONFLICT,
        Kind::Scim(ScimType::Sensitive) | Kind::Denied => StatusCode::FORBIDDEN,
        Kind::Scim(_) => StatusCode::BAD_REQUEST,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Held(_) => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unsupported => StatusCode::NOT_IMPLEMENTED,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Problem {
    /// A refusal with `status`, explained by `said`.
    pub fn new(status: StatusCode, said: impl Into<Cow<'static, str>>) -> Self {
        Self { status, word: None, said: said.into(), fields: Box::default(), cause: None }
    }

    /// No credential, or none that opens anything; the caller never learns which (SEC-01).
    pub fn unauthorized() -> Self {
        let said = "A valid bearer token is needed in one Authorization header.";
        let mut problem = Self::new(StatusCode::UNAUTHORIZED, said);
        problem.fields.challenge = true;
        problem
    }

    /// Too much, too fast (ERR-19).
    pub fn too_many(wait: Duration) -> Self {
        let said = "Too many requests. Wait as long as Retry-After says.";
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, said);
        problem.fields.retry_after = Some(whole_seconds(wait));
        problem
    }

    /// We are full, or it took too long (F19).
    pub fn busy(said: &'static str) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, said);
        problem.fields.retry_after = Some(SHORTLY);
        problem
    }

    /// The path is known, the method does not fit (ERR-17).
    pub fn unfit(verbs: Verbs) -> Self {
        let said = "This method does not fit here. The Allow header names those that do.";
        let mut problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, said);
        problem.fields.allow = Some(verbs.allow());
        problem
    }

    /// The protocol version is not served (VER-02).
    pub fn version() -> Self {
        let said = "This protocol version is not served. Use /scim/v2.";
        Self { word: Some(ScimType::InvalidVers), ..Self::new(StatusCode::BAD_REQUEST, said) }
    }

    /// Writes the causes of a fault of ours to the log, if it is one.
    pub fn log(&self, request: Option<Id>) {
        if let Some(cause) = &self.cause {
            let request = request.map(tracing::field::display);
            tracing::error!(target: "wardgate::fault", request, cause, "a request failed by our fault");
        }
    }

    /// The finished body.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(160 + self.said.len());
        body.extend_from_slice(
            br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":""#,
        );
        body.extend_from_slice(self.status.as_str().as_bytes());
        body.push(b'"');
        if let Some(word) = self.word {
            body.extend_from_slice(br#","scimType":""#);
            body.extend_from_slice(word.word().as_bytes());
            body.push(b'"');
        }
        body.extend_from_slice(br#","detail":"#);
        let said = serde_json::to_vec(&*self.said).unwrap_or_else(|_| b"\"\"".to_vec());
        body.extend_from_slice(&said);
        body.push(b'}');
        body
    }

    /// The answer. The causes of a fault of ours go to the log, and nowhere else (ERR-14).
    pub fn reply(self, request: Option<Id>) -> Reply {
        self.log(request);
        Reply { status: self.status, body: self.body().into(), fields: *self.fields, plan: None }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let word = match error.kind {
            Kind::Scim(word) => Some(word),
            _ => None,
        };
        let cause = error.source.is_some().then(|| causes(&error).into());
        let mut problem = Self { word, cause, ..Self::new(status_of(error.kind), error.said) };
        match error.kind {
            Kind::Busy => problem.fields.retry_after = Some(SHORTLY),
            Kind::Held(seconds) => problem.fields.retry_after = Some(seconds),
            _ => {}
        }
        problem
    }
}

/// The whole chain of causes.
fn causes(error: &Error) -> String {
    let mut chain = String::new();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        if !chain.is_empty() {
            chain.push_str(": ");
        }
        chain.push_str(&next.to_string());
        cause = next.source();
    }
    chain
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(problem: &Problem) -> serde_json::Value {
        serde_json::from_slice(&problem.body()).unwrap()
    }

    #[test]
    fn rfc_err01_the_body_is_a_scim_error_whose_status_is_text() {
        let error = Error::new(Kind::Scim(ScimType::InvalidPath), "A \"path\"\nis wrong.");
        let body = json(&Problem::from(error));
        assert_eq!(
            body,
            serde_json::json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "status": "400",
                "scimType": "invalidPath",
                "detail": "A \"path\"\nis wrong.",
            })
        );
    }

    #[test]
    fn rfc_err05_every_kind_has_its_status() {
        for (kind, status) in [
            (Kind::Scim(ScimType::InvalidFilter), 400),
            (Kind::Scim(ScimType::Uniqueness), 409),
            (Kind::Scim(ScimType::Sensitive), 403),
            (Kind::NotFound, 404),
            (Kind::Stale, 412),
            (Kind::Conflict, 409),
            (Kind::Denied, 403),
            (Kind::TooLarge, 413),
            (Kind::Busy, 503),
            (Kind::Held(7), 429),
            (Kind::Unsupported, 501),
            (Kind::Internal, 500),
        ] {
            let problem = Problem::from(Error::new(kind, "So."));
            assert_eq!(problem.status.as_u16(), status, "{kind:?}");
            assert_eq!(json(&problem)["status"], status.to_string());
            assert_eq!(problem.fields.retry_after.is_some(), [429, 503].contains(&status));
        }
    }

    #[test]
    fn rfc_err14_our_faults_keep_their_cause_to_themselves() {
        let problem = Problem::from(Error::internal("table users is torn"));
        assert!(!String::from_utf8(problem.body()).unwrap().contains("torn"));
    }

    #[test]
    fn rfc_err19_retry_after_is_never_zero() {
        let wait =
            |millis| Problem::too_many(Duration::from_millis(millis)).fields.retry_after.unwrap();
        assert_eq!([wait(0), wait(1), wait(1_000), wait(1_001)], [1, 1, 1, 2]);
        assert!(Problem::unauthorized().fields.challenge);
    }
}
