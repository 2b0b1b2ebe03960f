//! Builds a filter from words (RFC 7644 §3.4.2.2, figure 1).
//!
//! Depth and clauses are counted while reading, so a hostile text is refused at its first word
//! too many, before any tree exists that could overflow the stack (FLT-01, FLT-02).

use serde_json::Number;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::filter::DEEPEST;
use crate::scim::filter::Filter;
use crate::scim::filter::LONGEST;
use crate::scim::filter::Literal;
use crate::scim::filter::MOST_CLAUSES;
use crate::scim::filter::Op;
use crate::scim::filter::lex::Lexer;
use crate::scim::filter::lex::Word;
use crate::scim::path::AttributePath;
use crate::scim::quirks;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;

/// Reads a filter of at most `longest` bytes.
///
/// Every refusal is `invalidFilter` and says at which character (FLT-53 to FLT-62).
pub fn parse(text: &str, longest: usize, tolerance: &mut Tolerance) -> Result<Filter, Error> {
    Parser::begin(text, tolerance)?.whole(longest)
}

/// Reads the filter between the brackets of a PATCH path; its names are sub-attributes.
pub fn parse_values(text: &str, tolerance: &mut Tolerance) -> Result<Filter, Error> {
    let mut parser = Parser::begin(text, tolerance)?;
    parser.inside_values = true;
    parser.depth = 1;
    parser.whole(LONGEST)
}

struct Parser<'a, 't> {
    lexer: Lexer<'a>,
    tolerance: &'t mut Tolerance,
    /// The word to be read next, and where it begins.
    word: Word<'a>,
    at: usize,
    depth: usize,
    clauses: usize,
    inside_values: bool,
}

impl<'a, 't> Parser<'a, 't> {
    fn begin(text: &'a str, tolerance: &'t mut Tolerance) -> Result<Self, Error> {
        let mut lexer = Lexer::new(text);
        let (at, word) = lexer.word()?;
        Ok(Self { lexer, tolerance, word, at, depth: 0, clauses: 0, inside_values: false })
    }

    fn whole(mut self, longest: usize) -> Result<Filter, Error> {
        if self.lexer.length() > longest {
            return Err(self.refuse(&format!("a filter has at most {longest} bytes")));
        }
        let filter = self.any()?;
        if self.word != Word::End {
            return Err(self.refuse("expected `and`, `or` or the end"));
        }
        Ok(filter)
    }

    fn refuse(&self, what: &str) -> Error {
        self.lexer.refuse(self.at, what)
    }

    /// Moves on by one word and gives the one left behind.
    fn advance(&mut self) -> Result<Word<'a>, Error> {
        let (at, word) = self.lexer.word()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.word, word))
    }

    fn is_word(&self, name: &str) -> bool {
        matches!(self.word, Word::Bare(word) if word.eq_ignore_ascii_case(name))
    }

    /// `all *( "or" all )`: binds loosest (FLT-35).
    fn any(&mut self) -> Result<Filter, Error> {
        let mut parts = vec![self.all()?];
        while self.is_word("or") {
            self.advance()?;
            parts.push(self.all()?);
        }
        Ok(join(parts, Filter::Or))
    }

    /// `term *( "and" term )`
    fn all(&mut self) -> Result<Filter, Error> {
        let mut parts = vec![self.term()?];
        while self.is_word("and") {
            self.advance()?;
            parts.push(self.term()?);
        }
        Ok(join(parts, Filter::And))
    }

    fn term(&mut self) -> Result<Filter, Error> {
        match self.word {
            Word::Open => self.group(),
            Word::Bare(word) => {
                let at = self.at;
                self.advance()?;
                match self.word {
                    Word::Open if word.eq_ignore_ascii_case("not") => {
                        Ok(Filter::Not(Box::new(self.group()?)))
                    }
                    Word::OpenValues if self.at == at + word.len() => self.values(word, at),
                    _ => self.clause(word, at),
                }
            }
            Word::End => Err(self.refuse("an attribute is missing at the end")),
            _ => Err(self.refuse("expected an attribute, `not` or `(`")),
        }
    }

    /// `( any )`
    fn group(&mut self) -> Result<Filter, Error> {
        self.enter()?;
        let filter = self.any()?;
        if self.word != Word::Close {
            return Err(self.refuse("a parenthesis is not closed here"));
        }
        self.leave()?;
        Ok(filter)
    }

    /// `word[ any ]`, and what may follow: `.sub op literal`.
    fn values(&mut self, word: &str, at: usize) -> Result<Filter, Error> {
        if self.inside_values {
            return Err(self.refuse("a value filter cannot stand inside another"));
        }
        let path = self.path(word, at)?;
        self.enter()?;
        self.inside_values = true;
        let inner = self.any()?;
        self.inside_values = false;
        if self.word != Word::CloseValues {
            return Err(self.refuse("a bracket is not closed here"));
        }
        let end = self.at + 1;
        self.leave()?;
        let inner = match self.word {
            Word::Bare(word) if self.at == end => {
                let Some(sub) = word.strip_prefix('.') else {
                    return Err(self.refuse("expected a blank or `.` after the bracket"));
                };
                let at = self.at;
                self.advance()?;
                self.inside_values = true;
                let clause = self.clause(sub, at)?;
                self.inside_values = false;
                also(inner, clause)
            }
            _ => inner,
        };
        Ok(Filter::Values { path, inner: Box::new(inner) })
    }

    /// `path pr` or `path op literal`, of which `word` is the path.
    fn clause(&mut self, word: &str, at: usize) -> Result<Filter, Error> {
        self.clauses += 1;
        if self.clauses > MOST_CLAUSES {
            let most = format!("a filter has at most {MOST_CLAUSES} comparisons");
            return Err(self.lexer.refuse(at, &most));
        }
        let path = self.path(word, at)?;
        let operator = match self.word {
            Word::Bare(operator) => operator,
            _ => return Err(self.refuse("an operator is missing")),
        };
        if operator.eq_ignore_ascii_case("pr") {
            self.advance()?;
            return Ok(Filter::Present(path));
        }
        let Some(op) = Op::of(operator) else {
            let known = "the operators are eq, ne, co, sw, ew, gt, ge, lt, le and pr";
            return Err(self.refuse(known));
        };
        self.advance()?;
        let value = self.literal()?;
        Ok(Filter::Compare { path, op, value })
    }

    fn literal(&mut self) -> Result<Literal, Error> {
        let at = self.at;
        match self.word {
            Word::Text(_) | Word::Bare(_) => {}
            Word::End => return Err(self.refuse("a value is missing at the end")),
            _ => return Err(self.refuse("expected a value")),
        }
        match self.advance()? {
            Word::Text(text) => Ok(Literal::Text(text)),
            Word::Bare(word) => match json_literal(word) {
                Some(literal) => Ok(literal),
                None => self.unquoted(word, at),
            },
            _ => Err(self.lexer.refuse(at, "expected a value")),
        }
    }

    /// A word where a JSON value should be: text without its quotation marks, if nothing follows.
    fn unquoted(&mut self, word: &str, at: usize) -> Result<Literal, Error> {
        let error = self.lexer.refuse(at, "put text in quotation marks");
        let joins = ["and", "or", "not"].iter().any(|join| word.eq_ignore_ascii_case(join));
        if joins || self.word != Word::End {
            return Err(error);
        }
        self.tolerance
            .forgive(Quirk::UnquotedLiteral, "a bare word after an operator", || error)?;
        Ok(Literal::Text(word.to_owned()))
    }

    fn path(&mut self, word: &str, at: usize) -> Result<AttributePath, Error> {
        let Some(path) = AttributePath::parse(word) else {
            return Err(self.lexer.refuse(at, "expected the name of an attribute"));
        };
        if self.inside_values && (path.urn.is_some() || path.sub.is_some()) {
            return Err(self.lexer.refuse(at, "expected the plain name of a sub-attribute"));
        }
        Ok(quirks::rename_alias(path, self.tolerance))
    }

    /// Steps over an opening bracket.
    fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.refuse(&format!("a filter nests at most {DEEPEST} levels deep")));
        }
        self.advance().map(drop)
    }

    /// Steps over a closing bracket.
    fn leave(&mut self) -> Result<(), Error> {
        self.depth -= 1;
        self.advance().map(drop)
    }
}

fn join(mut parts: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            several(parts)
        }
        None => several(parts),
    }
}

fn also(inner: Filter, clause: Filter) -> Filter {
    match inner {
        Filter::And(mut parts) => {
            parts.push(clause);
            Filter::And(parts)
        }
        other => Filter::And(vec![other, clause]),
    }
}

fn json_literal(word: &str) -> Option<Literal> {
    match serde_json::from_str::<Value>(word).ok()? {
        Value::Null => Some(Literal::Null),
        Value::Bool(value) => Some(Literal::Boolean(value)),
        Value::Number(number) => Some(Literal::Number(canonical(number))),
        _ => None,
    }
}

/// JSON writes the same number in several ways (`10`, `1e1`); whole ones become integers.
fn canonical(number: Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => {
            whole(float).unwrap_or(number)
        }
        _ => number,
    }
}

fn whole(float: f64) -> Option<Number> {
    format!("{float:.0}").parse::<i64>().ok().map(Number::from)
}
