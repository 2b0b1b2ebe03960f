//! What the network knew of a person at an instant.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::effective::AccessGroup;
use crate::domain::access::effective::Knob;
use crate::domain::access::effective::NoAccess;
use crate::domain::access::effective::Person;
use crate::domain::access::effective::Pool;
use crate::domain::access::grant::Grant;
use crate::domain::access::level::Limit;
use crate::domain::access::role::vocabulary::ATC_USER;
use crate::domain::people::account;
use crate::domain::people::account::AccessState;
use crate::domain::people::account::PendingReason;
use crate::domain::people::account::Standing;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::scim::compare;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::effective::missing;
use crate::service::effective::service;
use crate::service::wire::access_group;
use crate::service::wire::members;
use crate::service::wire::render;
use crate::store;
use crate::store::End;
use crate::store::select::Budget;
use crate::store::select::Condition;
use crate::store::select::Order;
use crate::store::select::Select;
use crate::store::select::Start;
use crate::store::select::value;

/// The extension that says where people work and what they use.
const PERSON: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";
/// A record with what people call it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: String,
}

/// A person at an instant.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The person, by full name.
    pub person: Named,
    /// The user name.
    pub user_name: String,
    /// The instant; `None` is now.
    pub at: Option<Moment>,
    /// What the decision needs.
    pub(super) facts: Person,
    /// Access groups, the person among their members.
    pub(super) groups: Vec<AccessGroup>,
    /// Their pools.
    pub(super) pools: Vec<Pool>,
    /// What the groups' centres say about Q17.
    pub(super) knob: Knob,
    /// The codes of services in the person's document, with where each came from.
    pub(super) services: BTreeMap<String, Option<String>>,
    /// What a pending account lacks.
    pub(super) waits_for: Vec<PendingReason>,
}

impl Subject {
    /// Why the person has no access at all, if so.
    pub fn barred(&self) -> Option<String> {
        match (self.facts.active, self.facts.pending) {
            (false, _) => Some(NoAccess::NotActive.to_string()),
            (_, true) => {
                let reasons: Vec<String> = self.waits_for.iter().map(ToString::to_string).collect();
                Some(format!("{} The account {}.", NoAccess::Pending, reasons.join(", and ")))
            }
            _ => None,
        }
    }
}

/// The identifier of the person that `named` names: an identifier, or a user name that one
/// organization has at present.
pub async fn find(work: Work<'_>, named: &str) -> Result<Id, Error> {
    if let Some(id) = Id::parse(named) {
        return Ok(id);
    }
    let model = work.ports.models.of_kind(Kind::USER).ok_or_else(Error::not_found)?;
    let field = model.field(None, "userName", None).ok_or_else(Error::not_found)?;
    let canon = compare::canon(named).map_err(|_| missing("person"))?;
    let page = work.ports.store.select(Select {
        limit: 2,
        ..Select::of(
            work.caller.scope(),
            vec![Kind::USER],
            Condition::Is(field.field, value::text(&canon)),
        )
    });
    match page.await?.records.as_slice() {
        [one] => Ok(one.head.id),
        [] => Err(missing("person")),
        _ => {
            let said = "Several organizations have a person of this user name. Name the person by \
                        id.";
            Err(Error::new(ErrorKind::Conflict, said))
        }
    }
}

/// What the network knew of the person `id` at `at`.
pub async fn subject(work: Work<'_>, id: Id, at: Option<Moment>) -> Result<Subject, Error> {
    let Some(record) = record(work, Kind::USER, id, at).await? else {
        return closed(work, id, at).await;
    };
    let document = render::document(&record)?;
    let mut groups = Vec::new();
    for holder in members::groups_of(work, id, at).await? {
        let group = render::document(&holder.record)?;
        groups.extend(access_group::read(holder.record.head.id, &group, BTreeSet::from([id])));
    }
    let knob = knob(work, &mut groups, at).await?;
    let named: BTreeSet<Id> = groups.iter().flat_map(|group| group.pools.iter().copied()).collect();
    let mut pools = Vec::with_capacity(named.len());
    for id in named {
        if let Some(record) = record_of(work, id, at).await? {
            pools.push(access_group::pool(id, &render::document(&record)?));
        }
    }
    let services = services(&document);
    let rooms = links(work, Relation::SCHEDULER, End::To(id), at).await?.len();
    let mut waits = waits_for(&document, groups.len(), services.len() + rooms);
    if waits == [PendingReason::NoGrant] && !service::delegations(work, id, at).await?.is_empty() {
        waits.clear();
    }
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let user_name = text("userName").unwrap_or_default();
    Ok(Subject {
        person: Named { id, name: called(&document) },
        user_name,
        at,
        facts: Person {
            id,
            active: document.get("active") != Some(&Value::Bool(false)),
            pending: !waits.is_empty(),
            limits: limits(work, id, at).await?,
        },
        groups,
        pools,
        knob,
        services,
        waits_for: waits,
    })
}

/// An account that is closed: it has nothing any more, and is not unknown.
async fn closed(work: Work<'_>, id: Id, at: Option<Moment>) -> Result<Subject, Error> {
    let text = id.to_string();
    let named = move |record: &Record| {
        let body = render::document(record).unwrap_or_default();
        body.get("user").and_then(Value::as_str) == Some(text.as_str())
    };
    let settings = &work.ports.settings;
    let user = Field::of(Kind::CLOSED, "user");
    let page = work.ports.store.select(Select {
        scope: scope(work),
        kinds: vec![Kind::CLOSED],
        condition: match at {
            None => Condition::Is(user, value::text(&id.to_string())),
            Some(_) => Condition::Everything,
        },
        test: Some(Arc::new(named)),
        order: Order::Id,
        start: Start::Skip(0),
        limit: 1,
        total: false,
        at,
        budget: Budget { rows: settings.search_rows, time: settings.search_time },
    });
    let found = page.await?.records.pop().ok_or_else(|| missing("person"))?;
    let body = render::document(&found)?;
    let document = body.get("document").and_then(Value::as_object).cloned().unwrap_or_default();
    let user_name = document.get("userName").and_then(Value::as_str).unwrap_or_default();
    Ok(Subject {
        person: Named { id, name: called(&document) },
        user_name: user_name.to_owned(),
        at,
        facts: Person { id, active: false, pending: false, limits: Vec::new() },
        groups: Vec::new(),
        pools: Vec::new(),
        knob: Knob::default(),
        services: BTreeMap::new(),
        waits_for: Vec::new(),
    })
}

/// What the account lacks before anything of it has effect.
fn waits_for(document: &Map<String, Value>, groups: usize, others: usize) -> Vec<PendingReason> {
    let list = |name: &str| {
        let own = document.get(PERSON).and_then(|own| own.get(name));
        own.and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
    };
    let is_user = |role: &Value| {
        let role = role.get("value").unwrap_or(role).as_str();
        role.is_some_and(|role| role.eq_ignore_ascii_case(ATC_USER))
    };
    let standing = Standing {
        account: true,
        // Whoever made the account named it, and its record belongs to it.
        home_organization: true,
        uses_locations: false,
        assignments: list("assignments").len(),
        needs_group: list("applicationRoles").iter().any(is_user),
        access_groups: groups,
        other_grants: others,
    };
    match account::access_state(&standing) {
        AccessState::Granted => Vec::new(),
        AccessState::Pending(reasons) => reasons,
    }
}

/// Which levels are compared (Q17): across the module, unless every centre that the groups belong
/// to says otherwise. A module that a centre has given up since opens nothing there any more.
async fn knob(
    work: Work<'_>,
    groups: &mut [AccessGroup],
    at: Option<Moment>,
) -> Result<Knob, Error> {
    let mut centres: BTreeMap<Id, Map<String, Value>> = BTreeMap::new();
    let named: BTreeSet<Id> = groups.iter().map(|group| group.health_centre).collect();
    for centre in named {
        let record = record_of(work, centre, at).await?;
        let document = record.as_ref().map(render::document).transpose()?;
        centres.insert(centre, document.unwrap_or_default());
    }
    for group in groups {
        let centre = centres.get(&group.health_centre);
        if let Some(centre) = centre.filter(|centre| centre.contains_key("availableModules")) {
            let open = access_group::modules(centre, "availableModules");
            group.modules.retain(|module| open.contains(module));
        }
    }
    let narrow = |centre: &Map<String, Value>| {
        centre.get("mostRestrictiveAcross").is_some_and(|across| across == "moduleSubject")
    };
    let all = !centres.is_empty() && centres.values().all(narrow);
    Ok(if all { Knob::ModuleSubject } else { Knob::Module })
}

/// Restrictions that rules put on the person in every group.
async fn limits(work: Work<'_>, id: Id, at: Option<Moment>) -> Result<Vec<Limit>, Error> {
    let mut found = Vec::new();
    for line in links(work, Relation::GRANTED, End::From(id), at).await? {
        let Some(record) = record(work, Kind::GRANT, line, at).await? else { continue };
        let body: Value = serde_json::from_slice(&record.body).map_err(Error::internal)?;
        let grant = body.get("grant").cloned().unwrap_or_default();
        if let Ok(Grant::Limit { limit }) = serde_json::from_value(grant) {
            found.push(limit);
        }
    }
    Ok(found)
}

fn services(document: &Map<String, Value>) -> BTreeMap<String, Option<String>> {
    let all = document.get(PERSON).and_then(|own| own.get("services")).and_then(Value::as_array);
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
    let each = all.into_iter().flatten();
    each.filter_map(|one| Some((text(one, "value")?, text(one, "source")))).collect()
}

/// What people call a record: a person by first and last name, as far as there is one.
pub(super) fn called(document: &Map<String, Value>) -> String {
    let part = |name: &str| document.get("name")?.get(name)?.as_str();
    let full: Vec<&str> = ["givenName", "familyName"].into_iter().filter_map(part).collect();
    if !full.is_empty() {
        return full.join(" ");
    }
    let names = ["displayName", "systemName", "userName"];
    let name = names.iter().find_map(|name| document.get(*name)?.as_str());
    name.unwrap_or_default().to_owned()
}

/// What people call the record `id`; nothing when it is gone.
pub(super) async fn name_of(work: Work<'_>, id: Id, at: Option<Moment>) -> Result<Named, Error> {
    let record = record_of(work, id, at).await?;
    let name = record.as_ref().map(render::document).transpose()?.map(|it| called(&it));
    Ok(Named { id, name: name.unwrap_or_default() })
}

/// The record `id` of `kind`, as far as the caller sees it.
pub(super) async fn record(
    work: Work<'_>,
    kind: Kind,
    id: Id,
    at: Option<Moment>,
) -> Result<Option<Record>, Error> {
    Ok(record_of(work, id, at).await?.filter(|record| record.head.kind == kind))
}

async fn record_of(work: Work<'_>, id: Id, at: Option<Moment>) -> Result<Option<Record>, Error> {
    let record = work.ports.store.get(id, at).await?;
    // Lines of the ledger are nobody's to list, but the person's to feel.
    let seen =
        |record: &Record| record.head.kind == Kind::GRANT || visible::covers(work.caller, record);
    Ok(record.filter(seen))
}

/// The other ends of links.
pub(super) async fn links(
    work: Work<'_>,
    relation: Relation,
    end: End,
    at: Option<Moment>,
) -> Result<Vec<Id>, Error> {
    let links = store::every_link(work.ports.store.as_ref(), (relation, end), at).await?;
    Ok(links.iter().map(|link| link.other(end)).collect())
}

/// What of an organization's partitions the caller sees, for the use of this room.
pub(super) fn scope(work: Work<'_>) -> Scope {
    work.caller.scope()
}
