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
        let short = share(10).clamp(FLOOR, CEILING);
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000_000);

    fn people(range: std::ops::Range<u16>) -> BTreeSet<Id> {
        let id = |number: u16| {
            let mut bytes = [0; 16];
            bytes[..2].copy_from_slice(&number.to_be_bytes());
            Id(bytes)
        };
        range.map(id).collect()
    }

    fn counted(range: std::ops::Range<u16>, minutes_ago: i64) -> Vec<Counted> {
        let at = Moment(NOW.0 - minutes_ago * 60_000_000);
        let one = |subject| Counted { at, subject, released: false };
        people(range).into_iter().map(one).collect()
    }

    fn held(window: &[Counted], active: u64, limits: Limits, proposed: &BTreeSet<Id>) -> bool {
        decide(window, active, limits, proposed, None, NOW) != Decision::Pass
    }

    #[test]
    fn le7_the_limit_passes_and_one_more_is_held() {
        for (active, limit) in [(0, 20), (10, 20), (209, 20), (210, 21), (1_000, 100)] {
            let usual = Limits::default();
            assert!(!held(&[], active, usual, &people(0..limit)), "{active}");
            assert!(held(&[], active, usual, &people(0..limit + 1)), "{active}");
            let before = counted(0..limit - 1, 5);
            assert!(!held(&before, active, usual, &people(900..901)), "{active}");
            let before = counted(0..limit, 5);
            assert!(held(&before, active, usual, &people(900..901)), "{active}");
        }
        let large = 1_000_000;
        assert!(!held(&[], large, Limits::default(), &people(0..500)));
        assert!(held(&[], large, Limits::default(), &people(0..501)));
    }

    #[test]
    fn pul05_both_windows_and_the_floor_of_twenty() {
        let spread = |active| {
            let window = [counted(0..90, 400), counted(100..190, 200)].concat();
            held(&window, active, Limits::default(), &people(200..221))
        };
        assert!(spread(1_000), "201 of 1,000 in a day");
        assert!(!spread(1_005));
        let old = counted(0..500, 24 * 60);
        assert!(!held(&old, 1_000, Limits::default(), &people(600..700)), "out of the window");
        let edge = counted(0..100, 30);
        assert!(!held(&edge, 1_000, Limits::default(), &people(600..601)));
        let inside = counted(0..100, 29);
        assert!(held(&inside, 1_000, Limits::default(), &people(600..601)));
        let few = counted(0..20, 60);
        assert!(
            held(&few, 50, Limits::default(), &people(600..601)),
            "20 % of 50 is under the floor"
        );
        assert!(!held(&counted(0..19, 60), 50, Limits::default(), &people(600..601)));
    }

    #[test]
    fn pul05_limits_set_by_hand_and_zero() {
        let by_hand = Limits::of_setting(Some(3));
        assert!(!held(&[], 1_000, by_hand, &people(0..3)));
        assert!(held(&[], 1_000, by_hand, &people(0..4)));
        assert!(!held(&[], 1_000, Limits::of_setting(Some(0)), &people(0..5_000)));
        let no_day = Limits { short: Some(5_000), day: Some(0) };
        assert!(!held(&counted(0..900, 60), 1_000, no_day, &people(1_000..2_000)));
        let small_day = Limits { short: None, day: Some(2) };
        assert!(held(&counted(0..2, 60), 1_000, small_day, &people(5..6)));
    }

    #[test]
    fn pul05_a_closing_and_what_it_takes_along_count_once() {
        let window: Vec<Counted> = (0..30).flat_map(|_| counted(0..1, 1)).collect();
        assert!(!held(&window, 10, Limits::default(), &people(1..20)));
        assert!(held(&window, 10, Limits::default(), &people(1..21)));
    }

    #[test]
    fn pul06_a_leaver_who_is_counted_already_is_not_delayed() {
        let full = counted(0..20, 5);
        assert!(!held(&full, 10, Limits::default(), &people(7..8)));
        assert!(held(&full, 10, Limits::default(), &people(20..21)));
        assert!(!held(&full, 10, Limits::default(), &BTreeSet::new()));
        let mut seen = full;
        seen.iter_mut().for_each(|one| one.released = true);
        assert!(!held(&seen, 10, Limits::default(), &people(20..40)), "released changes are seen");
    }

    #[test]
    fn pul05_a_release_is_bound_to_its_list_and_to_a_day() {
        let mass = people(0..30);
        let with = |leave: Leave, people: &BTreeSet<Id>, now| {
            decide(&[], 10, Limits::default(), people, Some(&leave), now) == Decision::Pass
        };
        let release = || Leave::Released { list: fingerprint(&mass), at: NOW };
        assert!(with(release(), &mass, NOW));
        assert!(with(release(), &mass, Moment(NOW.after(RELEASE_LASTS).0 - 1)));
        assert!(!with(release(), &mass, NOW.after(RELEASE_LASTS)));
        assert!(!with(release(), &mass, Moment(NOW.0 - 1)));
        assert!(!with(release(), &people(1..31), NOW));
        let reason = |text: &str| Leave::Confirmed { reason: text.to_owned() };
        assert!(with(reason("ward closed"), &mass, NOW));
        assert!(!with(reason("  "), &mass, NOW));
    }

    #[test]
    fn pul05_a_hold_lists_the_exact_people_and_when_to_come_back() {
        let window = [counted(0..15, 20), counted(15..20, 10)].concat();
        let decision = decide(&window, 10, Limits::default(), &people(50..60), None, NOW);
        let Decision::Hold(hold) = decision else { panic!("not held") };
        assert_eq!((hold.window, hold.limit, hold.total), (Window::Short, 20, 30));
        assert_eq!(hold.people, people(50..60).into_iter().collect::<Vec<_>>());
        assert_eq!(hold.retry_after, Duration::from_secs(10 * 60));
        assert_eq!(
            hold.to_string(),
            "This change would take access from 30 people within 30 minutes, and 20 is the limit \
             (LE7). An administrator can release it."
        );
        let decision = decide(&[], 10, Limits::default(), &people(0..21), None, NOW);
        let Decision::Hold(hold) = decision else { panic!("not held") };
        assert_eq!(hold.retry_after, SHORT, "waiting does not help");
    }
}
