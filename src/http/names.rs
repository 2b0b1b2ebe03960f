//! The names in a path: split and decoded once, then held against the rows of the table (HTP-04).

use std::borrow::Cow;
use std::sync::Arc;

use crate::http::route::Part;
use crate::http::route::Route;
use crate::http::route::Under;
use crate::scim::schema::Catalogue;
use crate::scim::schema::ResourceType;

/// The most segments of a pattern.
const MOST: usize = 4;

/// The decoded segments of a path.
pub struct Names<'a> {
    parts: [Option<Cow<'a, str>>; MOST],
    count: usize,
}

impl<'a> Names<'a> {
    /// Splits and decodes, whether or not the slashes are odd ([`has_odd_slash`](crate::http::route::has_odd_slash)).
    pub fn split(under: Under, path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix('/').unwrap_or(path);
        let rest = match under {
            Under::Scim => rest.strip_prefix('/').unwrap_or(rest),
            Under::Server | Under::Api => rest,
        };
        let rest = match under {
            Under::Api => rest,
            Under::Scim | Under::Server => rest.strip_suffix('/').unwrap_or(rest),
        };
        let mut names = Self { parts: [const { None }; MOST], count: 0 };
        if rest.is_empty() {
            return Some(names);
        }
        for part in rest.split('/') {
            *names.parts.get_mut(names.count)? = Some(decode(part)?);
            names.count = names.count.saturating_add(1);
        }
        Some(names)
    }

    /// Whether `route` fits, and with which resource type.
    pub fn fit<'c>(
        &self,
        under: Under,
        route: &Route,
        catalogue: &'c Catalogue,
    ) -> Option<Option<&'c Arc<ResourceType>>> {
        if route.under != under || route.pattern.len() != self.count {
            return None;
        }
        let mut kind = None;
        for (part, name) in route.pattern.iter().zip(self.parts.iter().flatten()) {
            match part {
                Part::Word(word) if name == word => {}
                Part::Name if !name.starts_with('.') => {}
                Part::Type => kind = Some(resource_type(catalogue, name)?),
                Part::Word(_) | Part::Name => return None,
            }
        }
        Some(kind)
    }

    /// What the path says where the pattern has a name: the last but one, and the last.
    pub fn said(self, pattern: &[Part]) -> (Option<Cow<'a, str>>, Option<Cow<'a, str>>) {
        let (mut above, mut last) = (None, None);
        for (part, name) in pattern.iter().zip(self.parts.into_iter().flatten()) {
            if *part == Part::Name {
                above = last.replace(name);
            }
        }
        (above, last)
    }
}

fn resource_type<'c>(catalogue: &'c Catalogue, name: &str) -> Option<&'c Arc<ResourceType>> {
    catalogue.types.iter().find(|kind| kind.endpoint.strip_prefix('/') == Some(name))
}

/// Undoes percent-encoding once. `None` for what no name of ours can hold: an empty segment, a
/// broken escape, bytes that are no UTF-8, a slash, a control character.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    // What nearly every name is made of, and none of it odd.
    if !segment.is_empty() && segment.bytes().all(is_plain) {
        return Some(Cow::Borrowed(segment));
    }
    let plain = if segment.contains('%') {
        Cow::Owned(String::from_utf8(crate::http::query::unescape(segment, false)?).ok()?)
    } else {
        Cow::Borrowed(segment)
    };
    let odd = plain.is_empty() || plain.chars().any(|c| c == '/' || c.is_control());
    (!odd).then_some(plain)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}
