//! The gateway's own certificate is in the register by itself (CE8).

use crate::base::id::Id;
use crate::domain::duty::certificate::Certificate;
use crate::domain::duty::certificate::Source;
use crate::domain::duty::certificate::Use;
use crate::domain::duty::read;
use crate::service::Error;
use crate::service::Ports;
use crate::service::certificates::record;
use crate::service::certificates::register;
use crate::service::certificates::register::Details;

/// What is known of where it is used.
const PLACE: &str = "The listener of this gateway: every identity provider that pushes to it.";

/// Sees that the register holds the chain (DER) that the listener shows: at the start, and
/// whenever it is exchanged. The successor takes the place of the one before. Answers its record;
/// nothing is written when it is there already.
pub async fn keep(ports: &Ports, chain: &[Vec<u8>]) -> Result<Id, Error> {
    let bundle = register::read(read::pem(chain).as_bytes())?;
    let all = record::certificates(ports, Some(0)).await?;
    let in_force = |one: &Certificate| one.replaced_by.is_none();
    let same = |one: &Certificate| one.facts.fingerprint == bundle.leaf.fingerprint;
    if let Some((known, _)) = all.iter().find(|(one, _)| in_force(one) && same(one)) {
        return Ok(known.id);
    }
    let cause = record::own_cause(ports)?;
    let former = all.into_iter().filter(|(one, _)| in_force(one) && one.source == Source::Listener);
    if let Some(old) = former.max_by_key(|(one, _)| one.registered) {
        return Ok(register::succeed(ports, cause, old, bundle, Details::default()).await?.id);
    }
    let mut one = register::made(ports, 0, bundle, Source::Listener)?;
    one.usage = Use::GatewayTls;
    one.owner.clone_from(&ports.reminding.help_desk);
    one.place = PLACE.to_owned();
    register::create(ports, cause, &one).await?;
    Ok(one.id)
}
