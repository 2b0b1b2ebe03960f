//! Scheduling access: who may schedule which room system (RO1 to RO3).
//!
//! Access belongs to the system, not to where it stands. While a system, or a place it stands in,
//! is switched off, nobody may schedule it; what was granted sleeps and wakes with it.

use std::collections::BTreeSet;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::delegation::Validity;

/// The right of one account to schedule one system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchedulingAccess {
    /// The account.
    pub account: Id,
    /// The room system.
    pub system: Id,
    /// When it holds.
    pub validity: Validity,
}

/// What counts of a room system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// The system.
    pub id: Id,
    /// Where it stands.
    pub site: Id,
    /// Whether it and everything it stands in is switched on.
    pub in_use: bool,
}

/// Why there is no such access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The system is switched off.
    #[error(
        "This room system, or a place it stands in, is switched off (RO1). Switch it on first."
    )]
    SwitchedOff,
    /// The account is closed.
    #[error("The account is closed (US4) and takes no new grants.")]
    Closed,
    /// The end has passed, or is not after the beginning.
    #[error("This access would never hold. Choose an end after now and after the beginning.")]
    Over,
}

/// Whether the account may be given access to `system` (RO1). Access that is there already may
/// be given again; it is the same access with another source.
pub fn decide(
    system: System,
    account_closed: bool,
    validity: Validity,
    now: Moment,
) -> Result<(), Refusal> {
    if account_closed {
        return Err(Refusal::Closed);
    }
    if !system.in_use {
        return Err(Refusal::SwitchedOff);
    }
    let never = matches!((validity.from, validity.to), (Some(from), Some(to)) if from >= to);
    if never || validity.over(now) { Err(Refusal::Over) } else { Ok(()) }
}

/// Who may schedule `system` at `at`: each account once, so that their number is the number of
/// marks in the export (RO2); nobody while it is switched off (RO1).
pub fn schedulers(system: System, at: Moment, all: &[SchedulingAccess]) -> BTreeSet<Id> {
    let here = |one: &&SchedulingAccess| one.system == system.id && one.validity.holds(at);
    if system.in_use {
        all.iter().filter(here).map(|one| one.account).collect()
    } else {
        BTreeSet::new()
    }
}

/// Which of `systems` the account may schedule at `at`.
pub fn schedulable(
    account: Id,
    systems: &[System],
    at: Moment,
    all: &[SchedulingAccess],
) -> BTreeSet<Id> {
    let mine = |one: &&SchedulingAccess| one.account == account && one.validity.holds(at);
    let granted: BTreeSet<Id> = all.iter().filter(mine).map(|one| one.system).collect();
    let open = systems.iter().filter(|system| system.in_use).map(|system| system.id);
    open.filter(|system| granted.contains(system)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(100);

    fn id(number: u8) -> Id {
        Id([number; 16])
    }

    fn system(number: u8, in_use: bool) -> System {
        System { id: id(number), site: id(90), in_use }
    }

    fn access(account: u8, system: u8) -> SchedulingAccess {
        SchedulingAccess { account: id(account), system: id(system), validity: Validity::default() }
    }

    #[test]
    fn ro1_only_systems_in_use_are_scheduled() {
        let forever = Validity::default();
        assert_eq!(decide(system(1, true), false, forever, NOW), Ok(()));
        assert_eq!(decide(system(1, false), false, forever, NOW), Err(Refusal::SwitchedOff));
        assert_eq!(decide(system(1, true), true, forever, NOW), Err(Refusal::Closed));
        let all = [access(7, 1), access(7, 2)];
        let systems = [system(1, false), system(2, true), system(3, true)];
        assert_eq!(schedulable(id(7), &systems, NOW, &all), BTreeSet::from([id(2)]));
        assert!(schedulers(systems[0], NOW, &all).is_empty());
        assert_eq!(schedulers(system(1, true), NOW, &all).len(), 1, "it wakes with the system");
    }

    #[test]
    fn ro1_access_with_an_end_holds_until_then() {
        let until = |to| Validity { from: Some(Moment(50)), to: Some(Moment(to)) };
        assert_eq!(decide(system(1, true), false, until(100), NOW), Err(Refusal::Over));
        assert_eq!(decide(system(1, true), false, until(50), Moment(0)), Err(Refusal::Over));
        assert_eq!(decide(system(1, true), false, until(101), NOW), Ok(()));
        let all = [SchedulingAccess { validity: until(100), ..access(7, 1) }];
        assert!(schedulers(system(1, true), NOW, &all).is_empty());
        assert_eq!(schedulers(system(1, true), Moment(99), &all).len(), 1);
    }

    #[test]
    fn ro2_the_number_of_schedulers_is_the_number_of_marks() {
        let all = [access(7, 1), access(7, 1), access(8, 1), access(9, 2)];
        assert_eq!(schedulers(system(1, true), NOW, &all), BTreeSet::from([id(7), id(8)]));
        assert!(schedulers(system(3, true), NOW, &all).is_empty());
    }

    #[test]
    fn ro3_a_system_that_moves_keeps_its_schedulers() {
        let all = [access(7, 1), access(8, 1)];
        let here = system(1, true);
        let there = System { site: id(91), ..here };
        assert_eq!(schedulers(here, NOW, &all), schedulers(there, NOW, &all));
    }
}
