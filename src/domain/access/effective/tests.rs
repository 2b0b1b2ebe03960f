//! The decision against the text of 2.5: tables, literal derivations, properties.

use std::collections::BTreeSet;

use super::*;
use crate::base::entropy::Entropy;
use crate::base::entropy::SeededEntropy;
use crate::base::id::Id;
use crate::domain::access::level::Limit;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;

const USER: Id = Id([1; 16]);
const GREY: Id = Id([11; 16]);
const STONE: Id = Id([12; 16]);
const POOL: Id = Id([21; 16]);
const CENTRE: Id = Id([31; 16]);
const VENUE: Id = Id([32; 16]);
const OFFICE: Module = Module::ProvidersOffice;

fn group(number: u8, name: &str, privilege: Privilege) -> AccessGroup {
    AccessGroup {
        id: Id([100 + number; 16]),
        name: name.to_owned(),
        group_type: GroupType::Provider,
        health_centre: CENTRE,
        care_venues: BTreeSet::from([VENUE]),
        modules: BTreeSet::from([OFFICE]),
        privilege,
        privacy: Privacy::ToggleOff,
        scheduling: false,
        auto_add: false,
        providers: BTreeSet::from([GREY]),
        pools: BTreeSet::new(),
        entries: Vec::new(),
        overrides: Vec::new(),
        members: BTreeSet::from([USER]),
    }
}

fn pool_group(number: u8, name: &str, privilege: Privilege) -> AccessGroup {
    AccessGroup {
        group_type: GroupType::Pool,
        providers: BTreeSet::new(),
        pools: BTreeSet::from([POOL]),
        ..group(number, name, privilege)
    }
}

fn pool(mode: PoolMode) -> Pool {
    Pool { id: POOL, providers: BTreeSet::from([GREY, STONE]), mode }
}

fn entry(module: Module, target: Target) -> Entry {
    Entry { module, target, excluded: false, privilege: None, privacy: None }
}

fn person() -> Person {
    Person { id: USER, active: true, pending: false, limits: Vec::new() }
}

fn answers(groups: &[AccessGroup], pools: &[Pool], knob: Knob) -> Vec<String> {
    let all: Vec<&AccessGroup> = groups.iter().collect();
    let answers = effective(&person(), &all, pools, knob);
    let said = |one: &Effective<'_>| {
        let provider = match one.provider {
            Some(GREY) => "Grey",
            Some(STONE) => "Stone",
            _ => "-",
        };
        format!("{} {provider}: {}", one.module.value(), one.derivation)
    };
    let kept = answers.iter().filter(|one| one.module != Module::UserPreferences);
    kept.map(said).collect()
}

fn level(groups: &[AccessGroup], pools: &[Pool], knob: Knob, at: (Module, Id)) -> Levels {
    let all: Vec<&AccessGroup> = groups.iter().collect();
    let found = ask(&person(), &all, pools, knob, (at.0, Some(at.1))).ok()?;
    Some((found.privilege, found.privacy.unwrap()))
}

type Levels = Option<(Privilege, Privacy)>;

#[test]
fn ag1_without_group_there_is_nothing() {
    let one = group(1, "Ortho", Privilege::Full);
    assert!(effective(&person(), &[], &[], Knob::Module).is_empty());
    let stranger = Person { id: STONE, ..person() };
    assert!(effective(&stranger, &[&one], &[], Knob::Module).is_empty());
    let why = ask(&stranger, &[&one], &[], Knob::Module, (OFFICE, Some(GREY))).unwrap_err();
    assert_eq!(why.to_string(), "No access: the person is in no access group (AG1).");
    assert_eq!(user_without_group(true, 0), Some(Violation::NoGroup));
    assert_eq!(user_without_group(true, 1), None);
    assert_eq!(user_without_group(false, 0), None);
}

#[test]
fn inactive_and_pending_people_have_nothing() {
    let one = group(1, "Ortho", Privilege::Full);
    for (active, pending, why) in
        [(false, false, NoAccess::NotActive), (true, true, NoAccess::Pending)]
    {
        let someone = Person { active, pending, ..person() };
        assert!(effective(&someone, &[&one], &[], Knob::Module).is_empty());
        let question = (OFFICE, Some(GREY));
        assert_eq!(ask(&someone, &[&one], &[], Knob::Module, question), Err(why));
    }
}

#[test]
fn ag5_user_preferences_come_with_every_group() {
    let one = group(1, "Ortho", Privilege::ReadOnly);
    let all = effective(&person(), &[&one], &[], Knob::Module);
    let last = all.last().unwrap();
    assert_eq!((last.module, last.provider, last.privacy), (Module::UserPreferences, None, None));
    assert_eq!(last.privilege, Privilege::Full);
    assert_eq!(
        last.derivation.to_string(),
        "Full Access because User Preferences comes with every access group."
    );
}

#[test]
fn ag9_the_most_restrictive_of_every_pair_of_levels() {
    for (first, second) in Privilege::ALL.into_iter().flat_map(|a| Privilege::ALL.map(|b| (a, b))) {
        for (low, high) in Privacy::ALL.into_iter().flat_map(|a| Privacy::ALL.map(|b| (a, b))) {
            let a = AccessGroup { privacy: low, ..group(1, "A", first) };
            let b = AccessGroup { privacy: high, ..group(2, "B", second) };
            let found = level(&[a, b], &[], Knob::Module, (OFFICE, GREY));
            assert_eq!(found, Some((first.max(second), low.max(high))));
        }
    }
}

#[test]
fn ag9_the_derivation_names_both_groups() {
    let a = group(1, "A", Privilege::ReadOnly);
    let b = group(2, "B", Privilege::Full);
    assert_eq!(
        answers(&[b, a], &[], Knob::Module),
        ["PROVIDERS_OFFICE Grey: Read-Only Access because group \"A\" sets Read-Only Access and \
          group \"B\" sets Full Access: most restrictive wins. Privacy Toggle (Default Off) \
          because group \"A\" sets Privacy Toggle (Default Off) and group \"B\" sets Privacy \
          Toggle (Default Off): most restrictive wins."]
    );
}

#[test]
fn q17_the_switch_decides_whether_other_providers_groups_count() {
    let grey = group(1, "Grey's", Privilege::Full);
    let providers = BTreeSet::from([STONE]);
    let stone = AccessGroup { providers, ..group(2, "Stone's", Privilege::ReadOnly) };
    let both = [grey, stone];
    let at = (OFFICE, GREY);
    let open = Some((Privilege::Full, Privacy::ToggleOff));
    let closed = Some((Privilege::ReadOnly, Privacy::ToggleOff));
    assert_eq!(level(&both, &[], Knob::ModuleSubject, at), open);
    assert_eq!(level(&both, &[], Knob::Module, at), closed);
    let texts = answers(&both, &[], Knob::Module);
    assert!(
        texts[0].starts_with(
            "PROVIDERS_OFFICE Grey: Read-Only Access because group \"Grey's\" sets Full Access \
             and group \"Stone's\" sets Read-Only Access for the module: most restrictive wins."
        ),
        "{}",
        texts[0]
    );
    let reports = AccessGroup { modules: BTreeSet::from([Module::Reports]), ..both[1].clone() };
    let apart = [both[0].clone(), reports];
    assert_eq!(level(&apart, &[], Knob::Module, at), open, "never across modules");
}

#[test]
fn ag8_an_override_restricts_and_never_relaxes() {
    let own = |privilege, privacy| Override { user: USER, module: OFFICE, privilege, privacy };
    let strict = own(Some(Privilege::ReadOnly), None);
    let one = AccessGroup { overrides: vec![strict], ..group(1, "Ortho", Privilege::Full) };
    assert_eq!(
        answers(std::slice::from_ref(&one), &[], Knob::Module),
        ["PROVIDERS_OFFICE Grey: Read-Only Access because group \"Ortho\" sets Full Access, \
          restricted to Read-Only Access for this user. Privacy Toggle (Default Off) because \
          group \"Ortho\" sets Privacy Toggle (Default Off)."]
    );
    let loose = own(Some(Privilege::Full), Some(Privacy::ToggleOff));
    let two = AccessGroup {
        overrides: vec![loose],
        privacy: Privacy::ForcedPatient,
        ..group(1, "Ortho", Privilege::ReadOnly)
    };
    let found = level(std::slice::from_ref(&two), &[], Knob::Module, (OFFICE, GREY));
    assert_eq!(found, Some((Privilege::ReadOnly, Privacy::ForcedPatient)));
    assert!(violations(&two, &centre()).contains(&Violation::OverrideRelaxes));
    assert!(violations(&one, &centre()).is_empty());
}

#[test]
fn ag8_a_restriction_of_the_person_holds_in_every_group() {
    let limit = Limit { module: None, privilege: Some(Privilege::ReadOnly), privacy: None };
    let trainee = Person { limits: vec![limit], ..person() };
    let one = group(1, "Ortho", Privilege::Full);
    let found = ask(&trainee, &[&one], &[], Knob::Module, (OFFICE, Some(GREY))).unwrap();
    assert_eq!(found.privilege, Privilege::ReadOnly);
    assert!(found.derivation.to_string().starts_with(
        "Read-Only Access because group \"Ortho\" sets Full Access, restricted to Read-Only \
         Access in all groups of this user."
    ));
    let elsewhere = Limit { module: Some(Module::Reports), ..limit };
    let other = Person { limits: vec![elsewhere], ..person() };
    let found = ask(&other, &[&one], &[], Knob::Module, (OFFICE, Some(GREY))).unwrap();
    assert_eq!(found.privilege, Privilege::Full);
}

#[test]
fn q28_a_providers_entry_may_relax_and_says_so() {
    let relaxed =
        Entry { privilege: Some(Privilege::Full), ..entry(OFFICE, Target::Provider(GREY)) };
    let one = AccessGroup { entries: vec![relaxed], ..group(1, "Ortho", Privilege::ReadOnly) };
    let all = [&one];
    let found = ask(&person(), &all, &[], Knob::Module, (OFFICE, Some(GREY))).unwrap();
    assert_eq!(found.privilege, Privilege::Full);
    assert!(found.derivation.relaxes());
    assert!(found.derivation.to_string().starts_with(
        "Full Access because group \"Ortho\" sets Full Access for this provider (relaxes \
         Read-Only Access). Privacy Toggle (Default Off) because"
    ));
}

#[test]
fn ag10_secure_messaging_is_always_full() {
    let modules = BTreeSet::from([Module::SecureMessaging]);
    let limit = Limit { module: None, privilege: Some(Privilege::ReadOnly), privacy: None };
    let one = AccessGroup { modules, ..group(1, "Ortho", Privilege::ReadOnly) };
    let trainee = Person { limits: vec![limit], ..person() };
    let question = (Module::SecureMessaging, Some(GREY));
    let found = ask(&trainee, &[&one], &[], Knob::Module, question).unwrap();
    assert_eq!(found.privilege, Privilege::Full);
    assert_eq!(
        found.derivation.to_string(),
        "Full Access because Secure Messaging knows no other privilege. Privacy Toggle (Default \
         Off) because group \"Ortho\" sets Privacy Toggle (Default Off)."
    );
    let strict = Entry {
        privilege: Some(Privilege::ReadOnly),
        ..entry(Module::SecureMessaging, Target::Provider(GREY))
    };
    let marked = AccessGroup { entries: vec![strict], ..one };
    assert!(violations(&marked, &centre()).contains(&Violation::MessagingRestricted));
}

#[test]
fn ag11_adding_a_provider_is_idempotent_and_only_for_flagged_groups_of_the_centre() {
    let flagged = AccessGroup { auto_add: true, ..group(1, "A", Privilege::Full) };
    let plain = group(2, "B", Privilege::Full);
    let elsewhere = AccessGroup { health_centre: STONE, ..flagged.clone() };
    let pools = AccessGroup { auto_add: true, ..pool_group(3, "C", Privilege::Full) };
    let all = [&flagged, &plain, &elsewhere, &pools];
    assert_eq!(auto_joined(&all, CENTRE, STONE), [flagged.id]);
    let mut after = flagged.clone();
    after.providers.insert(STONE);
    assert!(auto_joined(&[&after, &plain], CENTRE, STONE).is_empty());
    assert!(violations(&pools, &centre()).contains(&Violation::AutoAddWithoutProviders));
}

#[test]
fn ag12_without_a_group_the_others_stay_as_they_were() {
    let a = group(1, "A", Privilege::Full);
    let b = AccessGroup {
        modules: BTreeSet::from([Module::Reports]),
        ..group(2, "B", Privilege::ReadOnly)
    };
    let both = answers(&[a.clone(), b.clone()], &[], Knob::Module);
    assert_eq!(answers(&[b], &[], Knob::Module), both[1..]);
    assert_eq!(a.members, BTreeSet::from([USER]));
}

#[test]
fn ag13_an_excluded_provider_stays_in_the_other_modules() {
    let out = Entry { excluded: true, ..entry(OFFICE, Target::Provider(GREY)) };
    let modules = BTreeSet::from([OFFICE, Module::Reports]);
    let one = AccessGroup { modules, entries: vec![out], ..group(1, "Ortho", Privilege::Full) };
    let all = std::slice::from_ref(&one);
    assert_eq!(level(all, &[], Knob::Module, (OFFICE, GREY)), None);
    assert!(level(all, &[], Knob::Module, (Module::Reports, GREY)).is_some());
    let why = ask(&person(), &[&one], &[], Knob::Module, (OFFICE, Some(GREY))).unwrap_err();
    assert_eq!(why, NoAccess::Excluded);
    let why = ask(&person(), &[&one], &[], Knob::Module, (OFFICE, Some(STONE))).unwrap_err();
    assert_eq!(why, NoAccess::NotReached);
    let why = ask(&person(), &[&one], &[], Knob::Module, (Module::CareVenue, None)).unwrap_err();
    assert_eq!(why, NoAccess::NoModule);
}

#[test]
fn ag14_scheduling_needs_the_office_at_full() {
    let one = AccessGroup { scheduling: true, ..group(1, "Ortho", Privilege::Full) };
    let all = [&one];
    let found = ask(&person(), &all, &[], Knob::Module, (OFFICE, Some(GREY))).unwrap();
    assert!(found.scheduling);
    assert!(found.derivation.to_string().ends_with(
        " Scheduling because group \"Ortho\" allows it, and Provider's Office is at Full Access."
    ));
    let strict = group(2, "Lab", Privilege::ReadOnly);
    let all = [&one, &strict];
    let found = ask(&person(), &all, &[], Knob::Module, (OFFICE, Some(GREY))).unwrap();
    assert!(!found.scheduling);
    assert!(found.derivation.to_string().ends_with(
        " No scheduling although group \"Ortho\" allows it, because Provider's Office is not at \
         Full Access."
    ));
    let modules = BTreeSet::from([Module::Reports]);
    let wrong = AccessGroup { modules, ..one };
    assert!(violations(&wrong, &centre()).contains(&Violation::SchedulingWithoutOffice));
}

#[test]
fn pools_give_all_or_what_provider_groups_reach() {
    let through = pool_group(1, "Pool", Privilege::Full);
    let all = std::slice::from_ref(&through);
    assert!(level(all, &[pool(PoolMode::All)], Knob::Module, (OFFICE, STONE)).is_some());
    assert_eq!(level(all, &[pool(PoolMode::Intersect)], Knob::Module, (OFFICE, STONE)), None);
    let reports = AccessGroup {
        modules: BTreeSet::from([Module::Reports]),
        ..group(2, "Grey's", Privilege::Full)
    };
    let both = [through, reports];
    let narrow = [pool(PoolMode::Intersect)];
    assert!(level(&both, &narrow, Knob::Module, (OFFICE, GREY)).is_some());
    assert_eq!(level(&both, &narrow, Knob::Module, (OFFICE, STONE)), None);
    assert_eq!(level(&both[..1], &[], Knob::Module, (OFFICE, GREY)), None, "unknown pool");
}

#[test]
fn a_pools_entry_counts_and_a_providers_entry_goes_before_it() {
    let strict =
        Entry { privilege: Some(Privilege::ReadOnly), ..entry(OFFICE, Target::Pool(POOL)) };
    let own = Entry { privilege: Some(Privilege::Full), ..entry(OFFICE, Target::Provider(GREY)) };
    let entries = vec![strict, own];
    let through = AccessGroup { entries, ..pool_group(1, "Pool", Privilege::Full) };
    let texts = answers(std::slice::from_ref(&through), &[pool(PoolMode::All)], Knob::Module);
    assert!(texts[0].starts_with(
        "PROVIDERS_OFFICE Grey: Full Access because group \"Pool\" sets Full Access for this \
         provider."
    ));
    assert!(texts[1].starts_with(
        "PROVIDERS_OFFICE Stone: Read-Only Access because group \"Pool\" sets Read-Only Access \
         for the pool."
    ));
    let out = Entry { excluded: true, ..entry(OFFICE, Target::Pool(POOL)) };
    let gone = AccessGroup { entries: vec![out], ..through };
    assert!(answers(&[gone], &[pool(PoolMode::All)], Knob::Module).is_empty());
}

/// An entry of a pool that follows provider groups may not relax once a further group pulls it
/// in.
#[test]
fn ag9_a_further_group_does_not_pull_a_relaxing_entry_in() {
    let wide = pool_group(1, "All", Privilege::Full);
    let relaxed = Entry { privilege: Some(Privilege::Full), ..entry(OFFICE, Target::Pool(STONE)) };
    let follows = AccessGroup {
        pools: BTreeSet::from([STONE]),
        entries: vec![relaxed],
        ..pool_group(2, "Follows", Privilege::ReadOnly)
    };
    let narrow = Pool { id: STONE, ..pool(PoolMode::Intersect) };
    let pools = [pool(PoolMode::All), narrow];
    let reports = AccessGroup {
        modules: BTreeSet::from([Module::Reports]),
        ..group(3, "Grey's", Privilege::Full)
    };
    let closed = Some((Privilege::ReadOnly, Privacy::ToggleOff));
    let mut groups = vec![wide, follows];
    assert_eq!(level(&groups, &pools, Knob::Module, (OFFICE, GREY)), closed);
    groups.push(reports);
    assert_eq!(level(&groups, &pools, Knob::Module, (OFFICE, GREY)), closed);
}

#[test]
fn ag9_order_does_not_matter_and_adding_a_group_never_relaxes() {
    for seed in 0..400 {
        let mut dice = Dice(SeededEntropy::new(seed));
        let pools: Vec<Pool> = (0..3).map(|number| dice.pool(number)).collect();
        let groups: Vec<AccessGroup> = (0..5).map(|number| dice.group(number)).collect();
        let mut person = person();
        if dice.below(4) == 0 {
            person.limits.push(dice.limit());
        }
        for knob in [Knob::Module, Knob::ModuleSubject] {
            let all: Vec<&AccessGroup> = groups.iter().collect();
            let turned: Vec<&AccessGroup> = groups.iter().rev().collect();
            let whole = effective(&person, &all, &pools, knob);
            let mut mixed = pools.clone();
            mixed.reverse();
            assert_eq!(whole, effective(&person, &turned, &mixed, knob), "seed {seed}");
            let fewer = effective(&person, &all[..4], &pools, knob);
            assert_not_relaxed(&fewer, &whole);
        }
    }
}

/// What was reached with fewer groups is reached with more, at no laxer levels.
#[track_caller]
fn assert_not_relaxed(fewer: &[Effective<'_>], whole: &[Effective<'_>]) {
    for before in fewer {
        let pair = (before.module, before.provider);
        let after = whole.iter().find(|after| (after.module, after.provider) == pair);
        let after = after.expect("a group takes nothing away");
        let levels = (after.privilege >= before.privilege, after.privacy >= before.privacy);
        assert_eq!(levels, (true, true), "{}", after.derivation);
    }
}

struct Dice(SeededEntropy);

impl Dice {
    fn below(&mut self, limit: u8) -> u8 {
        let mut byte = [0];
        self.0.fill(&mut byte).unwrap();
        byte[0] % limit
    }

    fn ids(&mut self, from: u8) -> BTreeSet<Id> {
        (0..3).filter(|_| self.below(2) == 0).map(|number| Id([from + number; 16])).collect()
    }

    fn module(&mut self) -> Module {
        [OFFICE, Module::Reports, Module::SecureMessaging][usize::from(self.below(3))]
    }

    fn privilege(&mut self) -> Option<Privilege> {
        [None, Some(Privilege::Full), Some(Privilege::ReadOnly)][usize::from(self.below(3))]
    }

    fn privacy(&mut self) -> Option<Privacy> {
        let any = Privacy::ALL[usize::from(self.below(4))];
        (self.below(2) == 0).then_some(any)
    }

    fn limit(&mut self) -> Limit {
        let module = Some(self.module()).filter(|_| self.below(2) == 0);
        Limit { module, privilege: self.privilege(), privacy: self.privacy() }
    }

    fn pool(&mut self, number: u8) -> Pool {
        let mode = [PoolMode::All, PoolMode::Intersect][usize::from(self.below(2))];
        Pool { id: Id([60 + number; 16]), providers: self.ids(40), mode }
    }

    fn entry(&mut self) -> Entry {
        let number = self.below(3);
        let target = match self.below(2) {
            0 => Target::Provider(Id([40 + number; 16])),
            _ => Target::Pool(Id([60 + number; 16])),
        };
        let (privilege, privacy) = (self.privilege(), self.privacy());
        let excluded = self.below(4) == 0;
        Entry { module: self.module(), target, excluded, privilege, privacy }
    }

    fn group(&mut self, number: u8) -> AccessGroup {
        let of_pools = self.below(2) == 0;
        let user_override = Override {
            user: USER,
            module: self.module(),
            privilege: self.privilege(),
            privacy: self.privacy(),
        };
        AccessGroup {
            group_type: if of_pools { GroupType::Pool } else { GroupType::Provider },
            modules: (0..2).map(|_| self.module()).collect(),
            privacy: Privacy::ALL[usize::from(self.below(4))],
            providers: if of_pools { BTreeSet::new() } else { self.ids(40) },
            pools: if of_pools { self.ids(60) } else { BTreeSet::new() },
            entries: (0..self.below(4)).map(|_| self.entry()).collect(),
            overrides: Some(user_override).filter(|_| self.below(3) == 0).into_iter().collect(),
            ..group(number, "G", Privilege::ALL[usize::from(self.below(2))])
        }
    }
}

fn centre() -> Centre {
    Centre {
        modules: BTreeSet::from([OFFICE, Module::Reports, Module::SecureMessaging]),
        venues: BTreeSet::from([VENUE]),
        providers: BTreeSet::from([GREY, STONE]),
        pools: vec![pool(PoolMode::All)],
    }
}

fn faults_of(change: impl FnOnce(&mut AccessGroup)) -> Vec<Violation> {
    let mut one = group(1, "Ortho", Privilege::Full);
    change(&mut one);
    violations(&one, &centre())
}

#[test]
fn ag3_type_and_centre_never_change() {
    let before = group(1, "Ortho", Privilege::Full);
    let after = AccessGroup { health_centre: VENUE, ..pool_group(1, "Ortho", Privilege::Full) };
    assert!(changed(&before, &before).is_empty());
    assert_eq!(changed(&before, &after), [Violation::TypeChanged, Violation::CentreChanged]);
}

#[test]
fn ag4_care_venues_are_of_the_centre() {
    assert_eq!(faults_of(|g| g.care_venues.clear()), [Violation::NoVenue]);
    let foreign = faults_of(|g| g.care_venues = BTreeSet::from([VENUE, STONE]));
    assert_eq!(foreign, [Violation::ForeignVenue]);
}

#[test]
fn ag5_modules_are_available_and_preferences_are_not_chosen() {
    assert_eq!(faults_of(|g| g.modules.clear()), [Violation::NoModule]);
    let found = faults_of(|g| {
        g.modules.extend([Module::UserPreferences, Module::WtisDataEntry]);
    });
    assert_eq!(found, [Violation::Preferences, Violation::Unavailable(Module::WtisDataEntry)]);
    assert_eq!(
        found[1].to_string(),
        "The module WTIS Data Entry is not available to this organization (AG5)."
    );
}

#[test]
fn ag6_groups_list_what_their_type_says() {
    assert_eq!(faults_of(|g| g.providers.clear()), [Violation::NoProvider]);
    let mixed = faults_of(|g| g.pools = BTreeSet::from([POOL]));
    assert_eq!(mixed, [Violation::PoolInProviderGroup]);
    let empty = faults_of(|g| g.group_type = GroupType::Pool);
    assert_eq!(empty, [Violation::NoPool, Violation::ProviderInPoolGroup]);
    assert!(violations(&pool_group(1, "Pool", Privilege::Full), &centre()).is_empty());
}

#[test]
fn ag7_providers_and_pools_are_of_the_centre() {
    assert_eq!(faults_of(|g| g.providers = BTreeSet::from([VENUE])), [Violation::ForeignProvider]);
    let mut pools = pool_group(1, "Pool", Privilege::Full);
    pools.pools = BTreeSet::from([VENUE]);
    assert_eq!(violations(&pools, &centre()), [Violation::ForeignPool]);
}

#[test]
fn ag8_ag13_rows_are_about_the_group_and_say_something() {
    let row = |module, target| entry(module, target);
    let found = faults_of(|g| {
        g.entries = vec![
            row(OFFICE, Target::Provider(GREY)),
            row(OFFICE, Target::Provider(GREY)),
            row(Module::Reports, Target::Provider(GREY)),
            Entry {
                excluded: true,
                privilege: Some(Privilege::Full),
                ..row(OFFICE, Target::Pool(POOL))
            },
        ];
        g.overrides =
            vec![Override { user: STONE, module: OFFICE, privilege: None, privacy: None }];
    });
    assert_eq!(
        found,
        [
            Violation::OverrideOutside,
            Violation::OverrideEmpty,
            Violation::Twice,
            Violation::EntryOutside,
            Violation::ExcludedWithLevel,
        ]
    );
}
