//! Chance, handed in.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoEntropy;

/// A source of unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`, or fails whole.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The operating system's source.
#[derive(Clone, Copy, Debug)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one adapter of the system's chance")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(bytes).map_err(|_| NoEntropy)
    }
}

/// How many bytes a pool draws at once.
const POOL: usize = 4_096;

/// Another source, drawn from in bulk: a request asks for ten bytes, and a call into the system
/// for each would cost more than the rest of its identifier. Bytes are handed out once and
/// wiped.
pub struct Pooled<E> {
    source: E,
    pool: Mutex<Pool>,
}

struct Pool {
    bytes: Zeroizing<[u8; POOL]>,
    /// Where the bytes that nobody has had yet begin.
    fresh: usize,
}

impl<E: Entropy> Pooled<E> {
    /// An empty pool over `source`.
    pub fn new(source: E) -> Self {
        let pool = Pool { bytes: Zeroizing::new([0; POOL]), fresh: POOL };
        Self { source, pool: Mutex::new(pool) }
    }
}

impl<E: Entropy> Entropy for Pooled<E> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        if bytes.len() > POOL {
            return self.source.fill(bytes);
        }
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.len() > POOL - pool.fresh {
            // Nothing counts as fresh until the source has filled the pool whole.
            pool.fresh = POOL;
            self.source.fill(pool.bytes.as_mut())?;
            pool.fresh = 0;
        }
        let from = pool.fresh;
        pool.fresh = from + bytes.len();
        for (byte, drawn) in bytes.iter_mut().zip(pool.bytes.iter_mut().skip(from)) {
            *byte = std::mem::take(drawn);
        }
        Ok(())
    }
}

/// The same bytes for the same seed; for tests and replays only.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededEntropy {
    /// A source that is a function of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in bytes.chunks_mut(32) {
            let turn = self.drawn.fetch_add(1, Ordering::SeqCst);
            let block = Sha256::new()
                .chain_update(self.seed.to_be_bytes())
                .chain_update(turn.to_be_bytes());
            for (byte, drawn) in chunk.iter_mut().zip(block.finalize()) {
                *byte = drawn;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key04_a_pool_hands_out_every_byte_of_its_source_once() {
        let (plain, pooled) = (SeededEntropy::new(5), Pooled::new(SeededEntropy::new(5)));
        let mut expected = vec![0; 3 * POOL];
        plain.fill(&mut expected).unwrap();
        let mut drawn = Vec::new();
        while drawn.len() < 2 * POOL {
            let mut some = [0; 64];
            pooled.fill(&mut some).unwrap();
            drawn.extend_from_slice(&some);
        }
        assert_eq!(drawn, expected[..drawn.len()]);
        let mut large = vec![0; POOL + 1];
        pooled.fill(&mut large).unwrap();
        assert!(large.iter().any(|byte| *byte != 0));
    }
}
