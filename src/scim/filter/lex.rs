//! Cuts the text of a filter into words (RFC 7644 §3.4.2.2, figure 1).

use crate::scim::error::Error;
use crate::scim::error::ScimType;

/// One word of a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Word<'a> {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenValues,
    /// `]`
    CloseValues,
    /// A JSON string, unescaped.
    Text(String),
    /// Anything else between blanks, brackets and quotes: a path, an operator, a number.
    Bare(&'a str),
    /// The text is over.
    End,
}

/// Reads words one after another; never looks further than the next one.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Begins at the start of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next word and the byte at which it begins.
    pub fn word(&mut self) -> Result<(usize, Word<'a>), Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start_matches(is_blank).len();
        let begin = self.at + blanks;
        self.at = begin;
        let rest = rest.get(blanks..).unwrap_or_default();
        let single = match rest.bytes().next() {
            None => return Ok((begin, Word::End)),
            Some(b'"') => return self.quoted(begin, rest).map(|word| (begin, word)),
            Some(b'(') => Word::Open,
            Some(b')') => Word::Close,
            Some(b'[') => Word::OpenValues,
            Some(b']') => Word::CloseValues,
            Some(_) => {
                let length = rest.find(ends_bare).unwrap_or(rest.len());
                self.at += length;
                return Ok((begin, Word::Bare(rest.get(..length).unwrap_or_default())));
            }
        };
        self.at += 1;
        Ok((begin, single))
    }

    /// The length of the whole text, in bytes.
    pub fn length(&self) -> usize {
        self.text.len()
    }

    /// A refusal that says where, counted in characters from 1.
    pub fn refuse(&self, at: usize, what: &str) -> Error {
        let before = self.text.get(..at).map_or(0, |before| before.chars().count());
        let place = before.saturating_add(1);
        Error::new(ScimType::InvalidFilter, format!("filter, character {place}: {what}"))
    }

    /// `rest` begins with a quotation mark. The string is JSON, so JSON's reader unescapes it.
    fn quoted(&mut self, begin: usize, rest: &str) -> Result<Word<'a>, Error> {
        let before = self.text.get(..begin).and_then(|before| before.chars().next_back());
        if before.is_some_and(|last| !is_blank(last)) {
            return Err(self.refuse(begin, "put a blank before the quotation mark"));
        }
        let Some(length) = string_length(rest) else {
            return Err(self.refuse(begin, "the text has no closing quotation mark"));
        };
        let (text, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let Ok(text) = serde_json::from_str(text) else {
            return Err(self.refuse(begin, "the text is not a JSON string; check its escapes"));
        };
        if after.chars().next().is_some_and(|next| !is_blank(next) && next != ')' && next != ']') {
            return Err(self.refuse(begin + length, "put a blank after the quotation mark"));
        }
        self.at = begin + length;
        Ok(Word::Text(text))
    }
}

/// The length in bytes of the JSON string that `rest` begins with, both marks included.
fn string_length(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

fn ends_bare(letter: char) -> bool {
    is_blank(letter) || matches!(letter, '(' | ')' | '[' | ']' | '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<Word<'_>>, Error> {
        let mut lexer = Lexer::new(text);
        let mut all = Vec::new();
        loop {
            match lexer.word()? {
                (_, Word::End) => return Ok(all),
                (_, word) => all.push(word),
            }
        }
    }

    #[test]
    fn rfc_flt31_brackets_inside_a_text_are_text() {
        let text = r#"not(a eq "x (y) [z] \"and\" \u00e9")"#;
        let expected = [
            Word::Bare("not"),
            Word::Open,
            Word::Bare("a"),
            Word::Bare("eq"),
            Word::Text("x (y) [z] \"and\" é".into()),
            Word::Close,
        ];
        assert_eq!(words(text).unwrap(), expected);
    }

    #[test]
    fn rfc_flt60_broken_texts_are_refused_with_their_place() {
        for text in [r#"a eq "x"#, r#"a eq "x\"#, r#"a eq"x""#, r#"a eq "x"and"#, r#"a eq "\q""#] {
            let error = words(text).unwrap_err();
            assert_eq!(error.kind, ScimType::InvalidFilter, "{text}");
            assert!(error.detail.contains("character "), "{text}");
        }
    }
}
