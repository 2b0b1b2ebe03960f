//! Reads what a host really shows, and keeps it in the register if asked to.

use serde_json::Value;
use serde_json::json;

use crate::domain::duty::certificate::Source;
use crate::domain::duty::read;
use crate::service::Error;
use crate::service::Ports;
use crate::service::certificates::register;
use crate::service::certificates::register::Details;
use crate::service::certificates::view;
use crate::store::change::Cause;
use crate::upstream::presented;
use crate::upstream::presented::Before;

/// Looks at `HOST:PORT`. With `keep`, an organization and what people say of it, the certificate
/// goes into the register. `private` lets addresses of private networks pass: for operators.
pub async fn probe(
    ports: &Ports,
    (at, before): (&str, Before),
    private: bool,
    keep: Option<(Cause, String, Details)>,
) -> Result<Value, Error> {
    let private = private || ports.reminding.private_probes;
    let chain = presented::chain(at, before, private).await;
    let chain = chain.map_err(|hidden| register::refused(&hidden.to_string()))?;
    let read = |der: &Vec<u8>| read::facts(der);
    let unreadable = || register::refused("The certificate that was shown is unreadable.");
    let leaf = chain.first().and_then(read).ok_or_else(unreadable)?;
    let rest = chain.iter().skip(1).take(read::MOST_CERTIFICATES).filter_map(read).collect();
    let bundle = read::Bundle { leaf, chain: rest };
    let Some((cause, organization, details)) = keep else {
        let one = register::made(ports, 0, bundle, Source::Probe(at.to_owned()))?;
        let mut shown = view::whole(ports, &one, &[], ports.clock.now());
        if let Value::Object(shown) = &mut shown {
            let known_here = ["id", "organization", "owner", "alerts", "letters", "registered"];
            shown.retain(|name, _| !known_here.contains(&name.as_str()));
            shown.insert("kept".to_owned(), json!(false));
        }
        return Ok(shown);
    };
    if details.owner.as_deref().unwrap_or_default().is_empty() {
        return Err(register::refused("To keep it, name its owner: a mail address (CE6)."));
    }
    let number = register::numbered(ports, &organization)?;
    let one = register::made(ports, number, bundle, Source::Probe(at.to_owned()))?;
    let one = register::described(one, details)?;
    register::create(ports, cause, &one).await?;
    register::show(ports, &one.id.to_string()).await
}
