//! What people should hold by the rules (LE3).

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Places;
use crate::domain::access::grant::Source;
use crate::domain::access::ledger::conflict::Bid;
use crate::domain::access::ledger::conflict::settle;
use crate::domain::access::ledger::finding::Finding;
use crate::domain::access::ledger::finding::Why;
use crate::domain::access::ledger::index::Matched;
use crate::domain::access::ledger::index::Rules;
use crate::domain::access::pattern::Captures;
use crate::domain::access::rule::Facts;
use crate::domain::access::rule::Ground;
use crate::domain::access::rule::Idle;
use crate::domain::access::rule::Rule;
use crate::domain::access::rule::Template;

/// A person in a pushed group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership {
    /// The pushed group.
    pub group: Id,
    /// Since when; settles which of two wishes is older.
    pub since: Moment,
}

/// A person, as far as rules need them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account; each account once.
    pub id: Id,
    /// Closed accounts hold nothing (US4). Disabled ones keep everything (US5).
    pub closed: bool,
    /// What user filters ask about.
    pub facts: Facts,
    /// The pushed groups they are in.
    pub memberships: Vec<Membership>,
    /// What they hold from sources that are not rules; it wins over rules.
    pub outside: Vec<Grant>,
}

/// A grant that rules want.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The rules and groups behind it; never empty (LE1).
    pub sources: BTreeSet<Source>,
    /// The place takes no new grants: keep it where it is held, do not add it (TR3).
    pub keep_only: bool,
}

/// What the people asked about should hold by the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desired {
    /// Who was asked about, those who should hold nothing included.
    pub subjects: BTreeSet<Id>,
    /// Who should hold what, and why.
    pub wanted: BTreeMap<(Id, Grant), Wanted>,
    /// What did not come about, and why.
    pub findings: BTreeSet<Finding>,
}

impl Desired {
    /// The same for one person alone.
    pub fn only(&self, subject: Id) -> Self {
        let wanted = self.wanted.iter().filter(|((holder, _), _)| *holder == subject);
        let findings = self.findings.iter().filter(|finding| finding.subject == subject);
        Self {
            subjects: self.subjects.iter().copied().filter(|id| *id == subject).collect(),
            wanted: wanted.map(|(key, wanted)| (key.clone(), wanted.clone())).collect(),
            findings: findings.copied().collect(),
        }
    }

    pub(super) fn want(&mut self, subject: Id, grant: Grant, source: Source, keep_only: bool) {
        let fresh = || Wanted { sources: BTreeSet::new(), keep_only: true };
        let wanted = self.wanted.entry((subject, grant)).or_insert_with(fresh);
        wanted.sources.insert(source);
        wanted.keep_only &= keep_only;
    }

    pub(super) fn note(&mut self, subject: Id, bid: (Id, Id), why: Why) {
        let (rule, group) = bid;
        self.findings.insert(Finding { subject, rule, group, why });
    }
}

/// What `members` should hold at `at`. `matched` must have been made with these `rules`.
pub fn desired(
    rules: &Rules,
    matched: &Matched,
    members: &[Member],
    places: &Places,
    at: Moment,
) -> Desired {
    let mut all = Desired::default();
    for member in members {
        if !all.subjects.insert(member.id) || member.closed {
            continue;
        }
        let mut bids = Vec::new();
        for (rule, captures, membership) in reaching(rules, matched, member) {
            let idle = rule.idle(at);
            if idle.is_none() {
                bid(rule, captures, membership, (member, places), &mut bids, &mut all);
            } else if idle == Some(Idle::Unapproved) {
                let why = Why::Idle(Idle::Unapproved);
                all.note(member.id, (rule.id, membership.group), why);
            }
        }
        settle(member, bids, &mut all);
    }
    all
}

/// The user names that rules could look up as delegators for `members`, each with the number of
/// its organization: what [`Places::people`] must hold for them.
pub fn delegators_named(
    rules: &Rules,
    matched: &Matched,
    members: &[Member],
) -> BTreeSet<(u32, Arc<str>)> {
    let mut names = BTreeSet::new();
    for member in members {
        for (rule, captures, _) in reaching(rules, matched, member) {
            let named = rule.grants.iter().filter_map(|grant| match grant {
                Template::Delegation { delegator, .. } => Some(delegator.fill(captures)),
                _ => None,
            });
            names.extend(named.map(|name| (rule.organization, name)));
        }
    }
    names
}

/// The words by which rules could look up access groups for `members`, each with the number of its
/// organization: what [`Places::access_groups`] must hold for them.
pub fn groups_named(
    rules: &Rules,
    matched: &Matched,
    members: &[Member],
) -> BTreeSet<(u32, Arc<str>)> {
    let mut names = BTreeSet::new();
    for member in members {
        for (rule, captures, _) in reaching(rules, matched, member) {
            let named = rule.grants.iter().filter_map(|grant| match grant {
                Template::AccessGroup { group } => Some(group.fill(captures)),
                _ => None,
            });
            names.extend(named.map(|name| (rule.organization, name)));
        }
    }
    names
}

/// Every rule that a group of `member` meets and whose filter admits them.
fn reaching<'a>(
    rules: &'a Rules,
    matched: &'a Matched,
    member: &'a Member,
) -> impl Iterator<Item = (&'a Rule, &'a Captures, Membership)> {
    member.memberships.iter().flat_map(move |membership| {
        matched.rules_of(membership.group).iter().filter_map(move |(id, captures)| {
            let rule = rules.find(*id)?;
            let admitted = rule.user_filter.as_ref().is_none_or(|f| f.admits(&member.facts));
            admitted.then_some((rule, captures, *membership))
        })
    })
}

fn bid(
    rule: &Rule,
    captures: &Captures,
    membership: Membership,
    (member, places): (&Member, &Places),
    bids: &mut Vec<Bid>,
    all: &mut Desired,
) {
    let ground = Ground {
        places,
        connection: rule.connection,
        own: rule.organization,
        listed: &rule.reach,
        captures,
        subject: member.id,
    };
    for template in &rule.grants {
        template.offers(&ground, |offer| match offer {
            Ok(offer) => bids.push(Bid {
                offer,
                priority: rule.priority,
                since: membership.since,
                rule: rule.id,
                group: membership.group,
            }),
            Err(why) => {
                all.note(member.id, (rule.id, membership.group), Why::Unresolved(why));
            }
        });
    }
}
