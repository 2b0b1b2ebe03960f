//! `wardgate export`: files that are whole, never over another, the same with and without a
//! server; and which export a file is.

use std::path::Path;
use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use crate::command_line::Place;
use crate::command_line::said;

const HEADER: &str = "\"First Name\",\"Last Name\",\"Email Address\",\"Profession\",\"Service\",\
                      \"Credential\",\"Status\"\r\n";

fn export(place: &Place, words: &[&str]) -> Output {
    place.run(&[&["export"], words, &["--organization", "ORG0001"]].concat())
}

/// The one file in a directory.
fn only(directory: &Path) -> PathBuf {
    let files = std::fs::read_dir(directory).unwrap();
    let files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.into_iter().next().unwrap()
}

#[test]
fn ex4_an_organization_with_nothing_gives_the_header_row() {
    let (place, _) = Place::initialised();
    let printed = export(&place, &["users", "--output", "-"]);
    assert_eq!(String::from_utf8_lossy(&printed.stdout), HEADER);
    assert!(said(&printed).contains(": 0 rows, 0 neutralised cells, SHA-256 "));
    let marked = export(&place, &["users", "--output", "-", "--bom"]);
    assert_eq!(String::from_utf8_lossy(&marked.stdout), format!("\u{feff}{HEADER}"));
}

#[test]
fn a_file_has_its_own_name_and_is_never_written_over() {
    let (place, _) = Place::initialised();
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path().to_str().unwrap();
    let done = export(&place, &["scheduling", "--output", here, "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    let file = only(directory.path());
    let name = file.file_name().unwrap().to_str().unwrap();
    assert_eq!(told["file"], name);
    assert!(name.starts_with("Room_Based_System_Scheduling_ORG0001_") && name.ends_with(".csv"));
    let mine = directory.path().join("mine.csv");
    std::fs::write(&mine, "kept").unwrap();
    let words = ["scheduling", "--output", mine.to_str().unwrap()];
    let refused = export(&place, &words);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("was not touched"), "{}", said(&refused));
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "kept");
    let forced = export(&place, &[&words[..], &["--force"]].concat());
    assert_eq!(forced.status.code(), Some(0), "{}", said(&forced));
    assert_eq!(std::fs::read(&mine).unwrap(), std::fs::read(&file).unwrap());
    std::fs::remove_file(&mine).unwrap();
    // Nothing half is left beside them.
    only(directory.path());
}

#[test]
fn ex8_as_of_is_the_same_with_and_without_a_server() {
    let (place, _) = Place::initialised();
    let directory = tempfile::tempdir().unwrap();
    let first = directory.path().join("first.csv");
    let words = ["users", "--json", "--output", first.to_str().unwrap()];
    let told: Value = serde_json::from_slice(&export(&place, &words).stdout).unwrap();
    let at = told["as_of"].as_str().unwrap().to_owned();
    let server = place.serve();
    let printed = export(&place, &["users", "--as-of", &at, "--output", "-"]);
    assert_eq!(printed.status.code(), Some(0), "{}", said(&printed));
    assert_eq!(printed.stdout, std::fs::read(&first).unwrap());
    for (words, needle) in [
        (vec!["users", "--as-of", "2999-01-01T00:00:00Z"], "has passed"),
        (vec!["users", "--as-of", "1999-01-01T00:00:00Z"], "Nothing is known"),
        (vec!["users", "--as-of", "yesterday"], "RFC 3339"),
    ] {
        let refused = export(&place, &words);
        assert_eq!(refused.status.code(), Some(1));
        assert!(said(&refused).contains(needle), "{}", said(&refused));
    }
    assert_eq!(export(&place, &["everybody"]).status.code(), Some(2));
    let other = place.run(&["export", "users", "--organization", "ORG0404"]);
    assert_eq!(other.status.code(), Some(1));
    assert_eq!(server.end("-TERM").0, Some(0));
}

#[test]
fn ex9_a_file_is_known_by_its_hash_or_told_where_it_differs() {
    let (place, _) = Place::initialised();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("users.csv");
    let path = file.to_str().unwrap();
    assert_eq!(export(&place, &["users", "--output", path]).status.code(), Some(0));
    let known = place.run(&["export", "verify", path]);
    assert_eq!(known.status.code(), Some(0), "{}", said(&known));
    let text = String::from_utf8_lossy(&known.stdout).into_owned();
    assert!(text.contains("users as of ") && text.contains("SHA-256"), "{text}");
    std::fs::write(&file, format!("{HEADER}\"Mallory\"\r\n")).unwrap();
    let server = place.serve();
    let changed = place.run(&["export", "verify", path]);
    assert_eq!(changed.status.code(), Some(1), "{}", said(&changed));
    let text = String::from_utf8_lossy(&changed.stdout).into_owned();
    assert!(text.contains("line 2 is the first that differs"), "{text}");
    assert!(text.contains("(there is no such line)") && text.contains("Mallory"), "{text}");
    std::fs::write(&file, "something else").unwrap();
    let none = place.run(&["export", "verify", path]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stdout).contains("the one of none"));
    assert_eq!(server.end("-TERM").0, Some(0));
}
