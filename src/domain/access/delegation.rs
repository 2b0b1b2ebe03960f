//! Delegations: a delegate acts for a delegator in one service, from one instant to another
//! (DE1 to DE7).

use std::collections::BTreeSet;

use crate::base::clock::Moment;
use crate::base::id::Id;

/// One delegation. What ended is not among the facts that are asked here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// Its record.
    pub id: Id,
    /// For whom the other acts.
    pub delegator: Id,
    /// Who acts.
    pub delegate: Id,
    /// Code of the service.
    pub service: String,
    /// When it holds.
    pub validity: Validity,
}

/// `[from, to)`; open where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// The first moment inside.
    pub from: Option<Moment>,
    /// The first moment no longer inside.
    pub to: Option<Moment>,
}

impl Validity {
    /// Whether `at` lies inside.
    pub fn holds(&self, at: Moment) -> bool {
        self.from.is_none_or(|from| from <= at) && !self.over(at)
    }

    /// Whether the end has come at `at`.
    pub fn over(&self, at: Moment) -> bool {
        self.to.is_some_and(|to| to <= at)
    }

    /// Whether some moment lies in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let begins_before = |from: Option<Moment>, to: Option<Moment>| match (from, to) {
            (Some(from), Some(to)) => from < to,
            (None, _) | (_, None) => true,
        };
        begins_before(self.from, other.to) && begins_before(other.from, self.to)
    }

    /// Whether there is no moment inside.
    fn is_empty(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from >= to)
    }
}

/// What counts of a person on either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The account.
    pub account: Id,
    /// Whether it is closed. A disabled account keeps its delegations and may get new ones.
    pub closed: bool,
    /// Codes of the services it holds.
    pub services: BTreeSet<String>,
}

/// Why there is no such delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// To oneself.
    #[error("Nobody is their own delegate (DE1). Choose another person.")]
    Oneself,
    /// It is there already.
    #[error(
        "This person acts for that delegator in this service at that time already (DE2). Change \
         that delegation, or choose other dates."
    )]
    Twice,
    /// The delegator lacks the service.
    #[error(
        "The delegator does not hold this service (DE3). Give the delegator the service first."
    )]
    NoService,
    /// One side is closed.
    #[error("The account of the delegator or of the delegate is closed (DE6).")]
    Closed,
    /// The end is not after the beginning.
    #[error("A delegation ends after it begins (DE2). Choose a later end.")]
    Empty,
    /// The end has passed.
    #[error("This delegation would be over already (DE2). Choose a later end.")]
    Over,
}

/// What makes delegations end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss<'a> {
    /// An account no longer holds a service.
    Service {
        /// Whose.
        account: Id,
        /// Its code.
        service: &'a str,
    },
    /// An account is closed.
    Account(Id),
}

/// Why a delegation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// The delegator lost the service.
    #[error("the delegator no longer holds the service (DE3)")]
    DelegatorLostService,
    /// The delegator's account was closed.
    #[error("the delegator's account was closed (DE6)")]
    DelegatorClosed,
    /// The delegate's account was closed.
    #[error("the delegate's account was closed (DE6)")]
    DelegateClosed,
}

/// Whether `new` may begin, beside the `existing` ones of either party. The delegate needs no
/// service, and may belong to any organization (DE5).
pub fn decide(
    new: &Delegation,
    delegator: &Party,
    delegate: &Party,
    existing: &[Delegation],
    now: Moment,
) -> Result<(), Refusal> {
    if new.delegator == new.delegate {
        return Err(Refusal::Oneself);
    }
    if delegator.closed || delegate.closed {
        return Err(Refusal::Closed);
    }
    if !delegator.services.contains(&new.service) {
        return Err(Refusal::NoService);
    }
    if new.validity.is_empty() {
        return Err(Refusal::Empty);
    }
    if new.validity.over(now) {
        return Err(Refusal::Over);
    }
    let twice = |one: &Delegation| {
        one.id != new.id
            && one.triple() == new.triple()
            && !one.validity.over(now)
            && one.validity.overlaps(&new.validity)
    };
    if existing.iter().any(twice) { Err(Refusal::Twice) } else { Ok(()) }
}

/// Which of `live` end, and why (DE3, DE6), in their order. The end by date needs no event: see
/// [`Validity::holds`].
pub fn ends(loss: Loss<'_>, live: &[Delegation]) -> Vec<(Id, Ended)> {
    let why = |one: &Delegation| match loss {
        Loss::Service { account, service } => {
            let lost = one.delegator == account && one.service == service;
            lost.then_some(Ended::DelegatorLostService)
        }
        Loss::Account(account) if one.delegator == account => Some(Ended::DelegatorClosed),
        Loss::Account(account) if one.delegate == account => Some(Ended::DelegateClosed),
        Loss::Account(_) => None,
    };
    live.iter().filter_map(|one| Some((one.id, why(one)?))).collect()
}

/// For whom `delegate` acts in `service` at `at`. One step only: who acts for somebody does not
/// act for those whom that person acts for (DE4).
pub fn delegators(delegate: Id, service: &str, at: Moment, all: &[Delegation]) -> BTreeSet<Id> {
    let acts = |one: &&Delegation| one.delegate == delegate && one.holds_in(service, at);
    all.iter().filter(acts).map(|one| one.delegator).collect()
}

/// Who acts for `delegator` in `service` at `at`.
pub fn delegates(delegator: Id, service: &str, at: Moment, all: &[Delegation]) -> BTreeSet<Id> {
    let acts = |one: &&Delegation| one.delegator == delegator && one.holds_in(service, at);
    all.iter().filter(acts).map(|one| one.delegate).collect()
}

/// Rows and marks of the export for `service` at `at` (DE5, DE7): delegations of that service
/// whose delegator is a user of the organization, wherever the delegate belongs.
pub fn exported<'a>(
    service: &'a str,
    at: Moment,
    all: &'a [Delegation],
    is_user: impl Fn(Id) -> bool + 'a,
) -> impl Iterator<Item = &'a Delegation> {
    all.iter().filter(move |one| one.holds_in(service, at) && is_user(one.delegator))
}

impl Delegation {
    /// What is unique at any moment (DE2).
    pub fn triple(&self) -> (Id, Id, &str) {
        (self.delegator, self.delegate, &self.service)
    }

    fn holds_in(&self, service: &str, at: Moment) -> bool {
        self.service == service && self.validity.holds(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::Entropy;
    use crate::base::entropy::SeededEntropy;

    const NOW: Moment = Moment(100);

    fn id(number: u8) -> Id {
        Id([number; 16])
    }

    fn one(number: u8, delegator: u8, delegate: u8, service: &str) -> Delegation {
        Delegation {
            id: id(number),
            delegator: id(delegator),
            delegate: id(delegate),
            service: service.to_owned(),
            validity: Validity::default(),
        }
    }

    fn dated(number: u8, from: i64, to: i64) -> Delegation {
        let validity = Validity { from: Some(Moment(from)), to: Some(Moment(to)) };
        Delegation { validity, ..one(number, 1, 2, "PCVC") }
    }

    fn party(number: u8, services: &[&str]) -> Party {
        let services = services.iter().map(|code| (*code).to_owned()).collect();
        Party { account: id(number), closed: false, services }
    }

    fn decided(new: &Delegation, existing: &[Delegation]) -> Result<(), Refusal> {
        decide(new, &party(1, &["PCVC", "ECONSULT"]), &party(2, &[]), existing, NOW)
    }

    #[test]
    fn de1_nobody_is_their_own_delegate() {
        assert_eq!(decided(&one(9, 1, 1, "PCVC"), &[]), Err(Refusal::Oneself));
        assert_eq!(decided(&one(9, 1, 2, "PCVC"), &[]), Ok(()));
    }

    #[test]
    fn de2_one_delegation_of_a_kind_at_any_moment() {
        let here = [one(1, 1, 2, "PCVC")];
        assert_eq!(decided(&one(9, 1, 2, "PCVC"), &here), Err(Refusal::Twice));
        assert_eq!(decided(&one(1, 1, 2, "PCVC"), &here), Ok(()), "itself");
        assert_eq!(decided(&one(9, 1, 2, "ECONSULT"), &here), Ok(()));
        assert_eq!(decided(&one(9, 1, 3, "PCVC"), &here), Ok(()));
        assert_eq!(decided(&dated(9, 200, 300), &[dated(1, 100, 201)]), Err(Refusal::Twice));
        assert_eq!(decided(&dated(9, 200, 300), &[dated(1, 100, 200)]), Ok(()), "[from, to)");
        assert_eq!(decided(&dated(9, 50, 300), &[dated(1, 10, 100)]), Ok(()), "over is over");
        assert_eq!(decided(&dated(9, 200, 200), &[]), Err(Refusal::Empty));
        assert_eq!(decided(&dated(9, 10, 100), &[]), Err(Refusal::Over));
        assert_eq!(decided(&dated(9, 10, 101), &[]), Ok(()));
    }

    #[test]
    fn de2_overlap_is_a_shared_moment() {
        let chance = SeededEntropy::new(4);
        let mut drawn = [0; 4];
        for _ in 0..3_000 {
            chance.fill(&mut drawn).unwrap();
            let end = |byte: u8| (byte % 10 < 8).then(|| Moment(i64::from(byte % 8)));
            let first = Validity { from: end(drawn[0]), to: end(drawn[1]) };
            let second = Validity { from: end(drawn[2]), to: end(drawn[3]) };
            if first.is_empty() || second.is_empty() {
                continue;
            }
            let shared = (-1..10).map(Moment).any(|at| first.holds(at) && second.holds(at));
            assert_eq!(first.overlaps(&second), shared, "{first:?} {second:?}");
            assert_eq!(second.overlaps(&first), shared);
        }
    }

    #[test]
    fn de3_the_delegator_holds_the_service_and_losing_it_ends_the_delegation() {
        let bare =
            decide(&one(9, 1, 2, "PCVC"), &party(1, &["ECONSULT"]), &party(2, &["PCVC"]), &[], NOW);
        assert_eq!(bare, Err(Refusal::NoService));
        let live = [one(1, 1, 2, "PCVC"), one(2, 1, 2, "ECONSULT"), one(3, 2, 1, "PCVC")];
        let lost = ends(Loss::Service { account: id(1), service: "PCVC" }, &live);
        assert_eq!(lost, [(id(1), Ended::DelegatorLostService)]);
    }

    #[test]
    fn de4_no_chains() {
        let live = [one(1, 1, 2, "PCVC"), one(2, 2, 3, "PCVC")];
        assert_eq!(delegators(id(3), "PCVC", NOW, &live), BTreeSet::from([id(2)]));
        assert_eq!(delegates(id(1), "PCVC", NOW, &live), BTreeSet::from([id(2)]));
    }

    #[test]
    fn de5_the_delegators_organization_shows_it() {
        let live = [one(1, 1, 8, "PCVC"), one(2, 8, 1, "PCVC")];
        let mine = |account| account == id(1);
        let shown: Vec<_> = exported("PCVC", NOW, &live, mine).map(|one| one.id).collect();
        assert_eq!(shown, [id(1)]);
    }

    #[test]
    fn de6_closing_either_side_ends_it() {
        let live = [one(1, 1, 2, "PCVC"), one(2, 3, 1, "ECONSULT"), one(3, 2, 3, "PCVC")];
        let ended = ends(Loss::Account(id(1)), &live);
        assert_eq!(ended, [(id(1), Ended::DelegatorClosed), (id(2), Ended::DelegateClosed)]);
        for (first, second) in [(true, false), (false, true)] {
            let delegator = Party { closed: first, ..party(1, &["PCVC"]) };
            let delegate = Party { closed: second, ..party(2, &[]) };
            let found = decide(&one(9, 1, 2, "PCVC"), &delegator, &delegate, &[], NOW);
            assert_eq!(found, Err(Refusal::Closed));
        }
    }

    #[test]
    fn de7_a_service_shows_its_own_only() {
        let live = [one(1, 1, 2, "PCVC"), one(2, 1, 2, "ECONSULT"), one(3, 1, 3, "ECONSULT")];
        for (service, count) in [("PCVC", 1), ("ECONSULT", 2), ("DIRECTORY", 0)] {
            let shown: Vec<_> = exported(service, NOW, &live, |_| true).collect();
            assert_eq!(shown.len(), count);
            assert!(shown.iter().all(|one| one.service == service));
        }
    }

    #[test]
    fn de2_a_locum_ends_by_its_date() {
        let locum = [dated(1, 50, 150)];
        for (at, acts) in [(49, false), (50, true), (149, true), (150, false)] {
            assert_eq!(!delegators(id(2), "PCVC", Moment(at), &locum).is_empty(), acts, "{at}");
        }
    }
}
