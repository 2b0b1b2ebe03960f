//! Letters: what one is, and how it leaves the house.
//!
//! [`Letter`] is plain values; `letters` writes their texts in English and French, `calendar`
//! the entry that goes with them, `message` makes the mail of it. [`Post`] carries mail: `smtp`
//! to a relay, `directory` into files (a test system's post, and the tests'), [`Nowhere`] when
//! none is set up: it fails, so that nobody believes a letter went out.
//!
//! Invariants: no CR, LF or NUL reaches a header or an address (EML-01); a relay without TLS, or
//! with a certificate that cannot be verified, gets nothing (EML-02); the Message-ID is the
//! caller's, so that a letter that is sent again after a crash can be told by its receivers.
//!
//! Rejected: a template engine (the texts are few and must be escaped), signing with DKIM (the
//! relay's work), and a pool of connections (letters are rare).

pub mod calendar;
pub mod directory;
pub mod letters;
pub mod message;
pub mod smtp;

use std::future::Future;
use std::pin::Pin;

/// The most receivers of one letter.
pub const MOST_RECEIVERS: usize = 20;

/// A letter, ready to be made a mail of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// `LOCAL@DOMAIN`, without angle brackets.
    pub message_id: String,
    /// The addresses it goes to.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same in HTML, escaped.
    pub html: String,
    /// A calendar entry: iCalendar text.
    pub calendar: Option<String>,
    /// When it is written, in seconds since 1970.
    pub written: u64,
}

/// Why a letter did not leave. For the register and the log: never a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// No post is set up.
    #[error("no post is set up: set mail.post in wardgate.toml")]
    NoPost,
    /// An address or a header cannot be used.
    #[error("{0} cannot be used: it is no plain mail address, or holds control characters")]
    Address(&'static str),
    /// It cannot be carried now; again later.
    #[error("{0}")]
    Later(String),
    /// The relay refuses it for good.
    #[error("{0}")]
    Refused(String),
}

/// How carrying ends, when it ends.
pub type Carried<'a> = Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + 'a>>;

/// The port.
pub trait Post: Send + Sync {
    /// Carries one letter; `Ok` once someone else has answered for it.
    fn send<'a>(&'a self, letter: &'a Letter) -> Carried<'a>;
}

/// The post of a house that has none.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Post for Nowhere {
    fn send<'a>(&'a self, _letter: &'a Letter) -> Carried<'a> {
        Box::pin(std::future::ready(Err(Undelivered::NoPost)))
    }
}

/// Whether an address can be written to: one `@`, something on both sides, at most 254 bytes,
/// and nothing that a header or a mail command would take for more than an address (EML-01).
pub fn usable(address: &str) -> bool {
    let plain = |letter: char| {
        !letter.is_control() && !letter.is_whitespace() && !"<>()[]\\,;:\"".contains(letter)
    };
    let parts: Vec<&str> = address.split('@').collect();
    address.len() <= 254
        && address.chars().all(plain)
        && matches!(parts.as_slice(), [local, domain] if !local.is_empty() && !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eml01_an_address_is_nothing_but_an_address() {
        for good in ["a@b", "first.last+x@northvale.example", "élise@hôpital.example"] {
            assert!(usable(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\r\nRCPT TO:<x@y>",
            "a@b\n",
            "a\0@b",
            "<a@b>",
            "a@b,c@d",
            "\"a\"@b",
            "a@b;c",
        ] {
            assert!(!usable(bad), "{bad:?}");
        }
        assert!(usable(&format!("{}@b", "a".repeat(252))));
        assert!(!usable(&format!("{}@b", "a".repeat(253))));
    }
}
