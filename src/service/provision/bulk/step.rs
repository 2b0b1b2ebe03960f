//! One operation carried out, like a single request through another door.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use crate::base::id::Id;
use crate::domain::record::Kind as RecordKind;
use crate::scim::bulk;
use crate::scim::bulk::Method;
use crate::scim::bulk::Operation;
use crate::scim::bulk::Refused;
use crate::scim::bulk::Target;
use crate::scim::error::ScimType;
use crate::scim::schema::ResourceType;
use crate::service::Answer;
use crate::service::Asked;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::Precondition;
use crate::service::Tags;
use crate::service::Work;
use crate::service::provision;
use crate::service::provision::Deed;
use crate::service::provision::Order;
use crate::service::provision::Rehearsal;
use crate::service::provision::bulk::Outcome;
use crate::store::change::Action;

/// Carries out operations, and knows what those before have made.
pub(super) struct Hand {
    pub(super) ports: Arc<Ports>,
    caller: Arc<Caller>,
    /// The identifiers of what was created, or will be, by bulkId.
    ids: HashMap<String, Id>,
}

impl Hand {
    pub(super) fn new(ports: Arc<Ports>, caller: Arc<Caller>) -> Self {
        Self { ports, caller, ids: HashMap::new() }
    }

    /// Promises an identifier to the operation `name`.
    pub(super) fn promise(&mut self, name: &str) -> Result<(), Error> {
        let id = self.new_id()?;
        self.ids.insert(name.to_owned(), id);
        Ok(())
    }

    /// Takes the promise to the operation `name` back.
    pub(super) fn forget(&mut self, name: &str) {
        self.ids.remove(name);
    }

    /// Gives one operation its turn. With a trouble it is not carried out.
    pub(super) async fn operation(
        &mut self,
        operation: Operation,
        trouble: Option<Error>,
    ) -> Outcome {
        let method = operation.method;
        let bulk_id = operation.bulk_id.clone();
        let known = self.location(&operation);
        let done = match trouble {
            None => self.carry_out(operation).await,
            Some(error) => Err(self.refuse(deed(method).action(), error).await),
        };
        match (&done, bulk_id.as_ref().filter(|_| method == Method::Post)) {
            (Ok((_, Some(id))), Some(name)) => drop(self.ids.insert(name.clone(), *id)),
            (Err(_), Some(name)) => self.forget(name),
            _ => {}
        }
        let done = done.map(|(answer, _)| answer);
        let location = done.as_ref().ok().and_then(|answer| answer.location.clone()).or(known);
        Outcome { method: Some(method), bulk_id, location, done }
    }

    /// Operations that cannot run, each with its trouble. Their events are asked for at once, in
    /// this order.
    pub(super) async fn refuse_all(&mut self, all: Vec<(Operation, Error)>) -> Vec<Outcome> {
        let hand = &*self;
        let refused = together(all.into_iter().map(|(operation, trouble)| async move {
            let Operation { method, ref bulk_id, .. } = operation;
            let location = hand.location(&operation);
            let done = Err(hand.refuse(deed(method).action(), trouble).await);
            Outcome { method: Some(method), bulk_id: bulk_id.clone(), location, done }
        }));
        let outcomes = refused.await;
        let makers = outcomes.iter().filter(|one| one.method == Some(Method::Post));
        makers.filter_map(|one| one.bulk_id.as_deref()).for_each(|name| self.forget(name));
        outcomes
    }

    /// An operation that could not be understood.
    pub(super) async fn misunderstood(&self, refused: Refused) -> Outcome {
        let Refused { method, bulk_id, error } = refused;
        let action = method.map_or(Action::Modify, |method| deed(method).action());
        let error = self.refuse(action, error.into()).await;
        Outcome { method, bulk_id, location: None, done: Err(error) }
    }

    /// Finds out whether an operation that makes something would fail.
    pub(super) async fn rehearse(
        &self,
        mut operation: Operation,
        rehearsal: &mut Rehearsal,
    ) -> Result<(), Error> {
        let kind = self.prepare(&mut operation)?;
        rehearsal.create(self.work(), &kind, operation.data).await
    }

    /// Whether what the operation refers to must be there before it runs: members and
    /// references of ours are checked, others are text to us.
    pub(super) fn is_firm(&self, operation: &Operation) -> bool {
        let kind = self.kind(operation).map(|kind| RecordKind::of_type(&kind.name));
        // People refer to each other in circles (`manager`); what else they name is there before.
        let kind = kind.filter(|kind| *kind != RecordKind::USER);
        let model = kind.and_then(|kind| self.ports.models.of_kind(kind));
        model.is_some_and(|model| model.held.is_some() || !model.references.is_empty())
    }

    /// Carries an operation out; with its answer comes the identifier of what it made.
    async fn carry_out(&self, mut operation: Operation) -> Result<(Answer, Option<Id>), Error> {
        let deed = deed(operation.method);
        let if_match =
            operation.version.as_deref().map(|text| Tags::read(text, "version")).transpose();
        let ready = self.prepare(&mut operation).and_then(|kind| Ok((kind, if_match?)));
        let (kind, if_match) = match ready {
            Ok(ready) => ready,
            Err(error) => return Err(self.refuse(deed.action(), error).await),
        };
        let promised = operation.bulk_id.as_ref().and_then(|name| self.ids.get(name)).copied();
        let made = match (deed, promised) {
            (Deed::Create, None) => Some(self.new_id()?),
            (Deed::Create, promised) => promised,
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
        let order = Order { deed, kind, id, document: operation.data, asked };
        Ok((self.apart(order).await?, made))
    }

    /// Runs an order in a task of its own, so that a panic fails one operation and not the round.
    async fn apart(&self, order: Order) -> Result<Answer, Error> {
        let (ports, caller) = (Arc::clone(&self.ports), Arc::clone(&self.caller));
        let run = async move { order.run(Work { ports: &ports, caller: &caller }).await };
        tokio::spawn(run).await.map_err(Error::internal)?
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
        let mut types = self.ports.catalogue.types.iter();
        types.find(|kind| kind.endpoint.strip_prefix('/') == Some(operation.endpoint.as_str()))
    }

    /// Leaves the event of a refusal that no use case has seen.
    async fn refuse(&self, action: Action, error: Error) -> Error {
        match provision::refused(self.work(), action, None, None, &error).await {
            Ok(()) => error,
            Err(fault) => fault,
        }
    }

    /// Where the resource of an operation is; nowhere, for one that is still to be made.
    fn location(&self, operation: &Operation) -> Option<String> {
        let base = &self.ports.base_url;
        let id = match operation.target.as_ref()? {
            Target::Id(id) => id.clone(),
            Target::BulkId(name) => self.ids.get(name)?.to_string(),
        };
        Some(format!("{base}/{}/{id}", operation.endpoint))
    }

    fn new_id(&self) -> Result<Id, Error> {
        Ok(Id::new(self.ports.clock.now(), self.ports.entropy.as_ref())?)
    }

    fn work(&self) -> Work<'_> {
        Work { ports: &self.ports, caller: &self.caller }
    }
}

/// Waits for all of `work`, which is begun in order.
async fn together<T>(work: impl Iterator<Item = impl Future<Output = T> + Send>) -> Vec<T> {
    let mut waiting: Vec<_> = work.map(|one| (Some(Box::pin(one)), None)).collect();
    poll_fn(move |cx| {
        for (work, done) in &mut waiting {
            if let Some(Poll::Ready(result)) = work.as_mut().map(|work| work.as_mut().poll(cx)) {
                (*work, *done) = (None, Some(result));
            }
        }
        if waiting.iter().any(|(work, _)| work.is_some()) {
            return Poll::Pending;
        }
        Poll::Ready(waiting.drain(..).filter_map(|(_, done)| done).collect())
    })
    .await
}

const fn deed(method: Method) -> Deed {
    match method {
        Method::Post => Deed::Create,
        Method::Put => Deed::Replace,
        Method::Patch => Deed::Modify,
        Method::Delete => Deed::Remove,
    }
}
