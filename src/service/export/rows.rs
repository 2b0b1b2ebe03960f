//! The rows of a report, some at a time.

use std::borrow::Cow;
use std::collections::HashSet;
use std::vec::IntoIter;

use crate::base::id::Id;
use crate::domain::people::status::Status;
use crate::domain::report::deactivated;
use crate::domain::report::delegates;
use crate::domain::report::delegates::Service;
use crate::domain::report::kind::Kind;
use crate::domain::report::order::Key;
use crate::domain::report::person::Person;
use crate::domain::report::pivot::MissingPerson;
use crate::domain::report::scheduling;
use crate::domain::report::table::Row;
use crate::domain::report::table::Table;
use crate::domain::report::users;
use crate::service::Error;
use crate::service::export::facts::Reading;

/// How many people are read, and rows made, at a time.
const BATCH: usize = 100;

/// How much of a person's place in the order is held; those who share it are put in order when
/// they are read.
const BEGINNING: usize = 24;

/// The headers of a report.
pub(super) type Headers = Vec<Cow<'static, str>>;

/// Where the rows come from.
#[derive(Debug)]
pub(super) enum Rows {
    /// A row for each person; read when it is their turn.
    People(Seats),
    /// The rows of a pivot.
    Table(IntoIter<Row>),
}

/// People in the order of their rows, as little of each as there can be.
#[derive(Debug)]
pub(super) struct Seats {
    row: fn(Id, Person) -> Option<Row>,
    rest: std::iter::Peekable<IntoIter<Seat>>,
}

/// One person's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seat {
    beginning: [u8; BEGINNING],
    record: Id,
}

impl Seat {
    fn of(record: Id, person: Person) -> Self {
        let mut beginning = [0; BEGINNING];
        for (kept, byte) in beginning.iter_mut().zip(person.key().as_bytes()) {
            *kept = *byte;
        }
        Self { beginning, record }
    }
}

impl Rows {
    /// Headers and rows of a report.
    pub(super) async fn open(kind: Kind, reading: Reading<'_>) -> Result<(Headers, Self), Error> {
        match kind {
            Kind::Users => seats(reading, &users::HEADERS, false, users::row).await,
            Kind::Deactivated => {
                seats(reading, &deactivated::HEADERS, true, deactivated::row).await
            }
            Kind::DelegatesPcvc => delegated(reading, Service::Pcvc).await,
            Kind::DelegatesEconsult => delegated(reading, Service::Econsult).await,
            Kind::Scheduling => scheduled(reading).await,
        }
    }

    /// The next rows; none after the last.
    pub(super) async fn next(&mut self, reading: Reading<'_>) -> Result<Option<Vec<Row>>, Error> {
        match self {
            Self::People(seats) => seats.next(reading).await,
            Self::Table(rows) => {
                let batch: Vec<Row> = rows.take(BATCH).collect();
                Ok((!batch.is_empty()).then_some(batch))
            }
        }
    }
}

impl Seats {
    async fn next(&mut self, reading: Reading<'_>) -> Result<Option<Vec<Row>>, Error> {
        if self.rest.peek().is_none() {
            return Ok(None);
        }
        let mut people: Vec<(Key, Person)> = Vec::new();
        let mut last = None;
        // Whoever shares a beginning is read at one time.
        while let Some(seat) = self
            .rest
            .next_if(|seat| people.len() < BATCH || last.is_some_and(|last| last == seat.beginning))
        {
            last = Some(seat.beginning);
            let person = reading.person(seat.record).await?;
            let person = person.ok_or_else(|| Error::broken(MissingPerson))?;
            people.push((person.key(), person));
        }
        people.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let organization = reading.organization.id;
        let rows = people.into_iter().filter_map(|(_, person)| (self.row)(organization, person));
        Ok(Some(rows.collect()))
    }
}

async fn seats(
    reading: Reading<'_>,
    headers: &'static [&'static str],
    closed: bool,
    row: fn(Id, Person) -> Option<Row>,
) -> Result<(Headers, Rows), Error> {
    let mut seats = reading.people(closed, Seat::of).await?;
    seats.sort_unstable();
    let headers = headers.iter().copied().map(Cow::Borrowed).collect();
    Ok((headers, Rows::People(Seats { row, rest: seats.into_iter().peekable() })))
}

async fn delegated(reading: Reading<'_>, service: Service) -> Result<(Headers, Rows), Error> {
    let mut people = reading.people(false, |_, person| person).await?;
    let ours: HashSet<Id> = people.iter().map(|person| person.id).collect();
    let mut delegations = reading.delegations(service, ours).await?;
    reading.complete(&mut people, delegations.iter().map(|one| one.delegate)).await?;
    // Whoever is closed delegates and is delegated to no more (DE6).
    let open = people.iter().filter(|person| person.status != Status::Deactivated);
    let open: HashSet<Id> = open.map(|person| person.id).collect();
    delegations.retain(|one| open.contains(&one.delegate));
    let table = delegates::table(reading.organization.id, &people, &delegations, service);
    table.map(held).map_err(Error::broken)
}

async fn scheduled(reading: Reading<'_>) -> Result<(Headers, Rows), Error> {
    let rooms = reading.rooms().await?;
    let mut people = Vec::new();
    let named = rooms.iter().flat_map(|room| room.schedulers.iter().copied());
    reading.complete(&mut people, named).await?;
    let table = scheduling::table(reading.organization.id, rooms, &people);
    table.map(held).map_err(Error::broken)
}

/// A pivot keeps its marks, not its cells.
fn held(table: Table<impl Iterator<Item = Row>>) -> (Headers, Rows) {
    (table.headers, Rows::Table(table.rows.collect::<Vec<_>>().into_iter()))
}
