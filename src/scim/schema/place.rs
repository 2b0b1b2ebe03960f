//! Where in a schema file we are, and what may be wrong there.

use serde_json::Value;

/// A file of schemas or resource types that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {key}: {fault}")]
pub struct SchemaError {
    /// Which file.
    pub file: String,
    /// Where in it: `attributes.emails.type`.
    pub key: String,
    /// What is wrong and what to do.
    pub fault: String,
}

/// Where in which file we are.
#[derive(Clone)]
pub struct Place<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// The keys down to here, parted by dots; empty at the top.
    pub key: String,
}

impl<'a> Place<'a> {
    /// The top of `file`.
    pub fn file(file: &'a str) -> Self {
        Self { file, key: String::new() }
    }

    /// Inside `key` of this place.
    pub fn key(&self, key: &str) -> Self {
        let key = if self.key.is_empty() { key.to_owned() } else { format!("{}.{key}", self.key) };
        Self { file: self.file, key }
    }

    /// A fault at this place.
    pub fn fault(&self, fault: impl Into<String>) -> SchemaError {
        let key = if self.key.is_empty() { "the whole file".to_owned() } else { self.key.clone() };
        SchemaError { file: self.file.to_owned(), key, fault: fault.into() }
    }

    /// Text that must be there.
    pub fn text<'v>(&self, object: &'v Value, key: &str) -> Result<&'v str, SchemaError> {
        let text = object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or_else(|| self.key(key).fault("must be a text that is not empty"))
    }

    /// A flag; `false` when it is left out (DSC-43).
    pub fn flag(&self, object: &Value, key: &str) -> Result<bool, SchemaError> {
        match object.get(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.key(key).fault("must be true or false")),
        }
    }

    /// A word of a closed set; the first of `words` when it is left out (DSC-43).
    pub fn word<T: Copy>(
        &self,
        object: &Value,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<T, SchemaError> {
        let given = match object.get(key) {
            None => words.first(),
            Some(given) => words.iter().find(|(word, _)| given.as_str() == Some(word)),
        };
        given.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.key(key).fault(format!("must be one of {}", known.join(", ")))
        })
    }

    /// A list of texts; empty when it is left out.
    pub fn texts(&self, object: &Value, key: &str) -> Result<Vec<String>, SchemaError> {
        let fault = || self.key(key).fault("must be a list of texts");
        match object.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => {
                list.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(fault)).collect()
            }
            Some(_) => Err(fault()),
        }
    }
}
