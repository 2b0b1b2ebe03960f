//! The accept loop: sockets, handshakes, protocol limits, and an orderly end (F18).

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::base::clock::Clock;
use crate::http::framing::Screen;
use crate::http::gateway::Gateway;
use crate::http::limits;
use crate::http::socket::Pulse;
use crate::http::socket::Verdict;
use crate::http::socket::Watched;

/// How long a socket that was told goodbye may take to leave.
const GOODBYE: Duration = Duration::from_secs(5);

/// How long accepting rests after the system had no descriptor for us (F09).
const REST: Duration = Duration::from_millis(100);

/// Turns true once, when the server is to stop. A sender that is gone means stop too.
pub type Stop = watch::Receiver<bool>;

/// Waits for the stop.
pub async fn stopped(stop: &mut Stop) {
    // An error means that the sender is gone, which is a stop.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Serves until `stop`, then lets open sockets finish for as long as the limits say. Writes
/// that are still in work after that are waited for with [`Gateway::drain`].
pub async fn serve(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    tls: Arc<ServerConfig>,
    clock: Arc<dyn Clock>,
    mut stop: Stop,
) {
    let most = gateway.limits().sockets;
    let places = Arc::new(Semaphore::new(most));
    let acceptor = TlsAcceptor::from(tls);
    loop {
        let next = tokio::select! {
            next = next(&listener, &places) => next,
            () = stopped(&mut stop) => break,
        };
        let (stream, peer, place) = match next {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(cause = %error, "no socket could be accepted");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let guest = Guest {
            gateway: Arc::clone(&gateway),
            pulse: Pulse::new(Arc::clone(&clock)),
            peer,
            stop: stop.clone(),
        };
        tokio::spawn(guest.welcome(acceptor.clone(), stream, place));
    }
    drop(listener);
    gateway.stop();
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    let gone = places.acquire_many(all);
    if tokio::time::timeout(gateway.limits().drain, gone).await.is_err() {
        tracing::warn!("some sockets were still open at the end of the time to finish");
    }
}

/// The next socket, once there is a place for it.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

/// One socket and whoever is at its other end.
struct Guest {
    gateway: Arc<Gateway>,
    pulse: Arc<Pulse>,
    peer: SocketAddr,
    stop: Stop,
}

impl Guest {
    async fn welcome(self, acceptor: TlsAcceptor, stream: TcpStream, place: OwnedSemaphorePermit) {
        let _place = place;
        let gateway = Arc::clone(&self.gateway);
        let _counted = Counted::new(&gateway);
        // A socket without the option is slower, not wrong.
        let _ = stream.set_nodelay(true);
        let handshake = tokio::time::timeout(gateway.limits().handshake, acceptor.accept(stream));
        match handshake.await {
            Ok(Ok(stream)) => self.converse(stream).await,
            Ok(Err(_)) | Err(_) => gateway.metrics().handshake_failed(),
        }
    }

    /// Speaks the protocol that the handshake settled on; without one, HTTP/1.1.
    async fn converse(self, stream: TlsStream<TcpStream>) {
        let second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let screen = (!second).then(Screen::default);
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&self.pulse), screen));
        // One handle of this socket's own: those of the gateway are counted where every processor
        // would have to write for each request.
        let (own, pulse) = (Arc::new((Arc::clone(&self.gateway), self.peer)), self.pulse.clone());
        let answer = service_fn(move |request: Request<Incoming>| {
            let working = pulse.working();
            let answer = answered(Arc::clone(&own), request);
            async move {
                let response = answer.await;
                drop(working);
                response
            }
        });
        if second {
            let conversation = pin!(protocol2().serve_connection(io, answer));
            self.attend(conversation, false, |it| it.graceful_shutdown()).await;
        } else {
            let conversation = pin!(protocol1().serve_connection(io, answer));
            self.attend(conversation, true, |it| it.graceful_shutdown()).await;
        }
    }

    /// Drives a conversation to its end, with an eye on its pulse and on the stop.
    async fn attend<C: Future>(
        mut self,
        mut conversation: Pin<&mut C>,
        heads: bool,
        goodbye: impl Fn(Pin<&mut C>),
    ) {
        loop {
            let wait = match self.pulse.judge(self.gateway.limits(), heads) {
                Verdict::Wait(wait) => wait,
                Verdict::Idle => break,
                Verdict::Cut => return,
            };
            tokio::select! {
                _ = conversation.as_mut() => return,
                () = tokio::time::sleep(wait) => {}
                () = stopped(&mut self.stop) => break,
            }
        }
        goodbye(conversation.as_mut());
        let patience = match *self.stop.borrow() {
            true => self.gateway.limits().drain,
            false => GOODBYE,
        };
        // Whether it left in time or not, it is over.
        let _ = tokio::time::timeout(patience, conversation).await;
    }
}

/// Answers a request. What may change something is begun at once and answered apart from its
/// socket: a protocol drops its requests as soon as it sees that the peer is gone, be it before
/// anybody looked at them. A read is dropped with the socket. An error ends the conversation.
fn answered(
    own: Own,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Full<Bytes>>, JoinError>> {
    let begun = if request.method().is_safe() || request.uri().path().ends_with("/.search") {
        Begun::Here(own, request)
    } else {
        Begun::Apart(tokio::spawn(async move { own.0.handle(request, own.1).await }))
    };
    async move {
        match begun {
            Begun::Here(own, request) => Ok(own.0.handle(request, own.1).await),
            Begun::Apart(answer) => answer.await,
        }
    }
}

/// What the requests of one socket share: the gateway, and who is at the other end.
type Own = Arc<(Arc<Gateway>, SocketAddr)>;

/// Where a request is answered.
#[expect(clippy::large_enum_variant, reason = "it is a part of the future of its request")]
enum Begun {
    Here(Own, Request<Incoming>),
    Apart(JoinHandle<Response<Full<Bytes>>>),
}

/// HTTP/1.1. Its heads are timed by the pulse; hyper's own count limit of 100 fields holds.
fn protocol1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(None);
    builder.max_buf_size(2 * limits::LARGEST_HEADER_BLOCK);
    builder
}

/// HTTP/2 with the limits of security.md section 1 (HTP-03).
fn protocol2() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::MOST_STREAMS)
        .max_send_buf_size(limits::SEND_BUFFER)
        .max_pending_accept_reset_streams(limits::MOST_PENDING_RESETS)
        .max_local_error_reset_streams(limits::MOST_LOCAL_RESETS)
        .max_header_list_size(limits::LARGEST_HEADER_LIST)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

/// An open socket in the gauge.
struct Counted<'a>(&'a Gateway);

impl<'a> Counted<'a> {
    fn new(gateway: &'a Gateway) -> Self {
        gateway.metrics().socket_opened();
        Self(gateway)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.metrics().socket_closed();
    }
}

#[cfg(test)]
mod tests;
