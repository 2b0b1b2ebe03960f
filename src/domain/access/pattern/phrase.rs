//! Phrases: text with places for captures, such as `ORG{org}`.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::access::pattern::matcher::Captures;

/// The longest phrase, in bytes.
pub const LONGEST_PHRASE: usize = 512;

/// Text in which `{name}` stands for what the capture `name` took; `{{` and `}}` are braces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phrase {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Text(Arc<str>),
    Capture {
        name: Arc<str>,
        /// Where its brace stands, counted in characters from 1.
        at: usize,
    },
}

/// Why a phrase cannot be used. Positions count characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum PhraseError {
    /// Nothing in it.
    #[error("The text is empty. Write what is to be granted.")]
    Empty,
    /// Over [`LONGEST_PHRASE`].
    #[error("The text is longer than {LONGEST_PHRASE} bytes. Shorten it.")]
    TooLong,
    /// `{` without `}`.
    #[error("The brace at character {0} is not closed. Write {{{{ for a plain brace.")]
    Unclosed(usize),
    /// `}` without `{`.
    #[error("The brace at character {0} was not opened. Write }}}} for a plain brace.")]
    Unopened(usize),
    /// `{}` or no name inside.
    #[error("The braces at character {0} hold no name of a capture.")]
    NoName(usize),
    /// The pattern of the rule has no such capture.
    #[error("The braces at character {0} name no capture of the rule's pattern.")]
    Unknown(usize),
}

impl Phrase {
    /// Reads a phrase.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        if text.is_empty() {
            return Err(PhraseError::Empty);
        }
        if text.len() > LONGEST_PHRASE {
            return Err(PhraseError::TooLong);
        }
        let (mut parts, mut plain) = (Vec::new(), String::new());
        let mut letters = text.chars().enumerate().peekable();
        while let Some((at, letter)) = letters.next() {
            let doubled = letters.peek().is_some_and(|(_, next)| *next == letter);
            match letter {
                '{' | '}' if doubled => {
                    letters.next();
                    plain.push(letter);
                }
                '{' => {
                    let name = name(&mut letters, at + 1)?;
                    let before = Some(std::mem::take(&mut plain)).filter(|text| !text.is_empty());
                    parts.extend(before.map(|text| Part::Text(Arc::from(text))));
                    parts.push(Part::Capture { name, at: at + 1 });
                }
                '}' => return Err(PhraseError::Unopened(at + 1)),
                other => plain.push(other),
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(Arc::from(plain)));
        }
        Ok(Self { parts })
    }

    /// A phrase that is `text` and nothing else.
    pub fn plain(text: &str) -> Self {
        Self { parts: vec![Part::Text(Arc::from(text))] }
    }

    /// Whether it takes anything from the name of the group.
    pub fn has_captures(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Capture { .. }))
    }

    /// Every place must name one of `captures`.
    pub fn check<'a>(
        &self,
        captures: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<(), PhraseError> {
        for part in &self.parts {
            if let Part::Capture { name, at } = part
                && !captures.clone().any(|known| known == &**name)
            {
                return Err(PhraseError::Unknown(*at));
            }
        }
        Ok(())
    }

    /// The text with `captures` put in. A capture that took no part gives nothing.
    pub fn fill(&self, captures: &Captures) -> Arc<str> {
        if let [Part::Text(text)] = self.parts.as_slice() {
            return Arc::clone(text);
        }
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Capture { name, .. } => {
                    filled.push_str(captures.of(name).map_or("", |text| text));
                }
            }
        }
        Arc::from(filled)
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    f.write_str(&text.replace('{', "{{").replace('}', "}}"))?;
                }
                Part::Capture { name, .. } => write!(f, "{{{name}}}")?,
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for Phrase {
    type Error = PhraseError;

    fn try_from(text: String) -> Result<Self, PhraseError> {
        Self::parse(&text)
    }
}

impl From<Phrase> for String {
    fn from(phrase: Phrase) -> Self {
        phrase.to_string()
    }
}

fn name(
    letters: &mut impl Iterator<Item = (usize, char)>,
    at: usize,
) -> Result<Arc<str>, PhraseError> {
    let mut name = String::new();
    loop {
        match letters.next() {
            None => return Err(PhraseError::Unclosed(at)),
            Some((_, '}')) if name.is_empty() => return Err(PhraseError::NoName(at)),
            Some((_, '}')) => return Ok(Arc::from(name)),
            Some((_, letter)) if letter.is_alphanumeric() || letter == '_' => name.push(letter),
            Some((inside, _)) => return Err(PhraseError::NoName(inside + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures() -> Captures {
        let pairs = [("org", "5555"), ("odd", "{org}")];
        Captures(pairs.map(|(name, text)| (Arc::from(name), Arc::from(text))).to_vec())
    }

    #[test]
    fn places_are_filled_with_captures_as_they_stand() {
        for (phrase, filled) in [
            ("ORG{org}", "ORG5555"),
            ("{org}/{org}", "5555/5555"),
            ("{{org}}", "{org}"),
            ("{odd}", "{org}"),
            ("plain", "plain"),
        ] {
            let read = Phrase::parse(phrase).unwrap();
            assert_eq!(&*read.fill(&captures()), filled, "{phrase}");
            assert_eq!(read.to_string(), phrase);
        }
    }

    #[test]
    fn a_place_without_its_capture_is_refused_with_its_position() {
        let names = ["org"];
        let check = |text: &str| Phrase::parse(text)?.check(names.into_iter());
        assert_eq!(check("ORG{org}"), Ok(()));
        assert_eq!(check("ORG{site}"), Err(PhraseError::Unknown(4)));
        assert_eq!(check("é{org"), Err(PhraseError::Unclosed(2)));
        assert_eq!(check("a}b"), Err(PhraseError::Unopened(2)));
        assert_eq!(check("a{}"), Err(PhraseError::NoName(2)));
        assert_eq!(check("a{b c}"), Err(PhraseError::NoName(4)));
        assert_eq!(check(""), Err(PhraseError::Empty));
        assert_eq!(check(&"x".repeat(LONGEST_PHRASE)), Ok(()));
        assert_eq!(check(&"x".repeat(LONGEST_PHRASE + 1)), Err(PhraseError::TooLong));
        assert_eq!(
            PhraseError::Unclosed(2).to_string(),
            "The brace at character 2 is not closed. Write {{ for a plain brace."
        );
    }
}
