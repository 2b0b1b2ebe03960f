//! Grant templates: every row of the table in 2.7, with words where a grant has ids.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Location;
use crate::domain::access::grant::Places;
use crate::domain::access::grant::Reach;
use crate::domain::access::grant::Unresolved;
use crate::domain::access::level::Limit;
use crate::domain::access::pattern::Captures;
use crate::domain::access::pattern::Phrase;
use crate::domain::access::role::administrator::AdminRole;

/// Whether an assignment wants to be the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DefaultWish {
    /// No.
    Never,
    /// If the user has none otherwise.
    IfNone,
    /// Yes.
    Always,
}

/// What a rule gives to each member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Template {
    /// The home organization, such as `ORG{org}`.
    HomeOrganization {
        /// `ORG####`.
        organization: Phrase,
    },
    /// A role at a location.
    Assignment {
        /// `ORG####`, `ORG####/SITE`, a site code of the own organization, a name or an id.
        location: Phrase,
        /// Code or display text of the role.
        role: Phrase,
        /// Whether it wants to be the default.
        default: DefaultWish,
    },
    /// A service.
    Service {
        /// Code or display text.
        service: Phrase,
    },
    /// Scheduling access to every active room system of a site, new ones too.
    RoomsOfSite {
        /// A location as in an assignment.
        site: Phrase,
    },
    /// Scheduling access to these room systems.
    Rooms {
        /// System names.
        systems: Vec<Phrase>,
    },
    /// Acting for someone.
    Delegation {
        /// User name of the delegator, in the rule's organization.
        delegator: Phrase,
        /// Code or display text of the service.
        service: Phrase,
    },
    /// Membership of an access group.
    AccessGroup {
        /// Name or id.
        group: Phrase,
    },
    /// An application role; never captured.
    ApplicationRole {
        /// Its name.
        role: String,
    },
    /// A restriction in every access group.
    Limit {
        /// What is restricted.
        limit: Limit,
    },
    /// The login is disabled.
    LoginDisabled {
        /// Why, for people.
        reason: String,
    },
    /// An administrator's role; only by an approved rule without wildcards (LE6).
    Admin {
        /// Which.
        role: AdminRole,
        /// A location as in an assignment.
        scope: Option<Phrase>,
    },
    /// What the person signs in with.
    Credential {
        /// Code or display text.
        credential: Phrase,
    },
    /// Partner sign-in on.
    PartnerSignIn,
}

/// What a template is filled with.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// What words mean.
    pub places: &'a Places,
    /// Number of the rule's connection.
    pub connection: u32,
    /// Number of the rule's organization.
    pub own: u32,
    /// Further organizations that captured words may reach.
    pub listed: &'a [u32],
    /// What the name of the group gave.
    pub captures: &'a Captures,
    /// The member.
    pub subject: Id,
}

/// A grant that a template makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub grant: Grant,
    /// Whether an assignment wants to be the default.
    pub default: DefaultWish,
    /// How privileged the role of an assignment is.
    pub weight: u32,
    /// The place takes no new grants: whoever holds it keeps it, nobody gets it (TR3).
    pub keep_only: bool,
}

/// The phrases of a template, for its check.
pub type Words<'a> = Vec<&'a Phrase>;

impl Template {
    /// Whether only an approved rule may give it (LE6).
    pub fn is_privileged(&self) -> bool {
        match self {
            Self::Admin { .. } => true,
            Self::ApplicationRole { role } => {
                Grant::ApplicationRole { role: Arc::from(role.as_str()) }.is_privileged()
            }
            _ => false,
        }
    }

    /// Its phrases.
    pub fn words(&self) -> Words<'_> {
        match self {
            Self::HomeOrganization { organization } => vec![organization],
            Self::Assignment { location, role, .. } => vec![location, role],
            Self::Service { service } => vec![service],
            Self::RoomsOfSite { site } => vec![site],
            Self::Rooms { systems } => systems.iter().collect(),
            Self::Delegation { delegator, service } => vec![delegator, service],
            Self::AccessGroup { group } => vec![group],
            Self::Admin { scope, .. } => scope.iter().collect(),
            Self::Credential { credential } => vec![credential],
            Self::ApplicationRole { .. }
            | Self::Limit { .. }
            | Self::LoginDisabled { .. }
            | Self::PartnerSignIn => Vec::new(),
        }
    }

    /// The grants of the template, each with its reason where there is none.
    pub fn offers(&self, ground: &Ground<'_>, mut out: impl FnMut(Result<Offer, Unresolved>)) {
        match self {
            Self::RoomsOfSite { site } => match ground.rooms_of(site) {
                Ok(rooms) => rooms.iter().for_each(|id| out(Ok(room(*id)))),
                Err(why) => out(Err(why)),
            },
            Self::Rooms { systems } => {
                for system in systems {
                    let name = system.fill(ground.captures);
                    let found = ground.places.room(&name, ground.reach(system));
                    out(found.map(room));
                }
            }
            single => out(single.offer(ground)),
        }
    }

    fn offer(&self, ground: &Ground<'_>) -> Result<Offer, Unresolved> {
        let Ground { places, captures, .. } = ground;
        match self {
            Self::HomeOrganization { organization } => {
                let text = organization.fill(captures);
                let place = places.organization(&text, ground.reach(organization))?;
                let grant = Grant::HomeOrganization { organization: place.id };
                Ok(Offer { keep_only: !place.active, ..plain(grant) })
            }
            Self::Assignment { location, role, default } => {
                ground.assignment(location, role, *default)
            }
            Self::Service { service } => {
                let service = places.service(&service.fill(captures))?;
                Ok(plain(Grant::Service { service }))
            }
            Self::Delegation { delegator, service } => {
                let service = places.service(&service.fill(captures))?;
                let name = delegator.fill(captures);
                let found = places.delegator(&name, ground.own, &service, ground.subject)?;
                Ok(plain(Grant::Delegation { delegator: found, service }))
            }
            Self::AccessGroup { group } => {
                let name = group.fill(captures);
                let reach = ground.reach(group);
                let group = places.access_group(&name, ground.connection, reach)?;
                Ok(plain(Grant::AccessGroup { group }))
            }
            Self::ApplicationRole { role } => {
                let found = places.application_roles.find(role);
                let role = found.ok_or(Unresolved::ApplicationRole)?;
                let grant = Grant::ApplicationRole { role };
                // Another word of the catalogue for an administrator's role does not slip by.
                let open = self.is_privileged() || !grant.is_privileged();
                if open { Ok(plain(grant)) } else { Err(Unresolved::Privileged) }
            }
            Self::Limit { limit } => Ok(plain(Grant::Limit { limit: *limit })),
            Self::LoginDisabled { reason } => {
                Ok(plain(Grant::LoginDisabled { reason: Arc::from(reason.as_str()) }))
            }
            Self::Admin { role, scope } => ground.admin(*role, scope.as_ref()),
            Self::Credential { credential } => {
                let found = places.credentials.find(&credential.fill(captures));
                let credential = found.ok_or(Unresolved::Credential)?;
                Ok(plain(Grant::Credential { credential }))
            }
            Self::PartnerSignIn => Ok(plain(Grant::PartnerSignIn)),
            Self::RoomsOfSite { .. } | Self::Rooms { .. } => Err(Unresolved::Room),
        }
    }
}

impl<'a> Ground<'a> {
    /// Captured words come from outside; the administrator's own words do not.
    fn reach(&self, phrase: &Phrase) -> Reach<'a> {
        Reach { own: self.own, foreign: phrase.has_captures(), listed: self.listed }
    }

    fn location(&self, phrase: &Phrase) -> Result<Location, Unresolved> {
        self.places.location(&phrase.fill(self.captures), self.reach(phrase))
    }

    fn rooms_of(&self, site: &Phrase) -> Result<&'a [Id], Unresolved> {
        self.places.rooms_of(self.location(site)?)
    }

    fn assignment(
        &self,
        location: &Phrase,
        role: &Phrase,
        default: DefaultWish,
    ) -> Result<Offer, Unresolved> {
        let place = self.location(location)?;
        let role = self.places.role(&role.fill(self.captures), place)?;
        let grant = Grant::Assignment { location: place.id, role: Arc::clone(&role.code) };
        Ok(Offer { grant, default, weight: role.weight, keep_only: !place.active })
    }

    fn admin(&self, role: AdminRole, scope: Option<&Phrase>) -> Result<Offer, Unresolved> {
        let place = scope.map(|phrase| self.location(phrase)).transpose()?;
        if role.has_scope() != place.is_some() {
            return Err(Unresolved::Location);
        }
        let keep_only = place.is_some_and(|place| !place.active);
        let grant = Grant::Admin { role, scope: place.map(|place| place.id) };
        Ok(Offer { keep_only, ..plain(grant) })
    }
}

fn room(system: Id) -> Offer {
    plain(Grant::Room { system })
}

fn plain(grant: Grant) -> Offer {
    Offer { grant, default: DefaultWish::Never, weight: 0, keep_only: false }
}
