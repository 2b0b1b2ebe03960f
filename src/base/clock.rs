//! Time, handed in.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// An instant of the civil clock: microseconds since 1970-01-01T00:00:00Z.
///
/// Written as RFC 3339 with a `Z` and exactly six digits after the point, so that texts of two
/// moments sort as the moments do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment(pub i64);

impl Moment {
    /// The earliest moment that can be written.
    pub const MIN: Self = Self(0);
    /// Later than every moment that can be written.
    pub const MAX: Self = Self(i64::MAX);

    /// This moment moved by `span` into the future; stops at [`Moment::MAX`].
    pub fn after(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// The next microsecond.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Whole milliseconds since 1970; moments before that count as zero.
    pub fn millis(self) -> u64 {
        u64::try_from(self.0 / 1_000).unwrap_or(0)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stamp = jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{stamp:.6}")
    }
}

/// The text is no RFC 3339 instant with a zone offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date and time with an offset")]
pub struct BadMoment;

impl FromStr for Moment {
    type Err = BadMoment;

    fn from_str(text: &str) -> Result<Self, BadMoment> {
        let stamp: jiff::Timestamp = text.parse().map_err(|_| BadMoment)?;
        Ok(Self(stamp.as_microsecond()))
    }
}

/// What time it is, and how much of it has passed.
pub trait Clock: Send + Sync {
    /// The civil time: for people, for expiry, never for order.
    fn now(&self) -> Moment;
    /// A monotonic reading with no fixed origin: for durations.
    fn ticks(&self) -> Duration;
}

/// The clock of the machine.
#[derive(Debug)]
pub struct SystemClock {
    origin: std::time::Instant,
}

impl SystemClock {
    /// Starts the monotonic reading at zero.
    #[expect(clippy::disallowed_methods, reason = "the one adapter of the machine's clock")]
    #[expect(clippy::new_without_default, reason = "starting a clock is an act, not a default")]
    pub fn new() -> Self {
        Self { origin: std::time::Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one adapter of the machine's clock")]
    fn now(&self) -> Moment {
        Moment(jiff::Timestamp::now().as_microsecond())
    }

    fn ticks(&self) -> Duration {
        self.origin.elapsed()
    }
}

/// A clock that moves when it is told to; for tests and for replays.
#[derive(Debug)]
pub struct FixedClock {
    micros: AtomicI64,
}

impl FixedClock {
    /// Stands still at `moment`.
    pub fn at(moment: Moment) -> Self {
        Self { micros: AtomicI64::new(moment.0) }
    }

    /// Moves forward by `span`.
    pub fn advance(&self, span: Duration) {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }

    /// Jumps to `moment`, which may lie in the past.
    pub fn set(&self, moment: Moment) {
        self.micros.store(moment.0, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Moment {
        Moment(self.micros.load(Ordering::SeqCst))
    }

    fn ticks(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.now().0).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_moment_reads_back_and_sorts() {
        let early = Moment(1_764_028_800_000_001);
        let late = early.after(Duration::from_millis(10));
        assert_eq!(early.to_string().parse(), Ok(early));
        assert!(early.to_string() < late.to_string());
        assert_eq!("2025-11-25T01:00:00+01:00".parse(), Ok(Moment(1_764_028_800_000_000)));
        assert_eq!("2025-11-25".parse::<Moment>(), Err(BadMoment));
    }
}
