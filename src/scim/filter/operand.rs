//! Literals in the type and form of the attribute that they are compared with.

use std::borrow::Cow;

use serde_json::Number;

use crate::base::clock::Moment;
use crate::scim::compare;
use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::Literal;
use crate::scim::filter::Op;
use crate::scim::quirks;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Attribute;
use crate::scim::schema::Type;

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
    /// In the form of [`compare::reference`]: `$ref`.
    Reference,
}

impl Sameness {
    /// How values of `attribute` are compared.
    pub fn of(attribute: &Attribute) -> Self {
        match attribute.kind {
            _ if attribute.precis => Self::UserName,
            Type::Binary => Self::Exact,
            Type::Reference if attribute.name == "$ref" => Self::Reference,
            _ if attribute.case_exact => Self::Exact,
            _ => Self::Folded,
        }
    }

    /// The form of `text` in which it is compared. What is no user name is folded, so that parts
    /// of names can be searched for.
    pub fn form(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => text.into(),
            Self::Folded => compare::fold(text),
            Self::UserName => compare::canon(text).unwrap_or_else(|_| compare::fold(text)),
            Self::Reference => compare::reference(text),
        }
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
