//! Where a person works: places, one role at each, one default (AS1 to AS7).
//!
//! An operation takes the set and gives the next one with remarks for the event; nothing is
//! half done. An administrator is refused what would leave the person without a place or with
//! the default gone (AS4, AS5); a connection is obeyed, and the default moves on (AS7).

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::place::tree;
use crate::domain::place::tree::Rank;
use crate::domain::place::tree::Tree;

/// One place of a person, with the role there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Region, division, organization or site.
    pub location: Id,
    /// Code of the role.
    pub role: String,
    /// Whether it is the person's default.
    pub default: bool,
    /// Since when; the oldest takes over a default that is lost (AS7).
    pub since: Moment,
}

/// Which roles a place offers, by its rank (AS6). The catalogue of roles implements it.
pub trait Offers {
    /// Whether a place of `rank` offers `role`.
    fn offers(&self, rank: Rank, role: &str) -> bool;
}

/// What assignments are checked against.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The places.
    pub places: &'a Tree,
    /// The roles.
    pub roles: &'a dyn Offers,
}

/// For whom a removal is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// An administrator: AS4 and AS5 refuse.
    Administrator,
    /// A connection, or a rule that no longer holds: AS7 moves the default.
    Connection,
}

/// A place with a role that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The place.
    pub location: Id,
    /// Code of the role.
    pub role: String,
    /// Whether it shall be the default.
    pub default: bool,
}

/// Why assignments stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The place is unknown or switched off.
    #[error(transparent)]
    Place(#[from] tree::Refusal),
    /// Nobody works at a room system.
    #[error(
        "A person is assigned to a region, division, organization or site (AS6). For a room \
         system, give scheduling access."
    )]
    RoomSystem,
    /// The place does not offer the role.
    #[error("This kind of place does not offer this role (AS6). Choose one that it offers.")]
    Role,
    /// A second role at one place.
    #[error("The person has a role at this place already (AS2). Change that one.")]
    SecondRole,
    /// No role there.
    #[error("The person has no role at this place.")]
    NotThere,
    /// It is the only one.
    #[error("The only location cannot be removed (AS4). Add another first, or close the account.")]
    Only,
    /// It is the default.
    #[error("The default location cannot be removed (AS5). Choose another default first.")]
    Default,
    /// Several defaults.
    #[error("Exactly one location is the default (AS3). Mark one.")]
    Defaults,
}

/// What an operation did, for the event and for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// A role at a place began.
    Added(Id),
    /// The role at a place is another.
    RoleChanged(Id),
    /// A role at a place ended.
    Removed(Id),
    /// The default is another; `from` is none when there was none.
    DefaultMoved {
        /// Where it was.
        from: Option<Id>,
        /// Where it is.
        to: Id,
    },
    /// Nothing is left: access is pending until there is a place again (AS7).
    NoneLeft,
}

/// The next set, and what is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The assignments afterwards.
    pub after: Assignments,
    /// What happened, in order; empty when nothing did.
    pub remarks: Vec<Remark>,
}

/// The assignments of one person.
///
/// Invariant: one per place (AS2); exactly one default, or none of all (AS3); oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignments {
    all: Vec<Assignment>,
}

impl Assignments {
    /// The set of these rows; refuses rows that break AS2 or AS3.
    pub fn of(rows: Vec<Assignment>) -> Result<Self, Refusal> {
        let mut places: Vec<Id> = rows.iter().map(|one| one.location).collect();
        places.sort_unstable();
        places.dedup();
        if places.len() != rows.len() {
            return Err(Refusal::SecondRole);
        }
        let defaults = rows.iter().filter(|one| one.default).count();
        if defaults != usize::from(!rows.is_empty()) {
            return Err(Refusal::Defaults);
        }
        Ok(Self { all: rows }.sorted())
    }

    /// All, oldest first; equally old ones by place.
    pub fn all(&self) -> &[Assignment] {
        &self.all
    }

    /// The role at `location`.
    pub fn at(&self, location: Id) -> Option<&Assignment> {
        self.all.iter().find(|one| one.location == location)
    }

    /// The default.
    pub fn the_default(&self) -> Option<&Assignment> {
        self.all.iter().find(|one| one.default)
    }

    /// Adds a place; the first one is the default whatever was asked.
    pub fn add(&self, new: &Wanted, rules: &Rules<'_>, now: Moment) -> Result<Changed, Refusal> {
        if self.at(new.location).is_some() {
            return Err(Refusal::SecondRole);
        }
        rules.allow(new.location, &new.role)?;
        let mut after = self.clone();
        let (location, role) = (new.location, new.role.clone());
        after.all.push(Assignment { location, role, default: false, since: now });
        let mut remarks = vec![Remark::Added(location)];
        if new.default || self.all.is_empty() {
            remarks.extend(after.point(location));
        }
        Ok(Changed { after: after.sorted(), remarks })
    }

    /// Gives another role at a place.
    pub fn edit_role(
        &self,
        location: Id,
        role: &str,
        rules: &Rules<'_>,
    ) -> Result<Changed, Refusal> {
        let here = self.at(location).ok_or(Refusal::NotThere)?;
        if here.role == role {
            return Ok(self.unchanged());
        }
        rules.allow(location, role)?;
        let mut after = self.clone();
        for one in after.all.iter_mut().filter(|one| one.location == location) {
            role.clone_into(&mut one.role);
        }
        Ok(Changed { after, remarks: vec![Remark::RoleChanged(location)] })
    }

    /// Exchanges a place for another, with the role there; a default goes along.
    pub fn relocate(
        &self,
        from: Id,
        to: (Id, &str),
        rules: &Rules<'_>,
        now: Moment,
    ) -> Result<Changed, Refusal> {
        let here = self.at(from).ok_or(Refusal::NotThere)?;
        if from == to.0 {
            return self.edit_role(from, to.1, rules);
        }
        let wanted = Wanted { location: to.0, role: to.1.to_owned(), default: here.default };
        let added = self.add(&wanted, rules, now)?;
        let mut after = added.after;
        after.all.retain(|one| one.location != from);
        let mut remarks = added.remarks;
        remarks.push(Remark::Removed(from));
        Ok(Changed { after, remarks })
    }

    /// Makes a place the default. A place that is switched off can be one: nothing is granted.
    pub fn set_default(&self, location: Id) -> Result<Changed, Refusal> {
        self.at(location).ok_or(Refusal::NotThere)?;
        let mut after = self.clone();
        let remarks = after.point(location).into_iter().collect();
        Ok(Changed { after, remarks })
    }

    /// Removes a place (AS4, AS5, AS7).
    pub fn remove(&self, location: Id, by: By) -> Result<Changed, Refusal> {
        let here = self.at(location).ok_or(Refusal::NotThere)?;
        match by {
            By::Administrator if self.all.len() == 1 => return Err(Refusal::Only),
            By::Administrator if here.default => return Err(Refusal::Default),
            By::Administrator | By::Connection => {}
        }
        let mut after = self.clone();
        after.all.retain(|one| one.location != location);
        let mut remarks = vec![Remark::Removed(location)];
        remarks.extend(after.heal(here.default.then_some(location)));
        Ok(Changed { after, remarks })
    }

    /// Makes the set what a push or a form says: all of `wanted` and nothing else. Without a
    /// default among them the present one stays; if that goes, AS5 or AS7 decides.
    pub fn replace(
        &self,
        wanted: &[Wanted],
        by: By,
        rules: &Rules<'_>,
        now: Moment,
    ) -> Result<Changed, Refusal> {
        self.check_wanted(wanted)?;
        let mut turn = self.unchanged();
        for one in wanted {
            let one = Wanted { default: false, ..one.clone() };
            turn = match turn.after.at(one.location) {
                Some(_) => turn.then(|set| set.edit_role(one.location, &one.role, rules))?,
                None => turn.then(|set| set.add(&one, rules, now))?,
            };
        }
        if let Some(default) = wanted.iter().find(|one| one.default) {
            turn = turn.then(|set| set.set_default(default.location))?;
        }
        let leaving = self.all.iter().map(|one| one.location);
        let leaving = leaving.filter(|here| wanted.iter().all(|one| one.location != *here));
        // The default leaves last, so that it moves to a place that stays.
        let default = self.the_default().map(|one| one.location);
        let (last, first): (Vec<Id>, Vec<Id>) = leaving.partition(|one| Some(*one) == default);
        for one in first.into_iter().chain(last) {
            turn = turn.then(|set| set.remove(one, by))?;
        }
        Ok(turn)
    }

    fn check_wanted(&self, wanted: &[Wanted]) -> Result<(), Refusal> {
        let mut places: Vec<Id> = wanted.iter().map(|one| one.location).collect();
        places.sort_unstable();
        places.dedup();
        if places.len() != wanted.len() {
            return Err(Refusal::SecondRole);
        }
        let defaults = wanted.iter().filter(|one| one.default).count();
        if defaults > 1 { Err(Refusal::Defaults) } else { Ok(()) }
    }

    fn unchanged(&self) -> Changed {
        Changed { after: self.clone(), remarks: Vec::new() }
    }

    /// Puts the default at `to`; says so if it was elsewhere.
    fn point(&mut self, to: Id) -> Option<Remark> {
        let from = self.the_default().map(|one| one.location);
        for one in &mut self.all {
            one.default = one.location == to;
        }
        (from != Some(to)).then_some(Remark::DefaultMoved { from, to })
    }

    /// After a removal: the oldest is the default if it was lost (AS7).
    fn heal(&mut self, lost: Option<Id>) -> Option<Remark> {
        let Some(oldest) = self.all.first().map(|one| one.location) else {
            return Some(Remark::NoneLeft);
        };
        lost?;
        self.point(oldest);
        Some(Remark::DefaultMoved { from: lost, to: oldest })
    }

    fn sorted(mut self) -> Self {
        self.all.sort_by_key(|one| (one.since, one.location));
        self
    }
}

impl Changed {
    /// Whether the person is left without a place (AS7).
    pub fn pending(&self) -> bool {
        self.after.all.is_empty()
    }

    fn then(
        mut self,
        step: impl FnOnce(&Assignments) -> Result<Self, Refusal>,
    ) -> Result<Self, Refusal> {
        let next = step(&self.after)?;
        self.remarks.extend(next.remarks);
        Ok(Self { after: next.after, remarks: self.remarks })
    }
}

impl Rules<'_> {
    /// Whether `role` may begin at `location` (AS6, TR3).
    pub fn allow(&self, location: Id, role: &str) -> Result<(), Refusal> {
        let rank = self.places.node(location).ok_or(tree::Refusal::Unknown)?.rank;
        if !rank.is_location() {
            return Err(Refusal::RoomSystem);
        }
        self.places.may_grant(location)?;
        if self.roles.offers(rank, role) { Ok(()) } else { Err(Refusal::Role) }
    }
}

#[cfg(test)]
mod tests;
