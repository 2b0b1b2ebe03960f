//! `wardgate export verify`: which export a file is, or where it differs from the nearest one.

use std::path::Path;

use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::app::Failure;
use crate::app::arguments::Place;
use crate::app::folder;
use crate::app::print;
use crate::app::reach;
use crate::base::hex::hex;
use crate::domain::report::deactivated;
use crate::domain::report::delegates;
use crate::domain::report::kind::Kind;
use crate::domain::report::scheduling;
use crate::domain::report::users;
use crate::service::operate::Command;
use crate::sheet::write::BYTE_ORDER_MARK;

/// Says which export `file` is: exit code 0; else where it differs: 1.
pub fn run(file: &Path, place: &Place) -> Result<u8, Failure> {
    let bytes = std::fs::read(file).map_err(|error| folder::at(file, &error))?;
    let kinds = kinds(&bytes).into_iter().map(|kind| kind.word().to_owned()).collect();
    let sum = hex(&Sha256::digest(&bytes));
    let answer = reach::execute(place, Command::ExportVerify { sum, kinds })?;
    let is = list(&answer, "is");
    if !is.is_empty() {
        match place.json {
            true => print::answer(&answer, true),
            false => is.iter().for_each(|one| print::out(&known(one))),
        }
        return Ok(0);
    }
    let nearest = nearest(&bytes, list(&answer, "may_be"), place)?;
    match (place.json, &nearest) {
        (true, nearest) => print::answer(&json!({"is": [], "differs": nearest}), true),
        (false, Some(nearest)) => print::out(&different(nearest)),
        (false, None) => print::out(
            "This is no export that was taken here, and its first line is the one of none.\n",
        ),
    }
    Ok(1)
}

/// What the first line says that a file can be.
fn kinds(bytes: &[u8]) -> Vec<Kind> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // A spreadsheet that saved it again may have left the quotes out.
    let plain = String::from_utf8_lossy(line).replace('"', "");
    let fits = |kind: &Kind| {
        let headers: &[&str] = match kind {
            Kind::Users => &users::HEADERS,
            Kind::DelegatesPcvc | Kind::DelegatesEconsult => &delegates::HEADERS,
            Kind::Scheduling => &scheduling::HEADERS,
            Kind::Deactivated => &deactivated::HEADERS,
        };
        plain.starts_with(&headers.join(","))
    };
    Kind::ALL.into_iter().filter(fits).collect()
}

/// The export that has the most lines in common with the file, and the first in which they
/// differ.
fn nearest(bytes: &[u8], may: &[Value], place: &Place) -> Result<Option<Value>, Failure> {
    let mut best: Option<(usize, Value)> = None;
    for one in may {
        let number = |name: &str| one.get(name).and_then(Value::as_u64).unwrap_or_default();
        let organization = u32::try_from(number("organization")).unwrap_or_default();
        let command = Command::ExportAgain { organization, seq: number("seq") };
        let mut made = Vec::new();
        let summary = reach::file(place, command, &mut |part| {
            made.extend_from_slice(part.as_bytes());
            Ok(())
        })?;
        let (same, ours, theirs) = first_difference(&made, bytes);
        if best.as_ref().is_none_or(|(most, _)| same > *most) {
            let text = |name: &str| summary.get(name).cloned().unwrap_or_default();
            let about = json!({
                "kind": text("kind"),
                "organization": text("organization"),
                "as_of": text("as_of"),
                "seq": number("seq"),
                "line": same + 1,
                "export": ours,
                "file": theirs,
            });
            best = Some((same, about));
        }
    }
    Ok(best.map(|(_, about)| about))
}

/// How many lines are the same, and the two that follow; none where a file has ended.
fn first_difference(one: &[u8], other: &[u8]) -> (usize, Option<String>, Option<String>) {
    let lines = |bytes: &'_ [u8]| -> Vec<String> {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    };
    let (one, other) = (lines(one), lines(other));
    let same = one.iter().zip(&other).take_while(|(ours, theirs)| ours == theirs).count();
    (same, one.get(same).cloned(), other.get(same).cloned())
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn known(one: &Value) -> String {
    let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
    let seq = one.get("seq").and_then(Value::as_u64).unwrap_or_default();
    format!(
        "It is the export that event {seq} of {} tells of, of {}, by {}: {}\n",
        text("organization"),
        text("at"),
        text("by"),
        text("export"),
    )
}

fn different(one: &Value) -> String {
    let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| one.get(name).and_then(Value::as_u64).unwrap_or_default();
    let line = |name: &str| match one.get(name).and_then(Value::as_str) {
        Some(line) => print::people(&Value::String(line.trim_end_matches(['\r', '\n']).into())),
        None => "(there is no such line)\n".to_owned(),
    };
    format!(
        "It is no export that was taken here. Nearest is {} of {} as of {} (event {}); line {} \
         is the first that differs.\n  export  {}  file    {}",
        text("kind"),
        text("organization"),
        text("as_of"),
        number("seq"),
        number("line"),
        line("export"),
        line("file"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_line_and_differs_by_lines() {
        let users = "\u{feff}\"First Name\",\"Last Name\",\"Email Address\",\"Profession\",\
                     \"Service\",\"Credential\",\"Status\"\r\n";
        assert_eq!(kinds(users.as_bytes()), [Kind::Users]);
        assert_eq!(kinds(b"Site Name,System Name,# of schedulers\n"), [Kind::Scheduling]);
        assert_eq!(kinds(b""), []);
        let differ = |one: &str, other: &str| first_difference(one.as_bytes(), other.as_bytes());
        let (line, ours, theirs) = differ("a\r\nb\r\n", "a\r\nc\r\n");
        assert_eq!((line, ours.as_deref(), theirs.as_deref()), (1, Some("b\r\n"), Some("c\r\n")));
        assert_eq!(differ("a\n", "a\nb\n"), (1, None, Some("b\n".into())));
    }
}
