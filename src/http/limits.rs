//! Every limit of the doors, named once (security.md section 1, HTP-05, PRS-04).

use std::time::Duration;

use crate::scim::bulk;

/// The longest request target, in bytes; longer is 414.
pub const LONGEST_TARGET: usize = 8 * 1_024;
/// The most header fields; more is 431.
pub const MOST_HEADERS: usize = 100;
/// The largest header block, in bytes of names and values; larger is 431.
pub const LARGEST_HEADER_BLOCK: usize = 32 * 1_024;
/// The largest body of a request about one resource or a search, in bytes; larger is 413.
pub const LARGEST_BODY: usize = 4 * 1_024 * 1_024;
/// The largest body of a bulk request, in bytes; larger is 413.
pub const LARGEST_BULK: usize = bulk::LARGEST;
/// The most operations in one bulk request; more is 413.
pub const MOST_OPERATIONS: usize = bulk::MOST_OPERATIONS;
/// A body may take its time for this long; then [`SLOWEST_BODY`] counts.
pub const BODY_GRACE: Duration = Duration::from_secs(10);
/// The slowest body, in bytes a second, once [`BODY_GRACE`] is over; slower is 408.
pub const SLOWEST_BODY: u64 = 1_024;
/// The largest frame of a header list that HTTP/2 takes, in bytes.
pub const LARGEST_HEADER_LIST: u32 = 64 * 1_024;
/// Streams that one HTTP/2 connection may hold open.
pub const MOST_STREAMS: u32 = 100;
/// Bytes of one stream's answer that HTTP/2 asks for ahead of the peer's window.
pub const SEND_BUFFER: usize = 64 * 1_024;
/// Streams reset by the peer that may wait to be taken; more ends the connection.
pub const MOST_PENDING_RESETS: usize = 20;
/// Streams reset by us over a peer's faults; more ends the connection.
pub const MOST_LOCAL_RESETS: usize = 1_024;

/// The limits that may be moved: most by a settings file, `in_flight` by tests alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second that one connection (the tenant's, not the socket) may send.
    pub requests_per_second: u32,
    /// Requests that it may send at once after a rest.
    pub request_burst: u32,
    /// Wrong tokens a minute from one address with one beginning.
    pub failures_per_minute: u32,
    /// Wrong tokens at once from one address with one beginning.
    pub failure_burst: u32,
    /// Requests in work at the same time; more are answered 503.
    pub in_work: usize,
    /// Bytes of answers that wait to be taken by their peers; beyond, reads are answered 503.
    pub in_flight: usize,
    /// Open sockets; the next waits to be accepted.
    pub sockets: usize,
    /// How long a read may take.
    pub read_budget: Duration,
    /// How long we wait for a write before we answer 503; the write goes on.
    pub write_budget: Duration,
    /// How long we wait for a bulk request.
    pub bulk_budget: Duration,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a request head may take from its first byte on.
    pub header_read: Duration,
    /// How long a socket may be idle between requests.
    pub idle: Duration,
    /// How long a peer may refuse to take any byte of an answer.
    pub write_stall: Duration,
    /// How long open sockets may finish after a stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: 1_000,
            request_burst: 2_000,
            failures_per_minute: 60,
            failure_burst: 100,
            in_work: 1_024,
            in_flight: 256 * 1_024 * 1_024,
            sockets: 4_096,
            read_budget: Duration::from_secs(2),
            write_budget: Duration::from_secs(5),
            bulk_budget: Duration::from_secs(30),
            handshake: Duration::from_secs(5),
            header_read: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            write_stall: Duration::from_secs(10),
            drain: Duration::from_secs(25),
        }
    }
}
