//! The use cases: load, decide, commit, answer.
//!
//! The only floor that holds ports and rules in one hand. A use case takes the [`Ports`], the
//! [`Caller`] and plain values; it loads what the rule needs, decides with pure functions, and
//! commits once. When the answer is `Stale` and the caller named no version, it loads and
//! decides again, three times, then reports a conflict. Nothing outside is called in between.
//!
//! Use cases do not import each other. They share the words of this door (who calls, what is
//! asked, what is answered, how it fails), `access` and `wire`, the rules of `places`, `groups` and
//! `people`, the `ledger`, what of it has effect (`effective`), the registry of `tenancy`, and what the service remembers between
//! requests (`oddities`, `walks`, `scans`). `operate`, the operator's switchboard, calls them.
//!
//! Rejected: a use case object per request (a function says the same), and errors that know
//! HTTP (only `http/problem` maps a kind to a status).

pub mod access;
mod answer;
mod asked;
mod caller;
pub mod certificates;
pub mod effective;
mod error;
pub mod export;
pub mod groups;
pub mod holds;
pub mod import;
mod lanes;
pub mod ledger;
pub mod oddities;
pub mod operate;
pub mod overview;
pub mod people;
pub mod places;
mod ports;
mod precondition;
mod progress;
pub mod provision;
mod reminding;
pub mod rules;
mod scans;
pub mod search;
pub mod tenancy;
mod walks;
pub mod wire;

pub use answer::Answer;
pub use answer::Success;
pub use asked::Asked;
pub use caller::Caller;
pub use caller::Identity;
pub use error::Error;
pub use error::Kind;
pub use lanes::Lanes;
pub use ports::Ports;
pub use ports::Settings;
pub use ports::Work;
pub use precondition::MOST_TAGS;
pub use precondition::Precondition;
pub use precondition::Tags;
pub use progress::Progress;
pub use progress::Stage;
pub use progress::Turn;
pub use reminding::Reminding;
pub use scans::Scans;
pub use walks::Walks;

pub use crate::store::change::Action;
pub use crate::store::change::Door;
