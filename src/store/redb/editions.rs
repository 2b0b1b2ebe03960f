//! How often records have changed, by identifier.
//!
//! A count is raised twice for every transaction that touches one of its records: before readers
//! see it, and after they do, still before its answers leave. So it is odd while a change is on
//! its way to readers, and then says nothing; whoever reads an even count, then the record, has
//! one that is at least as new as the count; and whoever got an answer finds another count than
//! before. Many records share a counter: a count that rises without need costs a reading,
//! nothing else. There is one writer, so nobody else raises in between.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::base::id::Id;
use crate::store::Fault;

/// Counters; a power of two. They fill 16 KiB, so that they stay close to the processor while
/// records that are read pass by.
const COUNTERS: usize = 1 << 11;

/// The counters.
pub(super) struct Editions(Box<[AtomicU64]>);

impl Default for Editions {
    fn default() -> Self {
        Self((0..COUNTERS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Editions {
    /// What is counted for `id`; `None` while that is about to change.
    pub(super) fn of(&self, id: Id) -> Option<u64> {
        let count = self.0.get(place(id))?.load(Ordering::Acquire);
        count.is_multiple_of(2).then_some(count)
    }

    /// Raises the counts of `touched` around `publish`, which shows the change to readers. When
    /// that fails they stay odd: nobody knows any more what readers see.
    pub(super) fn around(
        &self,
        touched: &[Id],
        publish: impl FnOnce() -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let places: BTreeSet<usize> = touched.iter().map(|id| place(*id)).collect();
        self.raise(&places);
        publish()?;
        self.raise(&places);
        Ok(())
    }

    fn raise(&self, places: &BTreeSet<usize>) {
        for counter in places.iter().filter_map(|place| self.0.get(*place)) {
            counter.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// Which counter is that of `id`: its last bits, which are chance.
fn place(id: Id) -> usize {
    let last = id.0.last_chunk().copied().unwrap_or_default();
    usize::from(u16::from_be_bytes(last)) % COUNTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_says_nothing_while_its_record_changes_and_another_thing_afterwards() {
        let editions = Editions::default();
        let (mine, other) = (Id([1; 16]), Id([2; 16]));
        let before = (editions.of(mine), editions.of(other));
        let publish = || {
            assert_eq!((editions.of(mine), editions.of(other)), (None, before.1));
            Ok(())
        };
        editions.around(&[mine, mine], publish).unwrap();
        assert!(editions.of(mine).is_some_and(|count| Some(count) != before.0));
        assert_eq!(editions.of(other), before.1);
        assert!(editions.around(&[mine], || Err(Fault::Busy)).is_err());
        assert_eq!(editions.of(mine), None);
    }
}
