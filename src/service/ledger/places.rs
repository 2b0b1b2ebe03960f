//! What words mean in an organization: its places, read from the store.
//!
//! Organizations, divisions and regions are known all over the network; sites of the own
//! organization and of those that its rules name; room systems of the own organization alone,
//! since only its people may schedule them.

use std::collections::BTreeSet;
use std::collections::HashMap;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::grant::Bookable;
use crate::domain::access::grant::Catalogue;
use crate::domain::access::grant::Location;
use crate::domain::access::grant::Places;
use crate::domain::access::grant::Role;
use crate::domain::access::grant::key;
use crate::domain::access::level::word_key;
use crate::domain::access::role::sample;
use crate::domain::access::role::vocabulary;
use crate::domain::access::role::word::Named;
use crate::domain::access::role::word::Word;
use crate::domain::place::organization::OrganizationKind;
use crate::domain::place::tree::Rank;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::compare;
use crate::service::Error;
use crate::service::Ports;
use crate::service::ledger::read;
use crate::service::wire::organization;
use crate::service::wire::reference;
use crate::service::wire::render;
use crate::store::select::Condition;

/// Everything that words of `own` and of the organizations `named` can mean, but for people and
/// access groups, which are looked up when they are named.
pub(super) async fn build(ports: &Ports, own: u32, named: &BTreeSet<u32>) -> Result<Places, Error> {
    let mut places = catalogues();
    organizations(ports, &mut places).await?;
    for number in named.iter().copied().chain([own]).collect::<BTreeSet<u32>>() {
        sites(ports, number, &mut places).await?;
    }
    rooms(ports, own, &mut places).await?;
    Ok(places)
}

/// The words that are the same in every organization.
fn catalogues() -> Places {
    let mut places = Places {
        canonical: |name| compare::canon(name).ok().map(std::borrow::Cow::into_owned),
        ..Places::default()
    };
    for role in sample::roles().all() {
        let code: std::sync::Arc<str> = role.word().value().into();
        let ranks = role.offered_at.iter().map(|rank| *rank as u8).collect();
        let known = Role { code, ranks, weight: u32::from(role.privilege) };
        for text in texts(role.word()) {
            places.roles.insert(word_key(text), known.clone());
        }
    }
    for service in vocabulary::services().all().iter().filter(|service| service.active) {
        add(&mut places.services, service.word());
    }
    for role in vocabulary::application_roles().all() {
        add(&mut places.application_roles, role);
    }
    for one in vocabulary::Credential::ALL {
        places.credentials.add(one.value(), &[one.display()]);
    }
    places
}

fn add(catalogue: &mut Catalogue, word: &Word) {
    let all: Vec<&str> = texts(word).collect();
    catalogue.add(word.value(), &all);
}

fn texts(word: &Word) -> impl Iterator<Item = &str> {
    [word.value(), word.display()].into_iter().chain(word.others())
}

async fn organizations(ports: &Ports, places: &mut Places) -> Result<(), Error> {
    let kinds = vec![Kind::ORGANIZATION];
    let records = read::records(ports, Scope::network(), kinds, Condition::Everything).await?;
    let mut nodes = HashMap::new();
    for record in &records {
        let document = render::document(record)?;
        let Some(node) = organization::read(&document) else { continue };
        nodes.insert(node.id, (node, is_active(&document)));
    }
    for (node, _) in nodes.values() {
        let rank = match node.kind {
            OrganizationKind::Region => Rank::Region,
            OrganizationKind::Division => Rank::Division,
            OrganizationKind::Organization => Rank::Organization,
        };
        let mut active = true;
        // Ranks rise on the way up (TR1): three steps are all there are.
        let mut next = Some(node.id);
        for _ in Rank::ALL {
            let Some((above, on)) = next.and_then(|id| nodes.get(&id)) else { break };
            active &= on;
            next = above.parent;
        }
        let number = node.number.unwrap_or(0);
        let place = Location { id: node.id, rank: rank as u8, organization: number, active };
        if let Some(number) = node.number {
            places.organizations.insert(number, place);
        }
        put(places, &node.name, place);
    }
    Ok(())
}

async fn sites(ports: &Ports, number: u32, places: &mut Places) -> Result<(), Error> {
    let on = places.organizations.get(&number).is_some_and(|place| place.active);
    for record in at_home(ports, number, Kind::SITE).await? {
        let document = render::document(&record)?;
        let place = Location {
            id: record.head.id,
            rank: Rank::Site as u8,
            organization: number,
            active: on && is_active(&document),
        };
        if let Some(code) = text(&document, "siteCode") {
            places.sites.insert((number, key(code)), place);
        }
        put(places, text(&document, "displayName").unwrap_or_default(), place);
    }
    Ok(())
}

async fn rooms(ports: &Ports, number: u32, places: &mut Places) -> Result<(), Error> {
    for record in at_home(ports, number, Kind::ROOM_SYSTEM).await? {
        let document = render::document(&record)?;
        let site = reference::single(&document, "site");
        let (Some(name), Some(site)) = (text(&document, "systemName"), site) else { continue };
        let (id, active) = (record.head.id, is_active(&document));
        places.rooms.insert(key(name), Bookable { id, site, organization: number, active });
        if active {
            places.rooms_at.entry(site).or_default().push(id);
        }
    }
    Ok(())
}

async fn at_home(
    ports: &Ports,
    number: u32,
    kind: Kind,
) -> Result<Vec<crate::domain::record::Record>, Error> {
    let scope = Scope::of_connection(Partition { organization: number, connection: 0 });
    read::records(ports, scope, vec![kind], Condition::Everything).await
}

fn put(places: &mut Places, name: &str, place: Location) {
    places.by_id.insert(place.id, place);
    places.named.entry(key(name)).or_default().push(place);
}

fn is_active(document: &Map<String, Value>) -> bool {
    document.get("active") != Some(&Value::Bool(false))
}

fn text<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    document.get(name).and_then(Value::as_str)
}

/// The word for the rank of a place, as `kind` of an assignment has it.
pub(super) fn rank_word(places: &Places, location: Id) -> Option<&'static str> {
    let rank = places.by_id.get(&location)?.rank;
    Rank::ALL.into_iter().find(|known| *known as u8 == rank).map(Rank::word)
}
