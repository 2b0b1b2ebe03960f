//! Attributes: who may write, read and search which, and with what (security.md ATT).

use serde_json::Value;
use serde_json::json;
use wardgate::service::operate::Command;
use wardgate::store::change::Outcome;

use crate::world::Client;
use crate::world::Reply;
use crate::world::World;
use crate::world::encode;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const DEVICE: &str = "urn:example:wardgate:schemas:2.0:Device";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const INES: &str = "ines.quarrie@northvale.example";

fn user(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name})
}

async fn made(client: &Client, name: &str) -> String {
    client.post("/Users", &user(name)).await.expect(201).id()
}

/// Whatever `act` does to the resource at `path` is refused, changes nothing, and leaves one
/// event that says so.
async fn no_effect(world: &World, path: &str, scim_type: &str, act: impl AsyncFnOnce() -> Reply) {
    let client = world.client();
    let before = client.get(path).await.expect(200);
    let events = world.events(1).await.len();
    act().await.refused(400, scim_type);
    let after = client.get(path).await.expect(200);
    assert_eq!((&after.text, after.header("etag")), (&before.text, before.header("etag")));
    let new = world.events(1).await.split_off(events);
    assert_eq!(new.len(), 1, "{new:?}");
    assert_eq!(new[0].outcome, Outcome::Failed(scim_type.into()));
}

#[tokio::test]
async fn att01_one_table_of_mutability_whatever_the_spelling() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let person = format!("/Users/{}", made(&client, INES).await);
    let body = json!({"schemas": [DEVICE], "serial": "S-1"});
    let device = format!("/Devices/{}", client.post("/Devices", &body).await.expect(201).id());
    let group = client.post("/Groups", &json!({"displayName": "Ward 7"})).await.expect(201).id();
    for (path, urn, name, value) in [
        (&person, USER, "id", json!("x")),
        (&person, USER, "meta", json!({"created": "1999-01-01T00:00:00Z"})),
        (&person, USER, "meta.created", json!("1999-01-01T00:00:00Z")),
        (&person, USER, "meta.version", json!("W/\"1\"")),
        (&person, USER, "groups", json!([{"value": group}])),
        (&device, DEVICE, "serial", json!("S-2")),
        (&device, DEVICE, "owner", json!("me")),
    ] {
        for spelt in [
            name.to_owned(),
            name.to_uppercase(),
            format!("{urn}:{name}"),
            format!("{urn}:{name}").to_uppercase(),
        ] {
            cannot_be_patched(&world, path, &spelt, &value).await;
        }
    }
}

async fn cannot_be_patched(world: &World, path: &str, spelt: &str, value: &Value) {
    let client = world.client();
    for op in ["add", "replace", "remove", "Replace"] {
        let operations = json!([{"op": op, "path": spelt, "value": value}]);
        let act = async || client.operations(path, operations).await;
        no_effect(world, path, "mutability", act).await;
    }
}

#[tokio::test]
async fn att01_put_and_bulk_keep_the_same_table() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let body = json!({"schemas": [DEVICE], "serial": "S-1", "batch": "B-1"});
    let device = format!("/Devices/{}", client.post("/Devices", &body).await.expect(201).id());
    client.put(&device, &body).await.expect(200);
    for other in [
        json!({"serial": "S-2"}),
        json!({"SERIAL": "s-1"}),
        json!({"serial": "S-1", "batch": "B-2"}),
    ] {
        no_effect(&world, &device, "mutability", async || client.put(&device, &other).await).await;
    }
    let patch = json!({"Operations": [{"op": "replace", "path": "serial", "value": "S-2"}]});
    let before = client.get(&device).await.text;
    for (method, data) in [("PUT", json!({"serial": "S-2"})), ("PATCH", patch)] {
        let bulk = json!({"schemas": [BULK], "Operations": [{"method": method, "path": device, "data": data}]});
        let answer = client.post("/Bulk", &bulk).await.expect(200);
        assert_eq!(answer.body["Operations"][0]["status"], "400");
        assert_eq!(answer.body["Operations"][0]["response"]["scimType"], "mutability");
        assert_eq!(client.get(&device).await.text, before);
    }
}

#[tokio::test]
async fn att03_a_password_is_in_no_answer_and_in_no_file() {
    let world = World::new().await;
    let client = world.client();
    let secret = "CANARY-6b1d-secret";
    let body =
        json!({"schemas": [USER], "userName": INES, "password": secret, "title": "CANARY-title"});
    let path = format!("/Users/{}", client.post("/Users", &body).await.expect(201).id());
    let replies = [
        client.get(&format!("{path}?attributes=password")).await.expect(200),
        client.filter("/Users", "password pr").await.refused(400, "invalidFilter"),
        client
            .filter("/Users", &format!("password eq \"{secret}\""))
            .await
            .refused(400, "invalidFilter"),
        client.post("/Users", &body).await.refused(409, "uniqueness"),
        client.put(&path, &body).await.expect(200),
        client
            .operations(&path, json!([{"op": "replace", "path": "password", "value": secret}]))
            .await
            .expect(200),
        client
            .operations(&path, json!([{"op": "add", "value": {"password": secret}}]))
            .await
            .expect(200),
        client
            .operations(&path, json!([{"op": "remove", "path": format!("{USER}:password")}]))
            .await
            .expect(200),
        client
            .send("POST", "/Users", &[], Some(format!("{{\"password\":\"{secret}\"")))
            .await
            .expect(400),
    ];
    for reply in replies {
        assert!(
            !reply.text.contains(secret) && !reply.text.contains("\"password\""),
            "{}",
            reply.text
        );
    }
    let events = format!("{:?}", world.events(1).await);
    assert!(!events.contains(secret));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.redb");
    world.run(Command::Backup { target: target.clone() }).await;
    let bytes = std::fs::read(target).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("CANARY-title"), "the search would find what is there");
    assert!(!holds(secret));
    // That one was sent is counted.
    let shown = world.run(Command::ConnectionShow { connection: world.connection.clone() }).await;
    assert!(shown["tolerated"]["password-dropped"]["last"].is_string(), "{shown}");
}

#[tokio::test]
async fn att04_false_is_false_in_every_letter_case_and_nothing_else_is() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, INES).await);
    let active = |value: &Value| json!([{"op": "replace", "path": "active", "value": value}]);
    for off in ["False", "false", "FALSE"] {
        client.operations(&path, active(&json!(true))).await.expect(200);
        let reply = client.operations(&path, active(&json!(off))).await.expect(200);
        assert_eq!(
            (&reply.body["active"], &client.get(&path).await.body["active"]),
            (&json!(false), &json!(false))
        );
    }
    client.operations(&path, active(&json!("True"))).await.expect(200);
    for bad in [
        json!(0),
        json!(1),
        json!("no"),
        json!("0"),
        json!(""),
        json!(" false"),
        json!(null),
        json!([]),
        json!({}),
    ] {
        let act = async || client.operations(&path, active(&bad)).await;
        no_effect(&world, &path, "invalidValue", act).await;
        let pathless = json!([{"op": "replace", "value": {"active": bad}}]);
        let act = async || client.operations(&path, pathless).await;
        no_effect(&world, &path, "invalidValue", act).await;
    }
    assert_eq!(client.get(&path).await.body["active"], true);
}

#[tokio::test]
async fn att05_a_misspelt_deactivation_is_never_a_success() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, INES).await);
    let off =
        |op: &str, path: &str| json!({"Operations": [{"op": op, "path": path, "value": false}]});
    for (body, word) in [
        (off("replce", "active"), "invalidSyntax"),
        (off("", "active"), "invalidSyntax"),
        (off("replace", "Active "), "invalidPath"),
        (off("replace", "active.value"), "invalidPath"),
        (off("replace", "actve"), "invalidPath"),
        (off("replace", "/active"), "invalidPath"),
        (off("replace", ""), "invalidPath"),
        (json!({"Operations": []}), "invalidSyntax"),
        (json!({}), "invalidSyntax"),
        (json!({"Operations": [{"op": "replace", "value": {}}]}), "invalidValue"),
        (json!({"Operations": [{"op": "replace", "path": "active"}]}), "invalidValue"),
        (
            json!({"Operations": [{"op": "replace", "path": "active", "valeu": false}]}),
            "invalidSyntax",
        ),
        (json!({"Operations": [{"op": "remove"}]}), "noTarget"),
        (
            json!({"Operations": {"op": "replace", "path": "active", "value": false}}),
            "invalidSyntax",
        ),
    ] {
        no_effect(&world, &path, word, async || client.patch(&path, &body).await).await;
    }
    world.set("strict=true").await;
    no_effect(&world, &path, "invalidSyntax", async || {
        client.patch(&path, &off("replace", "active")).await
    })
    .await;
    assert_eq!(client.get(&path).await.body["active"], true);
}

#[tokio::test]
async fn att06_all_operations_or_none() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    let group = format!(
        "/Groups/{}",
        client.post("/Groups", &json!({"displayName": "Ward 7"})).await.expect(201).id()
    );
    let operations = json!([
        {"op": "replace", "path": "displayName", "value": "Ward 8"},
        {"op": "add", "path": "members", "value": [{"value": id}]},
        {"op": "replace", "path": "id", "value": "x"},
    ]);
    no_effect(&world, &group, "mutability", async || client.operations(&group, operations).await)
        .await;
    let last = json!([
        {"op": "replace", "path": "displayName", "value": "Ward 8"},
        {"op": "add", "path": "members", "value": [{"value": id}, {"value": "nobody"}]},
    ]);
    no_effect(&world, &group, "invalidValue", async || client.operations(&group, last).await).await;
    assert!(client.get(&format!("/Users/{id}")).await.body.get("groups").is_none());
}

/// People with and without a number, seen by a connection that may not read it.
async fn hidden() -> (World, Client, String) {
    let world = World::new().await;
    let client = world.client();
    let mut body = user(INES);
    body[ENTERPRISE] = json!({"employeeNumber": "1234", "department": "Cardiology"});
    let path = format!("/Users/{}", client.post("/Users", &body).await.expect(201).id());
    made(&client, "other@northvale.example").await;
    world.set("hidden_attributes=employeeNumber").await;
    (world, client, path)
}

#[tokio::test]
async fn att08_what_may_not_be_read_is_in_no_answer() {
    let (_world, client, path) = hidden().await;
    let named = encode(&format!("{ENTERPRISE}:employeeNumber,userName"));
    let rename = json!([{"op": "replace", "path": "title", "value": "Nurse"}]);
    let number =
        json!([{"op": "replace", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "1234"}]);
    let search =
        json!({"schemas": [SEARCH], "attributes": [format!("{ENTERPRISE}:employeeNumber")]});
    for reply in [
        client.get(&path).await,
        client.get("/Users").await,
        client.get("/").await,
        client.get(&format!("{path}?attributes={named}")).await,
        client.get(&format!("/Users?attributes={named}")).await,
        client.get(&format!("/Users?attributes={ENTERPRISE}")).await,
        client.get("/Users?attributes=employeeNumber").await,
        client.post("/Users/.search", &search).await,
        client.operations(&path, rename).await,
        client.operations(&path, number).await,
        client.put(&path, &user(INES)).await,
    ] {
        let reply = reply.expect(200);
        assert!(
            !reply.text.contains("1234") && !reply.text.contains("employeeNumber"),
            "{}",
            reply.text
        );
    }
}

/// Filters that a hit and a miss would answer differently.
fn probes(name: &str, start: &str) -> [String; 4] {
    [
        format!("{name} sw \"{start}\""),
        format!("{name} pr"),
        format!("not ({name} eq \"{start}234\")"),
        format!("userName pr and ({name} gt \"{start}\" or userName eq \"x\")"),
    ]
}

#[tokio::test]
async fn att08_what_may_not_be_read_may_not_be_probed() {
    let (world, client, path) = hidden().await;
    let urn = format!("{ENTERPRISE}:employeeNumber");
    // A hit and a miss get the same answer.
    let mut answers: Vec<String> = Vec::new();
    let spelt =
        [&urn, &urn.to_uppercase(), "employeeNumber", &format!("{ENTERPRISE}:EMPLOYEENUMBER")];
    for filter in
        spelt.iter().flat_map(|name| ["1", "9"].map(|start| probes(name, start))).flatten()
    {
        let search = json!({"schemas": [SEARCH], "filter": filter});
        for reply in [
            client.filter("/Users", &filter).await,
            client.post("/Users/.search", &search).await,
            client.filter("/", &filter).await,
        ] {
            answers.push(reply.refused(400, "invalidFilter").text);
        }
    }
    answers.sort();
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    for order in ["ascending", "descending"] {
        let sorted = format!("/Users?sortBy={}&sortOrder={order}", encode(&urn));
        client.get(&sorted).await.refused(400, "invalidPath");
        let search = json!({"schemas": [SEARCH], "sortBy": urn, "sortOrder": order});
        client.post("/Users/.search", &search).await.refused(400, "invalidPath");
    }
    // Others see what they saw, and the number was never lost.
    world.set("hidden_attributes=").await;
    assert_eq!(client.get(&path).await.body[ENTERPRISE]["employeeNumber"], "1234");
}

#[tokio::test]
async fn att09_oversized_and_odd_values_are_refused() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, INES).await);
    let emails = |count: usize| -> Value {
        (0..count).map(|turn| json!({"value": format!("e{turn}@northvale.example")})).collect()
    };
    let primaries = json!([{"value": "a@x.example", "primary": true}, {"value": "b@x.example", "primary": true}]);
    for (name, bad) in [
        ("title", json!("x".repeat(65_537))),
        ("emails", emails(1_001)),
        ("emails", primaries),
        ("userName", json!(["a"])),
        ("userName", json!(["a", "b"])),
        ("userName", json!({"value": "a"})),
        ("userName", json!(null)),
        ("userName", json!(true)),
    ] {
        let single = name == "userName" && bad.as_array().is_some_and(|list| list.len() == 1);
        let mut body = user("new@northvale.example");
        body[name] = bad.clone();
        if single {
            world.set("strict=true").await;
        }
        client.post("/Users", &body).await.refused(400, "invalidValue");
        no_effect(&world, &path, "invalidValue", async || client.put(&path, &body).await).await;
        if single {
            world.set("strict=false").await;
            continue;
        }
        let patch = json!([{"op": "replace", "path": name, "value": bad}]);
        no_effect(&world, &path, "invalidValue", async || client.operations(&path, patch).await)
            .await;
    }
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 1);
    let mut body = user("new@northvale.example");
    body["title"] = json!("x".repeat(65_536));
    body["emails"] = emails(1_000);
    let fine = client.post("/Users", &body).await.expect(201);
    assert_eq!(fine.body["emails"].as_array().unwrap().len(), 1_000);
    let more = json!([{"op": "add", "path": "emails", "value": [{"value": "one@more.example"}]}]);
    let full = format!("/Users/{}", fine.id());
    no_effect(&world, &full, "invalidValue", async || client.operations(&full, more).await).await;
}

/// `active: false` counts in whatever spelling it comes; nobody is switched on by our default.
#[tokio::test]
async fn att04_a_new_person_who_is_off_in_any_spelling_is_off() {
    let world = World::new().await;
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let shapes = [json!({"ACTIVE": false}), json!({core: {"active": false}})];
    for (turn, body) in shapes.into_iter().enumerate() {
        let mut body = body;
        body["userName"] = json!(format!("off{turn}@northvale.example"));
        let reply = world.client().post("/Users", &body).await.expect(201);
        assert_eq!(reply.body["active"], false, "{body}");
    }
}

#[tokio::test]
async fn att08_a_path_chooses_no_values_of_what_is_hidden() {
    let world = World::new().await;
    let client = world.client();
    let mut body = json!({"userName": "a@northvale.example"});
    body["emails"] = json!([{"value": "a@northvale.example", "type": "work"}]);
    let path = format!("/Users/{}", client.post("/Users", &body).await.expect(201).id());
    world.set("hidden_attributes=emails").await;
    let before = client.get(&path).await.expect(200);
    for guess in ["a", "b"] {
        let probe = format!("emails[value sw \"{guess}\"].type");
        let probe = json!([{"op": "replace", "path": probe, "value": "home"}]);
        client.operations(&path, probe).await.refused(400, "invalidPath");
    }
    assert_eq!(client.get(&path).await.text, before.text);
}
