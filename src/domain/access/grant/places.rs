//! Where words become ids: organizations, sites, rooms, people, groups, catalogues.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use crate::base::id::Id;
use crate::domain::access::level::word_key;
use crate::domain::place::organization;

/// The letter-case-free spelling under which names, site codes and system names are listed.
pub fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A node that an assignment can be at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Its record.
    pub id: Id,
    /// 1 region, 2 division, 3 organization, 4 site (2.1).
    pub rank: u8,
    /// Number of the organization it is or lies in; 0 above organizations.
    pub organization: u32,
    /// Takes new grants (TR3).
    pub active: bool,
}

/// A room system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bookable {
    /// Its record.
    pub id: Id,
    /// The site it stands at.
    pub site: Id,
    /// Number of the organization of the site.
    pub organization: u32,
    /// Can be scheduled (RO1).
    pub active: bool,
}

/// Someone for whom others may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegator {
    /// The account.
    pub id: Id,
    /// Codes of the services the person holds (DE3).
    pub services: Vec<Arc<str>>,
}

/// What a rule needs to know of an access group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedGroup {
    /// Its record.
    pub id: Id,
    /// Numbers of the connections it was published to (LE8).
    pub published: Vec<u32>,
}

/// A role of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its code.
    pub code: Arc<str>,
    /// Ranks of the locations it can be held at (AS6).
    pub ranks: Vec<u8>,
    /// Greater is more privileged; decides ties (2.7).
    pub weight: u32,
}

/// Words and the codes they stand for, compared by [`word_key`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue(HashMap<String, Arc<str>>);

impl Catalogue {
    /// Adds `code` and other words for it.
    pub fn add(&mut self, code: &str, words: &[&str]) {
        let shared: Arc<str> = Arc::from(code);
        for word in words.iter().chain([&code]) {
            self.0.insert(word_key(word), Arc::clone(&shared));
        }
    }

    /// The code behind `word`.
    pub fn find(&self, word: &str) -> Option<Arc<str>> {
        self.0.get(&word_key(word)).cloned()
    }
}

/// Everything that words can mean, as far as the question at hand needs it. Left empty, nothing
/// is known and nothing is granted.
#[derive(Clone, Debug)]
pub struct Places {
    /// Organizations by number.
    pub organizations: HashMap<u32, Location>,
    /// Sites by number of their organization and [`key`] of their code.
    pub sites: HashMap<(u32, String), Location>,
    /// Locations of any rank by [`key`] of their name; names need not be unique.
    pub named: HashMap<String, Vec<Location>>,
    /// Locations by id.
    pub by_id: HashMap<Id, Location>,
    /// Room systems by [`key`] of their system name.
    pub rooms: HashMap<String, Bookable>,
    /// Active room systems by site.
    pub rooms_at: BTreeMap<Id, Vec<Id>>,
    /// People by number of their organization and canonical user name.
    pub people: HashMap<(u32, String), Delegator>,
    /// Access groups by [`key`] of their name (AG2) and by the text of their id.
    pub access_groups: HashMap<String, JoinedGroup>,
    /// Roles by [`word_key`] of their code and of their display text.
    pub roles: HashMap<String, Role>,
    /// Services.
    pub services: Catalogue,
    /// Credentials.
    pub credentials: Catalogue,
    /// Application roles.
    pub application_roles: Catalogue,
    /// How a user name is made canonical; nothing if it cannot be one.
    pub canonical: fn(&str) -> Option<String>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            organizations: HashMap::new(),
            sites: HashMap::new(),
            named: HashMap::new(),
            by_id: HashMap::new(),
            rooms: HashMap::new(),
            rooms_at: BTreeMap::new(),
            people: HashMap::new(),
            access_groups: HashMap::new(),
            roles: HashMap::new(),
            services: Catalogue::default(),
            credentials: Catalogue::default(),
            application_roles: Catalogue::default(),
            canonical: |name| Some(key(name)),
        }
    }
}

/// How far a word reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach<'a> {
    /// Number of the organization that words without one are about.
    pub own: u32,
    /// The word comes from outside: it reaches `own` and `listed` only.
    pub foreign: bool,
    /// Further organizations that a word from outside may reach.
    pub listed: &'a [u32],
}

impl Reach<'_> {
    fn covers(&self, organization: u32) -> bool {
        !self.foreign || organization == self.own || self.listed.contains(&organization)
    }
}

/// Why a word grants nothing. The sentence names the rule and never the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Unresolved {
    /// No such organization.
    #[error("There is no organization of this number (TR2).")]
    Organization,
    /// No such location.
    #[error("There is no location of this code or name (TR2).")]
    Location,
    /// Several locations of the name.
    #[error("Several locations have this name. Write ORG#### and the site code instead (TR2).")]
    Ambiguous,
    /// Outside of what the word reaches.
    #[error("This reaches an organization that the connection may not grant at (LE8).")]
    OutOfReach,
    /// No such role.
    #[error("There is no role of this code or name (AS6).")]
    Role,
    /// Not for this kind of location.
    #[error("This role cannot be held at this kind of location (AS6).")]
    RoleNotHere,
    /// No such service.
    #[error("There is no service of this code or name (DE3).")]
    Service,
    /// No such room system.
    #[error("There is no room system of this name (RO1).")]
    Room,
    /// Switched off.
    #[error("The room system is switched off (RO1).")]
    RoomOff,
    /// Not a site.
    #[error("Room systems stand at sites, and this location is none (RO1).")]
    NotASite,
    /// No such person.
    #[error("There is no one of this user name to act for (DE1).")]
    Delegator,
    /// Oneself.
    #[error("Nobody acts for themselves (DE1).")]
    Oneself,
    /// The delegator does not hold the service.
    #[error("The person to act for does not hold the service (DE3).")]
    DelegatorLacksService,
    /// No such access group.
    #[error("There is no access group of this name (AG2).")]
    AccessGroup,
    /// Not published.
    #[error("The access group was not published to this connection (LE8).")]
    NotPublished,
    /// No such application role.
    #[error("There is no application role of this name (LE6).")]
    ApplicationRole,
    /// No such credential.
    #[error("There is no credential of this code or name (PW3).")]
    Credential,
    /// Not by this channel.
    #[error("This application role makes an administrator and needs an approved rule (LE6).")]
    Privileged,
}

impl Places {
    /// The organization `ORG####`.
    pub fn organization(&self, text: &str, reach: Reach<'_>) -> Result<Location, Unresolved> {
        let number = organization::number(text.trim()).ok_or(Unresolved::Organization)?;
        if !reach.covers(number) {
            return Err(Unresolved::OutOfReach);
        }
        self.organizations.get(&number).copied().ok_or(Unresolved::Organization)
    }

    /// `ORG####`, `ORG####/SITE`, the site code alone (of the own organization), the name, or
    /// the id of a location.
    pub fn location(&self, text: &str, reach: Reach<'_>) -> Result<Location, Unresolved> {
        let text = text.trim();
        if organization::number(text).is_some() {
            return self.organization(text, reach);
        }
        if let Some((code, site)) = text.split_once('/')
            && organization::number(code).is_some()
        {
            let number = self.organization(code, reach)?.organization;
            return self.sites.get(&(number, key(site))).copied().ok_or(Unresolved::Location);
        }
        if let Some(site) = self.sites.get(&(reach.own, key(text))) {
            return Ok(*site);
        }
        if let Some(known) = Id::parse(text).and_then(|id| self.by_id.get(&id)) {
            let inside = reach.covers(known.organization);
            return if inside { Ok(*known) } else { Err(Unresolved::OutOfReach) };
        }
        self.named(text, reach)
    }

    /// The role of `word`, if it can be held at `at`.
    pub fn role(&self, word: &str, at: Location) -> Result<&Role, Unresolved> {
        let role = self.roles.get(&word_key(word)).ok_or(Unresolved::Role)?;
        if role.ranks.contains(&at.rank) { Ok(role) } else { Err(Unresolved::RoleNotHere) }
    }

    /// The code of a service.
    pub fn service(&self, word: &str) -> Result<Arc<str>, Unresolved> {
        self.services.find(word).ok_or(Unresolved::Service)
    }

    /// The active room system of this system name.
    pub fn room(&self, name: &str, reach: Reach<'_>) -> Result<Id, Unresolved> {
        let room = self.rooms.get(&key(name)).ok_or(Unresolved::Room)?;
        if !reach.covers(room.organization) {
            return Err(Unresolved::OutOfReach);
        }
        if room.active { Ok(room.id) } else { Err(Unresolved::RoomOff) }
    }

    /// The active room systems of a site.
    pub fn rooms_of(&self, site: Location) -> Result<&[Id], Unresolved> {
        if site.rank != 4 {
            return Err(Unresolved::NotASite);
        }
        Ok(self.rooms_at.get(&site.id).map_or(&[], Vec::as_slice))
    }

    /// Someone of organization `own` who holds `service`, for `delegate` to act for.
    pub fn delegator(
        &self,
        user_name: &str,
        own: u32,
        service: &str,
        delegate: Id,
    ) -> Result<Id, Unresolved> {
        let name = (self.canonical)(user_name).ok_or(Unresolved::Delegator)?;
        let person = self.people.get(&(own, name)).ok_or(Unresolved::Delegator)?;
        if person.id == delegate {
            return Err(Unresolved::Oneself);
        }
        let holds = person.services.iter().any(|held| **held == *service);
        if holds { Ok(person.id) } else { Err(Unresolved::DelegatorLacksService) }
    }

    /// The access group of this name or id. A word from outside reaches only what was published
    /// to its connection.
    pub fn access_group(
        &self,
        word: &str,
        connection: u32,
        reach: Reach<'_>,
    ) -> Result<Id, Unresolved> {
        let group = self.access_groups.get(&key(word)).ok_or(Unresolved::AccessGroup)?;
        let open = !reach.foreign || group.published.contains(&connection);
        if open { Ok(group.id) } else { Err(Unresolved::NotPublished) }
    }

    fn named(&self, text: &str, reach: Reach<'_>) -> Result<Location, Unresolved> {
        let all = self.named.get(&key(text)).map_or(&[][..], Vec::as_slice);
        let mut inside = all.iter().filter(|place| reach.covers(place.organization));
        match (inside.next(), inside.next()) {
            (Some(place), None) => Ok(*place),
            (Some(_), Some(_)) => Err(Unresolved::Ambiguous),
            (None, _) => Err(Unresolved::Location),
        }
    }
}
