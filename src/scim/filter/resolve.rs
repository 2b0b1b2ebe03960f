//! Looks the names of a filter up in a resource type and folds its literals, once.

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::Filter;
use crate::scim::filter::Literal;
use crate::scim::filter::Op;
use crate::scim::filter::operand::Operand;
use crate::scim::filter::operand::operand;
use crate::scim::path::AttributePath;
use crate::scim::quirks;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Attribute;
use crate::scim::schema::Mutability;
use crate::scim::schema::ResourceType;
use crate::scim::schema::Returned;
use crate::scim::schema::Type;

/// A filter whose names are places and whose literals have the type of their attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Decided without a document.
    Constant(bool),
    /// All of these.
    All(Vec<Node>),
    /// Any of these.
    Any(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
    /// Something about the values at a place.
    Test(Place, Test),
    /// One element at the place fulfils the node.
    Same(Place, Box<Node>),
}

/// Where values stand in a document, spelt as the schema spells it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// The extension object.
    pub(super) container: Option<String>,
    /// The attribute.
    pub(super) name: String,
    /// The sub-attribute.
    pub(super) sub: Option<String>,
}

/// What is asked of the values at a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// There is one that is not empty.
    Present,
    /// There is none that is not empty.
    Absent,
    /// One of them compares so.
    Compare(Op, Operand),
}

/// The names that a filter may use.
#[derive(Clone, Copy)]
pub(super) enum Names<'a> {
    /// Attributes of a resource.
    Resource(&'a ResourceType),
    /// Sub-attributes of one attribute: inside brackets.
    Values(&'a Attribute),
}

/// Turns a filter into nodes.
pub(super) struct Resolver<'t> {
    tolerance: &'t mut Tolerance,
    /// Whether an unknown name is refused; else it counts as unassigned (RFC 7644 §3.4.2.1).
    refuse_unknown: bool,
    /// Per comparison, in the order of the text: whether its name is known.
    pub(super) known: Vec<bool>,
}

struct Target<'a> {
    container: Option<&'a str>,
    attribute: &'a Attribute,
    sub: Option<&'a Attribute>,
}

impl<'t> Resolver<'t> {
    /// Begins with the first comparison.
    pub(super) fn new(tolerance: &'t mut Tolerance, refuse_unknown: bool) -> Self {
        Self { tolerance, refuse_unknown, known: Vec::new() }
    }

    /// The nodes of `filter`; `invalidFilter` when it does not fit.
    pub(super) fn resolve(&mut self, names: Names<'_>, filter: &Filter) -> Result<Node, Error> {
        match filter {
            Filter::Compare { path, op, value } => self.compare(names, path, *op, value),
            Filter::Present(path) => self.present(names, path),
            Filter::Values { path, inner } => self.values(names, path, inner),
            Filter::Not(inner) => Ok(Node::Not(Box::new(self.resolve(names, inner)?))),
            Filter::And(parts) => self.list(names, parts).map(Node::All),
            Filter::Or(parts) => self.list(names, parts).map(Node::Any),
        }
    }

    fn list(&mut self, names: Names<'_>, parts: &[Filter]) -> Result<Vec<Node>, Error> {
        parts.iter().map(|part| self.resolve(names, part)).collect()
    }

    fn present(&mut self, names: Names<'_>, path: &AttributePath) -> Result<Node, Error> {
        if let Names::Resource(rt) = names
            && let Some(urn) = quirks::whole_extension(rt, path)
        {
            self.known.push(true);
            let place = Place { container: None, name: urn.to_owned(), sub: None };
            return Ok(Node::Test(place, Test::Present));
        }
        let Some(target) = self.find(names, path)? else { return Ok(Node::Constant(false)) };
        Ok(Node::Test(target.place(target.sub), Test::Present))
    }

    fn compare(
        &mut self,
        names: Names<'_>,
        path: &AttributePath,
        op: Op,
        value: &Literal,
    ) -> Result<Node, Error> {
        let null = *value == Literal::Null;
        let Some(target) = self.find(names, path)? else {
            // Unassigned: `ne "x"` and `eq null` hold.
            return Ok(Node::Constant(matches!((op, null), (Op::Ne, false) | (Op::Eq, true))));
        };
        if null {
            let test = match op {
                Op::Eq => Test::Absent,
                Op::Ne => Test::Present,
                _ => return Err(self.refuse("null can be compared with eq and ne only")),
            };
            return Ok(Node::Test(target.place(target.sub), test));
        }
        let sub = target.sub.or_else(|| quirks::standing_for_value(target.attribute));
        let leaf = sub.unwrap_or(target.attribute);
        let operand = operand(leaf, op, value, self.tolerance)
            .map_err(|error| self.refuse(&format!("{}: {}", leaf.name, error.detail)))?;
        Ok(Node::Test(target.place(sub), Test::Compare(op, operand)))
    }

    fn values(
        &mut self,
        names: Names<'_>,
        path: &AttributePath,
        inner: &Filter,
    ) -> Result<Node, Error> {
        let Names::Resource(_) = names else {
            return Err(self.refuse("a value filter cannot stand inside another"));
        };
        let Some(target) = self.find(names, path)? else {
            self.known.extend((1..inner.clauses()).map(|_| false));
            return Ok(Node::Constant(false));
        };
        if target.sub.is_some() || target.attribute.kind != Type::Complex {
            return Err(self.refuse(&format!(
                "{} has no sub-attributes to filter by",
                target.sub.unwrap_or(target.attribute).name
            )));
        }
        self.known.pop();
        let node = self.resolve(Names::Values(target.attribute), inner)?;
        Ok(Node::Same(target.place(None), Box::new(node)))
    }

    /// `None` when the name is unknown and that counts as unassigned.
    fn find<'a>(
        &mut self,
        names: Names<'a>,
        path: &AttributePath,
    ) -> Result<Option<Target<'a>>, Error> {
        let target = match names {
            Names::Resource(rt) => quirks::find(rt, path, self.tolerance)
                .map_err(|_| self.refuse_next("write the full name of the extension attribute"))?
                .map(|found| Target {
                    container: found.container,
                    attribute: found.attribute,
                    sub: found.sub,
                }),
            Names::Values(attribute) if path.urn.is_none() && path.sub.is_none() => attribute
                .sub(&path.name)
                .map(|sub| Target { container: None, attribute: sub, sub: None }),
            Names::Values(_) => None,
        };
        self.known.push(target.is_some());
        match target {
            None if self.refuse_unknown => {
                Err(self.refuse("no attribute of this name is known here"))
            }
            Some(target) if target.hidden() => {
                Err(self.refuse("this attribute is never shown, so it cannot be searched for"))
            }
            other => Ok(other),
        }
    }

    fn refuse(&self, what: &str) -> Error {
        let place = self.known.len();
        Error::new(ScimType::InvalidFilter, format!("filter, comparison {place}: {what}"))
    }

    fn refuse_next(&self, what: &str) -> Error {
        let place = self.known.len() + 1;
        Error::new(ScimType::InvalidFilter, format!("filter, comparison {place}: {what}"))
    }
}

impl Target<'_> {
    fn place(&self, sub: Option<&Attribute>) -> Place {
        Place {
            container: self.container.map(str::to_owned),
            name: self.attribute.name.clone(),
            sub: sub.map(|sub| sub.name.clone()),
        }
    }

    fn hidden(&self) -> bool {
        [Some(self.attribute), self.sub].into_iter().flatten().any(|attribute| {
            attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly
        })
    }
}
