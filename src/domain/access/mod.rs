//! Access: who may see and change what.

pub mod admin;
pub mod group;
