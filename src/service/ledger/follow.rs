//! What a change of a group means for its people.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::ledger::PushedGroup;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Work;
use crate::service::ledger::Settled;
use crate::service::ledger::anew;
use crate::service::ledger::book::Book;
use crate::service::ledger::book::book;
use crate::service::ledger::crowd;
use crate::service::ledger::crowd::Overlay;
use crate::service::ledger::hands::hands;
use crate::service::ledger::read;
use crate::service::wire::members::IS_GROUP;
use crate::store::change::Write;

/// What follows for the people of a group from `writes` on it: members that come and go, another
/// name, its end.
pub async fn follow(
    work: Work<'_>,
    (group, home): (Id, Partition),
    document: Option<&Map<String, Value>>,
    writes: &[Write],
) -> Result<Settled, Error> {
    let mut settled = Settled::default();
    if home.connection == 0 {
        settled = hands(work, Relation::MEMBER, writes).await?;
    }
    let book = book(work.ports, home.organization).await?;
    if book.rules.is_empty() {
        return Ok(settled);
    }
    let mut overlay = Overlay::of(writes);
    let before = read::record(work.ports, Kind::GROUP, group, None).await?;
    let before = before.as_ref().map(crowd::pushed).transpose()?;
    let after = document.map(|document| {
        let name = document.get("displayName").and_then(Value::as_str).unwrap_or_default();
        PushedGroup { id: group, connection: home.connection, name: name.to_owned() }
    });
    if let Some(after) = &after {
        overlay.put(after.clone());
    }
    let moved = meeting(&book, before.as_ref()) != meeting(&book, after.as_ref());
    if !moved && !matters(work, &book, &overlay, group).await? {
        return Ok(settled);
    }
    let people = touched(work, &overlay, (group, moved)).await?;
    let more = anew::decide(work, &book, &overlay, people).await?;
    settled.guards.extend(more.guards);
    settled.writes.extend(more.writes);
    settled.remark = more.remark;
    Ok(settled)
}

fn meeting(
    book: &Book,
    group: Option<&PushedGroup>,
) -> Vec<(Id, crate::domain::access::pattern::Captures)> {
    // Asked of the rules themselves: what is remembered by the group's id is of one name only.
    group.map(|group| book.rules.meeting(group)).unwrap_or_default()
}

/// Whether the group, or one that it is in, meets a rule.
async fn matters(work: Work<'_>, book: &Book, overlay: &Overlay, group: Id) -> Result<bool, Error> {
    let above = overlay.memberships(work.ports, group).await?;
    for id in above.into_iter().map(|one| one.group).chain([group]) {
        if let Some(known) = overlay.group(work.ports, id).await?
            && !book.meeting(&known).is_empty()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The people whose groups change: those who come and go themselves, those in groups that do, and
/// everyone inside where the group itself means something else now.
async fn touched(
    work: Work<'_>,
    overlay: &Overlay,
    (group, whole): (Id, bool),
) -> Result<BTreeSet<Id>, Error> {
    let mut people = BTreeSet::new();
    if whole {
        people.extend(overlay.people(work.ports, group).await?);
    }
    let changed: BTreeMap<Id, u8> = overlay.touched(work.ports, group).await?;
    for (id, note) in changed {
        match note & IS_GROUP != 0 {
            true => people.extend(overlay.people(work.ports, id).await?),
            false => drop(people.insert(id)),
        }
    }
    Ok(people)
}
