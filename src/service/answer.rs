//! What a use case answers when it succeeds.

use crate::service::wire::shelf::Ready;

/// What a use case answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// How it went.
    pub success: Success,
    /// Finished JSON, if there is any to send.
    pub body: Option<Vec<u8>>,
    /// The version of the resource, as an entity tag.
    pub etag: Option<String>,
    /// Where the resource is.
    pub location: Option<String>,
    /// The answer as it lies ready, in place of `body`, `etag` and `location`.
    pub ready: Option<Ready>,
    /// How the store found what was searched for; for the metrics.
    pub plan: Option<&'static str>,
}

/// The ways to succeed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Success {
    /// Here it is.
    #[default]
    Ok,
    /// It was made.
    Created,
    /// It is done and there is nothing to say.
    NoContent,
    /// You have it already (If-None-Match).
    NotModified,
}
