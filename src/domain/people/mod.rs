//! People: who they are, whether they may sign in, and where they work.
//!
//! `account` is a person and the account that a person may have; `status` says from five stored
//! moments and the time whether the account is active, disabled, dormant or closed; `assignment`
//! is the set of places where a person works, one role at each and one default.
//!
//! Flow: the service reads the stored facts, calls a transition (`facts.disabled(now)`) or an
//! operation (`assignments.add(…)`), and writes what comes back with the remarks as its event.
//! Nothing here is changed in place, so a decision that loses a race is made again from new facts.
//!
//! Invariants: status is a function of facts and time and is never stored (US2); closing ends
//! every grant and touches no other fact, which is why undoing it restores exactly what was
//! (US4, US8); disabling ends none (US5); a set of assignments has one role per place and one
//! default unless it is empty (AS2, AS3).
//!
//! Rejected: a stored status that a nightly duty turns to dormant. It would be wrong between two
//! runs, and every as-of answer would depend on when the duty ran.

pub mod account;
pub mod assignment;
pub mod status;
