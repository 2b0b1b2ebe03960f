//! `If-Match` and `If-None-Match` (RFC 9110 §13.1, RFC 7644 §3.14).

use hyper::HeaderMap;
use hyper::header::HeaderName;
use hyper::header::IF_MATCH;
use hyper::header::IF_NONE_MATCH;

use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Precondition;
use crate::service::Tags;

/// Most tags that one request may list.
pub const MOST_TAGS: usize = 100;

/// Reads both headers; 400 when one is no list of entity tags.
pub fn precondition(headers: &HeaderMap) -> Result<Precondition, Error> {
    Ok(Precondition {
        if_match: list(headers, &IF_MATCH)?,
        if_none_match: list(headers, &IF_NONE_MATCH)?,
    })
}

/// Reads the `version` of a bulk operation, which stands for an `If-Match` (RFC 7644 §3.7).
pub fn of_version(text: &str) -> Result<Tags, Error> {
    parse(text).ok_or_else(|| malformed("version"))
}

fn list(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Error> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    let more: Vec<_> = values.collect();
    let bad = || malformed(if *name == IF_MATCH { "If-Match" } else { "If-None-Match" });
    let mut text = first.to_str().map_err(|_| bad())?.to_owned();
    for value in more {
        text.push(',');
        text.push_str(value.to_str().map_err(|_| bad())?);
    }
    parse(&text).map(Some).ok_or_else(bad)
}

fn malformed(place: &str) -> Error {
    let said = format!(
        "{place} is not a list of entity tags. Send the version as the resource gave it, in quotes."
    );
    Error::new(Kind::Scim(ScimType::InvalidValue), said)
}

/// `*`, or quoted tags parted by commas, each with or without `W/`.
fn parse(text: &str) -> Option<Tags> {
    let text = text.trim_matches([' ', '\t']);
    if text == "*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            break;
        }
        let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let (tag, after) = quoted.split_once('"')?;
        let after = after.trim_start_matches([' ', '\t']);
        let clean = tag.bytes().all(|byte| byte == 0x21 || (0x23..=0x7e).contains(&byte));
        if !clean || tags.len() == MOST_TAGS || !(after.is_empty() || after.starts_with(',')) {
            return None;
        }
        tags.push(tag.to_owned());
        rest = after;
    }
    (!tags.is_empty()).then_some(Tags::These(tags))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn these(tags: &[&str]) -> Option<Tags> {
        Some(Tags::These(tags.iter().map(|tag| (*tag).to_owned()).collect()))
    }

    #[test]
    fn rfc_etg12_lists_weak_tags_and_the_star_are_read() {
        assert_eq!(parse("*"), Some(Tags::Any));
        assert_eq!(parse(r#"W/"7""#), these(&["7"]));
        assert_eq!(parse(r#" "x" ,W/"7",, "a,b" "#), these(&["x", "7", "a,b"]));
        assert_eq!(parse(r#""""#), these(&[""]));
    }

    #[test]
    fn rfc_etg17_what_is_no_tag_is_refused() {
        for bad in ["", ",", "7", r#"w/"7""#, r#""7"#, r#""7" "8""#, r#"*, "7""#, "\"a b\""] {
            assert_eq!(parse(bad), None, "{bad}");
        }
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
