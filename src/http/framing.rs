//! Where one HTTP/1.1 message ends and the next begins, read strictly, before the parser reads
//! at all (HTP-01; RFC 9112 §2.2, §3.2, §6, §7).
//!
//! The parser behind us forgives and does not tell: a bare LF ends a line, a Content-Length
//! beside a Transfer-Encoding is dropped, so is a second one that is equal, and a list of
//! encodings passes if it ends in `chunked`. A proxy before us may read the same bytes the other
//! way, and then a body here is a request there. So a [`Screen`] follows every byte of a socket
//! by the strict reading alone; where another reading is possible, nothing more is read.
//!
//! It has to know bodies too, since heads follow them; it looks into none. What it does not
//! judge (names, control characters, sizes) the parser refuses by itself, which ends the socket
//! just as well.
//!
//! Rejected: checks on the parsed head (most of the above is gone by then), and a hunt for line
//! feeds alone (bodies may hold as many as they like).

use crate::http::limits;

/// A line that is longer is not kept. The parser gives up on a head of half that size.
const LONGEST_LINE: usize = 4 * limits::LARGEST_HEADER_BLOCK;

/// The most digits of a chunk's size: all that 64 bits hold.
const MOST_DIGITS: usize = 16;

/// Follows the messages that come in on one socket.
#[derive(Debug, Default)]
pub struct Screen {
    at: At,
    head: Head,
    /// The beginning of a line whose end is still to come.
    begun: Vec<u8>,
    refused: bool,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// A request line, or an empty line before it.
    #[default]
    Start,
    /// Header fields.
    Fields,
    /// A body of known length; so many bytes of it are to come.
    Counted(u64),
    /// The line with the size of a chunk.
    Size,
    /// A chunk; so many bytes of it are to come.
    Chunk(u64),
    /// The end of the line after a chunk.
    Seam,
    /// The fields after the last chunk.
    Trailers,
}

/// What a head says so far about its own end and its body.
#[derive(Debug, Default)]
struct Head {
    /// HTTP/1.0, which needs no Host and knows no chunks.
    old: bool,
    host: bool,
    length: Option<u64>,
    chunked: bool,
}

impl Screen {
    /// Looks at what was read. How many of the bytes may pass: all, or fewer when the rest can
    /// be read in two ways. The first byte held back is always one that its line needs.
    pub fn pass(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() && !self.refused {
            let taken = match self.at {
                At::Counted(left) => self.skip(left, rest.len(), At::Counted, At::Start),
                At::Chunk(left) => self.skip(left, rest.len(), At::Chunk, At::Seam),
                _ => self.line(rest),
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        bytes.len() - rest.len()
    }

    /// Whether something was held back, after which nothing may follow.
    pub fn refused(&self) -> bool {
        self.refused
    }

    /// Steps over bytes that may be anything.
    fn skip(&mut self, left: u64, at_hand: usize, more: fn(u64) -> At, after: At) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(at_hand);
        let left = left.saturating_sub(u64::try_from(taken).unwrap_or(left));
        self.at = if left == 0 { after } else { more(left) };
        taken
    }

    /// Takes one line, or the part of it that is there. Nothing, if it is refused.
    fn line(&mut self, rest: &[u8]) -> usize {
        let Some(end) = memchr::memchr(b'\n', rest) else {
            self.refused = self.begun.len().saturating_add(rest.len()) > LONGEST_LINE;
            if self.refused {
                return 0;
            }
            self.begun.extend_from_slice(rest);
            return rest.len();
        };
        let mut begun = std::mem::take(&mut self.begun);
        let here = rest.get(..end).unwrap_or_default();
        let line = if begun.is_empty() {
            here
        } else {
            begun.extend_from_slice(here);
            &begun
        };
        match line.strip_suffix(b"\r").and_then(|line| self.follow(line)) {
            Some(next) => {
                self.at = next;
                end.saturating_add(1)
            }
            None => {
                self.refused = true;
                0
            }
        }
    }

    /// What comes after `line`; nothing, if it can be read in two ways.
    fn follow(&mut self, line: &[u8]) -> Option<At> {
        match self.at {
            At::Start if line.is_empty() => Some(At::Start),
            At::Start => {
                self.head = Head { old: line.ends_with(b" HTTP/1.0"), ..Head::default() };
                Some(At::Fields)
            }
            At::Fields if line.is_empty() => self.head.body(),
            At::Fields => self.head.field(line).then_some(At::Fields),
            At::Size => {
                size(line).map(|size| if size == 0 { At::Trailers } else { At::Chunk(size) })
            }
            At::Seam => line.is_empty().then_some(At::Size),
            At::Trailers if line.is_empty() => Some(At::Start),
            At::Trailers | At::Counted(_) | At::Chunk(_) => Some(self.at),
        }
    }
}

impl Head {
    /// Takes in one field; whether it leaves one reading only.
    fn field(&mut self, line: &[u8]) -> bool {
        match line.first() {
            // A folded line: its field was ended before it by some, and goes on for others.
            Some(b' ' | b'\t') => return false,
            Some(b'c' | b'C' | b'h' | b'H' | b't' | b'T') => {}
            _ => return true,
        }
        let Some((name, value)) = halves(line) else { return true };
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = number(value);
            length.is_some() && std::mem::replace(&mut self.length, length).is_none()
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let only = value.eq_ignore_ascii_case(b"chunked");
            only && !std::mem::replace(&mut self.chunked, true)
        } else if name.eq_ignore_ascii_case(b"host") {
            !std::mem::replace(&mut self.host, true)
        } else {
            true
        }
    }

    /// The body after this head; nothing, if the head leaves it open.
    fn body(&self) -> Option<At> {
        match (self.length, self.chunked) {
            _ if !self.host && !self.old => None,
            (None, true) if !self.old => Some(At::Size),
            (_, true) => None,
            (None | Some(0), false) => Some(At::Start),
            (Some(length), false) => Some(At::Counted(length)),
        }
    }
}

/// Name and value of a field. White space before the colon stays with the name, which is then
/// none of ours.
fn halves(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr::memchr(b':', line)?;
    let (name, value) = line.split_at_checked(colon)?;
    Some((name, value.get(1..)?.trim_ascii()))
}

/// Digits and nothing else: no sign, no list (RFC 9110 §8.6).
fn number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()
}

/// The size of a chunk, with or without extensions (RFC 9112 §7.1).
fn size(line: &[u8]) -> Option<u64> {
    let end = line.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(line.len());
    let (digits, rest) = line.split_at_checked(end)?;
    let plain = matches!(rest.trim_ascii_start().first(), None | Some(b';'));
    let text = std::str::from_utf8(digits).ok().filter(|_| plain && end <= MOST_DIGITS)?;
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes pass when they come in pieces of this size.
    fn passed(text: &[u8], piece: usize) -> usize {
        let mut screen = Screen::default();
        let mut sum = 0;
        for piece in text.chunks(piece) {
            let passed = screen.pass(piece);
            sum += passed;
            assert_eq!(screen.refused(), passed < piece.len());
            if screen.refused() {
                break;
            }
        }
        sum
    }

    fn passes(text: &str) -> bool {
        let whole = passed(text.as_bytes(), text.len()) == text.len();
        for piece in 1..text.len() {
            assert_eq!(passed(text.as_bytes(), piece) == text.len(), whole, "{piece}: {text:?}");
        }
        whole
    }

    fn post(fields: &str, body: &str) -> String {
        format!("POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\n{fields}\r\n{body}")
    }

    const NEXT: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    #[test]
    fn htp01_one_reading_passes_whatever_the_pieces() {
        for good in [
            NEXT.to_owned(),
            format!("\r\n\r\n{NEXT}\r\n{NEXT}{NEXT}"),
            "GET / HTTP/1.0\r\n\r\n".to_owned(),
            post("Content-Length: 7\r\n", "\n\n\r\n\r\n\n") + NEXT,
            post("content-LENGTH:\t0\t\r\n", NEXT),
            post("Transfer-Encoding: Chunked\r\n", "3\r\n\n\n\n\r\n0\r\n\r\n") + NEXT,
            post(
                "transfer-encoding:chunked\r\n",
                "A ;x=\"y\"\r\n0123456789\r\n00\r\nTe: 1\r\n\r\n",
            ) + NEXT,
            post("Connection: close\r\nTe: trailers\r\nCookie: a\r\nHostile: 1\r\n", ""),
        ] {
            assert!(passes(&good), "{good:?}");
        }
    }

    #[test]
    fn htp01_two_readings_never_pass() {
        let chunks = "0\r\n\r\n";
        let unhosted = |fields: &str| format!("GET / HTTP/1.1\r\n{fields}\r\n");
        for bad in [
            NEXT.replace("\r\n", "\n"),
            NEXT.replace("a\r\n\r\n", "a\n\r\n"),
            NEXT.replace("a\r\n\r\n", "a\r\n\n"),
            format!("\n{NEXT}"),
            unhosted(""),
            unhosted("Host: a\r\nhost: a\r\n"),
            unhosted("Host : a\r\n"),
            "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n".to_owned(),
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
            post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks),
            post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks),
            post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", chunks),
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunks),
            post("Transfer-Encoding: chunked, chunked\r\n", chunks),
            post("Transfer-Encoding: gzip, chunked\r\n", chunks),
            post("Transfer-Encoding: identity\r\n", ""),
            post("Transfer-Encoding:\r\n", ""),
            post("Content-Length: 5\r\nContent-Length: 5\r\n", "12345"),
            post("Content-Length: 0\r\nContent-Length: 5\r\n", "12345"),
            post("Content-Length: 5, 5\r\n", "12345"),
            post("Content-Length: +5\r\n", "12345"),
            post("Content-Length: -1\r\n", ""),
            post("Content-Length:\r\n", ""),
            post("Content-Length: 18446744073709551616\r\n", ""),
            post("X-Fold: a\r\n b\r\n", ""),
            post("X-Fold: a\r\n\tb\r\n", ""),
            post("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"),
            post("Transfer-Encoding: chunked\r\n", "5\r\nhello\n0\r\n\r\n"),
            post("Transfer-Encoding: chunked\r\n", "5\r\nhello!\r\n0\r\n\r\n"),
            post("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"),
            post("Transfer-Encoding: chunked\r\n", "+5\r\nhello\r\n0\r\n\r\n"),
            post("Transfer-Encoding: chunked\r\n", "10000000000000000\r\n"),
            post("Transfer-Encoding: chunked\r\n", "\r\n"),
            post("Transfer-Encoding: chunked\r\n", "0\r\nX: 1\n\r\n"),
        ] {
            assert!(!passes(&bad), "{bad:?}");
        }
    }

    #[test]
    fn htp01_what_came_before_still_passes_and_nothing_after() {
        let bad = post("Content-Length: 1\r\nContent-Length: 1\r\n", "x");
        let both = format!("{NEXT}{bad}{NEXT}");
        let mut screen = Screen::default();
        let passed = screen.pass(both.as_bytes());
        assert!(both[..passed].starts_with(NEXT));
        assert!(both[..passed].ends_with("Content-Length: 1\r\n"));
        assert!(screen.refused());
        assert_eq!(screen.pass(NEXT.as_bytes()), 0);
    }

    #[test]
    fn htp05_a_line_without_end_is_not_kept_for_ever() {
        let mut screen = Screen::default();
        let piece = [b'a'; 1_024];
        let pieces = (0..1_024).take_while(|_| screen.pass(&piece) == piece.len()).count();
        assert_eq!(pieces * piece.len(), LONGEST_LINE);
    }
}
