//! Who is knocking: one bearer token, throttled failures, a fair share of requests.
//!
//! The registry is asked before any throttle: a live token is never refused because somebody
//! else guesses from the same address (AUT-08). No token text is kept or logged.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::Quota;
use governor::RateLimiter;
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use crate::base::clock::Clock;
use crate::base::id::Id;
use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::http::query;
use crate::scim::quirks::Quirk;
use crate::service::Identity;
use crate::service::Ports;
use crate::service::access;
use crate::service::access::Credential;
use crate::service::oddities;

/// How many characters of a wrong token tell guessers apart (AUT-08).
const BEGINNING: usize = 8;

/// What a field that holds no token counts as.
const MALFORMED: &str = " ";

/// A throttle of one kind of key, on our clock.
type Throttle<K> = RateLimiter<K, DashMapStateStore<K>, Ticks, NoOpMiddleware<Duration>>;

/// The keeper of the door.
pub struct Keeper {
    ticks: Ticks,
    failures: Throttle<(IpAddr, [u8; BEGINNING])>,
    failures_by_address: Throttle<IpAddr>,
    requests: Throttle<Id>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

impl Keeper {
    /// A keeper with empty throttles.
    pub fn new(limits: &Limits, clock: Arc<dyn Clock>) -> Self {
        let ticks = Ticks(clock);
        let failing = Quota::per_minute(at_least_one(limits.failures_per_minute))
            .allow_burst(at_least_one(limits.failure_burst));
        let many = |number: u32| at_least_one(number.saturating_mul(4));
        let failing_by_address = Quota::per_minute(many(limits.failures_per_minute))
            .allow_burst(many(limits.failure_burst));
        let fair = Quota::per_second(at_least_one(limits.requests_per_second))
            .allow_burst(at_least_one(limits.request_burst));
        Self {
            failures: RateLimiter::dashmap_with_clock(failing, ticks.clone()),
            failures_by_address: RateLimiter::dashmap_with_clock(failing_by_address, ticks.clone()),
            requests: RateLimiter::dashmap_with_clock(fair, ticks.clone()),
            ticks,
        }
    }

    /// Opens to a live credential, or refuses: 401, or 429 after too many wrong tokens.
    pub fn knock(
        &self,
        ports: &Ports,
        headers: &HeaderMap,
        query: Option<&str>,
        from: IpAddr,
    ) -> Result<Credential, Problem> {
        let shown = if query.is_some_and(query::names_a_token) { None } else { presented(headers) };
        let Some(Shown { token, bare }) = shown else {
            // Who shows something that is no token is throttled like who shows a wrong one.
            return Err(match headers.contains_key(AUTHORIZATION) {
                true => self.failed(MALFORMED, from),
                false => Problem::unauthorized(),
            });
        };
        let credential =
            access::authenticate(ports, token).map_err(|_| self.failed(token, from))?;
        let shape = "Authorization: a token alone";
        let fits = !bare || oddities::forgive(ports, &credential.identity, Quirk::BareToken, shape);
        if fits { Ok(credential) } else { Err(self.failed(token, from)) }
    }

    /// Takes `cost` requests out of the share of `who`, or refuses with 429 (ERR-19).
    pub fn charge(&self, who: Id, cost: NonZeroU32) -> Result<(), Problem> {
        let taken = match cost.get() {
            1 => self.requests.check_key(&who),
            _ => match self.requests.check_key_n(&who, cost) {
                Ok(taken) => taken,
                Err(_) => return Err(Problem::too_many(Duration::from_secs(60))),
            },
        };
        taken.map_err(|until| Problem::too_many(until.wait_time_from(self.ticks.now())))
    }

    /// Forgets keys whose throttles are full again, so that guessers cannot fill the memory.
    pub fn sweep(&self) {
        self.failures.retain_recent();
        self.failures_by_address.retain_recent();
        self.requests.retain_recent();
    }

    fn failed(&self, token: &str, from: IpAddr) -> Problem {
        let mut beginning = [0; BEGINNING];
        for (kept, byte) in beginning.iter_mut().zip(token.bytes()) {
            *kept = byte;
        }
        let now = self.ticks.now();
        // The address first, so that ever new beginnings from one place cannot fill the memory.
        // Neither is asked about a live token.
        let by_address = self.failures_by_address.check_key(&from);
        match by_address.and_then(|()| self.failures.check_key(&(from, beginning))) {
            Ok(()) => Problem::unauthorized(),
            Err(until) => Problem::too_many(until.wait_time_from(now)),
        }
    }
}

/// Whose share of requests a credential draws on: its connection's, or the administrator's own.
pub fn payer(credential: &Credential) -> Id {
    match &credential.identity {
        Identity::Connection(connection, _) => connection.id,
        Identity::Administrator(_) => credential.token,
    }
}

/// What an `Authorization` field shows.
struct Shown<'a> {
    token: &'a str,
    /// Without a word before it, which a strict connection may not leave out.
    bare: bool,
}

/// The token of the one `Authorization` field: `Bearer` in any letter case (RFC 9110 §11.1), one
/// space, the token; or the token alone (Okta's header mode, PingOne's empty scheme word).
fn presented(headers: &HeaderMap) -> Option<Shown<'_>> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let text = fields.next()?.to_str().ok()?;
    if fields.next().is_some() {
        return None;
    }
    let (token, bare) = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => (token, false),
        Some(_) => return None,
        None => (text, true),
    };
    let fits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(Shown { token, bare })
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// Our clock, as the throttles read it.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

impl GovernorClock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.ticks()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::FixedClock;
    use crate::base::clock::Moment;
    use hyper::StatusCode;
    use hyper::header::HeaderValue;

    fn shown(fields: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(AUTHORIZATION, HeaderValue::from_static(field));
        }
        presented(&headers)
            .map(|shown| format!("{}{}", shown.token, ["", "!"][usize::from(shown.bare)]))
    }

    #[test]
    fn aut09_exactly_one_well_formed_field_is_read() {
        assert_eq!(shown(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(shown(&["bEARER abc"]).as_deref(), Some("abc"));
        assert_eq!(shown(&["abc"]).as_deref(), Some("abc!"));
        for bad in ["", "Bearer ", "bearer  abc", "Bearer a b", "Basic abc", "Bearer a\tb", " abc"]
        {
            assert_eq!(shown(&[bad]), None, "{bad}");
        }
        assert_eq!(shown(&["Bearer abc", "Bearer abc"]), None);
        assert_eq!(shown(&[]), None);
    }

    #[test]
    fn aut08_guessing_is_throttled_until_time_passes() {
        let clock = Arc::new(FixedClock::at(Moment(1_764_028_800_000_000)));
        let limits = Limits { failures_per_minute: 60, failure_burst: 3, ..Limits::default() };
        let keeper = Keeper::new(&limits, Arc::<FixedClock>::clone(&clock));
        let from = IpAddr::from([192, 0, 2, 7]);
        let status = |token: &str| keeper.failed(token, from).status;
        for _ in 0..3 {
            assert_eq!(status("wg_aaaaa1"), StatusCode::UNAUTHORIZED);
        }
        assert_eq!(status("wg_aaaaa2"), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(status("wg_bbbbb1"), StatusCode::UNAUTHORIZED);
        clock.advance(Duration::from_secs(1));
        assert_eq!(status("wg_aaaaa3"), StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn rfc_err19_a_share_is_used_up_and_comes_back() {
        let clock = Arc::new(FixedClock::at(Moment(1_764_028_800_000_000)));
        let limits = Limits { requests_per_second: 10, request_burst: 4, ..Limits::default() };
        let keeper = Keeper::new(&limits, Arc::<FixedClock>::clone(&clock));
        let (one, three) = (at_least_one(1), at_least_one(3));
        let (mine, other) = (Id([1; 16]), Id([2; 16]));
        assert!(keeper.charge(mine, three).is_ok());
        assert!(keeper.charge(mine, one).is_ok());
        assert_eq!(keeper.charge(mine, one).unwrap_err().fields.retry_after, Some(1));
        assert!(keeper.charge(other, one).is_ok());
        assert!(keeper.charge(other, at_least_one(5)).is_err());
        clock.advance(Duration::from_millis(100));
        assert!(keeper.charge(mine, one).is_ok());
    }
}
