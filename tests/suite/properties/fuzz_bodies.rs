//! The fuzz targets without a fuzzer: every body over its seeds, and over mutations of them.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;

use crate::properties;
use crate::properties::Dice;

#[path = "../../../fuzz/bodies/mod.rs"]
#[expect(clippy::expect_used, reason = "the stage of the targets is built or there is none")]
mod bodies;

/// Words that a blind mutation would take long to find.
const WORDS: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"[",
    b"]",
    b"(",
    b")",
    b"{",
    b"}",
    b" eq ",
    b" pr",
    b" and ",
    b"not ",
    b"null",
    b"true",
    b"\"value\"",
    b".value",
    b"urn:",
    b"emails",
    b"members",
    b"bulkId:",
    b"\\ud83d",
    b"\xc3\x85",
    b"W/",
    b"9223372036854775808",
];

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// A seed with a few bytes changed, cut, doubled, or replaced by a word or a piece of another.
fn mutated(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = dice.pick(seeds).clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(12)).min(bytes.len());
        let other = dice.pick(seeds);
        let piece: Vec<u8> = match dice.below(6) {
            0 => Vec::new(),
            1 => vec![dice.below(256).try_into().unwrap()],
            2 => dice.pick(&WORDS).to_vec(),
            3 => bytes[at..end].repeat(2),
            4 => {
                let from = dice.below(other.len() + 1);
                let to = (from + dice.below(40)).min(other.len());
                other[from..to].to_vec()
            }
            _ => dice.pick(&WORDS).repeat(1 + dice.below(40)),
        };
        let stays = if dice.one_in(2) { at } else { end };
        bytes.splice(at..stays, piece);
    }
    bytes
}

fn hunt(target: &str) {
    let seeds = seeds(target);
    assert!(!seeds.is_empty(), "{target} has no seeds");
    let mut dice = Dice::new(target.len() as u64);
    let tries = properties::times("WARDGATE_FUZZ", 2_000);
    let mutations = (0..tries).map(|_| mutated(&mut dice, &seeds));
    for bytes in seeds.iter().cloned().chain(mutations) {
        let ran = catch_unwind(AssertUnwindSafe(|| bodies::run(target, &bytes)));
        assert!(ran.is_ok(), "{target} fails on {:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn fuzz_filter() {
    hunt("filter");
}

#[test]
fn fuzz_patch_path() {
    hunt("patch_path");
}

#[test]
fn fuzz_patch_apply() {
    hunt("patch_apply");
}

#[test]
fn fuzz_resource_json() {
    hunt("resource_json");
}

#[test]
fn fuzz_bulk() {
    hunt("bulk");
}

#[test]
fn fuzz_cursor() {
    hunt("cursor");
}

#[test]
fn fuzz_etag_header() {
    hunt("etag_header");
}

#[test]
fn fuzz_every_target_has_a_test_and_a_bin() {
    let read = |path: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
    };
    let (here, manifest) = (read("tests/suite/properties/fuzz_bodies.rs"), read("fuzz/Cargo.toml"));
    for (name, _) in bodies::ALL {
        assert!(here.contains(&format!("hunt(\"{name}\")")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
