//! Writes of one resource: create, replace, modify, remove.

use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;
use serde_json::Value;

use crate::base::id::Id;
use crate::http::desk::Desk;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::route::Carry;
use crate::http::route::Target;
use crate::http::scim::Knock;
use crate::http::scim::ask;
use crate::scim::error::ScimType;
use crate::scim::schema::ResourceType;
use crate::service::Asked;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::service::provision;
use crate::service::provision::Deed;
use crate::service::provision::Order;
use crate::service::search;

/// `POST /{type}`, and `PUT`, `PATCH`, `DELETE` of `/{type}/{id}`
pub async fn write<B>(knock: Knock<'_>, body: B) -> Result<Reply, Problem>
where
    B: Body<Data = Bytes>,
{
    let kind = Arc::clone(knock.matched.kind.ok_or_else(Error::not_found)?);
    let deed = match knock.matched.route.target {
        Target::Replace => Deed::Replace,
        Target::Modify => Deed::Modify,
        Target::Remove => Deed::Remove,
        _ => Deed::Create,
    };
    let id = knock.matched.name.as_deref().unwrap_or_default().to_owned();
    let read = read(&knock, body).await;
    let budget = knock.desk.limits.write_budget;
    let (desk, caller) = (Arc::clone(knock.desk), knock.caller);
    match read {
        Ok((document, asked)) => {
            let order = Order { deed, kind, id, document, asked };
            let run = async move { order.run(Work { ports: &desk.ports, caller: &caller }).await };
            Ok(Reply::of(knock.desk.write(budget, run).await?))
        }
        Err(problem) => Err(refuse(desk, caller, (deed, kind, id), problem).await),
    }
}

/// Everything of the request that can be wrong before the use case is reached.
async fn read<B>(knock: &Knock<'_>, body: B) -> Result<(Value, Asked), Problem>
where
    B: Body<Data = Bytes>,
{
    let asked = ask::change(knock)?;
    if knock.matched.route.carry == Carry::Nothing {
        return Ok((Value::Null, asked));
    }
    Ok((knock.document(body).await?, asked))
}

/// Leaves the event of a refusal. Whether the resource exists comes before what is wrong with
/// the body (idp-clients 8A 39).
async fn refuse(
    desk: Arc<Desk>,
    caller: Caller,
    (deed, kind, id): (Deed, Arc<ResourceType>, String),
    problem: Problem,
) -> Problem {
    let budget = desk.limits.write_budget;
    let at_hand = Arc::clone(&desk);
    let run = async move {
        let work = Work { ports: &at_hand.ports, caller: &caller };
        let mut error = as_error(&problem);
        let mut problem = problem;
        if deed != Deed::Create
            && let Err(missing) = search::read(work, &kind, &id, Asked::default()).await
            && matches!(missing.kind, Kind::NotFound | Kind::Denied)
        {
            problem = Problem::from(Error::new(missing.kind, missing.said.clone()));
            error = missing;
        }
        provision::refused(work, deed.action(), Some(&kind), Id::parse(&id), &error).await?;
        Ok(problem)
    };
    match desk.write(budget, run).await {
        Ok(problem) | Err(problem) => problem,
    }
}

/// The kind that the event of a refusal names.
pub fn as_error(problem: &Problem) -> Error {
    let kind = match (problem.word, problem.status) {
        (Some(word), _) => Kind::Scim(word),
        (None, StatusCode::PAYLOAD_TOO_LARGE) => Kind::TooLarge,
        (None, StatusCode::REQUEST_TIMEOUT) => Kind::Scim(ScimType::InvalidSyntax),
        (None, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => Kind::Busy,
        (None, _) => Kind::Unsupported,
    };
    Error::new(kind, problem.said.clone())
}
