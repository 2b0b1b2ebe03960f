//! What we stand on is new enough: SUP-01 read from `Cargo.lock`, without a network.

use std::path::Path;

/// The oldest versions that carry no known flaw. Two rows for one crate: one line of versions
/// each, and the lock file may hold either.
const LEAST: [(&str, &str); 18] = [
    ("h2", "0.4.16"),
    ("rustls", "0.23.18"),
    ("rustls-webpki", "0.103.13"),
    ("aws-lc-sys", "0.39.0"),
    ("tokio-postgres", "0.7.18"),
    ("postgres-protocol", "0.6.12"),
    ("sqlx", "0.8.1"),
    ("lettre", "0.11.24"),
    ("quick-xml", "0.41.0"),
    ("idna", "1.0.0"),
    ("time", "0.3.47"),
    ("bytes", "1.11.1"),
    ("tracing-subscriber", "0.3.20"),
    ("crossbeam-channel", "0.5.15"),
    ("rand", "0.9.3"),
    ("rand", "0.10.1"),
    ("redb", "4.5.0"),
    ("hickory-proto", "0.26.1"),
];

/// Older than they should be, because nothing newer was published on the day that is named; why
/// that is borne. Goes away with the update.
const BORNE: [(&str, &str, &str); 1] = [(
    "lettre",
    "0.11.23",
    "2026-11-25: 0.11.24 is not published. `post` lets no CR, LF or NUL into a header or an \
     address (EML-01).",
)];

#[test]
fn sup01_no_crate_is_older_than_its_last_known_flaw() {
    let locked = locked();
    assert!(locked.len() > 50, "the lock file was not read");
    let old: Vec<String> = locked
        .iter()
        .filter(|(name, version)| too_old(name, version))
        .filter(|(name, version)| !BORNE.iter().any(|(n, v, _)| n == name && v == version))
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    assert!(old.is_empty(), "known flaws: {}", old.join(", "));
}

#[test]
fn sup01_what_is_borne_is_there_and_has_a_day() {
    for (name, version, why) in BORNE {
        let there = locked().iter().any(|(n, v)| n == name && v == version);
        assert!(there, "{name} {version} is borne, and is not in the lock file any more");
        assert!(why.starts_with("20") && why.as_bytes()[10] == b':', "{why}");
    }
}

#[test]
fn sup01_the_measure_itself() {
    assert!(too_old("h2", "0.4.15"));
    assert!(!too_old("h2", "0.4.16"));
    assert!(!too_old("h2", "0.10.0"));
    assert!(too_old("rand", "0.9.2"));
    assert!(!too_old("rand", "0.9.3"));
    assert!(too_old("rand", "0.10.0"));
    assert!(!too_old("unheard-of", "0.0.1"));
}

#[test]
fn sup01_rustls_is_a_stable_release_of_the_agreed_line() {
    for (_, version) in locked().iter().filter(|(name, _)| name == "rustls") {
        assert!(version.starts_with("0.23.") && !version.contains('-'), "rustls {version}");
    }
}

/// Older than the floor of its own line of versions, or than every floor.
fn too_old(name: &str, version: &str) -> bool {
    let floors: Vec<[u64; 3]> =
        LEAST.iter().filter(|(known, _)| *known == name).map(|(_, least)| numbers(least)).collect();
    let version = numbers(version);
    let line = |floor: &&[u64; 3]| floor[..2] == version[..2];
    match floors.iter().find(line).or(floors.first()) {
        Some(floor) => version < *floor,
        None => false,
    }
}

fn numbers(version: &str) -> [u64; 3] {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = plain.split('.').map(|number| number.parse().unwrap());
    [numbers.next().unwrap(), numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)]
}

fn locked() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let text = std::fs::read_to_string(path).unwrap();
    let value = |line: &str, key: &str| {
        let rest = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        rest.strip_suffix('"').map(str::to_owned)
    };
    let lines: Vec<&str> = text.lines().collect();
    lines
        .windows(2)
        .filter_map(|pair| Some((value(pair[0], "name")?, value(pair[1], "version")?)))
        .collect()
}
