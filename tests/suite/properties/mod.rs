//! What must hold for every input, tried with generated ones.
//!
//! `histories` plays random histories against a plain map, `filters` compares searches with a
//! naive evaluator (`naive`), `patches` edits a model document, `anything` sends whatever a
//! grammar can think of, `fuzz_bodies` runs the fuzz targets without a fuzzer, and `regressions`
//! keeps the smallest form of everything that was ever found. `kept` holds what is kept of people's
//! groups against a fresh look.
//!
//! Every run draws the same numbers unless `WARDGATE_SEED` says otherwise. How much is tried is
//! set by `WARDGATE_HISTORIES`, `WARDGATE_FILTERS`, `WARDGATE_PATCHES`, `WARDGATE_REQUESTS` and
//! `WARDGATE_FUZZ`; the defaults suit every change, the larger ones a night.

mod anything;
mod filters;
mod fuzz_bodies;
mod histories;
mod kept;
mod naive;
mod patches;
mod regressions;

use proptest::test_runner::Config;
use proptest::test_runner::RngAlgorithm;
use proptest::test_runner::TestRng;
use proptest::test_runner::TestRunner;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;

use crate::world::World;

/// How often something is tried.
fn times(variable: &str, default: u64) -> u64 {
    setting(variable).unwrap_or(default)
}

#[expect(clippy::disallowed_methods, reason = "how long a campaign runs is set from outside")]
fn setting(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap())
}

fn seed() -> u64 {
    setting("WARDGATE_SEED").unwrap_or(0x5C1A)
}

/// A runner that shrinks what fails, with repeatable chance.
fn runner(cases: u64) -> TestRunner {
    let config = Config {
        cases: u32::try_from(cases).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// A gateway that does not slow its caller down: its clock stands still.
async fn tireless() -> World {
    let limits = Limits {
        requests_per_second: 1_000_000,
        request_burst: 1_000_000_000,
        failures_per_minute: 60_000_000,
        failure_burst: 1_000_000_000,
        ..Limits::default()
    };
    World::with(Catalogue::built_in().unwrap(), Settings::default(), limits).await
}

/// Runs a story on this thread.
fn play<T>(story: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(story)
}

/// Chance for things that need no shrinking (splitmix64).
struct Dice(u64);

impl Dice {
    fn new(turn: u64) -> Self {
        Self(seed() ^ turn.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.draw() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
