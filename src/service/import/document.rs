//! A JSON description to rows.
//!
//! One object; under the word of each sort an array of objects, whose fields are the columns of
//! the sheets. Null says nothing, like an empty cell.

use serde_json::Map;
use serde_json::Value;

use crate::scim::json;
use crate::service::import::Heap;
use crate::service::import::Place;
use crate::service::import::Row;
use crate::service::import::Sort;
use crate::service::import::Spot;
use crate::service::import::sort::Form;
use crate::sheet::read::Column;
use crate::sheet::read::Need;

/// The mark before some texts.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads a description.
pub(super) fn read(file: &str, bytes: &[u8]) -> Heap {
    let heap = Heap { file: file.into(), rows: Vec::new(), refusals: Vec::new() };
    let mut reader = Reader { heap };
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    match json::read(bytes) {
        Ok(Value::Object(document)) => reader.document(document),
        Ok(_) => reader.refuse("", None, "a description is one JSON object"),
        Err(error) => reader.refuse("", None, error.detail),
    }
    reader.heap
}

struct Reader {
    heap: Heap,
}

impl Reader {
    fn document(&mut self, document: Map<String, Value>) {
        for (at, (key, value)) in document.into_iter().enumerate() {
            let sort = Sort::ALL.into_iter().find(|sort| sort.word() == key);
            match (sort, value) {
                (Some(sort), Value::Array(all)) => self.rows(sort, all),
                (Some(_), Value::Null) => {}
                (Some(sort), _) => {
                    self.refuse(sort.word(), None, "this must be an array of objects");
                }
                (None, _) if key == "rules" => {
                    let said = "rules are saved one by one, with `wardgate rule add`";
                    self.refuse("rules", None, said);
                }
                (None, _) => {
                    let known = Sort::ALL.map(Sort::word).join(", ");
                    let said = format!("no such field is known; known are {known}");
                    self.refuse("", Some(&numbered(at)), said);
                }
            }
        }
        // What others name comes first, as in a folder of sheets.
        self.heap.rows.sort_by_key(|row| row.sort);
    }

    fn rows(&mut self, sort: Sort, all: Vec<Value>) {
        for (number, one) in all.into_iter().enumerate() {
            self.row(sort, format!("{}[{number}]", sort.word()), one);
        }
    }

    fn row(&mut self, sort: Sort, path: String, value: Value) {
        let Value::Object(object) = value else {
            return self.refuse(&path, None, "this must be an object");
        };
        let before = self.heap.refusals.len();
        let given: Vec<String> = object
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, _)| key.clone())
            .collect();
        let mut values = Map::new();
        for (at, (key, value)) in object.into_iter().enumerate() {
            match sort.columns().iter().find(|column| column.name == key) {
                None => self.refuse(&path, Some(&numbered(at)), unknown(sort)),
                Some(_) if value.is_null() => {}
                Some(column) => match fits(column, value) {
                    Ok(value) => drop(values.insert(key, value)),
                    Err(said) => self.refuse(&path, Some(column.name), said),
                },
            }
        }
        let missing = |column: &&Column| {
            column.need == Need::Value && !given.iter().any(|name| name == column.name)
        };
        for column in sort.columns().iter().filter(missing) {
            self.refuse(&path, Some(column.name), "a value is needed here");
        }
        if self.heap.refusals.len() == before {
            let at = Place { file: self.heap.file.clone(), spot: Spot::Path(path) };
            self.heap.rows.push(Row { sort, at, values });
        }
    }

    fn refuse(&mut self, path: &str, column: Option<&str>, said: impl Into<String>) {
        let spot = if path.is_empty() { Spot::Whole } else { Spot::Path(path.to_owned()) };
        let place = Place { file: self.heap.file.clone(), spot };
        self.heap.refusals.push(place.refuse(column, said));
    }
}

/// A field that we cannot name, since its name is not ours.
fn numbered(at: usize) -> String {
    format!("field number {}", at.saturating_add(1))
}

fn unknown(sort: Sort) -> String {
    let known: Vec<&str> = sort.columns().iter().map(|column| column.name).collect();
    format!("no such field is known; known are {}", known.join(", "))
}

/// A value in the form of its column.
fn fits(column: &Column, value: Value) -> Result<Value, &'static str> {
    match (Sort::form(column.name), &value) {
        (Form::Text, Value::String(text)) if text.is_empty() && column.need == Need::Value => {
            Err("a value is needed here")
        }
        (Form::Text, Value::String(_)) | (Form::Truth, Value::Bool(_)) => Ok(value),
        (Form::List, Value::Array(all)) if all.iter().all(Value::is_string) => Ok(value),
        (Form::Text, _) => Err("this must be a text"),
        (Form::Truth, _) => Err("this must be true or false, without quotes"),
        (Form::List, _) => Err("this must be an array of texts"),
    }
}
