//! Opaque page tokens: sealed so that they can be neither read nor forged (RFC 9865 §5.2).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::base::entropy::Entropy;

/// The longest token that is looked at; ours are far shorter.
pub const LONGEST: usize = 4_096;

/// Seals and opens page tokens with one key.
pub struct Sealer {
    key: LessSafeKey,
}

/// The token could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a page token could not be sealed")]
pub struct CannotSeal;

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(not shown)")
    }
}

impl Sealer {
    /// A sealer with a 256-bit key.
    pub fn new(key: &[u8; 32]) -> Result<Self, CannotSeal> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| CannotSeal)?;
        Ok(Self { key: LessSafeKey::new(key) })
    }

    /// Seals `plain` for holders of `bound` only; the result uses `A-Z a-z 0-9 - _`.
    pub fn seal(
        &self,
        plain: &[u8],
        bound: &[u8],
        chance: &dyn Entropy,
    ) -> Result<String, CannotSeal> {
        let mut nonce = [0; NONCE_LEN];
        chance.fill(&mut nonce).map_err(|_| CannotSeal)?;
        let mut body = plain.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound),
                &mut body,
            )
            .map_err(|_| CannotSeal)?;
        let mut whole = nonce.to_vec();
        whole.append(&mut body);
        Ok(URL_SAFE_NO_PAD.encode(whole))
    }

    /// Opens a token; `None` when it is not ours, was altered, or belongs to another holder.
    pub fn open(&self, token: &str, bound: &[u8]) -> Option<Vec<u8>> {
        if token.len() > LONGEST {
            return None;
        }
        let mut whole = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, body) = whole.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.key.open_in_place(nonce, Aad::from(bound), body).ok()?;
        Some(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SeededEntropy;

    #[test]
    fn pag03_no_flipped_bit_and_no_other_holder_opens_a_token() {
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let token = sealer.seal(b"position", b"holder", &SeededEntropy::new(3)).unwrap();
        assert_eq!(sealer.open(&token, b"holder").as_deref(), Some(&b"position"[..]));
        assert_eq!(sealer.open(&token, b"other"), None);
        let raw = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for bit in 0..raw.len() * 8 {
            let mut bad = raw.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(sealer.open(&URL_SAFE_NO_PAD.encode(bad), b"holder"), None);
        }
        assert_eq!(sealer.open(&"A".repeat(65_536), b"holder"), None);
    }
}
