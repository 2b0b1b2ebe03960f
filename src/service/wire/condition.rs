//! What an index can answer of a filter.
//!
//! The result lets through every match, and perhaps more: `exact` says that it lets through
//! nothing else, so that no document needs to be read. Names and literals are read by the same
//! functions as in `scim/filter/eval`, so that the two never differ; one comparison becomes a
//! condition in `comparison`.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::base::id::Id;
use crate::scim::compare;
use crate::scim::filter::Filter;
use crate::scim::filter::Literal;
use crate::scim::filter::Op;
use crate::scim::filter::operand;
use crate::scim::filter::operand::Operand;
use crate::scim::path::AttributePath;
use crate::scim::quirks;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Found;
use crate::scim::schema::Type;
use crate::service::wire::comparison;
use crate::service::wire::model::Model;
use crate::store::select::Condition;

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
    /// Every record matches.
    pub const ALWAYS: Self = Self { condition: Condition::Everything, exact: true };
    /// No record can match.
    pub const NEVER: Self = Self { condition: Condition::Nothing, exact: true };

    /// A condition that says it all.
    pub fn exact(condition: Condition) -> Self {
        Self { condition, exact: true }
    }

    fn helps(&self) -> bool {
        self.condition != Condition::Everything
    }
}

/// What the caller may see of the records that a filter names.
#[derive(Clone, Debug, Default)]
pub struct Closures {
    /// For each group that is named in `groups`: it and every group inside it.
    pub groups: HashMap<Id, Vec<Id>>,
    /// Those that are named in `members`.
    pub members: HashSet<Id>,
}

/// Translates filters over one resource type.
#[derive(Debug)]
pub struct Translator<'a> {
    /// The resource type.
    pub model: &'a Model,
    /// What the filter names, as far as the caller may see it.
    pub closures: &'a Closures,
}

impl Translator<'_> {
    /// What an index can answer of `filter`.
    pub fn translate(&self, filter: &Filter) -> Translated {
        match filter {
            Filter::And(parts) => all(parts.iter().map(|part| self.translate(part)).collect()),
            Filter::Or(parts) => any(parts.iter().map(|part| self.translate(part)).collect()),
            Filter::Not(_) => Translated::SCAN,
            Filter::Present(path) => self.present(path),
            Filter::Compare { path, op, value } => self.compare(path, *op, value),
            Filter::Values { path, inner } => self.values(path, inner),
        }
    }

    /// Whether the words of `filter` alone rule this resource type out: it names another type,
    /// or asks for an attribute that this one lacks (ROOT-02, ROOT-03). Depends on no data, so
    /// that it stays the same from page to page.
    pub fn rules_out(&self, filter: &Filter) -> bool {
        match filter {
            Filter::And(parts) => parts.iter().any(|part| self.rules_out(part)),
            Filter::Or(parts) => parts.iter().all(|part| self.rules_out(part)),
            Filter::Present(path) => self.present(path) == Translated::NEVER,
            Filter::Compare { path, op, value } if !is_relation(path) => {
                self.compare(path, *op, value) == Translated::NEVER
            }
            Filter::Compare { .. } | Filter::Values { .. } | Filter::Not(_) => false,
        }
    }

    fn present(&self, path: &AttributePath) -> Translated {
        if quirks::whole_extension(&self.model.rt, path).is_some() {
            return Translated::SCAN;
        }
        let Ok(found) = self.find(path) else { return Translated::SCAN };
        let Some(found) = found else { return Translated::NEVER };
        if found.container.is_none() && ["id", "schemas", "meta"].contains(&found.name()) {
            return Translated::ALWAYS;
        }
        if found.attribute.kind == Type::Complex && found.sub.is_none() {
            return Translated::SCAN;
        }
        let sub = found.sub.map(|sub| sub.name.as_str());
        match self.model.field(found.container, found.name(), sub) {
            Some(field) => Translated::exact(comparison::present(field)),
            None => Translated::SCAN,
        }
    }

    /// `emails[value eq "x"]` asks what `emails.value eq "x"` asks. With more inside the
    /// brackets, any one comparison narrows the search and the rest is tested.
    fn values(&self, path: &AttributePath, inner: &Filter) -> Translated {
        let whole =
            |sub: &AttributePath| AttributePath { sub: Some(sub.name.clone()), ..path.clone() };
        match inner {
            Filter::Compare { path: sub, op, value } => self.compare(&whole(sub), *op, value),
            Filter::Present(sub) => self.present(&whole(sub)),
            Filter::And(parts) => {
                let parts = parts.iter().map(|part| self.values(path, part)).collect();
                Translated { exact: false, ..all(parts) }
            }
            Filter::Or(parts) => any(parts.iter().map(|part| self.values(path, part)).collect()),
            Filter::Not(_) | Filter::Values { .. } => Translated::SCAN,
        }
    }

    fn compare(&self, path: &AttributePath, op: Op, literal: &Literal) -> Translated {
        let Ok(found) = self.find(path) else { return Translated::SCAN };
        let null = *literal == Literal::Null;
        let Some(found) = found else {
            // Unassigned: `ne "x"` and `eq null` hold, and nothing else does.
            let holds = matches!((op, null), (Op::Ne, false) | (Op::Eq, true));
            return if holds { Translated::SCAN } else { Translated::NEVER };
        };
        if null {
            return if op == Op::Ne { self.present(path) } else { Translated::SCAN };
        }
        let sub = found.sub.or_else(|| quirks::standing_for_value(found.attribute));
        let leaf = sub.unwrap_or(found.attribute);
        let operand = operand::operand(leaf, op, literal, &mut Tolerance::lenient());
        let Ok(operand) = operand else { return Translated::SCAN };
        let sub = sub.map(|sub| sub.name.as_str());
        if let Some(special) = self.outside(&found, sub, op, &operand) {
            return special;
        }
        match self.model.field(found.container, found.name(), sub) {
            Some(field) => comparison::on_field(field, op, &operand),
            None => Translated::SCAN,
        }
    }

    /// What the store keeps outside of documents: identifier, `meta`, members, groups.
    fn outside(
        &self,
        found: &Found<'_>,
        sub: Option<&str>,
        op: Op,
        operand: &Operand,
    ) -> Option<Translated> {
        if found.container.is_some() {
            return None;
        }
        match (found.name(), sub) {
            ("id", None) if op == Op::Eq => Some(comparison::by_id(operand)),
            ("meta", Some("resourceType")) => {
                Some(comparison::by_type(&self.model.rt.name, op, operand))
            }
            ("meta", Some(part)) => comparison::by_meta(part, op, operand),
            (name, Some("value")) if op == Op::Eq && self.model.holds(name) => {
                let relation = self.model.held.as_ref()?.relation;
                Some(comparison::by_member(relation, operand, self.closures))
            }
            ("groups", Some("value")) if op == Op::Eq && self.model.is_in_groups() => {
                Some(comparison::by_group(operand, self.closures))
            }
            _ => None,
        }
    }

    fn find(&self, path: &AttributePath) -> Result<Option<Found<'_>>, ()> {
        quirks::find(&self.model.rt, path, &mut Tolerance::lenient()).map_err(|_| ())
    }
}

/// Attributes that are kept as links: what they say depends on what the caller may see.
pub const RELATIONS: [&str; 5] =
    ["groups", "members", "schedulers", "accessState", "pendingReasons"];

/// Attributes whose conditions depend on what the caller may see.
fn is_relation(path: &AttributePath) -> bool {
    RELATIONS.iter().any(|name| path.name.eq_ignore_ascii_case(name))
}

/// The identifiers that `attribute` is compared with anywhere in the filter.
pub fn named(filter: &Filter, attribute: &str, found: &mut Vec<Id>) {
    let is_it = |path: &AttributePath| path.name.eq_ignore_ascii_case(attribute);
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter().for_each(|part| named(part, attribute, found));
        }
        Filter::Not(inner) => named(inner, attribute, found),
        Filter::Values { path, inner } if is_it(path) => ids(inner, found),
        Filter::Compare { path, .. } if is_it(path) => ids(filter, found),
        _ => {}
    }
}

fn ids(filter: &Filter, found: &mut Vec<Id>) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| ids(part, found)),
        Filter::Not(inner) => ids(inner, found),
        Filter::Compare { value: Literal::Text(text), .. } => {
            found.extend(Id::parse(&compare::fold(text)));
        }
        _ => {}
    }
}

fn all(parts: Vec<Translated>) -> Translated {
    if parts.contains(&Translated::NEVER) {
        return Translated::NEVER;
    }
    let exact = parts.iter().all(|part| part.exact);
    let mut useful: Vec<Condition> =
        parts.into_iter().filter(Translated::helps).map(|part| part.condition).collect();
    let condition = match (useful.pop(), useful.is_empty()) {
        (None, _) => Condition::Everything,
        (Some(one), true) => one,
        (Some(last), false) => {
            useful.push(last);
            Condition::All(useful)
        }
    };
    Translated { condition, exact }
}

fn any(mut parts: Vec<Translated>) -> Translated {
    if parts.contains(&Translated::ALWAYS) {
        return Translated::ALWAYS;
    }
    if !parts.iter().all(Translated::helps) {
        return Translated::SCAN;
    }
    parts.retain(|part| *part != Translated::NEVER);
    match parts.len() {
        0 => Translated::NEVER,
        1 => parts.pop().unwrap_or(Translated::NEVER),
        _ => Translated {
            exact: parts.iter().all(|part| part.exact),
            condition: Condition::Any(parts.into_iter().map(|part| part.condition).collect()),
        },
    }
}
