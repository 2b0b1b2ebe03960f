//! `wardgate export`: a file that is whole or is not there.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::app::Failure;
use crate::app::arguments::Export;
use crate::app::folder;
use crate::app::print;
use crate::app::reach;
use crate::service::operate::Command;

/// Takes an export; writes it, or prints it once it is whole.
pub fn run(words: &Export) -> Result<u8, Failure> {
    let command = Command::Export {
        kind: words.kind.clone().unwrap_or_default(),
        organization: words.organization.clone().unwrap_or_default(),
        at: words.as_of.clone(),
        mark: words.bom,
    };
    let target = words.output.as_deref();
    let summary = match target {
        Some(target) if target == Path::new("-") => to_terminal(words, command)?,
        _ => to_file(words, command)?,
    };
    match (words.place.json, target == Some(Path::new("-"))) {
        (true, false) => print::answer(&summary, true),
        (true, true) => print::aside(&format!("{summary}\n")),
        (false, _) => print::aside(&sentence(&summary)),
    }
    Ok(0)
}

/// Nothing is printed of what is not whole.
fn to_terminal(words: &Export, command: Command) -> Result<Value, Failure> {
    let mut text = String::new();
    let summary = reach::file(&words.place, command, &mut |part| {
        text.push_str(part);
        Ok(())
    })?;
    print::out(&text);
    Ok(summary)
}

fn to_file(words: &Export, command: Command) -> Result<Value, Failure> {
    let (directory, name) = place(words.output.as_deref())?;
    let mut draft = Draft::new(&directory)?;
    let summary =
        reach::file(&words.place, command, &mut |part| draft.file.write_all(part.as_bytes()))?;
    let usual = summary.get("file").and_then(Value::as_str).unwrap_or("export.csv");
    let target = directory.join(name.unwrap_or_else(|| PathBuf::from(usual)));
    draft.keep(&target, words.force)?;
    let mut summary = summary;
    if let Some(summary) = summary.as_object_mut() {
        summary.insert("path".into(), target.display().to_string().into());
    }
    Ok(summary)
}

/// In which directory the file is to be, and under which name if not its own.
fn place(output: Option<&Path>) -> Result<(PathBuf, Option<PathBuf>), Failure> {
    let Some(output) = output else { return Ok((PathBuf::from("."), None)) };
    if output.is_dir() {
        return Ok((output.to_owned(), None));
    }
    let name =
        output.file_name().filter(|_| !output.as_os_str().as_encoded_bytes().ends_with(b"/"));
    let Some(name) = name else {
        let said = format!("There is no directory {}. Make it first.", output.display());
        return Err(Failure::Refused(said));
    };
    let directory = output.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok((directory.unwrap_or(Path::new(".")).to_owned(), Some(PathBuf::from(name))))
}

/// A file that is not whole yet; gone when it does not come so far.
struct Draft {
    file: File,
    path: PathBuf,
}

impl Draft {
    fn new(directory: &Path) -> Result<Self, Failure> {
        let path = directory.join(format!(".wardgate-export-{}.part", std::process::id()));
        let mut options = OpenOptions::new();
        // It is about people: for the owner alone, as everything that we write.
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(|error| folder::at(&path, &error))?;
        Ok(Self { file, path })
    }

    /// Puts it in its place, never over another file unless `force` says so.
    fn keep(&mut self, target: &Path, force: bool) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| folder::at(target, &error))?;
        let moved = match force {
            true => std::fs::rename(&self.path, target),
            false => match std::fs::hard_link(&self.path, target) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
                // A file system without links.
                Err(_) if !target.exists() => std::fs::rename(&self.path, target),
                other => other,
            },
        };
        moved.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::Refused(format!(
                "{} is there already and was not touched. Name another --output, or --force.",
                target.display()
            )),
            _ => folder::at(target, &error),
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Moved away when all went well.
        let _gone = std::fs::remove_file(&self.path);
    }
}

fn sentence(summary: &Value) -> String {
    let text = |name: &str| summary.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| summary.get(name).and_then(Value::as_u64).unwrap_or_default();
    let path = match text("path") {
        "" => text("file"),
        path => path,
    };
    let (rows, cells) = (number("rows"), number("neutralised"));
    format!(
        "{path}: {rows} {}, {cells} neutralised {}, SHA-256 {}, as of {}\n",
        if rows == 1 { "row" } else { "rows" },
        if cells == 1 { "cell" } else { "cells" },
        text("sha256"),
        text("as_of"),
    )
}
