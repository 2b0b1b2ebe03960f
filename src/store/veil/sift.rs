//! Questions, answered from the veil and from beneath.

use std::collections::HashMap;

use crate::base::id::Id;
use crate::domain::record::Head;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::store::End;
use crate::store::Fault;
use crate::store::LinkQuery;
use crate::store::select;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Page;
use crate::store::select::Position;
use crate::store::select::Select;
use crate::store::select::Start;
use crate::store::veil::Veil;

/// Records that are asked for beneath at a time.
const CHUNK: usize = 1_000;

/// Links that conditions name: of which relation, from which end.
type Ends = HashMap<(Relation, bool, Id), Vec<Id>>;

/// A page of a question about the present.
pub(super) async fn page(veil: &Veil, mut question: Select) -> Result<Page, Fault> {
    if !matches!(question.order, Order::Id) {
        return Err(Fault::Refused("a rehearsal lists by identifier only"));
    }
    let mut ends = Ends::new();
    named(&question.condition, &mut ends);
    for ((relation, down, id), found) in &mut ends {
        let end = if *down { End::From(*id) } else { End::To(*id) };
        let query =
            LinkQuery { relation: *relation, end, after: None, limit: usize::MAX, at: None };
        let links = veil.page_of_links(query).await?;
        found.extend(links.into_iter().map(|link| if *down { link.to } else { link.from }));
    }
    grounded(&mut question.condition, &ends);
    let (skip, after) = match question.start.clone() {
        Start::Skip(skip) => (usize::try_from(skip).unwrap_or(usize::MAX), None),
        Start::After(position) => (0, Some(position)),
    };
    let enough = match question.total {
        true => usize::MAX,
        false => skip.saturating_add(question.limit).saturating_add(1),
    };
    if question.total {
        // What is counted is counted from the first.
        question.start = Start::Skip(0);
    }
    let later = |(part, record): &(u32, Record)| {
        after.as_ref().is_none_or(|after| (*part, record.head.id) > (after.part, after.id))
    };
    let mut found = ours(veil, &question);
    found.extend(beneath(veil, &question, enough).await?);
    let total = question.total.then(|| u64::try_from(found.len()).unwrap_or(u64::MAX));
    found.retain(later);
    found.sort_by_key(|(part, record)| (*part, record.head.id));
    let more = found.len() > skip.saturating_add(question.limit);
    let found: Vec<(u32, Record)> = found.into_iter().skip(skip).take(question.limit).collect();
    let at =
        |(part, record): &(u32, Record)| Position { part: *part, key: None, id: record.head.id };
    let positions: Vec<Position> = found.iter().map(at).collect();
    Ok(Page {
        next: positions.last().cloned().filter(|_| more),
        records: found.into_iter().map(|(_, record)| record).collect(),
        positions,
        total,
        plan: "veil",
    })
}

/// The records of the veil that fulfil a question.
fn ours(veil: &Veil, question: &Select) -> Vec<(u32, Record)> {
    let layer = veil.layer();
    let mut found = Vec::new();
    for seat in layer.candidates(&question.kinds, &question.condition) {
        let Head { id, kind, partition, .. } = seat.record.head;
        let Some(part) = part(question, &seat.record) else { continue };
        let fits = question.scope.covers(kind, partition, id)
            && select::fulfils(&question.condition, &seat.record, &seat.entries, &[])
            && question.test.as_ref().is_none_or(|test| test(&seat.record));
        if fits {
            found.push((part, seat.record.clone()));
        }
    }
    found
}

/// The first `enough` records beneath that fulfil a question and are not hidden.
async fn beneath(
    veil: &Veil,
    question: &Select,
    enough: usize,
) -> Result<Vec<(u32, Record)>, Fault> {
    let start = match &question.start {
        Start::Skip(_) => Start::Skip(0),
        after @ Start::After(_) => after.clone(),
    };
    let limit = enough.clamp(1, CHUNK);
    let mut asked = Select { start, limit, total: false, ..question.clone() };
    let mut found = Vec::new();
    loop {
        let page = veil.beneath.select(asked.clone()).await?;
        for record in page.records {
            let layer = veil.layer();
            if let Some(part) = part(question, &record).filter(|_| !layer.hides(record.head.id)) {
                found.push((part, layer.lifted(record)));
            }
        }
        match page.next {
            Some(next) if found.len() < enough => asked.start = Start::After(next),
            _ => return Ok(found),
        }
    }
}

fn part(question: &Select, record: &Record) -> Option<u32> {
    let part = question.kinds.iter().position(|kind| *kind == record.head.kind)?;
    u32::try_from(part).ok()
}

/// The ends of the links that a condition names.
fn named(condition: &Condition, ends: &mut Ends) {
    match condition {
        Condition::LinkedFrom(relation, from) => {
            drop(ends.insert((*relation, true, *from), vec![]))
        }
        Condition::HoldsLink(relation, to) => drop(ends.insert((*relation, false, *to), vec![])),
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| named(part, ends));
        }
        _ => {}
    }
}

/// Puts identifiers in the place of links, so that both halves are asked the same.
fn grounded(condition: &mut Condition, ends: &Ends) {
    let key = match condition {
        Condition::LinkedFrom(relation, from) => (*relation, true, *from),
        Condition::HoldsLink(relation, to) => (*relation, false, *to),
        Condition::All(parts) | Condition::Any(parts) => {
            return parts.iter_mut().for_each(|part| grounded(part, ends));
        }
        _ => return,
    };
    *condition = Condition::Ids(ends.get(&key).cloned().unwrap_or_default());
}
