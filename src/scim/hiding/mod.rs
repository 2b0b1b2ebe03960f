//! A resource type, and its documents, for somebody who may not see all of it.
//!
//! What is hidden is cut out of the type itself ([`without`]): filters, sorting, projections,
//! paths and bodies are then read against the smaller type, and a hidden attribute gets the
//! answer of one that does not exist, whatever its spelling. `document` cuts documents to the
//! same size before anyone looks at them, and puts back what was cut before they are kept.
//!
//! Invariants: nothing that is hidden takes part in a decision; nothing that is hidden is lost.
//!
//! Rejected: a list of hidden names that each reader of paths compares with (every spelling and
//! every new reader is one more place to forget it).

mod document;
mod part;

pub use document::restored;
pub use document::visible;
pub use part::Part;
pub use part::known;
pub use part::without;
