//! The smallest form of what fuzzing and random histories found, each with its cause.
