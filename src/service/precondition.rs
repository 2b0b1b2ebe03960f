//! What a request knows of the version of its resource: entity tags (RFC 9110 §13.1).

use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind;

/// What a request asks about the version of its resource (RFC 9110 §13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    /// `If-Match`, if sent.
    pub if_match: Option<Tags>,
    /// `If-None-Match`, if sent.
    pub if_none_match: Option<Tags>,
}

/// A list of entity tags. Only the opaque part counts: SCIM's own examples send weak tags in
/// `If-Match`, which plain HTTP could never match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`
    Any,
    /// The opaque parts, without quotes and `W/`.
    These(Vec<String>),
}

/// Most tags that one list may have.
pub const MOST_TAGS: usize = 100;

impl Tags {
    /// Reads the text that stands at `place`: a header field, or the `version` of a bulk
    /// operation, which stands for an `If-Match` (RFC 7644 §3.7).
    pub fn read(text: &str, place: &str) -> Result<Self, Error> {
        Self::parse(text).ok_or_else(|| Self::malformed(place))
    }

    /// What stands at `place` is no list of entity tags.
    pub fn malformed(place: &str) -> Error {
        let said = format!(
            "{place} is not a list of entity tags. Send the version as the resource gave it, in \
             quotes."
        );
        Error::new(Kind::Scim(ScimType::InvalidValue), said)
    }

    /// Whether `tag`, the opaque part of a present version, is among these.
    pub fn hold(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|held| held == tag),
        }
    }

    /// `*`, or quoted tags parted by commas, each with or without `W/`.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t']);
        if text == "*" {
            return Some(Self::Any);
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
        (!tags.is_empty()).then_some(Self::These(tags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn these(tags: &[&str]) -> Option<Tags> {
        Some(Tags::These(tags.iter().map(|tag| (*tag).to_owned()).collect()))
    }

    #[test]
    fn rfc_etg12_lists_weak_tags_and_the_star_are_read() {
        assert_eq!(Tags::parse("*"), Some(Tags::Any));
        assert_eq!(Tags::parse(r#"W/"7""#), these(&["7"]));
        assert_eq!(Tags::parse(r#" "x" ,W/"7",, "a,b" "#), these(&["x", "7", "a,b"]));
        assert_eq!(Tags::parse(r#""""#), these(&[""]));
    }

    #[test]
    fn rfc_etg17_what_is_no_tag_is_refused() {
        for bad in ["", ",", "7", r#"w/"7""#, r#""7"#, r#""7" "8""#, r#"*, "7""#, "\"a b\""] {
            assert_eq!(Tags::parse(bad), None, "{bad}");
        }
    }
}
