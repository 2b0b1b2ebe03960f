//! A connection: an identity provider's credentialed link to an organization.

use serde::{Deserialize, Serialize};

use crate::base::id::Id;
use crate::domain::record::Partition;

/// A connection and its settings; kept as the body of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Its record.
    pub id: Id,
    /// Its number in the network; never reused.
    pub number: u32,
    /// The number of its organization.
    pub organization: u32,
    /// For people.
    pub name: String,
    /// The identity provider's product.
    pub dialect: Dialect,
    /// Forgive nothing.
    pub strict: bool,
    /// Answer as `application/json` instead of `application/scim+json`.
    pub plain_json: bool,
    /// PUT keeps every omitted attribute.
    pub put_merges: bool,
    /// Group names occur once per connection.
    pub unique_group_names: bool,
    /// Unknown member ids are skipped instead of refused.
    pub skip_unknown_members: bool,
    /// Unpack JSON text in `roles[].value`.
    pub unpack_json_text: bool,
    /// Attributes that do not exist for it, by path: see `access::sight`.
    #[serde(default)]
    pub hidden_attributes: Vec<String>,
    /// What it may touch.
    pub permissions: Vec<Permission>,
    /// Switched off: its tokens open nothing.
    pub disabled: bool,
}

/// The identity provider's product; a preset of settings, nothing more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Any.
    #[default]
    Generic,
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// OneLogin.
    Onelogin,
    /// JumpCloud.
    Jumpcloud,
    /// PingFederate and PingOne.
    Ping,
    /// SailPoint.
    Sailpoint,
    /// Google Workspace.
    Google,
    /// authentik.
    Authentik,
}

/// What a connection may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permission {
    /// Its users.
    #[serde(rename = "users")]
    Users,
    /// Its groups.
    #[serde(rename = "groups")]
    Groups,
    /// Its organization, to read.
    #[serde(rename = "organization:read")]
    OrganizationRead,
    /// The sites, providers and pools of its organization.
    #[serde(rename = "sites")]
    Sites,
    /// The room systems of its organization.
    #[serde(rename = "rooms")]
    Rooms,
    /// The delegations of its organization.
    #[serde(rename = "delegations")]
    Delegations,
    /// Reports of when its users signed in.
    #[serde(rename = "sign-ins")]
    SignIns,
}

impl Connection {
    /// The partition of its records.
    pub fn partition(&self) -> Partition {
        Partition { organization: self.organization, connection: self.number }
    }
}
