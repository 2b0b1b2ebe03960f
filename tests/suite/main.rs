//! The proof of the house: one binary, one file per subject.

mod floors;
mod register;
mod settings;
mod supply;
