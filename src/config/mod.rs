//! One strict file and a few environment variables become the settings of each floor.
//!
//! Flow: [`environment::Environment`] is read once, [`source::load`] finds and parses
//! `wardgate.toml` ([`file::File`], unknown keys refused), the environment goes over the file, the
//! command line over both, [`limits`] checks the sum, and each floor is handed its own
//! `Settings`. Every complaint is one plain sentence with the file, the line and the key.
//!
//! Invariants: the default file and `deploy/wardgate.toml` show the same keys; no setting is
//! read anywhere else; no setting can lift a hard limit.
//!
//! Rejected: reading the environment where a value is needed (nobody can list what counts), and
//! optional keys without a written default (an example could not show them; `""` means
//! "worked out").

pub mod environment;
pub mod file;
pub mod limits;
pub mod quantity;
pub mod source;

/// What is wrong with a setting: one sentence for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSetting(pub String);
