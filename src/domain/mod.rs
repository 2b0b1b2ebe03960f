//! The meaning: places, people, access, and the record that the store keeps of each.
//!
//! Pure types, rules and decisions. This floor knows no SCIM and no database, so that the
//! console, the exports and the sync do not speak protocol to each other.
//!
//! Inner order, lowest first: `record`, `place`, `people`, `access`.

pub mod access;
pub mod people;
pub mod place;
pub mod record;
