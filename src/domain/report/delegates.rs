//! The delegate reports: who acts for whom, one service at a time (A16, A17, A18).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::base::id::Id;
use crate::domain::access::role::vocabulary::ECONSULT;
use crate::domain::access::role::vocabulary::PCVC;
use crate::domain::people::status::Status;
use crate::domain::report::person::Person;
use crate::domain::report::pivot::{Columns, MissingPerson};
use crate::domain::report::table::{Row, Table};

/// The headers before the delegates' names (A17).
pub const HEADERS: [&str; 4] =
    ["Delegator First Name", "Delegator Last Name", "Username", "# of delegates"];

/// A service of which there is a delegate report. No twin of the catalogue's
/// [`Service`](crate::domain::access::role::vocabulary::Service): that one is configuration and
/// may grow, while the menu has these two reports and no third (A4, EX1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// PCVC, which people call eVisit.
    Pcvc,
    /// eConsult.
    Econsult,
}

impl Service {
    /// The service with a catalogue code, if there is a report of it.
    pub fn of_code(code: &str) -> Option<Self> {
        match code {
            PCVC => Some(Self::Pcvc),
            ECONSULT => Some(Self::Econsult),
            _ => None,
        }
    }
}

/// `delegate` acts for `delegator` in `service`, at the instant of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// For whom.
    pub delegator: Id,
    /// Who.
    pub delegate: Id,
    /// In what.
    pub service: Service,
}

/// The report of `organization` on `service`. `people` are its users, and every delegate of
/// theirs wherever at home; more people and delegations do no harm. A row for every user that is
/// not closed, also without delegates (Q6); a column for every delegate of these rows.
pub fn table<'a>(
    organization: Id,
    people: &'a [Person],
    delegations: &[Delegation],
    service: Service,
) -> Result<Table<impl Iterator<Item = Row> + use<'a>>, MissingPerson> {
    let mut delegators: Vec<&Person> = people
        .iter()
        .filter(|person| person.status != Status::Deactivated && person.belongs(organization))
        .collect();
    delegators.sort_by_cached_key(|person| person.key());
    let shown: HashSet<Id> = delegators.iter().map(|person| person.id).collect();
    let mut acting: HashMap<Id, Vec<Id>> = HashMap::new();
    for one in delegations {
        if one.service == service && shown.contains(&one.delegator) {
            acting.entry(one.delegator).or_default().push(one.delegate);
        }
    }
    let marked = acting.values().flatten().copied().collect();
    let columns = Columns::marked(&marked, people, &HEADERS)?;
    let mut marks = HashMap::with_capacity(acting.len());
    for (delegator, delegates) in acting {
        marks.insert(delegator, columns.marks(delegates)?);
    }
    let headers = columns.headers(&HEADERS);
    let width = columns.count();
    let rows = delegators.into_iter().map(move |delegator| {
        let marks = marks.remove(&delegator.id).unwrap_or_default();
        row(delegator, marks, width)
    });
    Ok(Table { headers, rows })
}

fn row(delegator: &Person, marks: Vec<usize>, columns: usize) -> Row {
    let lead: [Cow<'static, str>; 4] = [
        delegator.first.clone().into(),
        delegator.last.clone().into(),
        delegator.username.clone().into(),
        marks.len().to_string().into(),
    ];
    Row { lead: lead.into(), marks, columns }
}
