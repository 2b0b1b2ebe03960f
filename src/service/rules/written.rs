//! A rule written as people write it: what [`form`](crate::service::rules::form) reads.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::access::pattern::Matcher;
use crate::domain::access::rule::DefaultWish;
use crate::domain::access::rule::Rule;
use crate::domain::access::rule::Template;
use crate::domain::access::rule::Test;
use crate::domain::access::rule::Wanted;
use crate::domain::place::organization;
use crate::service::rules::form::FACTS;

/// The rule; `connection` is the id of its connection.
pub fn write(rule: &Rule, connection: &str) -> Map<String, Value> {
    let mut whole = Map::new();
    whole.insert("connection".into(), json!(connection));
    let matcher = match &rule.matcher {
        Matcher::Id(id) => json!({"id": id.to_string()}),
        Matcher::Exact(name) => json!({"name": name}),
        Matcher::Glob(glob) => json!({"glob": glob}),
        Matcher::Regex(regex) => json!({"regex": regex}),
    };
    whole.insert("match".into(), matcher);
    if let Some(filter) = &rule.user_filter {
        whole.insert("userFilter".into(), filter.0.iter().map(test).collect());
    }
    whole.insert("then".into(), rule.grants.iter().map(grant).collect());
    whole.insert("options".into(), Value::Object(options(rule)));
    whole
}

fn options(rule: &Rule) -> Map<String, Value> {
    let mut options = Map::new();
    options.insert("priority".into(), json!(rule.priority));
    options.insert("enabled".into(), json!(rule.enabled));
    for (name, at) in [("validFrom", rule.valid_from), ("validTo", rule.valid_to)] {
        if let Some(at) = at {
            options.insert(name.into(), json!(at.to_string()));
        }
    }
    if let Some(most) = rule.max_affected {
        options.insert("maxAffected".into(), json!(most));
    }
    options.insert("needsApproval".into(), json!(rule.needs_approval));
    if !rule.reach.is_empty() {
        let codes = rule.reach.iter().map(|number| organization::code(*number));
        options.insert("reach".into(), codes.collect());
    }
    options
}

fn test(test: &Test) -> Value {
    let fact = FACTS.iter().find(|(_, fact)| *fact == test.fact).map_or("", |(name, _)| name);
    let (name, value) = match &test.wanted {
        Wanted::Is(text) => ("is", json!(text)),
        Wanted::IsNot(text) => ("isNot", json!(text)),
        Wanted::StartsWith(text) => ("startsWith", json!(text)),
        Wanted::EndsWith(text) => ("endsWith", json!(text)),
        Wanted::Present => ("present", json!(true)),
        Wanted::Absent => ("present", json!(false)),
    };
    let mut whole = Map::new();
    whole.insert("fact".into(), json!(fact));
    whole.insert(name.into(), value);
    Value::Object(whole)
}

fn grant(grant: &Template) -> Value {
    match grant {
        Template::HomeOrganization { organization } => json!({"homeOrganization": organization}),
        Template::Assignment { location, role, default } => {
            let default = match default {
                DefaultWish::Never => "never",
                DefaultWish::IfNone => "ifNone",
                DefaultWish::Always => "always",
            };
            json!({"assignment": {"location": location, "role": role, "default": default}})
        }
        Template::Service { service } => json!({"service": service}),
        Template::RoomsOfSite { site } => json!({"roomsOfSite": site}),
        Template::Rooms { systems } => json!({"rooms": systems}),
        Template::Delegation { delegator, service } => {
            json!({"delegation": {"delegator": delegator, "service": service}})
        }
        Template::AccessGroup { group } => json!({"accessGroup": group}),
        Template::ApplicationRole { role } => json!({"applicationRole": role}),
        Template::Limit { limit } => {
            let mut whole = Map::new();
            let mut put = |name: &str, word: Option<&str>| {
                whole.extend(word.map(|word| (name.to_owned(), json!(word))));
            };
            put("module", limit.module.map(|one| one.display()));
            put("privilege", limit.privilege.map(|one| one.display()));
            put("privacy", limit.privacy.map(|one| one.display()));
            json!({"limit": whole})
        }
        Template::LoginDisabled { reason } => json!({"loginDisabled": {"reason": reason}}),
        Template::Admin { role, scope: Some(scope) } => {
            json!({"adminRole": {"role": role.value(), "scope": scope}})
        }
        Template::Admin { role, scope: None } => json!({"adminRole": {"role": role.value()}}),
        Template::Credential { credential } => json!({"credential": credential}),
        Template::PartnerSignIn => json!({"partnerSignIn": true}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;
    use crate::service::rules::form;
    use crate::service::rules::form::Frame;
    use crate::service::rules::grants;

    const FRAME: Frame =
        Frame { id: Id([1; 16]), connection: 1, organization: 5_555, author: Id([2; 16]) };

    #[test]
    fn every_kind_of_grant_reads_back() {
        let written = json!({
            "connection": "c",
            "match": {"regex": "^WG-(?<org>\\d{4})$"},
            "userFilter": [{"fact": "email", "endsWith": "@hospital.org"},
                {"fact": "profession", "present": false}],
            "then": [
                {"homeOrganization": "ORG{org}"},
                {"assignment": {"location": "ABCC", "role": "ED Normal", "default": "always"}},
                {"service": "PCVC"}, {"roomsOfSite": "ABCC"}, {"rooms": ["A", "B"]},
                {"delegation": {"delegator": "dd@hospital.org", "service": "eVisit"}},
                {"accessGroup": "Ortho MOA"}, {"applicationRole": "ATCUser"},
                {"limit": {"module": "Reports", "privilege": "Read-Only Access"}},
                {"loginDisabled": {"reason": "leave"}},
                {"adminRole": {"role": "primaryContact", "scope": "ORG5555"}},
                {"credential": "ONE ID"}, {"partnerSignIn": true}
            ],
            "options": {"priority": -3, "enabled": false, "validFrom": "2026-01-02T00:00:00.000000Z",
                "maxAffected": 10, "needsApproval": true, "reach": ["ORG7777"]}
        });
        let rule = form::read(&written, FRAME).unwrap();
        assert_eq!(Value::Object(write(&rule, "c")), written);
        assert_eq!(rule.grants.len(), grants::GRANTS.len());
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place_and_without_what_was_written() {
        let written = json!({
            "match": {"name": "A", "secretword": 1}, "secretword": 2,
            "then": [{"service": 5}, {"secretword": 1}, {"assignment": {"location": "{"}}],
            "options": {"priority": "secretword"}
        });
        let faults = form::read(&written, FRAME).unwrap_err();
        for place in ["the rule has", "`match` has", "grant 1", "grant 2", "grant 3", "priority"] {
            assert!(faults.iter().any(|fault| fault.contains(place)), "{place}: {faults:?}");
        }
        assert!(!faults.join(" ").contains("secretword"));
    }
}
