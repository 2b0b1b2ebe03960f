//! Every test that has a port, in one binary.

mod world;
