//! Paths of operations (RFC 7644 §3.5.2, figure 7): read, and looked up in a resource type.

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::Filter;
use crate::scim::filter::LONGEST;
use crate::scim::filter::lex::Lexer;
use crate::scim::filter::lex::Word;
use crate::scim::filter::parse::parse_values;
use crate::scim::path::AttributePath;
use crate::scim::path::is_name;
use crate::scim::quirks;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Attribute;
use crate::scim::schema::Extension;
use crate::scim::schema::Mutability;
use crate::scim::schema::ResourceType;

/// A path as it was written: `attribute`, `attribute.sub`, `attribute[filter]`,
/// `attribute[filter].sub`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The attribute, with its sub-attribute when no filter stands between.
    pub attribute: AttributePath,
    /// Which of the values.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the filter.
    pub sub: Option<String>,
}

/// What a path means in a resource type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    /// The resource itself: the URN of its base schema.
    Resource,
    /// A whole extension: its URN.
    Extension(&'a Extension),
    /// An attribute or part of it.
    Spot(Spot<'a>),
}

/// An attribute or part of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'a> {
    /// The URN of the extension that holds the attribute.
    pub(super) container: Option<&'a str>,
    /// The attribute.
    pub(super) attribute: &'a Attribute,
    /// The sub-attribute.
    pub(super) sub: Option<&'a Attribute>,
    /// Which of the values.
    pub(super) filter: Option<&'a Filter>,
}

impl Path {
    /// Reads a path. Array indexes, JSON pointers and other text outside the grammar are
    /// `invalidPath`; what is wrong inside the brackets is `invalidFilter` (PAT-50 to PAT-53).
    pub fn parse(text: &str, tolerance: &mut Tolerance) -> Result<Self, Error> {
        if text.len() > LONGEST {
            return Err(invalid(&format!("a path has at most {LONGEST} bytes")));
        }
        let Some((before, after)) = text.split_once('[') else {
            let attribute = AttributePath::parse(text).ok_or_else(grammar)?;
            return Ok(Self { attribute, filter: None, sub: None });
        };
        let attribute = AttributePath::parse(before).ok_or_else(grammar)?;
        if attribute.sub.is_some() {
            return Err(invalid("a filter stands behind an attribute, not a sub-attribute"));
        }
        let end = closing(after)?;
        let (inner, rest) = after.split_at_checked(end).ok_or_else(grammar)?;
        if inner.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ' || byte == b'-') {
            return Err(invalid("values are chosen by a filter, not by their number"));
        }
        let sub = match rest.strip_prefix(']') {
            Some("") => None,
            Some(rest) => match rest.strip_prefix('.') {
                Some(sub) if is_name(sub) => Some(sub.to_owned()),
                _ => return Err(invalid("behind the bracket may stand `.` and a sub-attribute")),
            },
            None => return Err(grammar()),
        };
        let filter = Some(parse_values(inner, tolerance)?);
        Ok(Self { attribute, filter, sub })
    }

    /// Looks the path up. `invalidPath` when `rt` has no such attribute (PAT-51).
    pub(super) fn locate<'a>(
        &'a self,
        rt: &'a ResourceType,
        tolerance: &mut Tolerance,
    ) -> Result<Target<'a>, Error> {
        if self.filter.is_none() {
            if let Some(urn) = quirks::whole_extension(rt, &self.attribute)
                && let Some(extension) = rt.extension(urn)
            {
                return Ok(Target::Extension(extension));
            }
            if self.attribute.to_string().eq_ignore_ascii_case(&rt.core.id) {
                return Ok(Target::Resource);
            }
        }
        let found = quirks::find(rt, &self.attribute, tolerance)?.ok_or_else(unknown)?;
        let sub = match &self.sub {
            None => found.sub,
            Some(name) => Some(found.attribute.sub(name).ok_or_else(unknown)?),
        };
        let filter = self.filter.as_ref();
        Ok(Target::Spot(Spot {
            container: found.container,
            attribute: found.attribute,
            sub,
            filter,
        }))
    }
}

impl Spot<'_> {
    /// Whether clients may not write here at all.
    pub(super) fn is_read_only(&self) -> bool {
        [Some(self.attribute), self.sub]
            .into_iter()
            .flatten()
            .any(|attribute| attribute.derived || attribute.mutability == Mutability::ReadOnly)
    }

    /// The attribute that a value is written to.
    pub(super) fn leaf(&self) -> &Attribute {
        self.sub.unwrap_or(self.attribute)
    }
}

/// Where in `text` the bracket closes that was opened just before it.
fn closing(text: &str) -> Result<usize, Error> {
    let mut lexer = Lexer::new(text);
    loop {
        match lexer.word()? {
            (at, Word::CloseValues) => return Ok(at),
            (_, Word::End) => return Err(invalid("a bracket is not closed")),
            (_, Word::OpenValues) => return Err(invalid("brackets stand inside brackets")),
            _ => {}
        }
    }
}

fn grammar() -> Error {
    invalid("the path is no attribute path; write it as RFC 7644 §3.5.2 shows")
}

fn unknown() -> Error {
    invalid("the path names no attribute of this resource type")
}

fn invalid(what: &str) -> Error {
    Error::new(ScimType::InvalidPath, what)
}
