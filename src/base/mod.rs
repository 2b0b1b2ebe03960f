//! The ground: time, chance, identifiers, secrets, page tokens; and bytes as text.
//!
//! Everything above takes these as arguments. A clock or a random number drawn from the air
//! would make a test depend on the day it runs, so the lints in `.clippy.toml` forbid it; the
//! two adapters in this floor are the only exceptions.
//!
//! Rejected: a global clock with a test switch (hidden state decides order), and `rand` (we draw
//! bytes for identifiers and keys only, and the operating system gives those).

pub mod clock;
pub mod entropy;
pub mod hex;
pub mod id;
pub mod page_token;
pub mod secret;
