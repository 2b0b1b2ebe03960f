//! Reading one resource, and searching for many.
//!
//! A search is turned into a question of the store: what an index can answer becomes its
//! condition, the rest its test (`question`). Order and page follow (`order`, `list`). Pages go
//! by index or by sealed cursor (`cursor`); where a walk by index has come to is remembered, so
//! that deep pages cost what first pages cost and nothing is skipped while others change the
//! list (`service::walks`, PAG-04). The lookup before every push, one equality on a
//! unique name, is a read of its own (`direct`); what no index answers waits for its turn
//! (`service::scans`).
//!
//! Invariants: no search without the caller's scope; what a connection may not read it may not
//! filter or sort by either (ATT-08).
//!
//! A record whose stored body cannot be read fails the page that it belongs to, with an answer
//! that names `wardgate check`; the log has its id. Rejected: to leave it out. A client that
//! compares the list with its own takes whoever lacks for removed, and makes a clinician anew or
//! locks one out; a page that fails is repeated until someone looks. Pages without it are given.

mod cursor;
mod direct;
mod linked;
mod list;
mod order;
mod question;
mod read;

pub use list::list;
pub use read::read;
pub use read::ready;
