//! Where walks by `startIndex` have come to.
//!
//! A client that pages by index asks for `startIndex = seen + 1`. We remember, per token and
//! query, at which record the page before ended, and go on from there: rows that came or went
//! meanwhile shift nothing, and no page counts through the rows before it. It is a memory, not a
//! promise: without it the page is found by counting (RFC 7644 §3.4.2.4 asks for no state).

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use crate::base::id::Id;
use crate::store::select::Position;

/// How many walks are remembered.
const MOST: usize = 4_096;
/// How long a walk is remembered.
const LIFE: Duration = Duration::from_secs(900);

/// Which walk: the token, the hash of the query, the index that comes next.
type Key = (Id, [u8; 32], u64);

/// The memory.
#[derive(Debug, Default)]
pub struct Walks {
    seen: Mutex<HashMap<Key, (Position, Duration)>>,
}

impl Walks {
    /// Where the page that begins at `index` begins, if the page before it was served lately.
    pub fn recall(
        &self,
        token: Id,
        query: [u8; 32],
        index: u64,
        now: Duration,
    ) -> Option<Position> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (position, at) = seen.get(&(token, query, index))?;
        (now.saturating_sub(*at) < LIFE).then(|| position.clone())
    }

    /// Remembers that the page that begins at `index` begins after `position`.
    pub fn note(&self, token: Id, query: [u8; 32], index: u64, position: Position, now: Duration) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.retain(|_, (_, at)| now.saturating_sub(*at) < LIFE);
        }
        if seen.len() >= MOST {
            seen.clear();
        }
        seen.insert((token, query, index), (position, now));
    }
}
