//! The deactivated report: login disabled, or account closed (A22, A23).

use std::borrow::Cow;

use crate::base::id::Id;
use crate::domain::people::status::Status;
use crate::domain::report::person::Person;
use crate::domain::report::table::{Row, Table};

/// The headers (A22).
pub const HEADERS: [&str; 7] = [
    "First Name",
    "Last Name",
    "Email Address",
    "Profession",
    "Service",
    "Credential",
    "Deactivation Type",
];

/// The report of `organization` on `people`, who may be more than its own.
pub fn table(organization: Id, mut people: Vec<Person>) -> Table<impl Iterator<Item = Row>> {
    people.retain(|person| lists(organization, person));
    people.sort_by_cached_key(Person::key);
    let rows = people.into_iter().filter_map(move |person| row(organization, person));
    Table { headers: HEADERS.map(Cow::Borrowed).into(), rows }
}

/// The row of one person, if there is one; for a caller who reads people in the order of
/// [`Person::key`] and holds one at a time.
pub fn row(organization: Id, person: Person) -> Option<Row> {
    let deactivation = person.status.deactivation().filter(|_| person.belongs(organization))?;
    let services = services(&person);
    let credential = person.credential_cell();
    Some(Row::plain([
        person.first.into(),
        person.last.into(),
        person.email.into(),
        person.profession.into(),
        services.into(),
        credential.into(),
        deactivation.word().into(),
    ]))
}

/// A closed account has lost its services, a disabled one keeps them (Q9).
fn services(person: &Person) -> String {
    if person.status == Status::Deactivated { String::new() } else { person.service_cell() }
}

fn lists(organization: Id, person: &Person) -> bool {
    person.status.in_deactivated_report() && person.belongs(organization)
}
