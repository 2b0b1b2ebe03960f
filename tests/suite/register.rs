//! Every id of `tests/invariants.txt` has at least one test whose name starts with it.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_invariant_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    collect(&root.join("tests"), &mut names);
    collect(&root.join("src"), &mut names);
    let text = std::fs::read_to_string(root.join("tests/invariants.txt")).unwrap();
    let ids: Vec<&str> =
        text.lines().map(str::trim).filter(|id| !id.is_empty() && !id.starts_with('#')).collect();
    let distinct: BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "an id stands twice in tests/invariants.txt");
    let missing: Vec<&str> =
        ids.into_iter().filter(|id| !names.iter().any(|name| proves(name, id))).collect();
    assert!(missing.is_empty(), "no test proves: {}", missing.join(" "));
}

#[test]
fn a_longer_id_is_another_id() {
    assert!(proves("ten01_foreign_ids_are_absent", "ten01"));
    assert!(proves("ten01", "ten01"));
    assert!(!proves("ten010_x", "ten01"));
    assert_eq!(
        tests_in("#[test]\nfn a() {}\nfn b() {}\n#[tokio::test]\nasync fn c() {}"),
        ["a", "c"]
    );
}

/// `ten01_...` or `ten01` prove `ten01`.
fn proves(name: &str, id: &str) -> bool {
    name.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// Names of functions under a `test` attribute.
fn tests_in(code: &str) -> Vec<String> {
    let mut waiting = false;
    let mut names = Vec::new();
    for line in code.lines().map(str::trim) {
        let attribute = line.starts_with("#[");
        if attribute && (line.contains("test]") || line.contains("test(")) {
            waiting = !line.starts_with("#[cfg");
        } else if waiting && !attribute && !line.starts_with("//") {
            if let Some((_, rest)) = line.split_once("fn ") {
                let end = rest.find(['(', '<']).unwrap_or(rest.len());
                names.push(rest[..end].to_owned());
            }
            waiting = false;
        }
    }
    names
}

fn collect(directory: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".venv") {
            collect(&path, names);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            names.extend(tests_in(&std::fs::read_to_string(&path).unwrap()));
        }
    }
}
