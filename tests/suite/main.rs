//! Every test that has a port, and the guards of the house, in one binary.

mod floors;
mod register;
mod settings;
mod supply;
mod world;
