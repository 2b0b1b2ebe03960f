//! People, groups and requests of the stories.

use serde_json::Value;
use serde_json::json;

use crate::world::Client;

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// An identifier that no resource has.
pub const NOBODY: &str = "0190f3a4-0000-7000-8000-000000000000";

/// A user with nothing but a name.
pub fn user(name: &str) -> Value {
    json!({"schemas": [USER], "userName": format!("{name}@northvale.example")})
}

/// A user with most kinds of attributes.
pub fn rich(name: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": format!("{name}@northvale.example"),
        "externalId": format!("x-{name}"),
        "name": {"givenName": "Ines", "familyName": "Quarrie"},
        "displayName": "Ines Quarrie",
        "nickName": "Inny",
        "active": true,
        "emails": [
            {"value": "a@northvale.example", "type": "work", "primary": true},
            {"value": "b@northvale.example", "type": "home"},
        ],
        "addresses": [
            {"type": "work", "region": "North", "locality": "Vale"},
            {"type": "home", "region": "South", "locality": "Quay"},
        ],
        ENTERPRISE: {"department": "Theatre 3", "costCenter": "C7"},
    })
}

/// Makes a user of `body` and answers its path.
pub async fn made(client: &Client, body: &Value) -> String {
    format!("/Users/{}", client.post("/Users", body).await.expect(201).id())
}

/// Makes users with nothing but names and answers their ids.
pub async fn people(client: &Client, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(client.post("/Users", &user(name)).await.expect(201).id());
    }
    ids
}

/// Makes a group of these members and answers its path.
pub async fn group(client: &Client, name: &str, members: &[String]) -> String {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    let body = json!({"schemas": [GROUP], "displayName": name, "members": members});
    format!("/Groups/{}", client.post("/Groups", &body).await.expect(201).id())
}

/// The ids of a group's members, in order.
pub async fn members(client: &Client, group: &str) -> Vec<String> {
    let body = client.get(group).await.expect(200).body;
    let members = body["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> =
        members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// The same ids in the order of `members`.
pub fn sorted(ids: &[&String]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
    ids.sort();
    ids
}

/// A bulk request.
pub fn bulk(operations: Value) -> Value {
    json!({"schemas": [BULK], "Operations": operations})
}

/// What is the same in two readings of a resource that was changed without effect.
pub fn without_meta(resource: &Value) -> Value {
    let mut resource = resource.clone();
    resource.as_object_mut().unwrap().remove("meta");
    resource
}
