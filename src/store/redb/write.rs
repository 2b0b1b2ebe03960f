//! The one writer: a thread that takes every waiting change into one durable transaction.
//!
//! Each change keeps its own guards and its own answer. Answers leave after the transaction is
//! on disk and readers see it. After an engine failure the writer takes nothing any more: what
//! became of the transaction is unknown, and only opening the file again can tell.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use redb::Durability;
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::base::id::Id;
use crate::store::Fault;
use crate::store::change::Change;
use crate::store::change::Committed;
use crate::store::change::Event;
use crate::store::change::Verdict;
use crate::store::redb::Shared;
use crate::store::redb::apply::Outcome;
use crate::store::redb::batch::Batch;
use crate::store::redb::paths;
use crate::store::redb::queue::Asked;
use crate::store::redb::queue::Job;
use crate::store::redb::queue::Queue;
use crate::store::redb::skip::Move;
use crate::store::redb::stage::Stage;
use crate::store::redb::stage::Stop;
use crate::store::redb::tables::Snapshot;

type Answered = (oneshot::Sender<Result<Verdict, Fault>>, Verdict);

/// Runs until it is told to stop, or nobody can tell it anything any more.
pub(super) fn run(shared: &Arc<Shared>, jobs: &Receiver<Job>) {
    let mut queue = Queue::new(jobs, shared.clock.as_ref());
    loop {
        let changes = queue.next();
        let ended = changes.is_empty();
        if !ended {
            together(shared, &mut queue, changes);
        }
        if let Some(done) = queue.closed() {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
            return;
        }
        if ended {
            return;
        }
    }
}

fn together(shared: &Shared, queue: &mut Queue<'_>, changes: Vec<Asked>) {
    if shared.failed.load(Ordering::SeqCst) {
        // Dropping the senders answers that no writes are taken.
        return;
    }
    let mut waiting = Vec::with_capacity(changes.len());
    let mut rest = changes.into_iter();
    match transact(shared, &mut rest, &mut waiting) {
        Ok(took) => {
            queue.note(waiting.len(), took);
            for (answer, verdict) in waiting {
                // A caller that went away does not undo what is done.
                let _ = answer.send(Ok(verdict));
            }
        }
        Err(fault) => {
            shared.failed.store(true, Ordering::SeqCst);
            tracing::error!(%fault, "a commit failed; no more writes are taken until a restart");
            let answers = waiting.into_iter().map(|(answer, _)| answer);
            for answer in answers.chain(rest.map(|(_, answer)| answer)) {
                let _ = answer.send(Err(Fault::Engine(fault.to_string())));
            }
        }
    }
}

/// Works through the changes in one transaction. Whoever was reached is among those that wait,
/// so that a failure reaches them too. Answers how long the way to disk took.
fn transact(
    shared: &Shared,
    changes: &mut impl Iterator<Item = Asked>,
    waiting: &mut Vec<Answered>,
) -> Result<Duration, Fault> {
    let transaction = begin(&shared.database)?;
    let mut batch = Batch::new(&transaction)?;
    let mut wrote = false;
    for (change, answer) in changes {
        let verdict = match one(shared, &mut batch, change) {
            Ok(verdict) => verdict,
            Err(fault) => {
                // Whoever hears of it finds the store closed to writes already.
                shared.failed.store(true, Ordering::SeqCst);
                let _ = answer.send(Err(Fault::Engine(fault.to_string())));
                return Err(fault);
            }
        };
        wrote |= matches!(&verdict, Verdict::Done(done) if done.changed);
        waiting.push((answer, verdict));
    }
    if !wrote {
        drop(batch);
        transaction.abort()?;
        return Ok(Duration::ZERO);
    }
    let (tied, shaped) = (std::mem::take(&mut batch.tied), std::mem::take(&mut batch.shaped));
    let touched = std::mem::take(&mut batch.touched);
    let moves = batch.finish()?;
    let began = shared.clock.ticks();
    transaction.commit()?;
    let took = shared.clock.ticks().saturating_sub(began);
    shared.editions.around(&touched, || publish(shared, &moves))?;
    shared.ties.raise(&tied);
    shared.shapes.raise(&shaped);
    Ok(took)
}

/// Shows readers what is committed.
fn publish(shared: &Shared, moves: &[Move]) -> Result<(), Fault> {
    let number = shared.snapshot.load().number.saturating_add(1);
    let snapshot = Arc::new(Snapshot::take(&shared.database, number)?);
    shared.marks.advance(number, moves, || shared.snapshot.store(snapshot));
    Ok(())
}

/// A transaction as all of ours are: on disk in two phases, quick to reopen after a crash.
pub(super) fn begin(database: &redb::Database) -> Result<WriteTransaction, Fault> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(transaction)
}

fn one(shared: &Shared, batch: &mut Batch<'_>, mut change: Change) -> Result<Verdict, Fault> {
    let before = batch.pace;
    let (at, clock_back) = batch.pace.next(shared.clock.now());
    let writes = std::mem::take(&mut change.writes);
    let only_event = writes.is_empty();
    let mut stage = Stage::new(&batch.tables, at);
    if let Err(stop) = weigh(&mut stage, &change, writes) {
        batch.pace = before;
        return match stop {
            Stop::Refused(verdict) => Ok(verdict),
            Stop::Failed(fault) => Err(fault),
        };
    }
    let heads = stage.heads();
    let (hash_before, hash_after) = match change.subject {
        Some((_, id)) => hashes(&mut stage, id)?,
        None => ([0; 32], [0; 32]),
    };
    let beside = stage.beside(change.subject.map(|(_, id)| id));
    let Stage { records, ties, .. } = stage;
    let outcome = Outcome::of(records, ties);
    if outcome.is_empty() && !only_event {
        batch.pace = before;
        return Ok(Verdict::Done(Committed { changed: false, seq: 0, at, heads }));
    }
    batch.write(&outcome, at)?;
    let (linked, unlinked) = outcome.links();
    let event = Event {
        chain: change.chain,
        seq: 0,
        at,
        clock_back,
        cause: change.cause,
        action: change.action,
        outcome: change.outcome,
        subject: change.subject,
        attributes: change.attributes,
        before: hash_before,
        after: hash_after,
        beside,
        linked,
        unlinked,
        links: outcome.bonds(),
        software: env!("CARGO_PKG_VERSION").to_owned(),
        previous: [0; 32],
        hash: [0; 32],
    };
    let seq = batch.append(event)?;
    Ok(Verdict::Done(Committed { changed: true, seq, at, heads }))
}

fn weigh(
    stage: &mut Stage<'_, '_>,
    change: &Change,
    writes: Vec<crate::store::change::Write>,
) -> Result<(), Stop> {
    stage.guard(&change.guards)?;
    for write in writes {
        stage.write(write)?;
    }
    paths::guard(stage, &change.guards)?;
    stage.settle()?;
    stage.claims()
}

/// Hashes of the subject's body before and after.
fn hashes(stage: &mut Stage<'_, '_>, id: Id) -> Result<([u8; 32], [u8; 32]), Fault> {
    Ok(stage.turn(id)?.hashes())
}
