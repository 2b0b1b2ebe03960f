//! Takes certificates out of a file: PEM, DER, or PKCS #7 in either form.
//!
//! A private key anywhere in the input refuses the whole of it. PKCS #12 is refused too, since
//! it is made to hold one. What is wrong is said without repeating any of the input.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::prelude::Pem;
use x509_parser::prelude::X509Certificate;

use crate::base::clock::Moment;
use crate::base::hex::hex;
use crate::domain::duty::certificate::Facts;
use crate::domain::duty::der::element;

/// The largest input, in bytes.
pub const MOST_BYTES: usize = 1_048_576;
/// The most certificates of one input.
pub const MOST_CERTIFICATES: usize = 32;
/// The most host names that are kept of one certificate; the rest is dropped.
pub const MOST_NAMES: usize = 100;
/// The longest subject, issuer or name that is kept, in characters; the rest is dropped.
const LONGEST_TEXT: usize = 512;

/// Why nothing was taken from the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More than [`MOST_BYTES`].
    #[error("The file is larger than 1 MiB. Hand in the certificate and its chain only.")]
    TooLarge,
    /// More than [`MOST_CERTIFICATES`].
    #[error("The file holds more than 32 certificates. Hand in one certificate and its chain.")]
    TooMany,
    /// No certificate at all.
    #[error(
        "The file holds no certificate. PEM, DER and PKCS #7 (.p7b) can be read; PEM begins with \
         a line -----BEGIN CERTIFICATE-----."
    )]
    Nothing,
    /// A private key, or something made to hold one.
    #[error(
        "The file holds a private key, and was not kept. Hand in the certificate alone, and \
         treat the key as seen if this file was sent to anyone."
    )]
    PrivateKey,
    /// PKCS #12.
    #[error(
        "The file is PKCS #12, which is made to hold a private key; it was not kept. Take the \
         certificate out first: openssl pkcs12 -in FILE -nokeys -out certificate.pem"
    )]
    Pkcs12,
    /// A certificate that cannot be understood; the number counts from 1.
    #[error("Certificate {0} of the file is damaged or no X.509 certificate.")]
    Damaged(usize),
    /// Several certificates of which none signs the other.
    #[error(
        "The file holds several certificates that do not belong to one chain. Hand them in one \
         by one."
    )]
    SeveralLeaves,
}

/// A certificate and the rest of its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The certificate itself.
    pub leaf: Facts,
    /// Those that signed it, in the order of the input.
    pub chain: Vec<Facts>,
}

/// Reads an input that holds one certificate, with or without its chain.
pub fn bundle(input: &[u8]) -> Result<Bundle, Unreadable> {
    let mut found: Vec<Facts> = Vec::new();
    for (at, der) in certificates(input)?.iter().enumerate() {
        let facts = facts(der).ok_or(Unreadable::Damaged(at.saturating_add(1)))?;
        if !found.iter().any(|one| one.fingerprint == facts.fingerprint) {
            found.push(facts);
        }
    }
    let at = leaf(&found)?;
    let leaf = found.remove(at);
    Ok(Bundle { leaf, chain: found })
}

/// The certificates of an input, as DER.
pub fn certificates(input: &[u8]) -> Result<Vec<Vec<u8>>, Unreadable> {
    if input.len() > MOST_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let found = if holds(input, b"-----BEGIN") { from_pem(input)? } else { from_der(input)? };
    match found.len() {
        0 => Err(Unreadable::Nothing),
        1..=MOST_CERTIFICATES => Ok(found),
        _ => Err(Unreadable::TooMany),
    }
}

/// Certificates as PEM.
pub fn pem(certificates: &[Vec<u8>]) -> String {
    let mut text = String::new();
    for der in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let mut width = 0_usize;
        for letter in STANDARD.encode(der).chars() {
            text.push(letter);
            width = width.saturating_add(1);
            if width.is_multiple_of(64) {
                text.push('\n');
            }
        }
        let end = if width.is_multiple_of(64) { "" } else { "\n" };
        text.push_str(end);
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

/// What a certificate in DER says of itself; `None` when it cannot be understood.
pub fn facts(der: &[u8]) -> Option<Facts> {
    let (rest, read) = X509Certificate::from_der(der).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let moment = |seconds: i64| Moment(seconds.saturating_mul(1_000_000));
    let alternative = read.subject_alternative_name().ok().flatten();
    let names = alternative.iter().flat_map(|found| &found.value.general_names);
    let names = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(short(name)),
        _ => None,
    });
    let serial = read.raw_serial();
    Some(Facts {
        subject: short(&read.subject().to_string()),
        issuer: short(&read.issuer().to_string()),
        serial: hex(serial.get(..64).unwrap_or(serial)),
        names: names.take(MOST_NAMES).collect(),
        not_before: moment(read.validity().not_before.timestamp()),
        not_after: moment(read.validity().not_after.timestamp()),
        fingerprint: hex(&Sha256::digest(der)),
        authority: read.is_ca(),
    })
}

/// Which one is not there to sign another: the one that is no authority, or of authorities the
/// one that signs none of the rest.
fn leaf(found: &[Facts]) -> Result<usize, Unreadable> {
    let plain = |at: &usize| found.get(*at).is_some_and(|one| !one.authority);
    let plain: Vec<usize> = (0..found.len()).filter(plain).collect();
    if let [only] = plain.as_slice() {
        return Ok(*only);
    }
    if !plain.is_empty() {
        return Err(Unreadable::SeveralLeaves);
    }
    let signs = |one: &Facts| {
        found
            .iter()
            .any(|other| other.fingerprint != one.fingerprint && other.issuer == one.subject)
    };
    let unused = found.iter().enumerate().filter(|(_, one)| !signs(one)).map(|(at, _)| at);
    match unused.collect::<Vec<_>>().as_slice() {
        [only] => Ok(*only),
        _ => Err(Unreadable::SeveralLeaves),
    }
}

fn from_pem(input: &[u8]) -> Result<Vec<Vec<u8>>, Unreadable> {
    // By its words first: a key whose block is damaged is still a key.
    if holds(input, b"PRIVATE KEY") {
        return Err(Unreadable::PrivateKey);
    }
    let mut found = Vec::new();
    for block in Pem::iter_from_buffer(input) {
        let block = block.map_err(|_| Unreadable::Damaged(found.len().saturating_add(1)))?;
        match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                found.push(block.contents)
            }
            "PKCS7" | "CMS" => found.extend(from_der(&block.contents)?),
            "PKCS12" => return Err(Unreadable::Pkcs12),
            _ => {}
        }
        if found.len() > MOST_CERTIFICATES {
            return Err(Unreadable::TooMany);
        }
    }
    Ok(found)
}

/// What a DER input is, told by its first elements.
fn from_der(input: &[u8]) -> Result<Vec<Vec<u8>>, Unreadable> {
    let Some((SEQUENCE, inside, _)) = element(input) else { return Err(Unreadable::Nothing) };
    let Some((first, content, rest)) = element(inside) else { return Err(Unreadable::Nothing) };
    match first {
        // PKCS #12 is a sequence with the version 3 before all else; keys have 0 or 1.
        INTEGER if content == [3] => Err(Unreadable::Pkcs12),
        INTEGER => Err(Unreadable::PrivateKey),
        OBJECT if content == SIGNED_DATA => signed(rest),
        SEQUENCE if matches!(element(rest), Some((OCTETS, _, _))) => Err(Unreadable::PrivateKey),
        SEQUENCE => Ok(vec![input.to_vec()]),
        _ => Err(Unreadable::Nothing),
    }
}

/// The certificates of a PKCS #7 signed-data (RFC 5652 §5.1).
fn signed(rest: &[u8]) -> Result<Vec<Vec<u8>>, Unreadable> {
    let Some((CONTEXT, wrapped, _)) = element(rest) else { return Err(Unreadable::Nothing) };
    let Some((SEQUENCE, mut parts, _)) = element(wrapped) else { return Err(Unreadable::Nothing) };
    let mut found = Vec::new();
    while let Some((tag, content, after)) = element(parts) {
        let mut inside = if tag == CONTEXT { content } else { &[] };
        while let Some((_, _, next)) = element(inside) {
            let whole = inside.get(..inside.len().saturating_sub(next.len())).unwrap_or_default();
            found.push(whole.to_vec());
            if found.len() > MOST_CERTIFICATES {
                return Err(Unreadable::TooMany);
            }
            inside = next;
        }
        parts = after;
    }
    Ok(found)
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const CONTEXT: u8 = 0xa0;
/// 1.2.840.113549.1.7.2
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

fn holds(input: &[u8], wanted: &[u8]) -> bool {
    input.windows(wanted.len()).any(|window| window == wanted)
}

/// Text of a certificate as it may be shown: no control characters, not without end.
fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests;
