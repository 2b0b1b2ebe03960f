//! The meaning: places, people, access, and the record that the store keeps of each.
//!
//! Pure types, rules and decisions. This floor knows no SCIM and no database: what an
//! organization or a scope is holds for whoever asks, over whatever protocol.
//!
//! Inner order, lowest first: `record`, `place`, `people`, `access`, `duty`, `report`.

pub mod access;
pub mod duty;
pub mod people;
pub mod place;
pub mod record;
pub mod report;
