//! What is known of an account's life: kept from one document to the next, whoever writes.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::service::wire::person;

/// What no writer of a person's document sets.
const KEPT: [&str; 5] = [
    "professionCode",
    "mustChangePassword",
    person::REINSTATED,
    person::LAST_ACCESS,
    person::ACTIVATED,
];

/// Keeps the facts of `was` and lets `deactivation` follow `active` (A23, Q25). A person who is
/// new (`known` is false) is activated now.
pub(super) fn keep(
    (known, was): (bool, &Map<String, Value>),
    active: Option<&Value>,
    mine: &mut Map<String, Value>,
    now: Moment,
) {
    for name in KEPT {
        mine.shift_remove(name);
        if let Some(fact) = was.get(name) {
            mine.insert(name.into(), fact.clone());
        }
    }
    if !known {
        mine.insert(person::ACTIVATED.into(), json!(now.to_string()));
    }
    let said = mine.shift_remove(person::DEACTIVATION);
    if active == Some(&Value::Bool(false)) {
        let since = was.get(person::DEACTIVATION).and_then(|before| before.get("at")).cloned();
        let mut now_off = Map::new();
        now_off.insert("type".into(), json!("temporary"));
        let part = |name: &str| said.as_ref().and_then(|said| said.get(name)).cloned();
        now_off.extend(part("reason").map(|reason| ("reason".to_owned(), reason)));
        now_off.insert("at".into(), since.unwrap_or_else(|| json!(now.to_string())));
        now_off.extend(part("expectedReturn").map(|back| ("expectedReturn".to_owned(), back)));
        mine.insert(person::DEACTIVATION.into(), Value::Object(now_off));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn us5_deactivation_follows_active_and_keeps_its_moment() {
        let off = json!(false);
        let mut first =
            map(json!({"deactivation": {"reason": "leave", "at": "2001-01-01T00:00:00Z"}}));
        keep((false, &Map::new()), Some(&off), &mut first, Moment(1));
        let at = Moment(1).to_string();
        let said = json!({"type": "temporary", "reason": "leave", "at": at});
        assert_eq!(first["deactivation"], said);
        let mut second = map(json!({"deactivation": {"expectedReturn": "2030-01-01T00:00:00Z"}}));
        keep((true, &first), Some(&off), &mut second, Moment(2));
        let said = json!({
            "type": "temporary", "at": at, "expectedReturn": "2030-01-01T00:00:00Z"
        });
        assert_eq!(second["deactivation"], said);
        let mut third = second.clone();
        keep((true, &second), Some(&json!(true)), &mut third, Moment(3));
        assert!(!third.contains_key("deactivation"));
        let mut again = map(json!({}));
        keep((true, &third), Some(&off), &mut again, Moment(4));
        assert_eq!(again["deactivation"]["at"], Moment(4).to_string());
    }

    #[test]
    fn us2_facts_are_kept_whatever_is_written() {
        let was = map(json!({"lastAccess": "then", "activatedAt": "before"}));
        let mut mine = map(json!({"lastAccess": "now", "reinstatedAt": "now"}));
        keep((true, &was), None, &mut mine, Moment(9));
        assert_eq!(Value::Object(mine), json!({"lastAccess": "then", "activatedAt": "before"}));
    }
}
