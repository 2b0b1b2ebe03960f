//! Whether an account is in use, and whether it gives access to anything: worked out when read.

use std::time::Duration;

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn switch(client: &Client, id: &str, active: bool) {
    let switch = json!([{"op": "replace", "path": "active", "value": active}]);
    client.operations(&format!("/Users/{id}"), switch).await.expect(200);
}

#[tokio::test]
async fn us2_status_follows_from_facts_and_the_time() {
    let world = World::new().await;
    let client = world.client();
    let id = person(&client, "ada", json!({})).await;
    let path = format!("/Users/{id}");
    let fresh = client.get(&path).await;
    assert_eq!(fresh.body[PERSON]["status"], "Active");
    let then = wardgate::base::clock::Clock::now(world.clock.as_ref());
    world.clock.advance(DAY * 184);
    let old = client.get(&path).await;
    assert_eq!(old.body[PERSON]["status"], "Dormant");
    assert_eq!(old.body["active"], true, "dormancy blocks nothing (US6)");
    assert_ne!(old.header("etag"), fresh.header("etag"), "a cached answer does not outlive it");
    let tag = [("if-none-match", old.header("etag"))];
    client.send("GET", &path, &tag, None).await.expect(304);
    let tag = [("if-match", old.header("etag"))];
    let title = json!({"userName": "ada@hospital.example", "title": "Nurse"}).to_string();
    client.send("PUT", &path, &tag, Some(title)).await.expect(200);
    for (filter, hits) in [("Dormant", 1), ("Active", 0), ("dormant", 0)] {
        assert_eq!(count(&client, &format!("{} eq \"{filter}\"", at("status"))).await, hits);
    }
    switch(&client, &id, false).await;
    assert_eq!(mine(&client, &id).await["status"], "Dormant (disabled)");
    switch(&client, &id, true).await;
    assert_eq!(mine(&client, &id).await["status"], "Dormant", "re-enabling wakes nobody (A9)");
    let then = format!("{path}?asOf={}", crate::world::encode(&then.after(DAY).to_string()));
    assert_eq!(client.get(&then).await.expect(200).body[PERSON]["status"], "Active");
}

#[tokio::test]
async fn us5_a_disabled_account_is_active_disabled() {
    let world = World::new().await;
    let client = world.client();
    let id = person(&client, "ada", json!({})).await;
    switch(&client, &id, false).await;
    assert_eq!(mine(&client, &id).await["status"], "Active (disabled)");
    let filter = format!("{} eq \"Active (disabled)\"", at("status"));
    assert_eq!(count(&client, &filter).await, 1);
}

#[tokio::test]
async fn as1_access_is_pending_without_a_grant_and_says_what_is_lacking() {
    let world = World::new().await;
    let client = world.client();
    let bare = person(&client, "bare", json!({})).await;
    let site = site(&world, "ORG0001", "ABCC").await;
    let place = json!([{"value": site, "role": "ed-normal"}]);
    let seated = person(&client, "seated", json!({"assignments": place})).await;
    let needs = json!({"applicationRoles": ["ATCUser"], "services": [{"value": "PCVC"}]});
    let atc = person(&client, "atc", needs).await;
    let seen = mine(&client, &bare).await;
    assert_eq!(seen["accessState"], "pending");
    assert_eq!(seen["pendingReasons"], json!(["has no grant yet"]));
    let seen = mine(&client, &seated).await;
    assert_eq!(seen["accessState"], "granted");
    assert!(seen.get("pendingReasons").is_none());
    assert_eq!(seen["defaultLocation"], json!({"value": site, "display": "ABCC"}));
    let seen = mine(&client, &atc).await;
    assert_eq!(seen["pendingReasons"], json!(["needs an access group (AG1)"]));
    for (filter, hits) in [
        (format!("{} eq \"pending\"", at("accessState")), 2),
        (format!("{} eq \"granted\"", at("accessState")), 1),
        (format!("{} co \"AG1\"", at("pendingReasons")), 1),
        (format!("{}.value eq \"{site}\"", at("defaultLocation")), 1),
    ] {
        assert_eq!(count(&client, &filter).await, hits, "{filter}");
    }
}

#[tokio::test]
async fn us2_a_plain_answer_is_the_whole_one() {
    let world = World::new().await;
    let client = world.client();
    let id = person(&client, "ada", json!({})).await;
    // With a word about projection the body is read whole.
    let paths = [format!("/Users/{id}"), format!("/Users/{id}?excludedAttributes=nickName")];
    let same = async || {
        let [plain, whole] = [client.get(&paths[0]).await, client.get(&paths[1]).await];
        let listed = client.filter("/Users", "title pr or userName pr").await.resources();
        let admin = world.admin().get(&paths[0]).await;
        assert_eq!(plain.body.to_string(), whole.body.to_string());
        assert_eq!(plain.body.to_string(), listed[0].to_string());
        assert_eq!(plain.body.to_string(), admin.body.to_string());
        assert_eq!(plain.header("etag"), whole.header("etag"));
        plain.body[PERSON].clone()
    };
    let first = same().await;
    assert_eq!((&first["status"], &first["accessState"]), (&json!("Active"), &json!("pending")));
    let organization = first["homeOrganization"]["value"].as_str().unwrap().to_owned();
    let renamed = json!([{"op": "replace", "path": "displayName", "value": "Another name"}]);
    world.admin().operations(&format!("/Organizations/{organization}"), renamed).await.expect(200);
    assert_eq!(same().await["homeOrganization"]["display"], "Another name");
    world.clock.advance(DAY * 184);
    assert_eq!(same().await["status"], "Dormant");
    let title = json!([{"op": "replace", "path": "title", "value": "\"}}}"}]);
    client.operations(&paths[0], title).await.expect(200);
    same().await;
    let group = json!({"displayName": "A group", "members": [{"value": id}]});
    client.post("/Groups", &group).await.expect(201);
    same().await;
}
