//! The eleven groups of 2.7, conflicts, and the properties LE1 to LE6.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::base::clock::Moment;
use crate::base::entropy::Entropy;
use crate::base::entropy::SeededEntropy;
use crate::base::id::Id;
use crate::domain::access::grant::Bookable;
use crate::domain::access::grant::Delegator;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Held;
use crate::domain::access::grant::JoinedGroup;
use crate::domain::access::grant::Location;
use crate::domain::access::grant::Places;
use crate::domain::access::grant::Role;
use crate::domain::access::grant::Source;
use crate::domain::access::grant::Unresolved;
use crate::domain::access::level::Limit;
use crate::domain::access::level::Privilege;
use crate::domain::access::level::word_key;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::pattern::Phrase;
use crate::domain::access::role::administrator::AdminRole;
use crate::domain::access::rule::Approval;
use crate::domain::access::rule::DefaultWish;
use crate::domain::access::rule::Fact;
use crate::domain::access::rule::Facts;
use crate::domain::access::rule::Idle;
use crate::domain::access::rule::Rule;
use crate::domain::access::rule::Template;
use crate::domain::access::rule::Test;
use crate::domain::access::rule::UserFilter;
use crate::domain::access::rule::Wanted as FilterWanted;

const ABC: Id = Id([1; 16]);
const GHI: Id = Id([2; 16]);
const ABCC: Id = Id([3; 16]);
const CLOSED: Id = Id([4; 16]);
const ROOMS: [Id; 3] = [Id([5; 16]), Id([6; 16]), Id([7; 16])];
const DIETER: Id = Id([8; 16]);
const ORTHO: Id = Id([9; 16]);
const ANU: Id = Id([10; 16]);
const BEMO: Id = Id([11; 16]);
const WRITER: Id = Id([12; 16]);
const NOW: Moment = Moment(1_800_000_000_000_000);
const SITES: &str = r"^WG-(?<org>\d{4})-(?<site>[A-Z0-9]+)-(?<role>[A-Z-]+)$";

fn places() -> Places {
    let mut places = Places::default();
    let at = |id, rank, organization, active| Location { id, rank, organization, active };
    places.organizations.insert(5_555, at(ABC, 3, 5_555, true));
    places.organizations.insert(7_777, at(GHI, 3, 7_777, true));
    places.sites.insert((5_555, "abcc".to_owned()), at(ABCC, 4, 5_555, true));
    places.sites.insert((5_555, "gone".to_owned()), at(CLOSED, 4, 5_555, false));
    places.named.insert("abc hospital".to_owned(), vec![at(ABCC, 4, 5_555, true)]);
    for (code, weight) in [("ED Normal", 1), ("ED Administrator", 5), ("View-Only", 1)] {
        let role = Role { code: Arc::from(code), ranks: vec![3, 4], weight };
        places.roles.insert(word_key(code), role);
    }
    places.services.add("PCVC", &["eVisit", "eVisit/Videoconference"]);
    places.services.add("ECONSULT", &["eConsult"]);
    places.credentials.add("ONE_ID", &["ONE ID"]);
    places.credentials.add("OTN", &["OTN Credential"]);
    places.application_roles.add("ATCUser", &[]);
    places.application_roles.add("IdentityAccountManager", &["IAM"]);
    for (number, id) in ROOMS.into_iter().enumerate() {
        let name = format!("tor_abc_5555_abcc_00{}", number * 2 + 2);
        let room = Bookable { id, site: ABCC, organization: 5_555, active: number < 2 };
        places.rooms.insert(name, room);
    }
    places.rooms_at.insert(ABCC, ROOMS[..2].to_vec());
    let dieter = Delegator { id: DIETER, services: vec![Arc::from("PCVC")] };
    places.people.insert((5_555, "dd@hospital.org".to_owned()), dieter);
    let ortho = JoinedGroup { id: ORTHO, published: Vec::new() };
    places.access_groups.insert("ortho moa".to_owned(), ortho);
    places
}

fn phrase(text: &str) -> Phrase {
    Phrase::parse(text).unwrap()
}

fn exact(name: &str) -> Matcher {
    Matcher::Exact(name.to_owned())
}

fn regex(pattern: &str) -> Matcher {
    Matcher::Regex(pattern.to_owned())
}

fn assignment(location: &str, role: &str, default: DefaultWish) -> Template {
    Template::Assignment { location: phrase(location), role: phrase(role), default }
}

fn service(word: &str) -> Template {
    Template::Service { service: phrase(word) }
}

fn rule(number: u8, matcher: Matcher, grants: Vec<Template>) -> Rule {
    Rule {
        id: Id([100 + number; 16]),
        connection: 1,
        organization: 5_555,
        reach: Vec::new(),
        matcher,
        user_filter: None,
        grants,
        priority: 0,
        enabled: true,
        valid_from: None,
        valid_to: None,
        max_affected: None,
        needs_approval: false,
        approved_by: None,
        written_by: WRITER,
    }
}

fn group(number: u8, name: &str) -> PushedGroup {
    PushedGroup { id: Id([200 + number; 16]), connection: 1, name: name.to_owned() }
}

fn member(id: Id, groups: &[u8]) -> Member {
    let membership = |number: &u8| Membership {
        group: Id([200 + number; 16]),
        since: Moment(NOW.0 - 1_000 + i64::from(*number)),
    };
    Member {
        id,
        closed: false,
        facts: Facts::default(),
        memberships: groups.iter().map(membership).collect(),
        outside: Vec::new(),
    }
}

fn source(rule: u8, group: u8) -> Source {
    Source::Rule { rule: Id([100 + rule; 16]), group: Id([200 + group; 16]) }
}

fn run(rules: &[Rule], groups: &[PushedGroup], members: &[Member]) -> Desired {
    let rules = Rules::compile(rules.to_vec());
    let matched = Matched::of(&rules, groups);
    desired(&rules, &matched, members, &places(), NOW)
}

/// What Anu gets from one rule that matches one group.
fn granted(name: &str, matcher: Matcher, grants: Vec<Template>) -> (Vec<Grant>, Vec<String>) {
    let found = run(&[rule(1, matcher, grants)], &[group(1, name)], &[member(ANU, &[1])]);
    let sources = BTreeSet::from([source(1, 1)]);
    assert!(found.wanted.values().all(|wanted| wanted.sources == sources));
    (grants_of(&found, ANU), found.findings.iter().map(|one| one.why.to_string()).collect())
}

fn grants_of(found: &Desired, subject: Id) -> Vec<Grant> {
    let own = found.wanted.keys().filter(|(holder, _)| *holder == subject);
    own.map(|(_, grant)| grant.clone()).collect()
}

fn whys(found: &Desired) -> Vec<Why> {
    found.findings.iter().map(|one| one.why).collect()
}

fn held_role(location: Id, role: &str) -> Grant {
    Grant::Assignment { location, role: Arc::from(role) }
}

fn default_at(location: Id) -> Grant {
    Grant::DefaultLocation { location }
}

#[test]
fn le3_a_name_with_captures_gives_home_role_and_default() {
    let home = Template::HomeOrganization { organization: phrase("ORG{org}") };
    let role = assignment("{site}", "{role}", DefaultWish::IfNone);
    let (grants, findings) = granted("WG-5555-ABCC-ED-NORMAL", regex(SITES), vec![home, role]);
    let home = Grant::HomeOrganization { organization: ABC };
    assert_eq!(grants, [home, held_role(ABCC, "ED Normal"), default_at(ABCC)]);
    assert!(findings.is_empty());
}

#[test]
fn le3_services_rooms_and_groups_by_exact_name() {
    let one = |name: &str, template| granted(name, exact(name), vec![template]).0;
    let pcvc = Grant::Service { service: Arc::from("PCVC") };
    assert_eq!(one("ABC eVisit", service("eVisit")), [pcvc]);
    let econsult = Grant::Service { service: Arc::from("ECONSULT") };
    assert_eq!(one("ABC eConsult", service("ECONSULT")), [econsult]);
    let leads = assignment("ABC Hospital", "ED Administrator", DefaultWish::Never);
    let held = [held_role(ABCC, "ED Administrator"), default_at(ABCC)];
    assert_eq!(one("ABC ED Leads", leads), held, "AS3: someone with one place has a default");
    let all = Template::RoomsOfSite { site: phrase("ORG5555/ABCC") };
    let room = |system| Grant::Room { system };
    assert_eq!(one("Rooms ABCC all", all), [room(ROOMS[0]), room(ROOMS[1])]);
    let two = ["TOR_ABC_5555_ABCC_002", "TOR_ABC_5555_ABCC_004"].map(phrase).to_vec();
    let two = Template::Rooms { systems: two };
    assert_eq!(one("Rooms 002+004 bookers", two), [room(ROOMS[0]), room(ROOMS[1])]);
    let join = Template::AccessGroup { group: phrase("Ortho MOA") };
    let atc = Template::ApplicationRole { role: "ATCUser".to_owned() };
    let (grants, _) = granted("Ortho MOA", exact("Ortho MOA"), vec![join, atc]);
    let atc = Grant::ApplicationRole { role: Arc::from("ATCUser") };
    assert_eq!(grants, [Grant::AccessGroup { group: ORTHO }, atc]);
}

#[test]
fn le3_restrictions_delegations_and_partner_sign_in() {
    let limit = Limit { module: None, privilege: Some(Privilege::ReadOnly), privacy: None };
    let (grants, _) = granted("Trainees", exact("Trainees"), vec![Template::Limit { limit }]);
    assert_eq!(grants, [Grant::Limit { limit }]);
    let leave = Template::LoginDisabled { reason: "leave".to_owned() };
    let (grants, _) = granted("Leave of absence", exact("Leave of absence"), vec![leave]);
    assert_eq!(grants, [Grant::LoginDisabled { reason: Arc::from("leave") }]);
    let glob = Matcher::Glob("ONE ID*".to_owned());
    let credential = Template::Credential { credential: phrase("ONE ID") };
    let (grants, _) = granted("ONE ID users", glob, vec![credential, Template::PartnerSignIn]);
    let credential = Grant::Credential { credential: Arc::from("ONE_ID") };
    assert_eq!(grants, [credential, Grant::PartnerSignIn]);
    let pattern = r"^Delegates of (?<who>\S+) \((?<svc>.+)\)$";
    let name = "Delegates of dd@hospital.org (eVisit)";
    let act = Template::Delegation { delegator: phrase("{who}"), service: phrase("{svc}") };
    let (grants, _) = granted(name, regex(pattern), vec![act.clone()]);
    let service = Arc::from("PCVC");
    assert_eq!(grants, [Grant::Delegation { delegator: DIETER, service }]);
    let rules = Rules::compile([rule(1, regex(pattern), vec![act])]);
    let matched = Matched::of(&rules, &[group(1, name)]);
    let names = delegators_named(&rules, &matched, &[member(ANU, &[1])]);
    assert_eq!(names, BTreeSet::from([(5_555, Arc::from("dd@hospital.org"))]));
}

#[test]
fn ro1_a_rule_for_a_site_follows_new_rooms() {
    let rules = Rules::compile([rule(
        1,
        exact("Rooms"),
        vec![Template::RoomsOfSite { site: phrase("ABCC") }],
    )]);
    let matched = Matched::of(&rules, &[group(1, "Rooms")]);
    let anu = [member(ANU, &[1])];
    let mut places = places();
    let before = desired(&rules, &matched, &anu, &places, NOW);
    let current = difference(&[], &before).add;
    places.rooms_at.insert(ABCC, ROOMS[1..].to_vec());
    let plan = difference(&current, &desired(&rules, &matched, &anu, &places, NOW));
    let room = |held: &Held| held.grant.clone();
    assert_eq!(plan.add.iter().map(room).collect::<Vec<_>>(), [Grant::Room { system: ROOMS[2] }]);
    assert_eq!(plan.end.iter().map(room).collect::<Vec<_>>(), [Grant::Room { system: ROOMS[0] }]);
}

#[test]
fn le3_what_means_nothing_is_a_finding() {
    let role = || assignment("{site}", "{role}", DefaultWish::IfNone);
    let why = |name: &str, template| {
        let (grants, findings) = granted(name, regex(SITES), vec![template]);
        assert!(grants.is_empty(), "{name}");
        findings[0].clone()
    };
    let name = "WG-5555-XYZ-ED-NORMAL";
    assert_eq!(why(name, role()), "There is no location of this code or name (TR2).");
    let name = "WG-5555-ABCC-CHEF";
    assert_eq!(why(name, role()), "There is no role of this code or name (AS6).");
    let act = |who, svc| Template::Delegation { delegator: phrase(who), service: phrase(svc) };
    for (template, expected) in [
        (act("nobody@hospital.org", "PCVC"), Unresolved::Delegator),
        (act("dd@hospital.org", "ECONSULT"), Unresolved::DelegatorLacksService),
        (act("dd@hospital.org", "nothing"), Unresolved::Service),
        (Template::Rooms { systems: vec![phrase("x")] }, Unresolved::Room),
        (Template::Rooms { systems: vec![phrase("TOR_ABC_5555_ABCC_006")] }, Unresolved::RoomOff),
        (Template::RoomsOfSite { site: phrase("ORG5555") }, Unresolved::NotASite),
        (Template::AccessGroup { group: phrase("x") }, Unresolved::AccessGroup),
        (Template::ApplicationRole { role: "x".to_owned() }, Unresolved::ApplicationRole),
        (Template::ApplicationRole { role: "IAM".to_owned() }, Unresolved::Privileged),
        (Template::Credential { credential: phrase("x") }, Unresolved::Credential),
    ] {
        assert_eq!(why("WG-5555-ABCC-ED-NORMAL", template), expected.to_string());
    }
    let act = act("dd@hospital.org", "PCVC");
    let own = run(&[rule(1, exact("G"), vec![act])], &[group(1, "G")], &[member(DIETER, &[1])]);
    assert_eq!(whys(&own), [Why::Unresolved(Unresolved::Oneself)]);
}

#[test]
fn le8_captured_words_reach_the_own_organization_and_listed_ones() {
    let home = || vec![Template::HomeOrganization { organization: phrase("ORG{org}") }];
    let name = "WG-7777-ABCC-ED-NORMAL";
    let (grants, findings) = granted(name, regex(SITES), home());
    assert!(grants.is_empty());
    assert_eq!(findings, [Unresolved::OutOfReach.to_string()]);
    let wide = Rule { reach: vec![7_777], ..rule(1, regex(SITES), home()) };
    let found = run(&[wide], &[group(1, name)], &[member(ANU, &[1])]);
    assert_eq!(grants_of(&found, ANU), [Grant::HomeOrganization { organization: GHI }]);
    let literal = vec![Template::HomeOrganization { organization: phrase("ORG7777") }];
    assert_eq!(granted("G", exact("G"), literal).0.len(), 1, "the administrator's own words");
    let captured = vec![Template::AccessGroup { group: phrase("{all}") }];
    let (grants, findings) = granted("Ortho MOA", regex("(?<all>.*)"), captured);
    assert!(grants.is_empty());
    assert_eq!(findings, [Unresolved::NotPublished.to_string()]);
}

#[test]
fn le8_a_rule_meets_groups_of_its_connection_only() {
    let mine = rule(1, exact("G"), vec![service("PCVC")]);
    let by_id = rule(2, Matcher::Id(Id([201; 16])), vec![service("ECONSULT")]);
    let wild = rule(3, regex(".*"), vec![Template::PartnerSignIn]);
    let rules = [mine, by_id, wild];
    let foreign = PushedGroup { connection: 2, ..group(1, "G") };
    assert!(run(&rules, &[foreign], &[member(ANU, &[1])]).wanted.is_empty());
    assert_eq!(run(&rules, &[group(1, "G")], &[member(ANU, &[1])]).wanted.len(), 3);
}

#[test]
fn as2_two_roles_at_one_place_the_higher_priority_wins() {
    let low = rule(1, exact("G"), vec![assignment("ABCC", "ED Normal", DefaultWish::IfNone)]);
    let lead = vec![assignment("ABC Hospital", "ED Administrator", DefaultWish::Never)];
    let high = Rule { priority: 10, ..rule(2, exact("Leads"), lead) };
    let groups = [group(1, "G"), group(2, "Leads")];
    let found = run(&[low.clone(), high.clone()], &groups, &[member(ANU, &[1, 2])]);
    assert_eq!(grants_of(&found, ANU), [held_role(ABCC, "ED Administrator"), default_at(ABCC)]);
    assert_eq!(whys(&found), [Why::LowerPriority]);
    let equal = Rule { priority: 0, ..high };
    let found = run(&[low, equal], &groups, &[member(ANU, &[1, 2])]);
    assert_eq!(grants_of(&found, ANU), [held_role(ABCC, "ED Normal"), default_at(ABCC)]);
    assert_eq!(whys(&found), [Why::Tie]);
    assert!(Why::Tie.is_flagged() && !Why::LowerPriority.is_flagged());
}

#[test]
fn as3_of_two_defaults_the_higher_priority_then_the_oldest() {
    let at = |number, name: &str, place: &str, wish| {
        rule(number, exact(name), vec![assignment(place, "ED Normal", wish)])
    };
    let groups = [group(1, "A"), group(2, "B")];
    let both = [member(ANU, &[1, 2])];
    let first = at(1, "A", "ABCC", DefaultWish::Always);
    let second = at(2, "B", "ORG5555", DefaultWish::Always);
    let found = run(&[first.clone(), second.clone()], &groups, &both);
    assert!(grants_of(&found, ANU).contains(&default_at(ABCC)), "the older membership");
    assert_eq!(whys(&found), [Why::DefaultTie]);
    let second = Rule { priority: 1, ..second };
    let found = run(&[first.clone(), second], &groups, &both);
    assert!(grants_of(&found, ANU).contains(&default_at(ABC)));
    assert_eq!(whys(&found), [Why::LowerPriority]);
    let mild = Rule { priority: 9, ..at(2, "B", "ORG5555", DefaultWish::IfNone) };
    let found = run(&[first, mild], &groups, &both);
    let defaults = grants_of(&found, ANU).into_iter();
    let defaults = defaults.filter(|grant| matches!(grant, Grant::DefaultLocation { .. }));
    assert_eq!(defaults.collect::<Vec<_>>(), [default_at(ABCC)]);
    assert!(found.findings.is_empty());
}

#[test]
fn as3_what_no_rule_gave_stays() {
    let wish = assignment("ABCC", "ED Administrator", DefaultWish::Always);
    let rules = [rule(1, exact("G"), vec![wish])];
    let mut anu = member(ANU, &[1]);
    anu.outside = vec![held_role(ABCC, "ED Normal"), held_role(ABC, "ED Normal"), default_at(ABC)];
    let found = run(&rules, &[group(1, "G")], &[anu.clone()]);
    assert!(found.wanted.is_empty());
    assert_eq!(whys(&found), [Why::HeldOtherwise]);
    anu.outside.remove(0);
    let found = run(&rules, &[group(1, "G")], &[anu.clone()]);
    assert_eq!(grants_of(&found, ANU), [held_role(ABCC, "ED Administrator")]);
    assert_eq!(whys(&found), [Why::DefaultHeldOtherwise]);
    anu.outside = vec![held_role(ABCC, "ED Administrator"), default_at(ABCC)];
    let found = run(&rules, &[group(1, "G")], &[anu]);
    assert_eq!(grants_of(&found, ANU), [held_role(ABCC, "ED Administrator"), default_at(ABCC)]);
}

#[test]
fn le6_rights_of_administrators_wait_for_a_second_administrator() {
    let contact =
        Template::Admin { role: AdminRole::PrimaryContact, scope: Some(phrase("ORG5555")) };
    let name = "ABC Primary Contacts";
    let groups = [group(1, name), group(2, name)];
    let anu = [member(ANU, &[1]), member(BEMO, &[2])];
    let plain = Rule { needs_approval: true, ..rule(1, exact(name), vec![contact]) };
    let approval = |by, group| Approval { by, at: NOW, group };
    let with = |approved_by| run(&[Rule { approved_by, ..plain.clone() }], &groups, &anu);
    let waits = Why::Idle(Idle::Unapproved);
    for bad in [None, Some(approval(ANU, None)), Some(approval(WRITER, Some(groups[0].id)))] {
        let found = with(bad);
        assert!(found.wanted.is_empty(), "{bad:?}");
        assert!(whys(&found).iter().all(|why| *why == waits));
    }
    let found = with(Some(approval(ANU, Some(groups[0].id))));
    let right = Grant::Admin { role: AdminRole::PrimaryContact, scope: Some(ABC) };
    assert_eq!(grants_of(&found, ANU), [right]);
    assert!(grants_of(&found, BEMO).is_empty(), "another group of the same name");
    let wild = Rule {
        matcher: Matcher::Glob("ABC Primary*".to_owned()),
        approved_by: Some(approval(ANU, Some(groups[0].id))),
        ..plain
    };
    assert!(run(&[wild], &groups, &anu).wanted.is_empty());
}

#[test]
fn le3_a_rule_counts_from_its_first_instant_until_just_before_its_last() {
    let base = rule(1, exact("G"), vec![service("PCVC")]);
    let counts = |change: &dyn Fn(&mut Rule)| {
        let mut one = base.clone();
        change(&mut one);
        !run(&[one], &[group(1, "G")], &[member(ANU, &[1])]).wanted.is_empty()
    };
    assert!(counts(&|_| {}));
    assert!(!counts(&|r| r.enabled = false));
    assert!(counts(&|r| r.valid_from = Some(NOW)));
    assert!(!counts(&|r| r.valid_from = Some(NOW.next())));
    assert!(!counts(&|r| r.valid_to = Some(NOW)));
    assert!(counts(&|r| r.valid_to = Some(NOW.next())));
    let wanted = FilterWanted::EndsWith("@abc.org".to_owned());
    let filter = UserFilter(vec![Test { fact: Fact::Email, wanted }]);
    assert!(!counts(&|r| r.user_filter = Some(filter.clone())));
}

#[test]
fn us4_closed_accounts_are_wanted_nothing() {
    let rules = [rule(1, exact("G"), vec![service("PCVC")])];
    let gone = Member { closed: true, ..member(ANU, &[1]) };
    let found = run(&rules, &[group(1, "G")], &[gone]);
    assert!(found.wanted.is_empty() && found.subjects.contains(&ANU));
    let held = run(&rules, &[group(1, "G")], &[member(ANU, &[1])]);
    let current = difference(&[], &held).add;
    assert_eq!(difference(&current, &found).end, current);
}

#[test]
fn tr3_a_deactivated_place_keeps_its_people_and_takes_no_new_ones() {
    let gone = vec![assignment("GONE", "ED Normal", DefaultWish::IfNone)];
    let found = run(&[rule(1, exact("G"), gone)], &[group(1, "G")], &[member(ANU, &[1])]);
    let plan = difference(&[], &found);
    assert!(plan.add.is_empty());
    assert!(plan.notes.iter().all(|note| note.why == NoteWhy::NoNewGrants));
    assert_eq!(plan.notes.len(), 2);
    let sources = BTreeSet::from([source(1, 1)]);
    let grant = held_role(CLOSED, "ED Normal");
    let held = Held { subject: ANU, grant, sources };
    let plan = difference(std::slice::from_ref(&held), &found);
    assert!(plan.end.is_empty() && plan.keep[0].held == held);
}

#[test]
fn le2_le1_a_grant_ends_with_the_last_of_its_sources() {
    let rules =
        [rule(1, exact("A"), vec![service("PCVC")]), rule(2, exact("B"), vec![service("PCVC")])];
    let groups = [group(1, "A"), group(2, "B")];
    let both = run(&rules, &groups, &[member(ANU, &[1, 2])]);
    let first = difference(&[], &both);
    let grant = Grant::Service { service: Arc::from("PCVC") };
    let sources = BTreeSet::from([source(1, 1), source(2, 2)]);
    assert_eq!(first.add, [Held { subject: ANU, grant: grant.clone(), sources }]);
    let held = first.apply(&[]);
    let one = run(&rules, &groups, &[member(ANU, &[2])]);
    let plan = difference(&held, &one);
    assert!(plan.end.is_empty() && plan.add.is_empty() && !plan.is_empty());
    assert_eq!(plan.keep[0].lost, BTreeSet::from([source(1, 1)]));
    assert!(plan.losers().is_empty());
    let held = plan.apply(&held);
    let none = run(&rules, &groups, &[member(ANU, &[])]);
    let plan = difference(&held, &none);
    assert_eq!(plan.end.len(), 1);
    assert_eq!(plan.losers(), BTreeSet::from([ANU]));
    let manual = Source::Manual { administrator: WRITER };
    let sources = BTreeSet::from([manual, source(2, 2)]);
    let by_hand = [Held { subject: ANU, grant: grant.clone(), sources }];
    let plan = difference(&by_hand, &none);
    assert!(plan.end.is_empty());
    assert_eq!(plan.keep[0].held.sources, BTreeSet::from([manual]));
    let bare = [Held { subject: ANU, grant, sources: BTreeSet::new() }];
    let plan = difference(&bare, &none);
    assert_eq!((plan.end.len(), plan.notes[0].why), (1, NoteWhy::NoSource));
}

#[test]
fn pul05_who_loses_something_is_counted_for_the_brake() {
    let held = |grant| Held { subject: ANU, grant, sources: BTreeSet::from([source(1, 1)]) };
    let losers = |end: Vec<Grant>, add: Vec<Grant>| {
        let end = end.into_iter().map(held).collect();
        let add = add.into_iter().map(held).collect();
        Plan { add, end, ..Plan::default() }.losers().len()
    };
    let off = || Grant::LoginDisabled { reason: Arc::from("leave") };
    assert_eq!(losers(vec![held_role(ABC, "A")], vec![held_role(ABC, "B")]), 0);
    assert_eq!(losers(vec![held_role(ABC, "A")], vec![held_role(ABCC, "A")]), 1);
    assert_eq!(losers(vec![default_at(ABC)], vec![default_at(ABCC)]), 0);
    assert_eq!(losers(vec![off()], vec![]), 0);
    assert_eq!(losers(vec![], vec![off()]), 1);
    assert_eq!(losers(vec![Grant::PartnerSignIn, held_role(ABC, "A")], vec![]), 1);
}

#[test]
fn a_rule_over_its_most_people_is_named() {
    let limited = |most| {
        let one = rule(1, exact("G"), vec![service("PCVC"), Template::PartnerSignIn]);
        let rules = Rules::compile([Rule { max_affected: Some(most), ..one }]);
        let matched = Matched::of(&rules, &[group(1, "G")]);
        let people = [member(ANU, &[1]), member(BEMO, &[1])];
        over_limits(&rules, &desired(&rules, &matched, &people, &places(), NOW))
    };
    assert!(limited(2).is_empty());
    assert_eq!(limited(1), [OverLimit { rule: Id([101; 16]), affected: 2, limit: 1 }]);
}

#[test]
fn a_renamed_group_is_matched_anew() {
    let rules = Rules::compile([rule(1, exact("A"), vec![service("PCVC")])]);
    let mut matched = Matched::of(&rules, &[group(1, "A")]);
    assert_eq!(matched.rules_of(Id([201; 16])).len(), 1);
    matched.put(&rules, &group(1, "B"));
    assert!(matched.rules_of(Id([201; 16])).is_empty());
    matched.put(&rules, &group(1, "A"));
    matched.remove(Id([201; 16]));
    assert!(matched.rules_of(Id([201; 16])).is_empty());
    let broken = Rules::compile([rule(1, regex("("), vec![service("PCVC")])]);
    assert_eq!(broken.broken(), [Id([101; 16])]);
}

/// How many worlds of rules, groups and people are drawn on every change. More, for a night, is a
/// larger number here; each is about 20 ms without optimization.
const WORLDS: u64 = 60;

#[test]
fn le5_le3_random_rules_are_order_free_and_replay_to_nothing() {
    for seed in 0..WORLDS {
        let mut dice = Dice(SeededEntropy::new(seed));
        let rules: Vec<Rule> = (1..13).map(|number| dice.rule(number)).collect();
        let groups: Vec<PushedGroup> = (1..9).map(|number| dice.group(number)).collect();
        let people: Vec<Member> = (20..28).map(|number| dice.member(number)).collect();
        let compiled = Rules::compile(rules.clone());
        let matched = Matched::of(&compiled, &groups);
        let wanted = |members: &[Member]| desired(&compiled, &matched, members, &places(), NOW);
        let whole = wanted(&people);
        let (mut mixed_rules, mut mixed_groups) = (rules.clone(), groups.clone());
        let mut mixed_people = people.clone();
        mixed_rules.reverse();
        mixed_groups.rotate_left(3);
        mixed_people.rotate_left(5);
        mixed_people.iter_mut().for_each(|member| {
            member.memberships.reverse();
            member.outside.reverse();
        });
        assert_eq!(whole, run(&mixed_rules, &mixed_groups, &mixed_people), "seed {seed}");
        for person in &people {
            let alone = wanted(std::slice::from_ref(person));
            assert_eq!(alone, whole.only(person.id), "seed {seed}");
        }
        let mut held: Vec<Held> = people.iter().flat_map(by_hand).collect();
        let plan = difference(&held, &whole);
        held = plan.apply(&held);
        assert!(difference(&held, &whole).is_empty(), "LE5, seed {seed}");
        one_of_each(&held, seed);
        let later = run(&rules[3..], &groups, &people);
        let plan = difference(&held, &later);
        held = plan.apply(&held);
        let fresh: Vec<Held> = people.iter().flat_map(by_hand).collect();
        let rebuilt = difference(&fresh, &later).apply(&fresh);
        assert_eq!(held, rebuilt, "the way there does not matter, seed {seed}");
        assert!(held.iter().all(|held| !held.sources.is_empty()), "LE1, seed {seed}");
        let nothing = run(&[], &groups, &people);
        let plan = difference(&held, &nothing);
        assert_eq!(plan.apply(&held), sorted(fresh), "by hand stays, seed {seed}");
    }
}

fn sorted(mut held: Vec<Held>) -> Vec<Held> {
    held.sort();
    held
}

fn by_hand(member: &Member) -> Vec<Held> {
    let entry = |grant: &Grant| Held {
        subject: member.id,
        grant: grant.clone(),
        sources: BTreeSet::from([Source::Manual { administrator: WRITER }]),
    };
    member.outside.iter().map(entry).collect()
}

/// AS2 and AS3: one role at each place, exactly one default where there is a place.
fn one_of_each(held: &[Held], seed: u64) {
    let people: BTreeSet<Id> = held.iter().map(|held| held.subject).collect();
    for person in people {
        let own = || held.iter().filter(|held| held.subject == person);
        let places: Vec<Id> = own()
            .filter_map(|held| match held.grant {
                Grant::Assignment { location, .. } => Some(location),
                _ => None,
            })
            .collect();
        let distinct: BTreeSet<Id> = places.iter().copied().collect();
        assert_eq!(distinct.len(), places.len(), "AS2, seed {seed}");
        let is_default = |held: &&Held| matches!(held.grant, Grant::DefaultLocation { .. });
        let defaults: Vec<_> = own().filter(is_default).collect();
        assert_eq!(defaults.len(), usize::from(!places.is_empty()), "AS3, seed {seed}");
        for default in defaults {
            let Grant::DefaultLocation { location } = default.grant else { continue };
            assert!(distinct.contains(&location), "AS3, seed {seed}");
        }
    }
}

struct Dice(SeededEntropy);

impl Dice {
    fn below(&mut self, limit: u8) -> u8 {
        let mut byte = [0];
        self.0.fill(&mut byte).unwrap();
        byte[0] % limit
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::from(self.below(u8::try_from(of.len()).unwrap()))].clone()
    }

    fn name(&mut self) -> String {
        let names = ["A", "B", "C", "WG-5555-ABCC-ED-NORMAL", "WG-5555-ABCC-ED-ADMINISTRATOR"];
        self.one(&names).to_owned()
    }

    fn template(&mut self) -> Template {
        let wish = self.one(&[DefaultWish::Never, DefaultWish::IfNone, DefaultWish::Always]);
        let role = self.one(&["ED Normal", "ED Administrator", "View-Only"]);
        match self.below(6) {
            0 => service("PCVC"),
            1 => Template::Credential { credential: phrase(self.one(&["ONE ID", "OTN"])) },
            2 => Template::RoomsOfSite { site: phrase("ABCC") },
            3 => Template::HomeOrganization {
                organization: phrase(self.one(&["ORG5555", "ORG7777", "ORG0001"])),
            },
            _ => assignment(self.one(&["ABCC", "ORG5555", "ORG7777", "x"]), role, wish),
        }
    }

    fn rule(&mut self, number: u8) -> Rule {
        let matcher = match self.below(4) {
            0 => Matcher::Id(Id([200 + 1 + self.below(8); 16])),
            1 => regex(SITES),
            2 => Matcher::Glob(self.one(&["WG*", "?", "*"]).to_owned()),
            _ => Matcher::Exact(self.name()),
        };
        let mut grants: Vec<Template> = (0..=self.below(3)).map(|_| self.template()).collect();
        if matches!(matcher, Matcher::Regex(_)) {
            grants.push(assignment("{site}", "{role}", DefaultWish::IfNone));
        }
        let priority = i32::from(self.below(3));
        Rule { priority, enabled: self.below(6) > 0, ..rule(number, matcher, grants) }
    }

    fn group(&mut self, number: u8) -> PushedGroup {
        group(number, &self.name())
    }

    fn member(&mut self, number: u8) -> Member {
        let mut groups: Vec<u8> = (1..9).filter(|_| self.below(2) == 0).collect();
        groups.dedup();
        let mut made = member(Id([number; 16]), &groups);
        for membership in &mut made.memberships {
            membership.since = Moment(NOW.0 - i64::from(self.below(4)));
        }
        made.outside = match self.below(4) {
            0 => vec![held_role(ABCC, "ED Normal"), default_at(ABCC)],
            1 => vec![Grant::Service { service: Arc::from("PCVC") }],
            _ => Vec::new(),
        };
        made
    }
}
