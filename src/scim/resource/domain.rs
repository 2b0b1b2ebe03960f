//! Domain names that hide what they say (security.md IDN-08).

use crate::scim::compare;
use crate::scim::resource::text;

/// What labels in Punycode begin with.
const PREFIX: &str = "xn--";

/// Whether the domain in `text`, what stands behind its last `@` or all of it, has no label in
/// Punycode that says something else than it seems to: text that is ASCII anyway
/// (`xn--example-`), characters that cannot be seen, or nothing that can be decoded.
pub fn is_honest(text: &str) -> bool {
    let domain = text.rsplit('@').next().unwrap_or(text);
    domain.split('.').all(|label| match label.split_at_checked(PREFIX.len()) {
        Some((prefix, coded)) if prefix.eq_ignore_ascii_case(PREFIX) => {
            decode(&coded.to_ascii_lowercase()).is_some_and(|plain| {
                !plain.is_ascii() && text::fault(&plain).is_none() && compare::canon(&plain).is_ok()
            })
        }
        _ => true,
    })
}

/// Decodes a label without its prefix (RFC 3492 §6.2).
fn decode(coded: &str) -> Option<String> {
    let (plain, digits) = coded.rsplit_once('-').unwrap_or(("", coded));
    let mut read: Vec<char> = plain.chars().collect();
    if !coded.is_ascii() || coded.len() > 63 {
        return None;
    }
    let (mut code, mut at, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = digits.bytes().peekable();
    while digits.peek().is_some() {
        let before = at;
        let (mut weight, mut step) = (1_u32, BASE);
        loop {
            let digit = value(digits.next()?)?;
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let threshold = step.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            step = step.checked_add(BASE)?;
        }
        let length = u32::try_from(read.len()).ok()?.checked_add(1)?;
        bias = adapt(at - before, length, before == 0);
        code = code.checked_add(at / length)?;
        at %= length;
        let place = usize::try_from(at).ok()?;
        read.insert(place, char::from_u32(code)?);
        at += 1;
    }
    Some(read.into_iter().collect())
}

/// The number of digits.
const BASE: u32 = 36;

fn value(digit: u8) -> Option<u32> {
    match digit {
        b'a'..=b'z' => Some(u32::from(digit - b'a')),
        b'0'..=b'9' => Some(u32::from(digit - b'0') + 26),
        _ => None,
    }
}

/// RFC 3492 §6.1.
fn adapt(delta: u32, length: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta = delta.saturating_add(delta / length);
    let mut turns = 0;
    while delta > (BASE - 1) * 26 / 2 {
        delta /= BASE - 1;
        turns += BASE;
    }
    turns + BASE * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idn08_punycode_is_decoded_as_its_inventors_do() {
        for (coded, plain) in [
            ("mnchen-3ya", "m\u{fc}nchen"),
            ("bcher-kva", "b\u{fc}cher"),
            ("80ak6aa92e", "\u{430}\u{440}\u{440}\u{4cf}\u{435}"),
            (
                "egbpdaj6bu4bxfgehfvwxn",
                "\u{644}\u{64a}\u{647}\u{645}\u{627}\u{628}\u{62a}\u{643}\u{644}\u{645}\u{648}\u{634}\u{639}\u{631}\u{628}\u{64a}\u{61f}",
            ),
            ("fiqs8s", "\u{4e2d}\u{56fd}"),
        ] {
            assert_eq!(decode(coded).as_deref(), Some(plain), "{coded}");
        }
        for broken in ["a\u{e9}", "99999999", "a-9", "!", "ls8h="] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }

    #[test]
    fn idn08_a_domain_may_not_hide_what_it_says() {
        for honest in
            ["ines@xn--mnchen-3ya.example", "ines@example.org", "xn", "a@b@XN--bcher-kva.ch"]
        {
            assert!(is_honest(honest), "{honest}");
        }
        for bad in ["xn--example-.org", "i@xn--.org", "i@a.XN--EXAMPLE-.org", "i@xn--99999999.org"]
        {
            assert!(!is_honest(bad), "{bad}");
        }
    }
}
