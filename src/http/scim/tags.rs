//! `If-Match` and `If-None-Match` (RFC 9110 §13.1, RFC 7644 §3.14).

use hyper::HeaderMap;
use hyper::header::HeaderName;
use hyper::header::IF_MATCH;
use hyper::header::IF_NONE_MATCH;

use crate::service::Error;
use crate::service::Precondition;
use crate::service::Tags;

/// Reads both headers; 400 when one is no list of entity tags.
pub fn precondition(headers: &HeaderMap) -> Result<Precondition, Error> {
    Ok(Precondition {
        if_match: list(headers, &IF_MATCH)?,
        if_none_match: list(headers, &IF_NONE_MATCH)?,
    })
}

fn list(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Error> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    let place = if *name == IF_MATCH { "If-Match" } else { "If-None-Match" };
    let bad = |_| Tags::malformed(place);
    let mut text = first.to_str().map_err(bad)?.to_owned();
    for value in values {
        text.push(',');
        text.push_str(value.to_str().map_err(bad)?);
    }
    Tags::read(&text, place).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn these(tags: &[&str]) -> Option<Tags> {
        Some(Tags::These(tags.iter().map(|tag| (*tag).to_owned()).collect()))
    }

    #[test]
    fn rfc_etg12_several_headers_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(IF_MATCH, HeaderValue::from_static("\"1\""));
        headers.append(IF_MATCH, HeaderValue::from_static("W/\"2\""));
        let read = precondition(&headers).unwrap();
        assert_eq!(read.if_match, these(&["1", "2"]));
        assert_eq!(read.if_none_match, None);
        headers.append(IF_NONE_MATCH, HeaderValue::from_static("3"));
        assert!(precondition(&headers).is_err());
    }
}
