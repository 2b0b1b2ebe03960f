//! Other hosts, as we find them.
//!
//! `presented` reads the certificates that a host shows over TLS; `address` says which addresses
//! may be looked at from here (SSR-01).
//!
//! Invariants: a name is resolved once, and what is connected to is the address that was checked
//! (SSR-02); time and bytes are bounded (TLS-03); failures of every kind look alike, so that
//! nobody learns from them which ports are open (SSR-03).
//!
//! Rejected: a client library that follows redirects and resolves by itself.

pub mod address;
pub mod presented;
