//! Access: who may see and change what.

pub mod admin;
pub mod delegation;
pub mod group;
pub mod matrix;
pub mod role;
pub mod scheduling;
