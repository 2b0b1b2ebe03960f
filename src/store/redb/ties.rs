//! How often links, or records that are no people, have changed, by organization; and how often
//! the places and the rules of one have.
//!
//! Counted after readers see a commit and before its answer leaves. So whoever reads the count,
//! then the links, has links that are at least as new as the count; and whoever got an answer
//! finds the count raised. Several organizations may share a counter: a count that rises without
//! need costs a reading, nothing else.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::domain::record::Kind;
use crate::store::change::Event;

/// Counters; the last bits of the organization's number choose one.
const COUNTERS: usize = 64;

/// The counters.
pub(super) struct Ties([AtomicU64; COUNTERS]);

impl Default for Ties {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Ties {
    /// What is counted for `organization`.
    pub(super) fn count(&self, organization: u32) -> u64 {
        self.of(organization).map_or(0, |counter| counter.load(Ordering::Acquire))
    }

    /// Counts one commit for each of `organizations`.
    pub(super) fn raise(&self, organizations: &BTreeSet<u32>) {
        for organization in organizations {
            if let Some(counter) = self.of(*organization) {
                counter.fetch_add(1, Ordering::Release);
            }
        }
    }

    fn of(&self, organization: u32) -> Option<&AtomicU64> {
        let place = usize::try_from(organization).unwrap_or(0) % COUNTERS;
        self.0.get(place)
    }
}

/// Whether a change may have changed links, or anything but one person.
pub(super) fn moved(event: &Event) -> bool {
    let person = matches!(event.subject, Some((Kind::USER, _)));
    let others = event.beside.iter().any(|beside| beside.kind != Kind::USER);
    !person || others || event.linked > 0 || event.unlinked > 0
}

/// Whether a change may have changed a place or a rule.
pub(super) fn reshaped(event: &Event) -> bool {
    let shapes = |kind: Kind| {
        matches!(kind, Kind::ORGANIZATION | Kind::SITE | Kind::ROOM_SYSTEM | Kind::RULE)
    };
    let subject = event.subject.is_some_and(|(kind, _)| shapes(kind));
    subject && event.before != event.after || event.beside.iter().any(|one| shapes(one.kind))
}
