//! What an administrator may do: the matrix of locations (B16, B17) and table 2.3, as one function.
//!
//! `action` says what is wanted, of whom, and on which row that stands; `actor` who wants it and
//! whom that right reaches; `table` holds the cells as they are written; `decision` is the
//! answer. [`may`] takes each right that holds at the current location, reads its cell, and gives
//! the best answer (rights add up); a refusal looks whether another current location would help.
//!
//! Invariants: the cells are those of the source, all 27 (AD1); nobody is reached who has no
//! assignment in what the administrator administers at the current location, except people who
//! wait for a first one (AD2); a yes on a place lies inside the scope of the right, also where the
//! matrix says "other locations"; rules about oneself and the last global administrator come
//! before every table (AD6, AD7).
//!
//! Rejected: rights as a list of named permissions per role. The source is a table with
//! footnotes, auditors read it as one, and a refusal must name its cell. "At the current
//! location" as equality: the list of users at a division shows those of its hospitals, so a
//! division's administrator would see people and manage none.

pub mod action;
pub mod actor;
pub mod decision;
pub mod table;

use crate::base::id::Id;
use crate::domain::access::level::Module;
use crate::domain::access::matrix::action::Action;
use crate::domain::access::matrix::action::Subject;
use crate::domain::access::matrix::actor::Actor;
use crate::domain::access::matrix::actor::AdminGrant;
use crate::domain::access::matrix::actor::Reach;
use crate::domain::access::matrix::decision::Decision;
use crate::domain::access::matrix::decision::Verdict;
use crate::domain::access::matrix::decision::Warning;
use crate::domain::access::matrix::decision::Why;
use crate::domain::access::matrix::table::Cell;
use crate::domain::access::matrix::table::Column;
use crate::domain::access::matrix::table::Row;
use crate::domain::access::role::administrator::AdminRole;
use crate::domain::place::tree::Tree;

/// Where an administrator acts, and how.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The places.
    pub places: &'a Tree,
    /// The current location that was chosen. Without a choice it is the one place that all
    /// rights are for.
    pub location: Option<Id>,
    /// Through what the change comes.
    pub channel: Channel,
    /// What is switched on.
    pub settings: Settings,
}

/// Through what a change comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A person at the console or the API, who has not confirmed yet.
    Interactive,
    /// The same, confirmed in view of the other locations (AD3).
    Confirmed,
    /// A push; nobody is there to confirm.
    Push,
}

/// Settings that widen the tables; all off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Question 19: a division's administrator deletes locations.
    pub division_admin_may_delete_location: bool,
    /// A primary contact locks and unlocks.
    pub primary_contact_may_lock: bool,
}

/// Whether `actor` may do `action` to `subject` there.
pub fn may(actor: &Actor, action: Action, subject: Subject<'_>, at: &At<'_>) -> Decision {
    let current = actor.stands_at(at.location);
    let row = action.row(subject, at.places, current);
    if let Some(why) = objection(actor, action, subject) {
        return Decision::no(row, None, why);
    }
    let ask = Ask { actor, action, subject, at };
    let answers = actor.grants.iter().map(|grant| ask.judge(*grant, current));
    let best = answers.min_by_key(|answer| answer.verdict.order());
    let mut decision = best.unwrap_or_else(|| Decision::no(row, None, Why::NoAdministrator));
    if matches!(decision.verdict, Verdict::No(_)) {
        decision.switch_to = ask.elsewhere(current);
        // Who stands nowhere is told to choose a place, if there is one that helps.
        if current.is_none() && !decision.switch_to.is_empty() {
            decision.verdict = Verdict::No(Why::NotHere);
        }
    }
    ask.confirmed(decision)
}

/// Whom `actor` reaches from there, for lists (AD2). Ask [`may`] for what may be done.
pub fn reach(actor: &Actor, at: &At<'_>) -> Reach {
    let current = actor.stands_at(at.location);
    let rank = current.and_then(|id| at.places.node(id)).map(|node| node.rank);
    let sees = |grant: &&AdminGrant| {
        let cell = Row::ViewUser.cell(Column::of(grant.role, rank));
        cell != Cell::No && lacks_effect(actor, grant.role).is_none()
    };
    let reaches = actor.grants.iter().filter(sees);
    reaches.map(|grant| Reach::of(*grant, at.places, current)).fold(Reach::default(), Reach::and)
}

/// What no right overcomes (AD6, AD7); a push asks this too.
pub fn objection(actor: &Actor, action: Action, subject: Subject<'_>) -> Option<Why> {
    let person = match subject {
        Subject::Person(person) => Some(person),
        Subject::Place(_) | Subject::Network => None,
    };
    let oneself = person.is_some_and(|person| person.account == Some(actor.account));
    match action {
        Action::GrantAdmin(_) if oneself => Some(Why::Oneself),
        Action::Approve { requested_by } if oneself || requested_by == actor.account => {
            Some(Why::Oneself)
        }
        _ if action.removes_global() && person.is_some_and(|person| person.last_global) => {
            Some(Why::LastGlobal)
        }
        _ => None,
    }
}

/// Why a right of `kind` counts for nothing here. A global administrator counts without a group:
/// somebody must make the first one. See [`Actor::administers_centre`] for AD4.
fn lacks_effect(actor: &Actor, kind: AdminRole) -> Option<Why> {
    match kind {
        AdminRole::HealthCentre => actor.effective(kind).err().map(Why::NotEffective),
        _ => None,
    }
}

/// One question, to be put to each right.
struct Ask<'a> {
    actor: &'a Actor,
    action: Action,
    subject: Subject<'a>,
    at: &'a At<'a>,
}

impl Ask<'_> {
    fn judge(&self, grant: AdminGrant, current: Option<Id>) -> Decision {
        let places = self.at.places;
        let rank = current.and_then(|id| places.node(id)).map(|node| node.rank);
        let column = Column::of(grant.role, rank);
        let row = self.action.row(self.subject, places, current);
        let no = |why| Decision::no(row, Some(column), why);
        let cell = row.cell(column);
        let reach = Reach::of(grant, places, current);
        if cell == Cell::No {
            return no(Why::Cell);
        }
        if let Some(why) = lacks_effect(self.actor, grant.role) {
            return no(why);
        }
        if reach == Reach::default() {
            return no(Why::NotHere);
        }
        if !reach.includes(self.subject, places) || !self.inside(grant) {
            return no(Why::OutOfReach);
        }
        match self.condition(cell, row, current) {
            Err(why) => no(why),
            Ok(verdict) => {
                let warnings =
                    if cell == Cell::YesWarned { self.warnings(current) } else { vec![] };
                let column = Some(column);
                Decision { verdict, row, column, warnings, switch_to: Vec::new() }
            }
        }
    }

    /// Whether the places that the action names lie inside what the right is for. "Other
    /// locations" are other ones of the same region, not of another administrator's.
    fn inside(&self, grant: AdminGrant) -> bool {
        let inside = |id: Id| match grant.scope {
            Some(scope) => self.at.places.within(id, scope),
            None => true,
        };
        self.action.places().into_iter().all(inside)
    }

    fn condition(&self, cell: Cell, row: Row, current: Option<Id>) -> Result<Verdict, Why> {
        let settings = self.at.settings;
        let met = |met: bool, why| if met { Ok(Verdict::Yes) } else { Err(why) };
        match cell {
            Cell::No => Err(Why::Cell),
            Cell::Yes | Cell::YesWarned | Cell::YesOwnActions => Ok(Verdict::Yes),
            Cell::YesRole => {
                met(!matches!(self.action, Action::EditLocation { .. }), Why::RoleOnly)
            }
            Cell::YesToCurrent => {
                let to = self.action.places().first().copied();
                met(to.is_some() && to == current, Why::DefaultElsewhere)
            }
            Cell::YesAssigned => met(self.is_here(current), Why::OutOfReach),
            Cell::YesOwnCentre => {
                let full = self.actor.full_modules.contains(&Module::IdentityManagement);
                met(full, Why::NoIdentityManagement)
            }
            Cell::Request => Ok(Verdict::Request),
            Cell::Setting if row == Row::DeleteHere => {
                met(settings.division_admin_may_delete_location, Why::Cell)
            }
            Cell::Setting => met(settings.primary_contact_may_lock, Why::SettingOff),
        }
    }

    /// Whether the person has a role in the current location; a place counts as itself.
    fn is_here(&self, current: Option<Id>) -> bool {
        let here = |id: &Id| current.is_some_and(|current| self.at.places.within(*id, current));
        match self.subject {
            Subject::Person(person) => person.locations.iter().any(here),
            Subject::Place(place) => here(&place),
            Subject::Network => false,
        }
    }

    fn warnings(&self, current: Option<Id>) -> Vec<Warning> {
        let Subject::Person(person) = self.subject else { return Vec::new() };
        let found = [
            (person.locations.len() > 1, Warning::SeveralLocations),
            (!self.is_here(current), Warning::NoRoleHere),
        ];
        found.into_iter().filter(|(warn, _)| *warn).map(|(_, warning)| warning).collect()
    }

    /// Current locations at which a right would give a better answer: those that the rights are
    /// for, and where the person is (B14). In order, each once.
    fn elsewhere(&self, current: Option<Id>) -> Vec<Id> {
        let mut candidates: Vec<Id> =
            self.actor.grants.iter().filter_map(|grant| grant.scope).collect();
        candidates.extend(self.action.places());
        match self.subject {
            Subject::Person(person) => candidates.extend(&person.locations),
            Subject::Place(place) => candidates.push(place),
            Subject::Network => {}
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates.retain(|place| {
            let answer = |grant: &AdminGrant| self.judge(*grant, Some(*place)).verdict;
            let better = |grant: &AdminGrant| !matches!(answer(grant), Verdict::No(_));
            Some(*place) != current && self.actor.grants.iter().any(better)
        });
        candidates
    }

    /// Turns a yes into a question when an account at several locations is updated by hand (AD3).
    fn confirmed(&self, decision: Decision) -> Decision {
        let Subject::Person(person) = self.subject else { return decision };
        let asks = decision.is_yes()
            && self.at.channel == Channel::Interactive
            && self.action.updates_account()
            && person.locations.len() > 1;
        if !asks {
            return decision;
        }
        let meant = self.action.places();
        let others = person.locations.iter().copied().filter(|id| !meant.contains(id)).collect();
        Decision { verdict: Verdict::Confirm(others), ..decision }
    }
}

impl Decision {
    fn no(row: Row, column: Option<Column>, why: Why) -> Self {
        let verdict = Verdict::No(why);
        Self { verdict, row, column, warnings: Vec::new(), switch_to: Vec::new() }
    }
}

impl Verdict {
    /// Which of two answers counts when rights add up; among refusals, the one that says most.
    fn order(&self) -> u8 {
        match self {
            Self::Yes | Self::Confirm(_) => 0,
            Self::Request => 1,
            Self::No(Why::Cell | Why::NotHere) => 3,
            Self::No(_) => 2,
        }
    }
}

#[cfg(test)]
mod tests;
