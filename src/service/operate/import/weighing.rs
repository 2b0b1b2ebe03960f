//! The brake, asked once for all that an import takes away (PUL-05).
//!
//! An import is one change to whoever answers for it: what it takes from the people of an
//! organization is weighed together, held together with the exact list, and released together.

use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::Work;
use crate::service::ledger::brake;
use crate::service::operate::import::Plan;

/// Weighs a plan: what is said when it is held. A dry run lists no hold and counts nobody.
pub(super) async fn weigh(
    ports: &Ports,
    plan: &Plan,
    dry_run: bool,
) -> Result<Option<String>, Error> {
    if !dry_run {
        return held(ports, plan).await;
    }
    let windows = ports.windows.twin();
    held(&Ports { windows, ..ports.veiled()? }, plan).await
}

async fn held(ports: &Ports, plan: &Plan) -> Result<Option<String>, Error> {
    let caller = Caller::operator(ports)?;
    let work = Work { ports, caller: &caller };
    let mut tickets = Vec::new();
    for (number, people) in &plan.losers {
        match brake::weigh_people(work, *number, people.clone()).await {
            Ok(ticket) => tickets.push(ticket),
            Err(error) => {
                tickets.into_iter().for_each(|ticket| brake::give_back(ports, ticket));
                return match error.kind {
                    Kind::Held(_) => Ok(Some(error.said)),
                    _ => Err(error),
                };
            }
        }
    }
    Ok(None)
}
