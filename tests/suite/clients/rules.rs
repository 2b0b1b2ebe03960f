//! The rules that the providers share, one by one (`idp36_...`), where no sequence shows them.

use serde_json::Value;
use serde_json::json;

use super::ENTERPRISE;
use super::USER;
use super::made;
use super::members;
use super::user;
use crate::world::Client;
use crate::world::PERSON;
use crate::world::World;

#[tokio::test]
async fn idp08_idp09_a_bad_credential_is_401_and_never_404() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, "a@northvale.example").await);
    for caller in [world.caller(None), world.caller(Some("wg_old"))] {
        let reply = caller.get(&path).await.expect(401);
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
        assert_eq!(reply.body["status"], "401");
    }
    world.set("disabled=true").await;
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        client.send(method, &path, &[], Some("{}".into())).await.expect(401);
    }
}

#[tokio::test]
async fn idp12_idp13_idp14_odd_heads_and_queries_are_read() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, "a+b@northvale.example").await;
    let odd = [("x-ms-client", "1"), ("accept-language", "xx"), ("prefer", "minimal")];
    client.send("GET", "/Users", &odd, None).await.expect(200);
    let name = "userName%20eq%20%22a%2Bb%40northvale.example%22";
    let plus = name.replace("%20", "+");
    for query in [
        format!("/Users?filter={name}"),
        format!("/Users?filter={plus}"),
        format!("/Users/?filter={plus}&"),
        format!("/Users?filter={plus}&unknown=1&bare"),
        format!("//scim/v2//Users?filter={name}"),
    ] {
        let found = client.get(&query).await.expect(200);
        assert_eq!(found.resources()[0]["id"], id.as_str(), "{query}");
    }
    let raw = name.replace("%2B", "+");
    let found = client.get(&format!("/Users?filter={raw}")).await.expect(200);
    assert_eq!(found.body["totalResults"], 0, "a plus is a space");
    for query in ["/Users?", "/Users?&", "/Users/?"] {
        assert_eq!(client.get(query).await.expect(200).body["totalResults"], 1, "{query}");
    }
}

#[tokio::test]
async fn idp15_idp16_bodies_and_answers_have_their_types() {
    let world = World::new().await;
    let client = world.client();
    for (turn, media) in
        ["application/scim+json", "application/json;charset=utf-8"].iter().enumerate()
    {
        let body = user(&format!("p{turn}@northvale.example")).to_string();
        let headers = [("content-type", *media)];
        let reply = client.send("POST", "/Users", &headers, Some(body)).await.expect(201);
        assert_eq!(reply.header("content-type"), "application/scim+json");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    client.send("POST", "/Users", &form, Some("userName=x".into())).await.expect(415);
    world.set("plain_json=true").await;
    assert_eq!(client.get("/Users").await.header("content-type"), "application/json");
    assert_eq!(client.get("/Users/0").await.header("content-type"), "application/json");
}

#[tokio::test]
async fn idp36_idp37_idp38_reading_parts_and_the_switched_off() {
    let world = World::new().await;
    let client = world.client();
    let mut body = user("a@northvale.example");
    body["emails"] = json!([{"value": "a@northvale.example", "type": "work"}]);
    let id = client.post("/Users", &body).await.expect(201).id();
    let group = json!({"displayName": "G", "members": [{"value": id}]});
    let group = client.post("/Groups", &group).await.expect(201).id();
    for path in [format!("/Groups/{group}"), "/Groups".to_owned()] {
        let reply = client.get(&format!("{path}?excludedAttributes=members")).await.expect(200);
        assert!(!reply.text.contains("\"members\""), "{}", reply.text);
    }
    let part = client.get(&format!("/Users/{id}?attributes=emails.value")).await.expect(200);
    assert_eq!(part.body["emails"], json!([{"value": "a@northvale.example"}]));
    assert_eq!(part.id(), id);
    let odd = client.get("/Users?attributes=emails%5Btype%20eq%20%22work%22%5D").await;
    assert!([200, 400].contains(&odd.status), "{}", odd.text);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    client.operations(&format!("/Users/{id}"), off).await.expect(200);
    let read = client.get(&format!("/Users/{id}")).await.expect(200).body;
    assert_eq!((&read["active"], &read["groups"][0]["value"]), (&json!(false), &json!(group)));
    for filter in ["userName eq \"a@northvale.example\"", "active eq \"False\"", "active eq false"]
    {
        let found = client.filter("/Users", filter).await.expect(200);
        assert_eq!(found.body["totalResults"], 1, "{filter}");
    }
    assert_eq!(members(&client, &group).await, [id]);
}

#[tokio::test]
async fn idp39_an_unknown_id_is_told_before_the_body_is() {
    let world = World::new().await;
    let client = world.client();
    for id in ["0", "x", "0190f3a4-0000-7000-8000-000000000000"] {
        for endpoint in ["/Users", "/Groups"] {
            is_not_there(&client, &format!("{endpoint}/{id}")).await;
        }
    }
}

async fn is_not_there(client: &Client, path: &str) {
    client.get(path).await.refused(404, "");
    client.delete(path).await.refused(404, "");
    for (method, body) in
        [("PUT", "{}"), ("PUT", "{"), ("PATCH", "[]"), ("PATCH", "{"), ("PATCH", "{}")]
    {
        let reply = client.send(method, path, &[], Some(body.into())).await;
        reply.refused(404, "");
    }
}

#[tokio::test]
async fn idp40_idp41_idp42_values_come_back_as_they_were_sent() {
    let world = World::new().await;
    let client = world.client();
    let body = json!({
        "schemas": [USER], "userName": "Ines.QUARRIE@Northvale.Example", "externalId": "AbC",
        "displayName": "  Ines  ", "phoneNumbers": [{"value": "+1 (555) 0100 x7", "type": "work"}],
        "emails": [{"value": "Ines.Quarrie@Northvale.Example", "type": "Work"}],
    });
    let reply = client.post("/Users", &body).await.expect(201);
    for name in ["userName", "externalId", "displayName", "phoneNumbers"] {
        assert_eq!(reply.body[name], body[name], "{name}");
    }
    assert_eq!(reply.body["emails"][0]["value"], body["emails"][0]["value"]);
    assert_eq!(reply.header("location"), reply.body["meta"]["location"]);
    assert_eq!(reply.body["meta"]["resourceType"], "User");
    assert_eq!(client.get(&format!("/Users/{}", reply.id())).await.body, reply.body);
    let again = user("INES.quarrie@northvale.EXAMPLE");
    client.post("/Users", &again).await.refused(409, "uniqueness");
}

#[tokio::test]
async fn idp43_group_names_are_unique_unless_the_connection_says_otherwise() {
    let world = World::new().await;
    let client = world.client();
    let group = json!({"displayName": "Ward 7"});
    client.post("/Groups", &group).await.expect(201);
    client.post("/Groups", &group).await.refused(409, "uniqueness");
    world.set("unique_group_names=false").await;
    client.post("/Groups", &group).await.expect(201);
    let found = client.filter("/Groups", "displayName eq \"ward 7\"").await.expect(200);
    assert_eq!(found.body["totalResults"], 2);
}

#[tokio::test]
async fn idp44_idp45_idp46_creates_of_every_dialect() {
    let world = World::new().await;
    let client = world.client();
    let name = |turn: usize| format!("p{turn}@northvale.example");
    let mut turn = 0;
    for schemas in [
        json!(null),
        json!([]),
        json!(["urn:scim:schemas:core:1.0"]),
        json!(["urn:ietf:params:scim:schemas:core:2.0:user"]),
        json!([USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"]),
    ] {
        turn += 1;
        let body = json!({
            "schemas": schemas, "userName": name(turn), "addresses": null, "emails": [],
            "department": null, "manager": null, "title": null,
            ENTERPRISE: {"department": "Theatre 3", "manager": null},
        });
        let made = client.post("/Users", &body).await.expect(201).body;
        assert_eq!(made["schemas"], json!([USER, ENTERPRISE, PERSON]));
        assert_eq!(made[ENTERPRISE], json!({"department": "Theatre 3"}));
        for gone in ["addresses", "emails", "title", "department", "manager"] {
            assert!(made.get(gone).is_none(), "{gone}");
        }
    }
}

#[tokio::test]
async fn idp47_idp48_idp49_idp50_idp51_shapes_are_brought_into_form() {
    let world = World::new().await;
    let client = world.client();
    let boss = made(&client, "boss@northvale.example").await;
    let body = json!({
        "id": "7", "meta": {"created": "x"}, "groups": [{"value": "g"}], "password": "throwaway-Pw1",
        "userName": "a@northvale.example", "active": "TRUE", "externalId": 4471,
        "emails": {"value": "a@northvale.example", "primary": "true"},
        "displayName": [{"value": "Ines"}],
        "addresses": [{"type": "work", "postalCode": 12345}],
        ENTERPRISE: {"manager": boss},
    });
    let made = client.post("/Users", &body).await.expect(201).body;
    assert_ne!(made["id"], "7");
    assert_eq!(made["active"], true);
    assert_eq!(made["externalId"], "4471");
    assert_eq!(made["emails"], json!([{"value": "a@northvale.example", "primary": true}]));
    assert_eq!(made["displayName"], "Ines");
    assert_eq!(made["addresses"][0]["postalCode"], "12345");
    assert_eq!(made[ENTERPRISE]["manager"]["value"], boss.as_str());
    assert!(made.get("groups").is_none() && made.get("password").is_none());
    for (name, value) in [
        ("active", json!("yes")),
        ("active", json!(1)),
        ("externalId", json!({"a": 1})),
        ("displayName", json!([{"value": "a"}, {"value": "b"}])),
    ] {
        let mut body = user("b@northvale.example");
        body[name] = value;
        client.post("/Users", &body).await.refused(400, "invalidValue");
    }
}

#[tokio::test]
async fn idp53_idp54_idp55_put_in_both_settings() {
    let world = World::new().await;
    let client = world.client();
    let a = made(&client, "a@northvale.example").await;
    let mut body = user("b@northvale.example");
    body["nickName"] = json!("B.");
    body["active"] = json!(false);
    let path = format!("/Users/{}", client.post("/Users", &body).await.expect(201).id());
    let partial = json!({"schemas": [USER], "userName": "b@northvale.example", "title": "Clerk"});
    world.set("put_merges=true").await;
    let merged = client.put(&path, &partial).await.expect(200).body;
    assert_eq!((&merged["nickName"], &merged["active"]), (&json!("B."), &json!(false)));
    world.set("put_merges=false").await;
    let replaced = client.put(&path, &partial).await.expect(200).body;
    assert!(replaced.get("nickName").is_none());
    assert_eq!(replaced["active"], false, "nobody is switched on again by saying nothing");
    let group = json!({"displayName": "G", "members": [{"value": a}]});
    let group = client.post("/Groups", &group).await.expect(201).id();
    let renamed = json!({"displayName": "G2"});
    client.put(&format!("/Groups/{group}"), &renamed).await.expect(200);
    assert_eq!(members(&client, &group).await, std::slice::from_ref(&a));
    let exactly = json!({"displayName": "G2", "members": [{"value": a, "display": null}]});
    client.put(&format!("/Groups/{group}"), &exactly).await.expect(200);
    assert_eq!(members(&client, &group).await, [a]);
    let nobody = json!({"displayName": "G2", "members": []});
    client.put(&format!("/Groups/{group}"), &nobody).await.expect(200);
    assert!(members(&client, &group).await.is_empty());
}

#[tokio::test]
async fn idp56_idp57_idp58_idp59_idp61_idp62_patches_of_every_dialect() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, "a@northvale.example").await);
    let operations = json!([
        {"op": "REPLACE", "value": {
            "displayName": "Ines Quarrie", "name.givenName": "Ines", "name.familyName": "Quarrie",
            format!("{ENTERPRISE}:department"): "Theatre 3", ENTERPRISE: {"costCenter": "C7"},
            "id": "7", "schemas": [USER], "meta": {"version": "x"},
        }},
        {"op": "Add", "path": "addresses[type eq \"work\"].streetAddress", "value": "1 Long Quay"},
        {"op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "South Vale"},
        {"op": "add", "path": "roles[primary eq \"True\"].value", "value": "nurse"},
        {"op": "replace", "path": "name", "value": {"givenName": "Inès"}},
    ]);
    let body = client.operations(&path, operations.clone()).await.expect(200).body;
    assert_eq!(body["name"], json!({"givenName": "Inès", "familyName": "Quarrie"}));
    assert_eq!(body[ENTERPRISE], json!({"costCenter": "C7", "department": "Theatre 3"}));
    let address =
        json!([{"type": "work", "streetAddress": "1 Long Quay", "locality": "South Vale"}]);
    assert_eq!(body["addresses"], address);
    assert_eq!(body["roles"], json!([{"value": "nurse", "primary": true}]));
    let events = world.events(1).await.len();
    let again = client.operations(&path, operations).await.expect(200).body;
    assert_eq!(again, body);
    assert_eq!(world.events(1).await.len(), events);
}

#[tokio::test]
async fn idp60_idp63_idp64_idp65_managers_roles_and_what_cannot_go() {
    let world = World::new().await;
    let client = world.client();
    let boss = made(&client, "boss@northvale.example").await;
    let path = format!("/Users/{}", made(&client, "a@northvale.example").await);
    for clear in [
        json!({"op": "replace", "path": "manager", "value": ""}),
        json!({"op": "replace", "path": "manager", "value": null}),
        json!({"op": "replace", "path": "manager", "value": {"value": ""}}),
        json!({"op": "replace", "path": "manager", "value": []}),
        json!({"op": "remove", "path": format!("{ENTERPRISE}:manager")}),
    ] {
        let set = json!([{"op": "add", "path": "manager", "value": [{"value": boss}]}]);
        let body = client.operations(&path, set).await.expect(200).body;
        assert_eq!(body[ENTERPRISE]["manager"]["value"], boss.as_str());
        let body = client.operations(&path, json!([clear])).await.expect(200).body;
        assert!(body.get(ENTERPRISE).is_none(), "{clear}: {body}");
    }
    let packed = "{\"id\":\"r1\",\"value\":\"nurse\",\"displayName\":\"Nurse\"}";
    let role = json!([{"op": "add", "path": "roles", "value": [{"value": packed}]}]);
    let body = client.operations(&path, role).await.expect(200).body;
    assert_eq!(body["roles"], json!([{"value": packed}]));
    world.set("unpack_json_text=true").await;
    let role = json!([{"op": "replace", "path": "roles", "value": [{"value": packed}]}]);
    let body = client.operations(&path, role).await.expect(200).body;
    assert_eq!(body["roles"], json!([{"value": "nurse", "display": "Nurse"}]));
    let odd = json!([{"op": "replace", "path": "roles", "value": [{"value": "{no json}"}]}]);
    let body = client.operations(&path, odd).await.expect(200).body;
    assert_eq!(body["roles"], json!([{"value": "{no json}"}]));
    let gone = json!([{"op": "remove", "path": "title"}, {"op": "replace", "path": "externalId", "value": null}]);
    client.operations(&path, gone).await.expect(200);
    let name = json!([{"op": "remove", "path": "userName"}]);
    client.operations(&path, name).await.refused(400, "mutability");
}

#[tokio::test]
async fn idp66_idp67_idp69_idp70_members_in_every_dialect() {
    let world = World::new().await;
    let client = world.client();
    let mut ids = Vec::new();
    for turn in 0..3 {
        ids.push(made(&client, &format!("m{turn}@northvale.example")).await);
    }
    let all: Value = ids.iter().map(|id| json!({"value": id})).collect();
    let group = json!({"displayName": "G", "members": all});
    let group = client.post("/Groups", &group).await.expect(201).id();
    let path = format!("/Groups/{group}");
    for (value, left) in [
        (json!([]), 3),
        (json!({"members": [{"value": ids[0]}]}), 2),
        (json!([{"value": ids[1]}]), 1),
        (json!([ids[2]]), 0),
    ] {
        let remove = json!([{"op": "remove", "path": "members", "value": value}]);
        assert!(client.operations(&path, remove).await.expect(204).text.is_empty());
        assert_eq!(members(&client, &group).await.len(), left, "{value}");
    }
    let unknown = "0190f3a4-0000-7000-8000-000000000000";
    let mixed =
        json!([{"op": "add", "path": "members", "value": [{"value": ids[0]}, {"value": unknown}]}]);
    let refused = client.operations(&path, mixed.clone()).await.refused(400, "invalidValue");
    assert!(refused.body["detail"].as_str().unwrap().contains("number 2"), "{}", refused.text);
    assert!(members(&client, &group).await.is_empty());
    world.set("skip_unknown_members=true").await;
    client.operations(&path, mixed).await.expect(204);
    assert_eq!(members(&client, &group).await, [ids[0].clone()]);
    for active in [false, true] {
        let switch = json!([{"op": "replace", "path": "active", "value": active}]);
        let person = client.operations(&format!("/Users/{}", ids[0]), switch).await.expect(200);
        assert_eq!(person.body["groups"][0]["value"], group.as_str());
        assert_eq!(members(&client, &group).await.len(), 1);
    }
}

#[tokio::test]
async fn idp71_as_many_operations_as_are_announced_fit_in_one_patch() {
    let world = World::new().await;
    let client = world.client();
    let config = client.get("/ServiceProviderConfig").await.expect(200).body;
    let many = usize::try_from(config["bulk"]["maxOperations"].as_u64().unwrap()).unwrap();
    let mut ids = Vec::new();
    for turn in 0..many {
        if turn % 500 == 0 {
            world.clock.advance(std::time::Duration::from_secs(60));
        }
        ids.push(made(&client, &format!("m{turn}@northvale.example")).await);
    }
    let group = client.post("/Groups", &json!({"displayName": "G"})).await.expect(201).id();
    let path = format!("/Groups/{group}");
    let each = |op: &str| -> Value {
        let one = |id: &String| json!({"op": op, "path": "members", "value": [{"value": id}]});
        ids.iter().map(one).collect()
    };
    let events = world.events(1).await.len();
    client.operations(&path, each("add")).await.expect(204);
    assert_eq!(members(&client, &group).await.len(), many);
    client.operations(&path, each("remove")).await.expect(204);
    assert!(members(&client, &group).await.is_empty());
    assert_eq!(world.events(1).await.len(), events + 2);
    let far: Value = (0..5_001)
        .map(|_| json!({"op": "remove", "path": "members", "value": [{"value": ids[0]}]}))
        .collect();
    client.operations(&path, far).await.refused(400, "invalidSyntax");
}

#[tokio::test]
async fn idp73_every_way_to_switch_off_is_one_event_and_one_state() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, "a@northvale.example").await);
    let before = client.get(&path).await.expect(200).body;
    let ways = |value: Value, text: &str| {
        vec![
            json!([{"op": "replace", "path": "active", "value": value}]),
            json!([{"op": "Replace", "path": "active", "value": text}]),
            json!([{"op": "replace", "value": {"active": value}}]),
            json!([{"op": "Add", "path": "active", "value": text}]),
            json!([{"op": "replace", "value": {format!("{USER}:active"): value}}]),
        ]
    };
    for (off, on) in ways(json!(false), "False").into_iter().zip(ways(json!(true), "True")) {
        for (operations, active) in [(off, false), (on, true)] {
            let events = world.events(1).await.len();
            let body = client.operations(&path, operations.clone()).await.expect(200).body;
            assert_eq!(body["active"], active, "{operations}");
            let new = world.events(1).await.split_off(events);
            assert_eq!(new.len(), 1);
            assert_eq!(new[0].attributes, ["active"]);
        }
    }
    for active in [json!(false), json!("true")] {
        let events = world.events(1).await.len();
        let mut body = user("a@northvale.example");
        body["active"] = active;
        client.put(&path, &body).await.expect(200);
        let new = world.events(1).await.split_off(events);
        assert_eq!((new.len(), &new[0].attributes[..]), (1, &["active".to_owned()][..]));
    }
    let after = client.get(&path).await.expect(200).body;
    assert_eq!((&after["active"], &after["userName"]), (&json!(true), &before["userName"]));
}

#[tokio::test]
async fn idp74_idp75_deleted_is_gone_and_its_name_free() {
    let world = World::new().await;
    let client = world.client();
    let first = made(&client, "a@northvale.example").await;
    let path = format!("/Users/{first}");
    client.delete(&path).await.expect(204);
    client.get(&path).await.expect(404);
    client.delete(&path).await.expect(404);
    let listed = client.get("/Users").await.expect(200);
    assert_eq!((&listed.body["totalResults"], &listed.body["Resources"]), (&json!(0), &json!([])));
    let second = made(&client, "A@northvale.example").await;
    assert_ne!(first, second);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    client.operations(&format!("/Users/{second}"), off).await.expect(200);
    client.get(&format!("/Users/{second}")).await.expect(200);
}

#[tokio::test]
async fn idp76_idp77_idp78_idp80_pages_are_numbers_and_conditions_optional() {
    let world = World::new().await;
    let client = world.client();
    for turn in 0..7 {
        world.clock.advance(std::time::Duration::from_micros(1));
        made(&client, &format!("p{turn}@northvale.example")).await;
    }
    let page = async |query: &str| client.get(&format!("/Users?{query}")).await.expect(200);
    for (query, start, rows) in [
        ("startIndex=1&count=3", 1, 3),
        ("startIndex=0&count=3", 1, 3),
        ("startIndex=-4&count=3", 1, 3),
        ("startIndex=6&count=3", 6, 2),
        ("startIndex=8&count=3", 8, 0),
        ("count=0", 1, 0),
        ("count=100000", 1, 7),
        ("startIndex=4", 4, 4),
    ] {
        let reply = page(query).await;
        assert_eq!(reply.body["totalResults"], 7, "{query}");
        assert_eq!(reply.body["itemsPerPage"], rows, "{query}");
        assert_eq!(reply.body["startIndex"], start, "{query}");
        assert_eq!(reply.resources().len(), rows, "{query}");
    }
    let names = |reply: crate::world::Reply| -> Vec<String> {
        reply.resources().iter().map(|one| one["userName"].as_str().unwrap().to_owned()).collect()
    };
    let (one, two) =
        (names(page("startIndex=1&count=5").await), names(page("startIndex=3&count=5").await));
    assert_eq!(one[2..], two[..3]);
    let id = page("count=1").await.resources()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/Users/{id}");
    let patch = json!([{"op": "replace", "path": "title", "value": "Clerk"}]);
    client.operations(&path, patch).await.expect(200);
    let stale = [("if-match", "W/\"0\"")];
    let reply = client.send("DELETE", &path, &stale, None).await.expect(412);
    assert_eq!(reply.body["status"], "412");
    assert!(reply.body["detail"].is_string());
}
