//! Filters (RFC 7644 §3.4.2.2): read, checked against a resource type, evaluated.
//!
//! `lex` cuts the text into words, `parse` builds the tree while it counts depth and clauses,
//! `eval` checks the tree against a schema and tests documents. `service/wire/condition` turns
//! what an index can answer into a condition of the store.

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
