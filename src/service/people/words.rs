//! Services, credentials and roles of applications and administrators: codes or texts come in,
//! codes are kept, the text beside them.

use std::collections::HashSet;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::access::role::administrator::AdminRole;
use crate::domain::access::role::vocabulary;
use crate::domain::access::role::vocabulary::Credential;
use crate::service::Error;
use crate::service::people::is_given;
use crate::service::people::list;
use crate::service::people::put;
use crate::service::people::refusal;
use crate::service::people::text;

/// Brings the words of an extension, which is written over `was`, into their form.
pub(super) fn settle(was: &Map<String, Value>, mine: &mut Map<String, Value>) -> Result<(), Error> {
    credential(was, mine)?;
    application_roles(was, mine)?;
    services(was, mine)?;
    admin_roles(mine)
}

/// One of two (A14).
fn credential(was: &Map<String, Value>, mine: &mut Map<String, Value>) -> Result<(), Error> {
    let Some(said) = mine.get_mut("credential") else { return Ok(()) };
    if was.get("credential") == Some(said) {
        return Ok(());
    }
    let known = said.as_str().and_then(Credential::parse);
    let known = known.ok_or_else(|| {
        refusal("`credential` must be OTN or ONE_ID, or one of their texts (A14).")
    })?;
    *said = json!(known.value());
    Ok(())
}

/// Roles of applications (C21). One that the catalogue has lost may stay.
fn application_roles(was: &Map<String, Value>, mine: &mut Map<String, Value>) -> Result<(), Error> {
    let known = vocabulary::application_roles();
    let had = list(was, "applicationRoles");
    let mut kept: Vec<Value> = Vec::new();
    for said in list(mine, "applicationRoles") {
        let word = said.as_str().and_then(|text| known.parse(text));
        let role = match word {
            Some(word) => json!(word.value()),
            None if had.contains(said) => said.clone(),
            None => {
                let said = "`applicationRoles` names a role that the catalogue lacks (C21).";
                return Err(refusal(said));
            }
        };
        if !kept.contains(&role) {
            kept.push(role);
        }
    }
    put(mine, "applicationRoles", kept);
    Ok(())
}

/// Services (A13): those that are said on the person, and, untouched, those that something else
/// gives.
fn services(was: &Map<String, Value>, mine: &mut Map<String, Value>) -> Result<(), Error> {
    let known = vocabulary::services();
    let had = list(was, "services");
    let before = |code: &str| had.iter().find(|one| text(one, "value") == Some(code));
    let mut seen: HashSet<String> = HashSet::new();
    let mut kept: Vec<Value> = Vec::new();
    for said in list(mine, "services") {
        let word = text(said, "value").unwrap_or_default();
        let service = known.parse(word);
        let code = service.map_or(word, |service| service.word.value());
        let element = match (before(code), service) {
            (Some(before), _) if is_given(before) => before.clone(),
            (_, Some(one)) if one.active || before(code).is_some() => {
                json!({"value": code, "display": one.word.display()})
            }
            (Some(before), None) => before.clone(),
            (_, Some(_)) => {
                return Err(refusal("`services` names one that is not given any more."));
            }
            (None, None) => return Err(refusal("`services` names no known service (A13).")),
        };
        if seen.insert(code.to_owned()) {
            kept.push(element);
        }
    }
    let others = had.iter().filter(|one| is_given(one));
    kept.extend(
        others.filter(|one| !seen.contains(text(one, "value").unwrap_or_default())).cloned(),
    );
    put(mine, "services", kept);
    Ok(())
}

/// Administrators' roles, which connections never get here with.
fn admin_roles(mine: &mut Map<String, Value>) -> Result<(), Error> {
    let mut kept = Vec::new();
    for said in list(mine, "adminRoles") {
        let role = text(said, "type").and_then(AdminRole::parse);
        let role = role.ok_or_else(|| {
            refusal("`adminRoles.type` names no administrator's role (table 2.3).")
        })?;
        let placed = said.get("value").is_some();
        if role.needs_scope() != placed && (placed != role.has_scope()) {
            let said = "`adminRoles.value` names the place of the role: every role but global, \
                        operator and the network's auditor has one, and those have none.";
            return Err(refusal(said));
        }
        let mut element = said.clone();
        if let Some(element) = element.as_object_mut() {
            element.insert("type".into(), json!(role.value()));
        }
        kept.push(element);
    }
    put(mine, "adminRoles", kept);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(was: Value, mine: Value) -> Result<Value, String> {
        let mut mine = mine.as_object().cloned().unwrap();
        match settle(was.as_object().unwrap(), &mut mine) {
            Ok(()) => Ok(Value::Object(mine)),
            Err(error) => Err(error.said),
        }
    }

    #[test]
    fn a13_codes_and_texts_become_codes_once_each() {
        let said = json!({
            "credential": "one id",
            "applicationRoles": ["atcuser", "ATC user"],
            "services": [{"value": "eVisit"}, {"value": "pcvc"}, {"value": "Directory"}],
        });
        let kept = json!({
            "credential": "ONE_ID",
            "applicationRoles": ["ATCUser"],
            "services": [
                {"value": "PCVC", "display": "eVisit/Videoconference"},
                {"value": "DIRECTORY", "display": "Directory"},
            ],
        });
        assert_eq!(settled(json!({}), said), Ok(kept.clone()));
        assert_eq!(settled(kept.clone(), kept.clone()), Ok(kept), "twice is once");
    }

    #[test]
    fn a14_an_unknown_word_is_refused_and_not_repeated() {
        for (said, name) in [
            (json!({"credential": "PASSPORT"}), "credential"),
            (json!({"services": [{"value": "PASSPORT"}]}), "services"),
            (json!({"applicationRoles": ["PASSPORT"]}), "applicationRoles"),
            (json!({"adminRoles": [{"type": "PASSPORT"}]}), "adminRoles"),
            (json!({"adminRoles": [{"type": "regional"}]}), "adminRoles"),
            (json!({"adminRoles": [{"type": "global", "value": "x"}]}), "adminRoles"),
        ] {
            let error = settled(json!({}), said).unwrap_err();
            assert!(error.contains(name) && !error.contains("PASSPORT"), "{error}");
        }
        let good = json!({"adminRoles": [{"type": "global"}, {"type": "auditor"}, {"type": "auditor", "value": "x"}]});
        assert_eq!(settled(json!({}), good.clone()), Ok(good));
    }

    #[test]
    fn le2_what_a_rule_gives_no_writer_takes_or_makes_their_own() {
        let rule = json!({"value": "PCVC", "display": "eVisit/Videoconference", "source": "rule"});
        let was = json!({"services": [rule]});
        for said in [json!({}), json!({"services": [{"value": "eVisit"}]})] {
            assert_eq!(settled(was.clone(), said), Ok(was.clone()));
        }
        let more = settled(was, json!({"services": [{"value": "ECONSULT"}]})).unwrap();
        let direct = json!({"value": "ECONSULT", "display": "eConsult"});
        assert_eq!(more, json!({"services": [direct, rule]}));
    }
}
