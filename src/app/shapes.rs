//! Schemas and resource types: the built-in ones and those of a directory.

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::app::Failure;
use crate::app::folder;
use crate::scim::schema::Catalogue;

/// The built-in catalogue and the `*.json` files of `directory` (none when it is empty), by
/// name. A file with `attributes` is a schema, any other holds resource types.
pub fn catalogue(directory: &str) -> Result<Catalogue, Failure> {
    let mut schemas = Vec::new();
    let mut types = Vec::new();
    for path in files(directory)? {
        let text = std::fs::read_to_string(&path).map_err(|error| folder::at(&path, &error))?;
        let name = path.display().to_string();
        match is_schema(&text) {
            true => schemas.push((name, text)),
            false => types.push((name, text)),
        }
    }
    Catalogue::read(&pairs(&schemas), &pairs(&types))
        .map_err(|error| Failure::Usage(format!("{error}.")))
}

fn pairs(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

fn is_schema(text: &str) -> bool {
    let value: Option<Value> = serde_json::from_str(text).ok();
    value.is_some_and(|value| value.get("attributes").is_some())
}

fn files(directory: &str) -> Result<Vec<PathBuf>, Failure> {
    if directory.is_empty() {
        return Ok(Vec::new());
    }
    let directory = Path::new(directory);
    let fault = |error: std::io::Error| folder::at(directory, &error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_directory_the_built_in_types_are_served() {
        let catalogue = catalogue("").unwrap();
        assert!(catalogue.by_name("User").is_some());
    }

    #[test]
    fn a_file_that_is_no_schema_is_named() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("gate.json"), "{").unwrap();
        let said = catalogue(directory.path().to_str().unwrap()).unwrap_err().to_string();
        assert!(said.contains("gate.json"), "{said}");
        assert!(catalogue("/no/such/directory").is_err());
    }
}
