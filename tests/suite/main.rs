//! Every test that has a port, and the guards of the house, in one binary.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and what its stage does is part of it"
)]

mod clients;
mod command_line;
mod floors;
mod register;
mod settings;
mod supply;
mod tenants;
mod tokens;
mod world;
