//! The scheduling report: which room system may be scheduled by whom (A19, A20).

use std::borrow::Cow;
use std::collections::HashSet;

use crate::base::id::Id;
use crate::domain::report::order::Key;
use crate::domain::report::person::Person;
use crate::domain::report::pivot::{Columns, MissingPerson};
use crate::domain::report::table::{Row, Table};

/// The headers before the schedulers' names (A20).
pub const HEADERS: [&str; 3] = ["Site Name", "System Name", "# of schedulers"];

/// A room system, as of the instant of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The room system.
    pub id: Id,
    /// Whose it is.
    pub organization: Id,
    /// The name of its site.
    pub site: String,
    /// Its own name.
    pub system: String,
    /// Whether it is switched on; if not, it has no row.
    pub active: bool,
    /// Who may schedule it, in any order.
    pub schedulers: Vec<Id>,
}

impl Room {
    /// The place in the order of rows.
    pub fn key(&self) -> Key {
        Key::room(&self.site, &self.system, self.id)
    }

    /// Whether the report of `organization` has a row for it.
    pub fn listed(&self, organization: Id) -> bool {
        self.active && self.organization == organization
    }
}

/// The report of `organization`. `people` are all who schedule its rooms; more people and rooms
/// do no harm. A room that nobody schedules has a row with 0.
pub fn table(
    organization: Id,
    mut rooms: Vec<Room>,
    people: &[Person],
) -> Result<Table<impl Iterator<Item = Row> + use<>>, MissingPerson> {
    rooms.retain(|room| room.listed(organization));
    rooms.sort_by_cached_key(Room::key);
    let marked: HashSet<Id> =
        rooms.iter().flat_map(|room| room.schedulers.iter().copied()).collect();
    let columns = Columns::marked(&marked, people, &HEADERS)?;
    let headers = columns.headers(&HEADERS);
    let rows = rooms.into_iter().map(|room| row(room, &columns));
    let rows: Vec<Row> = rows.collect::<Result<_, _>>()?;
    Ok(Table { headers, rows: rows.into_iter() })
}

/// The row of one listed room; for a caller who reads rooms in the order of [`Room::key`] and
/// holds one at a time. `columns` are those of [`columns`].
pub fn row(room: Room, columns: &Columns) -> Result<Row, MissingPerson> {
    let marks = columns.marks(room.schedulers)?;
    let count = marks.len().to_string();
    let lead: [Cow<'static, str>; 3] = [room.site.into(), room.system.into(), count.into()];
    Ok(Row { lead: lead.into(), marks, columns: columns.count() })
}

/// The columns of `schedulers`: each who schedules a listed room, and nobody else.
pub fn columns<'a>(schedulers: impl IntoIterator<Item = &'a Person>) -> Columns {
    Columns::of(schedulers, &HEADERS)
}
