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
    let folded = text.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    Cow::Owned(folded.nfc().collect())
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
