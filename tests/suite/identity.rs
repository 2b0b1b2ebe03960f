//! Who is who (security.md 1.2): names, ids, and what becomes of them.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;
use wardgate::service::operate::Command;
use wardgate::store::change::Action;
use wardgate::store::change::Outcome;

use crate::world::Client;
use crate::world::World;

fn user(name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})
}

async fn made(client: &Client, name: &str) -> String {
    client.post("/Users", &user(name)).await.expect(201).id()
}

#[tokio::test]
async fn idn01_the_path_says_who_is_meant_not_the_body() {
    let world = World::new().await;
    let client = world.client();
    let first = made(&client, "first@northvale.example").await;
    let second = made(&client, "second@northvale.example").await;
    let before = client.get(&format!("/Users/{second}")).await.text;
    let mut body = user("first@northvale.example");
    body["title"] = json!("Nurse");
    body["id"] = json!(second);
    let put = client.put(&format!("/Users/{first}"), &body).await.expect(200);
    assert_eq!((put.id(), &put.body["title"]), (first.clone(), &json!("Nurse")));
    assert_eq!(client.get(&format!("/Users/{second}")).await.text, before);
    let event = world.events(1).await.pop().unwrap();
    assert_eq!(event.action, Action::Replace);
    assert_eq!(event.subject.unwrap().1.to_string(), first);
    assert!(event.cause.reason.contains("another id"), "{:?}", event.cause);
    // The same id as in the path is no mismatch.
    body["id"] = json!(first);
    body["title"] = json!("Physician");
    client.put(&format!("/Users/{first}"), &body).await.expect(200);
    assert!(world.events(1).await.pop().unwrap().cause.reason.is_empty());
}

#[tokio::test]
async fn idn06_one_canonical_form_at_every_door() {
    let world = World::new().await;
    let client = world.client();
    made(&client, "Alice@Example.org").await;
    client.post("/Users", &user("alice@EXAMPLE.org")).await.refused(409, "uniqueness");
    let found = client.filter("/Users", "userName eq \"ALICE@example.org\"").await.expect(200);
    assert_eq!(found.body["totalResults"], 1);
    assert_eq!(found.resources()[0]["userName"], "Alice@Example.org");
    let other = format!("/Users/{}", made(&client, "other@example.org").await);
    let rename = json!([{"op": "replace", "path": "userName", "value": "aLiCe@example.org"}]);
    client.operations(&other, rename).await.refused(409, "uniqueness");
    client.put(&other, &user("ALICE@EXAMPLE.ORG")).await.refused(409, "uniqueness");
    // Its owner may spell it anew.
    let own = format!("/Users/{}", found.resources()[0]["id"].as_str().unwrap());
    let respelt = json!([{"op": "replace", "path": "userName", "value": "ALICE@example.org"}]);
    assert_eq!(
        client.operations(&own, respelt).await.expect(200).body["userName"],
        "ALICE@example.org"
    );
}

#[tokio::test]
async fn idn07_a_name_that_would_turn_into_another_is_that_other() {
    let world = World::new().await;
    let client = world.client();
    made(&client, "bigbird").await;
    let small = "\u{1d2e}\u{1d35}\u{1d33}\u{1d2e}\u{1d35}\u{1d3f}\u{1d30}";
    let first = client.post("/Users", &user(small)).await;
    assert!(
        [(400, "invalidValue"), (409, "uniqueness")].contains(&(first.status, first.scim_type()))
    );
    for _ in 0..3 {
        let again = client.post("/Users", &user(small)).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
    }
    made(&client, "ren\u{e9}").await;
    client.post("/Users", &user("rene\u{301}")).await.refused(409, "uniqueness");
}

#[tokio::test]
async fn idn08_what_cannot_be_seen_is_refused_and_look_alikes_collide_or_stand_apart() {
    let world = World::new().await;
    let client = world.client();
    for bad in [
        "ad\u{202e}min",
        "a\u{200b}dmin",
        "ad\0min",
        "ines@xn--example-.org",
        "ines@mail.XN--example-.org",
        "ines@xn--\u{e9}.org",
        "ines@xn--a-ecp.ru-\u{feff}",
        "a\u{378}",
    ] {
        client.post("/Users", &user(bad)).await.refused(400, "invalidValue");
    }
    let mut mail = user("mail@northvale.example");
    mail["emails"] = json!([{"value": "ines@xn--example-.org"}]);
    client.post("/Users", &mail).await.refused(400, "invalidValue");
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 0);
    made(&client, "admin").await;
    made(&client, "\u{430}dmin").await;
    made(&client, "ines@xn--mnchen-3ya.example").await;
    made(&client, "kim").await;
    client.post("/Users", &user("\u{212a}im")).await.refused(409, "uniqueness");
    made(&client, "sam").await;
    client.post("/Users", &user("\u{17f}am")).await.refused(409, "uniqueness");
}

#[tokio::test]
async fn idn09_names_and_keys_differ_to_their_last_byte() {
    let world = World::new().await;
    let client = world.client();
    for same in [52, 72, 255, 1_023] {
        for tail in ["a", "b"] {
            made(&client, &format!("{}{tail}", "x".repeat(same))).await;
        }
    }
    client.post("/Users", &user(&format!("{}a", "x".repeat(72)))).await.refused(409, "uniqueness");
    client.post("/Users", &user(&"x".repeat(1_025))).await.refused(400, "invalidValue");
    let found = client.filter("/Users", &format!("userName eq \"{}b\"", "x".repeat(1_023))).await;
    assert_eq!(found.expect(200).body["totalResults"], 1);
    for tail in ["a", "b"] {
        let mut body = user(&format!("external-{tail}"));
        body["externalId"] = json!(format!("{}{tail}", "y".repeat(1_023)));
        client.post("/Users", &body).await.expect(201);
        let filter = format!("externalId eq \"{}{tail}\"", "y".repeat(1_023));
        let found = client.filter("/Users", &filter).await.expect(200);
        assert_eq!(found.body["totalResults"], 1);
        assert_eq!(found.resources()[0]["userName"], format!("external-{tail}"));
    }
    let (token, cut) = (world.token(), &world.token()[..world.token().len() - 1]);
    for other in ["0", "1", "a", "Z"].map(|last| format!("{cut}{last}")) {
        let status = world.caller(Some(&other)).get("/Users").await.status;
        assert_eq!(status, if other == token { 200 } else { 401 });
    }
}

#[tokio::test]
async fn idn10_a_person_who_comes_back_has_nothing_of_the_old() {
    let world = World::new().await;
    let client = world.client();
    let name = "ines.quarrie@northvale.example";
    let old = made(&client, name).await;
    let path = format!("/Users/{old}");
    for turn in 0..3 {
        let group = json!({"displayName": format!("Ward {turn}"), "members": [{"value": old}]});
        client.post("/Groups", &group).await.expect(201);
    }
    let full = client.get(&path).await.expect(200);
    assert_eq!(full.body["groups"].as_array().unwrap().len(), 3);
    let when = full.body["meta"]["lastModified"].as_str().unwrap().to_owned();
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    client.operations(&path, off).await.expect(200);
    client.delete(&path).await.expect(204);
    let new = client.post("/Users", &user(name)).await.expect(201);
    assert_ne!(new.id(), old);
    assert!(new.body.get("groups").is_none() && new.body["active"] == true);
    client.put(&path, &full.body).await.expect(404);
    client
        .operations(&path, json!([{"op": "add", "path": "title", "value": "x"}]))
        .await
        .expect(404);
    client.get(&path).await.expect(404);
    // What was can still be read as of then, and in the events.
    let then = client.get(&format!("{path}?asOf={when}")).await.expect(200);
    assert_eq!((then.id(), &then.body["userName"]), (old.clone(), &json!(name)));
    let about = |event: &&wardgate::store::change::Event| {
        event.subject.is_some_and(|(_, id)| id.to_string() == old) && event.outcome == Outcome::Done
    };
    let actions: Vec<Action> =
        world.events(1).await.iter().filter(about).map(|e| e.action).collect();
    assert_eq!(actions, [Action::Create, Action::Modify, Action::Delete]);
}

/// Who was made when sixty-four want the same name at once.
async fn made_by_sixty_four(client: &Arc<Client>, name: &str) -> HashSet<String> {
    let spelt = [name.to_owned(), name.to_uppercase()];
    let ask = |name: String| {
        let client = client.clone();
        tokio::spawn(async move { client.post("/Users", &user(&name)).await })
    };
    let tasks: Vec<_> = spelt.into_iter().cycle().take(64).map(ask).collect();
    let mut ids = HashSet::new();
    for task in tasks {
        let reply = task.await.unwrap();
        match reply.status {
            201 => drop(ids.insert(reply.id())),
            _ => drop(reply.refused(409, "uniqueness")),
        }
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idn11_of_sixty_four_at_once_one_is_made() {
    let world = World::new().await;
    let client = Arc::new(world.client());
    for round in 0..20 {
        let name = format!("round{round}@northvale.example");
        assert_eq!(made_by_sixty_four(&client, &name).await.len(), 1);
        let found = client.filter("/Users", &format!("userName eq \"{name}\"")).await.expect(200);
        assert_eq!(found.body["totalResults"], 1);
    }
    let report = world.run(Command::Check).await;
    assert!(report["findings"].as_array().is_some_and(Vec::is_empty), "{report}");
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 20);
}
