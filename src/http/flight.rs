//! Answers that were handed to sockets and not taken yet, bounded in bytes (F19).
//!
//! A peer that asks a hundred streams for large pages and opens no window makes us hold them all.
//! So every larger body carries its share of one bound and gives it back when its last byte has
//! left our buffers, or its socket is gone. While the bound is used up, nothing new is read for
//! anyone; changes are still made and answered.
//!
//! Rejected: giving the share back when the body is dropped (the protocols take a body whole and
//! keep its bytes), and a count per socket (peers have as many sockets as they like).

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use crate::http::problem::Problem;
use crate::http::route::Target;
use crate::http::route::Verb;

/// Bodies below this size, in bytes, are not counted: streams and sockets bound them.
const SMALL: usize = 4 * 1_024;

/// The bound, and what of it is used.
#[derive(Clone, Debug)]
pub struct Flight {
    most: usize,
    used: Arc<AtomicUsize>,
}

impl Flight {
    /// At most `most` bytes at once.
    pub fn new(most: usize) -> Self {
        Self { most, used: Arc::default() }
    }

    /// Refuses what would only be read while the bound is used up.
    pub fn admit(&self, target: Target) -> Result<(), Problem> {
        let full = self.used.load(Ordering::Acquire) >= self.most;
        if full && reads(target) { Err(full_up()) } else { Ok(()) }
    }

    /// Takes the share of `body`, for as long as any of it is held. What was read and does not
    /// fit any more is dropped and refused; the answer to a change always goes out. One that is
    /// larger than the bound fits when it is alone.
    pub fn board(&self, target: Target, body: Bytes) -> Result<Bytes, Problem> {
        let size = body.len();
        if size < SMALL || shared(target) {
            return Ok(body);
        }
        let before = self.used.fetch_add(size, Ordering::AcqRel);
        let held = Held { body, used: Arc::clone(&self.used), size };
        if before > 0 && before.saturating_add(size) > self.most && reads(target) {
            return Err(full_up());
        }
        Ok(Bytes::from_owner(held))
    }

    /// Takes the share of a part of a body that was begun, whatever is in use: to refuse it would
    /// break the body, and few parts wait at a time.
    pub fn carry(&self, body: Bytes) -> Bytes {
        let size = body.len();
        self.used.fetch_add(size, Ordering::AcqRel);
        Bytes::from_owner(Held { body, used: Arc::clone(&self.used), size })
    }
}

/// Whether a request of this target changes nothing, so that it can as well come later.
fn reads(target: Target) -> bool {
    match target {
        Target::Read | Target::List | Target::Search => true,
        Target::Api(operation) => operation.verb == Verb::Get,
        _ => false,
    }
}

/// Whether all answers of this target are one and the same bytes, which we hold anyway.
fn shared(target: Target) -> bool {
    matches!(target, Target::Schemas | Target::Schema | Target::ResourceTypes)
}

fn full_up() -> Problem {
    Problem::busy("Too many answers wait to be taken. Take them, or try again shortly.")
}

/// A body with its share.
struct Held {
    body: Bytes,
    used: Arc<AtomicUsize>,
    size: usize,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.used.fetch_sub(self.size, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f19_bytes_are_counted_until_the_last_of_them_is_let_go() {
        let flight = Flight::new(3 * SMALL);
        let body = || Bytes::from(vec![b'a'; 2 * SMALL]);
        let first = flight.board(Target::List, body()).unwrap();
        assert_eq!(first, body());
        assert_eq!(flight.board(Target::Search, body()).unwrap_err().status.as_u16(), 503);
        assert!(flight.admit(Target::List).is_ok());
        let change = flight.board(Target::Modify, body()).unwrap();
        assert_eq!(flight.admit(Target::List).unwrap_err().fields.retry_after, Some(2));
        assert!(flight.admit(Target::Modify).is_ok());
        let rest = first.slice(7..8);
        drop((first, change));
        assert!(flight.board(Target::List, body()).is_err());
        drop(rest);
        assert!(flight.board(Target::List, body()).is_ok());
    }

    #[test]
    fn f19_small_bodies_pass_and_a_huge_one_passes_alone() {
        let flight = Flight::new(SMALL);
        let huge = flight.board(Target::Read, Bytes::from(vec![b'a'; 2 * SMALL])).unwrap();
        assert!(flight.board(Target::Read, Bytes::from(vec![b'a'; SMALL - 1])).is_ok());
        assert!(flight.board(Target::Read, Bytes::from(vec![b'a'; SMALL])).is_err());
        drop(huge);
        assert_eq!(flight.used.load(Ordering::Acquire), 0);
    }
}
