//! Filters (RFC 7644 §3.4.2.2): read, checked against a resource type, evaluated.
//!
//! `lex` cuts the text into words, `parse` builds the tree while it counts depth and clauses,
//! `resolve` looks names up and `operand` folds literals, once, `eval` checks a tree against a
//! schema and tests documents, `print` writes a tree back. `service/wire/condition` turns what an
//! index can answer into a condition of the store.
//!
//! Where the text of the RFC is silent: `ne` holds for an attribute without a value, `eq null`
//! is `not pr`, a complex attribute without sub-attribute stands for its `value`, and on several
//! values one that fulfils the comparison is enough, `ne` included.
//!
//! Rejected: evaluation straight from the tree. It looks names up and folds literals for every
//! document, and a search reads hundreds of thousands.

pub mod eval;
pub mod lex;
pub mod operand;
pub mod parse;
pub mod print;
pub mod resolve;
#[cfg(test)]
mod tests;

use crate::scim::path::AttributePath;

/// A filter: an n-ary tree, never deeper than [`DEEPEST`].
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// `path op literal`
    Compare {
        /// The attribute.
        path: AttributePath,
        /// The operator.
        op: Op,
        /// The literal.
        value: Literal,
    },
    /// `path pr`
    Present(AttributePath),
    /// `path[inner]`: one value fulfils all of `inner`. `path[f].sub op v` reads as
    /// `path[f and sub op v]`.
    Values {
        /// The multi-valued (or complex) attribute.
        path: AttributePath,
        /// A filter over its sub-attributes.
        inner: Box<Filter>,
    },
    /// All of these; at least two.
    And(Vec<Filter>),
    /// Any of these; at least two.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

/// What an attribute is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// Any JSON number.
    Number(serde_json::Number),
    /// Any JSON string.
    Text(String),
}

/// The deepest nesting of groups, `not` and value filters.
pub const DEEPEST: usize = 20;
/// The most comparisons in one filter.
pub const MOST_CLAUSES: usize = 64;
/// The longest filter in a query string, in bytes.
pub const LONGEST: usize = 8_192;
/// The longest filter in a `.search` body, in bytes.
pub const LONGEST_IN_BODY: usize = 16_384;

impl Op {
    /// The operator that `word` names, in any letter case (FLT-05). `pr` is none of these.
    pub fn of(word: &str) -> Option<Self> {
        let all = [
            Self::Eq,
            Self::Ne,
            Self::Co,
            Self::Sw,
            Self::Ew,
            Self::Gt,
            Self::Ge,
            Self::Lt,
            Self::Le,
        ];
        all.into_iter().find(|op| op.word().eq_ignore_ascii_case(word))
    }

    /// The operator as it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

impl Filter {
    /// How many comparisons it holds.
    pub fn clauses(&self) -> usize {
        match self {
            Self::Compare { .. } | Self::Present(_) => 1,
            Self::Values { inner, .. } | Self::Not(inner) => inner.clauses(),
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::clauses).sum(),
        }
    }

    /// When the filter is nothing but `name eq literal`, joined by `and`: those pairs. Such a
    /// filter also says what a value looks like that fulfils it (EID 8097).
    pub fn equalities(&self) -> Option<Vec<(&AttributePath, &Literal)>> {
        match self {
            Self::Compare { path, op: Op::Eq, value } if *value != Literal::Null => {
                Some(vec![(path, value)])
            }
            Self::And(parts) => {
                let lists: Option<Vec<_>> = parts.iter().map(Self::equalities).collect();
                lists.map(|lists| lists.into_iter().flatten().collect())
            }
            _ => None,
        }
    }
}

/// The attributes that `filter` names, in its order; of a value filter the attribute in front of
/// the bracket. Tells what must be loaded before [`eval::Matcher::matches`] can decide.
pub fn attributes(filter: &Filter) -> impl Iterator<Item = &AttributePath> {
    let mut waiting = vec![filter];
    std::iter::from_fn(move || {
        loop {
            match waiting.pop()? {
                Filter::Compare { path, .. } | Filter::Present(path) => return Some(path),
                Filter::Values { path, .. } => return Some(path),
                Filter::Not(inner) => waiting.push(inner),
                Filter::And(parts) | Filter::Or(parts) => waiting.extend(parts.iter().rev()),
            }
        }
    })
}
