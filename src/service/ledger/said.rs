//! What is said on a person itself, as against what the ledger shows there.
//!
//! Elements of `assignments` and `services` tell by their `source`. A client that read a person
//! and writes it back whole says nothing of its own by that: what equals an element that the
//! ledger put there counts as the ledger's. Values without room for a source (the home
//! organization, the credential, application roles, partner sign-in) are the ledger's when a line
//! gives them, unless the line knows that they were said before it came.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::access::rule::Facts;
use crate::domain::place::organization;
use crate::service::Ports;
use crate::service::ledger::line::Line;
use crate::service::wire::reference;

/// The schema of what is shown.
pub const URN: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";
/// Where the department stands.
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What is said on the person itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// Elements of `assignments`.
    pub assignments: Vec<Map<String, Value>>,
    /// Elements of `services`.
    pub services: Vec<Map<String, Value>>,
    /// The home organization.
    pub home: Option<Id>,
    /// Code of the credential.
    pub credential: Option<String>,
    /// Codes of application roles.
    pub roles: Vec<String>,
    /// Partner sign-in.
    pub partner: bool,
}

impl Said {
    /// What `document` says over `old`, of a person who holds `lines`.
    pub(super) fn of(
        document: &Map<String, Value>,
        old: Option<&Map<String, Value>>,
        (lines, own_organization): (&[Line], Option<Id>),
    ) -> Self {
        let shown = shown(old);
        let own = |name: &str| -> Vec<Map<String, Value>> {
            let elements = elements(document, name).filter(|one| !is_ledgers(one));
            elements.filter(|one| !shown.contains(&key(name, one))).cloned().collect()
        };
        let is_own = |grant: &Grant| {
            let mut lines = lines.iter().filter(|line| line.held.grant == *grant);
            lines.next().is_none_or(Line::by_hand)
        };
        let inside = extension(document);
        let text = |name: &str| inside.and_then(|inside| inside.get(name)).and_then(Value::as_str);
        let home = inside.and_then(|inside| reference::single(inside, "homeOrganization"));
        let credential = text("credential").map(str::to_owned);
        let roles = inside.and_then(|inside| inside.get("applicationRoles"));
        let roles = roles.and_then(Value::as_array).into_iter().flatten();
        let roles = roles.filter_map(Value::as_str).map(str::to_owned);
        let partner = inside.is_some_and(|one| one.get("partnerSignIn") == Some(&true.into()));
        Self {
            assignments: own("assignments"),
            services: own("services"),
            // That of the record is what everybody has; a rule may say another.
            home: home
                .filter(|home| own_organization != Some(*home))
                .filter(|home| is_own(&Grant::HomeOrganization { organization: *home })),
            credential: credential.filter(|code| is_own(&credential_of(code))),
            roles: roles.filter(|code| is_own(&role_of(code))).collect(),
            partner: partner && is_own(&Grant::PartnerSignIn),
        }
    }

    /// The same as grants.
    pub(super) fn grants(&self) -> Vec<Grant> {
        let mut grants = Vec::new();
        for one in &self.assignments {
            let (Some(location), Some(role)) = (id(one), part(one, "role")) else { continue };
            grants.push(Grant::Assignment { location, role: Arc::from(role) });
            if one.get("default") == Some(&Value::Bool(true)) {
                grants.push(Grant::DefaultLocation { location });
            }
        }
        grants.extend(self.home.map(|organization| Grant::HomeOrganization { organization }));
        grants.extend(self.credential.as_deref().map(credential_of));
        grants.extend(self.roles.iter().map(|role| role_of(role)));
        grants.extend(self.partner.then_some(Grant::PartnerSignIn));
        let services = self.services.iter().filter_map(|one| part(one, "value"));
        grants.extend(services.map(|service| Grant::Service { service: Arc::from(service) }));
        grants
    }

    /// Whether the document itself says what has no room for a source there.
    pub(super) fn tells(&self, grant: &Grant) -> bool {
        match grant {
            Grant::HomeOrganization { organization } => self.home == Some(*organization),
            Grant::Credential { credential } => self.credential.as_deref() == Some(&**credential),
            Grant::ApplicationRole { role } => self.roles.iter().any(|known| **known == **role),
            Grant::PartnerSignIn => self.partner,
            _ => false,
        }
    }

    /// What user filters ask about: never what rules gave, so that no rule feeds another (LE3).
    pub(super) fn facts(&self, ports: &Ports, document: &Map<String, Value>) -> Facts {
        let text = |from: Option<&Map<String, Value>>, name: &str| {
            let text = from.and_then(|from| from.get(name)).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let enterprise = document.get(ENTERPRISE).and_then(Value::as_object);
        let home = self.home.and_then(|home| {
            ports.registry.snapshot().organizations.get(&home).copied().map(organization::code)
        });
        let profession = Some(text(extension(document), "profession"));
        let title = || text(Some(document), "title");
        Facts {
            user_name: text(Some(document), "userName"),
            email: email(document),
            profession: profession.filter(|said| !said.is_empty()).unwrap_or_else(title),
            credential: self.credential.clone().unwrap_or_default(),
            department: text(enterprise, "department"),
            home_organization: home.unwrap_or_default(),
        }
    }
}

/// The codes of the services that a document shows, whatever their source.
pub(super) fn services(document: &Map<String, Value>) -> BTreeSet<Arc<str>> {
    let codes = elements(document, "services").filter_map(|one| part(one, "value"));
    codes.map(Arc::from).collect()
}

/// The extension of a document.
pub(super) fn extension(document: &Map<String, Value>) -> Option<&Map<String, Value>> {
    document.get(URN).and_then(Value::as_object)
}

/// The elements of an attribute of the extension.
pub(super) fn elements<'a>(
    document: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    let list = extension(document).and_then(|inside| inside.get(name)).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_object)
}

/// The record that an element leads to.
pub(super) fn id(element: &Map<String, Value>) -> Option<Id> {
    part(element, "value").and_then(Id::parse)
}

/// A text of an element.
pub(super) fn part<'a>(element: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    element.get(name).and_then(Value::as_str)
}

/// Whether an element says that the ledger put it there.
pub(super) fn is_ledgers(element: &Map<String, Value>) -> bool {
    matches!(part(element, "source"), Some("rule" | "compact" | "core"))
}

pub(super) fn credential_of(code: &str) -> Grant {
    Grant::Credential { credential: Arc::from(code) }
}

pub(super) fn role_of(code: &str) -> Grant {
    Grant::ApplicationRole { role: Arc::from(code) }
}

/// By what an element is known again: its attribute, its value, its role.
type Key = (&'static str, String, String);

fn key(name: &str, element: &Map<String, Value>) -> Key {
    let text = |name: &str| part(element, name).unwrap_or_default().to_owned();
    let name = if name == "services" { "services" } else { "assignments" };
    (name, text("value"), text("role"))
}

/// What the ledger showed in the document before.
fn shown(old: Option<&Map<String, Value>>) -> BTreeSet<Key> {
    let mut shown = BTreeSet::new();
    for name in ["assignments", "services"] {
        let ledgers =
            old.into_iter().flat_map(|old| elements(old, name)).filter(|one| is_ledgers(one));
        shown.extend(ledgers.map(|one| key(name, one)));
    }
    shown
}

/// The primary address, else the first.
fn email(document: &Map<String, Value>) -> String {
    let all = document.get("emails").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let primary = all.iter().find(|one| one.get("primary") == Some(&Value::Bool(true)));
    let value = primary.or(all.first()).and_then(|one| one.get("value"));
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}
