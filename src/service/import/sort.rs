//! What rows can be about, and which columns each has.

use crate::domain::record::Kind;
use crate::sheet::read::Column;
use crate::sheet::read::Need;

/// What a row is about, in the order in which rows are taken: what others name comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// Organizations, divisions and regions.
    Organizations,
    /// Sites.
    Sites,
    /// Room systems.
    RoomSystems,
    /// People.
    People,
    /// Providers.
    Providers,
    /// Pools of providers.
    Pools,
    /// Groups, with members.
    Groups,
    /// Who may act for whom.
    Delegations,
    /// Who may schedule which room system.
    Schedulers,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text.
    Text,
    /// Yes or no.
    Truth,
    /// Several texts; in a cell with semicolons between.
    List,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Organizations,
        Self::Sites,
        Self::RoomSystems,
        Self::People,
        Self::Providers,
        Self::Pools,
        Self::Groups,
        Self::Delegations,
        Self::Schedulers,
    ];

    /// The word for them: the key in a JSON description, and what people read.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Organizations => "organizations",
            Self::Sites => "sites",
            Self::RoomSystems => "roomSystems",
            Self::People => "people",
            Self::Providers => "providers",
            Self::Pools => "pools",
            Self::Groups => "groups",
            Self::Delegations => "delegations",
            Self::Schedulers => "schedulers",
        }
    }

    /// The name of the sheet that holds them.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Organizations => "organizations.csv",
            Self::Sites => "sites.csv",
            Self::RoomSystems => "room-systems.csv",
            Self::People => "people.csv",
            Self::Providers => "providers.csv",
            Self::Pools => "pools.csv",
            Self::Groups => "groups.csv",
            Self::Delegations => "delegations.csv",
            Self::Schedulers => "schedulers.csv",
        }
    }

    /// What the records are of.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Organizations => Kind::ORGANIZATION,
            Self::Sites => Kind::SITE,
            Self::RoomSystems | Self::Schedulers => Kind::ROOM_SYSTEM,
            Self::People => Kind::USER,
            Self::Providers => Kind::PROVIDER,
            Self::Pools => Kind::POOL,
            Self::Groups => Kind::GROUP,
            Self::Delegations => Kind::DELEGATION,
        }
    }

    /// The columns of a sheet, which are the fields of a JSON object too.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Organizations => &ORGANIZATIONS,
            Self::Sites => &SITES,
            Self::RoomSystems => &ROOM_SYSTEMS,
            Self::People => &PEOPLE,
            Self::Providers => &PROVIDERS,
            Self::Pools => &POOLS,
            Self::Groups => &GROUPS,
            Self::Delegations => &DELEGATIONS,
            Self::Schedulers => &SCHEDULERS,
        }
    }

    /// The columns that tell one from another, as far as the row fills them.
    pub const fn key(self) -> &'static [&'static str] {
        match self {
            Self::Organizations => &["orgNumber", "kind", "displayName"],
            Self::Sites => &["organization", "siteCode"],
            Self::RoomSystems => &["systemName"],
            Self::People => &["homeOrganization", "userName"],
            Self::Providers | Self::Pools | Self::Groups => &["organization", "displayName"],
            Self::Delegations => &["organization", "delegator", "delegate", "service", "validFrom"],
            Self::Schedulers => &["systemName", "userName"],
        }
    }

    /// The form of the values in a column.
    pub fn form(column: &str) -> Form {
        match column {
            "active" | "autoAddProviders" | "careVenue" | "healthCentre" | "partnerSignIn"
            | "scheduling" => Form::Truth,
            "affiliations" | "applicationRoles" | "assignments" | "availableModules"
            | "careVenues" | "members" | "modules" | "participation" | "pools" | "providers"
            | "services" => Form::List,
            _ => Form::Text,
        }
    }
}

const fn must(name: &'static str) -> Column {
    Column { name, need: Need::Value }
}

const fn may(name: &'static str) -> Column {
    Column { name, need: Need::Nothing }
}

const ORGANIZATIONS: [Column; 10] = [
    must("displayName"),
    may("orgNumber"),
    may("kind"),
    may("shortCode"),
    may("parent"),
    may("healthCentre"),
    may("participation"),
    may("availableModules"),
    may("timezone"),
    may("active"),
];
const SITES: [Column; 5] =
    [must("siteCode"), must("displayName"), may("organization"), may("careVenue"), may("active")];
const ROOM_SYSTEMS: [Column; 4] =
    [must("systemName"), must("site"), may("organization"), may("active")];
const PEOPLE: [Column; 17] = [
    must("userName"),
    may("givenName"),
    may("familyName"),
    may("displayName"),
    may("email"),
    may("active"),
    may("homeOrganization"),
    may("affiliations"),
    may("profession"),
    may("credential"),
    may("partnerSignIn"),
    may("applicationRoles"),
    may("services"),
    may("assignments"),
    may("activatedAt"),
    may("lastAccess"),
    may("deactivated"),
];
const PROVIDERS: [Column; 4] =
    [must("displayName"), may("organization"), may("user"), may("active")];
const POOLS: [Column; 5] =
    [must("displayName"), may("organization"), may("providers"), may("accessMode"), may("active")];
const GROUPS: [Column; 13] = [
    must("displayName"),
    may("organization"),
    may("members"),
    may("kind"),
    may("groupType"),
    may("careVenues"),
    may("modules"),
    may("privilegeLevel"),
    may("privacyLevel"),
    may("scheduling"),
    may("autoAddProviders"),
    may("providers"),
    may("pools"),
];
const DELEGATIONS: [Column; 7] = [
    must("delegator"),
    must("delegate"),
    must("service"),
    may("validFrom"),
    may("validTo"),
    may("organization"),
    may("delegateOrganization"),
];
const SCHEDULERS: [Column; 2] = [must("systemName"), must("userName")];
