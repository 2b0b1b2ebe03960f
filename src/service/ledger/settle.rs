//! What a change of a person's own document means for what they hold.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::record::Partition;
use crate::service::Error;
use crate::service::Work;
use crate::service::ledger::Settled;
use crate::service::ledger::book::book;
use crate::service::ledger::channel;
use crate::service::ledger::crowd::Overlay;
use crate::service::ledger::effect;
use crate::service::ledger::evaluate::Evaluation;
use crate::service::ledger::person::Person;

/// What a person holds after a change of their own document, which is completed.
pub async fn settle(
    work: Work<'_>,
    (id, home): (Id, Partition),
    old: Option<&Map<String, Value>>,
    document: &mut Map<String, Value>,
) -> Result<Settled, Error> {
    let ports = work.ports;
    let book = book(ports, home.organization).await?;
    let speaks = channel::speaks(document) || old.is_some_and(channel::speaks);
    if book.rules.is_empty() && old.is_none() && !speaks {
        return Ok(Settled::default());
    }
    let overlay = Overlay::default();
    let given = document.clone();
    let mut person = Person::of(ports, (id, home), old.cloned(), given, &overlay).await?;
    if book.rules.is_empty() && person.lines.is_empty() && !speaks {
        return Ok(Settled::default());
    }
    if speaks {
        let places = book.places(ports).await?;
        channel::read(work, &mut person, &places).await?;
    }
    let mut people = BTreeMap::from([(id, person)]);
    let (at, organization) = (ports.clock.now(), home.organization);
    let evaluation = Evaluation { ports, book: &book, overlay: &overlay, at, organization };
    evaluation.run(&mut people).await?;
    let places = book.places(ports).await?;
    let mut settled = Settled::default();
    for (whose, person) in &mut people {
        effect::carry(ports, person, &places, &mut settled).await?;
        match *whose == id {
            true => document.clone_from(&person.document),
            false => effect::document(ports, person, &mut settled)?,
        }
    }
    Ok(settled)
}
