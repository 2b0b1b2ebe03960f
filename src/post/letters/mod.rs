//! The texts of letters, in English and French, each plain and in HTML.
//!
//! Values are put in as text: HTML is escaped here and nowhere else (EML-02).

pub mod certificate;

/// In which language a letter is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
    /// English first, French below.
    #[default]
    Both,
}

/// Text that HTML shows as it is.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}
