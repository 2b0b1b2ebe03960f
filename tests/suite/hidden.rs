//! Attributes that do not exist for a connection (security.md ATT-08).

use serde_json::Value;
use serde_json::json;
use wardgate::service::operate;
use wardgate::service::operate::Command;

use crate::world::Client;
use crate::world::PERSON;
use crate::world::Reply;
use crate::world::World;
use crate::world::encode;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const INES: &str = "ines.quarrie@northvale.example";

/// What is hidden, how a probe may spell it, and the text that must show nowhere.
struct Row {
    hidden: &'static str,
    spelt: &'static [&'static str],
    canary: &'static str,
}

const TABLE: [Row; 8] = [
    Row {
        hidden: "employeeNumber",
        spelt: &["employeeNumber", "EMPLOYEENUMBER", "{e}:employeeNumber", "{e}:EmployeeNumber"],
        canary: "canary-number",
    },
    Row {
        hidden: "{e}:manager.value",
        spelt: &["manager.value", "{e}:manager.value", "{e}:MANAGER.VALUE"],
        canary: "canary-manager",
    },
    Row {
        hidden: "{e}",
        spelt: &["{e}:employeeNumber", "{e}:department", "department", "{e}", "{e}:manager"],
        canary: "canary-number",
    },
    Row {
        hidden: "name.familyName",
        spelt: &["name.familyName", "{u}:name.familyName", "NAME.FAMILYNAME"],
        canary: "canary-family",
    },
    Row {
        hidden: "name",
        spelt: &["name", "name.familyName", "{u}:name", "{u}:name.givenName", "Name"],
        canary: "canary-family",
    },
    Row {
        hidden: "{u}:title",
        spelt: &["title", "{u}:title", "{u}:TITLE"],
        canary: "canary-title",
    },
    Row {
        hidden: "emails.display",
        spelt: &["emails.display", "{u}:emails.display"],
        canary: "canary-mail",
    },
    Row {
        hidden: "groups.display",
        spelt: &["groups.display", "{u}:groups.display"],
        canary: "canary-ward",
    },
];

fn spelt(text: &str) -> String {
    text.replace("{u}", USER).replace("{e}", ENTERPRISE)
}

/// The same path, with a last name that no schema has.
fn unknown(path: &str) -> String {
    if path == ENTERPRISE {
        return "urn:ietf:params:scim:schemas:extension:enterprise:2.0:Nosuch".into();
    }
    let home = path.rfind(':').map_or("", |at| &path[..=at]);
    match path[home.len()..].split_once('.') {
        Some((first, _)) if !["name", "manager"].contains(&first.to_lowercase().as_str()) => {
            format!("{home}{first}.nosuch")
        }
        _ => format!("{home}nosuch"),
    }
}

fn person() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "userName": INES, "title": "canary-title",
        "name": {"familyName": "canary-family", "givenName": "Ines"},
        "emails": [{"value": INES, "type": "work", "display": "canary-mail"}],
        ENTERPRISE: {
            "employeeNumber": "canary-number", "department": "Cardiology",
            "manager": {"value": "canary-manager", "$ref": "../Users/m-1"},
        },
    })
}

/// A person with everything, in a group, before anything is hidden.
async fn stage() -> (World, Client, String) {
    let world = World::new().await;
    let client = world.client();
    let id = client.post("/Users", &person()).await.expect(201).id();
    let group = json!({"displayName": "canary-ward", "members": [{"value": id}]});
    client.post("/Groups", &group).await.expect(201);
    (world, client, format!("/Users/{id}"))
}

#[tokio::test]
async fn att08_what_is_hidden_is_in_no_answer() {
    for row in TABLE {
        let (world, client, path) = stage().await;
        assert!(client.get(&path).await.text.contains(row.canary), "{}", row.hidden);
        world.set(&format!("hidden_attributes={}", spelt(row.hidden))).await;
        let rename = json!([{"op": "replace", "path": "nickName", "value": "Nell"}]);
        let bulk = json!({"schemas": [BULK], "Operations": [
            {"method": "PATCH", "path": path, "data": {"Operations": rename}},
            {"method": "PUT", "path": path, "data": {"userName": INES}},
        ]});
        let mut replies = vec![
            client.get(&path).await,
            client.get("/Users").await,
            client.get("/").await,
            client.filter("/Users", "userName pr").await,
            client.get(&format!("/Users?attributes={ENTERPRISE}")).await,
            client.get("/Users?excludedAttributes=nickName").await,
            client.operations(&path, rename).await,
            client.put(&path, &json!({"userName": INES})).await,
            client.post("/Bulk", &bulk).await,
        ];
        for name in row.spelt.iter().map(|name| spelt(name)) {
            let search = json!({"schemas": [SEARCH], "attributes": [name]});
            replies.push(client.get(&format!("{path}?attributes={}", encode(&name))).await);
            replies.push(client.get(&format!("/Users?attributes={}", encode(&name))).await);
            replies.push(client.post("/Users/.search", &search).await);
        }
        for reply in replies {
            let text = reply.expect(200).text;
            let ward = row.canary == "canary-ward" && text.contains("\"Group\"");
            assert!(ward || !text.contains(row.canary), "{}: {text}", row.hidden);
            assert!(row.hidden != "{e}" || !text.contains(ENTERPRISE), "{text}");
        }
    }
}

#[tokio::test]
async fn att08_what_is_hidden_is_asked_for_in_vain_like_what_does_not_exist() {
    for row in TABLE {
        let (world, client, path) = stage().await;
        world.set(&format!("hidden_attributes={}", spelt(row.hidden))).await;
        for name in row.spelt.iter().map(|name| spelt(name)) {
            let other = unknown(&name);
            let left = probes(&client, &path, &name).await;
            let right = probes(&client, &path, &other).await;
            assert!(left.iter().all(|reply| reply.status == 400), "{name}");
            assert_eq!(told(left), told(right), "{name} {other}");
        }
    }
}

fn told(replies: Vec<Reply>) -> Vec<(u16, String)> {
    replies.into_iter().map(|reply| (reply.status, reply.text)).collect()
}

/// The answers to everything that names `name` in a place where a name counts.
async fn probes(client: &Client, path: &str, name: &str) -> Vec<Reply> {
    let mut answers = Vec::new();
    for filter in [
        format!("{name} pr"),
        format!("{name} sw \"canary\""),
        format!("not ({name} eq \"canary-number\")"),
        format!("userName pr and ({name} gt \"c\" or userName eq \"x\")"),
    ] {
        let search = json!({"schemas": [SEARCH], "filter": filter});
        answers.push(client.filter("/Users", &filter).await);
        answers.push(client.filter("/", &filter).await);
        answers.push(client.post("/Users/.search", &search).await);
    }
    answers.push(client.get(&format!("/Users?sortBy={}", encode(name))).await);
    let search = json!({"schemas": [SEARCH], "sortBy": name, "sortOrder": "descending"});
    answers.push(client.post("/Users/.search", &search).await);
    for op in ["add", "replace", "remove"] {
        let operation = json!([{"op": op, "path": name, "value": "x"}]);
        answers.push(client.operations(path, operation).await);
    }
    if let Some((first, last)) = name.split_once("emails.") {
        let chosen = format!("{first}emails[{last} sw \"canary\"]");
        answers.push(client.filter("/Users", &chosen).await);
        let operation =
            json!([{"op": "replace", "path": format!("{chosen}.type"), "value": "home"}]);
        answers.push(client.operations(path, operation).await);
    }
    answers
}

#[tokio::test]
async fn att08_writes_of_what_is_hidden_change_and_tell_nothing() {
    for row in TABLE.iter().filter(|row| !row.hidden.starts_with("groups")) {
        let (world, client, path) = stage().await;
        let before = client.get(&path).await.expect(200);
        world.set(&format!("hidden_attributes={}", spelt(row.hidden))).await;
        let seen = client.get(&path).await.expect(200);
        let names = row.spelt.iter().map(|name| spelt(name)).filter(|name| name != ENTERPRISE);
        // The right guess and a wrong one: no version moves.
        for (name, guess) in names.flat_map(|name| [(name.clone(), row.canary), (name, "wrong")]) {
            let value = json!({"value": {(name.as_str()): guess}, "op": "replace"});
            let bulk = json!({"schemas": [BULK], "Operations": [
                {"method": "PATCH", "path": path, "data": {"Operations": [value]}},
            ]});
            let reply = client.operations(&path, json!([value])).await.expect(200);
            assert_eq!(reply.header("etag"), before.header("etag"), "{name}");
            let answer = client.post("/Bulk", &bulk).await.expect(200);
            assert_eq!(answer.body["Operations"][0]["status"], "200", "{}", answer.text);
        }
        // What is seen can be put back, and nothing else is lost by it.
        client.put(&path, &seen.body).await.expect(200);
        let whole = json!([{"op": "replace", "value": seen.body}]);
        client.operations(&path, whole).await.expect(200);
        assert_eq!(client.get(&path).await.text, seen.text, "{}", row.hidden);
        world.set("hidden_attributes=").await;
        assert_eq!(client.get(&path).await.text, before.text, "{}", row.hidden);
    }
}

#[tokio::test]
async fn att08_a_new_resource_holds_nothing_that_its_maker_does_not_see() {
    let world = World::new().await;
    let client = world.client();
    world.set(&format!("hidden_attributes={ENTERPRISE},title,name,active")).await;
    let mut body = person();
    body["active"] = json!(false);
    body[format!("{USER}:title")] = json!("canary-title");
    let reply = client.post("/Users", &body).await.expect(201);
    assert!(!reply.text.contains("canary-t") && reply.body.get("name").is_none(), "{}", reply.text);
    world.set("hidden_attributes=").await;
    let made = client.get(&format!("/Users/{}", reply.id())).await.body;
    assert_eq!((&made["schemas"], &made["active"]), (&json!([USER, PERSON]), &json!(true)));
    assert!(made.get("title").is_none() && made.get("name").is_none(), "{made}");
}

#[tokio::test]
async fn att08_a_hidden_extension_is_no_schema_of_anyone() {
    let (world, client, path) = stage().await;
    let named = format!("schemas eq \"{ENTERPRISE}\"");
    assert_eq!(client.filter("/Users", &named).await.body["totalResults"], 1);
    for hidden in [ENTERPRISE, &format!("employeeNumber,department,{ENTERPRISE}:manager")] {
        world.set(&format!("hidden_attributes={hidden}")).await;
        assert_eq!(client.filter("/Users", &named).await.expect(200).body["totalResults"], 0);
        assert_eq!(client.filter("/", &named).await.expect(200).body["totalResults"], 0);
        assert_eq!(client.get(&path).await.body["schemas"], json!([USER, PERSON]));
        client.filter("/Users", &format!("{ENTERPRISE}:department pr")).await.expect(400);
    }
}

#[tokio::test]
async fn att08_no_order_tells_what_is_hidden() {
    let world = World::new().await;
    let client = world.client();
    for (name, first) in [("a", true), ("b", false)] {
        let mail = |at: &str, primary: bool| json!({"value": format!("{at}@northvale.example"), "primary": primary});
        let emails =
            json!([mail(&format!("m{name}"), first), mail(if first { "z" } else { "c" }, !first)]);
        client.post("/Users", &json!({"userName": name, "emails": emails})).await.expect(201);
    }
    let order = async || -> Vec<Value> {
        let list = client.get("/Users?sortBy=emails").await.expect(200).resources();
        list.iter().map(|one| one["userName"].clone()).collect()
    };
    assert_eq!(order().await, ["b", "a"]);
    world.set("hidden_attributes=emails.primary").await;
    assert_eq!(order().await, ["a", "b"]);
}

#[tokio::test]
async fn att08_hidden_names_are_known_names() {
    let world = World::new().await;
    for (name, hint) in [
        ("titel", "`title`"),
        ("employeNumber", ":employeeNumber`"),
        ("name.familyname2", "`name.familyName`"),
        ("urn:example:nosuch", "`"),
        ("a b", "`"),
    ] {
        let said = refused(&world, name).await;
        assert!(said.contains(hint) && !said.contains(name), "{said}");
    }
    for name in ["id", "meta", "meta.version", "schemas", "userName", "displayName"] {
        let said = refused(&world, name).await;
        assert!(said.contains("cannot be without it"), "{said}");
    }
    world.set(&format!("hidden_attributes={USER}:displayName,externalId,members,groups")).await;
}

async fn refused(world: &World, name: &str) -> String {
    let command = Command::ConnectionSet {
        connection: world.connection.clone(),
        settings: vec![format!("hidden_attributes=title,{name}")],
    };
    operate::run(&world.ports, command).await.unwrap_err().said
}

/// A connection that may not see groups learns nothing of them from its people (TEN-07).
#[tokio::test]
async fn att08_without_the_permission_for_groups_nobody_is_in_one() {
    let (world, client, path) = stage().await;
    let group = client.get("/Groups").await.resources()[0]["id"].clone();
    let group = group.as_str().unwrap();
    world.set("permissions=users").await;
    let before = client.get(&path).await.expect(200);
    assert!(
        before.body.get("groups").is_none() && !before.text.contains("canary-ward"),
        "{}",
        before.text
    );
    for filter in [
        format!("groups eq \"{group}\""),
        format!("groups[value eq \"{group}\"]"),
        "groups pr".into(),
        "groups.display sw \"c\"".into(),
        "not (groups.display sw \"c\")".into(),
    ] {
        client.filter("/Users", &filter).await.refused(400, "invalidFilter");
        client.filter("/", &filter).await.refused(400, "invalidFilter");
    }
    let shown = client.get(&format!("{path}?attributes=groups")).await.expect(200);
    assert!(shown.body.get("groups").is_none());
    // Not even that a membership changed.
    let rename = json!([{"op": "remove", "path": "members"}]);
    world.set("permissions=users,groups").await;
    client.operations(&format!("/Groups/{group}"), rename).await.expect(204);
    world.set("permissions=users").await;
    assert_eq!(client.get(&path).await.header("etag"), before.header("etag"));
}
