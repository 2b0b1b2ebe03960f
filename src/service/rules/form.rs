//! A rule as people write it: `connection`, `match`, `userFilter`, `then`, `options` (2.7).
//!
//! Read by hand and not by a derive, so that every fault is told at once, each with its place, and
//! what is not known is refused instead of passed over. No answer repeats what was written.

use serde_json::Map;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::pattern::Phrase;
use crate::domain::access::rule::Fact;
use crate::domain::access::rule::Rule;
use crate::domain::access::rule::Test;
use crate::domain::access::rule::UserFilter;
use crate::domain::access::rule::Wanted;
use crate::domain::place::organization;

/// The parts of a rule.
const PARTS: [&str; 5] = ["connection", "match", "userFilter", "then", "options"];
/// The kinds of matchers.
const MATCHES: [&str; 4] = ["id", "name", "glob", "regex"];
/// The options.
const OPTIONS: [&str; 7] =
    ["priority", "enabled", "validFrom", "validTo", "maxAffected", "needsApproval", "reach"];
/// The facts that a user filter asks about.
pub(super) const FACTS: [(&str, Fact); 6] = [
    ("userName", Fact::UserName),
    ("email", Fact::Email),
    ("profession", Fact::Profession),
    ("credential", Fact::Credential),
    ("department", Fact::Department),
    ("homeOrganization", Fact::HomeOrganization),
];
/// The tests of a user filter.
const TESTS: [&str; 5] = ["is", "isNot", "startsWith", "endsWith", "present"];

/// What a rule is of, beside what is written.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Its record.
    pub id: Id,
    /// Number of the connection.
    pub connection: u32,
    /// Number of its organization.
    pub organization: u32,
    /// Who writes it.
    pub author: Id,
}

/// The text of `connection`, which must be known before the rest can be read.
pub fn connection(written: &Value) -> Option<&str> {
    written.get("connection")?.as_str()
}

/// Reads a rule, or tells every fault.
pub fn read(written: &Value, frame: Frame) -> Result<Rule, Vec<String>> {
    let mut reader = Reader::default();
    let rule = reader.rule(written, frame);
    match rule {
        Some(rule) if reader.faults.is_empty() => Ok(rule),
        _ => Err(reader.faults),
    }
}

/// Collects what is wrong.
#[derive(Default)]
pub(super) struct Reader {
    faults: Vec<String>,
}

impl Reader {
    fn rule(&mut self, written: &Value, frame: Frame) -> Option<Rule> {
        let whole = self.object(written, "the rule", &PARTS)?;
        let matcher = self.matcher(whole.get("match"));
        let user_filter = whole.get("userFilter").map(|filter| self.filter(filter));
        let grants = self.grants(whole.get("then"));
        let nothing = Value::Object(Map::new());
        let options = whole.get("options").unwrap_or(&nothing);
        let options = self.object(options, "`options`", &OPTIONS)?;
        let reach = self.reach(options.get("reach"));
        let priority = self.number(options.get("priority"), "priority");
        let max_affected = self.number(options.get("maxAffected"), "maxAffected");
        let rule = Rule {
            id: frame.id,
            connection: frame.connection,
            organization: frame.organization,
            reach,
            matcher: matcher?,
            user_filter,
            grants,
            priority: priority.and_then(|one| i32::try_from(one).ok()).unwrap_or(0),
            enabled: self.flag(options, "enabled", true),
            valid_from: self.moment(options.get("validFrom"), "validFrom"),
            valid_to: self.moment(options.get("validTo"), "validTo"),
            max_affected: max_affected.and_then(|one| u32::try_from(one).ok()),
            needs_approval: self.flag(options, "needsApproval", false),
            approved_by: None,
            written_by: frame.author,
        };
        Some(rule)
    }

    pub(super) fn say(&mut self, said: impl Into<String>) {
        self.faults.push(said.into());
    }

    /// An object with known members only.
    pub(super) fn object<'a>(
        &mut self,
        value: &'a Value,
        place: &str,
        known: &[&str],
    ) -> Option<&'a Map<String, Value>> {
        let Some(object) = value.as_object() else {
            self.say(format!("{place} must be an object with: {}.", known.join(", ")));
            return None;
        };
        let unknown = object.keys().filter(|name| !known.contains(&name.as_str())).count();
        if unknown > 0 {
            let known = known.join(", ");
            self.say(format!(
                "{place} has {unknown} members that are not known. It knows: {known}."
            ));
        }
        Some(object)
    }

    /// The one member of an object that says of which kind it is.
    pub(super) fn one<'a>(
        &mut self,
        value: &'a Value,
        place: &str,
        known: &[&str],
    ) -> Option<(&'a str, &'a Value)> {
        let object = self.object(value, place, known)?;
        let mut members = object.iter();
        match (members.next(), members.next()) {
            (Some((name, value)), None) if known.contains(&name.as_str()) => {
                Some((name.as_str(), value))
            }
            // That has been said already.
            (Some(_), None) => None,
            _ => {
                self.say(format!("{place} must have exactly one of: {}.", known.join(", ")));
                None
            }
        }
    }

    pub(super) fn text<'a>(&mut self, value: Option<&'a Value>, place: &str) -> Option<&'a str> {
        let text = value.and_then(Value::as_str);
        if text.is_none() {
            self.say(format!("{place} must be a text."));
        }
        text
    }

    pub(super) fn phrase(&mut self, value: Option<&Value>, place: &str) -> Option<Phrase> {
        let text = self.text(value, place)?;
        match Phrase::parse(text) {
            Ok(phrase) => Some(phrase),
            Err(error) => {
                self.say(format!("{place}: {error}"));
                None
            }
        }
    }

    fn flag(&mut self, options: &Map<String, Value>, name: &str, usual: bool) -> bool {
        match options.get(name) {
            None => usual,
            Some(Value::Bool(said)) => *said,
            Some(_) => {
                self.say(format!("`options.{name}` must be true or false."));
                usual
            }
        }
    }

    fn number(&mut self, value: Option<&Value>, name: &str) -> Option<i64> {
        let value = value?;
        let number = value.as_i64().filter(|one| i32::try_from(*one).is_ok());
        if number.is_none() || name == "maxAffected" && number.is_some_and(|one| one < 0) {
            self.say(format!("`options.{name}` must be a whole number that is not too large."));
        }
        number
    }

    fn moment(&mut self, value: Option<&Value>, name: &str) -> Option<Moment> {
        let read = value?.as_str().and_then(|text| text.parse().ok());
        if read.is_none() {
            let said = "must be an RFC 3339 date and time with an offset";
            self.say(format!("`options.{name}` {said}."));
        }
        read
    }

    fn reach(&mut self, value: Option<&Value>) -> Vec<u32> {
        let Some(value) = value else { return Vec::new() };
        let list = value.as_array().map_or(&[][..], Vec::as_slice);
        let read = |one: &Value| one.as_str().and_then(organization::number);
        let numbers: Vec<u32> = list.iter().filter_map(read).collect();
        if numbers.len() != list.len() || !value.is_array() {
            self.say("`options.reach` must be a list of organizations, such as ORG0001.");
        }
        numbers
    }

    fn matcher(&mut self, value: Option<&Value>) -> Option<Matcher> {
        let Some(value) = value else {
            self.say("`match` is missing: say which groups the rule is about.");
            return None;
        };
        let (kind, value) = self.one(value, "`match`", &MATCHES)?;
        let text = self.text(Some(value), &format!("`match.{kind}`"))?.to_owned();
        match kind {
            "name" => Some(Matcher::Exact(text)),
            "glob" => Some(Matcher::Glob(text)),
            "regex" => Some(Matcher::Regex(text)),
            _ => {
                let id = Id::parse(&text);
                if id.is_none() {
                    self.say("`match.id` must be the id of a group.");
                }
                id.map(Matcher::Id)
            }
        }
    }

    fn filter(&mut self, value: &Value) -> UserFilter {
        let Some(list) = value.as_array() else {
            self.say("`userFilter` must be a list of tests.");
            return UserFilter(Vec::new());
        };
        let mut tests = Vec::new();
        for (at, one) in list.iter().enumerate() {
            tests.extend(self.test(one, &format!("`userFilter`, test {}", at + 1)));
        }
        UserFilter(tests)
    }

    fn test(&mut self, value: &Value, place: &str) -> Option<Test> {
        let known: Vec<&str> = ["fact"].into_iter().chain(TESTS).collect();
        let object = self.object(value, place, &known)?;
        let name = self.text(object.get("fact"), &format!("{place}: `fact`"))?;
        let fact = FACTS.iter().find(|(known, _)| *known == name).map(|(_, fact)| *fact);
        if fact.is_none() {
            let known = FACTS.map(|(known, _)| known).join(", ");
            self.say(format!("{place}: `fact` must be one of: {known}."));
        }
        let said: Vec<&str> = TESTS.into_iter().filter(|test| object.contains_key(*test)).collect();
        let [test] = said.as_slice() else {
            self.say(format!("{place} must have exactly one of: {}.", TESTS.join(", ")));
            return None;
        };
        let wanted = match (*test, object.get(*test)) {
            ("present", Some(Value::Bool(true))) => Wanted::Present,
            ("present", Some(Value::Bool(false))) => Wanted::Absent,
            ("present", _) => {
                self.say(format!("{place}: `present` must be true or false."));
                return None;
            }
            (test, value) => {
                let text = self.text(value, &format!("{place}: `{test}`"))?.to_owned();
                match test {
                    "is" => Wanted::Is(text),
                    "isNot" => Wanted::IsNot(text),
                    "startsWith" => Wanted::StartsWith(text),
                    _ => Wanted::EndsWith(text),
                }
            }
        };
        Some(Test { fact: fact?, wanted })
    }
}
