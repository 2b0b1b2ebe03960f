//! A closing undone, or a closed account opened again (US8).
//!
//! Undoing brings back exactly what there was, in one commit that erases the record of the closed
//! account too: the person and the lines of the ledger under their own ids, with versions that go
//! on where they ended ([`Write::Revive`]), so that nobody's entity tag of before matches by
//! accident. What leads to something that is gone meanwhile does not come back and is named.
//! Rules may have changed as well: the ledger works those people out again afterwards.
//!
//! Rejected: making the person anew from the document. Versions would begin at 1, and `W/"1"` of
//! the first life would say that a cached answer is still true.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::people::status::Facts;
use crate::domain::people::status::USUAL_UNDO_WINDOW;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::ledger;
use crate::service::ledger::Line;
use crate::service::ledger::brake;
use crate::service::people::closed;
use crate::service::people::closed::Closed;
use crate::service::people::list;
use crate::service::people::put;
use crate::service::people::put_back;
use crate::service::people::text;
use crate::service::wire::keys;
use crate::service::wire::members;
use crate::service::wire::person;
use crate::service::wire::reference;
use crate::store::change::Action;
use crate::store::change::Change;
use crate::store::change::Outcome;
use crate::store::change::Verdict;
use crate::store::change::Write;

/// How often it is decided anew when others are faster.
const TURNS: usize = 5;
/// What an account that is opened again does not keep, beside its extension.
const GIVEN: [&str; 3] =
    ["roles", "entitlements", "urn:ietf:params:scim:schemas:extension:wardgate:2.0:Compact"];
/// What it does not keep of the extension.
const HELD: [&str; 6] =
    ["services", "assignments", "adminRoles", "applicationRoles", "partnerSignIn", "credential"];

/// Undoes the closing of `user`: exactly the state before, up to 24 hours after it. Answers who
/// it is, and under `missing` what cannot come back.
pub async fn undo(work: Work<'_>, user: Id) -> Result<Value, Error> {
    closed::permit(work)?;
    for _ in 0..TURNS {
        let closed = closed::of(work, user).await?;
        let facts = Facts { closed_at: Some(closed.at), ..Facts::default() };
        let now = work.ports.clock.now();
        facts.undone(now, USUAL_UNDO_WINDOW).map_err(closed::refused)?;
        let back = Back::of(work, &closed).await?;
        let Back { writes, missing, people, .. } = back;
        if commit(work, &closed, writes, "a closing is undone (US8)").await? {
            brake::returned(
                work.ports,
                closed.record.head.partition.organization,
                (&people, closed.at),
            );
            anew(work, &closed, people).await?;
            return Ok(answer(&closed, missing));
        }
    }
    Err(overtaken())
}

/// Opens the closed account of `user` again: disabled, without services and grants, whenever.
pub async fn reinstate(work: Work<'_>, user: Id) -> Result<Value, Error> {
    closed::permit(work)?;
    for _ in 0..TURNS {
        let closed = closed::of(work, user).await?;
        let mut document = closed.document.clone();
        bare(work, &mut document)?;
        let writes = vec![revived(work, &closed, &document)?];
        if commit(work, &closed, writes, "a closed account is reinstated (US8)").await? {
            return Ok(answer(&closed, Vec::new()));
        }
    }
    Err(overtaken())
}

fn answer(closed: &Closed, missing: Vec<Value>) -> Value {
    let mut answer = closed.line();
    if let Some(answer) = answer.as_object_mut() {
        answer.shift_remove("undoUntil");
        answer.insert("missing".into(), Value::Array(missing));
    }
    answer
}

fn overtaken() -> Error {
    let said = "Others keep changing what this account is to come back to. Try again.";
    Error::new(ErrorKind::Conflict, said)
}

/// Leaves who somebody is, and takes what they held.
fn bare(work: Work<'_>, document: &mut Map<String, Value>) -> Result<(), Error> {
    let now = work.ports.clock.now();
    let mut mine = match document.shift_remove(person::EXTENSION) {
        Some(Value::Object(mine)) => mine,
        _ => Map::new(),
    };
    let facts = Facts { closed_at: Some(now), ..person::facts(&mine, true) };
    let facts = facts.reinstated(now).map_err(closed::refused)?;
    GIVEN.iter().for_each(|name| drop(document.shift_remove(*name)));
    HELD.iter().for_each(|name| drop(mine.shift_remove(*name)));
    if let Some(schemas) = document.get_mut("schemas").and_then(Value::as_array_mut) {
        schemas.retain(|urn| !GIVEN.iter().any(|name| urn == name));
    }
    document.insert("active".into(), Value::Bool(false));
    let off = json!({"type": "temporary", "at": facts.login_disabled_at.map(|at| at.to_string())});
    mine.insert(person::DEACTIVATION.into(), off);
    mine.insert(person::REINSTATED.into(), json!(now.to_string()));
    put_back(document, mine);
    person::lay_out(document);
    Ok(())
}

fn revived(work: Work<'_>, closed: &Closed, document: &Map<String, Value>) -> Result<Write, Error> {
    let model = work.ports.models.of_kind(Kind::USER).ok_or_else(Error::not_found)?;
    let whose = (closed.user, closed.record.head.partition);
    Ok(Write::Revive(keys::draft(work, model, whose, document)?))
}

/// Whether it is done; not if somebody else was faster.
async fn commit(
    work: Work<'_>,
    closed: &Closed,
    mut writes: Vec<Write>,
    reason: &str,
) -> Result<bool, Error> {
    let head = closed.record.head;
    writes.push(Write::Erase(head.id));
    let change = Change {
        chain: head.partition.organization,
        cause: crate::store::change::Cause { reason: reason.into(), ..work.caller.cause() },
        action: Action::Create,
        outcome: Outcome::Done,
        subject: Some((Kind::USER, closed.user)),
        attributes: closed.document.keys().cloned().collect(),
        guards: vec![closed.guard()],
        writes,
    };
    match work.ports.store.commit(change).await? {
        Verdict::Done(_) => Ok(true),
        Verdict::Stale(_) | Verdict::Missing(_) => Ok(false),
        Verdict::Cyclic => Err(overtaken()),
        Verdict::Taken(_) => {
            let said = "Somebody else has the user name or another unique value of this account \
                        by now. Change theirs first, or make a new account.";
            Err(Error::new(ErrorKind::Scim(ScimType::Uniqueness), said))
        }
    }
}

/// Rules may have changed while the account was closed.
async fn anew(work: Work<'_>, closed: &Closed, people: BTreeSet<Id>) -> Result<(), Error> {
    let organization = closed.record.head.partition.organization;
    for _ in 0..TURNS {
        let book = ledger::book(work.ports, organization).await?;
        let settled = ledger::anew::again(work, &book, people.clone()).await?;
        if settled.writes.is_empty() {
            return Ok(());
        }
        let change = Change {
            chain: organization,
            cause: work.caller.cause(),
            action: Action::Modify,
            outcome: Outcome::Done,
            subject: Some((Kind::USER, closed.user)),
            attributes: vec!["grants".to_owned()],
            guards: settled.guards,
            writes: settled.writes,
        };
        if matches!(work.ports.store.commit(change).await?, Verdict::Done(_)) {
            return Ok(());
        }
    }
    Err(overtaken())
}

/// What comes back, and what cannot.
struct Back<'a> {
    work: Work<'a>,
    closed: &'a Closed,
    writes: Vec<Write>,
    missing: Vec<Value>,
    /// Whoever holds something again.
    people: BTreeSet<Id>,
}

impl<'a> Back<'a> {
    async fn of(work: Work<'a>, closed: &'a Closed) -> Result<Self, Error> {
        let people = BTreeSet::from([closed.user]);
        let mut back = Self { work, closed, writes: Vec::new(), missing: Vec::new(), people };
        let document = back.document().await?;
        back.writes.push(revived(work, closed, &document)?);
        back.links("groups", "group", (Relation::MEMBER, Kind::GROUP)).await?;
        back.links("rooms", "room system", (Relation::SCHEDULER, Kind::ROOM_SYSTEM)).await?;
        back.delegations().await?;
        for kept in closed.took("grants").iter().chain(closed.took("others")) {
            back.line(kept).await?;
        }
        Ok(back)
    }

    fn home(&self) -> Partition {
        self.closed.record.head.partition
    }

    async fn there(&self, kind: Kind, id: Id) -> Result<Option<Record>, Error> {
        let record = self.work.ports.store.get(id, None).await?;
        Ok(record.filter(|record| record.head.kind == kind))
    }

    fn lacks(&mut self, what: &str, id: &str) {
        self.missing.push(json!({"what": what, "id": id}));
    }

    /// The document, without places of work that are gone.
    async fn document(&mut self) -> Result<Map<String, Value>, Error> {
        let mut document = self.closed.document.clone();
        let Some(Value::Object(mine)) = document.get_mut(person::EXTENSION) else {
            return Ok(document);
        };
        let mut kept = Vec::new();
        let all = list(mine, "assignments").to_vec();
        for one in &all {
            let place = text(one, "value").and_then(Id::parse);
            let there = match place {
                Some(place) => self.work.ports.store.get(place, None).await?.is_some(),
                None => false,
            };
            match there {
                true => kept.push(one.clone()),
                false => self.lacks("place of work", text(one, "value").unwrap_or_default()),
            }
        }
        if kept.len() < all.len() {
            let is_default = |one: &Value| one.get("default") == Some(&Value::Bool(true));
            if !kept.iter().any(is_default)
                && let Some(first) = kept.first_mut().and_then(Value::as_object_mut)
            {
                first.insert("default".into(), Value::Bool(true));
            }
            put(mine, "assignments", kept);
        }
        Ok(document)
    }

    async fn links(
        &mut self,
        took: &str,
        what: &str,
        (relation, kind): (Relation, Kind),
    ) -> Result<(), Error> {
        for text in self.closed.took(took).iter().filter_map(Value::as_str) {
            let holder = match Id::parse(text) {
                Some(id) => self.there(kind, id).await?,
                None => None,
            };
            let Some(holder) = holder else {
                self.lacks(what, text);
                continue;
            };
            let note = members::note_of(self.home(), holder.head.partition);
            let (from, to) = (holder.head.id, self.closed.user);
            self.writes.push(Write::Link { relation, from, to, note });
        }
        Ok(())
    }

    async fn delegations(&mut self) -> Result<(), Error> {
        let Some(model) = self.work.ports.models.of_kind(Kind::DELEGATION) else { return Ok(()) };
        for kept in self.closed.took("delegations") {
            let (Some(document), Some(id)) = (kept.as_object(), text(kept, "id")) else { continue };
            let ends = ["delegator", "delegate"].map(|name| reference::single(document, name));
            let home = match ends {
                [Some(from), Some(to)] => self.between(from, to).await?,
                _ => None,
            };
            let (Some(home), Some(key)) = (home, Id::parse(id)) else {
                self.lacks("delegation", id);
                continue;
            };
            let draft = keys::draft(self.work, model, (key, home), document)?;
            self.writes.push(Write::Revive(draft));
        }
        Ok(())
    }

    /// Where a delegation between two people is kept: with the delegator's organization. Nothing
    /// if one of them is gone.
    async fn between(&self, from: Id, to: Id) -> Result<Option<Partition>, Error> {
        let mut homes = Vec::new();
        for id in [from, to] {
            let Some(home) = self.home_of(id).await? else { return Ok(None) };
            homes.push(home);
        }
        Ok(homes.first().map(|home| Partition { connection: 0, ..*home }))
    }

    /// Whose somebody is who is there, or comes back.
    async fn home_of(&self, id: Id) -> Result<Option<Partition>, Error> {
        if id == self.closed.user {
            return Ok(Some(self.home()));
        }
        Ok(self.there(Kind::USER, id).await?.map(|other| other.head.partition))
    }

    async fn line(&mut self, kept: &Value) -> Result<(), Error> {
        let Some(line) = Line::of_kept(kept) else {
            self.lacks("grant", text(kept, "line").unwrap_or_default());
            return Ok(());
        };
        let subject = line.held.subject;
        let home = self.home_of(subject).await?;
        let there = match target(&line.held.grant) {
            Some(id) if id != self.closed.user => {
                self.work.ports.store.get(id, None).await?.is_some()
            }
            _ => true,
        };
        match home.filter(|_| there) {
            Some(home) => {
                self.people.insert(subject);
                self.writes.extend(line.revived(home)?);
            }
            None => self.lacks("grant", &line.id.to_string()),
        }
        Ok(())
    }
}

/// The record that a grant leads to, whose end is the grant's end.
fn target(grant: &Grant) -> Option<Id> {
    match grant {
        Grant::Assignment { location, .. } | Grant::DefaultLocation { location } => Some(*location),
        Grant::Room { system } => Some(*system),
        Grant::AccessGroup { group } => Some(*group),
        Grant::Delegation { delegator, .. } => Some(*delegator),
        _ => None,
    }
}
