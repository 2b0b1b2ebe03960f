//! What is wrong with an access group: every fault at once (AG1, AG3 to AG14).

use std::collections::BTreeSet;

use crate::base::id::Id;
use crate::domain::access::effective::group::AccessGroup;
use crate::domain::access::effective::group::Entry;
use crate::domain::access::effective::group::GroupType;
use crate::domain::access::effective::group::Pool;
use crate::domain::access::effective::group::Target;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;

/// What belongs to the health center of a group. Of what the group does not name, nothing need
/// be given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Centre {
    /// Modules available to the organization (C8).
    pub modules: BTreeSet<Module>,
    /// Its care venues.
    pub venues: BTreeSet<Id>,
    /// Its providers.
    pub providers: BTreeSet<Id>,
    /// Its pools.
    pub pools: Vec<Pool>,
}

/// A fault of an access group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Violation {
    /// AG1.
    #[error("Someone with the application role ATCUser must be in an access group (AG1).")]
    NoGroup,
    /// AG3.
    #[error("The type of an access group cannot change (AG3). Make a new group.")]
    TypeChanged,
    /// AG3.
    #[error("The health center of an access group cannot change (AG3). Make a new group.")]
    CentreChanged,
    /// AG4.
    #[error("An access group needs a care venue (AG4). Choose at least one.")]
    NoVenue,
    /// AG4.
    #[error("A care venue does not belong to the health center of the group (AG4).")]
    ForeignVenue,
    /// AG5.
    #[error("An access group needs a module (AG5). Choose at least one.")]
    NoModule,
    /// AG5.
    #[error("User Preferences comes with every group and cannot be chosen (AG5).")]
    Preferences,
    /// AG5.
    #[error("The module {} is not available to this organization (AG5).", .0.display())]
    Unavailable(Module),
    /// AG6.
    #[error("A provider group needs a provider (AG6). Choose at least one.")]
    NoProvider,
    /// AG6.
    #[error("A pool group needs a pool (AG6). Choose at least one.")]
    NoPool,
    /// AG6.
    #[error("A provider group has no pools (AG6). Make a pool group for them.")]
    PoolInProviderGroup,
    /// AG6.
    #[error("A pool group lists no providers (AG6). Make a provider group for them.")]
    ProviderInPoolGroup,
    /// AG7.
    #[error("A provider does not belong to the health center of the group (AG7).")]
    ForeignProvider,
    /// AG7.
    #[error("A pool does not belong to the health center of the group (AG7).")]
    ForeignPool,
    /// AG8.
    #[error("A restriction of a user would relax the level of the group (AG8).")]
    OverrideRelaxes,
    /// AG8.
    #[error("A restriction names a user or a module that is not in the group (AG8).")]
    OverrideOutside,
    /// AG8.
    #[error("A restriction of a user sets neither privilege nor privacy (AG8).")]
    OverrideEmpty,
    /// AG9: two rows about one thing would need an order.
    #[error("Two rows are about the same module and provider, pool or user (AG9).")]
    Twice,
    /// AG10.
    #[error("Secure Messaging knows no privilege; leave it at Full Access (AG10).")]
    MessagingRestricted,
    /// AG11.
    #[error("Only a provider group can add providers by itself (AG11).")]
    AutoAddWithoutProviders,
    /// AG13.
    #[error("A wait list names a module, provider or pool that is not in the group (AG13).")]
    EntryOutside,
    /// AG13.
    #[error("A wait list excludes a provider or pool and sets its level too (AG13).")]
    ExcludedWithLevel,
    /// AG14.
    #[error("Scheduling needs the module Provider's Office at Full Access (AG14).")]
    SchedulingWithoutOffice,
}

/// Every fault of `group`, each kind once, in the order of the rules.
pub fn violations(group: &AccessGroup, centre: &Centre) -> Vec<Violation> {
    let mut found = BTreeSet::new();
    places(group, centre, &mut found);
    modules(group, centre, &mut found);
    subjects(group, centre, &mut found);
    entries(group, centre, &mut found);
    overrides(group, &mut found);
    found.into_iter().collect()
}

/// What may not change from `before` to `after` (AG3).
pub fn changed(before: &AccessGroup, after: &AccessGroup) -> Vec<Violation> {
    let kind = before.group_type != after.group_type;
    let centre = before.health_centre != after.health_centre;
    let kind = kind.then_some(Violation::TypeChanged);
    kind.into_iter().chain(centre.then_some(Violation::CentreChanged)).collect()
}

/// A user of the surgical applications who is in no group (AG1).
pub fn user_without_group(is_atc_user: bool, groups: usize) -> Option<Violation> {
    (is_atc_user && groups == 0).then_some(Violation::NoGroup)
}

/// The groups that a provider who newly joins `centre` is added to: flagged provider groups of
/// that center that do not list the provider yet (AG11). Doing it again finds nothing.
pub fn auto_joined(groups: &[&AccessGroup], centre: Id, provider: Id) -> Vec<Id> {
    let flagged = |group: &&&AccessGroup| {
        group.auto_add
            && group.group_type == GroupType::Provider
            && group.health_centre == centre
            && !group.providers.contains(&provider)
    };
    let found: BTreeSet<Id> = groups.iter().filter(flagged).map(|group| group.id).collect();
    found.into_iter().collect()
}

fn places(group: &AccessGroup, centre: &Centre, found: &mut BTreeSet<Violation>) {
    if group.care_venues.is_empty() {
        found.insert(Violation::NoVenue);
    }
    if !group.care_venues.is_subset(&centre.venues) {
        found.insert(Violation::ForeignVenue);
    }
}

fn modules(group: &AccessGroup, centre: &Centre, found: &mut BTreeSet<Violation>) {
    if group.modules.is_empty() {
        found.insert(Violation::NoModule);
    }
    for module in &group.modules {
        if *module == Module::UserPreferences {
            found.insert(Violation::Preferences);
        } else if !centre.modules.contains(module) {
            found.insert(Violation::Unavailable(*module));
        }
    }
    let office = group.modules.contains(&Module::ProvidersOffice);
    if group.scheduling && !(office && may_be_full(group)) {
        found.insert(Violation::SchedulingWithoutOffice);
    }
}

/// Some provider is, or some entry sets, Full in Provider's Office.
fn may_be_full(group: &AccessGroup) -> bool {
    let office = group.entries.iter().filter(|entry| entry.module == Module::ProvidersOffice);
    let mut levels = office.filter_map(|entry| entry.privilege);
    group.privilege == Privilege::Full || levels.any(|level| level == Privilege::Full)
}

fn subjects(group: &AccessGroup, centre: &Centre, found: &mut BTreeSet<Violation>) {
    let (none, wrong) = match group.group_type {
        GroupType::Provider => (
            group.providers.is_empty().then_some(Violation::NoProvider),
            (!group.pools.is_empty()).then_some(Violation::PoolInProviderGroup),
        ),
        GroupType::Pool => (
            group.pools.is_empty().then_some(Violation::NoPool),
            (!group.providers.is_empty()).then_some(Violation::ProviderInPoolGroup),
        ),
    };
    found.extend(none.into_iter().chain(wrong));
    if !group.providers.is_subset(&centre.providers) {
        found.insert(Violation::ForeignProvider);
    }
    let known = |id: &Id| centre.pools.iter().any(|pool| pool.id == *id);
    if !group.pools.iter().all(known) {
        found.insert(Violation::ForeignPool);
    }
    if group.auto_add && group.group_type == GroupType::Pool {
        found.insert(Violation::AutoAddWithoutProviders);
    }
}

fn entries(group: &AccessGroup, centre: &Centre, found: &mut BTreeSet<Violation>) {
    let mut seen = BTreeSet::new();
    for entry in &group.entries {
        if !seen.insert((entry.module, entry.target)) {
            found.insert(Violation::Twice);
        }
        if !group.modules.contains(&entry.module) || !listed(group, centre, entry.target) {
            found.insert(Violation::EntryOutside);
        }
        if entry.excluded && (entry.privilege.is_some() || entry.privacy.is_some()) {
            found.insert(Violation::ExcludedWithLevel);
        }
        messaging(entry.module, entry.privilege, found);
    }
}

/// In a pool group a provider of one of its pools may have an entry too.
fn listed(group: &AccessGroup, centre: &Centre, target: Target) -> bool {
    let in_pool = |id| {
        let own = centre.pools.iter().filter(|pool| group.pools.contains(&pool.id));
        own.into_iter().any(|pool| pool.providers.contains(&id))
    };
    match target {
        Target::Pool(id) => group.pools.contains(&id),
        Target::Provider(id) => group.providers.contains(&id) || in_pool(id),
    }
}

fn overrides(group: &AccessGroup, found: &mut BTreeSet<Violation>) {
    let mut seen = BTreeSet::new();
    for one in &group.overrides {
        if !seen.insert((one.user, one.module)) {
            found.insert(Violation::Twice);
        }
        if !group.members.contains(&one.user) || !group.modules.contains(&one.module) {
            found.insert(Violation::OverrideOutside);
        }
        if one.privilege.is_none() && one.privacy.is_none() {
            found.insert(Violation::OverrideEmpty);
        }
        messaging(one.module, one.privilege, found);
        let (privilege, privacy) = weakest(group, one.module);
        if one.privilege.is_some_and(|set| set < privilege)
            || one.privacy.is_some_and(|set| set < privacy)
        {
            found.insert(Violation::OverrideRelaxes);
        }
    }
}

/// The least restrictive level in `module`; an override below it restricts nobody.
fn weakest(group: &AccessGroup, module: Module) -> (Privilege, Privacy) {
    let own = |entry: &&Entry| entry.module == module && !entry.excluded;
    let privilege = group.entries.iter().filter(own).filter_map(|entry| entry.privilege);
    let privacy = group.entries.iter().filter(own).filter_map(|entry| entry.privacy);
    let privilege = privilege.min().map_or(group.privilege, |set| set.min(group.privilege));
    (privilege, privacy.min().map_or(group.privacy, |set| set.min(group.privacy)))
}

fn messaging(module: Module, privilege: Option<Privilege>, found: &mut BTreeSet<Violation>) {
    if module == Module::SecureMessaging && privilege == Some(Privilege::ReadOnly) {
        found.insert(Violation::MessagingRestricted);
    }
}
