//! Changes, decided as the store would and written into the veil.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::base::id::Id;
use crate::domain::record::Relation;
use crate::store::End;
use crate::store::Fault;
use crate::store::LinkQuery;
use crate::store::change::Change;
use crate::store::change::Committed;
use crate::store::change::Draft;
use crate::store::change::Guard;
use crate::store::change::Key;
use crate::store::change::Verdict;
use crate::store::change::Write;
use crate::store::veil::Veil;

/// Applies a change whole, or answers why not.
pub(super) async fn commit(veil: &Veil, change: Change) -> Result<Verdict, Fault> {
    let _alone = veil.turn.lock().await;
    for guard in &change.guards {
        if let Some(objection) = guarded(veil, guard).await? {
            return Ok(objection);
        }
    }
    if let Some(objection) = objection(veil, &change.writes).await? {
        return Ok(objection);
    }
    let mut named = Vec::new();
    let mut changed = false;
    for write in settled(change.writes) {
        named.extend(subject(&write));
        changed |= apply(veil, write).await?;
    }
    if changed {
        veil.layer().moved();
    }
    let mut heads = Vec::new();
    for id in named {
        heads.extend(veil.record(id).await?.map(|record| record.head));
    }
    Ok(Verdict::Done(Committed { changed, seq: 0, at: veil.clock.now(), heads }))
}

/// The writes with every record written once, as it is to be at the end: a value that it has only
/// in between is nobody's.
fn settled(writes: Vec<Write>) -> Vec<Write> {
    let last: HashMap<Id, Draft> =
        writes.iter().filter_map(draft).map(|(id, draft)| (id, draft.clone())).collect();
    let mut written = HashSet::new();
    let once = |write: Write| {
        let Some((id, _)) = draft(&write) else { return Some(write) };
        let end = last.get(&id).filter(|_| written.insert(id))?.clone();
        Some(match write {
            Write::Create(_) => Write::Create(end),
            Write::Revive(_) => Write::Revive(end),
            _ => Write::Update(end),
        })
    };
    writes.into_iter().filter_map(once).collect()
}

/// What a guard says against the change.
async fn guarded(veil: &Veil, guard: &Guard) -> Result<Option<Verdict>, Fault> {
    match *guard {
        Guard::Version(id, version) => {
            let there = veil.record(id).await?.map(|record| record.head.version);
            Ok(match there {
                None => Some(Verdict::Missing(id)),
                Some(now) => (now != version).then_some(Verdict::Stale(id)),
            })
        }
        Guard::Exists { id, organization } => {
            let there = veil.record(id).await?;
            let home = there.filter(|record| record.head.partition.organization == organization);
            Ok(home.is_none().then_some(Verdict::Missing(id)))
        }
        Guard::NoPath { relation, from, to, note, depth } => {
            let below = reach(veil, (relation, note), End::From(from), Some(to)).await?;
            let above = reach(veil, (relation, note), End::To(to), None).await?;
            let chain = below.zip(above).map(|(below, above)| below + above + 1);
            Ok(chain.is_none_or(|chain| chain > usize::from(depth)).then_some(Verdict::Cyclic))
        }
    }
}

/// How many links the longest chain of groups has on one side of a record; none when it comes to
/// `forbidden`.
async fn reach(
    veil: &Veil,
    (relation, note): (Relation, u8),
    start: End,
    forbidden: Option<Id>,
) -> Result<Option<usize>, Fault> {
    let (first, down) = match start {
        End::From(id) => (id, true),
        End::To(id) => (id, false),
    };
    let mut level = BTreeSet::from([first]);
    let mut length = 0;
    loop {
        if forbidden.is_some_and(|forbidden| level.contains(&forbidden)) {
            return Ok(None);
        }
        let mut next = BTreeSet::new();
        for id in level {
            let end = if down { End::From(id) } else { End::To(id) };
            let query = LinkQuery { relation, end, after: None, limit: usize::MAX, at: None };
            let links = veil.page_of_links(query).await?;
            let links = links.into_iter().filter(|link| link.note & note == note);
            next.extend(links.map(|link| if down { link.to } else { link.from }));
        }
        if next.is_empty() {
            return Ok(Some(length));
        }
        (level, length) = (next, length + 1);
    }
}

/// What the writes themselves say against being made.
async fn objection(veil: &Veil, writes: &[Write]) -> Result<Option<Verdict>, Fault> {
    let drafts: HashMap<Id, &Draft> = writes.iter().filter_map(draft).collect();
    let gone: HashSet<Id> = writes.iter().filter_map(erased).collect();
    for write in writes {
        let missing = match write {
            Write::Create(draft) | Write::Revive(draft) => match veil.record(draft.id).await? {
                Some(_) => return Ok(Some(Verdict::Stale(draft.id))),
                None => None,
            },
            Write::Update(draft) => absent(veil, &HashMap::new(), [draft.id]).await?,
            Write::Erase(id) => absent(veil, &HashMap::new(), [*id]).await?,
            Write::Link { from, to, .. } => absent(veil, &drafts, [*from, *to]).await?,
            Write::Unlink { from, .. } | Write::UnlinkAll { from, .. } => {
                absent(veil, &drafts, [*from]).await?
            }
        };
        if let Some(id) = missing {
            return Ok(Some(Verdict::Missing(id)));
        }
    }
    for draft in drafts.values() {
        for key in keys(draft) {
            let Some(holder) = veil.holder(key.clone()).await? else { continue };
            let leaves =
                drafts.get(&holder).is_some_and(|other| !keys(other).any(|own| own == key));
            if holder != draft.id && !gone.contains(&holder) && !leaves {
                return Ok(Some(Verdict::Taken(key.field)));
            }
        }
    }
    Ok(None)
}

/// The first of `ids` that is neither there nor being made.
async fn absent(
    veil: &Veil,
    drafts: &HashMap<Id, &Draft>,
    ids: impl IntoIterator<Item = Id>,
) -> Result<Option<Id>, Fault> {
    for id in ids {
        if !drafts.contains_key(&id) && veil.record(id).await?.is_none() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Makes one write; whether it changed anything.
async fn apply(veil: &Veil, write: Write) -> Result<bool, Fault> {
    Ok(match write {
        Write::Create(draft) | Write::Revive(draft) | Write::Update(draft) => {
            let before = veil.record(draft.id).await?;
            veil.layer().put(draft, before.as_ref(), veil.clock.now())
        }
        Write::Erase(id) => match veil.record(id).await? {
            Some(before) => {
                veil.layer().erase(&before);
                true
            }
            None => false,
        },
        Write::Link { relation, from, to, note } => {
            let new = !veil.is_linked(relation, from, to).await?;
            if new {
                veil.layer().link(relation, (from, to), Some(note));
            }
            new
        }
        Write::Unlink { relation, from, to } => {
            let there = veil.is_linked(relation, from, to).await?;
            if there {
                veil.layer().link(relation, (from, to), None);
            }
            there
        }
        Write::UnlinkAll { relation, from } => {
            veil.layer().clear(relation, from);
            true
        }
    })
}

fn draft(write: &Write) -> Option<(Id, &Draft)> {
    match write {
        Write::Create(draft) | Write::Revive(draft) | Write::Update(draft) => {
            Some((draft.id, draft))
        }
        _ => None,
    }
}

fn erased(write: &Write) -> Option<Id> {
    match write {
        Write::Erase(id) => Some(*id),
        _ => None,
    }
}

/// The record whose new head is told.
fn subject(write: &Write) -> Option<Id> {
    match write {
        Write::Create(draft) | Write::Revive(draft) | Write::Update(draft) => Some(draft.id),
        Write::Link { from, .. } | Write::Unlink { from, .. } | Write::UnlinkAll { from, .. } => {
            Some(*from)
        }
        Write::Erase(_) => None,
    }
}

fn keys(draft: &Draft) -> impl Iterator<Item = Key> + '_ {
    draft.entries.iter().filter_map(|entry| {
        let within = entry.unique.within(draft.partition)?;
        Some(Key { within, kind: draft.kind, field: entry.field, value: entry.value.clone() })
    })
}
