//! Mapping rules: written, approved, shown beforehand, carried out, removed.
//!
//! Flow: `form` reads what people write and `written` writes it; `keep` are the use cases.
//! Whatever changes a rule goes through `apply`: everyone concerned is worked out first, which can
//! be followed and cancelled; then the rule is saved, and the people are changed chunk by chunk, a
//! commit each. `preview` is the first half alone.
//!
//! Invariants: a rule is carried out by what is written in its record, and the record knows
//! whether that has been done: what a crash cut short is done again by [`upkeep`], as is what
//! begins or ends by its date. What a preview shows is what the apply writes (LE4), as long as
//! nobody changes the same people in between.
//!
//! Rejected: one commit for everybody (a hundred thousand people would hold up every push while
//! it is written).

mod apply;
mod form;
mod grants;
mod keep;
mod preview;
mod written;

pub use apply::cancel;
pub use apply::progress;
pub use apply::upkeep;
pub use keep::approve;
pub use keep::list;
pub use keep::remove;
pub use keep::save;
pub use keep::show;
pub use preview::fingerprint;
pub use preview::preview;

use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;

/// Rules are the administrators' alone: no connection reads or writes them (LE8, GRP-02).
fn governs(work: Work<'_>) -> Result<(), Error> {
    match work.caller.connection() {
        None => Ok(()),
        Some(_) => Err(Error::new(Kind::Denied, "Only an administrator may see or change rules.")),
    }
}
