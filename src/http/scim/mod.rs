//! The SCIM face (RFC 7644): thin translators between HTTP and the use cases.
//!
//! Each takes a [`Knock`] (who, what, with which header fields), reads what the use case needs
//! out of query, header and body, calls it, and makes a reply of its answer. No rule lives here.
//!
//! A refusal that comes before the use case is reached (a broken body, a broken tag) is
//! reported to it, so that a refused change leaves its event like any other.

pub mod ask;
pub mod bulk;
pub mod discovery;
pub mod read;
pub mod tags;
pub mod write;

pub use crate::http::knock::Knock;
