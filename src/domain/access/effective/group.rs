//! An access group as a value (C24 to C32).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::id::Id;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;

/// Whether a group lists providers or pools; it never changes (AG3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum GroupType {
    /// `provider`
    Provider,
    /// `pool`
    Pool,
}

/// A group of people who share modules and levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessGroup {
    /// Its record.
    pub id: Id,
    /// Its name, unique without regard to letter case (AG2).
    pub name: String,
    /// Provider or pool; never changes (AG3).
    pub group_type: GroupType,
    /// The organization it belongs to; never changes (AG3).
    pub health_centre: Id,
    /// At least one, all of the health center (AG4).
    pub care_venues: BTreeSet<Id>,
    /// At least one, each available to the organization (AG5).
    pub modules: BTreeSet<Module>,
    /// The privilege of the group.
    pub privilege: Privilege,
    /// The privacy of the group.
    pub privacy: Privacy,
    /// Members may schedule, where Provider's Office is at Full (AG14).
    pub scheduling: bool,
    /// Providers who newly join the health center join this group (AG11).
    pub auto_add: bool,
    /// Providers of a provider group (AG6).
    pub providers: BTreeSet<Id>,
    /// Pools of a pool group (AG6).
    pub pools: BTreeSet<Id>,
    /// The wait lists: what is different for a provider or pool in one module.
    pub entries: Vec<Entry>,
    /// What is further restricted for one user.
    pub overrides: Vec<Override>,
    /// The users in it.
    pub members: BTreeSet<Id>,
}

/// Whom an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Target {
    /// One provider.
    Provider(Id),
    /// One pool.
    Pool(Id),
}

/// One row of the wait lists: it replaces the group's level, either way (Q28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// The module it holds in.
    pub module: Module,
    /// The provider or pool.
    pub target: Target,
    /// Not reached in this module; still in the group and in its other modules (AG13).
    pub excluded: bool,
    /// Instead of the group's privilege.
    pub privilege: Option<Privilege>,
    /// Instead of the group's privacy.
    pub privacy: Option<Privacy>,
}

/// A further restriction of one user in one module of the group (C10, AG8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Override {
    /// The user.
    pub user: Id,
    /// The module it holds in.
    pub module: Module,
    /// At least this restrictive.
    pub privilege: Option<Privilege>,
    /// At least this restrictive.
    pub privacy: Option<Privacy>,
}

/// Whom a pool gives access to (C28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PoolMode {
    /// All its providers.
    All,
    /// Those of its providers whom the user already reaches through a provider group.
    Intersect,
}

/// A named set of providers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Its record.
    pub id: Id,
    /// Its providers.
    pub providers: BTreeSet<Id>,
    /// All of them or the intersection.
    pub mode: PoolMode,
}

impl AccessGroup {
    /// Whether an entry takes `target` out of `module`.
    pub fn excludes(&self, module: Module, target: Target) -> bool {
        self.about(module, target).any(|entry| entry.excluded)
    }

    /// The entries about `target` in `module`.
    pub fn about(&self, module: Module, target: Target) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.module == module && entry.target == target)
    }
}
