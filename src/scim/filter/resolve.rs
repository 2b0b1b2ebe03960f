//! Looks the names of a filter up in a resource type and folds its literals, once.

use serde_json::Number;

use crate::base::clock::Moment;
use crate::scim::compare;
use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::Filter;
use crate::scim::filter::Literal;
use crate::scim::filter::Op;
use crate::scim::path::AttributePath;
use crate::scim::quirks;
use crate::scim::quirks::Quirk;
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

/// A literal in the form in which its attribute is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// Text in the form of its `Sameness`.
    Text(String, Sameness),
    /// `true` or `false`.
    Boolean(bool),
    /// A number, compared by value.
    Number(Number),
    /// An instant, whatever offset it was written with (FLT-20).
    Moment(Moment),
}

/// When two texts are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    /// Byte for byte: `caseExact` and binary.
    Exact,
    /// In the form of [`compare::fold`].
    Folded,
    /// In the form of [`compare::canon`].
    UserName,
}

impl Sameness {
    /// How values of `attribute` are compared.
    pub fn of(attribute: &Attribute) -> Self {
        match attribute.kind {
            _ if attribute.precis => Self::UserName,
            Type::Binary => Self::Exact,
            _ if attribute.case_exact => Self::Exact,
            _ => Self::Folded,
        }
    }

    /// The form of `text` in which it is compared. What is no user name is folded, so that parts
    /// of names can be searched for.
    pub fn form(self, text: &str) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Exact => text.into(),
            Self::Folded => compare::fold(text),
            Self::UserName => compare::canon(text).unwrap_or_else(|_| compare::fold(text)),
        }
    }
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
            self.known.extend((1..clauses(inner)).map(|_| false));
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

/// `literal` in the form in which values of `attribute` are compared by `op`; the refusal says
/// what does not fit (FLT-24 to FLT-28). `null` never fits: it asks for presence.
pub fn operand(
    attribute: &Attribute,
    op: Op,
    literal: &Literal,
    tolerance: &mut Tolerance,
) -> Result<Operand, Error> {
    fits(attribute, op)?;
    match attribute.kind {
        Type::Complex => Err(unfit("name one of its sub-attributes")),
        Type::Boolean => boolean(literal, tolerance).map(Operand::Boolean),
        Type::Integer | Type::Decimal => number(literal, tolerance).map(Operand::Number),
        Type::DateTime => match literal {
            Literal::Text(text) => moment(text)
                .map(Operand::Moment)
                .ok_or_else(|| unfit("write date, time and offset, such as 2026-01-31T09:30:00Z")),
            _ => Err(unfit("compare it with a date and time in quotation marks")),
        },
        Type::String | Type::Reference | Type::Binary => {
            let sameness = Sameness::of(attribute);
            let text = text(literal, tolerance)?;
            Ok(Operand::Text(sameness.form(&text).into_owned(), sameness))
        }
    }
}

/// The instant that an xsd:dateTime names; without an offset it is UTC (RFC 7643 §2.3.5).
pub fn moment(text: &str) -> Option<Moment> {
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

fn fits(attribute: &Attribute, op: Op) -> Result<(), Error> {
    let part = matches!(op, Op::Co | Op::Sw | Op::Ew);
    let order = matches!(op, Op::Gt | Op::Ge | Op::Lt | Op::Le);
    match attribute.kind {
        Type::Boolean | Type::Binary if order => Err(unfit("gt, ge, lt and le do not apply to it")),
        Type::Boolean | Type::Integer | Type::Decimal | Type::DateTime if part => {
            Err(unfit("co, sw and ew apply to text only"))
        }
        _ => Ok(()),
    }
}

fn boolean(literal: &Literal, tolerance: &mut Tolerance) -> Result<bool, Error> {
    let refusal = || unfit("compare it with true or false");
    match literal {
        Literal::Boolean(value) => Ok(*value),
        Literal::Text(text) => {
            let value = quirks::boolean(text).ok_or_else(refusal)?;
            tolerance.forgive(Quirk::CoercedValue, "text for a boolean in a filter", refusal)?;
            Ok(value)
        }
        _ => Err(refusal()),
    }
}

fn number(literal: &Literal, tolerance: &mut Tolerance) -> Result<Number, Error> {
    let refusal = || unfit("compare it with a number");
    match literal {
        Literal::Number(value) => Ok(value.clone()),
        Literal::Text(text) => {
            let value = serde_json::from_str(text).map_err(|_| refusal())?;
            tolerance.forgive(Quirk::CoercedValue, "text for a number in a filter", refusal)?;
            Ok(value)
        }
        _ => Err(refusal()),
    }
}

fn text(literal: &Literal, tolerance: &mut Tolerance) -> Result<String, Error> {
    let refusal = || unfit("compare it with text in quotation marks");
    match literal {
        Literal::Text(text) => Ok(text.clone()),
        Literal::Null => Err(refusal()),
        Literal::Number(_) | Literal::Boolean(_) => {
            tolerance.forgive(Quirk::UnquotedLiteral, "a bare word for text", refusal)?;
            Ok(literal.to_string())
        }
    }
}

fn unfit(what: &str) -> Error {
    Error::new(ScimType::InvalidFilter, what)
}

fn clauses(filter: &Filter) -> usize {
    match filter {
        Filter::Compare { .. } | Filter::Present(_) => 1,
        Filter::Values { inner, .. } | Filter::Not(inner) => clauses(inner),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().map(clauses).sum(),
    }
}
