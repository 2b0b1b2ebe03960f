//! References that lead to what the caller may not see.
//!
//! People belong to a connection, and an administrator may let a record of the organization lead
//! to anybody: the user of a provider, who delegates to whom. For a connection whose person it is
//! not, that person does not exist (TEN-01), as members of other connections do not (GRP-05). So
//! the reference is in no answer, no filter finds it and no order shows it; whoever is gone
//! looks the same. A change by that caller leaves it where it is: what was read can be written
//! back, and takes nothing away.
//!
//! References to places need none of this: they never leave the organization, and no connection
//! owns them.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::scim::error::ScimType;
use crate::scim::filter;
use crate::scim::filter::Filter;
use crate::scim::path::AttributePath;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::wire::model::Model;
use crate::service::wire::model::Reference;
use crate::service::wire::reference;

/// No identifier, and nothing that one would write.
const STAND_IN: &str = "(unseen)";

/// What was taken out of a document: of which reference, from which place, which value.
#[derive(Debug, Default)]
pub struct Unseen<'m>(Vec<(&'m Reference, usize, Value)>);

/// Takes out of a document what the caller does not see, as of `at`.
pub async fn take<'m>(
    work: Work<'_>,
    model: &'m Model,
    document: &mut Map<String, Value>,
    at: Option<Moment>,
) -> Result<Unseen<'m>, Error> {
    let mut unseen = Unseen::default();
    for reference in personal(work, model) {
        let mut taken = false;
        for (place, value) in reference::values(reference, document).into_iter().enumerate() {
            let id = reference::text(reference, value).and_then(Id::parse);
            let target = match id {
                Some(id) => work.ports.store.get(id, at).await?,
                None => None,
            };
            if !target.is_some_and(|record| visible::covers(work.caller, &record)) {
                unseen.0.push((reference, place, value.take()));
                taken = true;
            }
        }
        if taken {
            reference::sweep(reference, document);
        }
    }
    Ok(unseen)
}

/// What the caller sees of a document before a change, and what not; `None` when it is all.
pub async fn before<'m>(
    work: Work<'_>,
    model: &'m Model,
    document: &Map<String, Value>,
) -> Result<(Option<Map<String, Value>>, Unseen<'m>), Error> {
    if model.is_whole() && personal(work, model).next().is_none() {
        return Ok((None, Unseen::default()));
    }
    let mut seen = model.visible(document.clone());
    let unseen = take(work, model, &mut seen, None).await?;
    unseen.stand_in(&mut seen);
    Ok((Some(seen), unseen))
}

impl Unseen<'_> {
    /// Puts something that nobody can name in the place of each reference that cannot be changed,
    /// so that it is neither missed nor repeated.
    fn stand_in(&self, document: &mut Map<String, Value>) {
        for (reference, place, _) in self.0.iter().filter(|(reference, ..)| reference.fixed) {
            reference::put(reference, document, *place, json!({"value": STAND_IN}));
        }
    }

    /// Puts everything back where the caller left room for it.
    pub fn put_back(self, document: &mut Map<String, Value>) {
        for (reference, ..) in self.0.iter().filter(|(reference, ..)| reference.fixed) {
            let values = reference::values(reference, document).into_iter();
            let stands = |value: &&mut Value| reference::text(reference, value) == Some(STAND_IN);
            values.filter(stands).for_each(|value| drop(value.take()));
            reference::sweep(reference, document);
        }
        for (reference, place, value) in self.0 {
            reference::put(reference, document, place, value);
        }
    }
}

/// Whether a filter names an attribute of which the caller may not see everything.
pub fn is_named(work: Work<'_>, model: &Model, filter: &Filter) -> bool {
    filter::attributes(filter).any(|path| is_personal(work, model, path))
}

/// Refuses an order by such an attribute: it would tell of what is not shown.
pub fn check_order(work: Work<'_>, model: &Model, path: &AttributePath) -> Result<(), Error> {
    if !is_personal(work, model, path) {
        return Ok(());
    }
    let said = "Nothing is sorted by an attribute that leads to people. Sort by another.";
    Err(Error::new(ErrorKind::Scim(ScimType::InvalidPath), said))
}

fn is_personal(work: Work<'_>, model: &Model, path: &AttributePath) -> bool {
    personal(work, model).any(|reference| reference.name.eq_ignore_ascii_case(&path.name))
}

/// The references that may lead to what the caller does not see.
fn personal<'m>(work: Work<'_>, model: &'m Model) -> impl Iterator<Item = &'m Reference> {
    let bound = work.caller.connection().is_some();
    let whole = move |reference: &&Reference| {
        bound && reference.at == reference::VALUE && reference.kinds.contains(&Kind::USER)
    };
    model.references.iter().filter(whole)
}
