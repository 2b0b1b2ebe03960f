//! Filters the slow way: a random filter as a tree of our own, its text, and what it means for a
//! resource as a client reads it. Shares no code with the gateway.

use serde_json::Value;

use crate::properties::Dice;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// How values of an attribute are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sort {
    Folded,
    Exact,
    Boolean,
    Moment,
}

/// An attribute that filters may name: its text, where it stands, how it is compared.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    text: &'static str,
    place: &'static [&'static str],
    sort: Sort,
}

const fn name(text: &'static str, place: &'static [&'static str], sort: Sort) -> Name {
    Name { text, place, sort }
}

const NAMES: [Name; 24] = [
    name("userName", &["userName"], Sort::Folded),
    name("USERNAME", &["userName"], Sort::Folded),
    name("externalId", &["externalId"], Sort::Exact),
    name("id", &["id"], Sort::Exact),
    name("displayName", &["displayName"], Sort::Folded),
    name("title", &["title"], Sort::Folded),
    name("nickName", &["nickName"], Sort::Folded),
    name("active", &["active"], Sort::Boolean),
    name("name.familyName", &["name", "familyName"], Sort::Folded),
    name("name.givenName", &["name", "givenName"], Sort::Folded),
    name("emails", &["emails", "value"], Sort::Folded),
    name("emails.value", &["emails", "value"], Sort::Folded),
    name("emails.type", &["emails", "type"], Sort::Folded),
    name("emails.primary", &["emails", "primary"], Sort::Boolean),
    name("roles", &["roles", "value"], Sort::Folded),
    name("profileUrl", &["profileUrl"], Sort::Exact),
    name("groups.value", &["groups", "value"], Sort::Folded),
    name("groups.display", &["groups", "display"], Sort::Folded),
    name("meta.created", &["meta", "created"], Sort::Moment),
    name("meta.lastModified", &["meta", "lastModified"], Sort::Moment),
    name("urn:ietf:params:scim:schemas:core:2.0:User:userName", &["userName"], Sort::Folded),
    name(
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        &[ENTERPRISE, "department"],
        Sort::Folded,
    ),
    name(
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
        &[ENTERPRISE, "employeeNumber"],
        Sort::Folded,
    ),
    name(
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        &[ENTERPRISE, "manager", "value"],
        Sort::Exact,
    ),
];

const PARTS: [Name; 4] = [
    name("value", &["value"], Sort::Folded),
    name("type", &["type"], Sort::Folded),
    name("display", &["display"], Sort::Folded),
    name("primary", &["primary"], Sort::Boolean),
];

/// A filter.
#[derive(Clone, Debug)]
pub enum Tree {
    Compare(Name, &'static str, Value),
    Present(Name),
    Element(&'static str, Box<Tree>),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

impl Tree {
    /// A random tree whose literals are mostly values that exist: texts by attribute place.
    pub fn draw(dice: &mut Dice, values: &[Value], depth: usize) -> Self {
        match dice.below(if depth == 0 { 8 } else { 14 }) {
            0..6 => Self::compare(dice, &NAMES, values),
            6 => Self::Present(*dice.pick(&NAMES)),
            7 => {
                let attribute = *dice.pick(&["emails", "roles", "phoneNumbers"]);
                Self::Element(attribute, Box::new(Self::inner(dice, values, 2)))
            }
            8 => Self::Not(Box::new(Self::draw(dice, values, depth - 1))),
            turn => {
                let count = 2 + dice.below(2);
                let parts = (0..count).map(|_| Self::draw(dice, values, depth - 1)).collect();
                if turn < 12 { Self::And(parts) } else { Self::Or(parts) }
            }
        }
    }

    fn inner(dice: &mut Dice, values: &[Value], depth: usize) -> Self {
        match dice.below(if depth == 0 { 4 } else { 7 }) {
            0..3 => Self::compare(dice, &PARTS, values),
            3 => Self::Present(*dice.pick(&PARTS)),
            4 => Self::Not(Box::new(Self::inner(dice, values, depth - 1))),
            turn => {
                let parts = (0..2).map(|_| Self::inner(dice, values, depth - 1)).collect();
                if turn == 5 { Self::And(parts) } else { Self::Or(parts) }
            }
        }
    }

    fn compare(dice: &mut Dice, names: &[Name], values: &[Value]) -> Self {
        let name = *dice.pick(names);
        if dice.one_in(20) {
            let op = *dice.pick(&["eq", "ne"]);
            return Self::Compare(name, op, Value::Null);
        }
        let (ops, literal): (&[&'static str], Value) = match name.sort {
            Sort::Boolean => (&["eq", "ne"], Value::Bool(dice.one_in(2))),
            Sort::Moment => (&["eq", "ne", "gt", "ge", "lt", "le"], found(dice, values, name)),
            Sort::Folded | Sort::Exact => {
                let literal = found(dice, values, name);
                let text = literal.as_str().unwrap_or_default();
                (&["eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"], twisted(dice, text))
            }
        };
        let op = *dice.pick::<&'static str>(ops);
        Self::Compare(name, op, literal)
    }

    /// The filter as text.
    pub fn text(&self) -> String {
        let join = |parts: &[Self], with: &str| {
            let parts: Vec<String> =
                parts.iter().map(|part| format!("({})", part.text())).collect();
            parts.join(with)
        };
        match self {
            Self::Compare(name, op, value) => format!("{} {op} {value}", name.text),
            Self::Present(name) => format!("{} pr", name.text),
            Self::Element(attribute, inner) => format!("{attribute}[{}]", inner.text()),
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::And(parts) => join(parts, " and "),
            Self::Or(parts) => join(parts, " or "),
        }
    }

    /// Whether a resource fulfils it.
    pub fn holds(&self, resource: &Value) -> bool {
        match self {
            Self::Compare(name, "eq", Value::Null) => !present(name, resource),
            Self::Compare(name, "ne", Value::Null) => present(name, resource),
            Self::Compare(name, op, literal) => {
                let values = at(name.place, resource);
                let fits = values.iter().any(|value| compare(name.sort, op, value, literal));
                fits || (*op == "ne" && values.is_empty())
            }
            Self::Present(name) => present(name, resource),
            Self::Element(attribute, inner) => {
                let elements = resource.get(attribute).and_then(Value::as_array);
                elements.is_some_and(|elements| elements.iter().any(|one| inner.holds(one)))
            }
            Self::Not(inner) => !inner.holds(resource),
            Self::And(parts) => parts.iter().all(|part| part.holds(resource)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(resource)),
        }
    }
}

/// A value that some resource has there, or now and then anything.
fn found(dice: &mut Dice, values: &[Value], name: Name) -> Value {
    let odd = ["", "%", "_", "\\", "x' OR '1'='1", "*)(uid=*", "\u{0}", "zzz", "Å", "\"", "'"];
    for _ in 0..4 {
        let here = at(name.place, dice.pick(values));
        if let Some(value) = here.first() {
            return Value::clone(value);
        }
    }
    if name.sort == Sort::Moment {
        "2026-09-21T14:13:20Z".into()
    } else {
        (*dice.pick(&odd)).into()
    }
}

/// The text, a part of it, or the text in another letter case.
fn twisted(dice: &mut Dice, text: &str) -> Value {
    let letters: Vec<char> = text.chars().collect();
    let cut = dice.below(letters.len() + 1);
    match dice.below(7) {
        0 => letters[..cut].iter().collect::<String>().into(),
        1 => letters[cut..].iter().collect::<String>().into(),
        2 => text.to_uppercase().into(),
        3 => text.to_lowercase().into(),
        4 => format!("{text}x").into(),
        _ => text.into(),
    }
}

/// The values at a place; lists are looked into.
fn at<'a>(place: &[&str], value: &'a Value) -> Vec<&'a Value> {
    match (value, place) {
        (Value::Array(list), _) => list.iter().flat_map(|one| at(place, one)).collect(),
        (Value::Null, _) => Vec::new(),
        (_, []) => vec![value],
        (_, [first, rest @ ..]) => value.get(first).map_or(Vec::new(), |inner| at(rest, inner)),
    }
}

/// Whether there is anything but empty texts. The whole of a complex attribute counts, not only
/// what stands for it.
fn present(name: &Name, resource: &Value) -> bool {
    let place = if name.text.contains(['.', ':']) { name.place } else { &name.place[..1] };
    at(place, resource).iter().any(|value| filled(value))
}

fn filled(value: &Value) -> bool {
    match value {
        Value::Object(parts) => parts.values().any(filled),
        Value::Array(list) => list.iter().any(filled),
        value => *value != Value::Null && value != "",
    }
}

fn compare(sort: Sort, op: &str, value: &Value, literal: &Value) -> bool {
    if sort == Sort::Boolean {
        return (value == literal) == (op == "eq");
    }
    let form = |value: &Value| match (sort, value.as_str().unwrap()) {
        (Sort::Folded, text) => text.to_lowercase(),
        // All moments are written alike, save that a whole second may lack its zeros.
        (Sort::Moment, text) => text.replace("20Z", "20.000000Z"),
        (_, text) => text.to_owned(),
    };
    let (value, literal) = (form(value), form(literal));
    match op {
        "eq" => value == literal,
        "ne" => value != literal,
        "co" => value.contains(&literal),
        "sw" => value.starts_with(&literal),
        "ew" => value.ends_with(&literal),
        "gt" => value > literal,
        "ge" => value >= literal,
        "lt" => value < literal,
        _ => value <= literal,
    }
}
