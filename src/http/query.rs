//! Query strings, cut and decoded once (idp-clients 8A 13, 14).

use std::borrow::Cow;

/// The pairs of a query string.
///
/// `+` and `%20` are spaces, `%2B` is a plus. Empty pairs, such as a trailing `&` leaves, are
/// skipped; a bare word is a name without a value. `None` when an escape is broken or the
/// bytes are no UTF-8.
pub fn pairs(query: &str) -> Option<Vec<(Cow<'_, str>, Cow<'_, str>)>> {
    let mut pairs = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((text(name)?, text(value)?));
    }
    Some(pairs)
}

/// Whether a name of the query is `access_token`: credentials do not travel in addresses
/// (SEC-09).
pub fn names_a_token(query: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or(pair);
        let decoded = text(name);
        decoded.is_some_and(|name| name.eq_ignore_ascii_case("access_token"))
    })
}

fn text(raw: &str) -> Option<Cow<'_, str>> {
    if raw.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return Some(Cow::Owned(String::from_utf8(unescape(raw, true)?).ok()?));
    }
    Some(Cow::Borrowed(raw))
}

/// Undoes percent-encoding once; in a query a `+` is a space. `None` when an escape is broken.
pub fn unescape(raw: &str, plus_is_space: bool) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => nibble(bytes.next()?)? << 4 | nibble(bytes.next()?)?,
            b'+' if plus_is_space => b' ',
            byte => byte,
        });
    }
    Some(plain)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idp13_plus_and_escape_are_spaces() {
        let pairs = pairs("filter=a+eq%20%2B1&&count=&bare&").unwrap();
        let plain: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(plain, [("filter", "a eq +1"), ("count", ""), ("bare", "")]);
    }

    #[test]
    fn prs02_a_broken_escape_is_no_query() {
        for bad in ["a=%", "a=%g0", "%4=1", "a=%ff", "a=%é"] {
            assert_eq!(super::pairs(bad), None, "{bad}");
        }
    }

    #[test]
    fn aut09_a_token_in_the_query_is_seen_in_any_spelling() {
        assert!(names_a_token("count=1&access_token=x"));
        assert!(names_a_token("Access%5Ftoken"));
        assert!(!names_a_token("filter=access_token%20pr"));
        assert!(!names_a_token(""));
    }
}
