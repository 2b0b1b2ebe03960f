//! Finds the settings file, parses it, and says in one sentence what is wrong with it.

use std::path::Path;
use std::path::PathBuf;

use crate::config::BadSetting;
use crate::config::environment::Environment;
use crate::config::file::File;
use crate::config::limits;

/// The settings file's name in the data directory.
pub const FILE_NAME: &str = "wardgate.toml";

/// Settings from the file named on the command line, else by `WARDGATE_CONFIG`, else
/// `wardgate.toml` in the data directory if there is one, else the defaults; the environment
/// goes over the file. `flags` are what the command line sets: they go over everything.
pub fn load(
    named: Option<&Path>,
    data: &Path,
    environment: &Environment,
    flags: impl FnOnce(&mut File),
) -> Result<File, BadSetting> {
    let found = named.map(Path::to_path_buf).or_else(|| environment.config.clone());
    let in_data = Some(data.join(FILE_NAME)).filter(|path| found.is_none() && path.is_file());
    let path: Option<PathBuf> = found.or(in_data);
    let text = match &path {
        Some(path) => std::fs::read_to_string(path).map_err(|error| {
            BadSetting(format!("The settings file {} cannot be read: {error}.", path.display()))
        })?,
        None => String::new(),
    };
    let name = path.unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let mut file = parse(&name, &text)?;
    environment.apply(&mut file)?;
    flags(&mut file);
    limits::check(&file).map_err(|wrong| place(&name, &text, &wrong))?;
    Ok(file)
}

/// Parses the text of a settings file; `name` is for the complaint.
pub fn parse(name: &Path, text: &str) -> Result<File, BadSetting> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let (line, key) = locate(text, offset);
        let of_key = key.map_or_else(String::new, |key| format!(", key {key}"));
        let said = plainly(error.message());
        BadSetting(format!("{}, line {line}{of_key}: {said}.", name.display()))
    })
}

/// The complaint of a check about a key, with the line that sets it if the file does.
fn place(name: &Path, text: &str, wrong: &limits::Wrong) -> BadSetting {
    let mut offset = 0;
    let line = text.lines().find_map(|line| {
        let (number, key) = locate(text, offset);
        offset += line.len() + 1;
        (key.as_deref() == Some(wrong.key)).then_some(number)
    });
    BadSetting(match line {
        Some(line) => {
            format!("{}, line {line}, key {}: {}.", name.display(), wrong.key, wrong.said)
        }
        None => format!("Setting {}: {}.", wrong.key, wrong.said),
    })
}

/// The line number of a byte offset (from 1), and `section.key` of what that line sets.
fn locate(text: &str, offset: usize) -> (usize, Option<String>) {
    let before = text.get(..offset).unwrap_or(text);
    let number = before.matches('\n').count() + 1;
    let mut section = String::new();
    for (at, line) in text.lines().enumerate().take(number) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim().to_owned();
            if at + 1 == number {
                return (number, Some(section));
            }
        } else if at + 1 == number {
            let key = line.split_once('=').map(|(key, _)| key.trim());
            let whole = key.map(|key| match section.as_str() {
                "" => key.to_owned(),
                section => format!("{section}.{key}"),
            });
            return (number, whole);
        }
    }
    (number, None)
}

/// What was expected, without the words of the file: a value may be a secret in the wrong place.
fn plainly(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    if message.starts_with("unknown field") {
        return match message.split_once("expected ") {
            Some((_, known)) => {
                format!("no such setting; there are {}", known.replace("one of ", ""))
            }
            None => "no such setting".to_owned(),
        };
    }
    match message.split_once("expected ") {
        Some((_, wanted)) => format!("expected {wanted}"),
        None if message.starts_with("invalid value") => "the value is out of range".to_owned(),
        None if message.starts_with("duplicate") => "set twice".to_owned(),
        None if message.contains("socket address") => {
            "expected an address such as \"127.0.0.1:8443\"".to_owned()
        }
        None => "this is not TOML as the manual (toml.io) has it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        load_text(text).unwrap_err().to_string()
    }

    fn load_text(text: &str) -> Result<File, BadSetting> {
        let name = Path::new(FILE_NAME);
        let file = parse(name, text)?;
        limits::check(&file).map_err(|wrong| place(name, text, &wrong))?;
        Ok(file)
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert_eq!(load_text(""), Ok(File::default()));
    }

    #[test]
    fn the_defaults_read_back() {
        let text = toml::to_string(&File::default()).unwrap();
        assert_eq!(load_text(&text), Ok(File::default()));
    }

    #[test]
    fn every_complaint_names_file_line_and_key_and_repeats_no_value() {
        let cases = [
            ("[server]\nlisten = \"sesame\"", "wardgate.toml, line 2, key server.listen: "),
            ("[server]\nmetrics = \"sesame\"", "wardgate.toml, line 2, key server.metrics: "),
            ("\n[store]\n\ncache = \"sesame\"", "wardgate.toml, line 4, key store.cache: "),
            ("[store]\ncash = \"sesame\"", "wardgate.toml, line 2, key store.cash: no such"),
            ("[sesame]\n", "wardgate.toml, line 1, key sesame: no such"),
            ("[limits]\nburst = \"sesame\"", "wardgate.toml, line 2, key limits.burst: expected"),
            ("[limits]\nburst = -1", "wardgate.toml, line 2, key limits.burst: expected"),
            ("[log]\nlevel = \"sesame\"", "wardgate.toml, line 2, key log.level: expected"),
            ("[log]\nlevel = \"info\"\nlevel = \"sesame\"", "wardgate.toml, line 3, key log.level"),
            ("[server]\nlisten = 127.0.0.1:1", "wardgate.toml, line 2, key server.listen: "),
            ("[limits]\n# x\nburst = 0", "wardgate.toml, line 3, key limits.burst: "),
            ("[limits]\npage_maximum = 1001", "wardgate.toml, line 2, key limits.page_maximum: "),
            ("[store]\ncache = \"9 KiB\"", "wardgate.toml, line 2, key store.cache: "),
            (
                "[server]\nbase_url = \"http://sesame\"",
                "wardgate.toml, line 2, key server.base_url",
            ),
        ];
        for (text, wanted) in cases {
            let said = complaint(text);
            assert!(said.starts_with(wanted), "{text:?} gave {said:?}");
            assert!(!said.replace("key sesame", "").contains("sesame"), "{said}");
            assert!(!said.contains('\n') && said.ends_with('.'), "{said:?}");
        }
    }
}
