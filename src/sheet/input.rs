//! The bytes of a sheet that comes in: without its byte order mark, and in portions.

use std::io;
use std::io::{Chain, Cursor, Read};

use crate::sheet::fault::Problem;
use crate::sheet::write::BYTE_ORDER_MARK;

/// An input that gives no more than it is allowed, so that one row cannot fill the memory. The
/// line break after its end makes the last line like all others.
pub(super) struct Allowance<R> {
    input: Chain<Chain<Cursor<Vec<u8>>, R>, &'static [u8]>,
    /// Bytes that may still be given.
    pub(super) left: usize,
}

impl<R: Read> Read for Allowance<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = bytes.len().min(self.left);
        let Some(bytes) = bytes.get_mut(..most).filter(|bytes| !bytes.is_empty()) else {
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        let given = self.input.read(bytes)?;
        self.left -= given;
        Ok(given)
    }
}

/// The input without its byte order mark, and whether it can be UTF-8.
pub(super) fn beneath_mark<R: Read>(mut input: R) -> (Allowance<R>, Result<(), Problem>) {
    let mut first = Vec::new();
    let read = input.by_ref().take(3).read_to_end(&mut first);
    let wide = first.starts_with(b"\xFF\xFE") || first.starts_with(b"\xFE\xFF");
    if first == BYTE_ORDER_MARK {
        first.clear();
    }
    let encoding = match read {
        Err(error) => Err(Problem::Unreadable(error.kind())),
        Ok(_) if wide => Err(Problem::Encoding),
        Ok(_) => Ok(()),
    };
    let input = Cursor::new(first).chain(input).chain(&b"\n"[..]);
    (Allowance { input, left: 0 }, encoding)
}
