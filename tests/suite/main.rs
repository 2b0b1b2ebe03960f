//! Every test that has a port, and the guards of the house, in one binary.

mod clients;
mod floors;
mod hostile;
mod properties;
mod register;
mod settings;
mod supply;
mod tenants;
mod tokens;
mod world;
