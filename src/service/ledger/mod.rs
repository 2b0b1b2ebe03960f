//! The ledger at work: who holds what, from which sources, kept in step with every change.
//!
//! ```text
//!  book      the rules of an organization, compiled, and what their words mean (places)
//!  crowd     who will be in which group, with a change laid over the store
//!  person    one who is touched: document, lines, groups; said: what the document itself says
//!  evaluate  the pure rules asked about them, and about their delegates
//!  effect    what is written: lines, schedulers, members, delegations; shown: the document
//! ```
//!
//! Flow: a change of a person comes through [`settle`], a change of a group's members or name
//! through [`follow`], both before the one commit that they are part of. What they answer is
//! written in that commit: lines of the ledger (records of their own, tied to the person), what
//! follows from them elsewhere (schedulers, delegations, members of access groups), and the
//! person's document with what is shown of it. [`anew`] works people out again for a change of
//! rules or places, [`close`] ends what an account holds.
//!
//! Invariants: whoever is touched is decided on their own record's version, so that two changes
//! of one person cannot both count on the same past; nobody who is not touched is read; the same
//! change twice writes nothing (LE5).

pub mod anew;
mod book;
pub mod brake;
mod channel;
mod chunks;
mod close;
mod crowd;
mod effect;
mod evaluate;
mod follow;
mod hands;
mod line;
mod person;
mod places;
mod progress;
mod read;
mod said;
mod settle;
mod shown;

pub use anew::holders;
pub use book::Book;
pub use book::Kept;
pub use book::Saved;
pub use book::book;
pub use book::saved;
pub use chunks::everyone;
pub use chunks::follow_place;
pub use chunks::of_rule;
pub use close::close;
pub use close::stays_off;
pub use follow::follow;
pub use hands::hands;
pub use line::Line;
pub use line::lines;
pub use line::rule_field;
pub use line::topic;
pub use line::topic_field;
pub use progress::Progress;
pub use settle::settle;

use crate::base::id::Id;
use crate::store::change::Draft;
use crate::store::change::Guard;
use crate::store::change::Write;

/// What follows from a change, for the commit that it is part of.
#[derive(Debug, Default)]
pub struct Settled {
    /// What must hold.
    pub guards: Vec<Guard>,
    /// What is written beside.
    pub writes: Vec<Write>,
    /// What the event says of it beside what was asked for; mostly empty.
    pub remark: &'static str,
}

impl Settled {
    /// Erases a record once, whoever asks for it again.
    fn erase(&mut self, id: Id) {
        if !self.writes.contains(&Write::Erase(id)) {
            self.writes.push(Write::Erase(id));
        }
    }

    /// Writes `draft` in the place of what was to be written of the same record.
    fn replace(&mut self, draft: Draft) {
        for write in &mut self.writes {
            if let Write::Create(known) | Write::Update(known) = write
                && known.id == draft.id
            {
                *known = draft;
                return;
            }
        }
        self.writes.push(Write::Update(draft));
    }
}
