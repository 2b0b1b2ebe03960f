//! Resources in canonical form (RFC 7643 §2, §3; RFC 7644 §3.3, §3.5.1).
//!
//! `accept` takes a body as a client wrote it: it sorts the keys to the attributes of the type,
//! has `value` check and bring into form each of them, lays them over the present document when
//! one is replaced, and ends in `finish`. An edit of a part (`scim::patch`) calls `value` for
//! what it sets and `finish` at its end, so a rule about values has one home whatever the door.
//!
//! Invariants of what leaves: names as the schema spells them, keys in schema order, `schemas`
//! worked out from what is there; no null, no empty array or object; nothing read-only, derived
//! or write-only that a client sent. A relation (members) is the exception: it stays, also when
//! empty, because empty and absent mean different things to a replacement; the service takes it
//! out before the document is kept.
//!
//! Rejected: checking values where they are stored (a refusal must name the attribute of the
//! request), and one tolerant reader per client (quirks overlap, and a tenant may mix clients).

mod accept;
mod domain;
mod finish;
mod relation;
mod text;
mod value;

pub use accept::Purpose;
pub use accept::accept;
pub use finish::finish;
pub use text::LONGEST_TEXT;
pub use value::MOST_VALUES;
pub use value::element;
pub use value::value;

#[cfg(test)]
mod tests;
