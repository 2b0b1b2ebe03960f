//! Places: organizations and what lies in them.

pub mod organization;
