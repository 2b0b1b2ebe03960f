//! The Compact texts of 2.6: single strings for clients that can map nothing else.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::base::id::Id;
use crate::domain::access::grant::core::place_of;
use crate::domain::access::grant::core::place_text;
use crate::domain::access::grant::held::Grant;
use crate::domain::access::grant::places::Places;
use crate::domain::access::grant::places::Reach;
use crate::domain::access::grant::places::Unresolved;
use crate::domain::access::level::word_key;

/// The most items in one text.
pub const MOST_ITEMS: usize = 500;
/// The marker for "none from this source".
const NONE: &str = "-";

/// What a text says. Absent and empty texts leave things alone: some clients never push an empty
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<T> {
    /// Nothing: leave what is held alone.
    Nothing,
    /// `-`: none from this source.
    None,
    /// These, and no others from this source.
    These(T),
}

/// One item of `assignmentsText`, still in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentText {
    /// Number of the organization.
    pub organization: u32,
    /// Code of the site, unless the role is at the organization.
    pub site: Option<String>,
    /// Code or display text of the role.
    pub role: String,
    /// Marked with `*`.
    pub default: bool,
}

/// One item of `delegateOfText`, still in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegateOfText {
    /// Code or display text of the service.
    pub service: String,
    /// User name of the person to act for.
    pub delegator: String,
}

/// Why a text cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Item {item} of the text: {fault}")]
pub struct CompactError {
    /// Which item, counted from 1; 1 as well where the text is one item.
    pub item: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing between two semicolons.
    #[error("it is empty. Remove the extra semicolon.")]
    Empty,
    /// Over [`MOST_ITEMS`].
    #[error("a text holds at most {MOST_ITEMS} items.")]
    TooMany,
    /// No `ORG####/SITE=ROLE`.
    #[error("an assignment is written ORG####/SITE=ROLE (AS2).")]
    Assignment,
    /// No default marked.
    #[error("no assignment is marked as the default. Put * after exactly one role (AS3).")]
    NoDefault,
    /// A second default.
    #[error("a second assignment is marked as the default. Put * after exactly one role (AS3).")]
    SecondDefault,
    /// The same location, service, room or person twice.
    #[error("it repeats an earlier one (AS2).")]
    Twice,
    /// No `SERVICE:USERNAME`.
    #[error("a delegation is written SERVICE:USERNAME (DE2).")]
    Delegation,
    /// Neither `true` nor `false`.
    #[error("it must be true or false.")]
    Flag,
}

/// Reads `assignmentsText`: `ORG5555/ABCC=ED Normal*;ORG7777=ED Administrator`.
pub fn read_assignments(text: &str) -> Result<Said<Vec<AssignmentText>>, CompactError> {
    let said = read(text, |item| {
        let (place, role) = item.split_once('=').ok_or(Fault::Assignment)?;
        let (organization, site) = place_of(place).ok_or(Fault::Assignment)?;
        let marked = role.trim().strip_suffix('*');
        let role = marked.unwrap_or(role).trim().to_owned();
        if role.is_empty() || role.contains(['*', '=']) {
            return Err(Fault::Assignment);
        }
        Ok(AssignmentText { organization, site, role, default: marked.is_some() })
    })?;
    let Said::These(items) = &said else { return Ok(said) };
    let place =
        |item: &AssignmentText| (item.organization, item.site.as_deref().map(str::to_lowercase));
    distinct(items.iter().map(place))?;
    let mut marked = items.iter().enumerate().filter(|(_, item)| item.default);
    let (first, second) = (marked.next(), marked.next());
    if let Some((at, _)) = second {
        return Err(CompactError { item: at + 1, fault: Fault::SecondDefault });
    }
    first.map(|_| ()).ok_or(CompactError { item: items.len(), fault: Fault::NoDefault })?;
    Ok(said)
}

/// Reads `servicesText` or `roomsText`: words between semicolons.
pub fn read_words(text: &str) -> Result<Said<Vec<String>>, CompactError> {
    let said = read(text, |item| Ok(item.to_owned()))?;
    if let Said::These(items) = &said {
        distinct(items.iter().map(|item| item.to_lowercase()))?;
    }
    Ok(said)
}

/// Reads `delegateOfText`: `PCVC:dd@hospital.org;ECONSULT:bb@hospital.org`.
pub fn read_delegate_of(text: &str) -> Result<Said<Vec<DelegateOfText>>, CompactError> {
    let said = read(text, |item| {
        let (service, delegator) = item.split_once(':').ok_or(Fault::Delegation)?;
        let (service, delegator) = (service.trim(), delegator.trim());
        if service.is_empty() || delegator.is_empty() {
            return Err(Fault::Delegation);
        }
        Ok(DelegateOfText { service: service.to_owned(), delegator: delegator.to_owned() })
    })?;
    if let Said::These(items) = &said {
        distinct(items.iter().map(|one| (word_key(&one.service), one.delegator.to_lowercase())))?;
    }
    Ok(said)
}

/// Reads `homeOrganizationText` or `credentialText`: one word.
pub fn read_word(text: &str) -> Said<&str> {
    match text.trim() {
        "" => Said::Nothing,
        NONE => Said::None,
        word => Said::These(word),
    }
}

/// Reads `partnerSignInText`.
pub fn read_flag(text: &str) -> Result<Said<bool>, CompactError> {
    match read_word(text) {
        Said::Nothing => Ok(Said::Nothing),
        Said::None => Ok(Said::None),
        Said::These(word) if word.eq_ignore_ascii_case("true") => Ok(Said::These(true)),
        Said::These(word) if word.eq_ignore_ascii_case("false") => Ok(Said::These(false)),
        Said::These(_) => Err(CompactError { item: 1, fault: Fault::Flag }),
    }
}

/// Writes what [`read_assignments`] reads.
pub fn print_assignments(items: &[AssignmentText]) -> String {
    print(items, |text, item| {
        let place = place_text(item.organization, item.site.as_deref());
        let _ = write!(text, "{place}={}{}", item.role, if item.default { "*" } else { "" });
    })
}

/// Writes what [`read_words`] reads.
pub fn print_words(items: &[&str]) -> String {
    print(items, |text, item| text.push_str(item))
}

/// Writes what [`read_delegate_of`] reads.
pub fn print_delegate_of(items: &[DelegateOfText]) -> String {
    print(items, |text, item| {
        let _ = write!(text, "{}:{}", item.service, item.delegator);
    })
}

impl AssignmentText {
    /// The assignment, and the default if it is marked.
    pub fn grants(&self, places: &Places, reach: Reach<'_>) -> Result<Vec<Grant>, Unresolved> {
        let text = place_text(self.organization, self.site.as_deref());
        let place = places.location(&text, reach)?;
        let role = places.role(&self.role, place)?.code.clone();
        let default = self.default.then_some(Grant::DefaultLocation { location: place.id });
        let assignment = Grant::Assignment { location: place.id, role };
        Ok([assignment].into_iter().chain(default).collect())
    }
}

impl DelegateOfText {
    /// The delegation, with `delegate` as its holder.
    pub fn grant(&self, places: &Places, own: u32, delegate: Id) -> Result<Grant, Unresolved> {
        let service = places.service(&self.service)?;
        let delegator = places.delegator(&self.delegator, own, &service, delegate)?;
        Ok(Grant::Delegation { delegator, service })
    }
}

fn read<T>(
    text: &str,
    one: impl Fn(&str) -> Result<T, Fault>,
) -> Result<Said<Vec<T>>, CompactError> {
    let text = match read_word(text) {
        Said::Nothing => return Ok(Said::Nothing),
        Said::None => return Ok(Said::None),
        Said::These(text) => text,
    };
    let mut items = Vec::new();
    for (at, item) in text.split(';').map(str::trim).enumerate() {
        let found = match item {
            _ if at >= MOST_ITEMS => Err(Fault::TooMany),
            "" => Err(Fault::Empty),
            item => one(item),
        };
        items.push(found.map_err(|fault| CompactError { item: at + 1, fault })?);
    }
    Ok(Said::These(items))
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> Result<(), CompactError> {
    let mut seen = BTreeSet::new();
    let twice = items.enumerate().find_map(|(at, item)| (!seen.insert(item)).then_some(at));
    twice.map_or(Ok(()), |at| Err(CompactError { item: at + 1, fault: Fault::Twice }))
}

fn print<T>(items: &[T], one: impl Fn(&mut String, &T)) -> String {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push(';');
        }
        one(&mut text, item);
    }
    if text.is_empty() { NONE.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: std::fmt::Debug>(read: Result<Said<T>, CompactError>) -> (usize, Fault) {
        let error = read.unwrap_err();
        (error.item, error.fault)
    }

    #[test]
    fn as3_assignments_are_read_and_printed_with_exactly_one_star() {
        let text = "ORG5555/ABCC=ED Normal*;ORG7777=ED Administrator";
        let Said::These(items) = read_assignments(text).unwrap() else { panic!("{text}") };
        assert_eq!(print_assignments(&items), text);
        assert!(items[0].default && !items[1].default);
        for (bad, item, fault) in [
            ("ORG5555/ABCC=ED Normal", 1, Fault::NoDefault),
            ("ORG5555=A*;ORG7777=B*", 2, Fault::SecondDefault),
            ("ORG5555=A*;org5555=B", 2, Fault::Twice),
            ("ORG5555/abcc=A*;ORG5555/ABCC=B", 2, Fault::Twice),
            ("ORG5555=A*;", 2, Fault::Empty),
            ("ORG5555=A**", 1, Fault::Assignment),
            ("ORG5555=*", 1, Fault::Assignment),
            ("ORG5555", 1, Fault::Assignment),
            ("ORG5=A*", 1, Fault::Assignment),
            ("-;ORG5555=A*", 1, Fault::Assignment),
        ] {
            assert_eq!(refused(read_assignments(bad)), (item, fault), "{bad}");
        }
    }

    #[test]
    fn a_dash_is_none_and_an_empty_text_says_nothing() {
        assert_eq!(read_assignments(" "), Ok(Said::Nothing));
        assert_eq!(read_assignments(" - "), Ok(Said::None));
        assert_eq!(read_words(""), Ok(Said::Nothing));
        assert_eq!(read_words("-"), Ok(Said::None));
        assert_eq!(read_word("ORG5555"), Said::These("ORG5555"));
        assert_eq!(read_flag("TRUE"), Ok(Said::These(true)));
        assert_eq!(refused(read_flag("yes")), (1, Fault::Flag));
        assert_eq!(print_assignments(&[]), "-");
        assert_eq!(print_words(&[]), "-");
    }

    #[test]
    fn de2_words_and_delegations_are_read_and_printed() {
        let text = "PCVC:dd@hospital.org;ECONSULT:bb@hospital.org";
        let Said::These(items) = read_delegate_of(text).unwrap() else { panic!("{text}") };
        assert_eq!(print_delegate_of(&items), text);
        assert_eq!(refused(read_delegate_of("PCVC")), (1, Fault::Delegation));
        assert_eq!(refused(read_delegate_of("PCVC:a;pcvc:A")), (2, Fault::Twice));
        let Said::These(words) = read_words("PCVC; ECONSULT").unwrap() else { panic!() };
        assert_eq!(words, ["PCVC", "ECONSULT"]);
        assert_eq!(refused(read_words("PCVC;pcvc")), (2, Fault::Twice));
        let many = vec!["x"; MOST_ITEMS + 1].join(";");
        assert_eq!(refused(read_words(&many)), (MOST_ITEMS + 1, Fault::TooMany));
        let full: Vec<String> = (0..MOST_ITEMS).map(|number| number.to_string()).collect();
        assert!(matches!(read_words(&full.join(";")), Ok(Said::These(_))));
    }
}
