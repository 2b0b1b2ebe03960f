//! What people may do and why, told by the operator's command: the texts stand in
//! `tests/golden/derivations.txt`.

use std::fmt::Write as _;

use serde_json::json;
use wardgate::service::operate::Command;

use super::*;

/// The answers about a person, as the command line gives them.
async fn shown(centre: &Centre, user: &str, more: Value) -> Value {
    let mut words = json!({"command": "access-show", "user": user});
    for (key, value) in more.as_object().unwrap() {
        words[key] = value.clone();
    }
    for name in ["module", "provider", "room", "service", "as_of"] {
        words.as_object_mut().unwrap().entry(name).or_insert(Value::Null);
    }
    centre.world.run(serde_json::from_value(words).unwrap()).await
}

/// Each answer on a line: module, provider, why.
fn lines(shown: &Value) -> Vec<String> {
    let line = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap_or("-").to_owned();
        format!("{} | {} | {}", text("module"), text("provider"), text("why"))
    };
    shown["answers"].as_array().unwrap().iter().map(line).collect()
}

async fn who(centre: &Centre, words: Value) -> Value {
    let mut command = json!({"command": "access-who", "limit": 100});
    for name in ["module", "provider", "room", "service", "as_of", "after"] {
        command[name] = Value::Null;
    }
    for (key, value) in words.as_object().unwrap() {
        command[key] = value.clone();
    }
    centre.world.run(serde_json::from_value::<Command>(command).unwrap()).await
}

fn names(told: &Value) -> Vec<&str> {
    told["people"].as_array().unwrap().iter().map(|one| one["person"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn ag9_ag13_ag14_every_derivation_reads_as_it_is_pinned() {
    let centre = Centre::new().await;
    let (grey, moss, reed) = (&centre.providers[0], &centre.providers[1], &centre.providers[2]);
    let pool = centre.pool("Hips", "intersect", &[grey, reed]).await;
    let people = ["one", "two", "three", "four", "five", "none"];
    let mut ids = Vec::new();
    for name in people {
        ids.push(centre.person(name).await);
    }
    let office = json!({"scheduling": true, "providers": [{"value": grey}, {"value": moss}],
        "subjectEntries": [
            {"module": "REPORTS", "provider": moss, "excluded": true},
            {"module": "PROVIDERS_OFFICE", "provider": moss, "privacyLevel": "FORCED_PATIENT"}]});
    let office = centre.group("Office", office).await;
    let readers = json!({"privilegeLevel": "READ_ONLY", "privacyLevel": "TOGGLE_ON",
        "modules": ["REPORTS", "SECURE_MESSAGING", "PROVIDERS_OFFICE"],
        "subjectEntries": [{"module": "REPORTS", "provider": grey, "privilegeLevel": "FULL"}]});
    let readers = centre.group("Readers", readers).await;
    let hips = json!({"groupType": "pool", "providers": [], "pools": [pool],
        "privacyLevel": "FORCED_PATIENT_PROVIDER", "modules": ["PROVIDERS_OFFICE"]});
    let hips = centre.group("Hips", hips).await;
    for (person, groups) in [
        (0, vec![&office]),
        (1, vec![&readers]),
        (2, vec![&office, &readers]),
        (3, vec![&office, &hips]),
        (4, vec![&office]),
    ] {
        for group in groups {
            centre.enrol(group, &ids[person]).await;
        }
    }
    let restrict = json!([{"op": "add", "path": format!("{ACCESS}:userOverrides"), "value": [
        {"user": ids[4], "module": "PROVIDERS_OFFICE", "privilegeLevel": "READ_ONLY"}]}]);
    centre.world.admin().operations(&format!("/Groups/{office}"), restrict).await.expect(204);
    let mut told = String::new();
    for name in people {
        let _ = writeln!(told, "# {name}");
        let user = format!("{name}@hospital.example");
        let mut said = lines(&shown(&centre, &user, json!({})).await);
        said.sort();
        for line in said {
            let _ = writeln!(told, "{line}");
        }
    }
    let path = format!("{}/tests/golden/derivations.txt", env!("CARGO_MANIFEST_DIR"));
    let pinned = std::fs::read_to_string(path).unwrap();
    assert!(told == pinned, "the texts are now:\n{told}");
}

#[tokio::test]
async fn ag1_who_is_off_pending_or_nowhere_has_nothing_and_is_told_so() {
    let centre = Centre::new().await;
    let group = centre.group("Office", json!({})).await;
    let (rita, sam) = (centre.person("rita").await, centre.person("sam").await);
    centre.enrol(&group, &rita).await;
    let office = json!({"module": "Provider's Office", "provider": centre.providers[0]});
    assert_eq!(shown(&centre, &rita, office.clone()).await["answers"][0]["privilege"], "FULL");
    for (question, why) in [
        (json!({"module": "EREQUEST"}), "none of the person's access groups grants"),
        (json!({"module": "REPORTS", "provider": centre.providers[1]}), "reaches this provider"),
        (json!({"provider": centre.providers[1]}), "reaches this provider"),
    ] {
        let told = shown(&centre, &rita, question).await;
        let said = told["answers"][0]["why"].as_str().unwrap();
        assert!(said.contains(why), "{said}");
    }
    let pending = shown(&centre, &sam, office.clone()).await["answers"][0]["why"].to_string();
    assert!(pending.contains("is pending") && pending.contains("has no grant yet"), "{pending}");
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    centre.world.client().operations(&format!("/Users/{rita}"), off).await.expect(200);
    let told = shown(&centre, &rita, office).await;
    assert_eq!(told["answers"][0]["why"], "No access: the account is not active.");
    let who = who(&centre, json!({"module": "PROVIDERS_OFFICE"})).await;
    assert_eq!(names(&who), [""; 0]);
}

#[tokio::test]
async fn hi2_a_past_instant_is_answered_from_what_stood_there() {
    let centre = Centre::new().await;
    let group = centre.group("Office", json!({})).await;
    let rita = centre.person("rita").await;
    centre.enrol(&group, &rita).await;
    let events = centre.world.events(1).await;
    let then = events.last().unwrap().at.to_string();
    let path = format!("/Groups/{group}");
    let now = shown(&centre, &rita, json!({})).await;
    let who_now = who(&centre, json!({"module": "REPORTS"})).await;
    let tighter = json!([
        {"op": "replace", "path": format!("{ACCESS}:privilegeLevel"), "value": "READ_ONLY"},
        {"op": "remove", "path": format!("{ACCESS}:modules[value eq \"REPORTS\"]")}]);
    centre.world.admin().operations(&path, tighter).await.expect(204);
    let tight = shown(&centre, &rita, json!({"module": "PROVIDERS_OFFICE"})).await;
    assert_eq!(tight["answers"][0]["privilege"], "READ_ONLY");
    centre.world.admin().delete(&path).await.expect(204);
    let gone = shown(&centre, &rita, json!({})).await;
    assert!(gone["answers"][0]["why"].as_str().unwrap().starts_with("No access"));
    let past = shown(&centre, &rita, json!({"as_of": then})).await;
    assert_eq!(lines(&past), lines(&now));
    assert_eq!(past["as_of"], then.as_str());
    let asked = json!({"module": "REPORTS", "as_of": then});
    assert_eq!(who(&centre, asked).await["people"], who_now["people"]);
    assert_eq!(names(&who(&centre, json!({"module": "REPORTS"})).await), [""; 0]);
}

#[tokio::test]
async fn who_can_is_paged_and_agrees_with_each_person() {
    let centre = Centre::new().await;
    let group = centre.group("Office", json!({})).await;
    let inner = json!({"displayName": "Pushed"});
    let inner = centre.world.client().post("/Groups", &inner).await.expect(201).id();
    let mut all = Vec::new();
    for number in 0..7 {
        let id = centre.person(&format!("p{number}")).await;
        let into = if number % 2 == 0 { &group } else { &inner };
        centre.enrol(into, &id).await;
        all.push(format!("p{number}"));
    }
    centre.enrol(&group, &inner).await;
    let mut found = Vec::new();
    let mut after = Value::Null;
    loop {
        let provider = &centre.providers[0];
        let words = json!({"module": "reports", "provider": provider, "after": after, "limit": 3});
        let page = who(&centre, words).await;
        assert!(page["people"].as_array().unwrap().len() <= 3);
        found.extend(names(&page).into_iter().map(str::to_owned));
        after = page["next"].clone();
        if after.is_null() {
            break;
        }
    }
    found.sort();
    assert_eq!(found, all);
    let other = json!({"module": "reports", "provider": centre.providers[1]});
    assert_eq!(names(&who(&centre, other).await), [""; 0]);
    let nested = shown(&centre, "p1@hospital.example", json!({"module": "REPORTS"})).await;
    assert_eq!(nested["answers"][0]["privilege"], "FULL");
}

#[tokio::test]
async fn ro1_a_room_is_scheduled_by_its_schedulers_while_it_is_in_use() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    let rita = centre.person("rita").await;
    let sam = centre.person("sam").await;
    let room = json!({"systemName": "TOR_ABC_0001_EAST_001", "site": centre.venue,
        "schedulers": [{"value": rita}]});
    let room = admin.post("/RoomSystems", &room).await.expect(201).id();
    let question = json!({"room": "tor_abc_0001_east_001"});
    let yes = shown(&centre, &rita, question.clone()).await;
    assert_eq!(yes["answers"][0]["may"], true);
    let no = shown(&centre, &sam, question.clone()).await;
    assert_eq!(no["answers"][0]["may"], false);
    assert_eq!(names(&who(&centre, question.clone()).await), ["rita"]);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    admin.operations(&format!("/Sites/{}", centre.venue), off).await.expect(200);
    let shut = shown(&centre, &rita, json!({"room": room})).await;
    assert!(shut["answers"][0]["why"].as_str().unwrap().contains("its site is switched off (RO1)"));
    assert_eq!(names(&who(&centre, question).await), [""; 0]);
}

#[tokio::test]
async fn ad5_the_settings_of_a_centre_need_the_administrator_module_in_full() {
    let centre = Centre::new().await;
    let (rita, sam) = (centre.person("rita").await, centre.person("sam").await);
    for (name, level, person) in [("Heads", "FULL", &rita), ("Deputies", "READ_ONLY", &sam)] {
        let more = json!({"modules": ["Administrator"], "privilegeLevel": level});
        let group = centre.group(name, more).await;
        centre.enrol(&group, person).await;
    }
    let caller = wardgate::service::Caller::operator(&centre.world.ports).unwrap();
    let work = wardgate::service::Work { ports: &centre.world.ports, caller: &caller };
    let home = wardgate::base::id::Id::parse(&centre.home).unwrap();
    for (person, is_full) in [(&rita, true), (&sam, false)] {
        let id = wardgate::base::id::Id::parse(person).unwrap();
        let subject = wardgate::service::effective::subject(work, id, None).await.unwrap();
        let full = wardgate::service::effective::full_modules(&subject, home);
        let module = wardgate::domain::access::level::Module::Administrator;
        assert_eq!(full.contains(&module), is_full);
        assert!(wardgate::service::effective::full_modules(&subject, id).is_empty());
    }
}

#[tokio::test]
async fn q17_a_centre_may_compare_what_reaches_the_provider_only() {
    let centre = Centre::new().await;
    let rita = centre.person("rita").await;
    let strict = json!({"privilegeLevel": "READ_ONLY", "modules": ["REPORTS"],
        "providers": [{"value": centre.providers[1]}]});
    for group in [centre.group("Wide", json!({})).await, centre.group("Strict", strict).await] {
        centre.enrol(&group, &rita).await;
    }
    let question = json!({"module": "REPORTS", "provider": centre.providers[0]});
    let whole = shown(&centre, &rita, question.clone()).await;
    assert_eq!(whole["answers"][0]["privilege"], "READ_ONLY");
    let knob = json!([{"op": "add", "path": "mostRestrictiveAcross", "value": "modulesubject"}]);
    let path = format!("/Organizations/{}", centre.home);
    centre.world.admin().operations(&path, knob).await.expect(200);
    let narrow = shown(&centre, &rita, question).await;
    assert_eq!(narrow["answers"][0]["privilege"], "FULL");
}

#[tokio::test]
async fn ag1_a_plain_person_gets_access_by_a_group_that_its_connection_does_not_see() {
    let centre = Centre::new().await;
    let ada = centre.person("ada").await;
    let client = centre.world.client();
    let state = async || {
        let plain = client.get(&format!("/Users/{ada}")).await.expect(200);
        let whole = client.get(&format!("/Users/{ada}?excludedAttributes=nickName")).await;
        assert_eq!(plain.body.to_string(), whole.body.to_string());
        let person = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";
        plain.body[person]["accessState"].as_str().unwrap().to_owned()
    };
    assert_eq!(state().await, "pending");
    let group = centre.group("Ortho", json!({})).await;
    centre.enrol(&group, &ada).await;
    assert_eq!(state().await, "granted");
    centre.world.admin().delete(&format!("/Groups/{group}")).await.expect(204);
    assert_eq!(state().await, "pending");
}
