//! The users report: every account of the organization that is not closed (A5, A11).

use std::borrow::Cow;

use crate::base::id::Id;
use crate::domain::report::person::Person;
use crate::domain::report::table::{Row, Table};

/// The headers (A11).
pub const HEADERS: [&str; 7] =
    ["First Name", "Last Name", "Email Address", "Profession", "Service", "Credential", "Status"];

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
    if !lists(organization, &person) {
        return None;
    }
    let status = person.status.word();
    let services = person.service_cell();
    let credential = person.credential_cell();
    Some(Row::plain([
        person.first.into(),
        person.last.into(),
        person.email.into(),
        person.profession.into(),
        services.into(),
        credential.into(),
        status.into(),
    ]))
}

fn lists(organization: Id, person: &Person) -> bool {
    person.status.in_users_report() && person.belongs(organization)
}
