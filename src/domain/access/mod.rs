//! Access: who may see and change what.
//!
//! ```text
//!  who is called what    role (catalogues of words), level (modules, privilege, privacy)
//!  what is held          grant, with its sources; rule, pattern -> ledger (what rules want, and
//!                        the difference to what is held); brake (how much may go at once)
//!  what follows          effective (access groups), delegation, scheduling
//!  who may change it     admin (scopes), matrix (the administrators' tables)
//! ```
//!
//! Everything here is a function of values and an instant: what is shown beforehand, what is done
//! and what was so at a past instant are one computation.

pub mod admin;
pub mod brake;
pub mod delegation;
pub mod effective;
pub mod grant;
pub mod group;
pub mod ledger;
pub mod level;
pub mod matrix;
pub mod pattern;
pub mod role;
pub mod rule;
pub mod scheduling;
