//! Calendar entries (RFC 5545): the day on which something ends, and a feed of many.

use std::fmt::Write as _;

/// A day in a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its identity: the same for the same thing, so that a later entry takes its place.
    pub uid: String,
    /// When it was written: `YYYYMMDDTHHMMSSZ`.
    pub stamp: String,
    /// The instant it marks: `YYYYMMDDTHHMMSSZ`.
    pub at: String,
    /// Its title.
    pub summary: String,
    /// The rest.
    pub description: String,
}

/// A calendar of `entries`.
pub fn feed(entries: &[Entry]) -> String {
    let mut text = String::new();
    line(&mut text, "BEGIN", "VCALENDAR");
    line(&mut text, "VERSION", "2.0");
    line(&mut text, "PRODID", "-//Wardgate//Certificates//EN");
    line(&mut text, "METHOD", "PUBLISH");
    for entry in entries {
        line(&mut text, "BEGIN", "VEVENT");
        line(&mut text, "UID", &escaped(&entry.uid));
        line(&mut text, "DTSTAMP", &entry.stamp);
        line(&mut text, "DTSTART", &entry.at);
        line(&mut text, "SUMMARY", &escaped(&entry.summary));
        line(&mut text, "DESCRIPTION", &escaped(&entry.description));
        line(&mut text, "TRANSP", "TRANSPARENT");
        line(&mut text, "END", "VEVENT");
    }
    line(&mut text, "END", "VCALENDAR");
    text
}

/// A property, folded so that no line is longer than 75 bytes (§3.1).
fn line(text: &mut String, name: &str, value: &str) {
    let mut width = 0_usize;
    for letter in format!("{name}:{value}").chars() {
        let bytes = letter.len_utf8();
        if width.saturating_add(bytes) > 75 {
            text.push_str("\r\n ");
            width = 1;
        }
        let _infallible = write!(text, "{letter}");
        width = width.saturating_add(bytes);
    }
    text.push_str("\r\n");
}

/// Text as a value (§3.3.11): nothing in it ends the line or the value.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\\' | ';' | ',' => safe.extend(['\\', letter]),
            '\n' => safe.push_str("\\n"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eml01_no_value_ends_its_line() {
        let entry = Entry {
            uid: "1@wardgate".into(),
            stamp: "20260101T000000Z".into(),
            at: "20260301T000000Z".into(),
            summary: "a\r\nEND:VCALENDAR, b; c\\".into(),
            description: format!("{}\rX", "é".repeat(200)),
        };
        let text = feed(&[entry]);
        assert!(text.contains("SUMMARY:a\\nEND:VCALENDAR\\, b\\; c\\\\\r\n"), "{text}");
        assert_eq!(text.matches("\r\nEND:VCALENDAR").count(), 1);
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
    }
}
