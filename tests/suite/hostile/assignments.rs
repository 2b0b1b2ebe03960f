//! Names of inside fields and of nothing, sent as if they were attributes (security.md ATT-02).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use wardgate::base::id::Id;

use crate::world::Client;
use crate::world::World;

const CANARY: &str = "canary-8f1c";

/// Forty names that a careless reader would take over.
const NAMES: [&str; 40] = [
    "isAdmin",
    "is_admin",
    "admin",
    "is_superuser",
    "isStaff",
    "superuser",
    "privileges",
    "permissions",
    "scope",
    "scopes",
    "tenant",
    "tenantId",
    "tenant_id",
    "orgId",
    "connection",
    "connectionId",
    "partition",
    "owner",
    "ownerId",
    "source",
    "version",
    "etag",
    "created",
    "createdAt",
    "lastModified",
    "head",
    "flags",
    "kind",
    "record",
    "body",
    "passwordHash",
    "password_hash",
    "salt",
    "token",
    "tokens",
    "__proto__",
    "constructor",
    "prototype",
    "urn:wardgate:internal",
    "urn:ietf:params:scim:schemas:extension:unknown:2.0:User",
];

/// A value for a name: plain, a list, an object.
fn value(turn: usize) -> Value {
    match turn % 3 {
        0 => json!(CANARY),
        1 => json!([{"value": CANARY, "admin": true}]),
        _ => json!({"isAdmin": true, "value": CANARY}),
    }
}

fn spoilt(clean: &Value) -> Value {
    let mut body = clean.clone();
    for (turn, name) in NAMES.iter().enumerate() {
        body[*name] = value(turn);
    }
    body["name"]["isAdmin"] = true.into();
    body["emails"][0]["tenantId"] = CANARY.into();
    body
}

fn clean(name: &str) -> Value {
    json!({"userName": name, "name": {"givenName": "Ines"}, "emails": [{"value": "a@b.example"}]})
}

/// The record as it is kept, without its identifier and name.
async fn dump(world: &World, id: &str) -> Map<String, Value> {
    let record = world.ports.store.get(Id::parse(id).unwrap(), None).await.unwrap().unwrap();
    let text = String::from_utf8(record.body.clone()).unwrap();
    assert!(!text.contains(CANARY) && !text.to_lowercase().contains("isadmin"), "{text}");
    let mut body: Map<String, Value> = serde_json::from_str(&text).unwrap();
    body.remove("id");
    body.remove("userName");
    body
}

async fn made(client: &Client, body: &Value) -> String {
    let reply = client.post("/Users", body).await.expect(201);
    assert!(!reply.text.contains(CANARY), "{}", reply.text);
    reply.id()
}

#[tokio::test]
async fn att02_names_without_a_schema_are_never_kept_by_post_put_and_bulk() {
    let world = World::new().await;
    let client = world.client();
    let honest = made(&client, &clean("honest")).await;
    let expected = dump(&world, &honest).await;
    let id = made(&client, &spoilt(&clean("posted"))).await;
    assert_eq!(dump(&world, &id).await, expected);
    let reply = client.put(&format!("/Users/{id}"), &spoilt(&clean("put"))).await.expect(200);
    assert!(!reply.text.contains(CANARY), "{}", reply.text);
    assert_eq!(dump(&world, &id).await, expected);
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
    "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": spoilt(&clean("bulk"))},
        {"method": "PUT", "path": format!("/Users/{id}"), "data": spoilt(&clean("again"))},
    ]});
    let reply = client.post("/Bulk", &bulk).await.expect(200);
    assert!(!reply.text.contains(CANARY), "{}", reply.text);
    assert_eq!(dump(&world, &id).await, expected);
    let found = client.filter("/Users", "userName eq \"bulk\"").await.expect(200);
    let id = found.resources()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(dump(&world, &id).await, expected);
}

#[tokio::test]
async fn att02_names_without_a_schema_are_never_kept_by_patch() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, &clean("ines")).await;
    let path = format!("/Users/{id}");
    let before = client.get(&path).await.expect(200);
    for (turn, name) in NAMES.iter().enumerate() {
        for op in ["add", "replace"] {
            let named = json!([{"op": op, "path": name, "value": value(turn)}]);
            client.operations(&path, named).await.refused(400, "invalidPath");
            let open = json!([{"op": op, "value": {*name: value(turn)}}]);
            let reply = client.operations(&path, open).await.expect(200);
            assert_eq!(reply.text, before.text, "{name}");
        }
        let gone = json!([{"op": "remove", "path": name}]);
        client.operations(&path, gone).await.refused(400, "invalidPath");
    }
    for part in ["name.isAdmin", "emails.tenantId", "emails[tenantId eq 1]", "emails[value pr].x"] {
        let operation = json!([{"op": "replace", "path": part, "value": CANARY}]);
        let reply = client.operations(&path, operation).await.expect(400);
        assert!(["invalidPath", "invalidFilter"].contains(&reply.scim_type()), "{}", reply.text);
    }
    assert_eq!(client.get(&path).await.expect(200).text, before.text);
    dump(&world, &id).await;
}

#[tokio::test]
async fn att02_a_strict_connection_refuses_names_without_a_schema() {
    let world = World::new().await;
    world.set("strict=true").await;
    let client = world.client();
    for (turn, name) in NAMES.iter().enumerate() {
        let mut body = clean("ines");
        body["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
        body[*name] = value(turn);
        let reply = client.post("/Users", &body).await.expect(400);
        assert!(["invalidSyntax", "invalidValue"].contains(&reply.scim_type()), "{}", reply.text);
    }
}
