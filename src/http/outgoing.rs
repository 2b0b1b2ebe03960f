//! The body of an answer on its way out: whole, or as its parts are made.
//!
//! What is made while it goes out has no length; HTTP says at its end that it was the end. When
//! something goes wrong before that, the body is an error, and the connection (on HTTP/2 the
//! stream) breaks: half a file never looks whole.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::SizeHint;
use tokio::sync::mpsc;

use crate::http::flight::Flight;
use crate::http::socket::Working;

/// Parts that may wait for the socket.
const AHEAD: usize = 2;

/// A message from whoever makes the parts.
#[derive(Debug)]
pub enum Part {
    /// Bytes.
    Bytes(Bytes),
    /// There are no more, and all went well.
    End,
}

/// What follows the first part of a body.
#[derive(Debug)]
pub struct Rest {
    parts: mpsc::Receiver<Part>,
    flight: Option<Flight>,
}

impl Rest {
    /// A rest, and where its parts are put in.
    pub fn new() -> (mpsc::Sender<Part>, Self) {
        let (tell, parts) = mpsc::channel(AHEAD);
        (tell, Self { parts, flight: None })
    }

    /// Counts the parts among the answers that wait to be taken (F19).
    #[must_use]
    pub fn counted(self, flight: Flight) -> Self {
        Self { flight: Some(flight), ..self }
    }
}

/// The maker of a body stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer broke off")]
pub struct Broken;

/// The body of an answer.
#[derive(Debug)]
pub struct Outgoing {
    first: Option<Bytes>,
    rest: Option<Rest>,
    #[expect(dead_code, reason = "held for what dropping it does")]
    working: Option<Working>,
}

impl Outgoing {
    /// `first`, and what follows it.
    pub fn new(first: Bytes, rest: Option<Rest>) -> Self {
        let first = Some(first).filter(|first| !first.is_empty());
        Self { first, rest, working: None }
    }

    /// Keeps the socket busy until the body is out, if it is one that is made meanwhile.
    #[must_use]
    pub fn keeping(self, working: Working) -> Self {
        let working = Some(working).filter(|_| self.rest.is_some());
        Self { working, ..self }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        match rest.parts.poll_recv(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Part::Bytes(bytes))) => {
                let bytes = match &rest.flight {
                    Some(flight) => flight.carry(bytes),
                    None => bytes,
                };
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(Some(Part::End)) => {
                self.rest = None;
                Poll::Ready(None)
            }
            Poll::Ready(None) => Poll::Ready(Some(Err(Broken))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().map_or(0, Bytes::len);
        let first = u64::try_from(first).unwrap_or(u64::MAX);
        if self.rest.is_none() {
            return SizeHint::with_exact(first);
        }
        let mut hint = SizeHint::new();
        hint.set_lower(first);
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn a_body_whose_maker_stops_is_an_error_and_one_that_ends_is_whole() {
        let (tell, rest) = Rest::new();
        tell.send(Part::Bytes(Bytes::from_static(b"b"))).await.unwrap();
        tell.send(Part::End).await.unwrap();
        let body = Outgoing::new(Bytes::from_static(b"a"), Some(rest));
        assert!(!body.is_end_stream() && body.size_hint().exact().is_none());
        assert_eq!(body.collect().await.unwrap().to_bytes(), "ab");
        let (tell, rest) = Rest::new();
        tell.send(Part::Bytes(Bytes::from_static(b"b"))).await.unwrap();
        drop(tell);
        let body = Outgoing::new(Bytes::from_static(b"a"), Some(rest));
        assert_eq!(body.collect().await.unwrap_err(), Broken);
        let whole = Outgoing::new(Bytes::from_static(b"abc"), None);
        assert_eq!(whole.size_hint().exact(), Some(3));
    }
}
