//! The facts behind a report, as of one instant.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::domain::report::delegates::Delegation;
use crate::domain::report::delegates::Service;
use crate::domain::report::person::Person;
use crate::domain::report::scheduling::Room;
use crate::service::Error;
use crate::service::Work;
use crate::service::export::organization::Organization;
use crate::service::wire::portrait;
use crate::service::wire::portrait::Reader;
use crate::service::wire::reference;
use crate::service::wire::render;
use crate::store;
use crate::store::End;
use crate::store::select::Budget;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Select;
use crate::store::select::Start;

/// What is read, and as of when.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) work: Work<'a>,
    pub(super) organization: &'a Organization,
    /// The instant, for what is stored and for what depends on time.
    pub(super) at: Moment,
}

impl Reading<'_> {
    /// What `pick` makes of everybody who belongs to the organization: at home or affiliated
    /// (Q34), and with `closed` those whose accounts are closed too. `pick` is given the record
    /// that the person was read from.
    pub(super) async fn people<T: Send + 'static>(
        self,
        closed: bool,
        pick: fn(Id, Person) -> T,
    ) -> Result<Vec<T>, Error> {
        let kinds: &[Kind] = if closed { &[Kind::USER, Kind::CLOSED] } else { &[Kind::USER] };
        let (reader, own) = (self.reader(), self.organization.named());
        let all = self.work.ports.registry.snapshot().partitions.to_vec();
        self.gather(kinds, all, move |record| {
            if record.head.partition.organization != own.0 && !portrait::mentions(record, own.1) {
                return Ok(None);
            }
            let one = reader.person(record)?;
            let ours = one.belongs(own.1);
            Ok(ours.then(|| pick(record.head.id, one)))
        })
        .await
    }

    /// The person of a record, which was there at the instant.
    pub(super) async fn person(self, record: Id) -> Result<Option<Person>, Error> {
        let found = self.work.ports.store.get(record, Some(self.at)).await?;
        let one = found.filter(|one| [Kind::USER, Kind::CLOSED].contains(&one.head.kind));
        one.map(|one| self.reader().person(&one)).transpose()
    }

    /// Adds those of `named` who are not among `people` yet, wherever they are at home.
    pub(super) async fn complete(
        self,
        people: &mut Vec<Person>,
        named: impl Iterator<Item = Id>,
    ) -> Result<(), Error> {
        let mut known: HashSet<Id> = people.iter().map(|person| person.id).collect();
        for id in named {
            if known.insert(id) {
                people.extend(self.person(id).await?);
            }
        }
        Ok(())
    }

    /// The delegations of one service that hold at the instant and whose delegator is one of
    /// `ours`.
    pub(super) async fn delegations(
        self,
        service: Service,
        ours: HashSet<Id>,
    ) -> Result<Vec<Delegation>, Error> {
        let network = self.work.ports.registry.snapshot().partitions.clone();
        let whole = network.iter().copied().filter(|one| one.connection == 0).collect();
        let now = self.at;
        self.gather(&[Kind::DELEGATION], whole, move |record| {
            let mut document = render::document(record)?;
            reference::derive(Kind::DELEGATION, &mut document, now);
            let text = |name: &str| document.get(name).and_then(Value::as_str);
            let delegator = reference::single(&document, "delegator");
            let (Some(delegator), Some(delegate)) = (
                delegator.filter(|id| ours.contains(id)),
                reference::single(&document, "delegate"),
            ) else {
                return Ok(None);
            };
            let live = text("status") == Some("live");
            let of = text("service").and_then(Service::of_code) == Some(service);
            Ok((live && of).then_some(Delegation { delegator, delegate, service }))
        })
        .await
    }

    /// The room systems of the organization, each with who schedules it.
    pub(super) async fn rooms(self) -> Result<Vec<Room>, Error> {
        let own = vec![Partition { organization: self.organization.number, connection: 0 }];
        let found = self.gather(&[Kind::ROOM_SYSTEM], own, |record| {
            Ok(Some((record.head.id, render::document(record)?)))
        });
        let mut sites = HashMap::new();
        let mut rooms = Vec::new();
        for (id, document) in found.await? {
            let site = match reference::single(&document, "site") {
                Some(site) => self.site(site, &mut sites).await?,
                None => String::new(),
            };
            let system = document.get("systemName").and_then(Value::as_str);
            rooms.push(Room {
                id,
                organization: self.organization.id,
                site,
                system: system.unwrap_or_default().to_owned(),
                active: document.get("active") != Some(&Value::Bool(false)),
                schedulers: self.schedulers(id).await?,
            });
        }
        Ok(rooms)
    }

    /// The name of a site.
    async fn site(self, site: Id, known: &mut HashMap<Id, String>) -> Result<String, Error> {
        if let Some(name) = known.get(&site) {
            return Ok(name.clone());
        }
        let record = self.work.ports.store.get(site, Some(self.at)).await?;
        let document = record.as_ref().map(render::document).transpose()?.unwrap_or_default();
        let name = document.get("displayName").and_then(Value::as_str).unwrap_or_default();
        known.insert(site, name.to_owned());
        Ok(name.to_owned())
    }

    async fn schedulers(self, room: Id) -> Result<Vec<Id>, Error> {
        let end = (Relation::SCHEDULER, End::From(room));
        let links = store::every_link(self.work.ports.store.as_ref(), end, Some(self.at)).await?;
        Ok(links.into_iter().map(|link| link.to).collect())
    }

    fn reader(self) -> Reader {
        let registry = self.work.ports.registry.snapshot();
        Reader { registry, asked: self.organization.named(), at: self.at }
    }

    /// What `pick` makes of the records of some kinds: one pass, in which no record is kept.
    async fn gather<T: Send + 'static>(
        self,
        kinds: &[Kind],
        mut partitions: Vec<Partition>,
        pick: impl Fn(&Record) -> Result<Option<T>, Error> + Send + Sync + 'static,
    ) -> Result<Vec<T>, Error> {
        partitions.sort_unstable();
        partitions.dedup();
        let basket = Arc::new(Mutex::new((Vec::new(), None)));
        let into = Arc::clone(&basket);
        let look = move |record: &Record| {
            let mut into = into.lock().unwrap_or_else(PoisonError::into_inner);
            match pick(record) {
                Ok(picked) => into.0.extend(picked),
                Err(error) => into.1 = into.1.take().or(Some(error)),
            }
            false
        };
        let select = Select {
            scope: Scope::of_administrator(partitions),
            kinds: kinds.to_vec(),
            condition: Condition::Everything,
            test: Some(Arc::new(look)),
            order: Order::Id,
            start: Start::Skip(0),
            limit: 1,
            total: false,
            at: Some(self.at),
            budget: Budget { rows: u64::MAX, time: Duration::MAX },
        };
        self.work.ports.store.select(select).await?;
        let mut basket = basket.lock().unwrap_or_else(PoisonError::into_inner);
        match basket.1.take() {
            Some(error) => Err(error),
            None => Ok(std::mem::take(&mut basket.0)),
        }
    }
}
