//! The one order of rows and pivot columns.
//!
//! Texts are compared after NFKD without combining marks and case folding, part by part; what is
//! then equal is decided by the code points of the parts, and at last by the identifier, so that
//! no two runs differ.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::base::id::Id;

/// A place in the order. Keys compare as their bytes do, so that a store may keep them as index
/// rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<u8>);

impl Key {
    /// The place of a person: by last name, first name, username.
    pub fn person(last: &str, first: &str, username: &str, id: Id) -> Self {
        Self::of(&[last, first, username], id)
    }

    /// The place of a room system: by site, then system name.
    pub fn room(site: &str, system: &str, id: Id) -> Self {
        Self::of(&[site, system], id)
    }

    /// The place of a text that stands for itself.
    pub fn text(text: &str) -> Self {
        Self::of(&[text], Id([0; 16]))
    }

    /// The bytes, which compare as the keys do.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn of(parts: &[&str], id: Id) -> Self {
        let mut bytes =
            Vec::with_capacity(2 * parts.iter().map(|part| part.len() + 2).sum::<usize>());
        for part in parts {
            push(&mut bytes, &folded(part));
        }
        for part in parts {
            push(&mut bytes, part);
        }
        bytes.extend_from_slice(&id.0);
        Self(bytes)
    }
}

/// `text` as it is compared: NFKD without combining marks, case folded.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(fold).collect()
}

/// Full case folding of a decomposed letter. Up and down again is what the Unicode table does
/// (final sigma, sharp s), but for two: the dotless i stays apart, and Cherokee folds upwards.
fn fold(letter: char) -> impl Iterator<Item = char> {
    let upwards = matches!(letter, '\u{13A0}'..='\u{13FD}' | '\u{AB70}'..='\u{ABBF}');
    let whole = if letter == 'ı' {
        String::from(letter)
    } else if upwards {
        letter.to_uppercase().collect()
    } else {
        let lower = letter.to_lowercase();
        lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
    };
    // Rarely more than one letter, and short texts only.
    whole.chars().collect::<Vec<_>>().into_iter()
}

/// Appends a part so that its end sorts before every letter. UTF-8 sorts as code points do.
fn push(bytes: &mut Vec<u8>, part: &str) {
    for byte in part.bytes() {
        bytes.push(byte);
        if byte == 0 {
            bytes.push(0xFF);
        }
    }
    bytes.extend_from_slice(&[0, 1]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'a>(names: &[[&'a str; 3]]) -> Vec<[&'a str; 3]> {
        let mut names = names.to_vec();
        names
            .sort_by_key(|[last, first, username]| Key::person(last, first, username, Id([0; 16])));
        names
    }

    #[test]
    fn ex1_marks_and_case_do_not_count_until_all_else_is_equal() {
        let wanted = [
            ["", "Zed", "z"],
            ["Adams", "Zoe", "a"],
            ["ADAMS", "Zoë", "b"],
            ["Álvarez", "Ann", "c"],
            ["alvarez", "Bob", "d"],
            ["Álvarez", "Cid", "e"],
            ["Lam", "Bo", "f"],
            ["Lam", "bo", "f"],
            ["Lambda", "Al", "g"],
            ["Müller", "A", "h"],
            ["Straße", "B", "i"],
            ["STRASSE", "C", "j"],
            ["Ωμέγας", "A", "k"],
            ["ΩΜΈΓΑΣ", "B", "l"],
        ];
        let mut names = wanted;
        for step in 1..wanted.len() {
            names.rotate_left(step);
            names.swap(0, step);
            assert_eq!(sorted(&names), wanted);
        }
    }

    #[test]
    fn ex1_ties_go_by_code_point_and_then_by_identifier() {
        let key = |last: &str, id| Key::person(last, "", "", Id([id; 16]));
        assert!(key("A", 9) < key("a", 0));
        assert!(key("a", 9) < key("\u{E1}", 0));
        assert!(key("a", 0) < key("a", 1));
        assert!(key("a", 9) < key("a\0", 0));
        assert!(key("a\0", 9) < key("a ", 0));
        assert!(Key::room("B", "a", Id([0; 16])) > Key::room("a", "b", Id([0; 16])));
    }

    #[test]
    fn folding_is_the_full_one() {
        for (text, wanted) in [
            ("ÅSA", "asa"),
            ("A\u{30A}sa", "asa"),
            ("ﬁn", "fin"),
            ("ẞ", "ss"),
            ("ſ", "s"),
            ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
            ("İı", "iı"),
            ("Ⅷ", "viii"),
            ("ꭰᏸ", "ᎠᏰ"),
            ("Łódź", "łodz"),
            ("名", "名"),
        ] {
            assert_eq!(folded(text), wanted, "{text}");
        }
    }
}
