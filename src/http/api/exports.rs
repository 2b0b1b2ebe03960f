//! The five exports, as files that are made while they go out.
//!
//! A small one is whole before it leaves and says its length. A larger one leaves in parts that a
//! task makes, no more than two ahead of the socket. It has no time limit but that of the socket,
//! whose peer must take something every few seconds; few run at once.

use std::sync::Arc;

use hyper::StatusCode;
use tokio::sync::OwnedSemaphorePermit;

use crate::domain::report::kind::Kind;
use crate::http::api::Answered;
use crate::http::api::Request;
use crate::http::desk::Desk;
use crate::http::outgoing::Part;
use crate::http::outgoing::Rest;
use crate::http::problem::Problem;
use crate::http::reply::Media;
use crate::http::reply::Reply;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::export::Ask;
use crate::service::export::Bundle;
use crate::service::export::Taking;

/// `GET /organizations/{id}/exports/{kind}`
pub fn one(request: Request<'_>) -> Answered<'_> {
    Box::pin(async move {
        let kind = kind(&request)?;
        let place = place(&request)?;
        let ask = ask(&request, kind, request.above());
        let taking = Taking::open(request.work(), &ask).await?;
        let named = (Media::Csv, taking.name());
        send(&request, named, Source::One(Box::new(taking)), place).await
    })
}

/// `GET /exports/{kind}`
pub fn several(request: Request<'_>) -> Answered<'_> {
    Box::pin(async move {
        let kind = kind(&request)?;
        let place = place(&request)?;
        let named = request.asked.text("organizations").unwrap_or_default();
        let named: Vec<&str> =
            named.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
        let ask = ask(&request, kind, "");
        let bundle = Bundle::open(request.work(), kind, &named, ask).await?;
        let named = (Media::Zip, bundle.name());
        send(&request, named, Source::Several(Box::new(bundle)), place).await
    })
}

fn kind(request: &Request<'_>) -> Result<Kind, Error> {
    Kind::parse(request.name()).ok_or_else(|| {
        let words = Kind::ALL.map(Kind::word).join(", ");
        Error::new(ErrorKind::NotFound, format!("There is no such export. There are {words}."))
    })
}

fn ask(request: &Request<'_>, kind: Kind, organization: &str) -> Ask {
    let (at, mark) = (request.asked.instant("asOf"), request.asked.flag("bom"));
    Ask { kind, organization: organization.to_owned(), at, mark }
}

/// A place among the exports that run at once.
fn place(request: &Request<'_>) -> Result<OwnedSemaphorePermit, Problem> {
    let places = Arc::clone(&request.knock.desk.exports);
    places.try_acquire_owned().map_err(|_| {
        Problem::busy("As many exports as can be taken at once are being taken. Try again shortly.")
    })
}

/// Where the bytes come from.
enum Source {
    One(Box<Taking>),
    Several(Box<Bundle>),
}

impl Source {
    async fn next(&mut self, work: Work<'_>) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::One(taking) => taking.next(work).await,
            Self::Several(bundle) => bundle.next(work).await,
        }
    }

    fn is_whole(&self) -> bool {
        match self {
            Self::One(taking) => taking.summary().is_some(),
            Self::Several(bundle) => bundle.is_whole(),
        }
    }
}

async fn send(
    request: &Request<'_>,
    (media, name): (Media, String),
    mut source: Source,
    place: OwnedSemaphorePermit,
) -> Result<Reply, Problem> {
    let first = source.next(request.work()).await?.unwrap_or_default();
    let mut reply = Reply::new(StatusCode::OK, first);
    reply.fields.media = Some(media);
    reply.fields.file = Some(name);
    if !source.is_whole() {
        let (tell, rest) = Rest::new();
        let (desk, caller) = (Arc::clone(request.knock.desk), request.knock.caller.clone());
        tokio::spawn(async move {
            make((desk, caller), source, &tell).await;
            drop(place);
        });
        reply.rest = Some(rest);
    }
    Ok(reply)
}

/// Makes the parts until the last, until it fails, or until nobody takes them any more. Only
/// after the last the reader is told that it was the last.
async fn make(
    (desk, caller): (Arc<Desk>, Caller),
    mut source: Source,
    tell: &tokio::sync::mpsc::Sender<Part>,
) {
    let work = Work { ports: &desk.ports, caller: &caller };
    loop {
        let part = match source.next(work).await {
            Ok(Some(bytes)) => Part::Bytes(bytes.into()),
            Ok(None) => Part::End,
            Err(error) => {
                Problem::from(error).log(Some(caller.request));
                return;
            }
        };
        let last = matches!(part, Part::End);
        if tell.send(part).await.is_err() || last {
            return;
        }
    }
}
