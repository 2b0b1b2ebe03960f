//! From a request to an answer: one path for the listener and for tests.

use std::any::Any;
use std::future::Future;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Body;
use hyper::http::request::Parts;

use crate::base::id::Id;
use crate::http::auth;
use crate::http::desk::Desk;
use crate::http::flight::Flight;
use crate::http::health;
use crate::http::limits;
use crate::http::limits::Limits;
use crate::http::metrics::Metrics;
use crate::http::problem::Problem;
use crate::http::reply::Media;
use crate::http::reply::Reply;
use crate::http::route;
use crate::http::route::Access;
use crate::http::route::Matched;
use crate::http::route::ROUTES;
use crate::http::route::Sought;
use crate::http::route::Target;
use crate::http::scim;
use crate::http::scim::Knock;
use crate::http::scim::discovery::Discovery;
use crate::scim::quirks::Quirk;
use crate::service::Caller;
use crate::service::Door;
use crate::service::Error;
use crate::service::Ports;
use crate::service::access;
use crate::service::oddities;

/// The gateway: everything behind the listener.
#[derive(Debug)]
pub struct Gateway {
    desk: Arc<Desk>,
    discovery: Discovery,
    metrics: Metrics,
    in_work: Apart<AtomicUsize>,
    flight: Flight,
    stopping: AtomicBool,
}

/// Something that every request writes, apart in memory from what every request reads.
#[derive(Debug)]
#[repr(align(128))]
struct Apart<T>(T);

/// What is learned about a request while it is answered; for the log and the last touches.
#[derive(Debug)]
struct Visit {
    request: Option<Id>,
    row: usize,
    connection: Option<Id>,
    media: Media,
}

impl Gateway {
    /// A gateway over `ports`.
    pub fn new(ports: Arc<Ports>, limits: Limits) -> Arc<Self> {
        let discovery = Discovery::new(&ports.catalogue, &ports.base_url, &ports.settings);
        Arc::new(Self {
            flight: Flight::new(limits.in_flight),
            desk: Arc::new(Desk::new(ports, limits)),
            discovery,
            metrics: Metrics::new(),
            in_work: Apart(AtomicUsize::new(0)),
            stopping: AtomicBool::new(false),
        })
    }

    /// Answers one request. Never fails: what goes wrong is an answer too.
    pub async fn handle<B>(
        self: &Arc<Self>,
        request: Request<B>,
        peer: SocketAddr,
    ) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes>,
    {
        let ports = &self.desk.ports;
        let began = ports.clock.ticks();
        let (head, body) = request.into_parts();
        let id = Id::new(ports.clock.now(), &*ports.entropy).ok();
        let mut visit =
            Visit { request: id, row: ROUTES.len(), connection: None, media: Media::Scim };
        let reply = match caught(self.answer(&mut visit, &head, body, peer)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(problem)) => problem.reply(visit.request),
            Err(panic) => Problem::from(broken(&*panic)).reply(visit.request),
        };
        let status = reply.status;
        if let Some(plan) = reply.plan {
            self.metrics.planned(plan);
        }
        let response = reply.finish(visit.request, visit.media, head.method == Method::HEAD);
        let took = ports.clock.ticks().saturating_sub(began);
        self.metrics.answered(visit.row, status, took);
        log(&visit, &head.method, status, took);
        response
    }

    /// What all faces share; for the listener and the metrics door.
    pub fn limits(&self) -> &Limits {
        &self.desk.limits
    }

    /// The clock that durations of sockets are measured with.
    pub fn ticks(&self) -> Duration {
        self.desk.ports.clock.ticks()
    }

    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Whether the store takes writes and no stop has begun.
    pub fn ready(&self) -> bool {
        !self.stopping.load(Ordering::Acquire) && self.desk.ports.store.ready()
    }

    /// From now on `/readyz` says no. Requests are still answered.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Waits until every write that was begun has ended, for `most`. How many still are at work.
    pub async fn drain(&self, most: Duration) -> usize {
        self.desk.drain(most).await
    }

    /// Forgets idle throttles; a duty, once a minute.
    pub fn sweep(&self) {
        self.desk.keeper.sweep();
    }

    async fn answer<B>(
        self: &Arc<Self>,
        visit: &mut Visit,
        head: &Parts,
        body: B,
        peer: SocketAddr,
    ) -> Result<Reply, Problem>
    where
        B: Body<Data = Bytes>,
    {
        check_size(head)?;
        let ports = &self.desk.ports;
        let sought = route::seek(&head.method, head.uri.path(), &ports.catalogue);
        if let Sought::Found(matched) = &sought {
            visit.row = matched.row;
        }
        if let Some(reply) = self.public(visit, &sought, head)? {
            return Ok(reply);
        }
        let _place = Place::take(&self.in_work.0, self.desk.limits.in_work)?;
        let credential =
            match self.desk.keeper.knock(ports, &head.headers, head.uri.query(), peer.ip()) {
                Ok(credential) => credential,
                Err(problem) => {
                    return Err(Box::pin(self.turned_away(visit, head, problem, peer)).await);
                }
            };
        let payer = auth::payer(&credential);
        visit.connection = Some(payer);
        let caller = Caller {
            identity: credential.identity,
            token: credential.token,
            door: Door::Scim,
            request: visit.request.ok_or_else(|| Problem::from(no_chance()))?,
            source: Some(peer.ip()),
        };
        if caller.connection().is_some_and(|connection| connection.plain_json) {
            visit.media = Media::Json;
        }
        self.desk.keeper.charge(payer, NonZeroU32::MIN)?;
        match sought {
            Sought::Found(_) if !self.slashes(&caller, head.uri.path()) => {
                Err(Error::not_found().into())
            }
            Sought::Found(matched) => {
                let target = matched.route.target;
                self.flight.admit(target)?;
                let knock = Knock { desk: &self.desk, caller, matched, head, payer };
                let ready = match target {
                    Target::Read => scim::read::ready(&knock)?,
                    _ => None,
                };
                let mut reply = match ready {
                    Some(reply) => reply,
                    None => self.dispatch(knock, body).await?,
                };
                reply.body = self.flight.board(target, reply.body)?;
                Ok(reply)
            }
            Sought::Asked(verbs, _) => Ok(options(verbs)),
            Sought::Unfit(verbs) => Err(Problem::unfit(verbs)),
            Sought::Version => Err(Problem::version()),
            Sought::Nothing => Err(Error::not_found().into()),
        }
    }

    /// Whether the slashes of a path are as they should be, or forgiven.
    fn slashes(&self, caller: &Caller, path: &str) -> bool {
        let forgiven =
            |shape| oddities::forgive(&self.desk.ports, &caller.identity, Quirk::OddSlash, shape);
        !route::has_odd_slash(path) || forgiven("path: doubled or trailing slash")
    }

    /// Keeps the event of a sign-in that was refused. Throttled guesses leave none, so that a
    /// guesser cannot fill the store; a store that takes no events does not open the door.
    async fn turned_away(
        &self,
        visit: &Visit,
        head: &Parts,
        problem: Problem,
        peer: SocketAddr,
    ) -> Problem {
        let shown = head.headers.contains_key(hyper::header::AUTHORIZATION);
        let refused = problem.status == StatusCode::UNAUTHORIZED;
        if let Some(request) = visit.request.filter(|_| shown && refused) {
            let source = peer.ip().to_string();
            if let Err(error) = access::refused(&self.desk.ports, request, source).await {
                tracing::warn!(cause = %error, "a refused sign-in left no event");
            }
        }
        problem
    }

    /// Answers what anyone may ask.
    fn public(
        &self,
        visit: &mut Visit,
        sought: &Sought<'_>,
        head: &Parts,
    ) -> Result<Option<Reply>, Problem> {
        let target = match sought {
            Sought::Found(Matched { route, .. }) if route.access == Access::Public => route.target,
            Sought::Asked(verbs, Access::Public) => return Ok(Some(options(*verbs))),
            _ => return Ok(None),
        };
        if target == Target::Configuration {
            return self.discovery.configuration(head.uri.query()).map(Some);
        }
        visit.media = Media::Json;
        let ready = target == Target::Ready;
        Ok(Some(if ready { health::ready(self.ready()) } else { health::alive() }))
    }

    async fn dispatch<B>(&self, knock: Knock<'_>, body: B) -> Result<Reply, Problem>
    where
        B: Body<Data = Bytes>,
    {
        // What is large while it waits has a box, so that the commonest read does not carry the
        // room for it about.
        match knock.matched.route.target {
            Target::Read => scim::read::one(knock).await,
            Target::List => scim::read::list(knock).await,
            Target::Search => Box::pin(scim::read::search(knock, body)).await,
            Target::Create | Target::Replace | Target::Modify | Target::Remove => {
                Box::pin(scim::write::write(knock, body)).await
            }
            Target::Bulk => Box::pin(scim::bulk::bulk(knock, body)).await,
            Target::Schemas | Target::Schema | Target::ResourceTypes | Target::ResourceType => {
                self.discovery.answer(&knock)
            }
            Target::Configuration => self.discovery.configuration(knock.head.uri.query()),
            Target::Me => {
                let said = "There is no /Me here: a provisioning client is not a person.";
                Err(Problem::new(StatusCode::NOT_IMPLEMENTED, said))
            }
            Target::Alive => Ok(health::alive()),
            Target::Ready => Ok(health::ready(self.ready())),
        }
    }
}

/// The size of the head, which HTTP/2 bounds more loosely (HTP-05).
fn check_size(head: &Parts) -> Result<(), Problem> {
    let uri = &head.uri;
    let target = uri.path().len().saturating_add(uri.query().map_or(0, |query| query.len() + 1));
    if target > limits::LONGEST_TARGET {
        let said = "The request target is longer than the limit of 8192 bytes. Use .search.";
        return Err(Problem::new(StatusCode::URI_TOO_LONG, said));
    }
    let block: usize =
        head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if head.headers.len() > limits::MOST_HEADERS || block > limits::LARGEST_HEADER_BLOCK {
        let said = "The header is larger than the limit of 100 fields and 32768 bytes.";
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, said));
    }
    Ok(())
}

fn options(verbs: route::Verbs) -> Reply {
    let mut reply = Reply::new(StatusCode::NO_CONTENT, Bytes::new());
    reply.fields.allow = Some(verbs.allow());
    reply
}

fn no_chance() -> Error {
    Error::internal("no request id could be drawn")
}

/// One of the places for requests in work (F19).
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(in_work: &'a AtomicUsize, most: usize) -> Result<Self, Problem> {
        let place = Self(in_work);
        if in_work.fetch_add(1, Ordering::AcqRel) >= most {
            return Err(Problem::busy("Too many requests are in work. Try again shortly."));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Runs `work` and turns a panic into a value, so that one request fails and no other (F20).
async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut work = pin!(work);
    poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

fn broken(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Error::internal(format!("a handler panicked: {}", text.unwrap_or_default()))
}

/// One line per request: nothing that a caller sent, but the method if it is a known one
/// (LOG-01, FLT-09).
fn log(visit: &Visit, method: &Method, status: StatusCode, took: Duration) {
    tracing::info!(
        target: "wardgate::access",
        method = known(method),
        route = ROUTES.get(visit.row).map_or("none", |route| route.name),
        status = status.as_u16(),
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        request = visit.request.map(tracing::field::display),
        connection = visit.connection.map(tracing::field::display),
        "answered"
    );
}

fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn f20_a_panic_becomes_a_value() {
        assert_eq!(caught(async { 7 }).await.ok(), Some(7));
        let panic = caught::<()>(async { panic!("a test asks for it") }).await;
        let error = broken(&*panic.unwrap_err());
        assert!(!error.said.contains("test"));
        assert!(error.source.unwrap().to_string().contains("a test asks for it"));
    }

    #[test]
    fn f19_places_are_limited_and_given_back() {
        let in_work = AtomicUsize::new(0);
        let first = Place::take(&in_work, 1).unwrap();
        assert_eq!(Place::take(&in_work, 1).err().unwrap().status.as_u16(), 503);
        drop(first);
        assert!(Place::take(&in_work, 1).is_ok());
    }
}
