//! Patterns: which pushed groups a rule is about, and what it takes from their names.
//!
//! Flow: a [`Matcher`] is compiled when its rule is saved, with the position of a mistake in the
//! sentence, and never again per push. A match gives [`Captures`]; a [`Phrase`] such as
//! `ORG{org}` is filled with them.
//!
//! Invariants: a match is of the whole name, so that a short pattern cannot catch a longer name
//! by accident; matching takes linear time whatever the pattern; what was captured is data and is
//! looked up as it stands, it is never read as a pattern or as a phrase again.
//!
//! Rejected: searching inside names (a rule for `ED` would have matched `Retired`), and engines
//! with back-references (one name could then cost minutes).

mod matcher;
mod phrase;

pub use matcher::{Captures, Compiled, Matcher, PatternError};
pub use phrase::{Phrase, PhraseError};
