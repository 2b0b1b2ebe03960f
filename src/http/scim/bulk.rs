//! Many operations in one request (RFC 7644 §3.7).
//!
//! Each operation goes the way of a single request, through another door. What an operation
//! refers to runs before it; circles are refused with 409 (§3.7.1). Results come in the order
//! of the request, and every operation that was begun has one (BLK-04).

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::http::body;
use crate::http::desk::Desk;
use crate::http::limits;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::scim::Knock;
use crate::http::scim::tags;
use crate::http::scim::write::Order;
use crate::http::scim::write::as_error;
use crate::scim::bulk;
use crate::scim::bulk::Blocked;
use crate::scim::bulk::Method;
use crate::scim::bulk::Operation;
use crate::scim::bulk::Refused;
use crate::scim::bulk::Request;
use crate::scim::bulk::Target;
use crate::scim::error::ScimType;
use crate::scim::json;
use crate::scim::schema::ResourceType;
use crate::service::Action;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Caller;
use crate::service::Door;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Precondition;
use crate::service::Work;
use crate::service::provision;

/// `POST /Bulk`
pub async fn bulk<B>(mut knock: Knock<'_>, body: B) -> Result<Reply, Problem>
where
    B: Body<Data = Bytes>,
{
    knock.caller.door = Door::Bulk;
    let read = read(&knock, body).await;
    let limits = &knock.desk.limits;
    let patience = limits.bulk_budget.saturating_add(limits.write_budget);
    let (desk, caller) = (Arc::clone(knock.desk), Arc::new(knock.caller));
    match read {
        Ok(request) => {
            let run = async move { Ok(Round::new(desk, caller).run(request).await) };
            let body = knock.desk.write(patience, run).await?;
            Ok(Reply::new(StatusCode::OK, body))
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
    let limit = knock.matched.route.carry.bytes();
    let clock = &*knock.desk.ports.clock;
    let bytes = body::take(&knock.head.headers, body, limit, clock).await?;
    let document = json::read(&bytes).map_err(Error::from)?;
    let mut tolerance = knock.caller.tolerance();
    let request = Request::read(document, &mut tolerance).map_err(Error::from)?;
    if let Some(connection) = knock.caller.connection() {
        let now = knock.desk.ports.clock.now();
        knock.desk.ports.oddities.count(connection, tolerance.take_seen(), now);
    }
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

/// One bulk request being worked through.
struct Round {
    desk: Arc<Desk>,
    caller: Arc<Caller>,
    began: Duration,
    /// The identifiers of what was created, by bulkId.
    made: HashMap<String, String>,
    errors: u64,
}

impl Round {
    fn new(desk: Arc<Desk>, caller: Arc<Caller>) -> Self {
        let began = desk.ports.clock.ticks();
        Self { desk, caller, began, made: HashMap::new(), errors: 0 }
    }

    /// Works through the request; the finished BulkResponse.
    async fn run(mut self, mut request: Request) -> Vec<u8> {
        let mut results: Vec<Option<Value>> = vec![None; request.operations.len()];
        for step in bulk::plan(&request) {
            if request.fail_on_errors.is_some_and(|most| self.errors >= most) {
                break;
            }
            // Taken out, not copied: data may be large.
            let Some(slot) = request.operations.get_mut(step.index) else { continue };
            let taken = std::mem::replace(slot, Err(nothing()));
            let result = match taken {
                Ok(operation) => self.operation(operation, step.blocked).await,
                Err(refused) => self.misunderstood(refused).await,
            };
            if let Some(place) = results.get_mut(step.index) {
                *place = Some(result);
            }
        }
        let done: Vec<Value> = results.into_iter().flatten().collect();
        let response = json!({"schemas": [bulk::BULK_RESPONSE], "Operations": done});
        response.to_string().into_bytes()
    }

    async fn operation(&mut self, operation: Operation, blocked: Option<Blocked>) -> Value {
        let mut result = Map::new();
        result.insert("method".into(), operation.method.word().into());
        let bulk_id = operation.bulk_id.clone();
        if let Some(bulk_id) = &bulk_id {
            result.insert("bulkId".into(), bulk_id.as_str().into());
        }
        if let Some(location) = self.location(&operation) {
            result.insert("location".into(), location.into());
        }
        match self.carry_out(operation, blocked).await {
            Ok((answer, made)) => {
                if let (Some(name), Some(id)) = (bulk_id, made) {
                    self.made.insert(name, id.to_string());
                }
                succeeded(&mut result, answer);
            }
            Err(error) => self.failed(&mut result, error),
        }
        Value::Object(result)
    }

    /// Carries an operation out; with its answer comes the identifier of what it made.
    async fn carry_out(
        &self,
        mut operation: Operation,
        blocked: Option<Blocked>,
    ) -> Result<(Answer, Option<Id>), Error> {
        let action = action(operation.method);
        let kind = match self.prepare(&mut operation, blocked) {
            Ok(kind) => kind,
            Err(error) => return Err(self.refuse(action, error).await),
        };
        let made = match operation.method {
            Method::Post => {
                let ports = &self.desk.ports;
                Some(Id::new(ports.clock.now(), ports.entropy.as_ref())?)
            }
            _ => None,
        };
        let if_match = match operation.version.as_deref().map(tags::of_version).transpose() {
            Ok(version) => version,
            Err(error) => return Err(self.refuse(action, error).await),
        };
        let asked = Asked {
            precondition: Precondition { if_match, if_none_match: None },
            new_id: made,
            tolerance: self.caller.tolerance(),
            ..Asked::default()
        };
        let id = match operation.target {
            Some(Target::Id(id) | Target::BulkId(id)) => id,
            None => String::new(),
        };
        let order = Order { action, kind, id, document: operation.data, asked };
        let (desk, caller) = (Arc::clone(&self.desk), Arc::clone(&self.caller));
        // In a task of its own, so that a panic fails one operation and not the round.
        let run =
            tokio::spawn(
                async move { order.run(Work { ports: &desk.ports, caller: &caller }).await },
            );
        let answer = run.await.map_err(Error::internal)??;
        Ok((answer, made))
    }

    /// What can be wrong with an operation before its use case is reached.
    fn prepare(
        &self,
        operation: &mut Operation,
        blocked: Option<Blocked>,
    ) -> Result<Arc<ResourceType>, Error> {
        let spent = self.desk.ports.clock.ticks().saturating_sub(self.began);
        if spent > self.desk.limits.bulk_budget {
            let said = "The time of the bulk request was over. Send this operation again.";
            return Err(Error::new(Kind::Busy, said));
        }
        let said = match blocked {
            Some(Blocked::Unknown) => Some("No operation has the bulkId that this one refers to."),
            Some(Blocked::Circular) => {
                Some("The operation refers to itself, directly or through others.")
            }
            Some(Blocked::Dependent) => Some("An operation that this one refers to cannot run."),
            None => bulk::resolve(operation, &self.made)
                .err()
                .map(|_| "An operation that this one refers to did not succeed."),
        };
        if let Some(said) = said {
            return Err(Error::new(Kind::Conflict, said));
        }
        let types = &self.desk.ports.catalogue.types;
        let kind = types
            .iter()
            .find(|kind| kind.endpoint.strip_prefix('/') == Some(operation.endpoint.as_str()));
        kind.cloned().ok_or_else(|| {
            let said = "`path` must begin with the endpoint of a resource type, such as /Users.";
            Error::new(Kind::Scim(ScimType::InvalidValue), said)
        })
    }

    /// An operation that could not be understood.
    async fn misunderstood(&mut self, refused: Refused) -> Value {
        let mut result = Map::new();
        if let Some(method) = refused.method {
            result.insert("method".into(), method.word().into());
        }
        if let Some(bulk_id) = refused.bulk_id {
            result.insert("bulkId".into(), bulk_id.into());
        }
        let action = refused.method.map_or(Action::Modify, action);
        let error = self.refuse(action, refused.error.into()).await;
        self.failed(&mut result, error);
        Value::Object(result)
    }

    /// Leaves the event of a refusal that no use case has seen.
    async fn refuse(&self, action: Action, error: Error) -> Error {
        let work = Work { ports: &self.desk.ports, caller: &self.caller };
        match provision::refused(work, action, None, None, &error).await {
            Ok(()) => error,
            Err(fault) => fault,
        }
    }

    fn failed(&mut self, result: &mut Map<String, Value>, error: Error) {
        self.errors = self.errors.saturating_add(1);
        let problem = Problem::from(error);
        problem.log(Some(self.caller.request));
        result.insert("status".into(), problem.status.as_str().into());
        let body = serde_json::from_slice(&problem.body()).unwrap_or_default();
        result.insert("response".into(), body);
    }

    /// Where the resource of an operation is; nowhere, for one that is still to be made.
    fn location(&self, operation: &Operation) -> Option<String> {
        let base = &self.desk.ports.base_url;
        let id = match operation.target.as_ref()? {
            Target::Id(id) => id,
            Target::BulkId(name) => self.made.get(name)?,
        };
        Some(format!("{base}/{}/{id}", operation.endpoint))
    }
}

fn succeeded(result: &mut Map<String, Value>, answer: Answer) {
    if let Some(location) = answer.location.clone() {
        result.insert("location".into(), location.into());
    }
    if let Some(version) = answer.etag.clone() {
        result.insert("version".into(), version.into());
    }
    result.insert("status".into(), Reply::of(answer).status.as_str().into());
}

const fn action(method: Method) -> Action {
    match method {
        Method::Post => Action::Create,
        Method::Put => Action::Replace,
        Method::Patch => Action::Modify,
        Method::Delete => Action::Delete,
    }
}

/// What stands in the place of an operation that was taken out.
fn nothing() -> Refused {
    let error = crate::scim::error::Error::new(ScimType::InvalidValue, "Taken.");
    Refused { method: None, bulk_id: None, error }
}
