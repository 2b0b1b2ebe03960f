//! What can be wrong with a sheet that comes in, with its row and column.

use std::borrow::Cow;
use std::fmt;
use std::io;

/// Where a fault lies in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The row as a whole.
    Row,
    /// A column of ours.
    Column(&'static str),
    /// A column that is none of ours, counted from 1.
    Number(usize),
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no header.
    Empty,
    /// The text is UTF-16 or the like, or a field is no UTF-8.
    Encoding,
    /// The columns are separated by semicolons or tabs.
    Separator,
    /// A header that none of the columns has.
    UnknownColumn,
    /// A header that stands twice.
    DoubledColumn,
    /// A column that must be there is not.
    MissingColumn,
    /// A cell that must hold a value is empty.
    MissingValue,
    /// A cell under no header holds a value.
    Unnamed,
    /// The row has so many cells, and the header another number.
    Width {
        /// Cells of the row.
        cells: usize,
        /// Cells of the header.
        headers: usize,
    },
    /// A field, or a row as a whole, has more bytes than a field may have.
    TooLong(usize),
    /// More rows than are taken; the rest was not read.
    TooManyRows(u64),
    /// More columns than are taken.
    TooManyColumns(usize),
    /// A quote was opened and never closed.
    OpenQuote,
    /// The input failed; the rest was not read.
    Unreadable(io::ErrorKind),
    /// The caller's own objection, a sentence without values.
    Refused(Cow<'static, str>),
}

/// A fault with its place. Its text repeats nothing of the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// As a spreadsheet shows it: the header is row 1.
    pub row: u64,
    /// Where in the row.
    pub place: Place,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Row => write!(f, "row {}: {}", self.row, self.problem),
            Place::Column(name) => write!(f, "row {}, column {name}: {}", self.row, self.problem),
            Place::Number(at) => {
                write!(f, "row {}, column number {at}: {}", self.row, self.problem)
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the sheet is empty; its first row must name the columns"),
            Self::Encoding => f.write_str("this is no UTF-8; save the sheet as \"CSV UTF-8\""),
            Self::Separator => {
                f.write_str("the columns are not separated by commas; save the sheet with commas")
            }
            Self::UnknownColumn => f.write_str("no such column is known; correct or remove it"),
            Self::DoubledColumn => f.write_str("this column stands twice; keep one of them"),
            Self::MissingColumn => f.write_str("the column is missing; add it"),
            Self::MissingValue => f.write_str("a value is needed here"),
            Self::Unnamed => f.write_str("a value stands under no header; name the column"),
            Self::Width { cells, headers } => {
                write!(f, "the row has {cells} cells where the header has {headers}")
            }
            Self::TooLong(bytes) => {
                write!(f, "longer than the {bytes} bytes that a field may have")
            }
            Self::TooManyRows(rows) => {
                write!(f, "more than {rows} rows; divide the sheet, the rest was not read")
            }
            Self::TooManyColumns(columns) => write!(f, "more than {columns} columns"),
            Self::OpenQuote => f.write_str("a quote is opened in this row and never closed"),
            Self::Unreadable(kind) => write!(f, "the sheet could not be read on: {kind}"),
            Self::Refused(sentence) => f.write_str(sentence),
        }
    }
}
