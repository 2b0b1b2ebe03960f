//! The grants of a written rule.

use serde_json::Value;

use crate::domain::access::level::Limit;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;
use crate::domain::access::role::administrator::AdminRole;
use crate::domain::access::rule::DefaultWish;
use crate::domain::access::rule::Template;
use crate::service::rules::form::Reader;

/// The kinds of grants.
pub(super) const GRANTS: [&str; 13] = [
    "homeOrganization",
    "assignment",
    "service",
    "roomsOfSite",
    "rooms",
    "delegation",
    "accessGroup",
    "applicationRole",
    "limit",
    "loginDisabled",
    "adminRole",
    "credential",
    "partnerSignIn",
];
impl Reader {
    pub(super) fn grants(&mut self, value: Option<&Value>) -> Vec<Template> {
        let Some(list) = value.and_then(Value::as_array) else {
            self.say("`then` must be a list of grants.");
            return Vec::new();
        };
        let mut grants = Vec::new();
        for (at, one) in list.iter().enumerate() {
            let place = format!("`then`, grant {}", at + 1);
            let Some((kind, value)) = self.one(one, &place, &GRANTS) else { continue };
            grants.extend(self.grant(kind, value, &format!("{place}: `{kind}`")));
        }
        grants
    }

    fn grant(&mut self, kind: &str, value: &Value, place: &str) -> Option<Template> {
        match kind {
            "homeOrganization" => {
                let organization = self.phrase(Some(value), place)?;
                Some(Template::HomeOrganization { organization })
            }
            "service" => Some(Template::Service { service: self.phrase(Some(value), place)? }),
            "roomsOfSite" => Some(Template::RoomsOfSite { site: self.phrase(Some(value), place)? }),
            "accessGroup" => {
                Some(Template::AccessGroup { group: self.phrase(Some(value), place)? })
            }
            "credential" => {
                Some(Template::Credential { credential: self.phrase(Some(value), place)? })
            }
            "applicationRole" => {
                let role = self.text(Some(value), place)?.to_owned();
                Some(Template::ApplicationRole { role })
            }
            "partnerSignIn" if value == &Value::Bool(true) => Some(Template::PartnerSignIn),
            "partnerSignIn" => {
                self.say(format!("{place} can only be true."));
                None
            }
            "loginDisabled" => {
                let object = self.object(value, place, &["reason"])?;
                let reason = self.text(object.get("reason"), &format!("{place}, `reason`"))?;
                Some(Template::LoginDisabled { reason: reason.to_owned() })
            }
            "rooms" => self.rooms(value, place),
            "assignment" => self.assignment(value, place),
            "delegation" => {
                let object = self.object(value, place, &["delegator", "service"])?;
                let delegator =
                    self.phrase(object.get("delegator"), &format!("{place}, `delegator`"));
                let service = self.phrase(object.get("service"), &format!("{place}, `service`"));
                Some(Template::Delegation { delegator: delegator?, service: service? })
            }
            "adminRole" => self.administrator(value, place),
            _ => self.limit(value, place),
        }
    }

    fn rooms(&mut self, value: &Value, place: &str) -> Option<Template> {
        let Some(list) = value.as_array() else {
            self.say(format!("{place} must be a list of system names."));
            return None;
        };
        let systems = list.iter().filter_map(|one| self.phrase(Some(one), place)).collect();
        Some(Template::Rooms { systems })
    }

    fn assignment(&mut self, value: &Value, place: &str) -> Option<Template> {
        let object = self.object(value, place, &["location", "role", "default"])?;
        let location = self.phrase(object.get("location"), &format!("{place}, `location`"));
        let role = self.phrase(object.get("role"), &format!("{place}, `role`"));
        let default = match object.get("default").map(|one| one.as_str().unwrap_or_default()) {
            None | Some("ifNone") => DefaultWish::IfNone,
            Some("never") => DefaultWish::Never,
            Some("always") => DefaultWish::Always,
            Some(_) => {
                self.say(format!("{place}, `default` must be ifNone, never or always."));
                DefaultWish::IfNone
            }
        };
        Some(Template::Assignment { location: location?, role: role?, default })
    }

    fn administrator(&mut self, value: &Value, place: &str) -> Option<Template> {
        let object = self.object(value, place, &["role", "scope"])?;
        let scope = object.get("scope");
        let scope = scope.map(|one| self.phrase(Some(one), &format!("{place}, `scope`")));
        let role = self.text(object.get("role"), &format!("{place}, `role`"))?;
        let role = AdminRole::parse(role);
        if role.is_none() {
            let known = AdminRole::ALL.map(AdminRole::value).join(", ");
            self.say(format!("{place}, `role` must be one of: {known}."));
        }
        Some(Template::Admin { role: role?, scope: scope.map_or(Some(None), |one| one.map(Some))? })
    }

    fn limit(&mut self, value: &Value, place: &str) -> Option<Template> {
        let object = self.object(value, place, &["module", "privilege", "privacy"])?;
        let mut word = |name: &str| object.get(name).and_then(|one| self.text(Some(one), place));
        let (module, privilege, privacy) = (word("module"), word("privilege"), word("privacy"));
        let limit = Limit {
            module: module.and_then(Module::parse),
            privilege: privilege.and_then(Privilege::parse),
            privacy: privacy.and_then(Privacy::parse),
        };
        let read = [
            (module.is_some(), limit.module.is_some(), "module"),
            (privilege.is_some(), limit.privilege.is_some(), "privilege"),
            (privacy.is_some(), limit.privacy.is_some(), "privacy"),
        ];
        for (_, _, name) in read.into_iter().filter(|(said, read, _)| *said && !read) {
            self.say(format!("{place}, `{name}` is no word of the catalogue."));
        }
        Some(Template::Limit { limit })
    }
}
