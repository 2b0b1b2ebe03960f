//! Answers about access, in plain words.

use serde_json::Value;

/// What one person may do: a line that says of whom and when, then one for each answer.
pub fn person(answer: &Value) -> String {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut lines =
        format!("{} ({}), as of {}:\n", text("person"), text("user_name"), text("as_of"));
    for one in list(answer, "answers") {
        let word = |name: &str| one.get(name).and_then(Value::as_str);
        let about = match (word("module_name"), word("room").or_else(|| word("service"))) {
            (Some(module), _) => match word("provider") {
                Some(provider) => format!("{module}, {provider}: "),
                None => format!("{module}: "),
            },
            (None, Some(other)) => format!("{other}: "),
            (None, None) => String::new(),
        };
        lines.push_str(&format!("  {about}{}\n", word("why").unwrap_or_default()));
    }
    lines
}

/// Who can: a line for each person, and how to go on.
pub fn people(answer: &Value) -> String {
    let mut lines = String::new();
    for one in list(answer, "people") {
        let word = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        lines.push_str(&format!("{} ({}): {}\n", word("person"), word("user_name"), word("why")));
    }
    match answer.get("next").and_then(Value::as_str) {
        Some(next) => lines.push_str(&format!("There may be more: --after {next}\n")),
        None if lines.is_empty() => lines.push_str("Nobody.\n"),
        None => {}
    }
    lines
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
