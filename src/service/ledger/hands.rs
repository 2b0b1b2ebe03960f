//! What is given and taken by hand where lines of the ledger give it too.
//!
//! A scheduler or a member that a line holds up stays when a hand takes it away, until the line
//! ends; one that a hand adds beside the line stays when the line ends.

use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::record::Kind;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Work;
use crate::service::ledger::Settled;
use crate::service::ledger::line;
use crate::service::ledger::line::BY_HAND;
use crate::service::ledger::line::Line;
use crate::service::ledger::read;
use crate::store::End;
use crate::store::change::Guard;
use crate::store::change::Write;

/// What follows for lines from `writes` by hand on the schedulers of a room system or the members
/// of an access group.
pub async fn hands(work: Work<'_>, relation: Relation, writes: &[Write]) -> Result<Settled, Error> {
    let mut settled = Settled::default();
    for write in writes {
        match *write {
            Write::Link { relation: of, from, to, .. } if of == relation => {
                touch(work, (relation, from, to), true, &mut settled).await?;
            }
            Write::Unlink { relation: of, from, to } if of == relation => {
                touch(work, (relation, from, to), false, &mut settled).await?;
            }
            Write::UnlinkAll { relation: of, from } if of == relation => {
                for link in read::links(work.ports, relation, End::From(from), None).await? {
                    touch(work, (relation, from, link.to), false, &mut settled).await?;
                }
            }
            _ => {}
        }
    }
    Ok(settled)
}

async fn touch(
    work: Work<'_>,
    (relation, from, to): (Relation, Id, Id),
    given: bool,
    out: &mut Settled,
) -> Result<(), Error> {
    let grant = match relation {
        Relation::SCHEDULER => Grant::Room { system: from },
        _ => Grant::AccessGroup { group: from },
    };
    let lines = line::lines(work.ports, to).await?;
    let Some(known) = lines.into_iter().find(|line| line.held.grant == grant) else {
        return Ok(());
    };
    let Some(person) = read::record(work.ports, Kind::USER, to, None).await? else { return Ok(()) };
    if given == known.by_hand() {
        if !given {
            // Only the line holds it, and the line stays.
            out.writes.push(Write::Link { relation, from, to, note: 0 });
        }
        return Ok(());
    }
    let mut line: Line = known;
    match given {
        true => drop(line.held.sources.insert(BY_HAND)),
        false => {
            line.held.sources.remove(&BY_HAND);
            out.writes.push(Write::Link { relation, from, to, note: 0 });
        }
    }
    out.guards.push(Guard::Version(to, person.head.version));
    out.writes.push(Write::Update(line.draft(person.head.partition)?));
    Ok(())
}
