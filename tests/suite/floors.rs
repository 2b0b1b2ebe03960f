//! The floors hold: every path in `src` points down, rooms are small and well named.
//!
//! Reads text with the standard library only. `#[cfg(test)]` tails are cut off first.
//!
//! Inside `domain` the order is `record`, `place`, `people`, `access`, `duty`, `report`:
//! `record` lies lowest, because a scope is made of partitions, and a partition says whose a
//! record is.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

/// Every room of the ground plan with its floor. Rooms of one floor do not know each other.
const FLOORS: [(&str, u8); 13] = [
    ("base", 0),
    ("scim", 1),
    ("sheet", 1),
    ("domain", 1),
    ("store", 2),
    ("upstream", 2),
    ("post", 2),
    ("service", 3),
    ("http", 4),
    ("jobs", 4),
    ("config", 5),
    ("app", 6),
    ("main", 7),
];
/// `domain`, lowest first.
const DOMAIN: [&str; 6] = ["record", "place", "people", "access", "duty", "report"];
/// What use cases share.
const SHARED: [&str; 9] =
    ["access", "effective", "groups", "ledger", "oddities", "people", "places", "tenancy", "wire"];
/// Faces of `http` that do not know each other.
const FACES: [&str; 3] = ["scim", "api", "console"];
/// Names that say nothing.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "helpers", "helper", "common", "misc", "types"];
/// Lines of code in one file, tests cut off, blank lines and comments included.
const LINES: usize = 400;

#[derive(Debug)]
struct Room {
    path: PathBuf,
    /// `service::access::connection`
    name: Vec<String>,
    code: String,
}

#[test]
fn paths_point_down() {
    let mut wrong = String::new();
    for room in rooms() {
        let above = room.name.split_last().map_or(&[][..], |(_, above)| above);
        let near = paths(&room.code, "super::").into_iter().map(|path| [above, &path].concat());
        let own = paths(&room.code, "wardgate::").into_iter().filter(|_| room.name[0] == "main");
        for path in paths(&room.code, "crate::").into_iter().chain(near).chain(own) {
            if let Some(why) = objection(&room.name, &path) {
                let (file, path) = (room.path.display(), path.join("::"));
                let _ = writeln!(wrong, "{file}: {path}: {why}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn arrows_are_visible() {
    let mut wrong = String::new();
    for room in rooms() {
        for bad in ["crate::{", "crate::*", "super::super"] {
            if room.code.contains(bad) {
                let _ = writeln!(wrong, "{}: {bad}", room.path.display());
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn crates_are_named_from_their_floor_up() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let lowest = dependencies(&std::fs::read_to_string(manifest).unwrap());
    assert!(lowest.len() > 20, "the manifest was not read");
    let mut wrong = String::new();
    for room in rooms() {
        let here = floor(&room.name[0]);
        for (name, least) in &lowest {
            if here.is_some_and(|here| here < *least) && names_crate(&room.code, name) {
                let _ = writeln!(wrong, "{}: {name} is for higher floors", room.path.display());
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn rooms_are_small_and_named() {
    let mut wrong = String::new();
    for room in rooms() {
        let lines = room.code.lines().count();
        if lines > LINES {
            let _ = writeln!(wrong, "{}: {lines} lines of code", room.path.display());
        }
        if let Some(name) = room.name.iter().find(|name| EMPTY_NAMES.contains(&name.as_str())) {
            let _ = writeln!(wrong, "{}: {name} says nothing", room.path.display());
        }
        if !room.code.starts_with("//!") {
            let _ = writeln!(wrong, "{}: no door sign", room.path.display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_guard_itself_objects_to_arrows_up_and_across() {
    let objects = |from: &str, to: &str| objection(&split(from), &split(to)).is_some();
    assert!(objects("scim::filter", "service::Error"));
    assert!(objects("scim::filter", "domain::record"));
    assert!(objects("http::route", "store::Store"));
    assert!(objects("domain::place::site", "domain::access::admin"));
    assert!(objects("domain::record", "domain::place"));
    assert!(objects("service::search", "service::provision"));
    assert!(objects("service::search", "service::operate"));
    assert!(!objects("service::operate", "service::tenancy"));
    assert!(objects("service::wire::keys", "service::search"));
    assert!(objects("http::scim::read", "http::api::exports"));
    assert!(objects("base::id", "nowhere::at_all"));
    assert!(!objects("http::scim::read", "service::search"));
    assert!(!objects("service::search", "service::wire::keys"));
    assert!(!objects("service::search::page", "service::search::walk"));
    assert!(!objects("domain::access::admin", "domain::record::Partition"));
    assert!(!objects("domain::access::admin", "domain::access::group"));
    assert!(!objects("main", "app::run"));
    assert!(names_crate("use redb::Database;", "redb"));
    assert!(!names_crate("use crate::store::redb::keys;", "redb"));
    assert_eq!(
        dependencies("[dependencies]\n# store: why.\na-b = \"1\"\n\n[x]\nc = 1"),
        [("a_b".to_owned(), 2)]
    );
    let code = "use crate::a::b;\n// crate::c\n/// [`crate::d`]\nx(crate::e::F)";
    assert_eq!(paths(code, "crate::").len(), 2);
    assert_eq!(
        without_tests("a\n#[cfg(test)]\nmod tests;\nb\n#[cfg(test)]\nmod tests {\nc"),
        "a\n#[cfg(test)]\nmod tests;\nb\n"
    );
}

/// Why `from` may not name `to`.
fn objection(from: &[String], to: &[String]) -> Option<String> {
    let (here, there) = (from.first()?, to.first()?);
    let Some(high) = floor(here) else {
        // lib.rs is the plan itself and names every room.
        return (here != "lib").then(|| format!("{here} is no room of the plan"));
    };
    let Some(low) = floor(there) else {
        return Some(format!("{there} is no room of the plan"));
    };
    if here != there {
        return match (high, low) {
            (high, low) if low >= high => Some("points up or across".to_owned()),
            (4, _) if here == "http" && ["store", "upstream", "post"].contains(&there.as_str()) => {
                Some("a handler asks the service, not the store".to_owned())
            }
            (4, _) if here == "jobs" && there != "base" && there != "service" => {
                Some("jobs know base and service only".to_owned())
            }
            _ => None,
        };
    }
    let (inner, other) = (from.get(1)?.as_str(), to.get(1)?.as_str());
    match here.as_str() {
        "domain" => {
            let place = |name| DOMAIN.iter().position(|known| *known == name);
            (place(other)? > place(inner)?).then(|| "points up inside domain".to_owned())
        }
        "service" if inner != other && module(other) && !SHARED.contains(&other) => {
            // `operate` is the switchboard of the operator's commands: it calls use cases, none
            // calls it.
            let may = inner == "mod" || inner == "operate";
            (!may).then(|| "use cases do not know each other".to_owned())
        }
        "http" if inner != other && FACES.contains(&inner) && FACES.contains(&other) => {
            Some("faces do not know each other".to_owned())
        }
        _ => None,
    }
}

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(room, _)| *room == name).map(|(_, floor)| *floor)
}

/// The crates of the manifest, each with the floor of the group it stands in: `# store: why`.
fn dependencies(manifest: &str) -> Vec<(String, u8)> {
    let (_, rest) = manifest.split_once("[dependencies]\n").unwrap();
    let mut group = None;
    let mut found = Vec::new();
    for line in rest.lines().take_while(|line| !line.starts_with('[')) {
        let title = line.strip_prefix("# ").and_then(|line| line.split_once(':'));
        group = title.and_then(|(title, _)| floor(title)).or(group);
        if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            found.push((name.replace('-', "_"), group.unwrap()));
        }
    }
    found
}

/// Whether the code names the crate, and not a module of ours that is called the same.
fn names_crate(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let mut lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.any(|line| {
        line.match_indices(&path).any(|(at, _)| {
            !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
        })
    })
}

/// Modules are lower case; `service::Error` is an item of the door itself.
fn module(name: &str) -> bool {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/service").join(name);
    file.is_dir() || file.with_extension("rs").is_file()
}

/// Every `crate::a::b::C` outside comments, as its segments; `root` is `crate::` or the like.
fn paths(code: &str, root: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for (at, _) in line.match_indices(root) {
            let rest = &line[at + root.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            let segments = split(&rest[..end.unwrap_or(rest.len())]);
            if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                || segments.is_empty()
            {
                continue;
            }
            found.push(segments);
        }
    }
    found
}

fn split(path: &str) -> Vec<String> {
    path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn rooms() -> Vec<Room> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeSet::new();
    collect(&root, &mut files);
    assert!(files.len() > 20, "the house is empty: {}", root.display());
    files.into_iter().map(|path| room(&root, path)).collect()
}

fn room(root: &Path, path: PathBuf) -> Room {
    let text = std::fs::read_to_string(&path).unwrap();
    let code = without_tests(&text).to_owned();
    let inside = path.strip_prefix(root).unwrap().with_extension("");
    let mut name: Vec<String> =
        inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if name.len() > 2 && name.last().is_some_and(|last| last == "mod") {
        name.pop();
    }
    Room { path: path.strip_prefix(root).unwrap().to_path_buf(), name, code }
}

/// The code up to the tests that a file carries inside.
fn without_tests(text: &str) -> &str {
    let inside = |at: &usize| text[*at..].lines().nth(1).is_some_and(|line| line.ends_with('{'));
    let at = text.match_indices("#[cfg(test)]\nmod ").map(|(at, _)| at).find(inside);
    &text[..at.unwrap_or(text.len())]
}

fn collect(directory: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.to_string_lossy().ends_with("tests.rs")
        {
            files.insert(path);
        }
    }
}
