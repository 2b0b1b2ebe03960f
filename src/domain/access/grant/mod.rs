//! Grants: what a person holds, and from which sources.
//!
//! Flow: rules, core `roles[]` and `entitlements[]` values and the Compact texts all come to the
//! same [`Grant`]: they are words first, and [`Places`] turns words into ids, or says why not. A
//! [`Held`] is a grant with its sources; it exists while one of them holds (LE1, LE2).
//!
//! Invariants: every word that came from outside is looked up, never trusted; a word that was
//! captured from a name, or sent by a connection, reaches only the organizations its [`Reach`]
//! names; a word that is not known is a reason, never a panic and never a wider grant.
//!
//! Rejected: a flag `default` on the assignment (two sources may wish for two defaults, and each
//! must end with its own source; the default is a grant of its own), and one type of grant per
//! channel.

mod compact;
mod core;
mod held;
mod places;

pub use compact::{AssignmentText, CompactError, DelegateOfText, Fault, Said};
pub use compact::{print_assignments, print_delegate_of, print_words};
pub use compact::{read_assignments, read_delegate_of, read_flag, read_word, read_words};
pub use core::{CoreValue, NotCore};
pub use held::{Grant, Held, Source};
pub use places::{Bookable, Catalogue, Delegator, JoinedGroup, Location, Places, Reach, Role};
pub use places::{Unresolved, key};
