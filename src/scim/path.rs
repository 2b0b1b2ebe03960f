//! Names of attributes: `userName`, `name.givenName`, `urn:...:User:department` (RFC 7644 §3.10).

use std::fmt;

/// An attribute path as it was written, split but not yet looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributePath {
    /// The schema URN in front, if any.
    pub urn: Option<String>,
    /// The attribute; for a bare schema URN (a whole extension) it is empty.
    pub name: String,
    /// The sub-attribute, if any.
    pub sub: Option<String>,
}

impl AttributePath {
    /// Splits `text`. The URN, if any, ends at its last colon. `None` when it breaks the grammar,
    /// which knows one dot: an attribute and a sub-attribute, never a third segment.
    pub fn parse(text: &str) -> Option<Self> {
        let (urn, rest) = match text.rsplit_once(':') {
            Some((urn, rest)) if is_urn(urn) => (Some(urn), rest),
            Some(_) => return None,
            None => (None, text),
        };
        // A version number inside a URN has a dot: `...:2.0:User` is split above at its last
        // colon, so dots left in `rest` part sub-attributes only.
        let mut parts = rest.split('.');
        let name = parts.next().filter(|name| is_name(name))?;
        let sub = parts.next();
        if parts.next().is_some() || sub.is_some_and(|sub| !is_name(sub)) {
            return None;
        }
        Some(Self {
            urn: urn.map(str::to_owned),
            name: name.to_owned(),
            sub: sub.map(str::to_owned),
        })
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

fn is_urn(text: &str) -> bool {
    let scheme = text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
    scheme && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"[]()\"\\".contains(&byte))
}

/// Whether `text` is an attribute name (RFC 7643 §2.1; `$ref` is the standing exception).
pub fn is_name(text: &str) -> bool {
    let bare = text.strip_prefix('$').unwrap_or(text);
    bare.starts_with(|first: char| first.is_ascii_alphabetic())
        && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_$".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(Option<String>, String, Option<String>)> {
        AttributePath::parse(text).map(|path| (path.urn, path.name, path.sub))
    }

    #[test]
    fn paths_split_at_the_last_colon_and_the_dot() {
        let urn = "urn:ietf:params:scim:schemas:core:2.0:User";
        assert_eq!(parts("userName"), Some((None, "userName".into(), None)));
        assert_eq!(parts("name.givenName"), Some((None, "name".into(), Some("givenName".into()))));
        assert_eq!(
            parts(&format!("{urn}:name.givenName")),
            Some((Some(urn.into()), "name".into(), Some("givenName".into())))
        );
        for bad in ["", ".a", "1a", "a.", "a.b.c", "a b", "x:y", "a[0]", "/a"] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }
}
