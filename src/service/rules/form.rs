//! A rule as people write it: `connection`, `match`, `userFilter`, `then`, `options` (2.7).
//!
//! Read by hand and not by a derive, so that every fault is told at once, each with its place, and
//! what is not known is refused instead of passed over. No answer repeats what was written.

use serde_json::Map;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::level::Limit;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::pattern::Phrase;
use crate::domain::access::role::administrator::AdminRole;
use crate::domain::access::rule::DefaultWish;
use crate::domain::access::rule::Fact;
use crate::domain::access::rule::Rule;
use crate::domain::access::rule::Template;
use crate::domain::access::rule::Test;
use crate::domain::access::rule::UserFilter;
use crate::domain::access::rule::Wanted;
use crate::domain::place::organization;

/// The parts of a rule.
const PARTS: [&str; 5] = ["connection", "match", "userFilter", "then", "options"];
/// The kinds of matchers.
const MATCHES: [&str; 4] = ["id", "name", "glob", "regex"];
/// The kinds of grants.
pub(super) const GRANTS: [&str; 13] = [
    "homeOrganization",
    "assignment",
    "service",
    "roomsOfSite",
    "rooms",
    "delegation",
    "accessGroup",
    "applicationRole",
    "limit",
    "loginDisabled",
    "adminRole",
    "credential",
    "partnerSignIn",
];
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
struct Reader {
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

    fn say(&mut self, said: impl Into<String>) {
        self.faults.push(said.into());
    }

    /// An object with known members only.
    fn object<'a>(
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
    fn one<'a>(
        &mut self,
        value: &'a Value,
        place: &str,
        known: &[&str],
    ) -> Option<(&'a str, &'a Value)> {
        let object = self.object(value, place, known)?;
        let mut members = object.iter();
        match (members.next(), members.next()) {
            (Some((name, value)), None) => Some((name.as_str(), value)),
            _ => {
                self.say(format!("{place} must have exactly one of: {}.", known.join(", ")));
                None
            }
        }
    }

    fn text<'a>(&mut self, value: Option<&'a Value>, place: &str) -> Option<&'a str> {
        let text = value.and_then(Value::as_str);
        if text.is_none() {
            self.say(format!("{place} must be a text."));
        }
        text
    }

    fn phrase(&mut self, value: Option<&Value>, place: &str) -> Option<Phrase> {
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

    fn grants(&mut self, value: Option<&Value>) -> Vec<Template> {
        let Some(list) = value.and_then(Value::as_array) else {
            self.say("`then` must be a list of grants.");
            return Vec::new();
        };
        let mut grants = Vec::new();
        for (at, one) in list.iter().enumerate() {
            let place = format!("`then`, grant {}", at + 1);
            let Some((kind, value)) = self.one(one, &place, &GRANTS) else { continue };
            grants.extend(self.grant(kind, value, &format!("{place}: `{kind}`")));
        }
        grants
    }

    fn grant(&mut self, kind: &str, value: &Value, place: &str) -> Option<Template> {
        match kind {
            "homeOrganization" => {
                let organization = self.phrase(Some(value), place)?;
                Some(Template::HomeOrganization { organization })
            }
            "service" => Some(Template::Service { service: self.phrase(Some(value), place)? }),
            "roomsOfSite" => Some(Template::RoomsOfSite { site: self.phrase(Some(value), place)? }),
            "accessGroup" => {
                Some(Template::AccessGroup { group: self.phrase(Some(value), place)? })
            }
            "credential" => {
                Some(Template::Credential { credential: self.phrase(Some(value), place)? })
            }
            "applicationRole" => {
                let role = self.text(Some(value), place)?.to_owned();
                Some(Template::ApplicationRole { role })
            }
            "partnerSignIn" if value == &Value::Bool(true) => Some(Template::PartnerSignIn),
            "partnerSignIn" => {
                self.say(format!("{place} can only be true."));
                None
            }
            "loginDisabled" => {
                let object = self.object(value, place, &["reason"])?;
                let reason = self.text(object.get("reason"), &format!("{place}, `reason`"))?;
                Some(Template::LoginDisabled { reason: reason.to_owned() })
            }
            "rooms" => self.rooms(value, place),
            "assignment" => self.assignment(value, place),
            "delegation" => {
                let object = self.object(value, place, &["delegator", "service"])?;
                let delegator =
                    self.phrase(object.get("delegator"), &format!("{place}, `delegator`"));
                let service = self.phrase(object.get("service"), &format!("{place}, `service`"));
                Some(Template::Delegation { delegator: delegator?, service: service? })
            }
            "adminRole" => self.administrator(value, place),
            _ => self.limit(value, place),
        }
    }

    fn rooms(&mut self, value: &Value, place: &str) -> Option<Template> {
        let Some(list) = value.as_array() else {
            self.say(format!("{place} must be a list of system names."));
            return None;
        };
        let systems = list.iter().filter_map(|one| self.phrase(Some(one), place)).collect();
        Some(Template::Rooms { systems })
    }

    fn assignment(&mut self, value: &Value, place: &str) -> Option<Template> {
        let object = self.object(value, place, &["location", "role", "default"])?;
        let location = self.phrase(object.get("location"), &format!("{place}, `location`"));
        let role = self.phrase(object.get("role"), &format!("{place}, `role`"));
        let default = match object.get("default").map(|one| one.as_str().unwrap_or_default()) {
            None | Some("ifNone") => DefaultWish::IfNone,
            Some("never") => DefaultWish::Never,
            Some("always") => DefaultWish::Always,
            Some(_) => {
                self.say(format!("{place}, `default` must be ifNone, never or always."));
                DefaultWish::IfNone
            }
        };
        Some(Template::Assignment { location: location?, role: role?, default })
    }

    fn administrator(&mut self, value: &Value, place: &str) -> Option<Template> {
        let object = self.object(value, place, &["role", "scope"])?;
        let scope = object.get("scope");
        let scope = scope.map(|one| self.phrase(Some(one), &format!("{place}, `scope`")));
        let role = self.text(object.get("role"), &format!("{place}, `role`"))?;
        let role = AdminRole::parse(role);
        if role.is_none() {
            let known = AdminRole::ALL.map(AdminRole::value).join(", ");
            self.say(format!("{place}, `role` must be one of: {known}."));
        }
        Some(Template::Admin { role: role?, scope: scope.map_or(Some(None), |one| one.map(Some))? })
    }

    fn limit(&mut self, value: &Value, place: &str) -> Option<Template> {
        let object = self.object(value, place, &["module", "privilege", "privacy"])?;
        let mut word = |name: &str| object.get(name).and_then(|one| self.text(Some(one), place));
        let (module, privilege, privacy) = (word("module"), word("privilege"), word("privacy"));
        let limit = Limit {
            module: module.and_then(Module::parse),
            privilege: privilege.and_then(Privilege::parse),
            privacy: privacy.and_then(Privacy::parse),
        };
        let read = [
            (module.is_some(), limit.module.is_some(), "module"),
            (privilege.is_some(), limit.privilege.is_some(), "privilege"),
            (privacy.is_some(), limit.privacy.is_some(), "privacy"),
        ];
        for (_, _, name) in read.into_iter().filter(|(said, read, _)| *said && !read) {
            self.say(format!("{place}, `{name}` is no word of the catalogue."));
        }
        Some(Template::Limit { limit })
    }
}
