//! What other rooms write and this one reads: restrictions of the ledger, services of a person,
//! and accounts that were closed. They are put straight into the store, in their pinned form.

use serde_json::json;
use wardgate::base::id::Id;
use wardgate::domain::record::Field;
use wardgate::domain::record::Kind;
use wardgate::domain::record::Partition;
use wardgate::domain::record::Relation;
use wardgate::service::effective;
use wardgate::service::effective::Goal;
use wardgate::service::wire::keys;
use wardgate::store::change::Action;
use wardgate::store::change::Actor;
use wardgate::store::change::Cause;
use wardgate::store::change::Change;
use wardgate::store::change::Door;
use wardgate::store::change::Draft;
use wardgate::store::change::Entry;
use wardgate::store::change::Outcome;
use wardgate::store::change::Unique;
use wardgate::store::change::Verdict;
use wardgate::store::change::Write;

use super::*;

const PERSON: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";
const HOME: Partition = Partition { organization: 1, connection: 1 };

async fn commit(world: &World, writes: Vec<Write>) {
    let cause = Cause {
        actor: Actor::Operator,
        token: None,
        door: Door::Command,
        request: Id([0; 16]),
        source: String::new(),
        reason: String::new(),
    };
    let (action, outcome) = (Action::Modify, Outcome::Done);
    let (attributes, guards) = (Vec::new(), Vec::new());
    let change =
        Change { chain: 1, cause, action, outcome, subject: None, attributes, guards, writes };
    assert!(matches!(world.ports.store.commit(change).await.unwrap(), Verdict::Done(_)));
}

fn draft(number: u8, kind: Kind, entries: Vec<Entry>, body: &Value) -> Draft {
    let body = body.to_string().into_bytes();
    Draft { id: Id([number; 16]), kind, partition: HOME, flags: 0, entries, body }
}

#[tokio::test]
async fn ag8_a_restriction_of_the_ledger_holds_in_every_group() {
    let centre = Centre::new().await;
    let group = centre.group("Office", json!({})).await;
    let rita = centre.person("rita").await;
    centre.enrol(&group, &rita).await;
    let limit = json!({"subject": rita, "sources": [], "grant": {"Limit":
        {"limit": {"module": null, "privilege": "ReadOnly", "privacy": null}}}});
    let line = Write::Create(draft(200, Kind::GRANT, Vec::new(), &limit));
    let (from, to) = (Id::parse(&rita).unwrap(), Id([200; 16]));
    let link = Write::Link { relation: Relation::GRANTED, from, to, note: 0 };
    commit(&centre.world, vec![line, link]).await;
    let caller = wardgate::service::Caller::operator(&centre.world.ports).unwrap();
    let work = wardgate::service::Work { ports: &centre.world.ports, caller: &caller };
    let subject = effective::subject(work, from, None).await.unwrap();
    let found = effective::modules(work, &subject, None, None).await.unwrap();
    let said = &found.answers[0].why;
    assert!(said.contains("restricted to Read-Only Access in all groups of this user"), "{said}");
}

#[tokio::test]
async fn de4_a_service_is_held_or_used_for_those_who_chose_one_and_nobody_beyond() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    let mut ids = Vec::new();
    for (number, source) in [(1, "rule"), (2, "direct")] {
        let services = json!([{"value": "PCVC", "source": source}]);
        let id = Id([number; 16]).to_string();
        let name = format!("p{number}");
        let body = json!({"schemas": [], "id": id, "userName": name, "displayName": name,
            "active": true, PERSON: {"services": services,
                "assignments": [{"value": centre.venue, "role": "ed-normal", "default": true}]}});
        let model = centre.world.ports.models.of_kind(Kind::USER).unwrap();
        let entries = keys::entries(model, body.as_object().unwrap(), None);
        commit(&centre.world, vec![Write::Create(draft(number, Kind::USER, entries, &body))]).await;
        ids.push(id);
    }
    let third = centre.person("third").await;
    ids.push(third);
    for (delegator, delegate) in [(&ids[0], &ids[1]), (&ids[1], &ids[2])] {
        let body = json!({"delegator": delegator, "delegate": delegate, "service": "PCVC"});
        admin.post("/Delegations", &body).await.expect(201);
    }
    let caller = wardgate::service::Caller::operator(&centre.world.ports).unwrap();
    let work = wardgate::service::Work { ports: &centre.world.ports, caller: &caller };
    let mut said = Vec::new();
    for id in &ids {
        let subject = effective::subject(work, Id::parse(id).unwrap(), None).await.unwrap();
        said.push(effective::service(work, &subject, "eVisit").await.unwrap().why);
    }
    assert_eq!(
        said,
        [
            "May use eVisit/Videoconference because a mapping rule grants it.",
            "May use eVisit/Videoconference because the account holds it. Acts in \
             eVisit/Videoconference for p1.",
            "Acts in eVisit/Videoconference for p2.",
        ]
    );
    let goal = Goal::Service("eVisit".into());
    let page = effective::who(work, &goal, None, (None, 10)).await.unwrap();
    let names: Vec<&str> = page.rows.iter().map(|row| row.person.name.as_str()).collect();
    assert_eq!(names, ["p1", "p2"]);
}

#[tokio::test]
async fn us4_a_closed_account_has_nothing_and_is_not_unknown() {
    let centre = Centre::new().await;
    let (user, other) = (Id([7; 16]), Id([8; 16]));
    let body = json!({"user": user.to_string(), "userName": "gone@hospital.example",
        "document": {"userName": "gone@hospital.example", "displayName": "Gone"}});
    let field = Field::of(Kind::CLOSED, "user");
    let value = user.to_string().into_bytes();
    let entry = Entry { field, value, unique: Unique::No };
    let record = draft(9, Kind::CLOSED, vec![entry], &body);
    commit(&centre.world, vec![Write::Create(record)]).await;
    let caller = wardgate::service::Caller::operator(&centre.world.ports).unwrap();
    let work = wardgate::service::Work { ports: &centre.world.ports, caller: &caller };
    let subject = effective::subject(work, user, None).await.unwrap();
    assert_eq!(subject.barred().unwrap(), "No access: the account is not active.");
    assert_eq!(subject.person.name, "Gone");
    assert!(effective::subject(work, other, None).await.is_err());
}
