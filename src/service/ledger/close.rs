//! The end of an account: what it holds ends, and what others hold by it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::access::grant::Grant;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Work;
use crate::service::ledger::Settled;
use crate::service::ledger::evaluate;
use crate::service::ledger::line;
use crate::service::ledger::read;
use crate::store::change::Guard;
use crate::store::change::Write;

/// Lines that end with an account, as they were.
#[derive(Debug, Default)]
pub struct Ended {
    /// What the account held.
    pub own: Vec<Value>,
    /// What others held by it.
    pub others: Vec<Value>,
}

/// What ends with the account of `record`: its own lines, as they were held, and the lines of
/// those who act for it (US4, DE6). The records of delegations are left to whoever closes, since
/// hand-made ones end with it too.
pub async fn close(work: Work<'_>, record: &Record) -> Result<(Ended, Settled), Error> {
    let (mut ended, mut settled) = (Ended::default(), Settled::default());
    let id = record.head.id;
    for line in line::lines(work.ports, id).await? {
        settled.erase(line.id);
        ended.own.push(line.kept()?);
    }
    let organization = record.head.partition.organization;
    let delegates: BTreeSet<_> = evaluate::delegates_of(work.ports, id, organization).await?;
    for delegate in delegates {
        let Some(other) = read::record(work.ports, Kind::USER, delegate, None).await? else {
            continue;
        };
        settled.guards.push(Guard::Version(delegate, other.head.version));
        for line in line::lines(work.ports, delegate).await? {
            let of =
                matches!(line.held.grant, Grant::Delegation { delegator, .. } if delegator == id);
            if of && !settled.writes.contains(&Write::Erase(line.id)) {
                settled.writes.push(Write::Erase(line.id));
                ended.others.push(line.kept()?);
            }
        }
    }
    Ok((ended, settled))
}

/// Somebody said that a person is off, who is off by a restriction: the person stays off when the
/// restriction ends. A client that only repeats what it has read counts as well: whoever left must
/// not come back because a leave ended.
pub async fn stays_off(work: Work<'_>, record: &Record) -> Result<Settled, Error> {
    let mut settled = Settled::default();
    for line in line::lines(work.ports, record.head.id).await? {
        if line.switched {
            let line = line::Line { switched: false, ..line };
            settled.writes.push(Write::Update(line.draft(record.head.partition)?));
            // It is there already; so that the answer tells of the person.
            let (relation, from, to) = (Relation::GRANTED, record.head.id, line.id);
            settled.writes.push(Write::Link { relation, from, to, note: 0 });
        }
    }
    if !settled.writes.is_empty() {
        settled.guards.push(Guard::Version(record.head.id, record.head.version));
    }
    Ok(settled)
}
