//! SCIM as mechanics over JSON (RFC 7643, RFC 7644): schemas, paths, filters, edits, answers.
//!
//! This floor knows no organization, no store and no clock. A request body enters through
//! [`json`], is brought into the canonical form of its resource type by [`resource`] or turned
//! into edits by [`patch`], and leaves through [`project`] and [`list`]. What known clients do
//! wrong is forgiven in [`quirks`] and nowhere else.
//!
//! Invariants: a canonical document spells every attribute as its schema does, holds no nulls
//! and no empty arrays, and never contains `meta`, derived attributes or relations (members).
//!
//! Rejected: typed structs per resource (custom types and extensions are data), and a tree of
//! boxed nodes for filters (a deep one overflows the stack when it is dropped, FLT-02).

pub mod bulk;
pub mod compare;
pub mod error;
pub mod filter;
pub mod hiding;
pub mod json;
pub mod list;
pub mod patch;
pub mod path;
pub mod project;
pub mod quirks;
pub mod resource;
pub mod schema;
