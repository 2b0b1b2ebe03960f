//! How reminders are sent, and whether the clock can be believed (F10).

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use crate::base::clock::Moment;
use crate::domain::duty::reminder::Policy;
use crate::post::Nowhere;
use crate::post::Post;
use crate::post::letters::Language;

/// How far the civil clock may stray from the monotonic one between two passes.
const MOST_STRAY: i64 = 300_000_000;

/// What the reminders need beside the other ports.
pub struct Reminding {
    /// When letters are due.
    pub policy: Policy,
    /// Who carries them.
    pub post: Arc<dyn Post>,
    /// In which language they are written.
    pub language: Language,
    /// The network's help desk: gets what has no owner; empty when there is none.
    pub help_desk: String,
    /// What stands behind the `@` of a Message-ID.
    pub domain: String,
    /// Whether a probe may look at addresses of private networks.
    pub private_probes: bool,
    guard: Mutex<Guard>,
}

/// What is remembered of the clocks between two passes.
#[derive(Default)]
struct Guard {
    last: Option<(Moment, Duration)>,
    held: bool,
}

impl Reminding {
    /// Reminders by `policy`, carried by `post`.
    pub fn new(policy: Policy, post: Arc<dyn Post>) -> Self {
        Self {
            policy,
            post,
            language: Language::default(),
            help_desk: String::new(),
            domain: "wardgate.invalid".to_owned(),
            private_probes: false,
            guard: Mutex::default(),
        }
    }

    /// Reads both clocks: true when the civil one has jumped since the last reading and nobody
    /// has confirmed it yet. Then nothing may be sent by it (F10).
    pub fn jumped(&self, now: Moment, ticks: Duration) -> bool {
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, before)) = guard.last {
            let passed = ticks.saturating_sub(before).as_micros();
            let passed = i64::try_from(passed).unwrap_or(i64::MAX);
            let stray = now.0.saturating_sub(then.0).saturating_sub(passed);
            guard.held |= stray.saturating_abs() > MOST_STRAY;
        }
        guard.last = Some((now, ticks));
        guard.held
    }

    /// Somebody says that the clock is right.
    pub fn confirm(&self) {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner).held = false;
    }

    /// Whether letters are held because of the clock.
    pub fn held(&self) -> bool {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner).held
    }
}

impl Default for Reminding {
    fn default() -> Self {
        Self::new(Policy::default(), Arc::new(Nowhere))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f10_a_jump_holds_until_it_is_confirmed() {
        let one = Reminding::default();
        let second = |at: i64| Moment(at * 1_000_000);
        assert!(!one.jumped(second(1_000), Duration::from_secs(0)));
        assert!(!one.jumped(second(1_600), Duration::from_secs(600)));
        assert!(!one.jumped(second(2_500), Duration::from_secs(1_200)), "300 s are allowed");
        assert!(one.jumped(second(2_500 + 901), Duration::from_secs(1_800)), "301 s are not");
        assert!(one.jumped(second(4_001), Duration::from_secs(2_400)), "held");
        one.confirm();
        assert!(!one.jumped(second(4_601), Duration::from_secs(3_000)));
        assert!(one.jumped(second(1_001), Duration::from_secs(3_000)), "an hour back");
    }
}
