//! Rows of texts to bytes: quoting, line ends, byte order mark, formula guard, hash and counts.

use std::io;
use std::io::Write;

use sha2::{Digest, Sha256};

/// UTF-8's byte order mark: without it Excel garbles accents (Q13).
pub const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// Bytes that are gathered before they are hashed and handed on.
const BLOCK: usize = 64 * 1024;
/// What a spreadsheet may read as the beginning of a formula, with the full-width forms.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];

/// What was written, for the event and the manifest (EX9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Rows below the header.
    pub rows: u64,
    /// Bytes in all, with the byte order mark.
    pub bytes: u64,
    /// Cells and headers that got an apostrophe (Q14).
    pub neutralised: u64,
    /// Of all bytes, with the byte order mark.
    pub sha256: [u8; 32],
}

/// Why a sheet was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteFault {
    /// The output failed.
    #[error("the sheet could not be written: {0}")]
    Output(#[from] io::Error),
    /// A row is wider or narrower than the header, or the header is empty; nothing of it was
    /// written.
    #[error("a row of the sheet does not fit its header")]
    Width,
    /// An earlier write failed, and what was written is not whole.
    #[error("the sheet broke off earlier and takes no more rows")]
    Broken,
}

/// A sheet on its way out. Without [`Writer::finish`] it is not whole.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    block: Vec<u8>,
    /// Cells of a row.
    width: usize,
    rows: u64,
    bytes: u64,
    neutralised: u64,
    digest: Sha256,
    broken: bool,
}

impl<W: Write> Writer<W> {
    /// Begins a sheet with its header, after a byte order mark if `mark` says so.
    pub fn start<C: AsRef<str>>(
        out: W,
        mark: bool,
        headers: impl IntoIterator<Item = C>,
    ) -> Result<Self, WriteFault> {
        let mut sheet = Self {
            out,
            block: Vec::with_capacity(BLOCK + BLOCK / 8),
            width: 0,
            rows: 0,
            bytes: 0,
            neutralised: 0,
            digest: Sha256::new(),
            broken: false,
        };
        if mark {
            sheet.block.extend_from_slice(BYTE_ORDER_MARK);
        }
        for header in headers {
            sheet.cell(header.as_ref(), sheet.width == 0);
            sheet.width += 1;
        }
        if sheet.width == 0 {
            return Err(WriteFault::Width);
        }
        sheet.end_line()?;
        Ok(sheet)
    }

    /// Writes one row of as many cells as there are headers.
    pub fn row<C: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = C>,
    ) -> Result<(), WriteFault> {
        let before = self.begin_line()?;
        let filled = self.lead(cells);
        self.close_line(before, filled == self.width)
    }

    /// Writes one row that begins with `lead`; the cells after it are empty, but for `mark` at
    /// the places `marks`, which count from the end of `lead` and ascend. Costs nothing to look
    /// up per empty cell.
    pub fn pivot_row<C: AsRef<str>>(
        &mut self,
        lead: impl IntoIterator<Item = C>,
        marks: &[usize],
        mark: &str,
    ) -> Result<(), WriteFault> {
        let before = self.begin_line()?;
        let filled = self.lead(lead);
        let fits = self.marks(filled, marks, mark).is_some();
        self.close_line(before, fits)
    }

    /// Hands on what is left, and says what was written.
    pub fn finish(mut self) -> Result<(W, Summary), WriteFault> {
        if self.broken {
            return Err(WriteFault::Broken);
        }
        self.hand_on()?;
        self.out.flush()?;
        let summary = Summary {
            rows: self.rows,
            bytes: self.bytes,
            neutralised: self.neutralised,
            sha256: self.digest.finalize().into(),
        };
        Ok((self.out, summary))
    }

    /// Where the line begins in the block, and how many cells were neutralised before it.
    fn begin_line(&self) -> Result<(usize, u64), WriteFault> {
        if self.broken { Err(WriteFault::Broken) } else { Ok((self.block.len(), self.neutralised)) }
    }

    /// Takes the line back if it does not fit the header.
    fn close_line(&mut self, before: (usize, u64), fits: bool) -> Result<(), WriteFault> {
        if !fits {
            self.block.truncate(before.0);
            self.neutralised = before.1;
            return Err(WriteFault::Width);
        }
        self.rows += 1;
        self.end_line()
    }

    fn end_line(&mut self) -> Result<(), WriteFault> {
        self.block.extend_from_slice(b"\r\n");
        if self.block.len() < BLOCK {
            return Ok(());
        }
        self.hand_on()
    }

    fn hand_on(&mut self) -> Result<(), WriteFault> {
        self.broken = true;
        self.out.write_all(&self.block)?;
        self.broken = false;
        self.digest.update(&self.block);
        self.bytes += u64::try_from(self.block.len()).unwrap_or(u64::MAX);
        self.block.clear();
        Ok(())
    }

    /// Writes `cells` from the beginning of a line and counts them.
    fn lead<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) -> usize {
        let mut filled = 0;
        for cell in cells {
            self.cell(cell.as_ref(), filled == 0);
            filled += 1;
        }
        filled
    }

    /// Writes the rest of a line; nothing if the marks do not fit into it.
    fn marks(&mut self, filled: usize, marks: &[usize], mark: &str) -> Option<()> {
        let columns = self.width.checked_sub(filled)?;
        let mut next = 0;
        for place in marks {
            let gap = place.checked_sub(next).filter(|_| *place < columns)?;
            self.empty(gap, filled + next == 0);
            self.cell(mark, filled + place == 0);
            next = place + 1;
        }
        self.empty(columns - next, filled + next == 0);
        Some(())
    }

    fn cell(&mut self, text: &str, first: bool) {
        self.block.extend_from_slice(if first { b"\"" } else { b",\"" });
        if is_dangerous(text) {
            self.block.push(b'\'');
            self.neutralised += 1;
        }
        for (count, piece) in text.split('"').enumerate() {
            if count > 0 {
                self.block.extend_from_slice(b"\"\"");
            }
            self.block.extend_from_slice(piece.as_bytes());
        }
        self.block.push(b'"');
    }

    fn empty(&mut self, count: usize, first: bool) {
        let from = self.block.len();
        for _ in 0..count {
            self.block.extend_from_slice(b",\"\"");
        }
        if first && count > 0 {
            self.block.remove(from);
        }
    }
}

impl Writer<Vec<u8>> {
    /// The bytes that were handed on since the last time: whole lines.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

/// Whether a spreadsheet could take the cell for a formula, or break it (EX6, CSV-01): it begins
/// with a sign, a tab or a line break, or the first character after white space is a sign.
pub fn is_dangerous(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(headers: &[&str], rows: &[&[&str]]) -> (String, Summary) {
        let mut writer = Writer::start(Vec::new(), false, headers).unwrap();
        for row in rows {
            writer.row(*row).unwrap();
        }
        let (bytes, summary) = writer.finish().unwrap();
        (String::from_utf8(bytes).unwrap(), summary)
    }

    #[test]
    fn csv02_every_field_is_quoted_and_every_line_ends_with_crlf() {
        let (text, summary) = sheet(&["A", "B C"], &[&["x", ""], &["say \"hi\"", "1;2,3\r\n4"]]);
        let wanted = "\"A\",\"B C\"\r\n\"x\",\"\"\r\n\"say \"\"hi\"\"\",\"1;2,3\r\n4\"\r\n";
        assert_eq!(text, wanted);
        assert_eq!((summary.rows, summary.neutralised), (2, 0));
        assert_eq!(summary.bytes, u64::try_from(wanted.len()).unwrap());
        assert_eq!(summary.sha256, <[u8; 32]>::from(Sha256::digest(wanted)));
        assert_eq!(sheet(&["Only"], &[]).0, "\"Only\"\r\n");
    }

    #[test]
    fn csv02_the_mark_comes_first_and_is_counted_and_hashed() {
        let writer = Writer::start(Vec::new(), true, ["A"]).unwrap();
        let (bytes, summary) = writer.finish().unwrap();
        assert_eq!(bytes, b"\xEF\xBB\xBF\"A\"\r\n");
        assert_eq!(summary.bytes, 8);
        assert_eq!(summary.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)));
    }

    #[test]
    fn csv01_ex6_what_could_be_a_formula_gets_an_apostrophe() {
        let signs = ["=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"];
        let spaces = ["", " ", "  \t", "\u{A0}", "\u{3000}", "\u{2028}", "\u{B}\u{C}"];
        let rests = ["", "1+1", "cmd|' /C calc'!A0", "=", " "];
        for (sign, space) in signs.iter().flat_map(|sign| spaces.map(|space| (*sign, space))) {
            for rest in rests {
                assert!(is_dangerous(&format!("{space}{sign}{rest}")), "{space:?}{sign}{rest}");
            }
        }
        for cell in ["\t", "\tx", "\rx", "\nx", "\r\nx", " \n=x", "+1 416 555 0100", "-", "@x"] {
            assert!(is_dangerous(cell), "{cell:?}");
        }
        for cell in ["", " ", " \tx", "a=1", "00123", "'=x", "x\t=1", "\"=1", "Zoë", "é-", ";=1"]
        {
            assert!(!is_dangerous(cell), "{cell:?}");
        }
    }

    #[test]
    fn ex6_headers_are_guarded_like_cells_and_all_are_counted() {
        let (text, summary) = sheet(&["=A", "B"], &[&[" \u{FF1D}x", "=\"1\""], &["x", "-"]]);
        assert_eq!(text, "\"'=A\",\"B\"\r\n\"' \u{FF1D}x\",\"'=\"\"1\"\"\"\r\n\"x\",\"'-\"\r\n");
        assert_eq!(summary.neutralised, 4);
    }

    #[test]
    fn a_pivot_row_is_empty_but_for_its_marks() {
        let mut writer = Writer::start(Vec::new(), false, ["N", "#", "a", "b", "c"]).unwrap();
        writer.pivot_row(["x", "2"], &[0, 2], "y").unwrap();
        writer.pivot_row(["x", "0"], &[], "y").unwrap();
        writer.pivot_row(["", "", "", "", ""], &[], "y").unwrap();
        let none: [&str; 0] = [];
        writer.pivot_row(none, &[1, 4], "y").unwrap();
        writer.pivot_row(none, &[0], "y").unwrap();
        let (bytes, summary) = writer.finish().unwrap();
        let lines = [
            "\"N\",\"#\",\"a\",\"b\",\"c\"",
            "\"x\",\"2\",\"y\",\"\",\"y\"",
            "\"x\",\"0\",\"\",\"\",\"\"",
            "\"\",\"\",\"\",\"\",\"\"",
            "\"\",\"y\",\"\",\"\",\"y\"",
            "\"y\",\"\",\"\",\"\",\"\"",
            "",
        ];
        assert_eq!(String::from_utf8(bytes).unwrap(), lines.join("\r\n"));
        assert_eq!(summary.rows, 5);
    }

    #[test]
    fn a_row_of_another_width_leaves_no_trace() {
        let mut writer = Writer::start(Vec::new(), false, ["A", "B"]).unwrap();
        for wrong in [&["=1"][..], &["=1", "=2", "=3"], &[]] {
            assert!(matches!(writer.row(wrong), Err(WriteFault::Width)));
        }
        for wrong in [&[1][..], &[0, 0], &[5]] {
            assert!(matches!(writer.pivot_row(["=1"], wrong, "y"), Err(WriteFault::Width)));
        }
        writer.row(["1", "2"]).unwrap();
        let (bytes, summary) = writer.finish().unwrap();
        assert_eq!(bytes, b"\"A\",\"B\"\r\n\"1\",\"2\"\r\n");
        assert_eq!((summary.rows, summary.neutralised), (1, 0));
        let none: [&str; 0] = [];
        assert!(matches!(Writer::start(Vec::new(), false, none), Err(WriteFault::Width)));
    }

    /// Takes so many bytes and no more.
    #[derive(Debug)]
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_sheet_that_broke_off_is_never_finished() {
        let mut writer = Writer::start(Full(BLOCK * 2), false, ["A"]).unwrap();
        let cell = "x".repeat(BLOCK);
        writer.row([&cell]).unwrap();
        assert!(matches!(writer.row([&cell]), Err(WriteFault::Output(_))));
        assert!(matches!(writer.row(["x"]), Err(WriteFault::Broken)));
        assert!(matches!(writer.finish(), Err(WriteFault::Broken)));
    }

    #[test]
    fn csv02_long_cells_and_many_blocks_are_hashed_whole() {
        let mut writer = Writer::start(Vec::new(), false, ["A", "B"]).unwrap();
        for row in 0..3_000 {
            writer.row([row.to_string(), "\"é\"".repeat(row % 100)]).unwrap();
        }
        writer.row(["32 KiB", &"a\"\r\n=cmd".repeat(4_096)]).unwrap();
        let (bytes, summary) = writer.finish().unwrap();
        assert!(bytes.len() > 4 * BLOCK);
        assert_eq!(summary.bytes, u64::try_from(bytes.len()).unwrap());
        assert_eq!(summary.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)));
        assert_eq!(summary.rows, 3_001);
    }
}
