//! The answers as the command line prints them: for whoever has the data directory at hand, who
//! sees every organization.

use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::Work;
use crate::service::effective::modules;
use crate::service::effective::modules::Answer;
use crate::service::effective::person;
use crate::service::effective::room;
use crate::service::effective::service;
use crate::service::effective::who;
use crate::service::effective::who::Goal;

/// What is asked; texts as they were typed.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Code or text of a module.
    pub module: Option<String>,
    /// Identifier of a provider.
    pub provider: Option<String>,
    /// Identifier or name of a room system.
    pub room: Option<String>,
    /// Code or text of a service.
    pub service: Option<String>,
    /// An RFC 3339 instant.
    pub as_of: Option<String>,
}

/// What a person may do, and why: modules unless a room system or a service is asked about.
pub async fn show(ports: &Ports, user: &str, asked: &Asked) -> Result<Value, Error> {
    let caller = Caller::operator(ports)?;
    let work = Work { ports, caller: &caller };
    let at = instant(asked)?;
    let subject = person::subject(work, person::find(work, user).await?, at).await?;
    let mut told = json!({
        "person": subject.person.name,
        "id": subject.person.id.to_string(),
        "user_name": subject.user_name,
        "as_of": at.unwrap_or_else(|| ports.clock.now()).to_string(),
    });
    let mut answers = Vec::new();
    if let Some(room) = &asked.room {
        let system = room::room_named(work, room).await?;
        let verdict = room::room(work, &subject, system).await?;
        let name = person::name_of(work, system, at).await?.name;
        answers.push(json!({"room": name, "may": verdict.may, "why": verdict.why}));
    }
    if let Some(text) = &asked.service {
        let verdict = service::service(work, &subject, text).await?;
        let (code, _) = service::named(text)?;
        answers.push(json!({"service": code, "may": verdict.may, "why": verdict.why}));
    }
    let only = asked.room.is_some() || asked.service.is_some();
    if !only || asked.module.is_some() || asked.provider.is_some() {
        let (module, provider) = wanted(asked)?;
        let found = modules::modules(work, &subject, module, provider).await?;
        answers.extend(found.answers.iter().map(line));
        answers.extend(found.none.map(|why| json!({"may": false, "why": why})));
    }
    if let Some(told) = told.as_object_mut() {
        told.insert("answers".into(), Value::Array(answers));
    }
    Ok(told)
}

/// Who can do one thing, and why.
pub async fn who_can(
    ports: &Ports,
    asked: &Asked,
    (after, limit): (Option<&str>, usize),
) -> Result<Value, Error> {
    let caller = Caller::operator(ports)?;
    let work = Work { ports, caller: &caller };
    let goal = match (&asked.module, &asked.room, &asked.service) {
        (Some(_), None, None) => match wanted(asked)? {
            (Some(module), provider) => Goal::Module(module, provider),
            (None, _) => return Err(refusal("Name a module.")),
        },
        (None, Some(room), None) => Goal::Room(room::room_named(work, room).await?),
        (None, None, Some(service)) => Goal::Service(service.clone()),
        _ => return Err(refusal("Ask for one of: a module, a room system, a service.")),
    };
    let after = after.map(|text| Id::parse(text).ok_or_else(|| refusal("`after` is no id.")));
    let page = who::who(work, &goal, instant(asked)?, (after.transpose()?, limit)).await?;
    let rows = page.rows.into_iter().map(|row| {
        json!({
            "person": row.person.name,
            "id": row.person.id.to_string(),
            "user_name": row.user_name,
            "why": row.why,
        })
    });
    let next = page.next.map(|id| id.to_string());
    Ok(json!({"people": rows.collect::<Vec<_>>(), "next": next}))
}

fn line(answer: &Answer) -> Value {
    json!({
        "module": answer.module.value(),
        "module_name": answer.module.display(),
        "provider": answer.provider.as_ref().map(|one| one.name.clone()),
        "provider_id": answer.provider.as_ref().map(|one| one.id.to_string()),
        "privilege": answer.privilege.value(),
        "privacy": answer.privacy.map(Privacy::value),
        "scheduling": answer.scheduling,
        "relaxes": answer.relaxes,
        "may": true,
        "why": answer.why,
    })
}

fn wanted(asked: &Asked) -> Result<(Option<Module>, Option<Id>), Error> {
    let module = asked.module.as_deref().map(|text| {
        let known = || Module::STORABLE.map(Module::value).join(", ");
        Module::parse(text)
            .ok_or_else(|| refusal(format!("There is no such module. Known are: {}.", known())))
    });
    let provider = asked.provider.as_deref();
    let provider = provider.map(|text| {
        Id::parse(text).ok_or_else(|| refusal("A provider is named by the id of its resource."))
    });
    Ok((module.transpose()?, provider.transpose()?))
}

fn instant(asked: &Asked) -> Result<Option<Moment>, Error> {
    let read = |text: &str| {
        let said = "The instant must be written as in 2026-01-31T12:00:00Z (RFC 3339).";
        text.parse::<Moment>().map_err(|_| refusal(said))
    };
    asked.as_of.as_deref().map(read).transpose()
}

fn refusal(said: impl Into<String>) -> Error {
    Error::new(Kind::Conflict, said)
}
