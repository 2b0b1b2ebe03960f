//! Answers for people: aligned and short. JSON goes out as it came.

use std::io::Write;

use serde_json::Map;
use serde_json::Value;

/// Writes an answer to standard output: JSON on one line, or lines for people.
pub fn answer(value: &Value, json: bool) {
    match json {
        true => out(&format!("{value}\n")),
        false => out(&people(value)),
    }
}

/// Writes text to standard output and flushes it; a reader that went away is no failure.
pub fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _gone = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Writes a remark to standard error, beside an answer on standard output.
pub fn aside(text: &str) {
    let _gone = write!(std::io::stderr(), "{text}");
}

/// Writes a complaint to standard error.
pub fn complaint(said: &str) {
    let _gone = writeln!(std::io::stderr(), "wardgate: {}", calm(said));
}

/// An answer as lines.
pub fn people(value: &Value) -> String {
    match value {
        Value::Array(rows) if rows.is_empty() => "none\n".to_owned(),
        Value::Array(rows) => table(rows),
        Value::Object(object) => facts(object),
        Value::Null => "done\n".to_owned(),
        other => format!("{}\n", cell(other)),
    }
}

/// `name  value` lines, then what is nested, each under its name.
fn facts(object: &Map<String, Value>) -> String {
    let plain = object.iter().filter(|(_, value)| !nested(value));
    let width = plain.clone().map(|(name, _)| label(name).chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in plain {
        text.push_str(&format!("{:width$}  {}\n", label(name), cell(value)));
    }
    for (name, value) in object.iter().filter(|(_, value)| nested(value)) {
        text.push_str(&format!("\n{}\n", label(name)));
        for line in people(value).lines() {
            text.push_str(&format!("  {line}\n"));
        }
    }
    text.trim_start_matches('\n').to_owned()
}

/// Objects under one heading per name; anything else one per line.
fn table(rows: &[Value]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in rows.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut lines = vec![names.iter().map(|name| label(name).to_uppercase()).collect::<Vec<_>>()];
    for row in rows {
        lines.push(match row.as_object() {
            Some(object) => {
                names.iter().map(|name| object.get(*name).map(cell).unwrap_or_default()).collect()
            }
            None => vec![cell(row)],
        });
    }
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..names.len().max(1)).map(width).collect();
    let mut text = String::new();
    for line in lines.iter().filter(|line| !line.is_empty()) {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn nested(value: &Value) -> bool {
    match value {
        Value::Object(object) => !object.is_empty(),
        Value::Array(list) => list.iter().any(|item| item.is_object() || item.is_array()),
        _ => false,
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => calm(text),
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::Object(_) => "none".to_owned(),
        Value::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// `brake_limit` and `brakeLimit` read as `brake limit`.
fn label(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        match letter {
            '_' | '-' => text.push(' '),
            'A'..='Z' => {
                text.push(' ');
                text.push(letter.to_ascii_lowercase());
            }
            other => text.push(other),
        }
    }
    calm(text.trim())
}

/// Nothing that a terminal would obey.
fn calm(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_aligned_and_facts_too() {
        let rows = json!([{"id": "ORG0001", "name": "North"}, {"id": "ORG0002", "name": null}]);
        assert_eq!(people(&rows), "ID       NAME\nORG0001  North\nORG0002  -\n");
        let facts = json!({"id": "x", "brakeLimit": 20, "tokens": [{"id": "t"}], "on": true});
        assert_eq!(
            people(&facts),
            "id           x\nbrake limit  20\non           yes\n\ntokens\n  ID\n  t\n"
        );
        assert_eq!(people(&json!([])), "none\n");
    }

    #[test]
    fn log02_a_name_cannot_command_the_terminal() {
        assert_eq!(people(&json!("a\u{1b}[2Jb\nc")), "a\u{fffd}[2Jb\u{fffd}c\n");
    }
}
