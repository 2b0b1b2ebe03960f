//! PATCH (RFC 7644 §3.5.2): a list of operations, read from a body and applied to a document.
//!
//! `read` turns the body into operations, `target` looks their paths up, `apply` performs them in
//! order on a copy, with `pathless` for operations without a path, `whole` for attributes,
//! `elements` for chosen values of an attribute and `relation` for members. Clients' dialects are
//! forgiven through [`crate::scim::quirks`].
//!
//! Invariants: all or nothing, for the given document is never touched (PAT-07). Only named
//! attributes change (ATT-07). Relations never enter the document: what is asked of them comes
//! out as edits, in order, for the service to perform on rows.
//!
//! Rejected: turning operations into JSON Patch first. Paths choose values by filter, and a
//! missing value may have to be made.

use serde_json::Map;
use serde_json::Value;

use crate::scim::filter::Filter;

pub mod apply;
pub mod elements;
pub mod pathless;
pub mod read;
pub mod relation;
pub mod target;
#[cfg(test)]
mod tests;
pub mod whole;

pub use apply::apply;
pub use read::read;

/// The most operations in one PATCH.
pub const MOST_OPERATIONS: usize = 5_000;
/// The most tests and comparisons of values in one PATCH: many operations on a long list must
/// not hold a thread for seconds.
pub const MOST_WORK: usize = 2_000_000;
/// The schema of a PATCH body.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// One operation, read but not yet looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its place in the body, from 1; refusals name it.
    pub number: usize,
    /// What is done.
    pub act: Act,
    /// To what; `None` when the value names the attributes.
    pub path: Option<target::Path>,
}

/// What an operation does, with its value as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// `add`
    Add(Value),
    /// `replace`
    Replace(Value),
    /// `remove`; some clients say in a value what to remove.
    Remove(Option<Value>),
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Patched {
    /// The new document, finished. Equal to the old one when nothing changed (PAT-19).
    pub document: Map<String, Value>,
    /// What is asked of relations, in order.
    pub edits: Vec<RelationEdit>,
    /// The attributes that differ, for the audit event: `name`, or `urn:…:name` in an extension.
    /// Relations are not among them: only their rows know what changed.
    pub attributes: Vec<String>,
}

/// A change of one relation of the resource.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationEdit {
    /// The attribute as its schema spells it: `members`.
    pub attribute: String,
    /// What is asked.
    pub change: RelationChange,
}

/// What is asked of a relation. Values are canonical objects `{value, type?, display?}`.
#[derive(Clone, Debug, PartialEq)]
pub enum RelationChange {
    /// These are added; those that are there already stay as they are (PAT-57).
    Add(Vec<Value>),
    /// These identifiers go, if they are there (PAT-59).
    Remove(Vec<String>),
    /// All that fulfil the filter go; its names are sub-attributes, checked to exist. Test with
    /// [`crate::scim::filter::eval::Matcher::of_values`].
    RemoveWhere(Filter),
    /// All go (PAT-60).
    Clear,
    /// These are all there is (PAT-61).
    Replace(Vec<Value>),
}
