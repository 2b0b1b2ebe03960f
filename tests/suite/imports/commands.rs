//! The real program: with a server running and without one, and what it prints.

use std::path::Path;

use crate::command_line::Place;
use crate::command_line::said;

use super::Folder;
use super::SHEETS;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn an_import_reaches_the_running_server_and_the_store_alike() {
    let (place, _) = Place::initialised();
    let folder = Folder::of(&SHEETS);
    let words = ["import", text(folder.path()), "--organization", "ORG0001"];
    let server = place.serve();
    let foretold = place.json(&[&words[..], &["--dry-run"]].concat());
    assert_eq!((&foretold["dryRun"], &foretold["applied"]), (&true.into(), &false.into()));
    let done = place.json(&words);
    assert_eq!((&done["summary"], &done["changes"]), (&foretold["summary"], &foretold["changes"]));
    assert_eq!(server.end("-TERM").0, Some(0));
    let again = place.run(&words);
    assert_eq!((again.status.code(), said(&again).as_str()), (Some(0), ""));
    let printed = String::from_utf8(again.stdout).unwrap();
    assert!(printed.ends_with("Everything is there already; nothing was changed.\n"), "{printed}");
    assert_eq!(place.json(&["check"])["findings"], serde_json::json!([]));
    assert_eq!(place.json(&["audit", "verify"])["broken"], serde_json::json!([]));
}

#[test]
fn a_refused_import_ends_with_one_and_the_report_of_people() {
    let (place, _) = Place::initialised();
    let sheet = "userName,active\nada@x.example,perhaps\n";
    let folder = Folder::of(&[("people.csv", sheet)]);
    let file = folder.path().join("people.csv");
    let refused = place.run(&["import", text(&file), "--organization", "ORG0001"]);
    assert_eq!(refused.status.code(), Some(1));
    let golden = "\
people.csv, row 2, active: write true or false
people.csv: nothing of this file is taken.
Nothing was changed.
";
    assert_eq!(String::from_utf8(refused.stdout).unwrap(), golden);
}

#[test]
fn an_import_of_nothing_is_a_sentence() {
    let (place, _) = Place::initialised();
    let nowhere = place.run(&["import", "/no/such/place"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(said(&nowhere).contains("cannot be read"), "{}", said(&nowhere));
    let empty = Folder::of(&[]);
    let empty = place.run(&["import", text(empty.path())]);
    assert!(said(&empty).contains("people.csv"), "{}", said(&empty));
    assert_eq!(place.run(&["import"]).status.code(), Some(2));
    assert_eq!(place.run(&["import", "--sample=other"]).status.code(), Some(2));
}

#[test]
fn the_sample_is_loaded_by_one_command() {
    let (place, _) = Place::initialised();
    let server = place.serve();
    let loaded = place.json(&["import", "--sample"]);
    assert_eq!(loaded["applied"], true);
    assert_eq!(server.end("-TERM").0, Some(0));
    let report = place.json(&["import", "--sample=deactivated"]);
    assert_eq!(report["refusals"], serde_json::json!([]));
    assert_eq!(place.json(&["check"])["findings"], serde_json::json!([]));
}
