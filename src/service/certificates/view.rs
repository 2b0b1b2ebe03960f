//! Certificates and letters as people and scripts read them.

use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::domain::duty::certificate::Certificate;
use crate::domain::duty::certificate::State;
use crate::domain::place::organization;
use crate::service::Ports;
use crate::service::certificates::record::Claim;
use crate::service::certificates::record::Progress;

/// The code of an organization, or `network`.
pub(super) fn code(number: u32) -> String {
    if number == 0 { "network".to_owned() } else { organization::code(number) }
}

/// A certificate on one line.
pub(super) fn line(ports: &Ports, one: &Certificate, claims: &[&Claim], now: Moment) -> Value {
    let next = ports.reminding.policy.next(one, now);
    json!({
        "id": one.id.to_string(),
        "kind": "certificate",
        "organization": code(one.organization),
        "use": one.usage.word(),
        "subject": one.facts.subject,
        "ends": one.facts.not_after.to_string(),
        "days_left": one.days_left(now),
        "state": one.state(now).word(),
        "owner": one.owner,
        "next_reminder": next.map(|step| step.due.to_string()),
        "alerts": alerts(ports, one, claims, now),
    })
}

/// What somebody has to look at.
pub(super) fn alerts(
    ports: &Ports,
    one: &Certificate,
    claims: &[&Claim],
    now: Moment,
) -> Vec<&'static str> {
    let state = one.state(now);
    if state == State::Replaced {
        return Vec::new();
    }
    let (recipients, gone) = one.recipients(&ports.reminding.help_desk);
    let failing = claims.iter().any(|claim| claim.progress == Progress::Failed);
    let found = [
        (state == State::Expired, "expired"),
        (state == State::Unreadable, "unreadable"),
        (gone, "no-owner"),
        (recipients.is_empty(), "nobody-to-write-to"),
        (failing, "letter-not-delivered"),
        (ports.reminding.held(), "clock-jumped"),
    ];
    found.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect()
}

/// A certificate with all that is known of it.
pub(super) fn whole(ports: &Ports, one: &Certificate, claims: &[&Claim], now: Moment) -> Value {
    let mut shown = line(ports, one, claims, now);
    let plan = ports.reminding.policy.steps(one).into_iter();
    let plan: Vec<Value> =
        plan.map(|step| json!({"step": step.name, "due": step.due.to_string()})).collect();
    let chain = one.chain.iter();
    let chain: Vec<Value> = chain
        .map(|(subject, ends)| json!({"subject": subject, "ends": ends.to_string()}))
        .collect();
    let more = json!({
        "extra": one.extra,
        "place": one.place,
        "process": one.process,
        "source": one.source.text(),
        "issuer": one.facts.issuer,
        "serial": one.facts.serial,
        "names": one.facts.names,
        "begins": one.facts.not_before.to_string(),
        "fingerprint": one.facts.fingerprint,
        "registered": one.registered.to_string(),
        "replaced_by": one.replaced_by.map(|id| id.to_string()),
        "chain": chain,
        "plan": plan,
        "letters": claims.iter().map(|claim| letter(claim)).collect::<Vec<_>>(),
    });
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}

/// A letter, and how it went.
pub(super) fn letter(claim: &Claim) -> Value {
    json!({
        "step": claim.step.step,
        "due": claim.step.due.to_string(),
        "late": claim.late,
        "progress": claim.progress,
        "attempts": claim.attempts,
        "sent": claim.sent.map(|at| at.to_string()),
        "next_attempt": claim.open().then(|| claim.retry.to_string()),
        "recipients": claim.recipients,
        "failure": claim.failure,
        "message_id": claim.message_id,
    })
}
