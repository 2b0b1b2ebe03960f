//! Sends the letters that are due: claim, send, write down how it ended.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::duty::certificate::Certificate;
use crate::domain::duty::certificate::DAY;
use crate::domain::duty::reminder::Claimed;
use crate::domain::duty::reminder::Due;
use crate::domain::record::Kind;
use crate::post;
use crate::post::Letter;
use crate::post::calendar;
use crate::post::calendar::Entry;
use crate::post::letters::certificate as texts;
use crate::service::Error;
use crate::service::Ports;
use crate::service::certificates::export;
use crate::service::certificates::record;
use crate::service::certificates::record::Claim;
use crate::service::certificates::record::Progress;
use crate::service::certificates::record::Versioned;
use crate::service::certificates::record::Writing;
use crate::service::certificates::register;
use crate::service::certificates::view;
use crate::service::tenancy;
use crate::store::change::Action;
use crate::store::change::Guard;
use crate::store::change::Verdict;
use crate::store::change::Write;

/// How long whoever claims a letter has it alone.
pub(super) const LEASE: Duration = Duration::from_secs(600);
/// The first pause after a failure; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// How often the pause is doubled at most: about four hours.
const DOUBLINGS: u32 = 8;
/// The most letters of one pass; the next comes soon.
const MOST_LETTERS: usize = 1_000;

/// How a pass went.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Passed {
    /// Letters that went out.
    pub sent: u64,
    /// Letters that did not, and will be tried again.
    pub failed: u64,
    /// Letters that are not needed any more.
    pub cancelled: u64,
    /// Nothing was sent because the clock jumped (F10).
    pub held: bool,
}

/// One pass at `now`. A duty; whoever runs it twice at a time sends nothing twice.
pub async fn run_once(ports: &Ports, now: Moment) -> Result<Passed, Error> {
    let mut passed = Passed::default();
    if ports.reminding.jumped(now, ports.clock.ticks()) {
        tracing::warn!("the clock has jumped; reminders wait until an operator confirms it");
        passed.held = true;
        return Ok(passed);
    }
    let names = names(ports).await?;
    let mut letters = 0_usize;
    for (one, _) in record::ending(ports, horizon(ports, now)).await? {
        let claims = record::claims(ports, &one).await?;
        let Some(due) = ports.reminding.policy.due(&one, &taken(&claims), now) else { continue };
        if let Some(claim) = claim(ports, &one, due, now).await? {
            carry(ports, (&one, &names), claim, now, &mut passed).await?;
            letters = letters.saturating_add(1);
        }
        if letters >= MOST_LETTERS {
            return Ok(passed);
        }
    }
    for open in record::open_claims(ports, now).await?.into_iter().take(MOST_LETTERS) {
        again(ports, &names, open, now, &mut passed).await?;
    }
    if passed.failed > 0 {
        tracing::error!(letters = passed.failed, "reminders could not be delivered");
    }
    Ok(passed)
}

/// One pass by hand: what `certificate remind` says.
pub async fn remind(ports: &Ports) -> Result<Value, Error> {
    let passed = run_once(ports, ports.clock.now()).await?;
    serde_json::to_value(passed).map_err(Error::internal)
}

/// What a pass would do now, without doing it.
pub async fn dry_run(ports: &Ports) -> Result<Value, Error> {
    let now = ports.clock.now();
    let mut rows = Vec::new();
    for (one, _) in record::ending(ports, horizon(ports, now)).await? {
        let claims = record::claims(ports, &one).await?;
        let due = ports.reminding.policy.due(&one, &taken(&claims), now);
        let new = due.map(|due| (due.step.name, due.late));
        let open = claims.iter().filter(|(claim, _)| claim.open() && claim.retry <= now);
        let old = open.map(|(claim, _)| (claim.step.step.clone(), claim.late));
        for (step, late) in new.into_iter().chain(old) {
            rows.push(json!({
                "id": one.id.to_string(),
                "organization": view::code(one.organization),
                "subject": one.facts.subject,
                "ends": one.facts.not_after.to_string(),
                "step": step,
                "late": late,
                "recipients": one.recipients(&ports.reminding.help_desk).0,
            }));
        }
    }
    Ok(Value::Array(rows))
}

/// An operator says that the clock is right (F10).
pub fn confirm_clock(ports: &Ports) -> Value {
    ports.reminding.confirm();
    json!({"clock": "confirmed"})
}

/// Sends a letter that says only that mail works.
pub async fn test_mail(ports: &Ports, address: &str) -> Result<Value, Error> {
    if !post::usable(address) {
        return Err(register::refused("That is no plain mail address, such as name@example.org."));
    }
    let now = ports.clock.now();
    let id = Id::new(now, ports.entropy.as_ref())?;
    let text = "This letter says that Wardgate can send mail.\n\n\
                Ce message confirme que Wardgate peut envoyer du courrier.\n";
    let letter = Letter {
        message_id: format!("{id}@{}", ports.reminding.domain),
        to: vec![address.to_owned()],
        subject: "Wardgate: mail works / le courrier fonctionne".to_owned(),
        text: text.to_owned(),
        html: format!("<p>{}</p>", text.trim().replace("\n\n", "</p><p>")),
        calendar: None,
        written: now.millis() / 1_000,
    };
    ports.reminding.post.send(&letter).await.map_err(|undelivered| {
        Error::new(crate::service::Kind::Busy, format!("The letter did not leave: {undelivered}."))
    })?;
    Ok(json!({"message_id": letter.message_id, "state": "sent"}))
}

/// The latest end of a certificate that could have a letter due at `now`.
fn horizon(ports: &Ports, now: Moment) -> Moment {
    let policy = &ports.reminding.policy;
    let widest = policy.days.iter().copied().max().unwrap_or(0).max(policy.proportional_below);
    let widest = i64::from(widest.max(1)).saturating_mul(DAY);
    Moment(now.0.saturating_add(widest))
}

fn taken(claims: &[Versioned<Claim>]) -> Vec<Claimed> {
    claims.iter().map(|(claim, _)| claim.step.clone()).collect()
}

/// Takes a letter on; `None` when somebody else has. Those of wider steps that have not left
/// yet end in the same change.
async fn claim(
    ports: &Ports,
    one: &Certificate,
    due: Due,
    now: Moment,
) -> Result<Option<Versioned<Claim>>, Error> {
    let id = Id::new(now, ports.entropy.as_ref())?;
    let claim = Claim {
        id,
        organization: one.organization,
        certificate: one.id,
        step: Claimed { step: due.step.name, due: due.step.due },
        late: due.late,
        progress: Progress::Claimed,
        message_id: format!("{id}@{}", ports.reminding.domain),
        attempts: 1,
        retry: now.after(LEASE),
        sent: None,
        recipients: one.recipients(&ports.reminding.help_desk).0,
        failure: None,
    };
    let (mut guards, mut writes) = (Vec::new(), vec![Write::Create(record::claim_draft(&claim)?)]);
    for (mut wider, version) in record::claims(ports, one).await? {
        if wider.open() {
            wider.progress = Progress::Cancelled;
            guards.push(Guard::Version(wider.id, version));
            writes.push(Write::Update(record::claim_draft(&wider)?));
        }
    }
    guards.push(Guard::Exists { id: one.id, organization: one.organization });
    let writing = Writing {
        cause: record::own_cause(ports)?,
        action: Action::Create,
        organization: one.organization,
        subject: (Kind::CLAIM, id),
        attributes: &["progress"],
        guards,
        writes,
    };
    Ok(matches!(record::commit(ports, writing).await?, Verdict::Done(_)).then_some((claim, 1)))
}

/// Takes on a letter whose lease ran out or whose next attempt has come.
async fn again(
    ports: &Ports,
    names: &HashMap<u32, String>,
    (mut claim, version): Versioned<Claim>,
    now: Moment,
    passed: &mut Passed,
) -> Result<(), Error> {
    let known = record::certificate(ports, claim.certificate).await?;
    let Some((one, _)) = known.filter(|(one, _)| one.replaced_by.is_none()) else {
        claim.progress = Progress::Cancelled;
        update(ports, &claim, version).await?;
        passed.cancelled = passed.cancelled.saturating_add(1);
        return Ok(());
    };
    claim.progress = Progress::Claimed;
    claim.attempts = claim.attempts.saturating_add(1);
    claim.retry = now.after(LEASE);
    claim.recipients = one.recipients(&ports.reminding.help_desk).0;
    if update(ports, &claim, version).await? {
        let taken = (claim, version.saturating_add(1));
        carry(ports, (&one, names), taken, now, passed).await?;
    }
    Ok(())
}

/// Sends a letter that is ours, and writes down how it ended (CE7).
async fn carry(
    ports: &Ports,
    (one, names): (&Certificate, &HashMap<u32, String>),
    (mut claim, version): Versioned<Claim>,
    now: Moment,
    passed: &mut Passed,
) -> Result<(), Error> {
    let sent = match claim.recipients.is_empty() {
        true => Err("nobody to write to: the certificate has no owner, and no help desk is set \
                     (mail.help_desk)"
            .to_owned()),
        false => {
            let letter = letter(ports, one, &claim, names, now);
            ports.reminding.post.send(&letter).await.map_err(|undelivered| undelivered.to_string())
        }
    };
    match sent {
        Ok(()) => {
            claim.progress = Progress::Sent;
            claim.sent = Some(now);
            claim.failure = None;
            passed.sent = passed.sent.saturating_add(1);
        }
        Err(failure) => {
            let certificate = one.id.to_string();
            tracing::error!(certificate, failure, "a reminder was not delivered");
            let doublings = claim.attempts.saturating_sub(1).min(DOUBLINGS);
            claim.progress = Progress::Failed;
            claim.failure = Some(failure);
            claim.retry = now.after(FIRST_PAUSE.saturating_mul(2_u32.pow(doublings)));
            passed.failed = passed.failed.saturating_add(1);
        }
    }
    // When it was cancelled meanwhile, or the lease ran out, others have said how it stands.
    update(ports, &claim, version).await?;
    Ok(())
}

/// Whether the claim was still ours to change.
async fn update(ports: &Ports, claim: &Claim, version: u64) -> Result<bool, Error> {
    let writing = Writing {
        cause: record::own_cause(ports)?,
        action: Action::Modify,
        organization: claim.organization,
        subject: (Kind::CLAIM, claim.id),
        attributes: &["progress"],
        guards: vec![Guard::Version(claim.id, version)],
        writes: vec![Write::Update(record::claim_draft(claim)?)],
    };
    Ok(matches!(record::commit(ports, writing).await?, Verdict::Done(_)))
}

fn letter(
    ports: &Ports,
    one: &Certificate,
    claim: &Claim,
    names: &HashMap<u32, String>,
    now: Moment,
) -> Letter {
    let name = names.get(&one.organization).map(String::as_str).unwrap_or_default();
    let notice = texts::Notice {
        days: one.days_left(now),
        late: claim.late,
        ownerless: one.owner.is_empty(),
        ends: one.facts.not_after.to_string().get(..16).unwrap_or_default().replace('T', " ")
            + " UTC",
        organization: format!("{} {name}", view::code(one.organization)).trim().to_owned(),
        subject: one.facts.subject.clone(),
        issuer: one.facts.issuer.clone(),
        serial: one.facts.serial.clone(),
        fingerprint: one.facts.fingerprint.clone(),
        usage: one.usage.word().to_owned(),
        place: one.place.clone(),
        process: one.process.clone(),
    };
    let (subject, text, html) = texts::write(&notice, ports.reminding.language);
    let entry = Entry { description: text.clone(), ..export::entry(one, now) };
    Letter {
        message_id: claim.message_id.clone(),
        to: claim.recipients.clone(),
        subject,
        text,
        html,
        calendar: Some(calendar::feed(&[entry])),
        written: now.millis() / 1_000,
    }
}

/// The names of organizations by number.
async fn names(ports: &Ports) -> Result<HashMap<u32, String>, Error> {
    let all = tenancy::list_organizations(ports).await?;
    let rows = all.as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |row: &Value| {
        let number = u32::try_from(row.get("number")?.as_u64()?).ok()?;
        Some((number, row.get("name")?.as_str()?.to_owned()))
    };
    Ok(rows.iter().filter_map(name).collect())
}
