//! Every test that has a port, and the guards of the house, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that goes wrong shall stop there, also inside its helper functions"
)]

mod access_groups;
mod administrator;
mod anchors;
mod answers;
mod attributes;
mod clients;
mod command_line;
mod damage;
mod events;
mod floors;
mod foreign_members;
mod hidden;
mod hostile;
mod identity;
mod imports;
mod kept_answers;
mod kill;
mod ledger;
mod logs;
mod memberships;
mod people;
mod places;
mod properties;
mod register;
mod rfc;
mod settings;
mod store_contract;
mod supply;
mod tenants;
mod tokens;
mod world;
