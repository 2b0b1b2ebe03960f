//! Adds, lists, replaces and removes certificates.

use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::duty::certificate::Certificate;
use crate::domain::duty::certificate::DAY;
use crate::domain::duty::certificate::MOST_EXTRA;
use crate::domain::duty::certificate::Source;
use crate::domain::duty::certificate::State;
use crate::domain::duty::certificate::Use;
use crate::domain::duty::read;
use crate::domain::duty::read::Bundle;
use crate::domain::place::organization;
use crate::domain::record::Kind;
use crate::post;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Ports;
use crate::service::certificates::record;
use crate::service::certificates::record::Claim;
use crate::service::certificates::record::Progress;
use crate::service::certificates::record::Writing;
use crate::service::certificates::view;
use crate::service::tenancy;
use crate::store::change::Action;
use crate::store::change::Cause;
use crate::store::change::Guard;
use crate::store::change::Write;

/// The longest text about place or renewal, in bytes.
const LONGEST_TEXT: usize = 4_096;

/// What people say of a certificate; `None` leaves it as it is, or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Details {
    /// What it is used for.
    #[serde(rename = "use")]
    pub usage: Option<Use>,
    /// The Application Owner's address; empty says that they are gone (CE6).
    pub owner: Option<String>,
    /// Who stands in, and whoever else wants to know: at most five.
    pub extra: Option<Vec<String>>,
    /// How it is renewed.
    pub process: Option<String>,
    /// Where it is used, and who is affected.
    pub place: Option<String>,
}

/// Puts the certificate of `input` (PEM, DER or PKCS #7) into the register of an organization,
/// named by `ORG####` or id. Answers it whole. Refuses private keys, and whoever has no owner.
pub async fn add(
    ports: &Ports,
    cause: Cause,
    organization: &str,
    input: &[u8],
    details: Details,
) -> Result<Value, Error> {
    let number = numbered(ports, organization)?;
    if details.owner.as_deref().unwrap_or_default().is_empty() {
        return Err(refused("A certificate needs an Application Owner: a mail address (CE6)."));
    }
    let one = described(made(ports, number, read(input)?, Source::Upload)?, details)?;
    create(ports, cause, &one).await?;
    show(ports, &one.id.to_string()).await
}

/// Changes what people say of a certificate.
pub async fn set(ports: &Ports, cause: Cause, id: &str, details: Details) -> Result<Value, Error> {
    let (one, version) = found(ports, id).await?;
    let one = described(one, details)?;
    let writing = Writing {
        cause,
        action: Action::Modify,
        organization: one.organization,
        subject: (Kind::CERTIFICATE, one.id),
        attributes: &["owner", "extra", "process", "place", "use"],
        guards: vec![Guard::Version(one.id, version)],
        writes: vec![Write::Update(record::certificate_draft(&one)?)],
    };
    record::must(ports, writing).await?;
    show(ports, id).await
}

/// What expires: certificates of an organization or of all, and tokens, nearest end first.
pub async fn list(ports: &Ports, organization: Option<&str>) -> Result<Value, Error> {
    let number = organization.map(|named| numbered(ports, named)).transpose()?;
    let now = ports.clock.now();
    let claims = record::all_claims(ports, number).await?;
    let mut of: std::collections::HashMap<Id, Vec<&Claim>> = std::collections::HashMap::new();
    for (claim, _) in &claims {
        of.entry(claim.certificate).or_default().push(claim);
    }
    let mut rows = Vec::new();
    for (one, _) in record::certificates(ports, number).await? {
        let claims = of.get(&one.id).map(Vec::as_slice).unwrap_or_default();
        rows.push((one.facts.not_after, view::line(ports, &one, claims, now)));
    }
    rows.extend(tokens(ports, number, now).await?);
    rows.sort_by_key(|(ends, _)| *ends);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// How many certificates stand how: by state, then what somebody has to look at. For gauges.
pub async fn standing(ports: &Ports) -> Result<Vec<(&'static str, i64)>, Error> {
    let now = ports.clock.now();
    let all = record::certificates(ports, None).await?;
    let claims = record::all_claims(ports, None).await?;
    let in_state = |state: State| all.iter().filter(|(one, _)| one.state(now) == state).count();
    let states =
        [State::Valid, State::Expiring, State::Expired, State::NotYetValid, State::Unreadable];
    let ownerless = |one: &Certificate| one.owner.is_empty() && one.replaced_by.is_none();
    let failed = claims.iter().filter(|(claim, _)| claim.progress == Progress::Failed).count();
    let looked_at = [
        ("no-owner", all.iter().filter(|(one, _)| ownerless(one)).count()),
        ("letter-not-delivered", failed),
        ("clock-jumped", usize::from(ports.reminding.held())),
    ];
    let counts = states.into_iter().map(|state| (state.word(), in_state(state))).chain(looked_at);
    Ok(counts.map(|(word, count)| (word, i64::try_from(count).unwrap_or(i64::MAX))).collect())
}

/// One certificate whole, with its plan and its letters.
pub async fn show(ports: &Ports, id: &str) -> Result<Value, Error> {
    let (one, _) = found(ports, id).await?;
    let claims = record::claims(ports, &one).await?;
    let claims: Vec<&Claim> = claims.iter().map(|(claim, _)| claim).collect();
    Ok(view::whole(ports, &one, &claims, ports.clock.now()))
}

/// Puts the successor of a certificate into the register: what people said of the old one holds
/// for it unless `details` say otherwise, and the old one's letters end (CE5). Answers the new one.
pub async fn replace(
    ports: &Ports,
    cause: Cause,
    id: &str,
    input: &[u8],
    details: Details,
) -> Result<Value, Error> {
    let (old, version) = found(ports, id).await?;
    if old.replaced_by.is_some() {
        return Err(Error::new(
            ErrorKind::Conflict,
            "It has been replaced already. Replace its successor; `certificate show` names it.",
        ));
    }
    let new = succeed(ports, cause, (old, version), read(input)?, details).await?;
    show(ports, &new.id.to_string()).await
}

/// Takes a certificate and its letters out of the register; the past keeps both.
pub async fn remove(ports: &Ports, cause: Cause, id: &str) -> Result<Value, Error> {
    let (one, version) = found(ports, id).await?;
    let claims = record::claims(ports, &one).await?;
    let mut writes = vec![Write::Erase(one.id)];
    writes.extend(claims.iter().map(|(claim, _)| Write::Erase(claim.id)));
    let writing = Writing {
        cause,
        action: Action::Delete,
        organization: one.organization,
        subject: (Kind::CERTIFICATE, one.id),
        attributes: &[],
        guards: vec![Guard::Version(one.id, version)],
        writes,
    };
    record::must(ports, writing).await?;
    Ok(json!({"id": one.id.to_string(), "state": "removed"}))
}

/// The successor takes the place of `old`, in one change: the letters of `old` that are still
/// open are cancelled.
pub(super) async fn succeed(
    ports: &Ports,
    cause: Cause,
    (mut old, version): record::Versioned<Certificate>,
    bundle: Bundle,
    details: Details,
) -> Result<Certificate, Error> {
    if bundle.leaf.fingerprint == old.facts.fingerprint {
        return Err(refused("The file holds the same certificate that it is to replace."));
    }
    let mut new = made(ports, old.organization, bundle, old.source.clone())?;
    new.usage = old.usage;
    new.owner.clone_from(&old.owner);
    new.extra.clone_from(&old.extra);
    new.process.clone_from(&old.process);
    new.place.clone_from(&old.place);
    let new = described(new, details)?;
    old.replaced_by = Some(new.id);
    let mut guards = vec![Guard::Version(old.id, version)];
    let mut writes = vec![
        Write::Create(record::certificate_draft(&new)?),
        Write::Update(record::certificate_draft(&old)?),
    ];
    for (mut claim, version) in record::claims(ports, &old).await? {
        if claim.open() {
            claim.progress = Progress::Cancelled;
            guards.push(Guard::Version(claim.id, version));
            writes.push(Write::Update(record::claim_draft(&claim)?));
        }
    }
    let writing = Writing {
        cause,
        action: Action::Create,
        organization: new.organization,
        subject: (Kind::CERTIFICATE, new.id),
        attributes: &["replacedBy"],
        guards,
        writes,
    };
    record::must(ports, writing).await?;
    Ok(new)
}

/// Writes a new certificate.
pub(super) async fn create(ports: &Ports, cause: Cause, one: &Certificate) -> Result<(), Error> {
    let writing = Writing {
        cause,
        action: Action::Create,
        organization: one.organization,
        subject: (Kind::CERTIFICATE, one.id),
        attributes: &[],
        guards: Vec::new(),
        writes: vec![Write::Create(record::certificate_draft(one)?)],
    };
    record::must(ports, writing).await
}

/// A certificate that nobody has said anything of yet.
pub(super) fn made(
    ports: &Ports,
    organization: u32,
    bundle: Bundle,
    source: Source,
) -> Result<Certificate, Error> {
    let now = ports.clock.now();
    Ok(Certificate {
        id: Id::new(now, ports.entropy.as_ref())?,
        organization,
        usage: Use::default(),
        owner: String::new(),
        extra: Vec::new(),
        process: String::new(),
        place: String::new(),
        source,
        chain: bundle.chain.into_iter().map(|one| (one.subject, one.not_after)).collect(),
        facts: bundle.leaf,
        registered: now,
        replaced_by: None,
    })
}

/// The number behind `ORG####`, an id, or `network`.
pub(super) fn numbered(ports: &Ports, named: &str) -> Result<u32, Error> {
    if named == "network" {
        return Ok(0);
    }
    let snapshot = ports.registry.snapshot();
    let number = organization::number(named)
        .or_else(|| Id::parse(named).and_then(|id| snapshot.organizations.get(&id).copied()));
    number.filter(|number| snapshot.organization(*number).is_some()).ok_or_else(|| {
        let said = "No such organization. `wardgate organization list` shows all.";
        Error::new(ErrorKind::NotFound, said)
    })
}

pub(super) fn read(input: &[u8]) -> Result<Bundle, Error> {
    read::bundle(input).map_err(|unreadable| refused(&unreadable.to_string()))
}

pub(super) fn refused(said: &str) -> Error {
    Error::new(ErrorKind::Scim(ScimType::InvalidValue), said)
}

async fn found(ports: &Ports, id: &str) -> Result<record::Versioned<Certificate>, Error> {
    let one = match Id::parse(id) {
        Some(id) => record::certificate(ports, id).await?,
        None => None,
    };
    one.ok_or_else(|| {
        let said = "No such certificate. `wardgate certificate list` shows their ids.";
        Error::new(ErrorKind::NotFound, said)
    })
}

pub(super) fn described(mut one: Certificate, details: Details) -> Result<Certificate, Error> {
    let Details { usage, owner, extra, process, place } = details;
    one.usage = usage.unwrap_or(one.usage);
    one.owner = owner.unwrap_or(one.owner);
    one.extra = extra.unwrap_or(one.extra);
    one.process = process.unwrap_or(one.process);
    one.place = place.unwrap_or(one.place);
    if !one.owner.is_empty() && !post::usable(&one.owner) {
        return Err(refused("The owner must be a plain mail address, such as name@example.org."));
    }
    if one.extra.len() > MOST_EXTRA || !one.extra.iter().all(|address| post::usable(address)) {
        return Err(refused("There can be up to five more addresses, each a plain mail address."));
    }
    let calm = |text: &str| {
        text.len() <= LONGEST_TEXT && !text.chars().any(|one| one.is_control() && one != '\n')
    };
    if !calm(&one.process) || !calm(&one.place) {
        let said = "Place and renewal process have at most 4096 bytes and no control characters \
                    but line ends.";
        return Err(refused(said));
    }
    Ok(one)
}

/// The tokens that are live, as lines of the list that nobody can change here.
async fn tokens(
    ports: &Ports,
    organization: Option<u32>,
    now: Moment,
) -> Result<Vec<(Moment, Value)>, Error> {
    let all = tenancy::list_tokens(ports, None).await?;
    let snapshot = ports.registry.snapshot();
    let mut rows = Vec::new();
    for token in all.as_array().map(Vec::as_slice).unwrap_or_default() {
        let text = |name: &str| token.get(name).and_then(Value::as_str).unwrap_or_default();
        let of = Id::parse(text("connection"));
        let home = snapshot.connections.values().find(|one| Some(one.id) == of);
        let number = home.map_or(0, |one| one.organization);
        let Ok(ends) = text("expires").parse::<Moment>() else { continue };
        if text("state") == "revoked" || organization.is_some_and(|wanted| wanted != number) {
            continue;
        }
        let days = ends.0.saturating_sub(now.0).div_euclid(DAY);
        let state = match days {
            days if days < 0 => "expired",
            0..90 => "expiring",
            _ => "valid",
        };
        let subject = home.map_or("administrator", |one| one.name.as_str());
        let row = json!({
            "id": text("token_id"),
            "kind": "token",
            "organization": view::code(number),
            "use": "token",
            "subject": subject,
            "ends": ends.to_string(),
            "days_left": days,
            "state": state,
            "owner": "",
            "next_reminder": null,
            "alerts": [],
        });
        rows.push((ends, row));
    }
    Ok(rows)
}
