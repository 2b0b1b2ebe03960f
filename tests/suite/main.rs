//! Every test that has a port, and the guards of the house, in one binary.

mod clients;
mod attributes;
mod floors;
mod identity;
mod memberships;
mod register;
mod rfc;
mod settings;
mod supply;
mod tenants;
mod tokens;
mod world;
