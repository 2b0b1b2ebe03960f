//! When two strings are the same (RFC 7643 §2.2 caseExact, RFC 7644 §5, RFC 8265).

use std::borrow::Cow;

use precis_core::profile::PrecisFastInvocation;
use precis_profiles::UsernameCaseMapped;

use unicode_normalization::UnicodeNormalization;

/// The form in which text of a `caseExact: false` attribute is compared: composed (NFC), with
/// letter case folded away.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    // Lower case first: the capital sharp s has no upper case but itself, and would else take
    // two turns to become "ss".
    let lower = text.nfc().flat_map(char::to_lowercase);
    let folded = lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    Cow::Owned(folded.nfc().collect())
}

/// The form in which references to resources are compared: with and without the version of the
/// protocol they are the same (RFC 7643 §2.4).
pub fn reference(text: &str) -> Cow<'_, str> {
    match text.split_once("/v2/") {
        Some((base, rest)) => Cow::Owned(format!("{base}/{rest}")),
        None => Cow::Borrowed(text),
    }
}

/// The text cannot be a user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a user name by RFC 8265: it is empty, or holds a character that names may not have")]
pub struct BadName;

/// The longest user name, in bytes.
pub const LONGEST_USER_NAME: usize = 1_024;

/// The one canonical form of a user name: used by create, rename, filter, index and import
/// (IDN-06). PRECIS UsernameCaseMapped over the folded text, part by part where single spaces
/// part a name (RFC 8265 §3.1).
///
/// A name whose canonical form is not its own canonical form is refused (IDN-07).
pub fn canon(text: &str) -> Result<Cow<'_, str>, BadName> {
    if text.len() > LONGEST_USER_NAME {
        return Err(BadName);
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(fold(text));
    }
    let once = enforce(text)?;
    let twice = enforce(&once)?;
    if once == twice { Ok(Cow::Owned(once)) } else { Err(BadName) }
}

fn enforce(text: &str) -> Result<String, BadName> {
    let folded = fold(text);
    let mut whole = String::with_capacity(folded.len());
    for (turn, part) in folded.split(' ').enumerate() {
        if turn > 0 {
            whole.push(' ');
        }
        whole.push_str(&UsernameCaseMapped::enforce(part).map_err(|_| BadName)?);
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_stable(text: &str) -> bool {
        canon(text).is_ok_and(|once| canon(&once).is_ok_and(|twice| once == twice))
    }

    /// What a turn leaves as it was needs no second one: it would be the same call again.
    fn check_scalar(scalar: char) {
        let text = scalar.to_string();
        if let Ok(once) = canon(&text)
            && once != text
        {
            assert!(canon(&once).is_ok_and(|twice| once == twice), "{scalar:?}");
        }
        let folded = fold(&text);
        if folded != text {
            assert_eq!(fold(&folded), folded, "{scalar:?}");
        }
    }

    #[test]
    fn idn07_every_scalar_is_canonical_after_one_turn_or_refused() {
        let scalars: usize = std::thread::scope(|scope| {
            let step = |start: u32| {
                let chars = (start..=u32::from(char::MAX)).step_by(4).filter_map(char::from_u32);
                chars.inspect(|scalar| check_scalar(*scalar)).count()
            };
            let turns = [0, 1, 2, 3].map(|start| scope.spawn(move || step(start)));
            turns.into_iter().map(|turn| turn.join().unwrap()).sum()
        });
        assert_eq!(scalars, 1_112_064);
    }

    #[test]
    fn idn06_one_name_in_many_spellings() {
        for (one, other) in [
            ("Alice@Example.org", "aLiCe@eXAMPLE.ORG"),
            ("\u{e9}cole", "E\u{301}COLE"),
            ("\u{212a}arin", "karin"),
            ("\u{17f}am", "Sam"),
            ("Stra\u{df}e", "STRASSE"),
            ("\u{3a3}\u{3c3}\u{3c2}", "\u{3c3}\u{3c3}\u{3c3}"),
            ("\u{ff21}bc", "abc"),
            ("Mara Lind", "mara lind"),
        ] {
            assert_eq!(canon(one), canon(other), "{one} {other}");
            assert!(canon(one).is_ok(), "{one}");
        }
        assert_ne!(canon("\u{430}dmin"), canon("admin"));
        assert!(canon("\u{430}dmin").is_ok());
    }

    #[test]
    fn rfc_res38_a_reference_is_the_same_with_and_without_its_version() {
        let with = reference("https://wardgate.example/scim/v2/Users/1");
        assert_eq!(with, reference("https://wardgate.example/scim/Users/1"));
        assert_ne!(with, reference("https://wardgate.example/scim/v1/Users/1"));
        assert_ne!(with, reference("https://wardgate.example/scim/v2/users/1"));
    }

    #[test]
    fn idn08_odd_names_are_refused() {
        for bad in [
            "",
            " ",
            " a",
            "a ",
            "a  b",
            "a\0b",
            "a\tb",
            "a\nb",
            "ad\u{202e}min",
            "a\u{200b}dmin",
            "a\u{feff}",
            "a\u{378}",
            "a\u{7f}",
            "\u{e000}",
        ] {
            assert_eq!(canon(bad), Err(BadName), "{bad:?}");
        }
    }

    #[test]
    fn idn09_names_differ_to_their_last_byte_and_end_at_the_limit() {
        let long = "x".repeat(LONGEST_USER_NAME);
        assert!(canon(&long).is_ok());
        assert_ne!(canon(&long), canon(&format!("{}y", &long[1..])));
        assert_eq!(canon(&format!("{long}x")), Err(BadName));
    }

    proptest! {
        #[test]
        fn idn07_any_text_is_canonical_after_one_turn_or_refused(text in "\\PC{0,12}") {
            prop_assert!(canon(&text).is_err() || is_stable(&text));
        }

        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold(&text).into_owned();
            prop_assert_eq!(fold(&once), once.as_str());
        }
    }
}
