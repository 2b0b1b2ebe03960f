//! A row, where it stands, and what can be said against it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Map;
use serde_json::Value;

use crate::domain::place::organization;
use crate::scim::compare;
use crate::service::import::Sort;

/// Where in its file something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The file as a whole.
    Whole,
    /// A row of a sheet, as a spreadsheet numbers it.
    Row(u64),
    /// A place in a JSON document: `people[3]`.
    Path(String),
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name of the file, without folders.
    pub file: Arc<str>,
    /// Where in it.
    pub spot: Spot,
}

/// What is wrong, where, and what to do. Never what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The name of the file.
    pub file: String,
    /// The row of a sheet; the header is row 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The place in a JSON document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The column, or the field of the JSON object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// A sentence.
    pub said: String,
}

impl Place {
    /// A refusal of what stands here.
    pub fn refuse(&self, column: Option<&str>, said: impl Into<String>) -> Refusal {
        let (row, path) = match &self.spot {
            Spot::Whole => (None, None),
            Spot::Row(row) => (Some(*row), None),
            Spot::Path(path) => (None, Some(path.clone())),
        };
        let file = self.file.to_string();
        Refusal { file, row, path, column: column.map(str::to_owned), said: said.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.spot {
            Spot::Whole => f.write_str(&self.file),
            Spot::Row(row) => write!(f, "{}, row {row}", self.file),
            Spot::Path(path) => write!(f, "{}, {path}", self.file),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(path) = &self.path {
            write!(f, ", {path}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": {}", self.said)
    }
}

/// A row: the values that it fills, each in the form of its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub sort: Sort,
    /// Where it stands.
    pub at: Place,
    /// Texts, truths and lists of texts, by column.
    pub values: Map<String, Value>,
}

impl Row {
    /// The text in a column.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.values.get(column).and_then(Value::as_str)
    }

    /// The yes or no in a column.
    pub fn truth(&self, column: &str) -> Option<bool> {
        self.values.get(column).and_then(Value::as_bool)
    }

    /// The texts in a column.
    pub fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        let list = self.values.get(column).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    }

    /// By what this row is told from others; `organization` is that of rows that name none.
    pub fn key(&self, organization: Option<u32>) -> String {
        let mut key = self.sort.word().to_owned();
        for column in self.sort.key() {
            let text = self.text(column).unwrap_or_default();
            let text = match *column {
                "organization" | "homeOrganization" if text.is_empty() => {
                    organization.map(organization::code).unwrap_or_default().to_lowercase()
                }
                "displayName" | "kind" if self.text("orgNumber").is_some() => String::new(),
                "userName" | "delegator" | "delegate" => {
                    compare::canon(text).map(Cow::into_owned).unwrap_or_default()
                }
                _ => compare::fold(text).into_owned(),
            };
            key.push('\u{0}');
            key.push_str(&text);
        }
        key
    }

    /// The values of the columns that the row fills, as attributes of the same names.
    pub fn copied(&self, columns: &[&str]) -> Map<String, Value> {
        let value = |name: &&str| Some(((*name).to_owned(), self.values.get(*name)?.clone()));
        columns.iter().filter_map(value).collect()
    }
}
