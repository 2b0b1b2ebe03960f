//! What an index can answer of a filter.
//!
//! The result lets through every match, and perhaps more: `exact` says that it lets through
//! nothing else, so that no document needs to be read.

use std::collections::HashMap;
use std::ops::Bound;

use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Relation;
use crate::scim::compare;
use crate::scim::filter::Filter;
use crate::scim::filter::Literal;
use crate::scim::filter::Op;
use crate::scim::path::AttributePath;
use crate::service::wire::model::Form;
use crate::service::wire::model::IndexedField;
use crate::service::wire::model::Model;
use crate::store::select::Condition;
use crate::store::select::value;

/// The longest value that the index keeps whole.
const WHOLE: usize = 120;

/// A condition, and whether it says all that the filter says.
#[derive(Clone, Debug, PartialEq)]
pub struct Translated {
    /// What the store can look up.
    pub condition: Condition,
    /// Whether nothing else matches.
    pub exact: bool,
}

impl Translated {
    /// Nothing that an index could help with.
    pub const SCAN: Self = Self { condition: Condition::Everything, exact: false };
    /// No record can match.
    const NOTHING: Self = Self { condition: Condition::Nothing, exact: true };

    fn exact(condition: Condition) -> Self {
        Self { condition, exact: true }
    }
}

/// Translates filters over one resource type.
#[derive(Debug)]
pub struct Translator<'a> {
    /// The resource type.
    pub model: &'a Model,
    /// For each group that a filter names in `groups`: it and every group inside it.
    pub closures: &'a HashMap<String, Vec<Id>>,
}

impl Translator<'_> {
    /// What an index can answer of `filter`.
    pub fn translate(&self, filter: &Filter) -> Translated {
        match filter {
            Filter::And(parts) => self.all(parts),
            Filter::Or(parts) => self.any(parts),
            Filter::Not(_) => Translated::SCAN,
            Filter::Present(path) => self.present(path),
            Filter::Compare { path, op, value } => self.compare(path, *op, value),
            Filter::Values { path, inner } => self.values(path, inner),
        }
    }

    fn all(&self, parts: &[Filter]) -> Translated {
        let parts: Vec<_> = parts.iter().map(|part| self.translate(part)).collect();
        let exact = parts.iter().all(|part| part.exact);
        let conditions = parts.into_iter().map(|part| part.condition);
        let useful = conditions.filter(|condition| *condition != Condition::Everything).collect();
        let condition = match single(useful) {
            Ok(one) => one,
            Err(useful) if useful.is_empty() => Condition::Everything,
            Err(useful) => Condition::All(useful),
        };
        Translated { condition, exact }
    }

    fn any(&self, parts: &[Filter]) -> Translated {
        let parts: Vec<_> = parts.iter().map(|part| self.translate(part)).collect();
        if parts.iter().any(|part| part.condition == Condition::Everything) {
            return Translated::SCAN;
        }
        let exact = parts.iter().all(|part| part.exact);
        let conditions = parts.into_iter().map(|part| part.condition).collect();
        Translated { condition: Condition::Any(conditions), exact }
    }

    fn present(&self, path: &AttributePath) -> Translated {
        match self.model.field_at(path) {
            Some(field) if path.sub.is_some() || field.sub.is_none() => {
                Translated::exact(Condition::Range(field.field, Bound::Unbounded, Bound::Unbounded))
            }
            _ => Translated::SCAN,
        }
    }

    /// `emails[value eq "x"]` asks what `emails.value eq "x"` asks; with more inside the
    /// brackets, any one comparison narrows the search and the rest is tested.
    fn values(&self, path: &AttributePath, inner: &Filter) -> Translated {
        match inner {
            Filter::Compare { path: sub, op, value } if sub.sub.is_none() => {
                let whole = AttributePath { sub: Some(sub.name.clone()), ..path.clone() };
                self.compare(&whole, *op, value)
            }
            Filter::And(parts) => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|part| self.values(path, part).condition)
                    .filter(|condition| *condition != Condition::Everything)
                    .collect();
                let condition = match single(parts) {
                    Ok(one) => one,
                    Err(parts) if parts.is_empty() => Condition::Everything,
                    Err(parts) => Condition::All(parts),
                };
                Translated { condition, exact: false }
            }
            _ => Translated::SCAN,
        }
    }

    fn compare(&self, path: &AttributePath, op: Op, literal: &Literal) -> Translated {
        let named = |name: &str| path.name.eq_ignore_ascii_case(name);
        let subbed = |name: &str| path.sub.as_ref().is_some_and(|s| s.eq_ignore_ascii_case(name));
        if path.urn.is_none() && named("id") && op == Op::Eq {
            return by_id(literal);
        }
        if path.urn.is_none() && named("meta") && subbed("created") {
            return by_moment(Field::CREATED, op, literal);
        }
        if path.urn.is_none() && named("meta") && subbed("lastModified") {
            return by_moment(Field::MODIFIED, op, literal);
        }
        let whole = path.sub.is_none() || subbed("value");
        if op == Op::Eq && whole && named("members") && self.model.holds_members() {
            return by_link(literal, |id| Condition::HoldsLink(Relation::MEMBER, id));
        }
        if op == Op::Eq && whole && named("groups") && self.model.kind == Kind::USER {
            return self.by_group(literal);
        }
        match self.model.field_at(path) {
            Some(field) => by_field(field, op, literal),
            None => Translated::SCAN,
        }
    }

    fn by_group(&self, literal: &Literal) -> Translated {
        let Literal::Text(text) = literal else { return Translated::SCAN };
        match self.closures.get(text) {
            Some(groups) => Translated::exact(Condition::Any(
                groups.iter().map(|id| Condition::LinkedFrom(Relation::MEMBER, *id)).collect(),
            )),
            None => Translated::NOTHING,
        }
    }
}

/// The texts that `groups` is compared with anywhere in the filter.
pub fn named_groups<'a>(filter: &'a Filter, found: &mut Vec<&'a str>) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter().for_each(|part| named_groups(part, found));
        }
        Filter::Not(inner) => named_groups(inner, found),
        Filter::Values { path, inner } if path.name.eq_ignore_ascii_case("groups") => {
            texts(inner, found);
        }
        Filter::Compare { path, value: Literal::Text(text), .. }
            if path.name.eq_ignore_ascii_case("groups") =>
        {
            found.push(text);
        }
        _ => {}
    }
}

fn texts<'a>(filter: &'a Filter, found: &mut Vec<&'a str>) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| texts(part, found)),
        Filter::Compare { value: Literal::Text(text), .. } => found.push(text),
        _ => {}
    }
}

fn single(mut conditions: Vec<Condition>) -> Result<Condition, Vec<Condition>> {
    match conditions.len() {
        1 => conditions.pop().ok_or(conditions),
        _ => Err(conditions),
    }
}

fn by_id(literal: &Literal) -> Translated {
    match literal {
        Literal::Text(text) => Id::parse(text)
            .map_or(Translated::NOTHING, |id| Translated::exact(Condition::Ids(vec![id]))),
        _ => Translated::SCAN,
    }
}

fn by_link(literal: &Literal, condition: impl FnOnce(Id) -> Condition) -> Translated {
    match literal {
        Literal::Text(text) => {
            Id::parse(text).map_or(Translated::NOTHING, |id| Translated::exact(condition(id)))
        }
        _ => Translated::SCAN,
    }
}

/// Instants are kept to the microsecond; a literal that is finer is left to the test.
fn by_moment(field: Field, op: Op, literal: &Literal) -> Translated {
    let Literal::Text(text) = literal else { return Translated::SCAN };
    let Ok(stamp) = text.parse::<jiff::Timestamp>() else { return Translated::SCAN };
    let exact = stamp.as_nanosecond() % 1_000 == 0;
    match range(field, op, value::moment(Moment(stamp.as_microsecond()))) {
        Some(condition) if exact => Translated::exact(condition),
        _ => Translated::SCAN,
    }
}

fn by_field(field: &IndexedField, op: Op, literal: &Literal) -> Translated {
    let Some(bytes) = bytes(field.form, op, literal) else { return Translated::SCAN };
    if bytes.len() > WHOLE {
        return match op {
            Op::Eq => Translated { condition: Condition::Is(field.field, bytes), exact: false },
            _ => Translated::SCAN,
        };
    }
    range(field.field, op, bytes).map_or(Translated::SCAN, Translated::exact)
}

fn range(field: Field, op: Op, bytes: Vec<u8>) -> Option<Condition> {
    use Bound::{Excluded, Included, Unbounded};
    match op {
        Op::Eq => Some(Condition::Is(field, bytes)),
        Op::Sw => Some(Condition::Prefix(field, bytes)),
        Op::Gt => Some(Condition::Range(field, Excluded(bytes), Unbounded)),
        Op::Ge => Some(Condition::Range(field, Included(bytes), Unbounded)),
        Op::Lt => Some(Condition::Range(field, Unbounded, Excluded(bytes))),
        Op::Le => Some(Condition::Range(field, Unbounded, Included(bytes))),
        Op::Ne | Op::Co | Op::Ew => None,
    }
}

fn bytes(form: Form, op: Op, literal: &Literal) -> Option<Vec<u8>> {
    let textual = matches!(form, Form::Exact | Form::Folded | Form::UserName);
    if op == Op::Sw && !textual {
        return None;
    }
    match (form, literal) {
        (Form::UserName, Literal::Text(text)) if op != Op::Eq => {
            // Only whole names have a canonical form; beginnings compare alike in ASCII.
            text.is_ascii().then(|| value::text(&compare::fold(text)))
        }
        (Form::Boolean, Literal::Text(text)) => {
            let truth = text.eq_ignore_ascii_case("true");
            (truth || text.eq_ignore_ascii_case("false")).then(|| value::boolean(truth))
        }
        (Form::Boolean, Literal::Boolean(truth)) => Some(value::boolean(*truth)),
        (Form::DateTime, _) => None,
        (_, Literal::Text(text)) => form.bytes(&Value::String(text.clone())),
        (_, Literal::Number(number)) => form.bytes(&Value::Number(number.clone())),
        _ => None,
    }
}
