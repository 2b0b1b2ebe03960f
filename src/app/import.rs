//! `wardgate import`: the command, how far it has come, and its report for people.

use std::io::IsTerminal;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::app::Failure;
use crate::app::arguments::Import;
use crate::app::folder;
use crate::app::print;
use crate::service::Stage;
use crate::service::import::Source;
use crate::service::operate::Command;

/// Work that takes longer than this shows how far it has come.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is shown.
const TICK: Duration = Duration::from_millis(250);

/// The command for the arguments.
pub fn command(words: &Import) -> Result<Command, Failure> {
    let source = match (&words.path, words.sample) {
        (_, Some(sample)) => Source::Sample(sample),
        (Some(path), None) => Source::Path(absolute(path)?),
        (None, None) => {
            let said = "Name a file or a folder, or ask for --sample.";
            return Err(Failure::Usage(said.to_owned()));
        }
    };
    let (organization, dry_run) = (words.organization.clone(), words.dry_run);
    Ok(Command::Import { source, organization, dry_run })
}

/// The server need not stand where we do.
fn absolute(path: &Path) -> Result<std::path::PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| folder::at(path, &error))
}

/// Waits for `work` and shows on a terminal what `look` says of it.
pub async fn watched<T>(work: impl Future<Output = T>, look: impl AsyncFn() -> Option<Stage>) -> T {
    let mut work = std::pin::pin!(work);
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    let mut wait = PATIENCE;
    loop {
        tokio::select! {
            done = &mut work => {
                show(if wait == TICK { "" } else { return done });
                return done;
            }
            () = tokio::time::sleep(wait) => {}
        }
        wait = TICK;
        if let Some(stage) = look().await {
            show(&bar(&stage));
        }
    }
}

/// A stage as one line.
fn bar(stage: &Stage) -> String {
    const WIDTH: usize = 24;
    let Stage { doing, done, total } = stage;
    let full = done.saturating_mul(WIDTH).checked_div(*total).unwrap_or(0).min(WIDTH);
    let rest = WIDTH.saturating_sub(full);
    format!("[{}{}] {doing}: {done} of {total}", "#".repeat(full), ".".repeat(rest))
}

/// Puts a line in the place of the one before.
fn show(line: &str) {
    let mut stderr = std::io::stderr().lock();
    let _gone = write!(stderr, "\r\u{1b}[2K{line}").and_then(|()| stderr.flush());
}

/// Prints the report; 1 when something was refused or broke off.
pub fn report(answer: &Value, json: bool) -> u8 {
    match json {
        true => print::answer(answer, true),
        false => print::out(&text(answer)),
    }
    let refused = !list(answer, "refusals").is_empty();
    u8::from(refused || ["brokeOff", "held"].iter().any(|name| answer.get(name).is_some()))
}

/// A report as lines.
fn text(answer: &Value) -> String {
    let mut text = String::new();
    if !list(answer, "summary").is_empty() {
        text.push_str(&print::people(answer.get("summary").unwrap_or(&Value::Null)));
        text.push('\n');
    }
    for change in list(answer, "changes") {
        text.push_str(&line(change));
    }
    let more = more(answer);
    if more > 0 {
        text.push_str(&format!("and {more} more\n"));
    }
    for refusal in list(answer, "refusals") {
        text.push_str(&refused(refusal));
    }
    for file in list(answer, "files").iter().filter(|file| truth(file, "refused")) {
        text.push_str(&format!("{}: nothing of this file is taken.\n", word(file, "file")));
    }
    text.push_str(&conclusion(answer));
    text
}

/// The last word.
fn conclusion(answer: &Value) -> String {
    let differs = !list(answer, "changes").is_empty();
    if let Some(held) = answer.get("held").and_then(Value::as_str) {
        let what = if truth(answer, "dryRun") { "A dry run" } else { "Held" };
        return format!("{what}: nothing was changed. {held}\n");
    }
    let said = match answer.get("brokeOff").and_then(Value::as_str) {
        Some(said) => said,
        None if truth(answer, "dryRun") => "A dry run: nothing was changed.",
        None if !truth(answer, "applied") => "Nothing was changed.",
        None if differs => "Done. What the description does not speak of is as it was.",
        None => "Everything is there already; nothing was changed.",
    };
    format!("{said}\n")
}

/// How many differences are not told one by one.
fn more(answer: &Value) -> u64 {
    let count = |row: &Value, name: &str| row.get(name).and_then(Value::as_u64).unwrap_or(0);
    let all = list(answer, "summary")
        .iter()
        .map(|row| count(row, "create") + count(row, "update") + count(row, "close"))
        .sum::<u64>();
    let told = u64::try_from(list(answer, "changes").len()).unwrap_or(u64::MAX);
    all.saturating_sub(told)
}

fn line(change: &Value) -> String {
    let attributes: Vec<&str> =
        list(change, "attributes").iter().filter_map(Value::as_str).collect();
    let names = match attributes.is_empty() {
        true => String::new(),
        false => format!(" {}", attributes.join(", ")),
    };
    let (what, file, at) = (word(change, "what"), word(change, "file"), word(change, "at"));
    format!("{what:6}  {file}, {at}{names}\n")
}

fn refused(refusal: &Value) -> String {
    let mut place = word(refusal, "file").to_owned();
    if let Some(row) = refusal.get("row").and_then(Value::as_u64) {
        place.push_str(&format!(", row {row}"));
    }
    for name in ["path", "column"] {
        if let Some(more) = refusal.get(name).and_then(Value::as_str) {
            place.push_str(&format!(", {more}"));
        }
    }
    format!("{place}: {}\n", word(refusal, "said"))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn truth(value: &Value, name: &str) -> bool {
    value.get(name) == Some(&Value::Bool(true))
}
