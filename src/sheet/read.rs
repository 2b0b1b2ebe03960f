//! Bytes to rows: columns found by name, and every fault with its row and column.

use std::borrow::Cow;
use std::io;
use std::io::Read;

use csv::{ByteRecord, ReaderBuilder, Terminator};

use crate::sheet::fault::{Fault, Place, Problem};
use crate::sheet::input::{Allowance, beneath_mark};

/// Reads ahead by so much; also what a row may need beside its fields.
const BUFFER: usize = 64 * 1024;
/// Columns of a file that are looked at; ours have a dozen.
const MOST_COLUMNS: usize = 256;

/// How much of a sheet is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows below the header, blank ones counted.
    pub rows: u64,
    /// Bytes in one field, without its quotes.
    pub field_bytes: usize,
}

/// A column that the caller can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its header; any letter case is taken.
    pub name: &'static str,
    /// What must be there.
    pub need: Need,
}

/// What must be there of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: without the column, its cells count as empty.
    Nothing,
    /// The header; a cell may be empty.
    Header,
    /// The header, and a value in every row.
    Value,
}

/// One row, its cells in the order of the columns that the caller named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet shows it: the header is row 1, blank lines count.
    pub number: u64,
    /// The values; empty where the sheet has none.
    pub cells: Vec<String>,
}

impl Row {
    /// The cell under the caller's column `column`, counted from 0; empty if it has none.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// A sheet on its way in. It yields the rows that have no fault of form; whether there were
/// faults is known at the end, from [`Sheet::finish`].
pub struct Sheet<R> {
    reader: csv::Reader<Allowance<R>>,
    columns: &'static [Column],
    limits: Limits,
    /// For each column of the file: which of the caller's it is.
    known: Vec<Option<usize>>,
    record: ByteRecord,
    /// The last row that was read, blank ones counted.
    row: u64,
    /// Line breaks that were read so far, plus one.
    line: u64,
    done: bool,
    faults: Vec<Fault>,
}

impl<R: Read> Sheet<R> {
    /// Reads the header. A fault in it means that no row is yielded.
    pub fn open(input: R, columns: &'static [Column], limits: Limits) -> Self {
        let (input, encoding) = beneath_mark(input);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(input);
        let mut sheet = Self {
            reader,
            columns,
            limits,
            known: Vec::new(),
            record: ByteRecord::new(),
            row: 0,
            line: 1,
            done: false,
            faults: Vec::new(),
        };
        if let Err(problem) = encoding {
            sheet.stop(1, problem);
        } else {
            sheet.header();
        }
        sheet.done |= !sheet.faults.is_empty();
        sheet
    }

    /// Whether the sheet has the caller's column `column`, counted from 0.
    pub fn has(&self, column: usize) -> bool {
        self.known.contains(&Some(column))
    }

    /// Adds an objection of the caller's to a cell of a row; `sentence` must repeat no value.
    pub fn refuse(&mut self, row: u64, column: usize, sentence: impl Into<Cow<'static, str>>) {
        let place =
            self.columns.get(column).map_or(Place::Row, |column| Place::Column(column.name));
        self.faults.push(Fault { row, place, problem: Problem::Refused(sentence.into()) });
    }

    /// Reads what is left, and says that there was no fault, or all of them by row.
    pub fn finish(mut self) -> Result<(), Vec<Fault>> {
        while self.next_row().is_some() {}
        self.faults.sort_by_key(|fault| fault.row);
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults) }
    }

    /// The next row without a fault of form; none at the end.
    pub fn next_row(&mut self) -> Option<Row> {
        loop {
            if self.done {
                return None;
            }
            if !self.read() {
                self.done = true;
                return None;
            }
            if (0..self.record.len()).all(|at| field(&self.record, at).is_empty()) {
                continue;
            }
            if let Some(row) = self.take() {
                return Some(row);
            }
        }
    }

    /// Reads one record; false at the end, and after what forbids to go on.
    fn read(&mut self) -> bool {
        let width = self.known.len().max(1);
        let fields = self.limits.field_bytes.saturating_mul(2).saturating_mul(width);
        self.reader.get_mut().left = fields.saturating_add(2 * BUFFER);
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => self.count(),
            Ok(false) => false,
            Err(error) => {
                let spent = self.reader.get_ref().left == 0;
                let long = Problem::TooLong(self.limits.field_bytes);
                let problem = if spent { long } else { Problem::Unreadable(kind(&error)) };
                self.stop(self.row + 1, problem);
                false
            }
        }
    }

    /// Numbers the record that was read. What the parser skipped in silence shows in its count
    /// of line breaks: those in no field, less the one that ended the record, are blank lines.
    fn count(&mut self) -> bool {
        let line = self.reader.position().line();
        let inside = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let inside = u64::try_from(inside).unwrap_or(u64::MAX);
        let passed = line.saturating_sub(self.line);
        self.line = line;
        let Some(blank) = passed.checked_sub(inside.saturating_add(1)) else {
            self.stop(self.row + 1, Problem::OpenQuote);
            return false;
        };
        self.row += blank + 1;
        let most = self.limits.rows.saturating_add(1);
        if self.row > most {
            self.stop(most.saturating_add(1), Problem::TooManyRows(self.limits.rows));
        }
        !self.done
    }

    fn stop(&mut self, row: u64, problem: Problem) {
        self.faults.push(Fault { row, place: Place::Row, problem });
        self.done = true;
    }

    fn header(&mut self) {
        if !self.read() {
            if self.faults.is_empty() {
                self.stop(1, Problem::Empty);
            }
            return;
        }
        if self.record.len() > MOST_COLUMNS {
            return self.stop(self.row, Problem::TooManyColumns(MOST_COLUMNS));
        }
        let only = field(&self.record, 0);
        if self.record.len() == 1 && only.iter().any(|byte| [b';', b'\t'].contains(byte)) {
            return self.stop(self.row, Problem::Separator);
        }
        for at in 0..self.record.len() {
            let found = self.recognize(at);
            self.known.push(found);
        }
        for (at, column) in self.columns.iter().enumerate() {
            if column.need != Need::Nothing && !self.has(at) {
                let place = Place::Column(column.name);
                self.faults.push(Fault { row: self.row, place, problem: Problem::MissingColumn });
            }
        }
    }

    /// Which of the caller's columns stands at place `at` of the header.
    fn recognize(&mut self, at: usize) -> Option<usize> {
        let mut object = |place, problem| self.faults.push(Fault { row: self.row, place, problem });
        let Ok(name) = std::str::from_utf8(field(&self.record, at)) else {
            object(Place::Number(at + 1), Problem::Encoding);
            return None;
        };
        let name = name.trim();
        let mut columns = self.columns.iter().enumerate();
        match columns.find(|(_, column)| column.name.eq_ignore_ascii_case(name)) {
            Some((found, column)) if self.known.contains(&Some(found)) => {
                object(Place::Column(column.name), Problem::DoubledColumn);
                None
            }
            Some((found, _)) => Some(found),
            None => {
                if !name.is_empty() {
                    object(Place::Number(at + 1), Problem::UnknownColumn);
                }
                None
            }
        }
    }

    /// The row that was read, if it has no fault of form.
    fn take(&mut self) -> Option<Row> {
        let (cells, headers) = (self.record.len(), self.known.len());
        if cells != headers {
            let problem = Problem::Width { cells, headers };
            self.faults.push(Fault { row: self.row, place: Place::Row, problem });
            return None;
        }
        let before = self.faults.len();
        let mut row = Row { number: self.row, cells: vec![String::new(); self.columns.len()] };
        for (at, known) in self.known.iter().enumerate() {
            let column = known.and_then(|known| self.columns.get(known));
            match value(field(&self.record, at), column, self.limits) {
                Ok(text) => {
                    let cell = known.and_then(|known| row.cells.get_mut(known));
                    cell.into_iter().for_each(|cell| text.clone_into(cell));
                }
                Err(problem) => {
                    let number = Place::Number(at + 1);
                    let place = column.map_or(number, |column| Place::Column(column.name));
                    self.faults.push(Fault { row: self.row, place, problem });
                }
            }
        }
        (self.faults.len() == before).then_some(row)
    }
}

/// The text of a field, or what is wrong with it; without a column it must be empty.
fn value<'a>(field: &'a [u8], column: Option<&Column>, limits: Limits) -> Result<&'a str, Problem> {
    if field.len() > limits.field_bytes {
        return Err(Problem::TooLong(limits.field_bytes));
    }
    let text = std::str::from_utf8(field).map_err(|_| Problem::Encoding)?;
    match column {
        None if !text.is_empty() => Err(Problem::Unnamed),
        Some(column) if column.need == Need::Value && text.is_empty() => Err(Problem::MissingValue),
        _ => Ok(text),
    }
}

/// Field `at`. Lines end with LF here, so the CR of a CR LF is still on the last field.
fn field(record: &ByteRecord, at: usize) -> &[u8] {
    let field = record.get(at).unwrap_or_default();
    let last = at + 1 == record.len();
    field.strip_suffix(b"\r").filter(|_| last).unwrap_or(field)
}

fn kind(error: &csv::Error) -> io::ErrorKind {
    match error.kind() {
        csv::ErrorKind::Io(error) => error.kind(),
        _ => io::ErrorKind::InvalidData,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::write::{BYTE_ORDER_MARK, Writer, is_dangerous};

    const PEOPLE: [Column; 3] = [
        Column { name: "userName", need: Need::Value },
        Column { name: "lastAccess", need: Need::Header },
        Column { name: "note", need: Need::Nothing },
    ];
    const LIMITS: Limits = Limits { rows: 5, field_bytes: 20 };

    fn read(bytes: &[u8]) -> (Vec<(u64, Vec<String>)>, Vec<String>) {
        let mut sheet = Sheet::open(bytes, &PEOPLE, LIMITS);
        let mut rows = Vec::new();
        while let Some(row) = sheet.next_row() {
            rows.push((row.number, row.cells));
        }
        let faults = sheet.finish().err().unwrap_or_default();
        (rows, faults.iter().map(ToString::to_string).collect())
    }

    fn row(number: u64, cells: [&str; 3]) -> (u64, Vec<String>) {
        (number, cells.map(str::to_owned).to_vec())
    }

    fn faults(bytes: &[u8]) -> Vec<String> {
        read(bytes).1
    }

    #[test]
    fn columns_are_found_by_name_in_any_order_and_case_with_or_without_the_mark() {
        let plain = b"LASTACCESS, username \n2026,anna\n,bo\n";
        let wanted = vec![row(2, ["anna", "2026", ""]), row(3, ["bo", "", ""])];
        assert_eq!(read(plain), (wanted.clone(), vec![]));
        assert_eq!(read(&[BYTE_ORDER_MARK, plain].concat()), (wanted.clone(), vec![]));
        let quoted = b"\xEF\xBB\xBF\"lastAccess\",\"userName\"\r\n\"2026\",\"anna\"\r\n\"\",\"bo\"";
        assert_eq!(read(quoted), (wanted, vec![]));
        let sheet = Sheet::open(&plain[..], &PEOPLE, LIMITS);
        assert_eq!([0, 1, 2, 3].map(|column| sheet.has(column)), [true, true, false, false]);
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        for end in ["\n", "\r\n"] {
            let lines = ["userName,lastAccess", "", "a,\"1\n2\"", "", "", "b,", ",", "c,\"\"", ""];
            let (rows, faults) = read(lines.join(end).as_bytes());
            assert_eq!(
                faults,
                ["row 7: more than 5 rows; divide the sheet, the rest was not read"]
            );
            assert_eq!(rows, [row(3, ["a", "1\n2", ""]), row(6, ["b", "", ""])]);
        }
    }

    #[test]
    fn every_fault_of_the_header_is_told_and_no_row_is_read() {
        let (rows, said) = read(b"Secret,note,NOTE,\xFF\nx,y,z,w\n");
        assert!(rows.is_empty());
        assert_eq!(
            said,
            [
                "row 1, column number 1: no such column is known; correct or remove it",
                "row 1, column note: this column stands twice; keep one of them",
                "row 1, column number 4: this is no UTF-8; save the sheet as \"CSV UTF-8\"",
                "row 1, column userName: the column is missing; add it",
                "row 1, column lastAccess: the column is missing; add it",
            ]
        );
    }

    #[test]
    fn every_fault_of_every_row_is_told_at_once() {
        let text = b"userName,lastAccess,\n,\xFF,\na,b\nok,,\nlonger than twenty bytes,x,secret\n";
        let (rows, said) = read(text);
        assert_eq!(rows, [row(4, ["ok", "", ""])]);
        assert_eq!(
            said,
            [
                "row 2, column userName: a value is needed here",
                "row 2, column lastAccess: this is no UTF-8; save the sheet as \"CSV UTF-8\"",
                "row 3: the row has 2 cells where the header has 3",
                "row 5, column userName: longer than the 20 bytes that a field may have",
                "row 5, column number 3: a value stands under no header; name the column",
            ]
        );
    }

    #[test]
    fn the_callers_objections_stand_among_the_others_by_row() {
        let mut sheet = Sheet::open(&b"userName,lastAccess\na,x\n,1\n"[..], &PEOPLE, LIMITS);
        let first = sheet.next_row().unwrap();
        assert_eq!((first.cell(0), first.cell(1), first.cell(9)), ("a", "x", ""));
        assert_eq!(sheet.next_row(), None);
        sheet.refuse(first.number, 1, "this is no instant");
        let said: Vec<String> =
            sheet.finish().unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "row 2, column lastAccess: this is no instant",
                "row 3, column userName: a value is needed here",
            ]
        );
    }

    #[test]
    fn limits_hold_on_both_sides() {
        let head = "userName,lastAccess\n";
        let rows = |count| format!("{head}{}", "a,b\n".repeat(count));
        assert!(faults(rows(5).as_bytes()).is_empty());
        assert_eq!(faults(rows(6).as_bytes()).len(), 1);
        let field = |bytes| format!("{head}{},\n", "x".repeat(bytes));
        assert!(faults(field(20).as_bytes()).is_empty());
        assert_eq!(faults(field(21).as_bytes()).len(), 1);
        let columns = |count: usize| format!("userName,lastAccess{}\n", ",".repeat(count - 2));
        assert!(faults(columns(MOST_COLUMNS).as_bytes()).is_empty());
        assert_eq!(faults(columns(MOST_COLUMNS + 1).as_bytes()), ["row 1: more than 256 columns"]);
    }

    #[test]
    fn a_row_cannot_fill_the_memory() {
        let endless = io::repeat(b'x');
        let input = b"userName,lastAccess\n\"".chain(endless);
        let mut sheet = Sheet::open(input, &PEOPLE, LIMITS);
        assert_eq!(sheet.next_row(), None);
        assert!(sheet.record.as_slice().len() < 4 * BUFFER);
        let said = sheet.finish().unwrap_err();
        assert_eq!((said.len(), said[0].row), (1, 2));
        assert_eq!(said[0].problem, Problem::TooLong(20));
    }

    #[test]
    fn what_is_no_sheet_is_said_plainly() {
        assert_eq!(faults(b""), ["row 1: the sheet is empty; its first row must name the columns"]);
        assert_eq!(faults(b"\xEF\xBB\xBF\n\n").len(), 1);
        assert_eq!(
            faults(b"\xFF\xFEu\0"),
            ["row 1: this is no UTF-8; save the sheet as \"CSV UTF-8\""]
        );
        assert_eq!(
            faults(b"userName,lastAccess\na,\"b\nc,d\n"),
            ["row 2: a quote is opened in this row and never closed"]
        );
    }

    #[test]
    fn a_sheet_without_commas_is_said_to_be_one() {
        let wanted = ["row 1: the columns are not separated by commas; save the sheet with commas"];
        assert_eq!(faults(b"userName;lastAccess\r\na;b\r\n"), wanted);
        assert_eq!(faults(b"userName\tlastAccess\na\tb\n"), wanted);
    }

    fn guarded(text: &str) -> String {
        let guard = if is_dangerous(text) { "'" } else { "" };
        format!("{guard}{text}")
    }

    #[test]
    fn ex7_what_the_writer_writes_is_read_back() {
        let texts = ["x", "", "\r\nx", "x\r", "x\n", "\"", "a,b;c", "\"\"\r", " =1", "Zoë", "'="];
        for mark in [false, true] {
            let headers = ["note", "userName", "lastAccess"];
            let mut out = Writer::start(Vec::new(), mark, headers).unwrap();
            let mut wanted = Vec::new();
            for (first, last) in texts.iter().flat_map(|one| texts.map(|other| (*one, other))) {
                out.row([first, "a", last]).unwrap();
                wanted.push(vec!["a".to_owned(), guarded(last), guarded(first)]);
            }
            let (bytes, _) = out.finish().unwrap();
            let limits = Limits { rows: 500, field_bytes: 20 };
            let mut sheet = Sheet::open(&bytes[..], &PEOPLE, limits);
            let rows: Vec<Row> = std::iter::from_fn(|| sheet.next_row()).collect();
            assert_eq!(sheet.finish(), Ok(()));
            let numbers: Vec<u64> = rows.iter().map(|row| row.number).collect();
            assert_eq!(numbers, (2..=122).collect::<Vec<u64>>());
            assert_eq!(rows.into_iter().map(|row| row.cells).collect::<Vec<_>>(), wanted);
        }
    }

    /// Gives one byte at a time, and then fails.
    struct Drip(&'static [u8]);

    impl Read for Drip {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let (first, rest) = self.0.split_first().ok_or(io::ErrorKind::ConnectionReset)?;
            bytes[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn an_input_that_drips_and_fails_is_no_whole_sheet() {
        let mut sheet =
            Sheet::open(Drip(b"\xEF\xBB\xBFuserName,lastAccess\na,b\nc,d"), &PEOPLE, LIMITS);
        assert_eq!(sheet.next_row().unwrap().cells[0], "a");
        let said = sheet.finish().unwrap_err();
        assert_eq!(said[0].row, 3);
        assert_eq!(said[0].problem, Problem::Unreadable(io::ErrorKind::ConnectionReset));
    }
}
