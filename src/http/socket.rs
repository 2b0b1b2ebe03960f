//! The pulse of one socket: when it last did what, so that idle, dribbling and stuck peers can be
//! told apart (HTP-02).
//!
//! hyper has one timer for "no whole head yet", which also runs while a kept-alive socket is
//! idle; we want ten seconds for the one and sixty for the other.
//!
//! On HTTP/1.1 the same wrapper shows every byte to a [`Screen`]: what it holds back the parser
//! never sees, so that no head is read in a way that another server would not share (HTP-01).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;

use crate::base::clock::Clock;
use crate::http::framing::Screen;
use crate::http::limits::Limits;

/// "It is not happening."
const NEVER: u64 = u64::MAX;

/// Stands in for what the screen held back: a byte that is an error wherever a head, the size of
/// a chunk or the end of one is read, and is answered with 400 and a close.
const POISON: u8 = 0;

/// What is known of a socket. Instants are milliseconds of the monotonic clock.
pub struct Pulse {
    clock: Arc<dyn Clock>,
    in_work: AtomicUsize,
    idle_since: AtomicU64,
    head_since: AtomicU64,
    stuck_since: AtomicU64,
}

/// What is to be done about a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Look again after this time.
    Wait(Duration),
    /// Say goodbye politely.
    Idle,
    /// Close it.
    Cut,
}

impl Pulse {
    /// A socket that was opened now. On HTTP/1.1 its first head is due at once.
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        let now = AtomicU64::new(millis(clock.ticks()));
        Arc::new(Self {
            clock,
            in_work: AtomicUsize::new(0),
            idle_since: now,
            head_since: AtomicU64::new(NEVER),
            stuck_since: AtomicU64::new(NEVER),
        })
    }

    /// A request has come in whole; counted out when the guard is dropped.
    pub fn working(self: &Arc<Self>) -> Working {
        self.in_work.fetch_add(1, Ordering::AcqRel);
        self.head_since.store(NEVER, Ordering::Release);
        Working(Arc::clone(self))
    }

    /// Judges the socket. `heads` tells whether bytes between requests are the head of the next
    /// one, as on HTTP/1.1; on HTTP/2 they may be pings.
    pub fn judge(&self, limits: &Limits, heads: bool) -> Verdict {
        let now = millis(self.clock.ticks());
        let left = |since: &AtomicU64, most: Duration| {
            let since = since.load(Ordering::Acquire);
            if since == NEVER {
                return Some(most);
            }
            let spent = Duration::from_millis(now.saturating_sub(since));
            most.checked_sub(spent).filter(|left| !left.is_zero())
        };
        let Some(stuck) = left(&self.stuck_since, limits.write_stall) else {
            return Verdict::Cut;
        };
        if self.in_work.load(Ordering::Acquire) > 0 {
            return Verdict::Wait(stuck.min(limits.idle));
        }
        let head = match left(&self.head_since, limits.header_read) {
            _ if !heads => limits.idle,
            Some(left) => left,
            None => return Verdict::Cut,
        };
        match left(&self.idle_since, limits.idle) {
            Some(idle) => Verdict::Wait(stuck.min(head).min(idle)),
            None => Verdict::Idle,
        }
    }

    fn read(&self) {
        if self.in_work.load(Ordering::Acquire) == 0
            && self.head_since.load(Ordering::Acquire) == NEVER
        {
            self.head_since.store(millis(self.clock.ticks()), Ordering::Release);
        }
    }

    fn wrote<T>(&self, outcome: &Poll<io::Result<T>>) {
        match (outcome, self.stuck_since.load(Ordering::Acquire)) {
            (Poll::Pending, NEVER) => {
                self.stuck_since.store(millis(self.clock.ticks()), Ordering::Release);
            }
            (Poll::Pending, _) | (_, NEVER) => {}
            (Poll::Ready(_), _) => self.stuck_since.store(NEVER, Ordering::Release),
        }
    }
}

/// A request in work on a socket.
pub struct Working(Arc<Pulse>);

impl std::fmt::Debug for Working {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Working")
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.idle_since.store(millis(self.0.clock.ticks()), Ordering::Release);
        self.0.in_work.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A stream whose reads and writes are felt by a pulse.
pub struct Watched<S> {
    stream: S,
    pulse: Arc<Pulse>,
    screen: Option<Screen>,
}

impl<S> Watched<S> {
    /// Lets `pulse` feel `stream`. A `screen` holds back what it refuses; after that the stream
    /// reads as if the peer had ended it.
    pub fn new(stream: S, pulse: Arc<Pulse>, screen: Option<Screen>) -> Self {
        Self { stream, pulse, screen }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.screen.as_ref().is_some_and(Screen::refused) {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.pulse.read();
            if let Some(screen) = &mut self.screen {
                hold_back(screen, buffer, before);
            }
        }
        outcome
    }
}

/// Takes out of the buffer what the screen does not let pass of the bytes after `before`. The
/// stand-in has room: at least one byte is taken out.
fn hold_back(screen: &mut Screen, buffer: &mut ReadBuf<'_>, before: usize) {
    let passed = screen.pass(buffer.filled().get(before..).unwrap_or_default());
    if screen.refused() {
        buffer.set_filled(before.saturating_add(passed));
        buffer.put_slice(&[POISON]);
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.pulse.wrote(&outcome);
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.pulse.wrote(&outcome);
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        self.pulse.wrote(&outcome);
        outcome
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

fn millis(ticks: Duration) -> u64 {
    u64::try_from(ticks.as_millis()).unwrap_or(NEVER - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::FixedClock;
    use crate::base::clock::Moment;

    #[test]
    fn htp02_dribbling_heads_idle_sockets_and_stuck_answers_are_told_apart() {
        let clock = Arc::new(FixedClock::at(Moment(1_764_028_800_000_000)));
        let limits = Limits::default();
        let pulse = Pulse::new(Arc::<FixedClock>::clone(&clock));
        let second = |n| clock.advance(Duration::from_secs(n));
        assert_eq!(pulse.judge(&limits, true), Verdict::Wait(Duration::from_secs(10)));
        pulse.read();
        second(9);
        pulse.read();
        assert_eq!(pulse.judge(&limits, true), Verdict::Wait(Duration::from_secs(1)));
        second(1);
        assert_eq!(pulse.judge(&limits, true), Verdict::Cut);
        assert_eq!(pulse.judge(&limits, false), Verdict::Wait(Duration::from_secs(10)));
        let working = pulse.working();
        second(100);
        assert_eq!(pulse.judge(&limits, true), Verdict::Wait(Duration::from_secs(10)));
        pulse.wrote(&Poll::<io::Result<usize>>::Pending);
        second(10);
        assert_eq!(pulse.judge(&limits, true), Verdict::Cut);
        pulse.wrote(&Poll::Ready(Ok(1_usize)));
        drop(working);
        second(59);
        assert_eq!(pulse.judge(&limits, true), Verdict::Wait(Duration::from_secs(1)));
        second(1);
        assert_eq!(pulse.judge(&limits, true), Verdict::Idle);
    }
}
