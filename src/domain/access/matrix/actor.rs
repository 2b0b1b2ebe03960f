//! Who acts: what an administrator holds, and whom that reaches.

use std::collections::BTreeSet;

use crate::base::id::Id;
use crate::domain::access::level::Module;
use crate::domain::access::matrix::action::Person;
use crate::domain::access::matrix::action::Subject;
use crate::domain::access::role::administrator::AdminRole;
use crate::domain::place::tree::Tree;

/// One right of an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminGrant {
    /// Which.
    pub role: AdminRole,
    /// The place it is for; none is the network, where the role may be held there.
    pub scope: Option<Id>,
}

/// An administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: Id,
    /// Its rights, live ones only.
    pub grants: Vec<AdminGrant>,
    /// Whether the account is in an access group (AD4).
    pub in_group: bool,
    /// The modules to which a group gives it Full Access (AD5).
    pub full_modules: BTreeSet<Module>,
}

/// Why a right is held and has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEffective {
    /// A global administrator outside every group.
    #[error("not effective because the administrator is in no access group (AD4)")]
    NoGroup,
    /// A health-centre administrator without the module.
    #[error(
        "not effective because no access group gives Full Access to the Administrator module (AD5)"
    )]
    NoAdministratorModule,
    /// Another centre's, or none.
    #[error("not effective because it is not for this health centre (AD5)")]
    OtherCentre,
}

impl Actor {
    /// Whether the settings of the health centre `centre` are open to this administrator: a
    /// global one has every centre but needs a group (AD4), a centre's own needs Full Access to
    /// the Administrator module (AD5).
    pub fn administers_centre(&self, centre: Id) -> Result<(), NotEffective> {
        let mine = self.grants.iter().filter(|grant| match grant.role {
            AdminRole::Global => true,
            AdminRole::HealthCentre => grant.scope == Some(centre),
            _ => false,
        });
        let mut why = NotEffective::OtherCentre;
        for grant in mine {
            match self.effective(grant.role) {
                Ok(()) => return Ok(()),
                Err(found) => why = found,
            }
        }
        Err(why)
    }

    /// Whether a right of `kind` has its effect in the products; what the wire shows as
    /// `adminRoles[].effective` and `reason`.
    pub fn effective(&self, kind: AdminRole) -> Result<(), NotEffective> {
        match kind {
            AdminRole::Global if !self.in_group => Err(NotEffective::NoGroup),
            AdminRole::HealthCentre if !self.full_modules.contains(&Module::Administrator) => {
                Err(NotEffective::NoAdministratorModule)
            }
            _ => Ok(()),
        }
    }

    /// Where the administrator stands: the place chosen, or, without a choice, the one place that
    /// all located rights are for. None if there are several or none (B14).
    pub fn stands_at(&self, chosen: Option<Id>) -> Option<Id> {
        chosen.or_else(|| {
            let scopes: BTreeSet<Id> = self.grants.iter().filter_map(|grant| grant.scope).collect();
            scopes.first().copied().filter(|_| scopes.len() == 1)
        })
    }
}

/// Which people a right, or an administrator, reaches. A list asks the store with it; one person
/// is asked with [`Reach::covers`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Everybody.
    pub everyone: bool,
    /// People with an assignment in one of these places (AD2).
    pub assigned_in: BTreeSet<Id>,
    /// People without any assignment whose organizations lie in one of these places: whoever was
    /// just pushed waits for a first one.
    pub waiting_in: BTreeSet<Id>,
    /// People whose home or affiliated organization lies in one of these places (question 34).
    pub belonging_to: BTreeSet<Id>,
}

impl Reach {
    /// The reach of `grant` for somebody who stands at `current`; empty where it does not hold.
    pub fn of(grant: AdminGrant, places: &Tree, current: Option<Id>) -> Self {
        let mut reach = Self::default();
        let Some(scope) = grant.scope else {
            reach.everyone = !grant.role.needs_scope();
            return reach;
        };
        let Some(current) = current.filter(|current| places.within(*current, scope)) else {
            return reach;
        };
        match grant.role {
            AdminRole::Global | AdminRole::Operator => reach.everyone = true,
            AdminRole::Regional | AdminRole::Division | AdminRole::PublicHealth => {
                reach.assigned_in.insert(current);
                reach.waiting_in.insert(current);
            }
            AdminRole::HealthCentre => {
                reach.assigned_in.insert(current);
                reach.belonging_to.insert(scope);
            }
            AdminRole::IdentityAccountManager
            | AdminRole::PrimaryContact
            | AdminRole::HelpDesk
            | AdminRole::Auditor => {
                reach.belonging_to.insert(scope);
            }
        }
        reach
    }

    /// Both together.
    pub fn and(mut self, other: Self) -> Self {
        self.everyone |= other.everyone;
        self.assigned_in.extend(other.assigned_in);
        self.waiting_in.extend(other.waiting_in);
        self.belonging_to.extend(other.belonging_to);
        self
    }

    /// Whether the person is among them.
    pub fn covers(&self, person: &Person, places: &Tree) -> bool {
        let any = |ids: &[Id], roots: &BTreeSet<Id>| {
            ids.iter().any(|id| roots.iter().any(|root| places.within(*id, *root)))
        };
        self.everyone
            || any(&person.locations, &self.assigned_in)
            || any(&person.organizations, &self.belonging_to)
            || (person.locations.is_empty() && any(&person.organizations, &self.waiting_in))
    }

    /// Whether the subject is inside: a person as above, a place if it lies in one of the places,
    /// the network for everyone's.
    pub fn includes(&self, subject: Subject<'_>, places: &Tree) -> bool {
        match subject {
            Subject::Person(person) => self.covers(person, places),
            Subject::Place(place) => {
                let mut roots = self.assigned_in.iter().chain(&self.belonging_to);
                self.everyone || roots.any(|root| places.within(place, *root))
            }
            Subject::Network => self.everyone,
        }
    }
}
