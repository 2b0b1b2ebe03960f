//! Exports: the five reports on one organization, as files, and proof that each was taken (EX).
//!
//! Flow: [`Taking::open`] finds the organization inside the caller's scope (EX10), leaves the
//! event that says who begins to take what, and reads the facts as of one instant; each
//! [`Taking::next`] makes some rows of them (`rows`, over `domain::report`) and bytes of the rows
//! (`sheet`). After the last row a second event says as of when the file is, how many rows it has
//! and which SHA-256 (EX9), and only then the last bytes are given away. [`verify`] finds the
//! event of a file; [`Taking::of_event`] makes the file of an event once more, to compare. [`Bundle`]
//! takes the exports of several organizations into one file (Q15).
//!
//! Invariants: the bytes depend on the facts at the instant and on nothing else. The instant of an
//! export of the present is that of its first event: the store gives every later change a later
//! one, so that an export as of T equals, byte for byte, the one that was taken at T (EX8). No
//! event, no file: what breaks off has no last bytes, and its first event stands.
//!
//! Memory: of people a name's beginning and an identifier are held, and of the people themselves
//! a batch; a pivot holds its people and marks, because its columns are known only when all of
//! them are. The order of the rows is a collation that no index of the store has.
//!
//! Rejected: reading the present (pages of it would each be of another moment), one event at the
//! end (who breaks off just before it has read almost everything, and nobody would know), and a
//! file made whole in memory before its first byte leaves.

mod bundle;
mod event;
mod facts;
mod organization;
mod rows;
mod take;
mod verify;

pub use bundle::Bundle;
pub use take::Ask;
pub use take::Taking;
pub use verify::Candidate;
pub use verify::Found;
pub use verify::candidates;
pub use verify::verify;
