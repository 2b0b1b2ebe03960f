//! What the texts ask, row by row of the requirement matrix: a test's name begins with the rows
//! that it proves.
//!
//! One file per subject. Requests go through the real router over the real store. Where a row
//! leaves a choice, the test holds us to ours.

mod bulk;
mod bulk_references;
mod cast;
mod characteristics;
mod creating;
mod cursors;
mod delete;
mod discovery;
mod enterprise;
mod errors;
mod filter_places;
mod filter_refusals;
mod filters;
mod groups;
mod lookups;
mod media;
mod meta;
mod pages;
mod patch_add;
mod patch_members;
mod patch_remove;
mod patch_replace;
mod people;
mod plans;
mod projection;
mod put;
mod reading;
mod representation;
mod roots;
mod searches;
mod security;
mod sorts;
mod types;
mod users;
mod values;
mod versions;

use serde_json::Value;
use serde_json::json;

use crate::world::Client;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const DEVICE: &str = "urn:example:wardgate:schemas:2.0:Device";
const PLACEMENT: &str = "urn:example:wardgate:schemas:extension:2.0:Placement";
/// Well formed, and nobody's.
const UNKNOWN: &str = "0190f3a4-0000-7000-8000-000000000000";

/// A minimal user.
fn user(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name})
}

/// A minimal user with more attributes.
fn user_with(name: &str, more: &Value) -> Value {
    with(user(name), more)
}

/// `body` with the members of `more` laid over it.
fn with(mut body: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// A user with a name, a nickname, an address and a department.
fn full(name: &str) -> Value {
    user_with(
        name,
        &json!({
            "schemas": [USER, ENTERPRISE],
            "externalId": format!("ext-{name}"),
            "name": {"givenName": "Ines", "familyName": "Quarrie"},
            "displayName": "Ines Quarrie",
            "nickName": "Ina",
            "title": "Physician",
            "emails": [{"value": name, "type": "work", "primary": true}],
            ENTERPRISE: {"department": "Cardiology", "employeeNumber": "4711"},
        }),
    )
}

/// Makes a user and answers its id.
async fn made(client: &Client, name: &str) -> String {
    client.post("/Users", &user(name)).await.expect(201).id()
}

/// A group with these members.
fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

/// Makes a group and answers its id.
async fn grouped(client: &Client, name: &str, members: &[&str]) -> String {
    client.post("/Groups", &group(name, members)).await.expect(201).id()
}

/// The ids of a group's members.
async fn members_of(client: &Client, group: &str) -> Vec<String> {
    let reply = client.get(&format!("/Groups/{group}")).await.expect(200);
    let members = reply.body["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

/// How many resources a filter finds.
async fn hits(client: &Client, endpoint: &str, filter: &str) -> u64 {
    let reply = client.filter(endpoint, filter).await.expect(200);
    reply.body["totalResults"].as_u64().unwrap()
}

/// Nothing assigned: absent, null, or an empty list.
fn unassigned(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}
