//! One comparison as a condition of the store.

use std::ops::Bound;

use crate::base::id::Id;
use crate::domain::record::Field;
use crate::domain::record::Relation;
use crate::scim::filter::Op;
use crate::scim::filter::operand::Operand;
use crate::scim::filter::operand::Sameness;
use crate::service::wire::condition::Closures;
use crate::service::wire::condition::Translated;
use crate::service::wire::keys;
use crate::service::wire::model::Form;
use crate::service::wire::model::IndexedField;
use crate::store::select::Condition;
use crate::store::select::value;

/// The field has a value. An empty text is none (FLT-13).
pub fn present(field: &IndexedField) -> Condition {
    let textual = matches!(field.form, Form::Exact | Form::Folded | Form::UserName);
    let low = if textual { Bound::Excluded(Vec::new()) } else { Bound::Unbounded };
    Condition::Range(field.field, low, Bound::Unbounded)
}

/// The field compares so with the operand.
pub fn on_field(field: &IndexedField, op: Op, operand: &Operand) -> Translated {
    match bytes(field.form, operand) {
        Some(bytes) => range(field.field, op, bytes),
        None => Translated::SCAN,
    }
}

/// The identifier is this one. Identifiers have one spelling only.
pub fn by_id(operand: &Operand) -> Translated {
    by_link(operand, |id| Condition::Ids(vec![id]))
}

/// The group has this member. A member that the caller may not see is none (GRP-05).
pub fn by_member(relation: Relation, operand: &Operand, closures: &Closures) -> Translated {
    by_link(operand, |id| match closures.members.contains(&id) {
        true => Condition::HoldsLink(relation, id),
        false => Condition::Nothing,
    })
}

/// The person is in this group, itself or through other groups. A group that the caller may not
/// see is no group (GRP-05).
pub fn by_group(operand: &Operand, closures: &Closures) -> Translated {
    by_link(operand, |id| match closures.groups.get(&id) {
        Some(groups) => Condition::Any(
            groups.iter().map(|id| Condition::LinkedFrom(Relation::MEMBER, *id)).collect(),
        ),
        None => Condition::Nothing,
    })
}

/// The resource type is of this name: true of all records of a type, or of none.
pub fn by_type(name: &str, op: Op, operand: &Operand) -> Translated {
    let Operand::Text(text, _) = operand else { return Translated::SCAN };
    let holds = match op {
        Op::Eq => name == text,
        Op::Ne => name != text,
        _ => return Translated::SCAN,
    };
    if holds { Translated::ALWAYS } else { Translated::NEVER }
}

/// The moments that the store keeps for every record.
pub fn by_meta(part: &str, op: Op, operand: &Operand) -> Option<Translated> {
    let field = match part {
        "created" => Field::CREATED,
        "lastModified" => Field::MODIFIED,
        _ => return None,
    };
    let Operand::Moment(moment) = operand else { return None };
    Some(range(field, op, value::moment(*moment)))
}

fn by_link(operand: &Operand, condition: impl FnOnce(Id) -> Condition) -> Translated {
    let Operand::Text(text, _) = operand else { return Translated::SCAN };
    match Id::parse(text) {
        Some(id) => Translated::exact(condition(id)),
        None => Translated::NEVER,
    }
}

fn range(field: Field, op: Op, bytes: Vec<u8>) -> Translated {
    use Bound::{Excluded, Included, Unbounded};
    Translated::exact(match op {
        Op::Eq => Condition::Is(field, bytes),
        Op::Sw => Condition::Prefix(field, bytes),
        Op::Gt => Condition::Range(field, Excluded(bytes), Unbounded),
        Op::Ge => Condition::Range(field, Included(bytes), Unbounded),
        Op::Lt => Condition::Range(field, Unbounded, Excluded(bytes)),
        Op::Le => Condition::Range(field, Unbounded, Included(bytes)),
        Op::Ne | Op::Co | Op::Ew => return Translated::SCAN,
    })
}

/// The operand in the form in which values of the field are kept; `None` when order or equality
/// in that form would not be those of the values.
fn bytes(form: Form, operand: &Operand) -> Option<Vec<u8>> {
    let kept = |sameness: &Sameness| {
        matches!(
            (form, sameness),
            (Form::Exact, Sameness::Exact)
                | (Form::Folded, Sameness::Folded)
                | (Form::UserName, Sameness::UserName)
        )
    };
    match (form, operand) {
        (_, Operand::Text(text, sameness)) if kept(sameness) => Some(value::text(text)),
        (Form::Boolean, Operand::Boolean(truth)) => Some(value::boolean(*truth)),
        (Form::Integer, Operand::Number(number)) => keys::integer(number),
        (Form::Decimal, Operand::Number(number)) => {
            keys::decimal(number).filter(|_| keys::is_precise(number))
        }
        (Form::DateTime, Operand::Moment(moment)) => Some(value::moment(*moment)),
        _ => None,
    }
}
