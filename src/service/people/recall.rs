//! What was known of an account before it came here: when it was activated, when it was last used.
//!
//! No writer of a document sets these (US2); they come from whoever describes the network, in a
//! change of their own.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::scim::filter::operand;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::wire::keys;
use crate::service::wire::person;
use crate::service::wire::render;
use crate::store::change::Action;
use crate::store::change::Change;
use crate::store::change::Draft;
use crate::store::change::Guard;
use crate::store::change::Outcome;
use crate::store::change::Verdict;
use crate::store::change::Write;

/// How often it is decided anew when others are faster.
const TURNS: usize = 5;

/// What is known of an account's life, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recalled {
    /// When it could first be used.
    pub activated: Option<Moment>,
    /// The last sign-in. An earlier one than is known already tells nothing.
    pub last_access: Option<Moment>,
}

/// Keeps what is known of the account `id`. What is there already is not written again.
pub async fn recall(work: Work<'_>, id: Id, known: Recalled) -> Result<(), Error> {
    for _ in 0..TURNS {
        let record = work.ports.store.get(id, None).await?;
        let record = record.filter(|record| record.head.kind == Kind::USER);
        let record = record.ok_or_else(Error::not_found)?;
        let mut document = render::document(&record)?;
        let attributes = put(&mut document, known);
        if attributes.is_empty() {
            return Ok(());
        }
        match work.ports.store.commit(change(work, &record, (document, attributes))?).await? {
            Verdict::Done(_) => return Ok(()),
            Verdict::Stale(_) => {}
            _ => return Err(Error::not_found()),
        }
    }
    let said = "Others keep changing this account. Try again.";
    Err(Error::new(ErrorKind::Conflict, said))
}

/// Puts it in its place; the names of what is new.
fn put(document: &mut Map<String, Value>, known: Recalled) -> Vec<String> {
    let mut names = Vec::new();
    let mine = document.entry(person::EXTENSION).or_insert_with(|| json!({}));
    let Some(mine) = mine.as_object_mut() else { return names };
    let had = |mine: &Map<String, Value>, name: &str| {
        mine.get(name).and_then(Value::as_str).and_then(operand::moment)
    };
    let last =
        known.last_access.filter(|at| had(mine, person::LAST_ACCESS).is_none_or(|was| was < *at));
    for (name, at) in [(person::ACTIVATED, known.activated), (person::LAST_ACCESS, last)] {
        if let Some(at) = at.filter(|at| had(mine, name) != Some(*at)) {
            mine.insert(name.into(), json!(at.to_string()));
            names.push(name.to_owned());
        }
    }
    person::lay_out(document);
    names
}

fn change(
    work: Work<'_>,
    record: &Record,
    (document, attributes): (Map<String, Value>, Vec<String>),
) -> Result<Change, Error> {
    let head = record.head;
    let model = work.ports.models.of_kind(head.kind).ok_or_else(Error::not_found)?;
    let snapshot = work.ports.registry.snapshot();
    let owner = snapshot.connections.get(&head.partition.connection);
    let draft = Draft {
        id: head.id,
        kind: head.kind,
        partition: head.partition,
        flags: model.flags(&document),
        entries: keys::entries(model, &document, owner.map(AsRef::as_ref)),
        body: serde_json::to_vec(&document).map_err(Error::internal)?,
    };
    Ok(Change {
        chain: head.partition.organization,
        cause: work.caller.cause(),
        action: Action::Modify,
        outcome: Outcome::Done,
        subject: Some((head.kind, head.id)),
        attributes,
        guards: vec![Guard::Version(head.id, head.version)],
        writes: vec![Write::Update(draft)],
    })
}
