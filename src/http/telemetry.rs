//! The door of the monitoring: counters and health over plain HTTP, meant for loopback only.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::http::gateway::Gateway;
use crate::http::health;
use crate::http::listener::Stop;
use crate::http::listener::stopped;
use crate::http::outgoing::Outgoing;
use crate::http::reply::Media;

/// Sockets at the same time; monitoring needs few, and health is kept apart from the crowd
/// (HTP-06).
const SOCKETS: usize = 16;

/// How long a socket may stay.
const LONGEST: Duration = Duration::from_secs(60);

/// Serves `/metrics`, `/healthz` and `/readyz` until `stop`.
pub async fn serve(listener: TcpListener, gateway: Arc<Gateway>, mut stop: Stop) {
    let places = Arc::new(Semaphore::new(SOCKETS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => return,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        tokio::spawn(converse(Arc::clone(&gateway), stream, place));
    }
}

async fn converse(gateway: Arc<Gateway>, stream: TcpStream, place: OwnedSemaphorePermit) {
    let _place = place;
    let answer = service_fn(move |request| {
        let response = answer(&gateway, &request);
        async move { Ok::<_, Infallible>(response) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10));
    let conversation = builder.serve_connection(TokioIo::new(stream), answer);
    // The peer may leave as it likes.
    let _ = tokio::time::timeout(LONGEST, conversation).await;
}

fn answer(gateway: &Gateway, request: &Request<Incoming>) -> Response<Outgoing> {
    let known = matches!(*request.method(), Method::GET | Method::HEAD);
    match request.uri().path() {
        "/metrics" if known => {
            let mut response = Response::new(Outgoing::new(gateway.metrics().text().into(), None));
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            response
        }
        "/healthz" if known => health::alive().finish(None, Media::Json, false),
        "/readyz" if known => health::ready(gateway.ready()).finish(None, Media::Json, false),
        _ => {
            let mut response = Response::new(Outgoing::new(Bytes::new(), None));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}
