//! The one loop that calls the duties.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::jobs::duties::Duty;
use crate::service::Error;
use crate::service::Ports;

/// How often a duty may fail in a row before it is given up (F20).
pub const TRIES: u32 = 5;

/// A duty and when it is next due, on the monotonic clock.
struct Hand {
    duty: Duty,
    due: Duration,
    failures: u32,
}

/// Runs the duties until `stop`, then those that are done at the stop once more.
pub async fn run(ports: Arc<Ports>, duties: Vec<Duty>, mut stop: watch::Receiver<bool>) {
    let now = ports.clock.ticks();
    let mut hands: Vec<Hand> = duties
        .into_iter()
        .map(|duty| Hand { due: now.saturating_add(duty.period), duty, failures: 0 })
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
        hands.retain(|hand| hand.failures < TRIES);
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
            Ok(ended) => ended,
            Err(panic) => Err(Error::internal(panic)),
        };
        let mut pause = self.duty.period;
        match ended {
            Ok(()) => self.failures = 0,
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                pause = pause.saturating_mul(2_u32.saturating_pow(self.failures));
                report(self.duty.name, self.failures, &error);
            }
        }
        self.due = ports.clock.ticks().saturating_add(pause);
    }
}

fn report(duty: &str, failures: u32, error: &Error) {
    let cause = error.source.as_ref().map_or_else(|| error.said.clone(), ToString::to_string);
    if failures < TRIES {
        tracing::warn!(duty, failures, cause, "a duty failed and will be tried again");
    } else {
        tracing::error!(duty, failures, cause, "a duty is given up until the next start");
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
