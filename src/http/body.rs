//! Bodies, taken in with a limit, in time, and only as JSON (PRS-03, PRS-04, SEC-15).

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use bytes::BytesMut;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::body::Body;
use hyper::header::CONTENT_ENCODING;
use hyper::header::CONTENT_TYPE;

use crate::base::clock::Clock;
use crate::http::limits;
use crate::http::problem::Problem;
use crate::scim::error::ScimType;

/// Takes a JSON body of at most `limit` bytes. Comes after the credential was checked.
pub async fn take<B>(
    headers: &HeaderMap,
    body: B,
    limit: usize,
    clock: &dyn Clock,
) -> Result<Bytes, Problem>
where
    B: Body<Data = Bytes>,
{
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large(limit));
    }
    if body.is_end_stream() {
        return Err(syntax("The body is empty. Send one JSON object."));
    }
    check_type(headers)?;
    let due = body.size_hint().exact();
    let mut body = pin!(body);
    let began = clock.ticks();
    let mut taken = BytesMut::new();
    let mut whole = Bytes::new();
    loop {
        let spent = clock.ticks().saturating_sub(began);
        let left = allowance(taken.len().max(whole.len())).saturating_sub(spent);
        let next = tokio::time::timeout(left, body.frame()).await.map_err(|_| too_slow())?;
        let Some(frame) = next else { break };
        let frame = frame.map_err(|_| broken_off())?;
        let Ok(data) = frame.into_data() else { continue };
        if taken.len().max(whole.len()).saturating_add(data.len()) > limit {
            return Err(too_large(limit));
        }
        if taken.is_empty() && whole.is_empty() {
            whole = data;
        } else {
            if taken.is_empty() {
                taken.extend_from_slice(&whole);
            }
            taken.extend_from_slice(&data);
        }
    }
    let bytes = if taken.is_empty() { whole } else { taken.freeze() };
    // A socket that is gone can look like the end of its body.
    match due {
        Some(due) if u64::try_from(bytes.len()) != Ok(due) => Err(broken_off()),
        _ => Ok(bytes),
    }
}

/// How long a body may take to bring `taken` bytes.
fn allowance(taken: usize) -> Duration {
    let seconds = u64::try_from(taken).unwrap_or(u64::MAX) / limits::SLOWEST_BODY;
    limits::BODY_GRACE.saturating_add(Duration::from_secs(seconds))
}

fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    if encodings.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(unsupported("Compressed bodies are not taken. Send the JSON as it is."));
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let one = types.next().and_then(|value| value.to_str().ok());
    if types.next().is_none() && one.is_some_and(is_json) {
        return Ok(());
    }
    Err(unsupported("Send the body as application/scim+json or application/json, in UTF-8."))
}

/// The two media types, in any letter case, with any parameters but a foreign character set
/// (CTY-08, CTY-07).
fn is_json(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let known = ["application/scim+json", "application/json"];
    known.iter().any(|known| essence.eq_ignore_ascii_case(known))
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                let value = value.trim().trim_matches('"');
                value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
            }
            _ => true,
        })
}

fn broken_off() -> Problem {
    syntax("The body broke off. Send it again.")
}

fn too_large(limit: usize) -> Problem {
    let said = format!("The body is larger than the limit of {limit} bytes. Send less at once.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, said)
}

fn too_slow() -> Problem {
    let said = "The body came too slowly: 1024 bytes a second are needed after 10 seconds.";
    Problem::new(StatusCode::REQUEST_TIMEOUT, said)
}

fn unsupported(said: &'static str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, said)
}

fn syntax(said: &'static str) -> Problem {
    let word = Some(ScimType::InvalidSyntax);
    Problem { word, ..Problem::new(StatusCode::BAD_REQUEST, said) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::SystemClock;
    use http_body_util::Full;
    use hyper::header::HeaderValue;

    async fn taken(content_type: Option<&'static str>, body: &'static [u8]) -> Result<Bytes, u16> {
        let mut headers = HeaderMap::new();
        if let Some(text) = content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(text));
        }
        let body = Full::new(Bytes::from_static(body));
        take(&headers, body, 4, &SystemClock::new()).await.map_err(|p| p.status.as_u16())
    }

    #[tokio::test]
    async fn prs04_the_limit_counts_to_the_byte() {
        let json = Some("application/json");
        assert_eq!(taken(json, b"1234").await, Ok(Bytes::from_static(b"1234")));
        assert_eq!(taken(json, b"12345").await, Err(413));
        assert_eq!(taken(json, b"").await, Err(400));
        assert_eq!(taken(None, b"").await, Err(400));
    }

    /// Claims ten gibibytes and must not be asked for one of them.
    struct Claim;

    impl Body for Claim {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
            panic!("the body was read")
        }

        fn size_hint(&self) -> hyper::body::SizeHint {
            hyper::body::SizeHint::with_exact(10 << 30)
        }
    }

    #[tokio::test]
    async fn blk01_a_body_that_says_it_is_too_large_is_not_read() {
        let (headers, clock) = (HeaderMap::new(), SystemClock::new());
        let refused = take(&headers, Claim, limits::LARGEST_BULK, &clock);
        let refused = refused.await.unwrap_err();
        assert_eq!(refused.status.as_u16(), 413);
        assert!(refused.said.contains("1048576"));
    }

    #[tokio::test]
    async fn prs03_only_json_in_utf8_is_taken() {
        for good in [
            "application/scim+json",
            "application/json; charset=utf-8",
            "Application/SCIM+JSON;charset=\"UTF-8\"; odd",
        ] {
            assert!(taken(Some(good), b"{}").await.is_ok(), "{good}");
        }
        for bad in ["text/plain", "application/xml", "application/json; charset=utf-7", ""] {
            assert_eq!(taken(Some(bad), b"{}").await, Err(415), "{bad}");
        }
        assert_eq!(taken(None, b"{}").await, Err(415));
    }

    #[tokio::test]
    async fn prs03_no_compression() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let body = Full::new(Bytes::from_static(b"{}"));
        let refused = take(&headers, body, 4, &SystemClock::new()).await.unwrap_err();
        assert_eq!(refused.status.as_u16(), 415);
    }
}
