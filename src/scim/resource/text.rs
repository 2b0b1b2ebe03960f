//! Which characters and shapes the text of an attribute may have.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;

use crate::base::clock::Moment;

/// The longest text of an attribute, in bytes (security.md ATT-09).
pub const LONGEST_TEXT: usize = 65_536;

/// Base64 of RFC 4648 §4; padding may be left out (ATT-22).
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Why `text` may not stand anywhere: a control other than tab and line ends, a character that
/// turns the direction of writing, one without width, or too much of it all.
pub fn fault(text: &str) -> Option<&'static str> {
    if text.len() > LONGEST_TEXT {
        return Some("is longer than 65536 bytes");
    }
    let odd = |c: char| (c.is_control() && !"\t\r\n".contains(c)) || is_invisible(c);
    text.contains(odd).then_some("holds a control, direction or zero-width character")
}

/// Whether `text` stays on one line: no tab, no line end.
pub fn is_one_line(text: &str) -> bool {
    !text.contains(char::is_control)
}

/// Characters that cannot be seen and change what is around them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Whether `text` is an xsd:dateTime with date and time; the zone may be left out (RFC 7643
/// §2.3.5).
pub fn is_date_time(text: &str) -> bool {
    if text.as_bytes().get(10) != Some(&b'T') || text.contains('[') {
        return false;
    }
    text.parse::<Moment>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok()
}

/// Whether `text` is base64.
pub fn is_base64(text: &str) -> bool {
    BASE64.decode(text).is_ok()
}

/// Whether `text` can be a URI, absolute or relative: none of the characters that RFC 3986 keeps
/// out. Letters beyond ASCII pass (RFC 3987).
pub fn is_reference(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"\\^`{|}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idn08_invisible_characters_have_a_fault_and_line_ends_do_not() {
        for bad in ["\0", "a\u{202e}b", "a\u{200b}b", "\u{feff}", "\u{7f}", "\u{85}", "\u{1b}[0m"] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
        for fine in ["", "a\tb\r\nc", "é😀 木 Ж", "O'Neil <x>"] {
            assert_eq!(fault(fine), None, "{fine:?}");
        }
        assert!(is_one_line("a b") && !is_one_line("a\tb") && !is_one_line("a\nb"));
    }

    #[test]
    fn att09_text_ends_at_its_limit() {
        assert_eq!(fault(&"x".repeat(LONGEST_TEXT)), None);
        let said = fault(&"x".repeat(LONGEST_TEXT + 1)).unwrap();
        assert!(said.contains(&LONGEST_TEXT.to_string()));
    }

    #[test]
    fn rfc_att21_a_date_time_has_date_and_time() {
        for fine in [
            "2020-01-02T03:04:05Z",
            "2020-01-02T03:04:05.678+01:00",
            "2020-01-02T03:04:05",
            "2008-01-23T04:56:22Z",
        ] {
            assert!(is_date_time(fine), "{fine}");
        }
        for bad in ["2020-01-01", "2020-01-01 00:00:00Z", "03:04:05Z", "2020-13-01T00:00:00Z", ""] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn rfc_att22_base64_may_lack_its_padding() {
        assert!(is_base64("TQ==") && is_base64("TQ") && is_base64("TWFu") && is_base64("++//"));
        assert!(!is_base64("!!not base64!!") && !is_base64("T-_=") && !is_base64("T"));
    }

    #[test]
    fn rfc_att23_a_reference_has_no_spaces_or_angle_brackets() {
        assert!(is_reference("https://example.org/a?b=c#d") && is_reference("../Users/1"));
        assert!(!is_reference("https://example.org/a b") && !is_reference("<x>"));
    }
}
