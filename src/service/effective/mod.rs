//! Effective access: what a person may do at an instant, and why; and who may do something.
//!
//! Flow: [`subject`] gathers what the network knew of a person at an instant: the account, the
//! access groups with their pools, restrictions, and which levels the centres want compared
//! (Q17). [`modules`], [`room`] and [`service`] answer one question each about that person, from
//! the pure functions of `domain::access`, with a derivation made of the very steps that decided.
//! [`who`] asks the same questions of everyone who could be meant, a page at a time.
//!
//! Invariants: a past instant is answered from what stood there then, groups and members too; an
//! account that is not active, or pending, has nothing, and the answer says so; the reverse
//! question never answers otherwise than the question about that person.
//!
//! `told` is the same for the command line.
//!
//! Rejected: keeping effective levels (they would have to be right in every as-of answer too),
//! and a query over levels for the reverse question (the most restrictive level of a person
//! depends on groups that do not reach the provider).

mod modules;
mod person;
mod room;
mod service;
mod told;
mod who;

pub use modules::Answer;
pub use modules::Modules;
pub use modules::full_modules;
pub use modules::modules;
pub use person::Named;
pub use person::Subject;
pub use person::find;
pub use person::subject;
pub use room::room;
pub use room::room_named;
pub use service::service;
pub use told::Asked;
pub use told::show;
pub use told::who_can;
pub use who::Goal;
pub use who::Row;
pub use who::Rows;
pub use who::who;

use crate::service::Error;
use crate::service::Kind;

/// A yes or no, and why, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the person may.
    pub may: bool,
    /// Why.
    pub why: String,
}

impl Verdict {
    fn yes(why: impl Into<String>) -> Self {
        Self { may: true, why: why.into() }
    }

    fn no(why: impl Into<String>) -> Self {
        Self { may: false, why: why.into() }
    }
}

fn missing(what: &str) -> Error {
    Error::new(Kind::NotFound, format!("There is no such {what} at that instant."))
}
