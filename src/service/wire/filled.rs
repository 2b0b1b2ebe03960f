//! Parts that are filled in when a record is read: nothing is found or sorted by them.
//!
//! A reference is stored without its `$ref` and `display`; both are the target's, and change with
//! it, and what the caller sees of them depends on the caller. A filter over them would find
//! nothing, whatever is shown, so it is refused (RFC 7644 §3.4.2.2, `invalidFilter`). The parts of
//! what is kept as links are not concerned: those are read with the links.

use crate::scim::error::ScimType;
use crate::scim::filter::Filter;
use crate::scim::path::AttributePath;
use crate::scim::quirks;
use crate::scim::quirks::Tolerance;
use crate::service::Error;
use crate::service::Kind;
use crate::service::wire::model::Model;

/// The parts.
const FILLED: [&str; 2] = ["$ref", "display"];

/// Refuses a filter that compares such a part.
pub fn check_filter(model: &Model, filter: &Filter) -> Result<(), Error> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter().try_for_each(|part| check_filter(model, part))
        }
        Filter::Not(inner) => check_filter(model, inner),
        Filter::Compare { path, .. } | Filter::Present(path) => {
            refuse_if(is_filled(model, path), ScimType::InvalidFilter)
        }
        Filter::Values { path, inner } => {
            let whole =
                |sub: &AttributePath| AttributePath { sub: Some(sub.name.clone()), ..path.clone() };
            let filled =
                crate::scim::filter::attributes(inner).any(|sub| is_filled(model, &whole(sub)));
            refuse_if(filled, ScimType::InvalidFilter)
        }
    }
}

/// Refuses an order by such a part.
pub fn check_order(model: &Model, path: &AttributePath) -> Result<(), Error> {
    refuse_if(is_filled(model, path), ScimType::InvalidPath)
}

fn refuse_if(filled: bool, kind: ScimType) -> Result<(), Error> {
    let said = "`$ref` and `display` of a reference are those of the resource that it leads to. \
                Nothing is found or sorted by them here: name its `value`, or search for that \
                resource first.";
    if filled { Err(Error::new(Kind::Scim(kind), said)) } else { Ok(()) }
}

fn is_filled(model: &Model, path: &AttributePath) -> bool {
    let found = quirks::find(&model.rt, path, &mut Tolerance::lenient());
    let Ok(Some(found)) = found else { return false };
    let filled = found.sub.is_some_and(|sub| FILLED.contains(&sub.name.as_str()));
    filled
        && model.references.iter().any(|reference| {
            reference.container.as_deref() == found.container && reference.name == found.name()
        })
}
