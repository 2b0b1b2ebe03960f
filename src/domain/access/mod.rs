//! Access: who may see and change what.

pub mod admin;
pub mod brake;
pub mod effective;
pub mod grant;
pub mod group;
pub mod ledger;
pub mod level;
pub mod pattern;
pub mod rule;
