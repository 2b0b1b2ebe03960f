//! Secrets that do not print, and bearer tokens.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::base::entropy::Entropy;
use crate::base::entropy::NoEntropy;

/// A bearer token: `wg_`, 43 characters that carry 256 random bits, 6 characters of checksum.
///
/// The fixed prefix and the checksum let scanners find a leaked token and let us refuse a
/// mistyped one without touching the store (AUT-04). It is shown once and kept as a hash.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

/// SHA-256 of a token: what is stored, and what a presented token is looked up by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fingerprint(pub [u8; 32]);

const PREFIX: &str = "wg_";
const LENGTH: usize = 52;
const CHECKSUM_AT: usize = 46;

impl Token {
    /// Draws a new token.
    pub fn mint(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut bits = Zeroizing::new([0; 32]);
        entropy.fill(bits.as_mut())?;
        let mut text = Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits.as_ref())));
        let sum = checksum(&text);
        text.push_str(&sum);
        Ok(Self(text))
    }

    /// Takes a presented token if its prefix, length and checksum are right.
    pub fn parse(text: &str) -> Option<Self> {
        let (body, sum) = text.split_at_checked(CHECKSUM_AT)?;
        let whole = text.len() == LENGTH && text.starts_with(PREFIX);
        let right = bool::from(checksum(body).as_bytes().ct_eq(sum.as_bytes()));
        (whole && right).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for the one answer that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The hash under which the token is kept.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

impl Fingerprint {
    /// The hash of a presented text, whatever it is: whoever holds a live hash needs no second
    /// look at the form of the text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Equality in constant time (AUT-07).
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(not shown)")
    }
}

fn checksum(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    let mut text = URL_SAFE_NO_PAD.encode(digest);
    text.truncate(LENGTH - CHECKSUM_AT);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SeededEntropy;

    #[test]
    fn aut04_a_token_has_a_pattern_and_a_checksum() {
        let token = Token::mint(&SeededEntropy::new(7)).unwrap();
        let text = token.expose().to_owned();
        assert_eq!(text.len(), LENGTH);
        assert!(text.starts_with(PREFIX));
        assert_eq!(Token::parse(&text).unwrap().fingerprint(), token.fingerprint());
        let mut wrong = text.clone();
        wrong.replace_range(10..11, if &text[10..11] == "A" { "B" } else { "A" });
        assert!(Token::parse(&wrong).is_none());
        assert!(Token::parse("").is_none());
        assert!(Token::parse("wg_é").is_none());
    }

    #[test]
    fn log01_a_token_does_not_print() {
        let token = Token::mint(&SeededEntropy::new(7)).unwrap();
        assert!(!format!("{token:?}").contains(&token.expose()[3..]));
    }
}
