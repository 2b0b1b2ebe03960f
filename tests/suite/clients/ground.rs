//! What the providers rely on before they speak of any person: credentials, limits, discovery
//! (8A 1 to 22, as far as they are ours).

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;
use wardgate::service::operate;
use wardgate::service::operate::Command;
use wardgate::store::Store;

use super::GROUP;
use super::USER;
use super::lookup;
use super::made;
use super::user;
use crate::world::Gate;
use crate::world::Watched;
use crate::world::World;

#[tokio::test]
async fn idp02_two_tokens_of_a_connection_live_until_one_is_ended() {
    let world = World::new().await;
    let add = |days: u32| Command::TokenAdd { connection: world.connection.clone(), days };
    let second = world.run(add(3_650)).await;
    let both = [world.client(), world.caller(second["token"].as_str())];
    for caller in &both {
        caller.get("/Users").await.expect(200);
    }
    operate::run(&world.ports, add(1)).await.unwrap_err();
    // The first ends with its year; the second goes on for ten.
    world.clock.advance(Duration::from_secs(366 * 86_400));
    both[0].get("/Users").await.expect(401);
    both[1].get("/Users").await.expect(200);
    world.clock.advance(Duration::from_secs(3_200 * 86_400));
    both[1].get("/Users").await.expect(200);
    let token = second["token_id"].as_str().unwrap().to_owned();
    world.run(add(1)).await;
    world.run(Command::TokenRevoke { token }).await;
    both[1].get("/Users").await.expect(401);
}

#[tokio::test]
async fn idp07_a_token_may_come_without_its_word_and_other_words_open_nothing() {
    let world = World::new().await;
    let token = world.token();
    let knock = async |text: String| {
        let head = [("authorization", text.as_str())];
        world.caller(None).send("GET", "/Users", &head, None).await
    };
    for opens in ["", "Bearer ", "bearer ", "BEARER "] {
        knock(format!("{opens}{token}")).await.expect(200);
    }
    for opens in ["Basic ", "SSWS ", "Bearer  ", "Bearer,"] {
        let reply = knock(format!("{opens}{token}")).await.expect(401);
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
    }
}

/// Whatever holds a request up, its caller has an answer within the five seconds that one
/// resource may take, and every answer comes within the minute.
#[tokio::test]
async fn idp10_a_request_is_answered_in_its_time_whatever_holds_it_up() {
    let limits = Limits::default();
    let five = Duration::from_secs(5);
    assert!(limits.read_budget <= five && limits.write_budget <= five, "{limits:?}");
    assert!(limits.bulk_budget < Duration::from_secs(60));
    assert!(Settings::default().search_time <= five);
    let limits = Limits { write_budget: Duration::ZERO, ..limits };
    let catalogue = Catalogue::built_in().unwrap();
    let gate = Gate::default();
    let hold = |store| {
        Arc::new(Watched { people: Some(gate.clone()), ..Watched::over(store) }) as Arc<dyn Store>
    };
    let world = World::over(hold, catalogue, Settings::default(), limits).await;
    let body = user("ines.quarrie@northvale.example");
    let late = world.client().post("/Users", &body).await.expect(503);
    assert!(!late.header("retry-after").is_empty());
    // What was begun goes on, and is found.
    gate.open();
    assert_eq!(world.gateway.drain(Duration::from_secs(60)).await, 0);
    let named = "userName eq \"ines.quarrie@northvale.example\"";
    assert_eq!(lookup(&world.client(), "/Users", named).await.body["totalResults"], 1);
}

#[tokio::test]
async fn idp11_more_than_enough_is_429_with_a_time_to_wait() {
    let usual = Limits::default();
    assert!(usual.requests_per_second >= 25 && usual.request_burst >= 25);
    let limits = Limits { requests_per_second: 25, request_burst: 25, ..usual };
    let catalogue = Catalogue::built_in().unwrap();
    let world = World::with(catalogue, Settings::default(), limits).await;
    let client = world.client();
    for _ in 0..3 {
        for _ in 0..25 {
            client.get("/Users").await.expect(200);
        }
        for method in ["GET", "POST", "PATCH"] {
            let reply = client.send(method, "/Users/0", &[], Some("{}".into())).await.expect(429);
            assert_eq!(reply.header("retry-after"), "1");
        }
        world.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn idp17_two_tenants_hold_the_same_names_and_hear_nothing_of_each_other() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let mut body = user("ines.quarrie@northvale.example");
    body["externalId"] = json!("k4471");
    let mine = world.client().post("/Users", &body).await.expect(201).id();
    let theirs = other.post("/Users", &body).await.expect(201).id();
    assert_ne!(mine, theirs);
    for filter in ["userName eq \"ines.quarrie@northvale.example\"", "externalId eq \"k4471\""] {
        let found = lookup(&other, "/Users", filter).await;
        assert_eq!(found.body["totalResults"], 1);
        assert!(!found.text.contains(&mine), "{}", found.text);
    }
    let unknown = "0190f3a4-0000-7000-8000-000000000000";
    for (method, body) in [("GET", None), ("PUT", Some("{}")), ("PATCH", Some("{}"))] {
        let ask = async |id: &str| {
            let body = body.map(str::to_owned);
            other.send(method, &format!("/Users/{id}"), &[], body).await.expect(404).text
        };
        assert_eq!(ask(&mine).await, ask(unknown).await, "{method}");
    }
    let twice = other.post("/Users", &body).await.refused(409, "uniqueness");
    assert!(!twice.text.contains("k4471") && !twice.text.contains(&mine), "{}", twice.text);
}

#[tokio::test]
async fn idp18_idp19_idp20_the_discovery_is_whole() {
    let world = World::with_custom_types().await;
    world.set("permissions=users,groups,organization:read,sites,rooms,delegations").await;
    let client = world.client();
    let config = client.get("/ServiceProviderConfig").await.expect(200);
    let types = client.get("/ResourceTypes").await.expect(200);
    let schemas = client.get("/Schemas").await.expect(200);
    for reply in [&config, &types, &schemas] {
        assert!(!reply.text.contains("null"), "{}", reply.text);
    }
    let list = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    assert_eq!(
        (&types.body["schemas"][0], &schemas.body["schemas"][0]),
        (&json!(list), &json!(list))
    );
    let published = schemas.resources();
    for one in types.resources() {
        let (id, endpoint) = (one["id"].as_str().unwrap(), one["endpoint"].as_str().unwrap());
        assert_eq!(one["name"], id);
        assert!(endpoint.starts_with('/') && !endpoint.contains("//"), "{endpoint}");
        client.get(endpoint).await.expect(200);
        client.get(&format!("/ResourceTypes/{id}")).await.expect(200);
        let extensions = one["schemaExtensions"].as_array().cloned().unwrap_or_default();
        let named = extensions.iter().map(|extension| &extension["schema"]);
        for urn in named.chain([&one["schema"]]) {
            let schema = published.iter().find(|schema| schema["id"] == *urn).unwrap();
            characteristics(&schema["attributes"]);
            client.get(&format!("/Schemas/{}", urn.as_str().unwrap())).await.expect(200);
        }
    }
    for nothing in ["/ResourceTypes/Nothing", "/Schemas/urn:example:nothing"] {
        client.get(nothing).await.expect(404);
    }
}

/// Every characteristic stands at every attribute, so that nobody guesses.
fn characteristics(attributes: &Value) {
    for attribute in attributes.as_array().unwrap() {
        for word in ["name", "type", "mutability", "returned", "uniqueness"] {
            let is_open = word == "uniqueness" && attribute["type"] == "complex";
            assert!(is_open || attribute[word].is_string(), "{word}: {attribute}");
        }
        for word in ["multiValued", "required"] {
            assert!(attribute[word].is_boolean(), "{word}: {attribute}");
        }
        let is_text =
            ["string", "reference", "binary"].iter().any(|kind| attribute["type"] == *kind);
        assert!(!is_text || attribute["caseExact"].is_boolean(), "caseExact: {attribute}");
        if attribute["type"] == "complex" {
            characteristics(&attribute["subAttributes"]);
        }
    }
}

#[tokio::test]
async fn idp21_custom_types_page_like_users_where_they_say() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let schema = "urn:okta:scim:schemas:core:1.0:Role";
    let types = client.get("/ResourceTypes").await.expect(200).resources();
    let role = types.iter().find(|one| one["schema"] == schema).unwrap();
    let endpoint = role["endpoint"].as_str().unwrap();
    let mut ids = Vec::new();
    for turn in 0..5 {
        let body = json!({"schemas": [schema], "displayName": format!("Role {turn}")});
        ids.push(client.post(endpoint, &body).await.expect(201).id());
    }
    let mut seen = Vec::new();
    for start in [1, 3, 5, 7] {
        let page = client.get(&format!("{endpoint}?startIndex={start}&count=2")).await.expect(200);
        assert_eq!(page.body["totalResults"], 5);
        assert_eq!(page.body["itemsPerPage"], page.resources().len());
        seen.extend(page.resources().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
    }
    seen.sort();
    ids.sort();
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn idp22_the_announced_number_of_operations_is_a_sane_one() {
    let world = World::new().await;
    let client = world.client();
    let config = client.get("/ServiceProviderConfig").await.expect(200).body;
    let most = config["bulk"]["maxOperations"].as_u64().unwrap();
    assert!((100..=10_000).contains(&most), "{most}");
    // authentik sends chunks of that size; several thousand in one fit too.
    let id = made(&client, "a@northvale.example").await;
    let group = json!({"schemas": [GROUP], "displayName": "G"});
    let path = format!("/Groups/{}", client.post("/Groups", &group).await.expect(201).id());
    let add = json!({"op": "add", "path": "members", "value": [{"value": id}]});
    for many in [usize::try_from(most).unwrap(), 4_000] {
        client.operations(&path, vec![add.clone(); many].into()).await.expect(204);
    }
}

#[tokio::test]
async fn idp52_a_create_whose_answer_was_lost_is_found_and_not_made_twice() {
    let world = World::new().await;
    let client = world.client();
    let body = user("ines.quarrie@northvale.example");
    let id = client.post("/Users", &body).await.expect(201).id();
    client.post("/Users", &body).await.refused(409, "uniqueness");
    let found = lookup(&client, "/Users", "userName eq \"INES.quarrie@northvale.example\"").await;
    assert_eq!(found.body["totalResults"], 1);
    assert_eq!(found.resources()[0]["id"], id.as_str());
    let group = json!({"schemas": [GROUP], "displayName": "Ward 7"});
    let id = client.post("/Groups", &group).await.expect(201).id();
    client.post("/Groups", &group).await.refused(409, "uniqueness");
    let found = lookup(&client, "/Groups", "displayName eq \"ward 7\"").await;
    assert_eq!((found.resources().len(), &found.resources()[0]["id"]), (1, &json!(id)));
}

#[tokio::test]
async fn idp72_a_name_that_comes_along_with_members_is_no_change() {
    let world = World::new().await;
    let client = world.client();
    let ids =
        [made(&client, "a@northvale.example").await, made(&client, "b@northvale.example").await];
    let group = json!({"schemas": [GROUP], "displayName": "Ward 7"});
    let id = client.post("/Groups", &group).await.expect(201).id();
    let path = format!("/Groups/{id}");
    let rename = json!([{"op": "replace", "value": {"id": id, "displayName": "Ward 7"}}]);
    let version = async || client.get(&path).await.expect(200).header("etag").to_owned();
    let events = world.events(1).await.len();
    for one in &ids {
        let before = version().await;
        client.operations(&path, rename.clone()).await.expect(204);
        assert_eq!(version().await, before);
        let add =
            json!([{"op": "add", "path": "members", "value": [{"value": one, "display": USER}]}]);
        client.operations(&path, add.clone()).await.expect(204);
        let after = version().await;
        assert_ne!(after, before);
        client.operations(&path, add).await.expect(204);
        assert_eq!(version().await, after);
    }
    assert_eq!(world.events(1).await.len(), events + ids.len());
}
