//! The decision: one person, their groups, one answer per module and provider (2.5).

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::id::Id;
use crate::domain::access::effective::group::AccessGroup;
use crate::domain::access::effective::group::GroupType;
use crate::domain::access::effective::group::Pool;
use crate::domain::access::effective::group::PoolMode;
use crate::domain::access::effective::group::Target;
use crate::domain::access::effective::why::By;
use crate::domain::access::effective::why::Derivation;
use crate::domain::access::effective::why::Origin;
use crate::domain::access::effective::why::Part;
use crate::domain::access::effective::why::Step;
use crate::domain::access::level::Limit;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;

/// Across which groups the most restrictive level is taken (Q17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Knob {
    /// All the user's groups that grant the module.
    #[default]
    Module,
    /// Only the groups that grant the module for that provider.
    ModuleSubject,
}

/// What the decision needs of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: Id,
    /// The account can sign in: neither disabled nor closed.
    pub active: bool,
    /// No grant is effective yet.
    pub pending: bool,
    /// Restrictions that hold in every group.
    pub limits: Vec<Limit>,
}

/// What a person may do in a module for a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective<'a> {
    /// The module.
    pub module: Module,
    /// The provider; absent for User Preferences, which know none.
    pub provider: Option<Id>,
    /// The privilege that counts.
    pub privilege: Privilege,
    /// The privacy that counts; absent for User Preferences.
    pub privacy: Option<Privacy>,
    /// May schedule cases for the provider (AG14).
    pub scheduling: bool,
    /// Why; its text is for people.
    pub derivation: Derivation<'a>,
}

/// Why there is no access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAccess {
    /// Disabled or closed.
    #[error("No access: the account is not active.")]
    NotActive,
    /// Pending.
    #[error("No access: the account is pending, no grant is effective yet.")]
    Pending,
    /// In no group (AG1).
    #[error("No access: the person is in no access group (AG1).")]
    NoGroup,
    /// No group of theirs lists the module.
    #[error("No access: none of the person's access groups grants this module.")]
    NoModule,
    /// Groups grant the module, none for the provider.
    #[error("No access: no access group that grants this module reaches this provider.")]
    NotReached,
    /// The provider was taken out of the module (AG13).
    #[error("No access: this provider is excluded from this module (AG13).")]
    Excluded,
}

/// Everything `person` may do, by module and then provider; User Preferences last. Groups that
/// the person is not in are passed over.
pub fn effective<'a>(
    person: &Person,
    groups: &[&'a AccessGroup],
    pools: &[Pool],
    knob: Knob,
) -> Vec<Effective<'a>> {
    let Ok(view) = View::of(person, groups, pools, knob) else { return Vec::new() };
    let modules = Module::STORABLE.into_iter().flat_map(|module| view.answers(module));
    modules.chain([preferences()]).collect()
}

/// What `person` may do in `module` for `provider`, or why nothing.
pub fn ask<'a>(
    person: &Person,
    groups: &[&'a AccessGroup],
    pools: &[Pool],
    knob: Knob,
    question: (Module, Option<Id>),
) -> Result<Effective<'a>, NoAccess> {
    let view = View::of(person, groups, pools, knob)?;
    let (module, provider) = question;
    if module == Module::UserPreferences {
        return Ok(preferences());
    }
    let granting: Vec<_> = view.groups.iter().filter(|g| g.modules.contains(&module)).collect();
    if granting.is_empty() {
        return Err(NoAccess::NoModule);
    }
    let found = view.answers(module).into_iter().find(|answer| answer.provider == provider);
    let out = |id| granting.iter().any(|g| g.excludes(module, Target::Provider(id)));
    let excluded = provider.is_some_and(out);
    found.ok_or(if excluded { NoAccess::Excluded } else { NoAccess::NotReached })
}

fn preferences<'a>() -> Effective<'a> {
    Effective {
        module: Module::UserPreferences,
        provider: None,
        privilege: Privilege::Full,
        privacy: None,
        scheduling: false,
        derivation: Derivation::preferences(),
    }
}

/// A person who has some access, and what of the network matters to it.
struct View<'p, 'a> {
    person: &'p Person,
    knob: Knob,
    /// The person's groups, by name and id, so that texts do not depend on the order given.
    groups: Vec<&'a AccessGroup>,
    pools: BTreeMap<Id, &'p Pool>,
    /// Providers whom a provider group of the person reaches in some module.
    reached: BTreeSet<Id>,
}

impl<'p, 'a> View<'p, 'a> {
    fn of(
        person: &'p Person,
        groups: &[&'a AccessGroup],
        pools: &'p [Pool],
        knob: Knob,
    ) -> Result<Self, NoAccess> {
        if !person.active {
            return Err(NoAccess::NotActive);
        }
        if person.pending {
            return Err(NoAccess::Pending);
        }
        let mut own: Vec<&AccessGroup> =
            groups.iter().copied().filter(|group| group.members.contains(&person.id)).collect();
        own.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        own.dedup_by_key(|group| group.id);
        if own.is_empty() {
            return Err(NoAccess::NoGroup);
        }
        let reached = own.iter().flat_map(|group| reached(group)).collect();
        let pools = pools.iter().map(|pool| (pool.id, pool)).collect();
        Ok(Self { person, knob, groups: own, pools, reached })
    }

    fn answers(&self, module: Module) -> Vec<Effective<'a>> {
        let granting: Vec<Granting<'a>> = self
            .groups
            .iter()
            .filter(|group| group.modules.contains(&module))
            .map(|group| self.granting(group, module))
            .collect();
        let providers: BTreeSet<Id> =
            granting.iter().flat_map(|one| one.providers.keys().copied()).collect();
        providers.into_iter().map(|provider| self.answer(module, provider, &granting)).collect()
    }

    fn answer(&self, module: Module, provider: Id, granting: &[Granting<'a>]) -> Effective<'a> {
        let mut parts = Vec::with_capacity(granting.len());
        let mut schedulers = Vec::new();
        for one in granting {
            let Some(part) = one.providers.get(&provider) else {
                parts.extend(Some(&one.whole).filter(|_| self.knob == Knob::Module).cloned());
                continue;
            };
            parts.push(part.clone());
            if module == Module::ProvidersOffice && one.whole.group.scheduling {
                schedulers.push(one.whole.group.name.as_str());
            }
        }
        let strictest = parts.iter().map(|part| part.privilege.result).max();
        let privilege = match strictest {
            Some(_) if module == Module::SecureMessaging => Privilege::Full,
            // No answer is made without a part; if one were, it would be the strictest.
            other => other.unwrap_or(Privilege::ReadOnly),
        };
        let privacy = parts.iter().map(|part| part.privacy.result).max();
        let scheduling = privilege == Privilege::Full && !schedulers.is_empty();
        let derivation = Derivation::of(module, privilege, privacy, parts, schedulers);
        Effective { module, provider: Some(provider), privilege, privacy, scheduling, derivation }
    }

    /// What `group` gives in `module`: to each provider it reaches, and as a whole.
    fn granting(&self, group: &'a AccessGroup, module: Module) -> Granting<'a> {
        let whole = self.part(group, module, None, false);
        let mut providers = BTreeMap::new();
        if group.group_type == GroupType::Provider {
            let open = |id: &&Id| !group.excludes(module, Target::Provider(**id));
            for provider in group.providers.iter().filter(open) {
                let level = entry_level(group, module, &[Target::Provider(*provider)]);
                providers.insert(*provider, self.part(group, module, level, false));
            }
            return Granting { whole, providers };
        }
        for (provider, ways) in self.ways(group, module) {
            let own = entry_level(group, module, &[Target::Provider(provider)]);
            let through: Vec<Target> = ways.iter().map(|pool| Target::Pool(pool.id)).collect();
            let level = merged(own, entry_level(group, module, &through));
            let follows = ways.iter().all(|pool| pool.mode == PoolMode::Intersect);
            let capped = follows && self.knob == Knob::Module;
            providers.insert(provider, self.part(group, module, level, capped));
        }
        Granting { whole, providers }
    }

    /// The providers a pool group reaches in `module`, each with the pools that lead there.
    fn ways(&self, group: &AccessGroup, module: Module) -> BTreeMap<Id, Vec<&'p Pool>> {
        let mut ways: BTreeMap<Id, Vec<&'p Pool>> = BTreeMap::new();
        let known = group.pools.iter().filter_map(|id| self.pools.get(id));
        for pool in known.filter(|pool| !group.excludes(module, Target::Pool(pool.id))) {
            let reached = |id: &Id| pool.mode == PoolMode::All || self.reached.contains(id);
            let open = |id: &Id| !group.excludes(module, Target::Provider(*id));
            for provider in pool.providers.iter().filter(|id| reached(id) && open(id)) {
                ways.entry(*provider).or_default().push(pool);
            }
        }
        ways
    }

    fn part(
        &self,
        group: &'a AccessGroup,
        module: Module,
        level: Option<EntryLevel>,
        capped: bool,
    ) -> Part<'a> {
        let entry = level.unwrap_or_default();
        let own = group.overrides.iter().filter(|one| one.user == self.person.id);
        let own = own.filter(|one| one.module == module);
        let all = self.person.limits.iter();
        let all = all.filter(|one| one.module.is_none_or(|named| named == module));
        let limits: Vec<_> = own
            .map(|one| (one.privilege, one.privacy, By::Override))
            .chain(all.map(|one| (one.privilege, one.privacy, By::Limit)))
            .collect();
        let privilege = limits.iter().filter_map(|(level, _, by)| Some(((*level)?, *by)));
        let privacy = limits.iter().filter_map(|(_, level, by)| Some(((*level)?, *by)));
        Part {
            group,
            whole: level.is_none(),
            privilege: step(group.privilege, entry.privilege, privilege, capped),
            privacy: step(group.privacy, entry.privacy, privacy, capped),
        }
    }
}

struct Granting<'a> {
    /// The group's level for the module, whoever the provider (Q17, `module`).
    whole: Part<'a>,
    providers: BTreeMap<Id, Part<'a>>,
}

#[derive(Clone, Copy, Default)]
struct EntryLevel {
    privilege: Option<(Privilege, Origin)>,
    privacy: Option<(Privacy, Origin)>,
}

/// What the entries about `targets` set; of several the most restrictive. A pool without an
/// entry counts at the group's level.
fn entry_level(group: &AccessGroup, module: Module, targets: &[Target]) -> Option<EntryLevel> {
    let mut level = EntryLevel::default();
    for target in targets {
        let origin = match target {
            Target::Provider(_) => Origin::Provider,
            Target::Pool(_) => Origin::Pool,
        };
        let privilege = group.about(module, *target).filter_map(|entry| entry.privilege).max();
        let privacy = group.about(module, *target).filter_map(|entry| entry.privacy).max();
        let plain = origin == Origin::Pool;
        let privilege = privilege.map(|set| (set, origin));
        let privilege = privilege.or(plain.then_some((group.privilege, Origin::Group)));
        let privacy = privacy.map(|set| (set, origin));
        let privacy = privacy.or(plain.then_some((group.privacy, Origin::Group)));
        level.privilege = level.privilege.max(privilege);
        level.privacy = level.privacy.max(privacy);
    }
    Some(level)
}

/// A provider's own entry replaces that of the pool, level by level.
fn merged(own: Option<EntryLevel>, pool: Option<EntryLevel>) -> Option<EntryLevel> {
    let (own, pool) = (own.unwrap_or_default(), pool.unwrap_or_default());
    Some(EntryLevel {
        privilege: own.privilege.or(pool.privilege),
        privacy: own.privacy.or(pool.privacy),
    })
}

fn step<T: Ord + Copy>(
    group: T,
    entry: Option<(T, Origin)>,
    limits: impl Iterator<Item = (T, By)>,
    capped: bool,
) -> Step<T> {
    let kept = entry.filter(|(level, _)| !capped || *level >= group);
    let (base, origin) = kept.unwrap_or((group, Origin::Group));
    let limit = limits.max().filter(|(level, _)| *level > base);
    let result = limit.map_or(base, |(level, _)| level);
    Step { group, base, origin, by: limit.map(|(_, by)| by), result }
}

/// Whom a provider group reaches in at least one module.
fn reached(group: &AccessGroup) -> impl Iterator<Item = Id> {
    let provider = group.group_type == GroupType::Provider;
    let listed = group.providers.iter().copied().filter(move |_| provider);
    listed.filter(|id| {
        group.modules.iter().any(|module| !group.excludes(*module, Target::Provider(*id)))
    })
}
