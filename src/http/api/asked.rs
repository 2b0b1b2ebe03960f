//! The query of a request, read by what its operation says of its parameters.

use crate::base::clock::Moment;
use crate::http::api::operations::Parameter;
use crate::http::api::operations::Place;
use crate::http::api::operations::Shape;
use crate::http::problem::Problem;
use crate::http::query;
use crate::scim::filter::operand;

/// What was asked: each parameter at most once, and every one fit.
#[derive(Clone, Debug, Default)]
pub struct Asked(Vec<(&'static str, Value)>);

#[derive(Clone, Debug)]
enum Value {
    Text(String),
    Number(u64),
    Instant(Moment),
    Flag(bool),
}

impl Asked {
    /// Reads a query string. `now` bounds instants: none is of the future.
    pub fn read(raw: &str, parameters: &'static [Parameter], now: Moment) -> Result<Self, Problem> {
        let pairs = query::pairs(raw).ok_or_else(|| {
            let said = "The query has a broken escape, or is not UTF-8.".to_owned();
            Problem::unreadable("invalidSyntax", said)
        })?;
        let mut asked = Self::default();
        for (name, text) in &pairs {
            let known = parameters.iter().find(|one| one.place == Place::Query && one.name == name);
            let Some(known) = known else { return Err(unknown(parameters)) };
            if asked.find(known.name).is_some() {
                let said = format!("`{}` is asked for twice. Once is enough.", known.name);
                return Err(Problem::unreadable("invalidValue", said));
            }
            let value = value(known, text, now)?;
            asked.0.push((known.name, value));
        }
        Ok(asked)
    }

    /// A text, or one of a few words.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.find(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A whole number; `usual` if it was left out.
    pub fn number(&self, name: &str, usual: u64) -> u64 {
        match self.find(name) {
            Some(Value::Number(number)) => *number,
            _ => usual,
        }
    }

    /// An instant that has passed.
    pub fn instant(&self, name: &str) -> Option<Moment> {
        match self.find(name) {
            Some(Value::Instant(moment)) => Some(*moment),
            _ => None,
        }
    }

    /// Whether something is wanted.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.find(name), Some(Value::Flag(true)))
    }

    fn find(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

fn unknown(parameters: &[Parameter]) -> Problem {
    let known = parameters.iter().filter(|one| one.place == Place::Query);
    let known: Vec<String> = known.map(|one| format!("`{}`", one.name)).collect();
    let said = match known.as_slice() {
        [] => "This takes no parameters.".to_owned(),
        known => format!("There is no such parameter. There are {}.", known.join(", ")),
    };
    Problem::unreadable("unknownParameter", said)
}

fn value(known: &Parameter, text: &str, now: Moment) -> Result<Value, Problem> {
    let name = known.name;
    let unfit = |what: String| Problem::unreadable("invalidValue", format!("`{name}` {what}."));
    match known.shape {
        Shape::Text { longest } => {
            let length = text.chars().count();
            let fits = (1..=longest).contains(&length) && !text.chars().any(char::is_control);
            let what = format!("has 1 to {longest} characters, none of them a control character");
            if fits { Ok(Value::Text(text.to_owned())) } else { Err(unfit(what)) }
        }
        Shape::Word(words) => match words.iter().find(|word| **word == text) {
            Some(word) => Ok(Value::Text((*word).to_owned())),
            None => Err(unfit(format!("is one of {}", words.join(", ")))),
        },
        Shape::Whole { least, most } => {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse().ok().filter(|_| digits);
            let number = number.filter(|number| (least..=most).contains(number));
            let what = format!("is a whole number from {least} to {most}");
            number.map(Value::Number).ok_or_else(|| unfit(what))
        }
        Shape::Instant => {
            let moment = operand::moment(text).filter(|moment| *moment < now);
            let what = "is an instant of RFC 3339 that has passed, such as 2026-01-05T13:00:00Z";
            moment.map(Value::Instant).ok_or_else(|| unfit(what.to_owned()))
        }
        Shape::Flag => match text {
            "1" | "true" => Ok(Value::Flag(true)),
            "0" | "false" => Ok(Value::Flag(false)),
            _ => Err(unfit("is 1, true, 0 or false".to_owned())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMETERS: &[Parameter] = &[
        Parameter::query("q", Shape::Text { longest: 3 }, "A part."),
        Parameter::query("count", Shape::Whole { least: 0, most: 10 }, "How many."),
        Parameter::query("asOf", Shape::Instant, "When."),
        Parameter::query("bom", Shape::Flag, "Mark."),
        Parameter::query("order", Shape::Word(&["up", "down"]), "Which way."),
    ];

    fn read(raw: &str) -> Result<Asked, &'static str> {
        let now = "2026-01-05T13:00:00Z".parse().unwrap();
        Asked::read(raw, PARAMETERS, now).map_err(|problem| problem.code)
    }

    #[test]
    fn every_parameter_is_known_fits_and_comes_once() {
        let all = "q=%C3%A9&count=10&asOf=2026-01-05T08:00:00-04:59&bom=1&order=up";
        let asked = read(all).unwrap();
        assert_eq!(asked.text("q"), Some("é"));
        assert_eq!((asked.number("count", 5), asked.number("none", 5)), (10, 5));
        assert!(asked.instant("asOf").is_some() && asked.flag("bom"));
        assert_eq!(asked.text("order"), Some("up"));
        for bad in [
            "q=",
            "q=long",
            "q=%0A",
            "count=11",
            "count=-1",
            "count=",
            "count=+1",
            "asOf=today",
            "asOf=2026-01-05T13:00:00Z",
            "bom=yes",
            "order=UP",
            "bom=1&bom=1",
        ] {
            assert_eq!(read(bad).err(), Some("invalidValue"), "{bad}");
        }
        assert_eq!(read("asof=2026-01-05T12:00:00Z").err(), Some("unknownParameter"));
        assert_eq!(read("q=%zz").err(), Some("invalidSyntax"));
        assert!(!read("").unwrap().flag("bom"));
    }
}
