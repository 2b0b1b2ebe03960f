//! Whether a filter fits a resource type, and whether a document fulfils it.

use std::cmp::Ordering;

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::Filter;
use crate::scim::filter::Op;
use crate::scim::filter::operand;
use crate::scim::filter::operand::Operand;
use crate::scim::filter::operand::Sameness;
use crate::scim::filter::resolve::Names;
use crate::scim::filter::resolve::Node;
use crate::scim::filter::resolve::Place;
use crate::scim::filter::resolve::Resolver;
use crate::scim::filter::resolve::Test;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Attribute;
use crate::scim::schema::ResourceType;

/// Whether `filter` fits `rt`: every name is known and readable, every operator and literal
/// suits its attribute. Otherwise `invalidFilter`, naming the comparison (FLT-24 to FLT-28).
pub fn check(rt: &ResourceType, filter: &Filter, tolerance: &mut Tolerance) -> Result<(), Error> {
    Resolver::new(tolerance, true).resolve(Names::Resource(rt), filter).map(drop)
}

/// Whether `filter` fits a query over all of `types`: a name that one of them lacks counts as
/// unassigned there (RFC 7644 §3.4.2.1), one that all lack is refused.
pub fn check_any(
    types: &[&ResourceType],
    filter: &Filter,
    tolerance: &mut Tolerance,
) -> Result<(), Error> {
    let mut known: Vec<bool> = Vec::new();
    for rt in types {
        let mut resolver = Resolver::new(tolerance, false);
        resolver.resolve(Names::Resource(rt), filter)?;
        known.resize(resolver.known.len(), false);
        for (known, here) in known.iter_mut().zip(resolver.known) {
            *known |= here;
        }
    }
    match known.iter().position(|known| !known) {
        None => Ok(()),
        Some(at) => {
            let place = at + 1;
            let what = format!("filter, comparison {place}: no attribute of this name is known");
            Err(Error::new(ScimType::InvalidFilter, what))
        }
    }
}

/// A filter made ready for many documents of one type.
#[derive(Clone, Debug)]
pub struct Matcher {
    node: Node,
}

impl Matcher {
    /// Looks names up and folds literals. Names that `rt` lacks count as unassigned; a filter that
    /// [`check`] would refuse for another reason matches nothing.
    pub fn new(rt: &ResourceType, filter: &Filter) -> Self {
        let mut tolerance = Tolerance::lenient();
        let node = Resolver::new(&mut tolerance, false).resolve(Names::Resource(rt), filter);
        Self { node: node.unwrap_or(Node::Constant(false)) }
    }

    /// For the elements of `attribute`: the filter inside the brackets of a path. Refuses with
    /// `invalidFilter` what does not fit.
    pub fn of_values(
        attribute: &Attribute,
        filter: &Filter,
        tolerance: &mut Tolerance,
    ) -> Result<Self, Error> {
        let node = Resolver::new(tolerance, true).resolve(Names::Values(attribute), filter)?;
        Ok(Self { node })
    }

    /// Whether `document`, complete with `meta` and whatever relations the filter names, fulfils
    /// the filter.
    pub fn matches(&self, document: &Map<String, Value>) -> bool {
        holds(&self.node, document)
    }
}

/// [`Matcher::matches`] for one document.
pub fn matches(rt: &ResourceType, filter: &Filter, document: &Map<String, Value>) -> bool {
    Matcher::new(rt, filter).matches(document)
}

fn holds(node: &Node, scope: &Map<String, Value>) -> bool {
    match node {
        Node::Constant(answer) => *answer,
        Node::All(parts) => parts.iter().all(|part| holds(part, scope)),
        Node::Any(parts) => parts.iter().any(|part| holds(part, scope)),
        Node::Not(inner) => !holds(inner, scope),
        Node::Same(place, inner) => any_value(place, scope, &mut |value| match value {
            Value::Object(element) => holds(inner, element),
            _ => false,
        }),
        Node::Test(place, test) => passes(test, place, scope),
    }
}

fn passes(test: &Test, place: &Place, scope: &Map<String, Value>) -> bool {
    match test {
        Test::Present => any_value(place, scope, &mut is_present),
        Test::Absent => !any_value(place, scope, &mut is_present),
        Test::Compare(op, operand) => {
            let mut assigned = false;
            let fulfilled = any_value(place, scope, &mut |value| {
                assigned |= !value.is_null();
                compares(*op, operand, value)
            });
            fulfilled || (*op == Op::Ne && !assigned)
        }
    }
}

/// Whether `test` accepts one of the values at `place`; stops at the first.
fn any_value(
    place: &Place,
    scope: &Map<String, Value>,
    test: &mut dyn FnMut(&Value) -> bool,
) -> bool {
    let scope = match &place.container {
        None => Some(scope),
        Some(urn) => scope.get(urn).and_then(Value::as_object),
    };
    let Some(value) = scope.and_then(|scope| scope.get(&place.name)) else { return false };
    each(value, &mut |element| match &place.sub {
        None => test(element),
        Some(sub) => element.get(sub).is_some_and(|value| each(value, test)),
    })
}

fn each(value: &Value, test: &mut dyn FnMut(&Value) -> bool) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(test),
        single => test(single),
    }
}

/// Not null and not empty; `false` and `0` are present (FLT-16).
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(is_present),
        Value::Object(parts) => parts.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compares(op: Op, operand: &Operand, value: &Value) -> bool {
    match (operand, value) {
        (Operand::Text(literal, sameness), Value::String(text)) => {
            compares_text(op, literal, *sameness, text)
        }
        (Operand::Boolean(literal), Value::Bool(value)) => ordered(op, Some(value.cmp(literal))),
        (Operand::Number(literal), Value::Number(value)) => ordered(op, by_size(value, literal)),
        (Operand::Moment(literal), Value::String(text)) => {
            ordered(op, operand::moment(text).map(|moment| moment.cmp(literal)))
        }
        (_, Value::Null) => false,
        _ => op == Op::Ne,
    }
}

/// `literal` is in the form of `sameness` already.
fn compares_text(op: Op, literal: &str, sameness: Sameness, text: &str) -> bool {
    let is_folded = matches!(sameness, Sameness::Folded | Sameness::UserName);
    if matches!(op, Op::Eq) && is_folded && text.is_ascii() && literal.is_ascii() {
        return text.eq_ignore_ascii_case(literal);
    }
    let text = sameness.form(text);
    match op {
        Op::Co => text.contains(literal),
        Op::Sw => text.starts_with(literal),
        Op::Ew => text.ends_with(literal),
        _ => ordered(op, Some(text.as_ref().cmp(literal))),
    }
}

fn ordered(op: Op, order: Option<Ordering>) -> bool {
    let Some(order) = order else { return op == Op::Ne };
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Co | Op::Sw | Op::Ew => false,
    }
}

fn by_size(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
