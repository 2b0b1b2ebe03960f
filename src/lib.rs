//! Wardgate, a SCIM 2.0 provisioning gateway for a health network: the floor plan.
//!
//! ```text
//!  6  app        builds everything, starts it, stops it in order            <- main.rs calls only this
//!  5  config     reads one file strictly, hands each floor its settings
//!  4  http       the doors people knock on       jobs      the clock on the wall
//!  3  service    the use cases: load, decide, commit, answer
//!  2  store      what is remembered, and since when    upstream   other hosts    post   letters
//!  1  scim       protocol      sheet    CSV dialect    domain   the meaning    (pure: no I/O,
//!                                                                             no clock, no async)
//!  0  base       clock, chance, ids, secrets, page tokens
//! ```
//!
//! The one rule: import only from a lower floor. `tests/suite/floors.rs` reads every path and
//! fails on an arrow that points up or across.

pub mod app;
pub mod base;
pub mod config;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod post;
pub mod scim;
pub mod service;
pub mod sheet;
pub mod store;
pub mod upstream;
