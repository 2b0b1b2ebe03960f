//! Matchers of pushed groups: by id, exact name, glob or regular expression.

use std::sync::Arc;

use regex_syntax::hir::Hir;
use regex_syntax::hir::HirKind;
use serde::{Deserialize, Serialize};

use crate::base::id::Id;

/// The longest pattern, in bytes.
pub const LONGEST_PATTERN: usize = 512;
/// The most captures in one pattern, named or not.
pub const MOST_CAPTURES: usize = 16;
/// The deepest nesting of a regular expression.
const DEEPEST: u32 = 32;
/// The most memory that one compiled pattern may take, in bytes.
const LARGEST_PROGRAM: usize = 1024 * 1024;

/// Which pushed groups a rule is about (2.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matcher {
    /// The group of this record, whatever it is called.
    Id(Id),
    /// The group of exactly this name.
    Exact(String),
    /// `*` stands for any run of characters, `?` for one; a backslash takes its meaning away.
    Glob(String),
    /// A regular expression that must match the whole name.
    Regex(String),
}

/// Why a pattern cannot be used. Positions count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing to match.
    #[error("The pattern is empty. Write the name of a group.")]
    Empty,
    /// Over [`LONGEST_PATTERN`].
    #[error("The pattern is longer than {LONGEST_PATTERN} bytes at character {0}. Shorten it.")]
    TooLong(usize),
    /// It does not parse.
    #[error("The pattern has a mistake at character {at}: {what}.")]
    Mistake {
        /// Where.
        at: usize,
        /// What the engine objects to.
        what: String,
    },
    /// Over [`MOST_CAPTURES`].
    #[error(
        "The pattern has more than {MOST_CAPTURES} captures. Use (?:...) where none is needed."
    )]
    TooManyCaptures,
    /// Over [`LARGEST_PROGRAM`].
    #[error("The pattern is too large when it is compiled. Use smaller repetitions.")]
    TooLarge,
}

/// What a name gave to the captures of a pattern, in the order of the pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Captures(pub Vec<(Arc<str>, Arc<str>)>);

impl Captures {
    /// What the capture `name` took; a capture that took part in no match gives nothing.
    pub fn of(&self, name: &str) -> Option<&Arc<str>> {
        self.0.iter().find(|(known, _)| **known == *name).map(|(_, text)| text)
    }
}

/// A matcher ready for use.
#[derive(Clone, Debug)]
pub struct Compiled {
    engine: Option<regex::Regex>,
    /// Every matching name begins so.
    prefix: String,
    /// Named captures with their numbers.
    names: Vec<(usize, Arc<str>)>,
}

impl Matcher {
    /// Whether names that nobody has seen can match: such a rule grants no administrator's
    /// rights (LE6).
    pub fn is_wildcard(&self) -> bool {
        matches!(self, Self::Glob(_) | Self::Regex(_))
    }

    /// Checks the matcher and makes it ready.
    pub fn compile(&self) -> Result<Compiled, PatternError> {
        match self {
            Self::Id(_) => Ok(Compiled::literal(String::new())),
            Self::Exact(name) => fit(name).map(|()| Compiled::literal(name.clone())),
            Self::Glob(glob) => {
                fit(glob)?;
                let (prefix, pattern) = translated(glob)?;
                Ok(Compiled { engine: Some(engine(&pattern)?), prefix, names: Vec::new() })
            }
            Self::Regex(pattern) => {
                fit(pattern)?;
                expression(pattern)
            }
        }
    }
}

impl Compiled {
    fn literal(prefix: String) -> Self {
        Self { engine: None, prefix, names: Vec::new() }
    }

    /// The names that a phrase may use.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(_, name)| &**name)
    }

    /// Every name that matches begins with this; perhaps empty.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Matches `name` as a whole. Matchers by id match no name.
    pub fn captures(&self, name: &str) -> Option<Captures> {
        if !name.starts_with(&self.prefix) {
            return None;
        }
        let Some(engine) = &self.engine else {
            let exact = !self.prefix.is_empty() && name.len() == self.prefix.len();
            return exact.then(Captures::default);
        };
        if self.names.is_empty() {
            return engine.is_match(name).then(Captures::default);
        }
        let found = engine.captures(name)?;
        let taken = self.names.iter().filter_map(|(number, name)| {
            let text = found.get(*number)?.as_str();
            Some((Arc::clone(name), Arc::from(text)))
        });
        Some(Captures(taken.collect()))
    }
}

fn fit(pattern: &str) -> Result<(), PatternError> {
    if pattern.is_empty() {
        return Err(PatternError::Empty);
    }
    if pattern.len() > LONGEST_PATTERN {
        return Err(PatternError::TooLong(character(pattern, LONGEST_PATTERN)));
    }
    Ok(())
}

/// The glob's literal beginning, and the glob as a regular expression.
fn translated(glob: &str) -> Result<(String, String), PatternError> {
    let (mut prefix, mut pattern) = (String::new(), String::from("(?s)"));
    let mut literal = true;
    let mut letters = glob.chars().enumerate();
    while let Some((at, letter)) = letters.next() {
        let plain = match letter {
            '*' => {
                pattern.push_str(".*");
                None
            }
            '?' => {
                pattern.push('.');
                None
            }
            '\\' => {
                let what = "a backslash with nothing after it".to_owned();
                let mistake = PatternError::Mistake { at: at + 1, what };
                Some(letters.next().ok_or(mistake)?.1)
            }
            other => Some(other),
        };
        literal &= plain.is_some();
        if let Some(letter) = plain {
            pattern.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
            if literal {
                prefix.push(letter);
            }
        }
    }
    Ok((prefix, pattern))
}

fn expression(pattern: &str) -> Result<Compiled, PatternError> {
    let mut parser = regex_syntax::ParserBuilder::new().nest_limit(DEEPEST).build();
    let parsed = parser.parse(pattern).map_err(|error| mistake(pattern, &error))?;
    if parsed.properties().explicit_captures_len() > MOST_CAPTURES {
        return Err(PatternError::TooManyCaptures);
    }
    let engine = engine(pattern)?;
    let names = engine.capture_names().enumerate();
    let names = names.filter_map(|(number, name)| Some((number, Arc::from(name?)))).collect();
    Ok(Compiled { engine: Some(engine), prefix: prefix(&parsed), names })
}

/// The engine for a whole name. The pattern was parsed alone before, so that its parentheses
/// cannot close ours.
fn engine(pattern: &str) -> Result<regex::Regex, PatternError> {
    let whole = format!(r"\A(?:{pattern})\z");
    let mut builder = regex::RegexBuilder::new(&whole);
    builder.size_limit(LARGEST_PROGRAM).dfa_size_limit(LARGEST_PROGRAM).nest_limit(DEEPEST + 4);
    builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
        // Only a comment of the verbose mode can swallow what we put around it.
        _ => PatternError::Mistake {
            at: pattern.chars().count(),
            what: "a comment that runs to the end of the pattern".to_owned(),
        },
    })
}

fn mistake(pattern: &str, error: &regex_syntax::Error) -> PatternError {
    let (at, what) = match error {
        regex_syntax::Error::Parse(error) => (error.span().start.offset, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => {
            (error.span().start.offset, error.kind().to_string())
        }
        _ => (0, "it cannot be read".to_owned()),
    };
    PatternError::Mistake { at: character(pattern, at), what }
}

/// The character, counted from 1, that the byte at `offset` is part of.
fn character(pattern: &str, offset: usize) -> usize {
    pattern.char_indices().take_while(|(start, _)| *start < offset).count() + 1
}

/// What every match begins with, as far as it is easily seen.
fn prefix(parsed: &Hir) -> String {
    let literal = |part: &Hir| match part.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(str::to_owned),
        _ => None,
    };
    let HirKind::Concat(parts) = parsed.kind() else {
        return literal(parsed).unwrap_or_default();
    };
    let mut parts = parts.iter().skip_while(|part| matches!(part.kind(), HirKind::Look(_)));
    parts.next().and_then(literal).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITES: &str = r"^WG-(?<org>\d{4})-(?<site>[A-Z0-9]+)-(?<role>[A-Z-]+)$";

    fn taken(matcher: Matcher, name: &str) -> Option<Vec<String>> {
        let captures = matcher.compile().unwrap().captures(name)?;
        Some(captures.0.iter().map(|(name, text)| format!("{name}={text}")).collect())
    }

    fn regex(pattern: &str) -> Matcher {
        Matcher::Regex(pattern.to_owned())
    }

    fn refused(matcher: &Matcher) -> String {
        matcher.compile().unwrap_err().to_string()
    }

    #[test]
    fn a_name_gives_its_parts_to_the_captures() {
        let parts = taken(regex(SITES), "WG-5555-ABCC-ED-NORMAL").unwrap();
        assert_eq!(parts, ["org=5555", "site=ABCC", "role=ED-NORMAL"]);
        assert_eq!(regex(SITES).compile().unwrap().prefix(), "WG-");
        let parts = taken(
            regex(r"^Delegates of (?<who>\S+) \((?<svc>.+)\)$"),
            "Delegates of dd@hospital.org (eVisit)",
        );
        assert_eq!(parts.unwrap(), ["who=dd@hospital.org", "svc=eVisit"]);
    }

    #[test]
    fn a_match_is_of_the_whole_name() {
        for (pattern, name, whole) in [
            ("ED", "Retired", false),
            ("ED", "ED", true),
            ("a|ab", "ab", true),
            ("^ED$", "ED\n", false),
            ("(?m)^ED$", "x\nED", false),
            ("", "x", false),
        ] {
            let found = regex(pattern).compile().ok().and_then(|ready| ready.captures(name));
            assert_eq!(found.is_some(), whole, "{pattern} on {name}");
        }
    }

    #[test]
    fn globs_know_two_signs_and_the_backslash() {
        let glob = |pattern: &str, name| taken(Matcher::Glob(pattern.to_owned()), name).is_some();
        assert!(glob("ONE ID*", "ONE ID users"));
        assert!(glob("ONE ID*", "ONE ID"));
        assert!(!glob("ONE ID*", "NONE ID"));
        assert!(glob("R?m", "Rôm"));
        assert!(!glob("R?m", "Rm"));
        assert!(glob(r"a\*b", "a*b"));
        assert!(!glob(r"a\*b", "axb"));
        assert!(glob("(a+)+[x].", "(a+)+[x]."));
        assert!(!glob("a.c", "abc"));
        let trailing = Matcher::Glob("ab\\".to_owned());
        assert_eq!(
            refused(&trailing),
            "The pattern has a mistake at character 3: a backslash with nothing after it."
        );
    }

    #[test]
    fn exact_names_and_ids_match_nothing_else() {
        assert!(taken(Matcher::Exact("ABC eVisit".to_owned()), "ABC eVisit").is_some());
        assert!(taken(Matcher::Exact("ABC eVisit".to_owned()), "abc evisit").is_none());
        assert!(taken(Matcher::Exact("ABC".to_owned()), "ABC eVisit").is_none());
        assert!(taken(Matcher::Id(Id([1; 16])), "").is_none());
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        for (pattern, sentence) in [
            ("é(ab", "The pattern has a mistake at character 2: unclosed group."),
            ("ab)c", "The pattern has a mistake at character 3: unopened group."),
            ("a)|(?:b", "The pattern has a mistake at character 2: unopened group."),
            (
                r"(a)\1",
                "The pattern has a mistake at character 4: backreferences are not supported.",
            ),
            (
                "a(?=b)",
                "The pattern has a mistake at character 2: look-around, including look-ahead and \
                 look-behind, is not supported.",
            ),
            (
                "(?x)a # all",
                "The pattern has a mistake at character 11: a comment that runs to the end of the \
                 pattern.",
            ),
            ("", "The pattern is empty. Write the name of a group."),
        ] {
            assert_eq!(refused(&regex(pattern)), sentence, "{pattern}");
        }
    }

    #[test]
    fn both_sides_of_every_limit() {
        assert!(Matcher::Exact("x".repeat(LONGEST_PATTERN)).compile().is_ok());
        assert_eq!(
            refused(&Matcher::Exact("x".repeat(LONGEST_PATTERN + 1))),
            "The pattern is longer than 512 bytes at character 513. Shorten it."
        );
        assert!(regex(&"(a)".repeat(MOST_CAPTURES)).compile().is_ok());
        let many = regex(&"(a)".repeat(MOST_CAPTURES + 1)).compile().unwrap_err();
        assert_eq!(many, PatternError::TooManyCaptures);
        assert!(regex(r"\w{10}").compile().is_ok());
        assert_eq!(regex(r"\w{1000}").compile().unwrap_err(), PatternError::TooLarge);
        let nested = format!("{}a{}", "(?:".repeat(40), ")".repeat(40));
        assert!(matches!(regex(&nested).compile(), Err(PatternError::Mistake { .. })));
    }
}
