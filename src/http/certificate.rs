//! A certificate chain and its key, read from files and judged before anyone sees them (TLS-04).

use std::fs::File;
use std::io;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustls::SignatureAlgorithm;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;

use crate::base::clock::Moment;
use crate::domain::duty::der::element;

/// The shortest public key information of an RSA key of 2048 bits, in bytes of DER.
const SHORTEST_RSA: usize = 290;

/// Modes that a key file must not have: open to others, or writable for its group. Its group may
/// read it: that is how certificate managers share keys (KEY-01).
pub const LOOSE: u32 = 0o037;

/// Why a pair is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// A file could not be read.
    #[error("the {0} file cannot be read: {1}")]
    File(&'static str, io::Error),
    /// The key is not its owner's alone.
    #[error("the key file is open to others, or its group may write it; set its mode to 600")]
    Loose,
    /// A file holds no such thing in PEM.
    #[error("the {0} file holds none in PEM form")]
    Empty(&'static str),
    /// The key is of no kind that we use, or belongs to another certificate.
    #[error("the key cannot be used with the certificate: {0}")]
    Key(#[from] rustls::Error),
    /// RSA below 2048 bits, or an elliptic curve below 256.
    #[error("the key is too weak: RSA needs 2048 bits, elliptic curves 256")]
    Weak,
    /// The certificate could not be understood.
    #[error("the certificate is malformed")]
    Malformed,
    /// Its time is over.
    #[error("the certificate ended at {0}")]
    Expired(Moment),
    /// Its time has not come.
    #[error("the certificate begins at {0}")]
    Early(Moment),
}

/// A pair that may be shown to clients.
#[derive(Debug)]
pub struct Pair {
    /// Chain and key.
    pub certified: CertifiedKey,
    /// When the first certificate of the chain ends.
    pub ends: Moment,
}

/// Reads and judges the pair in two PEM files.
pub fn read(
    chain: &Path,
    key: &Path,
    provider: &CryptoProvider,
    now: Moment,
) -> Result<Pair, Unfit> {
    let chain = std::fs::read(chain).map_err(|error| Unfit::File("certificate", error))?;
    let key = read_key(key)?;
    judge(&chain, &key, provider, now)
}

/// Reads a key, if the file that is opened is nobody else's.
fn read_key(path: &Path) -> Result<Vec<u8>, Unfit> {
    let broken = |error| Unfit::File("key", error);
    let mut file = File::open(path).map_err(broken)?;
    if file.metadata().map_err(broken)?.permissions().mode() & LOOSE != 0 {
        return Err(Unfit::Loose);
    }
    let mut key = Vec::new();
    file.read_to_end(&mut key).map_err(broken)?;
    Ok(key)
}

/// Judges a pair in PEM.
pub fn judge(
    chain: &[u8],
    key: &[u8],
    provider: &CryptoProvider,
    now: Moment,
) -> Result<Pair, Unfit> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(|_| Unfit::Empty("certificate"))?;
    let leaf = chain.first().ok_or(Unfit::Empty("certificate"))?;
    let (begins, ends) = validity(leaf).ok_or(Unfit::Malformed)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| Unfit::Empty("key"))?;
    let certified = CertifiedKey::from_der(chain, key, provider)?;
    let public = certified.key.public_key().ok_or(Unfit::Weak)?;
    if certified.key.algorithm() == SignatureAlgorithm::RSA && public.len() < SHORTEST_RSA {
        return Err(Unfit::Weak);
    }
    if now >= ends {
        return Err(Unfit::Expired(ends));
    }
    if now < begins {
        return Err(Unfit::Early(begins));
    }
    Ok(Pair { certified, ends })
}

/// From when to when a certificate holds (RFC 5280 §4.1.2.5).
pub fn validity(certificate: &[u8]) -> Option<(Moment, Moment)> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    let (_, whole, _) = element(certificate)?;
    let (_, mut rest, _) = element(whole)?;
    let (tag, _, after) = element(rest)?;
    if tag == VERSION {
        rest = after;
    }
    // Serial number, signature algorithm, issuer.
    for _ in 0..3 {
        (_, _, rest) = element(rest)?;
    }
    let (tag, span, _) = element(rest)?;
    let (begins, first, rest) = element(span).filter(|_| tag == SEQUENCE)?;
    let (ends, last, _) = element(rest)?;
    Some((time(begins, first)?, time(ends, last)?))
}

/// `YYMMDDHHMMSSZ` (tag 23, years 1950 to 2049) or `YYYYMMDDHHMMSSZ` (tag 24).
fn time(tag: u8, text: &[u8]) -> Option<Moment> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let text = match tag {
        23 if text.get(..2)? < "50" => format!("20{text}"),
        23 => format!("19{text}"),
        24 => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::CertificateParams;
    use rcgen::KeyPair;

    fn made(key: &KeyPair, first: i32, last: i32) -> String {
        let mut params = CertificateParams::new(vec!["example.org".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(first, 1, 1);
        params.not_after = rcgen::date_time_ymd(last, 1, 1);
        params.self_signed(key).unwrap().pem()
    }

    fn judged(chain: &str, key: &KeyPair, now: &str) -> Result<Moment, String> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let key = key.serialize_pem();
        judge(chain.as_bytes(), key.as_bytes(), &provider, now.parse().unwrap())
            .map(|pair| pair.ends)
            .map_err(|unfit| unfit.to_string())
    }

    #[test]
    fn tls04_a_pair_is_taken_only_in_its_time() {
        let key = KeyPair::generate().unwrap();
        let chain = made(&key, 2025, 2055);
        let ends: Moment = "2055-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(judged(&chain, &key, "2026-01-01T00:00:00Z"), Ok(ends));
        assert!(judged(&chain, &key, "2055-01-01T00:00:00Z").unwrap_err().contains("ended"));
        assert!(judged(&chain, &key, "2024-12-31T23:59:59Z").unwrap_err().contains("begins"));
    }

    #[test]
    fn tls04_a_foreign_key_and_broken_files_are_refused() {
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let chain = made(&key, 2025, 2030);
        assert!(judged(&chain, &other, "2026-01-01T00:00:00Z").is_err());
        assert!(judged("", &key, "2026-01-01T00:00:00Z").unwrap_err().contains("none"));
        assert_eq!(validity(&[0x30, 0x82, 0xff]), None);
        assert_eq!(validity(&[]), None);
    }
}
