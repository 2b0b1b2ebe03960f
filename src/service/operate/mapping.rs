//! The operator's commands about mapping rules and holds.

use serde_json::Value;

use crate::base::id::Id;
use crate::domain::place::organization;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Identity;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::Work;
use crate::service::access;
use crate::service::holds;
use crate::service::operate::Command;
use crate::service::rules;

/// The commands about holds.
pub(super) async fn hold_command(ports: &Ports, command: Command) -> Result<Value, Error> {
    let caller = Caller::operator(ports)?;
    let work = Work { ports, caller: &caller };
    match command {
        Command::HoldList { organization: Some(code) } => {
            let number = organization::number(&code).ok_or_else(Error::not_found)?;
            holds::list(work, Some(number)).await
        }
        Command::HoldShow { hold } => holds::show(work, hold_id(&hold)?).await,
        Command::HoldRelease { hold } => holds::release(work, hold_id(&hold)?).await,
        Command::HoldReject { hold } => holds::reject(work, hold_id(&hold)?).await,
        _ => holds::list(work, None).await,
    }
}

fn hold_id(text: &str) -> Result<Id, Error> {
    let said = "No such hold. `wardgate hold list` shows all.";
    Id::parse(text).ok_or_else(|| Error::new(Kind::NotFound, said))
}

/// The commands about rules.
pub(super) async fn rule_command(ports: &Ports, command: Command) -> Result<Value, Error> {
    let mut caller = Caller::operator(ports)?;
    if let Command::RuleApprove { token: Some(token), .. } = &command {
        let known = access::authenticate(ports, token).ok();
        let known = known.filter(|known| matches!(known.identity, Identity::Administrator(_)));
        let known = known.ok_or_else(|| {
            Error::new(Kind::Denied, "This is no live token of an administrator.")
        })?;
        caller.token = known.token;
    }
    let work = Work { ports, caller: &caller };
    match command {
        Command::RuleAdd { rule, replaces } => {
            let replaces = replaces.as_deref().map(rule_id).transpose()?;
            rules::save(work, &rule, replaces).await
        }
        Command::RuleList { organization: None } => rules::list(work, None).await,
        Command::RuleList { organization: Some(code) } => {
            let number = organization::number(&code).ok_or_else(Error::not_found)?;
            rules::list(work, Some(number)).await
        }
        Command::RuleShow { rule } => rules::show(work, rule_id(&rule)?).await,
        Command::RuleRemove { rule } => {
            rules::remove(work, rule_id(&rule)?).await.map(|()| Value::Null)
        }
        Command::RuleApprove { rule, .. } => rules::approve(work, rule_id(&rule)?).await,
        Command::RulePreview { rule, replaces, at } => {
            let replaces = replaces.as_deref().map(rule_id).transpose()?;
            let at = at.as_deref().map(str::parse).transpose().map_err(|_| {
                Error::new(Kind::Conflict, "An instant is written as in RFC 3339, with an offset.")
            })?;
            rules::preview(work, rule.as_ref(), replaces, at).await
        }
        Command::RuleProgress { rule, cancel } => {
            let id = rule_id(&rule)?;
            let cancelled = cancel && rules::cancel(ports, id);
            let progress = rules::progress(ports, id);
            let (done, total) = progress.unzip();
            Ok(serde_json::json!({"done": done, "total": total, "cancelled": cancelled}))
        }
        _ => Err(Error::not_found()),
    }
}

fn rule_id(text: &str) -> Result<Id, Error> {
    let said = "No such rule. `wardgate rule list` shows all.";
    Id::parse(text).ok_or_else(|| Error::new(Kind::NotFound, said))
}
