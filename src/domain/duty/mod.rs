//! Duties: what must be done before a day comes.
//!
//! Today one: whoever owns a certificate is told before it ends. `certificate` is what the
//! register knows of one, `read` takes it out of a file (`der`: what that is made of), `reminder` says which letter is due.
//!
//! Invariants: CE1 to CE7 of the domain page. A private key never gets past `read`. Reading
//! garbage answers an error, never a panic.
//!
//! Rejected: an own parser for certificates (a kept one is fuzzed by others), reading PKCS #12
//! (it is the container of a private key; `openssl pkcs12 -nokeys` takes the rest out), and a
//! list of sent letters inside the certificate (two processes could both write it; a claim of
//! its own is guarded by the store).

pub mod certificate;
pub mod der;
pub mod read;
pub mod reminder;
