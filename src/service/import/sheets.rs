//! Sheets to rows.

use std::io::Read;

use serde_json::Map;
use serde_json::Value;

use crate::service::import::Heap;
use crate::service::import::Place;
use crate::service::import::Row;
use crate::service::import::Sort;
use crate::service::import::Spot;
use crate::service::import::sort::Form;
use crate::sheet::fault;
use crate::sheet::fault::Fault;
use crate::sheet::read::Limits;
use crate::sheet::read::Sheet;

/// Rows of one sheet, and bytes of one cell.
pub const LIMITS: Limits = Limits { rows: 100_000, field_bytes: 32 * 1_024 };

/// Reads a sheet.
pub(super) fn read(file: &str, sort: Sort, input: impl Read) -> Heap {
    let columns = sort.columns();
    let mut sheet = Sheet::open(input, columns, LIMITS);
    let mut heap = Heap { file: file.into(), rows: Vec::new(), refusals: Vec::new() };
    while let Some(line) = sheet.next_row() {
        let mut values = Map::new();
        let mut sound = true;
        for (at, column) in columns.iter().enumerate() {
            match value(line.cell(at), Sort::form(column.name)) {
                Ok(Some(value)) => drop(values.insert(column.name.into(), value)),
                Ok(None) => {}
                Err(said) => {
                    sheet.refuse(line.number, at, said);
                    sound = false;
                }
            }
        }
        if !sound {
            continue;
        }
        let at = Place { file: heap.file.clone(), spot: Spot::Row(line.number) };
        heap.rows.push(Row { sort, at, values });
    }
    if let Err(faults) = sheet.finish() {
        heap.refusals = faults.into_iter().map(|fault| refusal(&heap, &fault)).collect();
    }
    heap
}

fn refusal(heap: &Heap, fault: &Fault) -> crate::service::import::Refusal {
    let place = Place { file: heap.file.clone(), spot: Spot::Row(fault.row) };
    let said = fault.problem.to_string();
    match fault.place {
        fault::Place::Row => place.refuse(None, said),
        fault::Place::Column(name) => place.refuse(Some(name), said),
        fault::Place::Number(number) => {
            place.refuse(Some(&format!("column number {number}")), said)
        }
    }
}

/// What a cell says; an empty one says nothing.
fn value(cell: &str, form: Form) -> Result<Option<Value>, &'static str> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Ok(None);
    }
    match form {
        Form::Text => Ok(Some(cell.into())),
        Form::Truth => match cell.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "1" => Ok(Some(true.into())),
            "false" | "no" | "n" | "0" => Ok(Some(false.into())),
            _ => Err("write true or false"),
        },
        Form::List => {
            let parts = cell.split(';').map(str::trim).filter(|part| !part.is_empty());
            Ok(Some(parts.collect()))
        }
    }
}
