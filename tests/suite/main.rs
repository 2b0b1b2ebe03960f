//! Every test that has a port, in one binary.

mod clients;
mod tenants;
mod tokens;
mod world;
