//! Rules: what is refused, who approves, what a preview shows, what takes effect at once.

use super::*;
use wardgate::base::id::Id;
use wardgate::domain::access::grant::Held;
use wardgate::service::Caller;
use wardgate::service::Error;
use wardgate::service::Work;
use wardgate::service::ledger;
use wardgate::service::operate;
use wardgate::service::rules;

async fn refused(ground: &Ground, rule: Value) -> Error {
    operate::run(&ground.world.ports, Command::RuleAdd { rule, replaces: None }).await.unwrap_err()
}

/// Everything that these people hold.
async fn held(ground: &Ground, people: &[String]) -> Vec<Held> {
    let mut all = Vec::new();
    for person in people {
        let lines = ledger::lines(&ground.world.ports, Id::parse(person).unwrap()).await.unwrap();
        all.extend(lines.into_iter().map(|line| line.held));
    }
    all
}

#[tokio::test]
async fn le6_every_fault_of_a_rule_is_told_when_it_is_saved() {
    let ground = Ground::new().await;
    let then = json!([{"adminRole": {"role": "global"}}, {"service": "{who}"}]);
    let rule =
        ground.written(json!({"regex": "^WG-(?<org>\\d+)$"}), then, json!({"maxAffected": 0}));
    let said = refused(&ground, rule).await.said;
    for fault in ["LE6", "character 1 name no capture", "maxAffected"] {
        assert!(said.contains(fault), "{fault}: {said}");
    }
    let rule = ground.written(json!({"regex": "^(a"}), json!([{"service": "PCVC"}]), json!({}));
    let said = refused(&ground, rule).await.said;
    assert!(said.contains("at character"), "{said}");
    let list = ground.world.run(Command::RuleList { organization: None }).await;
    assert_eq!(list, json!([]));
}

#[tokio::test]
async fn le6_ad6_rights_of_administrators_need_a_second_administrator() {
    let ground = Ground::new().await;
    let then = json!([{"adminRole": {"role": "primaryContact", "scope": "ORG0001"}}]);
    let options = json!({"needsApproval": true});
    let id = ground.rule(json!({"name": "Contacts"}), then, options).await;
    let anu = ground.person("anu").await;
    let group = ground.group("Contacts", &[&anu]).await;
    let ports = &ground.world.ports;
    let approve = |token: Option<String>| Command::RuleApprove { rule: id.clone(), token };
    let own = operate::run(ports, approve(None)).await.unwrap_err();
    assert!(own.said.contains("AD6"), "{}", own.said);
    let token = ground.world.run(Command::TokenAddAdmin { days: 1 }).await;
    let token = token["token"].as_str().unwrap().to_owned();
    ground.world.run(approve(Some(token))).await;
    let roles = |ground: Value| ground["adminRoles"].clone();
    let read = ground.world.admin().get(&format!("/Users/{anu}")).await.expect(200);
    assert_eq!(roles(read.body[WARDGATE].clone())[0]["type"], "primaryContact");
    // The approval is about that group: another that bears the name gets nothing (GRP-02, GRP-04).
    let path = format!("/Groups/{group}");
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Former"}]);
    ground.client.operations(&path, rename).await.expect(204);
    let bo = ground.person("bo").await;
    ground.group("Contacts", &[&bo]).await;
    let read = ground.world.admin().get(&format!("/Users/{bo}")).await.expect(200);
    assert!(roles(read.body[WARDGATE].clone()).is_null());
    ground.check().await;
}

#[tokio::test]
async fn le4_a_preview_is_what_the_apply_then_writes() {
    let ground = Ground::new().await;
    let (anu, bo) = (ground.person("anu").await, ground.person("bo").await);
    let people = [anu.clone(), bo.clone()];
    ground.exact("B", json!([{"service": "ECONSULT"}])).await;
    ground.group("A", &[&anu, &bo]).await;
    ground.group("B", &[&bo]).await;
    let then = json!([{"service": "PCVC"}, {"roomsOfSite": "ABCC"}]);
    let rule = ground.written(json!({"name": "A"}), then, json!({}));
    let before = ground.world.events(1).await.len();
    let preview = Command::RulePreview { rule: Some(rule.clone()), replaces: None, at: None };
    let shown = ground.world.run(preview).await;
    assert_eq!(ground.world.events(1).await.len(), before, "a preview changes nothing");
    assert_eq!(shown["changed"], 2);
    let saved = ground.world.run(Command::RuleAdd { rule, replaces: None }).await;
    let id = saved["rule"].as_str().unwrap().to_owned();
    let whole = held(&ground, &people).await;
    assert_eq!(
        rules::fingerprint(&whole, Id::parse(&id).unwrap()),
        shown["result"].as_str().unwrap()
    );
    assert_eq!(ground.services(&bo).await, ["ECONSULT", "PCVC"]);
    // An edit, and the end.
    let edit = ground.written(json!({"name": "B"}), json!([{"service": "DIRECTORY"}]), json!({}));
    for rule in [Some(edit), None] {
        let preview =
            Command::RulePreview { rule: rule.clone(), replaces: Some(id.clone()), at: None };
        let shown = ground.world.run(preview).await;
        match rule {
            Some(rule) => {
                ground.world.run(Command::RuleAdd { rule, replaces: Some(id.clone()) }).await;
            }
            None => drop(ground.world.run(Command::RuleRemove { rule: id.clone() }).await),
        }
        let concerned: Vec<Held> = match shown["people"].as_u64().unwrap() {
            2 => held(&ground, &people).await,
            _ => held(&ground, std::slice::from_ref(&bo)).await,
        };
        let result = rules::fingerprint(&concerned, Id::parse(&id).unwrap());
        assert_eq!(result, shown["result"].as_str().unwrap());
    }
    assert!(ground.services(&anu).await.is_empty());
    assert_eq!(ground.services(&bo).await, ["ECONSULT"]);
    assert!(ground.schedulers(&ground.rooms[0]).await.is_empty());
    ground.check().await;
}

#[tokio::test]
async fn le4_a_preview_as_of_sees_the_groups_of_then() {
    let ground = Ground::new().await;
    let anu = ground.person("anu").await;
    let group = ground.group("A", &[&anu]).await;
    let then =
        ground.client.get(&format!("/Groups/{group}")).await.body["meta"]["lastModified"].clone();
    ground.world.clock.advance(std::time::Duration::from_secs(60));
    ground.remove(&group, &anu).await;
    let rule = ground.written(json!({"name": "A"}), json!([{"service": "PCVC"}]), json!({}));
    let at = |at: Option<&str>| Command::RulePreview {
        rule: Some(rule.clone()),
        replaces: None,
        at: at.map(str::to_owned),
    };
    assert_eq!(ground.world.run(at(None)).await["changed"], 0);
    assert_eq!(ground.world.run(at(then.as_str())).await["changed"], 1);
}

#[tokio::test]
async fn le6_a_rule_may_be_about_so_many_and_no_more() {
    let ground = Ground::new().await;
    let (anu, bo) = (ground.person("anu").await, ground.person("bo").await);
    ground.group("A", &[&anu, &bo]).await;
    let then = json!([{"service": "PCVC"}]);
    let rule = ground.written(json!({"name": "A"}), then.clone(), json!({"maxAffected": 1}));
    let said = refused(&ground, rule).await.said;
    assert!(said.contains("2 people"), "{said}");
    assert!(ground.services(&anu).await.is_empty());
    ground.rule(json!({"name": "A"}), then, json!({"maxAffected": 2})).await;
    assert_eq!(ground.services(&anu).await, ["PCVC"]);
}

#[tokio::test]
async fn le3_what_begins_and_ends_by_its_date_does_so_by_itself() {
    let ground = Ground::new().await;
    let anu = ground.person("anu").await;
    ground.group("A", &[&anu]).await;
    let second = |after: u64| {
        let start = wardgate::base::clock::Moment(1_790_000_000_000_000);
        start.after(std::time::Duration::from_secs(after)).to_string()
    };
    let options = json!({"validFrom": second(100), "validTo": second(200)});
    ground.rule(json!({"name": "A"}), json!([{"service": "PCVC"}]), options).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        rules::upkeep(&ground.world.ports).await.unwrap();
        seen.push(ground.services(&anu).await.len());
        ground.world.clock.advance(std::time::Duration::from_secs(75));
    }
    assert_eq!(seen, [0, 0, 1, 0]);
}

#[tokio::test]
async fn le8_a_connection_neither_sees_nor_writes_rules() {
    let ground = Ground::new().await;
    let ports = &ground.world.ports;
    let known = wardgate::service::access::authenticate(ports, ground.world.token()).unwrap();
    let caller = Caller { identity: known.identity, ..Caller::operator(ports).unwrap() };
    let work = Work { ports, caller: &caller };
    for refused in
        [rules::list(work, None).await.err(), rules::save(work, &json!({}), None).await.err()]
    {
        assert_eq!(refused.unwrap().kind, wardgate::service::Kind::Denied);
    }
}
