//! The rules of people that need more than their own document.
//!
//! Every way to make or change a person comes through [`settle`] before it is committed, and
//! every way to end one through [`close`]. `words` brings codes into form, `workplaces` holds the
//! assignments against AS1 to AS7, `facts` keeps what no writer may touch and lets `deactivation`
//! follow `active`. `sign_ins` takes reports of the last access over,
//! `undo` brings back what was `closed`.
//!
//! An element of `services` or `assignments` without a source was said on the person. One with
//! another source (a rule, a channel) is the ledger's: whoever writes can repeat it or leave it
//! out, and changes nothing.
//!
//! Rejected: refusing a PUT that repeats what a rule gave. Every identity provider that writes
//! what it has read would be refused.

mod close;
mod closed;
mod facts;
mod recall;
mod sign_ins;
mod undo;
mod words;
mod workplaces;

pub use closed::closed;
pub use recall::Recalled;
pub use recall::recall;
pub use sign_ins::Reported;
pub use sign_ins::SignIn;
pub use sign_ins::import;
pub use sign_ins::sign_ins;
pub use undo::reinstate;
pub use undo::undo;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::ledger;
use crate::service::ledger::Settled;
use crate::service::wire::model::Model;
use crate::service::wire::person;

/// Holds a person's document against the rules, before it is written over `old`, and completes it.
pub async fn settle(
    work: Work<'_>,
    (model, id, home): (&Model, Id, Partition),
    old: Option<&Map<String, Value>>,
    document: &mut Map<String, Value>,
) -> Result<Settled, Error> {
    if model.kind != Kind::USER {
        return Ok(Settled::default());
    }
    let nothing = Map::new();
    let was = old.and_then(person::extension).unwrap_or(&nothing);
    let mut mine = match document.shift_remove(person::EXTENSION) {
        Some(Value::Object(mine)) => mine,
        _ => Map::new(),
    };
    words::settle(was, &mut mine)?;
    let moved = workplaces::settle(work, was, &mut mine).await?;
    let now = work.ports.clock.now();
    facts::keep((old.is_some(), was), document.get("active"), &mut mine, now);
    at_home(work, home, &mut mine);
    put_back(document, mine);
    let mut settled = Box::pin(ledger::settle(work, (id, home), old, document)).await?;
    if settled.remark.is_empty() {
        settled.remark = moved;
    }
    person::lay_out(document);
    Ok(settled)
}

/// What the end of an account takes along (US4).
pub async fn close(work: Work<'_>, record: &Record) -> Result<Settled, Error> {
    close::settle(work, record).await
}

/// Whoever names no home organization has that of the record.
fn at_home(work: Work<'_>, home: Partition, mine: &mut Map<String, Value>) {
    if mine.contains_key(person::HOME) {
        return;
    }
    if let Some(own) = work.ports.registry.snapshot().organization(home.organization) {
        mine.insert(person::HOME.into(), json!({"value": own.to_string()}));
    }
}

/// The extension in its place, and its name among `schemas`.
fn put_back(document: &mut Map<String, Value>, mine: Map<String, Value>) {
    if mine.is_empty() {
        return;
    }
    document.insert(person::EXTENSION.into(), Value::Object(mine));
    if let Some(schemas) = document.get_mut("schemas").and_then(Value::as_array_mut)
        && !schemas.iter().any(|urn| urn == person::EXTENSION)
    {
        schemas.push(json!(person::EXTENSION));
    }
}

fn refusal(said: impl Into<String>) -> Error {
    Error::new(ErrorKind::Scim(ScimType::InvalidValue), said)
}

/// Whether an element was given by something else than the person's own document.
fn is_given(element: &Value) -> bool {
    let source = element.get("source").and_then(Value::as_str);
    source.is_some_and(|source| source != "direct")
}

/// The elements of a multi-valued attribute.
fn list<'a>(holder: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    holder.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Puts a list in its place; an empty one is none.
fn put(holder: &mut Map<String, Value>, name: &str, list: Vec<Value>) {
    match list.is_empty() {
        true => drop(holder.shift_remove(name)),
        false => drop(holder.insert(name.into(), Value::Array(list))),
    }
}

fn text<'a>(element: &'a Value, name: &str) -> Option<&'a str> {
    element.get(name).and_then(Value::as_str)
}
