//! A word of a catalogue, and the catalogue.

/// A code with its text. Made by [`Word::new`] and the methods that add to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    value: String,
    display: String,
    also: Vec<String>,
}

/// The same word as a constant.
#[derive(Clone, Copy, Debug)]
pub struct Fixed {
    /// The stable code.
    pub value: &'static str,
    /// For people.
    pub display: &'static str,
    /// Other texts that are read as it.
    pub also: &'static [&'static str],
}

impl Word {
    /// `value` is the code, `display` the text.
    pub fn new(value: &str, display: &str) -> Self {
        Self { value: value.to_owned(), display: display.to_owned(), also: Vec::new() }
    }

    /// Is also read from these texts.
    pub fn also(mut self, texts: &[&str]) -> Self {
        self.also.extend(texts.iter().map(|text| (*text).to_owned()));
        self
    }

    /// The stable code.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// For people.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Other texts that are read as it.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.also.iter().map(String::as_str)
    }

    /// Whether `text` is read as this word: code, text or another name, in any letter case,
    /// spaces at the ends aside.
    pub fn reads(&self, text: &str) -> bool {
        let text = key(text);
        self.texts().any(|one| key(one) == text)
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.value, &self.display].into_iter().chain(&self.also).map(String::as_str)
    }
}

impl From<Fixed> for Word {
    fn from(fixed: Fixed) -> Self {
        Self::new(fixed.value, fixed.display).also(fixed.also)
    }
}

/// An entry of a catalogue.
pub trait Named {
    /// Its word.
    fn word(&self) -> &Word;
}

impl Named for Word {
    fn word(&self) -> &Word {
        self
    }
}

/// Two words would be read from one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Two entries of this catalogue have the same code or text. Each text must mean one entry.")]
pub struct Ambiguous;

/// Words in an order that means something.
///
/// Invariant: no two are read from one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue<T> {
    all: Vec<T>,
}

impl<T: Named> Catalogue<T> {
    /// A catalogue without entries.
    pub fn empty() -> Self {
        Self { all: Vec::new() }
    }

    /// The catalogue of `entries`, in their order.
    pub fn new(entries: Vec<T>) -> Result<Self, Ambiguous> {
        let mut texts: Vec<(String, usize)> = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            texts.extend(entry.word().texts().map(|text| (key(text), place)));
        }
        texts.sort();
        texts.dedup();
        let twice =
            texts.windows(2).any(|pair| pair.first().map(|x| &x.0) == pair.last().map(|x| &x.0));
        if twice { Err(Ambiguous) } else { Ok(Self { all: entries }) }
    }

    /// All, in catalogue order.
    pub fn all(&self) -> &[T] {
        &self.all
    }

    /// The entry with exactly this code.
    pub fn find(&self, code: &str) -> Option<&T> {
        self.all.iter().find(|entry| entry.word().value() == code)
    }

    /// The entry that `text` is read as: a code or a text for people, in any letter case.
    pub fn parse(&self, text: &str) -> Option<&T> {
        self.all.iter().find(|entry| entry.word().reads(text))
    }

    /// The text of a code for people; a code that is not in the catalogue stands for itself.
    pub fn display<'a>(&'a self, code: &'a str) -> &'a str {
        self.find(code).map_or(code, |entry| entry.word().display())
    }
}

/// The spelling under which texts are compared.
fn key(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_from_its_code_and_from_its_texts() {
        let word = Word::new("PCVC", "eVisit/Videoconference").also(&["eVisit"]);
        let catalogue = Catalogue::new(vec![word, Word::new("ECONSULT", "eConsult")]).unwrap();
        for text in ["PCVC", "pcvc", " eVisit ", "EVISIT/videoconference"] {
            assert_eq!(catalogue.parse(text).map(Word::value), Some("PCVC"), "{text}");
        }
        assert_eq!(catalogue.parse(""), None);
        assert_eq!(catalogue.find("pcvc"), None);
        assert_eq!(catalogue.display("ECONSULT"), "eConsult");
        assert_eq!(catalogue.display("GONE"), "GONE");
    }

    #[test]
    fn a_text_means_one_entry() {
        let one = Word::new("a", "A");
        assert!(Catalogue::new(vec![one.clone()]).is_ok(), "code and text may be alike");
        let other = Word::new("b", "B").also(&["A "]);
        assert_eq!(Catalogue::new(vec![one, other]), Err(Ambiguous));
    }
}
