//! What `certs/` promises: anchors that can be trusted, and nothing secret anywhere.

use std::path::Path;
use std::path::PathBuf;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use wardgate::base::clock::Clock;
use wardgate::base::clock::Moment;
use wardgate::base::clock::SystemClock;
use wardgate::base::secret::Token;
use wardgate::http::certificate;

/// What git does not take: built, found or made here.
const NOT_IN_GIT: [&str; 8] =
    [".git", ".venv", "__pycache__", "artifacts", "corpus", "data", "target", "out"];

#[test]
fn every_anchor_is_a_ca_certificate_in_its_time() {
    let now = SystemClock::new().now();
    for path in files().into_iter().filter(|path| path.starts_with("certs")) {
        if path.extension().is_some_and(|ending| ending == "pem") {
            assert_eq!(objection(&read(&path), now), None, "{}", path.display());
        }
    }
}

#[test]
fn key04_no_private_key_and_no_token_is_in_the_repository() {
    let files = files();
    assert!(files.len() > 200, "the repository was not read");
    for path in files {
        let text = String::from_utf8_lossy(&read(&path)).into_owned();
        assert_eq!(secret(&text), None, "{}", path.display());
    }
    let ignored = String::from_utf8(read(Path::new(".gitignore"))).unwrap();
    for name in ["*.key", "*.key.pem", "*.redb"] {
        assert!(ignored.lines().any(|line| line == name), "{name} is not ignored");
    }
}

#[test]
fn the_measures_themselves() {
    let now: Moment = "2026-01-01T00:00:00Z".parse().unwrap();
    let ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    assert_eq!(objection(made(ca, 2030).as_bytes(), now), None);
    assert!(objection(made(ca, 2025).as_bytes(), now).unwrap().contains("time"));
    let leaf = made(rcgen::IsCa::ExplicitNoCa, 2030);
    assert!(objection(leaf.as_bytes(), now).unwrap().contains("CA"));
    assert!(objection(made(rcgen::IsCa::NoCa, 2030).as_bytes(), now).unwrap().contains("CA"));
    assert!(objection(b"no anchor", now).is_some());
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    assert_eq!(secret(&key), Some("a private key"));
    let token = Token::mint(&wardgate::base::entropy::OsEntropy).unwrap();
    assert_eq!(secret(&format!("token={};", token.expose())), Some("a token"));
}

/// Why a file is no set of anchors.
fn objection(pem: &[u8], now: Moment) -> Option<&'static str> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let all = match all {
        Ok(all) if !all.is_empty() => all,
        _ => return Some("it holds no certificate in PEM form"),
    };
    all.into_iter().find_map(|anchor| {
        let in_time = certificate::validity(&anchor)
            .is_some_and(|(begins, ends)| begins <= now && now < ends);
        if !in_time {
            return Some("its time is over, or has not come");
        }
        if !is_ca(&anchor) {
            return Some("it is not the certificate of a CA");
        }
        RootCertStore::empty().add(anchor).err().map(|_| "it cannot be an anchor")
    })
}

/// Whether the basic constraints (RFC 5280 §4.2.1.9) say `cA TRUE`.
fn is_ca(der: &[u8]) -> bool {
    const BASIC_CONSTRAINTS: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x13];
    const CRITICAL: [u8; 3] = [0x01, 0x01, 0xff];
    let Some(at) = der.windows(5).position(|window| window == BASIC_CONSTRAINTS) else {
        return false;
    };
    let value = &der[at + 5..];
    let value = value.strip_prefix(&CRITICAL).unwrap_or(value);
    matches!(value, [0x04, _, 0x30, length, 0x01, 0x01, 0xff, ..] if *length >= 3)
}

/// What a text holds that must stay outside.
fn secret(text: &str) -> Option<&'static str> {
    let marks = ["", "EC ", "RSA ", "ENCRYPTED ", "OPENSSH "];
    if marks.iter().any(|kind| text.contains(&format!("-----BEGIN {kind}PRIVATE KEY-----"))) {
        return Some("a private key");
    }
    let tokens = text.match_indices("wg_").filter_map(|(at, _)| text.get(at..at + 52));
    tokens.into_iter().any(|text| Token::parse(text).is_some()).then_some("a token")
}

fn made(is_ca: rcgen::IsCa, until: i32) -> String {
    let mut params = rcgen::CertificateParams::new(vec!["example.org".into()]).unwrap();
    params.is_ca = is_ca;
    params.not_before = rcgen::date_time_ymd(2024, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(root().join(path)).unwrap()
}

/// Every file of the repository, from its root on.
fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(root(), &mut found);
    found
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if NOT_IN_GIT.iter().any(|other| name == *other) {
            continue;
        }
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            collect(&path, found);
        } else {
            found.push(path.strip_prefix(root()).unwrap().to_path_buf());
        }
    }
}
