//! One bulk request being worked through.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::http::desk::Desk;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::scim::write::Order;
use crate::scim::bulk;
use crate::scim::bulk::Blocked;
use crate::scim::bulk::Method;
use crate::scim::bulk::Operation;
use crate::scim::bulk::Refused;
use crate::scim::bulk::Request;
use crate::scim::bulk::Target;
use crate::scim::bulk::Turn;
use crate::scim::error::ScimType;
use crate::scim::schema::ResourceType;
use crate::service::Action;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Precondition;
use crate::service::Tags;
use crate::service::Work;
use crate::service::provision;
use crate::service::provision::Rehearsal;

/// One bulk request being worked through.
pub(super) struct Round {
    desk: Arc<Desk>,
    caller: Arc<Caller>,
    began: Duration,
    /// The identifiers of what was created, or will be, by bulkId.
    ids: HashMap<String, Id>,
    errors: u64,
    most_errors: u64,
    results: Vec<Option<Value>>,
}

impl Round {
    pub(super) fn new(desk: Arc<Desk>, caller: Arc<Caller>) -> Self {
        let began = desk.ports.clock.ticks();
        let ids = HashMap::new();
        Self { desk, caller, began, ids, errors: 0, most_errors: u64::MAX, results: Vec::new() }
    }

    /// Works through the request; the finished BulkResponse.
    pub(super) async fn run(mut self, mut request: Request) -> Vec<u8> {
        self.results = vec![None; request.operations.len()];
        self.most_errors = request.fail_on_errors.unwrap_or(u64::MAX);
        for turn in bulk::plan(&request, |operation| self.is_firm(operation)) {
            if self.is_over() {
                break;
            }
            let slots = &mut request.operations;
            match turn {
                Turn::Alone(index) => {
                    let trouble = self.is_late().then(late);
                    self.step(slots, index, trouble).await;
                }
                Turn::Blocked(index, why) => self.step(slots, index, Some(blocked(why))).await,
                Turn::Ring(ring) => self.ring(slots, ring).await,
            }
        }
        let done: Vec<Value> = self.results.into_iter().flatten().collect();
        let response = json!({"schemas": [bulk::BULK_RESPONSE], "Operations": done});
        response.to_string().into_bytes()
    }

    /// Runs operations that refer to each other. What can be known to fail is found out before the
    /// first of them is carried out, for then none is.
    async fn ring(&mut self, slots: &mut [Result<Operation, Refused>], ring: Vec<usize>) {
        let mut troubles = if self.is_late() {
            ring.iter().map(|index| (*index, late())).collect()
        } else {
            self.rehearse(slots, &ring).await
        };
        if !troubles.is_empty() {
            let names = ring.iter().filter_map(|index| name(slots, *index));
            for name in names {
                self.ids.remove(name);
            }
        }
        for index in ring {
            if self.is_over() {
                return;
            }
            self.step(slots, index, troubles.remove(&index)).await;
        }
    }

    /// Promises identifiers to the operations of a ring, and finds out which of them would fail.
    async fn rehearse(
        &mut self,
        slots: &[Result<Operation, Refused>],
        ring: &[usize],
    ) -> HashMap<usize, Error> {
        let mut troubles = HashMap::new();
        for index in ring {
            let Some(name) = name(slots, *index) else { continue };
            match self.new_id() {
                Ok(id) => drop(self.ids.insert(name.to_owned(), id)),
                Err(error) => drop(troubles.insert(*index, error)),
            }
        }
        let mut rehearsal = Rehearsal::default();
        for index in ring {
            let Some(Ok(operation)) = slots.get(*index) else { continue };
            let mut operation = operation.clone();
            let rehearsed = match self.prepare(&mut operation) {
                Ok(kind) => {
                    let work = Work { ports: &self.desk.ports, caller: &self.caller };
                    rehearsal.create(work, &kind, operation.data).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = rehearsed {
                troubles.entry(*index).or_insert(error);
            }
        }
        troubles
    }

    /// Gives one operation its turn and notes the result. With a trouble it is not carried out.
    async fn step(
        &mut self,
        slots: &mut [Result<Operation, Refused>],
        index: usize,
        trouble: Option<Error>,
    ) {
        // Taken out, not copied: data may be large.
        let Some(slot) = slots.get_mut(index) else { return };
        let result = match std::mem::replace(slot, Err(nothing())) {
            Ok(operation) => self.operation(operation, trouble).await,
            Err(refused) => self.misunderstood(refused).await,
        };
        if let Some(place) = self.results.get_mut(index) {
            *place = Some(result);
        }
    }

    async fn operation(&mut self, operation: Operation, trouble: Option<Error>) -> Value {
        let mut result = Map::new();
        result.insert("method".into(), operation.method.word().into());
        let bulk_id = operation.bulk_id.clone();
        if let Some(bulk_id) = &bulk_id {
            result.insert("bulkId".into(), bulk_id.as_str().into());
        }
        if let Some(location) = self.location(&operation) {
            result.insert("location".into(), location.into());
        }
        let method = operation.method;
        let done = match trouble {
            None => self.carry_out(operation).await,
            Some(error) => Err(self.refuse(action(method), error).await),
        };
        let made = bulk_id.filter(|_| method == Method::Post);
        match done {
            Ok((answer, id)) => {
                made.zip(id).map(|(name, id)| self.ids.insert(name, id));
                succeeded(&mut result, answer);
            }
            Err(error) => {
                made.map(|name| self.ids.remove(&name));
                self.failed(&mut result, error);
            }
        }
        Value::Object(result)
    }

    /// Carries an operation out; with its answer comes the identifier of what it made.
    async fn carry_out(&self, mut operation: Operation) -> Result<(Answer, Option<Id>), Error> {
        let action = action(operation.method);
        let if_match =
            operation.version.as_deref().map(|text| Tags::read(text, "version")).transpose();
        let ready = self.prepare(&mut operation).and_then(|kind| Ok((kind, if_match?)));
        let (kind, if_match) = match ready {
            Ok(ready) => ready,
            Err(error) => return Err(self.refuse(action, error).await),
        };
        let promised = operation.bulk_id.as_ref().and_then(|name| self.ids.get(name)).copied();
        let made = match (operation.method, promised) {
            (Method::Post, None) => Some(self.new_id()?),
            (Method::Post, promised) => promised,
            _ => None,
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
    fn prepare(&self, operation: &mut Operation) -> Result<Arc<ResourceType>, Error> {
        bulk::resolve(operation, |name| self.ids.get(name).map(Id::to_string)).map_err(|_| {
            let said = "An operation that this one refers to did not succeed.";
            Error::new(Kind::Conflict, said)
        })?;
        self.kind(operation).cloned().ok_or_else(|| {
            let said = "`path` must begin with the endpoint of a resource type, such as /Users.";
            Error::new(Kind::Scim(ScimType::InvalidValue), said)
        })
    }

    fn kind(&self, operation: &Operation) -> Option<&Arc<ResourceType>> {
        let mut types = self.desk.ports.catalogue.types.iter();
        types.find(|kind| kind.endpoint.strip_prefix('/') == Some(operation.endpoint.as_str()))
    }

    /// Whether what the operation refers to must be there before it runs: members are checked,
    /// other references are text to us.
    fn is_firm(&self, operation: &Operation) -> bool {
        self.kind(operation).is_some_and(|kind| kind.core.attributes.iter().any(|one| one.relation))
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
            Target::Id(id) => id.clone(),
            Target::BulkId(name) => self.ids.get(name)?.to_string(),
        };
        Some(format!("{base}/{}/{id}", operation.endpoint))
    }

    fn new_id(&self) -> Result<Id, Error> {
        let ports = &self.desk.ports;
        Ok(Id::new(ports.clock.now(), ports.entropy.as_ref())?)
    }

    /// Whether as many operations failed as the client bears.
    fn is_over(&self) -> bool {
        self.errors >= self.most_errors
    }

    fn is_late(&self) -> bool {
        let spent = self.desk.ports.clock.ticks().saturating_sub(self.began);
        spent > self.desk.limits.bulk_budget
    }
}

/// The bulkId of a POST.
fn name(slots: &[Result<Operation, Refused>], index: usize) -> Option<&str> {
    slots.get(index)?.as_ref().ok()?.bulk_id.as_deref()
}

fn late() -> Error {
    Error::new(Kind::Busy, "The time of the bulk request was over. Send this operation again.")
}

fn blocked(why: Blocked) -> Error {
    let said = match why {
        Blocked::Unknown => "No operation makes a resource with the bulkId that this one names.",
        Blocked::Circular => "The operation needs itself to be done first, be it through others.",
        Blocked::Dependent => "An operation that this one refers to cannot run.",
    };
    Error::new(Kind::Conflict, said)
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
