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

/// Every row of `tests/rfc-rows.txt` stands in the name of a test that begins with `rfc_`.
#[test]
fn every_row_of_the_texts_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    collect(&root.join("tests"), &mut names);
    collect(&root.join("src"), &mut names);
    let proved: BTreeSet<String> = names.iter().flat_map(|name| rows(name)).collect();
    let text = std::fs::read_to_string(root.join("tests/rfc-rows.txt")).unwrap();
    let wanted = text.lines().map(str::trim).filter(|row| !row.is_empty() && !row.starts_with('#'));
    let missing: Vec<&str> = wanted.filter(|row| !proved.contains(*row)).collect();
    assert!(missing.is_empty(), "no test proves: {}", missing.join(" "));
}

/// Every line of `tests/client-rules.txt` stands in the name of a test: `idp36_idp37_x`.
#[test]
fn every_requirement_of_the_providers_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    collect(&root.join("tests"), &mut names);
    collect(&root.join("src"), &mut names);
    let proved: BTreeSet<String> = names.iter().flat_map(|name| numbered(name)).collect();
    let text = std::fs::read_to_string(root.join("tests/client-rules.txt")).unwrap();
    let wanted = text.lines().map(str::trim).filter(|row| !row.is_empty() && !row.starts_with('#'));
    let missing: Vec<&str> = wanted.filter(|row| !proved.contains(*row)).collect();
    assert!(missing.is_empty(), "no test proves: {}", missing.join(" "));
}

/// The rows in a test's name: `rfc_pat31_pat32_x` and `rfc_dsc35_to_dsc42_x`.
fn rows(name: &str) -> BTreeSet<String> {
    name.strip_prefix("rfc_").map(numbered).unwrap_or_default()
}

/// The rows among the words of a name.
fn numbered(words: &str) -> BTreeSet<String> {
    let words: Vec<&str> = words.split('_').collect();
    let mut found = BTreeSet::new();
    for (place, word) in words.iter().enumerate() {
        let Some((area, last)) = row(word) else { continue };
        let before = place.checked_sub(2).filter(|_| words[place - 1] == "to");
        let first = before.and_then(|place| row(words[place])).filter(|(from, _)| *from == area);
        let first = first.map_or(last, |(_, first)| first);
        found.extend((first..=last).map(|number| format!("{area}{number:02}")));
    }
    found
}

/// Letters, then two digits.
fn row(word: &str) -> Option<(&str, u32)> {
    let digits = word.len().checked_sub(2)?;
    let (area, number) = word.split_at_checked(digits)?;
    let letters = !area.is_empty() && area.bytes().all(|byte| byte.is_ascii_lowercase());
    number.parse().ok().filter(|_| letters).map(|number| (area, number))
}

#[test]
fn a_row_is_read_from_a_name_alone_and_in_a_range() {
    let read = |name| rows(name).into_iter().collect::<Vec<_>>();
    assert_eq!(read("rfc_pat31_pat33_gone"), ["pat31", "pat33"]);
    assert_eq!(read("rfc_dsc35_to_dsc37_facts"), ["dsc35", "dsc36", "dsc37"]);
    assert!(rows("ten01_rfc_pat31").is_empty());
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

/// Ids of the rows that an outside tool reports: `row("HTP-01", ...` proves `htp01`.
fn outside(code: &str) -> Vec<String> {
    let ids = code.split("row(\"").skip(1).filter_map(|rest| rest.split_once('"'));
    ids.map(|(id, _)| id.to_lowercase().replace('-', "")).collect()
}

fn collect(directory: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".venv") {
            collect(&path, names);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            names.extend(tests_in(&std::fs::read_to_string(&path).unwrap()));
        } else if path.extension().is_some_and(|ending| ending == "py") {
            names.extend(outside(&std::fs::read_to_string(&path).unwrap()));
        }
    }
}
