//! The CSV dialect: what leaves the house as a sheet, and what enters it as one.
//!
//! ```text
//!  headers, rows of texts -> write -> bytes, with their count, their hash and the guarded cells
//!  bytes -> read -> rows by named column, or every fault with its row and column
//! ```
//!
//! Out: UTF-8, every field in quotes, CR LF after every line and after the last one too, a byte
//! order mark if it is asked for. A cell that a spreadsheet could take for a formula is
//! neutralised by an apostrophe before the whole cell (CSV-01, EX6). In: RFC 4180 with either
//! line end, columns in any order, found by their names.
//!
//! Invariants: a row has as many cells as the header, or it is refused before a byte of it is
//! written. After a failed write nothing more is written, and no summary exists, so that half a
//! file never looks whole. Reading never repeats what it read in the text of a fault, and holds
//! one row in memory at a time.
//!
//! Rejected: quoting only where it is needed (each spreadsheet guesses otherwise about leading
//! zeros and semicolons); taking the apostrophe away again when reading (a cell may have begun
//! with one); stopping at the first fault of a file (people would mend one row per attempt);
//! writing through the `csv` crate (its cells must be texts in memory first, and a pivot row of
//! thousands of empty cells is cheaper without them).

pub mod fault;
mod input;
pub mod read;
pub mod write;
