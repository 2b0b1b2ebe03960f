//! The mass-change brake (PUL-05, LE7): many people losing access at once waits for a human.
//!
//! Counted are people: someone who is disabled, leaves thirty groups and is closed within a
//! window counts once, so that a single leaver is never delayed (PUL-06), and what a closing
//! takes along counts as that closing. Changes that an administrator released count no more:
//! the limit is about what nobody has looked at.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::clock::Moment;
use crate::base::id::Id;

/// The short window.
pub const SHORT: Duration = Duration::from_secs(30 * 60);
/// The long window.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Up to this many people nothing is ever held, unless a limit is set by hand.
pub const FLOOR: u64 = 20;
/// The most that passes in the short window, however large the organization.
pub const CEILING: u64 = 500;
/// How long a release holds.
pub const RELEASE_LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// The limits of an organization, as far as they are set by hand; 0 switches off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// In 30 minutes; 0 switches the whole brake off.
    pub short: Option<u32>,
    /// In 24 hours; 0 switches this window off.
    pub day: Option<u32>,
}

/// A change that took access from someone: a deactivation, a deletion or the removal of grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// When.
    pub at: Moment,
    /// From whom.
    pub subject: Id,
    /// An administrator released or confirmed it.
    pub released: bool,
}

/// An administrator's word that lets a change pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// A hold was released, for exactly its list of people and for a day.
    Released {
        /// The list, see [`fingerprint`].
        list: [u8; 32],
        /// When.
        at: Moment,
    },
    /// An administrator confirms the own change, or forces a single security removal.
    Confirmed {
        /// Why; must not be blank.
        reason: String,
    },
}

/// Which window is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Window {
    /// [`SHORT`].
    Short,
    /// [`DAY`].
    Day,
}

/// Why a change is held.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "This change would take access from {total} people within {}, and {limit} is the limit (LE7). \
     An administrator can release it.",
    self.window.text()
)]
pub struct Hold {
    /// The window that would be over its limit.
    pub window: Window,
    /// Its limit.
    pub limit: u64,
    /// How many people it would count with the change.
    pub total: u64,
    /// Exactly the people of the change, in order.
    pub people: Vec<Id>,
    /// For `Retry-After`: when as much will have left the window that the change passes, if it
    /// can pass at all by waiting; otherwise the length of the window.
    pub retry_after: Duration,
}

/// What the brake says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Apply it.
    Pass,
    /// Do not; list it.
    Hold(Hold),
}

/// Decides on a change that takes access from `proposed`. `window` holds the counted changes of
/// the last 24 hours (older ones are passed over); `active_users` is the number of active users
/// before them.
pub fn decide(
    window: &[Counted],
    active_users: u64,
    limits: Limits,
    proposed: &BTreeSet<Id>,
    leave: Option<&Leave>,
    now: Moment,
) -> Decision {
    if proposed.is_empty() || leave.is_some_and(|leave| leave.covers(proposed, now)) {
        return Decision::Pass;
    }
    for (window_kind, limit) in limits.of(active_users) {
        let fresh: Vec<&Counted> = window.iter().filter(|one| window_kind.has(one, now)).collect();
        let people: BTreeSet<Id> = fresh.iter().map(|one| one.subject).collect();
        let total = count(people.union(proposed).count());
        // Whoever is in the window already adds nothing to it.
        if total > limit && !proposed.is_subset(&people) {
            let people = proposed.iter().copied().collect();
            let retry_after = retry_after(window_kind, limit, &fresh, proposed, now);
            let hold = Hold { window: window_kind, limit, total, people, retry_after };
            return Decision::Hold(hold);
        }
    }
    Decision::Pass
}

/// What a release is bound to: the people of a hold, in any order.
pub fn fingerprint(people: &BTreeSet<Id>) -> [u8; 32] {
    let digest = people.iter().fold(Sha256::new(), |digest, id| digest.chain_update(id.0));
    digest.finalize().into()
}

impl Limits {
    /// The limits behind an organization's one setting.
    pub fn of_setting(brake_limit: Option<u32>) -> Self {
        Self { short: brake_limit, day: None }
    }

    /// The windows that count, each with the most people that pass.
    pub fn of(self, active_users: u64) -> Vec<(Window, u64)> {
        if self.short == Some(0) {
            return Vec::new();
        }
        let share = |percent: u64| active_users.saturating_mul(percent) / 100;
        let short = share(10).max(FLOOR).min(CEILING);
        let day = share(20).max(FLOOR);
        let set = |by_hand: Option<u32>, usual: u64| by_hand.map_or(usual, u64::from);
        let windows = [(Window::Short, set(self.short, short)), (Window::Day, set(self.day, day))];
        windows.into_iter().filter(|(_, limit)| *limit > 0).collect()
    }
}

impl Leave {
    fn covers(&self, proposed: &BTreeSet<Id>, now: Moment) -> bool {
        match self {
            Self::Released { list, at } => {
                *list == fingerprint(proposed) && *at <= now && now < at.after(RELEASE_LASTS)
            }
            Self::Confirmed { reason } => !reason.trim().is_empty(),
        }
    }
}

impl Window {
    /// How long it is.
    pub fn length(self) -> Duration {
        match self {
            Self::Short => SHORT,
            Self::Day => DAY,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Short => "30 minutes",
            Self::Day => "24 hours",
        }
    }

    fn has(self, one: &Counted, now: Moment) -> bool {
        !one.released && now < one.at.after(self.length())
    }
}

/// The people of the window leave it one by one; `proposed` must fit beside those who are left.
fn retry_after(
    window: Window,
    limit: u64,
    fresh: &[&Counted],
    proposed: &BTreeSet<Id>,
    now: Moment,
) -> Duration {
    let Some(room) = limit.checked_sub(count(proposed.len())) else { return window.length() };
    let others = fresh.iter().filter(|one| !proposed.contains(&one.subject));
    let mut last = std::collections::BTreeMap::new();
    for one in others {
        let at = last.entry(one.subject).or_insert(one.at);
        *at = one.at.max(*at);
    }
    let mut leaving: Vec<Moment> = last.into_values().collect();
    leaving.sort_unstable();
    let over = count(leaving.len()).saturating_sub(room);
    let next = over.checked_sub(1).and_then(|last| usize::try_from(last).ok());
    let at = next.and_then(|next| leaving.get(next)).map(|at| at.after(window.length()));
    let micros = at.map_or(0, |at| at.0.saturating_sub(now.0));
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
