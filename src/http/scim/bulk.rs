//! The door for many operations in one request (RFC 7644 §3.7).
//!
//! Here the body is read and held against the limits, and the results are written down. The
//! order of operations, promised identifiers and rehearsals belong to `service/provision/bulk`.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::http::limits;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::scim::Knock;
use crate::http::scim::ask;
use crate::http::scim::write::as_error;
use crate::scim::bulk::BULK_RESPONSE;
use crate::scim::bulk::Request;
use crate::service::Action;
use crate::service::Door;
use crate::service::Error;
use crate::service::Work;
use crate::service::provision;
use crate::service::provision::bulk::Outcome;

/// `POST /Bulk`
pub async fn bulk<B>(mut knock: Knock<'_>, body: B) -> Result<Reply, Problem>
where
    B: Body<Data = Bytes>,
{
    knock.caller.door = Door::Bulk;
    let read = read(&knock, body).await;
    let limits = &knock.desk.limits;
    let budget = limits.bulk_budget;
    let patience = budget.saturating_add(limits.write_budget);
    let (desk, caller) = (Arc::clone(knock.desk), Arc::new(knock.caller));
    match read {
        Ok(request) => {
            let run = async move {
                let (ports, id) = (Arc::clone(&desk.ports), caller.request);
                let show = |outcome| result(outcome, id);
                Ok(provision::bulk::run((ports, caller), request, budget, show).await)
            };
            let results = knock.desk.write(patience, run).await?;
            let response = json!({"schemas": [BULK_RESPONSE], "Operations": results});
            Ok(Reply::new(StatusCode::OK, response.to_string()))
        }
        Err(problem) => {
            let error = as_error(&problem);
            let run = async move {
                let work = Work { ports: &desk.ports, caller: &caller };
                provision::refused(work, Action::Modify, None, None, &error).await
            };
            knock.desk.write(patience, run).await?;
            Err(problem)
        }
    }
}

/// Reads the request and holds it against the limits before any operation runs (BLK-29).
async fn read<B>(knock: &Knock<'_>, body: B) -> Result<Request, Problem>
where
    B: Body<Data = Bytes>,
{
    ask::now(knock)?;
    let document = knock.document(body).await?;
    let mut tolerance = knock.caller.tolerance();
    let request = Request::read(document, &mut tolerance).map_err(Error::from)?;
    knock.work().count(&mut tolerance);
    let count = request.operations.len();
    if count > limits::MOST_OPERATIONS {
        let most = limits::MOST_OPERATIONS;
        let said = format!("A bulk request may have {most} operations. Send the rest in another.");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, said));
    }
    // The request itself is paid for; each further operation counts like a request.
    let more = u32::try_from(count).unwrap_or(u32::MAX).saturating_sub(1);
    if let Some(more) = NonZeroU32::new(more) {
        knock.desk.keeper.charge(knock.payer, more)?;
    }
    Ok(request)
}

/// One of the `Operations` of a BulkResponse (RFC 7644 §3.7.3). Bodies are shown for failures
/// only. The causes of a fault of ours go to the log.
fn result(outcome: Outcome, request: Id) -> Value {
    let Outcome { method, bulk_id, location, done } = outcome;
    let mut result = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        value.map(|value| result.insert(name.into(), value));
    };
    put("method", method.map(|method| method.word().into()));
    put("bulkId", bulk_id.map(Value::from));
    put("location", location.map(Value::from));
    match done {
        Ok(answer) => {
            put("version", answer.etag.clone().map(Value::from));
            put("status", Some(Reply::of(answer).status.as_str().into()));
        }
        Err(error) => {
            let problem = Problem::from(error);
            problem.log(Some(request));
            put("status", Some(problem.status.as_str().into()));
            put("response", Some(serde_json::from_slice(&problem.body()).unwrap_or_default()));
        }
    }
    Value::Object(result)
}
