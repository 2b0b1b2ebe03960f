//! Sign-ins that somebody reports: the one stored fact that keeps an account from dormancy (US6).
//!
//! Reports are held against the account one by one, and what is left of them is written once for
//! each person: one event for whoever really changes. What cannot be written is told by its
//! position; nothing is left out in silence.
//!
//! Rejected: writing an older report over a newer one (reports arrive in any order), and taking a
//! sign-in of a disabled account as access (somebody must look into it).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::people::status::Deactivation;
use crate::domain::people::status::Facts;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::scim::filter::operand;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::access::connection::Permission;
use crate::service::access::visible;
use crate::service::people::put_back;
use crate::service::wire::keys;
use crate::service::wire::model::Model;
use crate::service::wire::person;
use crate::service::wire::render;
use crate::sheet::read::Column;
use crate::sheet::read::Limits;
use crate::sheet::read::Need;
use crate::sheet::read::Sheet;
use crate::store::change::Action;
use crate::store::change::Change;
use crate::store::change::Guard;
use crate::store::change::Key;
use crate::store::change::Outcome;
use crate::store::change::Verdict;
use crate::store::change::Write;

/// How far the clock of whoever reports may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// How often a person whom others keep changing is decided anew.
const TURNS: usize = 4;
/// The most sign-ins of one call.
pub const MOST: usize = 100_000;

const COLUMNS: &[Column] = &[
    Column { name: "userName", need: Need::Value },
    Column { name: "lastAccess", need: Need::Value },
];
const NAME: usize = 0;
const ACCESS: usize = 1;

/// A sign-in that somebody saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Number of the organization of the account.
    pub organization: u32,
    /// Who signed in, in any letter case.
    pub user_name: String,
    /// When.
    pub at: Moment,
}

/// What reports came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// People whose last access is a later one now.
    pub changed: usize,
    /// Reports that said nothing new.
    pub known: usize,
    /// Reports that were not written: their positions, from 0, and why. In order.
    pub refused: Vec<(usize, String)>,
}

/// Takes reports over. Administrators may report of any organization, a connection with the
/// permission `sign-ins` of its own people.
pub async fn sign_ins(work: Work<'_>, reports: &[SignIn]) -> Result<Reported, Error> {
    permit(work)?;
    if reports.len() > MOST {
        let said = format!("More than {MOST} sign-ins at once. Divide them.");
        return Err(Error::new(ErrorKind::TooLarge, said));
    }
    let mut reported = Reported::default();
    let mut people: BTreeMap<Id, Vec<(usize, Moment)>> = BTreeMap::new();
    for (position, one) in reports.iter().enumerate() {
        match find(work, one).await? {
            Some(id) => people.entry(id).or_default().push((position, one.at)),
            None => reported.refused.push((position, UNKNOWN.to_owned())),
        }
    }
    for (id, seen) in people {
        of_person(work, id, &seen, &mut reported).await?;
    }
    reported.refused.sort();
    Ok(reported)
}

/// Takes a sheet over: `userName,lastAccess`, of people of one organization. Faults of form
/// refuse the row they are in; the others are taken.
pub async fn import(work: Work<'_>, number: u32, sheet: &str) -> Result<Value, Error> {
    permit(work)?;
    let limits = Limits { rows: u64::try_from(MOST).unwrap_or(u64::MAX), field_bytes: 1_024 };
    let mut rows = Sheet::open(sheet.as_bytes(), COLUMNS, limits);
    let (mut reports, mut places) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next_row() {
        let Some(at) = operand::moment(row.cell(ACCESS)) else {
            rows.refuse(row.number, ACCESS, "this is no instant; write 2026-01-31T12:00:00Z");
            continue;
        };
        reports.push(SignIn { organization: number, user_name: row.cell(NAME).to_owned(), at });
        places.push(row.number);
    }
    let mut refused: Vec<(u64, String)> = match rows.finish() {
        Ok(()) => Vec::new(),
        Err(faults) => faults.iter().map(|fault| (fault.row, fault.to_string())).collect(),
    };
    let reported = sign_ins(work, &reports).await?;
    for (position, why) in reported.refused {
        let row = places.get(position).copied().unwrap_or_default();
        refused.push((row, format!("row {row}: {why}")));
    }
    refused.sort();
    let refused: Vec<String> = refused.into_iter().map(|(_, said)| said).collect();
    Ok(json!({"changed": reported.changed, "known": reported.known, "refused": refused}))
}

const UNKNOWN: &str = "Nobody of this organization has this user name.";

fn permit(work: Work<'_>) -> Result<(), Error> {
    let Some(connection) = work.caller.connection() else { return Ok(()) };
    if connection.permissions.contains(&Permission::SignIns) {
        return Ok(());
    }
    let said = "This connection has no permission to report sign-ins. An administrator can give \
                it `sign-ins`.";
    Err(Error::new(ErrorKind::Denied, said))
}

/// The person whom a report is about, if there is one and the caller may speak of them.
async fn find(work: Work<'_>, report: &SignIn) -> Result<Option<Id>, Error> {
    let organization = report.organization;
    let model = model(work)?;
    let Some(field) = model.field(None, "userName", None) else { return Ok(None) };
    let Some(value) = field.form.bytes(&Value::from(report.user_name.trim())) else {
        return Ok(None);
    };
    let home = Partition { organization, connection: 0 };
    let Some(within) = field.unique.within(home) else { return Ok(None) };
    let key = Key { within, kind: Kind::USER, field: field.field, value };
    let Some(id) = work.ports.store.find(key).await? else { return Ok(None) };
    Ok(load(work, id).await?.map(|record| record.head.id))
}

async fn load(work: Work<'_>, id: Id) -> Result<Option<Record>, Error> {
    let record = work.ports.store.get(id, None).await?;
    let ours =
        |record: &Record| record.head.kind == Kind::USER && visible::covers(work.caller, record);
    Ok(record.filter(ours))
}

fn model<'a>(work: Work<'a>) -> Result<&'a Model, Error> {
    let model = work.ports.models.of_kind(Kind::USER).ok_or_else(Error::not_found)?;
    Ok(model.as_ref())
}

/// What the reports of one person come to, in one change.
async fn of_person(
    work: Work<'_>,
    id: Id,
    seen: &[(usize, Moment)],
    reported: &mut Reported,
) -> Result<(), Error> {
    for turn in 0..TURNS {
        let _lane = if turn == 0 { None } else { work.ports.lanes.enter(id).await };
        let Some(record) = load(work, id).await? else {
            reported.refused.extend(seen.iter().map(|(at, _)| (*at, UNKNOWN.to_owned())));
            return Ok(());
        };
        let judged = judge(work, &record, seen)?;
        let later = judged.facts.last_access_at > judged.before;
        if later && !write(work, &record, judged.facts).await? {
            continue;
        }
        reported.changed += usize::from(later);
        reported.known += seen.len() - judged.refused.len() - usize::from(later);
        reported.refused.extend(judged.refused);
        return Ok(());
    }
    let said = "Others keep changing this person. Report the sign-in again.";
    reported.refused.extend(seen.iter().map(|(at, _)| (*at, said.to_owned())));
    Ok(())
}

/// The facts after every report that counts, and those that do not.
struct Judged {
    before: Option<Moment>,
    facts: Facts,
    refused: Vec<(usize, String)>,
}

fn judge(work: Work<'_>, record: &Record, seen: &[(usize, Moment)]) -> Result<Judged, Error> {
    let document = render::document(record)?;
    let active = document.get("active") != Some(&Value::Bool(false));
    let nothing = serde_json::Map::new();
    let mine = person::extension(&document).unwrap_or(&nothing);
    let mut facts = person::facts(mine, active);
    let (before, mut refused) = (facts.last_access_at, Vec::new());
    let now = work.ports.clock.now().after(AHEAD);
    for (position, at) in seen {
        match facts.seen(*at, now) {
            Ok(seen) => {
                facts = seen.facts;
                refused.extend(seen.although.map(|off| (*position, although(off).to_owned())));
            }
            Err(refusal) => refused.push((*position, refusal.to_string())),
        }
    }
    Ok(Judged { before, facts, refused })
}

fn although(off: Deactivation) -> &'static str {
    match off {
        Deactivation::Temporary => {
            "This sign-in happened although signing in is switched off for the account. It is not \
             counted; look into it."
        }
        Deactivation::Permanent => {
            "This sign-in happened although the account is closed. It is not counted; look into \
             it."
        }
    }
}

/// Whether the last access was written; not if somebody else was faster.
async fn write(work: Work<'_>, record: &Record, facts: Facts) -> Result<bool, Error> {
    let (model, head) = (model(work)?, record.head);
    let Some(at) = facts.last_access_at else { return Ok(true) };
    let mut document = render::document(record)?;
    let mut mine = match document.shift_remove(person::EXTENSION) {
        Some(Value::Object(mine)) => mine,
        _ => serde_json::Map::new(),
    };
    mine.insert(person::LAST_ACCESS.into(), json!(at.to_string()));
    put_back(&mut document, mine);
    person::lay_out(&mut document);
    let change = Change {
        chain: head.partition.organization,
        cause: work.caller.cause(),
        action: Action::Modify,
        outcome: Outcome::Done,
        subject: Some((Kind::USER, head.id)),
        attributes: vec![person::LAST_ACCESS.to_owned()],
        guards: vec![Guard::Version(head.id, head.version)],
        writes: vec![Write::Update(keys::draft(
            work,
            model,
            (head.id, head.partition),
            &document,
        )?)],
    };
    match work.ports.store.commit(change).await? {
        Verdict::Done(_) => Ok(true),
        Verdict::Stale(_) | Verdict::Missing(_) => Ok(false),
        Verdict::Taken(_) | Verdict::Cyclic => {
            Err(Error::internal("a sign-in was refused by the store"))
        }
    }
}
