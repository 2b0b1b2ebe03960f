//! Doing what was tried: the same errands, on the store itself.
//!
//! Errands of one sort do not depend on each other, so many are under way at a time and share
//! their way to disk. Those of one record keep their order, and additions to one group or room
//! system are one change.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::task::Poll;

use serde_json::Value;

use crate::base::id::Id;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Ports;
use crate::service::Turn;
use crate::service::Work;
use crate::service::import::Deed;
use crate::service::import::Errand;
use crate::service::import::Place;
use crate::service::import::Sort;
use crate::service::operate::import::Plan;
use crate::service::operate::import::carry::carry_out;

/// Errands at a time; the store has room for many times as many.
const AT_ONCE: usize = 128;
/// Additions in one change of a group or a room system.
const MOST_ADDED: usize = 1_000;

/// Where it broke off.
pub(super) struct Broken {
    /// The row that could not be carried out.
    pub(super) place: Place,
    /// Why.
    pub(super) said: String,
    /// How many records were written before.
    pub(super) done: usize,
    /// Of how many.
    pub(super) of: usize,
}

/// The errands with one record, and the row of the first.
struct Bundle<'a> {
    place: &'a Place,
    errands: Vec<Errand>,
}

/// Carries out a plan; where it broke off, if it did.
pub(super) async fn run(
    ports: &Ports,
    plan: &Plan,
    turn: &Turn<'_>,
) -> Result<Option<Broken>, Error> {
    let sorts: Vec<(Sort, Vec<Bundle<'_>>)> =
        Sort::ALL.into_iter().map(|sort| (sort, bundles(plan, sort))).collect();
    let of = sorts.iter().map(|(_, bundles)| bundles.len()).sum();
    let done = AtomicUsize::new(0);
    for (sort, bundles) in sorts {
        let doing = format!("writing {}", sort.word());
        // Tenants are made one by one: each is the caller's before the next names it.
        let width = if sort == Sort::Organizations { 1 } else { AT_ONCE };
        let mut rest = bundles.into_iter().peekable();
        while rest.peek().is_some() {
            turn.at(&doing, done.load(Ordering::Relaxed), of);
            let some = rest.by_ref().take(width).collect();
            let caller = Caller::operator(ports)?;
            let work = Work { ports, caller: &caller };
            if let Some((place, error)) = together(work, some, &done).await {
                let done = done.into_inner();
                return Ok(Some(Broken { place, said: error.said, done, of }));
            }
        }
    }
    Ok(None)
}

/// Carries out some bundles at a time; the first failure, if any.
async fn together(
    work: Work<'_>,
    some: Vec<Bundle<'_>>,
    done: &AtomicUsize,
) -> Option<(Place, Error)> {
    let outcomes = joined(some.into_iter().map(|bundle| one(work, bundle, done))).await;
    outcomes.into_iter().find_map(Result::err)
}

async fn one(work: Work<'_>, bundle: Bundle<'_>, done: &AtomicUsize) -> Result<(), (Place, Error)> {
    for errand in bundle.errands {
        carry_out(work, errand).await.map_err(|error| (bundle.place.clone(), error))?;
    }
    done.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Waits for all of `work`.
async fn joined<T>(work: impl Iterator<Item = impl Future<Output = T> + Send>) -> Vec<T> {
    let mut waiting: Vec<_> = work.map(|one| (Some(Box::pin(one)), None)).collect();
    std::future::poll_fn(move |context| {
        for (work, done) in &mut waiting {
            if let Some(Poll::Ready(result)) = work.as_mut().map(|one| one.as_mut().poll(context)) {
                (*work, *done) = (None, Some(result));
            }
        }
        if waiting.iter().any(|(work, _)| work.is_some()) {
            return Poll::Pending;
        }
        Poll::Ready(waiting.drain(..).filter_map(|(_, done)| done).collect())
    })
    .await
}

/// The errands of one sort, by record, in the order of the rows.
fn bundles(plan: &Plan, sort: Sort) -> Vec<Bundle<'_>> {
    let mut places: HashMap<Id, usize> = HashMap::new();
    let mut bundles: Vec<Bundle<'_>> = Vec::new();
    for tried in plan.tried.iter().filter(|tried| tried.sort == sort) {
        for errand in &tried.errands {
            let at = *places.entry(errand.id).or_insert(bundles.len());
            match bundles.get_mut(at) {
                Some(bundle) => append(&mut bundle.errands, errand),
                None => {
                    let errands = vec![errand.clone()];
                    bundles.push(Bundle { place: &tried.place, errands });
                }
            }
        }
    }
    bundles
}

/// Puts an errand behind the others of its record; changes that follow each other become one.
fn append(errands: &mut Vec<Errand>, errand: &Errand) {
    let both = |last: &&mut Errand| last.deed == Deed::Modify && errand.deed == Deed::Modify;
    let last = errands.last_mut().filter(both);
    let old = last.and_then(|last| last.body.get_mut("Operations")).and_then(Value::as_array_mut);
    match (old, errand.body.get("Operations").and_then(Value::as_array)) {
        (Some(old), Some(new)) if old.len() < MOST_ADDED => old.extend(new.iter().cloned()),
        _ => errands.push(errand.clone()),
    }
}
