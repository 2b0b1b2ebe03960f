//! The example settings file, the code and the runbook speak of the same keys.

use std::collections::BTreeSet;
use std::path::Path;

use wardgate::config::environment;
use wardgate::config::file::File;
use wardgate::config::limits;
use wardgate::config::source;

#[test]
fn the_example_shows_every_key_with_its_default() {
    let text = example();
    let shown = source::parse(Path::new("deploy/wardgate.toml"), &text).unwrap();
    limits::check(&shown).unwrap();
    let known = keys(&toml::to_string(&File::default()).unwrap());
    assert_eq!(keys(&text), known, "left: the example, right: the code");
    assert_eq!(shown, File::default(), "the example shows the defaults");
}

#[test]
fn every_key_of_the_example_is_explained_in_a_comment_above_it() {
    let text = example();
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        if pair[1].contains(" = ") && !pair[1].starts_with('#') {
            assert!(pair[0].starts_with("# "), "no comment above: {}", pair[1]);
        }
    }
}

#[test]
fn every_variable_of_the_environment_is_in_the_example() {
    let text = example();
    for name in environment::names().chain(["WARDGATE_DATA", "WARDGATE_CONFIG"]) {
        assert!(text.contains(name), "{name}");
    }
}

fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/wardgate.toml");
    std::fs::read_to_string(path).unwrap()
}

/// `section.key` of every line that sets something.
fn keys(text: &str) -> BTreeSet<String> {
    let table: toml::Table = text.parse().unwrap();
    let mut keys = BTreeSet::new();
    for (section, content) in &table {
        let content = content.as_table().unwrap();
        keys.extend(content.keys().map(|key| format!("{section}.{key}")));
    }
    keys
}
