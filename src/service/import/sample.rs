//! The network that comes with the program, to try things on.
//!
//! The people, rooms and ties of the manuals that the rules come from. Those show their users
//! twice, once with everybody at work and once with many switched off: two pictures, of which
//! one is loaded.

use serde::{Deserialize, Serialize};

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// Everybody is at work, with delegates and schedulers.
    Active,
    /// Seven are switched off, three have gone.
    Deactivated,
}

impl Sample {
    /// What refusals call it.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Active => "sample.json",
            Self::Deactivated => "sample-deactivated.json",
        }
    }

    /// The description.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Active => include_str!("../../../schemas/sample/active.json"),
            Self::Deactivated => include_str!("../../../schemas/sample/deactivated.json"),
        }
    }
}
