//! Conflicts among rules: one role at a location, one default, one home, one credential (2.7).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Source;
use crate::domain::access::ledger::desired::Desired;
use crate::domain::access::ledger::desired::Member;
use crate::domain::access::ledger::finding::Why;
use crate::domain::access::rule::DefaultWish;
use crate::domain::access::rule::Offer;

/// What one rule offers a person because of one group.
#[derive(Clone, Debug)]
pub(super) struct Bid {
    pub offer: Offer,
    pub priority: i32,
    pub since: Moment,
    pub rule: Id,
    pub group: Id,
}

impl Bid {
    fn source(&self) -> Source {
        Source::Rule { rule: self.rule, group: self.group }
    }
}

/// What a person can hold only one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Home,
    Credential,
    Role(Id),
}

fn slot(grant: &Grant) -> Option<Slot> {
    match grant {
        Grant::HomeOrganization { .. } => Some(Slot::Home),
        Grant::Credential { .. } => Some(Slot::Credential),
        Grant::Assignment { location, .. } => Some(Slot::Role(*location)),
        _ => None,
    }
}

/// Puts what `member` should get of `bids` into `all`.
pub(super) fn settle(member: &Member, bids: Vec<Bid>, all: &mut Desired) {
    let mut contested: BTreeMap<Slot, Vec<Bid>> = BTreeMap::new();
    for bid in bids {
        match slot(&bid.offer.grant) {
            Some(slot) => contested.entry(slot).or_default().push(bid),
            None => {
                let source = bid.source();
                all.want(member.id, bid.offer.grant, source, bid.offer.keep_only);
            }
        }
    }
    let mut assignments = Vec::new();
    for (place, bids) in contested {
        let winners = winners(member, place, bids, all);
        for bid in &winners {
            all.want(member.id, bid.offer.grant.clone(), bid.source(), bid.offer.keep_only);
        }
        if let Slot::Role(location) = place {
            assignments.extend(winners.into_iter().map(|bid| (location, bid)));
        }
    }
    default(member, &assignments, all);
}

/// The bids for the grant that fills the slot; the others are noted.
fn winners(member: &Member, place: Slot, bids: Vec<Bid>, all: &mut Desired) -> Vec<Bid> {
    let outside = member.outside.iter().find(|grant| slot(grant) == Some(place));
    let best = || {
        let top = bids.iter().map(|bid| bid.priority).max()?;
        let leading = bids.iter().filter(|bid| bid.priority == top);
        let order = |bid: &&Bid| (bid.offer.weight, bid.since, bid.offer.grant.clone());
        leading.min_by_key(order).map(|bid| (bid.priority, &bid.offer.grant))
    };
    let (top, chosen) = match (outside, best()) {
        (Some(grant), _) => (None, grant.clone()),
        (None, Some((top, grant))) => (Some(top), grant.clone()),
        (None, None) => return Vec::new(),
    };
    let (won, lost): (Vec<Bid>, Vec<Bid>) =
        bids.into_iter().partition(|bid| bid.offer.grant == chosen);
    for bid in lost {
        let why = match top {
            None => Why::HeldOtherwise,
            Some(top) if bid.priority == top => Why::Tie,
            Some(_) => Why::LowerPriority,
        };
        all.note(member.id, (bid.rule, bid.group), why);
    }
    won
}

/// Which assignment is the default (AS3). One that no rule gave stays.
fn default(member: &Member, assignments: &[(Id, Bid)], all: &mut Desired) {
    let outside = member.outside.iter().find_map(|grant| match grant {
        Grant::DefaultLocation { location } => Some(*location),
        _ => None,
    });
    let wishing = |wish| assignments.iter().filter(move |(_, bid)| bid.offer.default == wish);
    if let Some(held) = outside {
        for (location, bid) in wishing(DefaultWish::Always) {
            if *location == held {
                let grant = Grant::DefaultLocation { location: held };
                all.want(member.id, grant, bid.source(), bid.offer.keep_only);
            } else {
                all.note(member.id, (bid.rule, bid.group), Why::DefaultHeldOtherwise);
            }
        }
        return;
    }
    let firm = |(location, bid): &&(Id, Bid)| {
        (bid.offer.keep_only, Reverse(bid.priority), bid.since, *location)
    };
    // Whoever has none gets the oldest, so that a later group does not move it.
    let mild = |(location, bid): &&(Id, Bid)| {
        (bid.offer.keep_only, bid.since, Reverse(bid.priority), *location)
    };
    let always = wishing(DefaultWish::Always).min_by_key(firm);
    let if_none = || wishing(DefaultWish::IfNone).min_by_key(mild);
    let any = || assignments.iter().min_by_key(mild);
    let Some((chosen, best)) = always.or_else(if_none).or_else(any) else { return };
    for (location, bid) in wishing(best.offer.default) {
        if location == chosen {
            let grant = Grant::DefaultLocation { location: *chosen };
            all.want(member.id, grant, bid.source(), bid.offer.keep_only);
        } else if bid.offer.default == DefaultWish::Always {
            let tie = bid.priority == best.priority;
            let why = if tie { Why::DefaultTie } else { Why::LowerPriority };
            all.note(member.id, (bid.rule, bid.group), why);
        }
    }
}
