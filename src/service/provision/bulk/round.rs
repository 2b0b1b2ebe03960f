//! Whose turn it is, and when the round is over.

use std::collections::HashMap;
use std::time::Duration;

use crate::scim::bulk;
use crate::scim::bulk::Blocked;
use crate::scim::bulk::Operation;
use crate::scim::bulk::Refused;
use crate::scim::bulk::Request;
use crate::scim::bulk::Turn;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind;
use crate::service::provision::Rehearsal;
use crate::service::provision::bulk::Outcome;
use crate::service::provision::bulk::step::Hand;

/// Operations that are refused at once; the store has room for many times as many changes.
const TOGETHER: usize = 100;

/// What is left of an operation that was understood, or not, before its turn.
type Slot = Result<Operation, Refused>;

/// One bulk request being worked through.
pub(super) struct Round<T, S> {
    hand: Hand,
    began: Duration,
    budget: Duration,
    errors: u64,
    most_errors: u64,
    show: S,
    results: Vec<Option<T>>,
}

impl<T: Send, S: Fn(Outcome) -> T + Send + Sync> Round<T, S> {
    pub(super) fn new(hand: Hand, budget: Duration, show: S) -> Self {
        let began = hand.ports.clock.ticks();
        Self { hand, began, budget, errors: 0, most_errors: u64::MAX, show, results: Vec::new() }
    }

    /// Works through the request; what `show` made of each outcome.
    pub(super) async fn run(mut self, mut request: Request) -> Vec<T> {
        self.results.resize_with(request.operations.len(), || None);
        self.most_errors = request.fail_on_errors.unwrap_or(u64::MAX);
        let turns = bulk::plan(&request, |operation| self.hand.is_firm(operation));
        let mut turns = turns.into_iter().peekable();
        while let Some(turn) = turns.next().filter(|_| !self.is_over()) {
            let slots = &mut request.operations;
            match turn {
                Turn::Alone(index) => {
                    let trouble = self.is_late().then(late);
                    self.step(slots, index, trouble).await;
                }
                Turn::Blocked(index, why) => {
                    let room = self.most_together().saturating_sub(1);
                    let more = std::iter::from_fn(|| turns.next_if(Turn::is_blocked)).take(room);
                    let more = more.filter_map(|turn| match turn {
                        Turn::Blocked(index, why) => Some((index, why)),
                        Turn::Alone(_) | Turn::Ring(_) => None,
                    });
                    let all = std::iter::once((index, why)).chain(more).collect();
                    self.block(slots, all).await;
                }
                Turn::Ring(ring) => self.ring(slots, ring).await,
            }
        }
        self.results.into_iter().flatten().collect()
    }

    /// Refuses operations that cannot run, all at once: none of them waits for another, and their
    /// events share the way to disk.
    async fn block(&mut self, slots: &mut [Slot], all: Vec<(usize, Blocked)>) {
        let mut indexes = Vec::with_capacity(all.len());
        let mut operations = Vec::with_capacity(all.len());
        for (index, why) in all {
            let taken = slots.get_mut(index).map(|slot| std::mem::replace(slot, Err(nothing())));
            let Some(Ok(operation)) = taken else { continue };
            indexes.push(index);
            operations.push((operation, blocked(why)));
        }
        let outcomes = self.hand.refuse_all(operations).await;
        for (index, outcome) in indexes.into_iter().zip(outcomes) {
            self.note(index, outcome);
        }
    }

    /// How many may be refused at once: never more than the errors that the client still bears.
    fn most_together(&self) -> usize {
        let left = self.most_errors.saturating_sub(self.errors);
        usize::try_from(left).unwrap_or(usize::MAX).min(TOGETHER)
    }

    /// Runs operations that refer to each other. What can be known to fail is found out before the
    /// first of them is carried out, for then none is.
    async fn ring(&mut self, slots: &mut [Slot], ring: Vec<usize>) {
        let mut troubles = if self.is_late() {
            ring.iter().map(|index| (*index, late())).collect()
        } else {
            self.rehearse(slots, &ring).await
        };
        if !troubles.is_empty() {
            let names = ring.iter().filter_map(|index| name(slots, *index));
            names.for_each(|name| self.hand.forget(name));
        }
        for index in ring {
            if self.is_over() {
                return;
            }
            self.step(slots, index, troubles.remove(&index)).await;
        }
    }

    /// Promises identifiers to the operations of a ring, and finds out which of them would fail.
    async fn rehearse(&mut self, slots: &[Slot], ring: &[usize]) -> HashMap<usize, Error> {
        let mut troubles = HashMap::new();
        for index in ring {
            let Some(name) = name(slots, *index) else { continue };
            if let Err(error) = self.hand.promise(name) {
                troubles.insert(*index, error);
            }
        }
        let mut rehearsal = Rehearsal::default();
        for index in ring {
            let Some(Ok(operation)) = slots.get(*index) else { continue };
            if let Err(error) = self.hand.rehearse(operation.clone(), &mut rehearsal).await {
                troubles.entry(*index).or_insert(error);
            }
        }
        troubles
    }

    /// Gives one operation its turn and notes the result. With a trouble it is not carried out.
    async fn step(&mut self, slots: &mut [Slot], index: usize, trouble: Option<Error>) {
        // Taken out, not copied: data may be large.
        let Some(slot) = slots.get_mut(index) else { return };
        let outcome = match std::mem::replace(slot, Err(nothing())) {
            Ok(operation) => self.hand.operation(operation, trouble).await,
            Err(refused) => self.hand.misunderstood(refused).await,
        };
        self.note(index, outcome);
    }

    fn note(&mut self, index: usize, outcome: Outcome) {
        if outcome.done.is_err() {
            self.errors = self.errors.saturating_add(1);
        }
        if let Some(place) = self.results.get_mut(index) {
            *place = Some((self.show)(outcome));
        }
    }

    /// Whether as many operations failed as the client bears.
    fn is_over(&self) -> bool {
        self.errors >= self.most_errors
    }

    fn is_late(&self) -> bool {
        self.hand.ports.clock.ticks().saturating_sub(self.began) > self.budget
    }
}

/// The bulkId of a POST.
fn name(slots: &[Slot], index: usize) -> Option<&str> {
    slots.get(index)?.as_ref().ok()?.bulk_id.as_deref()
}

fn late() -> Error {
    Error::new(Kind::Busy, "The time of the bulk request was over. Send this operation again.")
}

fn blocked(why: Blocked) -> Error {
    let said = match why {
        Blocked::Unknown => "No operation makes a resource with the bulkId that this one names.",
        Blocked::Circular => "The operation needs itself to be done first, be it through others.",
        Blocked::Dependent => "An operation that this one refers to cannot run.",
    };
    Error::new(Kind::Conflict, said)
}

/// What stands in the place of an operation that was taken out.
fn nothing() -> Refused {
    let error = crate::scim::error::Error::new(ScimType::InvalidValue, "Taken.");
    Refused { method: None, bulk_id: None, error }
}
