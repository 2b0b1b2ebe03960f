//! What people will hold: the pure rules asked about those who are touched, and about whoever
//! depends on them.
//!
//! A delegation depends on the services of the delegator (DE3): when those change, the delegates
//! that rules name are worked out anew in the same change. It goes no further, for nothing
//! depends on a delegation (DE4).

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::grant::Delegator;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Held;
use crate::domain::access::grant::JoinedGroup;
use crate::domain::access::grant::Places;
use crate::domain::access::grant::key;
use crate::domain::access::ledger::Finding;
use crate::domain::access::ledger::Matched;
use crate::domain::access::ledger::Member;
use crate::domain::access::ledger::PushedGroup;
use crate::domain::access::ledger::delegators_named;
use crate::domain::access::ledger::desired;
use crate::domain::access::ledger::groups_named;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::rule::Rule;
use crate::domain::access::rule::Template;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::compare;
use crate::service::Error;
use crate::service::Ports;
use crate::service::ledger::book::Book;
use crate::service::ledger::crowd;
use crate::service::ledger::crowd::Overlay;
use crate::service::ledger::line;
use crate::service::ledger::person::Person;
use crate::service::ledger::read;
use crate::service::ledger::said;
use crate::service::wire::render;
use crate::store::change::Key;
use crate::store::select::Condition;
use crate::store::select::value;

/// One evaluation.
pub(super) struct Evaluation<'a> {
    pub ports: &'a Ports,
    pub book: &'a Book,
    pub overlay: &'a Overlay,
    pub at: Moment,
    /// Number of the organization.
    pub organization: u32,
}

impl Evaluation<'_> {
    /// Works out what `people` will hold, and adds whoever depends on them.
    pub(super) async fn run(
        &self,
        people: &mut BTreeMap<Id, Person>,
    ) -> Result<BTreeSet<Finding>, Error> {
        let findings = self.once(people).await?;
        let moved: Vec<Id> = people
            .values()
            .filter(|one| one.services() != one.services_before())
            .map(|one| one.id)
            .collect();
        if moved.is_empty() {
            return Ok(findings);
        }
        let mut dependents = BTreeSet::new();
        for person in moved.iter().filter_map(|id| people.get(id)) {
            dependents.extend(self.dependents(person).await?);
        }
        dependents.retain(|id| !people.contains_key(id));
        for id in dependents {
            if let Some(one) = Person::load(self.ports, id, self.overlay).await? {
                people.insert(id, one);
            }
        }
        let findings = self.once(people).await?;
        lose(people);
        Ok(findings)
    }

    async fn once(&self, people: &mut BTreeMap<Id, Person>) -> Result<BTreeSet<Finding>, Error> {
        let matched = self.matched(people).await?;
        let members: Vec<Member> = people.values().map(|one| one.member(self.ports)).collect();
        let places = self.places(&matched, &members, people).await?;
        let mut findings = BTreeSet::new();
        for member in &members {
            let one = std::slice::from_ref(member);
            let desired = desired(&self.book.rules, &matched, one, &places, self.at);
            if let Some(person) = people.get_mut(&member.id) {
                person.take(&desired);
            }
            findings.extend(desired.findings);
        }
        Ok(findings)
    }

    async fn matched(&self, people: &BTreeMap<Id, Person>) -> Result<Matched, Error> {
        let all = people.values().flat_map(|one| &one.memberships).map(|one| one.group);
        let mut matched = Matched::default();
        for id in all.collect::<BTreeSet<Id>>() {
            if let Some(group) = self.overlay.group(self.ports, id).await? {
                matched.note(id, self.book.meeting(&group));
            }
        }
        Ok(matched)
    }

    /// What words mean, with the people and access groups that are named.
    async fn places(
        &self,
        matched: &Matched,
        members: &[Member],
        people: &BTreeMap<Id, Person>,
    ) -> Result<Arc<Places>, Error> {
        let places = self.book.places(self.ports).await?;
        let delegators = delegators_named(&self.book.rules, matched, members);
        let groups = groups_named(&self.book.rules, matched, members);
        if delegators.is_empty() && groups.is_empty() {
            return Ok(places);
        }
        let mut places = Places::clone(&places);
        for (number, name) in delegators {
            if let Some(known) = delegator(self.ports, (number, &name), people).await? {
                places.people.insert(known.0, known.1);
            }
        }
        for (number, name) in groups {
            if let Some(group) = access_group(self.ports, number, &name).await? {
                places.access_groups.insert(key(&name), group);
            }
        }
        Ok(Arc::new(places))
    }

    /// Whom rules make delegates of `person`, or would if the person held the service.
    async fn dependents(&self, person: &Person) -> Result<BTreeSet<Id>, Error> {
        let mut found = delegates_of(self.ports, person.id, self.organization).await?;
        let name = person.document.get("userName").and_then(serde_json::Value::as_str);
        let name = name.and_then(|name| compare::canon(name).ok().map(|name| name.into_owned()));
        for rule in self.book.rules.all().filter(|rule| makes_delegations(rule)) {
            let mut groups = groups_of(self.ports, self.book, rule).await?;
            groups.retain(|group| name.is_some() && self.names(rule, group, name.as_deref()));
            for group in groups {
                found.extend(self.overlay.people(self.ports, group.id).await?);
            }
        }
        Ok(found)
    }

    /// Whether a rule names the person of this user name as delegator because of a group.
    fn names(&self, rule: &Rule, group: &PushedGroup, name: Option<&str>) -> bool {
        let met = self.book.meeting(group);
        let captures = met.iter().find(|(id, _)| *id == rule.id).map(|(_, captures)| captures);
        let Some(captures) = captures else { return false };
        rule.grants.iter().any(|grant| match grant {
            Template::Delegation { delegator, .. } => {
                compare::canon(&delegator.fill(captures)).ok().as_deref() == name
            }
            _ => false,
        })
    }
}

/// Whoever acts for somebody in a service that they no longer hold does so no more, whatever
/// source the delegation has (DE3).
fn lose(people: &mut BTreeMap<Id, Person>) {
    let services: BTreeMap<Id, BTreeSet<Arc<str>>> =
        people.values().map(|one| (one.id, one.services())).collect();
    let holds = |held: &Held| match &held.grant {
        Grant::Delegation { delegator, service } => {
            services.get(delegator).is_none_or(|known| known.contains(service))
        }
        _ => true,
    };
    for person in people.values_mut() {
        person.after.retain(holds);
    }
}

fn makes_delegations(rule: &Rule) -> bool {
    rule.grants.iter().any(|grant| matches!(grant, Template::Delegation { .. }))
}

/// Those who hold a delegation of `person` by the ledger.
pub(super) async fn delegates_of(
    ports: &Ports,
    person: Id,
    organization: u32,
) -> Result<BTreeSet<Id>, Error> {
    let topic = value::text(&format!("delegator:{person}"));
    let condition = Condition::Is(line::topic_field(), topic);
    let scope = Scope::of_administrator(partitions(ports, organization));
    let records = read::records(ports, scope, vec![Kind::GRANT], condition).await?;
    records.iter().map(|record| line::Line::read(record).map(|line| line.held.subject)).collect()
}

/// The partitions of an organization.
pub(super) fn partitions(ports: &Ports, organization: u32) -> Vec<Partition> {
    let all = ports.registry.snapshot().partitions.clone();
    all.iter().copied().filter(|one| one.organization == organization).collect()
}

/// The pushed groups that a rule meets now.
pub(super) async fn groups_of(
    ports: &Ports,
    book: &Book,
    rule: &Rule,
) -> Result<Vec<PushedGroup>, Error> {
    if let Matcher::Id(id) = rule.matcher().as_ref() {
        let record = read::record(ports, Kind::GROUP, *id, None).await?;
        return record.iter().map(crowd::pushed).collect();
    }
    let prefix = book.rules.prefix(rule.id).unwrap_or_default();
    let condition = match prefix {
        "" => Condition::Everything,
        prefix => Condition::Prefix(name_field(), value::text(&compare::fold(prefix))),
    };
    let home = Partition { organization: rule.organization, connection: rule.connection };
    let scope = Scope::of_connection(home);
    let mut found = Vec::new();
    for record in read::records(ports, scope, vec![Kind::GROUP], condition).await? {
        let group = crowd::pushed(&record)?;
        if book.meeting(&group).iter().any(|(id, _)| *id == rule.id) {
            found.push(group);
        }
    }
    Ok(found)
}

fn name_field() -> Field {
    Field::of(Kind::GROUP, "displayname")
}

/// A person by user name in an organization, with the services that they will hold.
pub(super) async fn delegator(
    ports: &Ports,
    (number, name): (u32, &str),
    people: &BTreeMap<Id, Person>,
) -> Result<Option<((u32, String), Delegator)>, Error> {
    let Ok(canonical) = compare::canon(name) else { return Ok(None) };
    let key = Key {
        within: Partition { organization: number, connection: 0 },
        kind: Kind::USER,
        field: Field::of(Kind::USER, "username"),
        value: value::text(&canonical),
    };
    let Some(id) = ports.store.find(key).await? else { return Ok(None) };
    let services = match people.get(&id).filter(|one| one.ready) {
        Some(one) => one.services(),
        None => match read::record(ports, Kind::USER, id, None).await? {
            Some(record) => said::services(&render::document(&record)?),
            None => return Ok(None),
        },
    };
    let known = Delegator { id, services: services.into_iter().collect() };
    Ok(Some(((number, canonical.into_owned()), known)))
}

/// An access group of an organization, by name or id.
async fn access_group(
    ports: &Ports,
    number: u32,
    word: &str,
) -> Result<Option<JoinedGroup>, Error> {
    let home = Partition { organization: number, connection: 0 };
    let key = Key {
        within: home,
        kind: Kind::GROUP,
        field: name_field(),
        value: value::text(&compare::fold(word.trim())),
    };
    let found = match ports.store.find(key).await? {
        Some(id) => Some(id),
        None => Id::parse(word.trim()),
    };
    let Some(id) = found else { return Ok(None) };
    let record = read::record(ports, Kind::GROUP, id, None).await?;
    let ours = record.filter(|record| record.head.partition == home);
    Ok(ours.map(|record| JoinedGroup { id: record.head.id, published: Vec::new() }))
}
