//! The one loop that calls the duties.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::jobs::duties::Duty;
use crate::service::Error;
use crate::service::Ports;

/// How often a duty may panic in a row before it is given up (F20).
pub const PANICS: u32 = 5;

/// How often the pause after a failure is doubled at most.
const DOUBLINGS: u32 = 5;

/// A duty and when it is next due, on the monotonic clock.
struct Hand {
    duty: Duty,
    due: Duration,
    failures: u32,
    panics: u32,
}

/// Runs the duties until `stop`, then those that are done at the stop once more.
pub async fn run(ports: Arc<Ports>, duties: Vec<Duty>, mut stop: watch::Receiver<bool>) {
    let now = ports.clock.ticks();
    let mut hands: Vec<Hand> = duties
        .into_iter()
        .map(|duty| Hand { due: now.saturating_add(duty.period), duty, failures: 0, panics: 0 })
        .collect();
    loop {
        let due = hands.iter().map(|hand| hand.due).min();
        let wait = due.map(|due| due.saturating_sub(ports.clock.ticks()));
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = sleep(wait) => {}
        }
        let now = ports.clock.ticks();
        for hand in hands.iter_mut().filter(|hand| hand.due <= now) {
            hand.turn(&ports).await;
        }
        hands.retain(|hand| hand.panics < PANICS);
    }
    for hand in hands.iter_mut().filter(|hand| hand.duty.at_stop) {
        hand.turn(&ports).await;
    }
}

impl Hand {
    async fn turn(&mut self, ports: &Arc<Ports>) {
        let run = (self.duty.run_once)(Arc::clone(ports), ports.clock.now());
        // In a task of its own, so that a panic ends the duty's turn and nothing else.
        let ended = match tokio::spawn(run).await {
            Ok(ended) => {
                self.panics = 0;
                ended
            }
            Err(panic) => {
                self.panics = self.panics.saturating_add(1);
                Err(Error::internal(panic))
            }
        };
        let mut pause = self.duty.period;
        match ended {
            Ok(()) => self.failures = 0,
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                pause = pause.saturating_mul(2_u32.pow(self.failures.min(DOUBLINGS)));
                self.report(&error);
            }
        }
        self.due = ports.clock.ticks().saturating_add(pause);
    }

    fn report(&self, error: &Error) {
        let cause = error.source.as_ref().map_or_else(|| error.said.clone(), ToString::to_string);
        let (duty, failures) = (self.duty.name, self.failures);
        if self.panics < PANICS {
            tracing::warn!(duty, failures, cause, "a duty failed and will be tried again");
        } else {
            tracing::error!(duty, failures, cause, "a duty is given up until the next start");
        }
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
