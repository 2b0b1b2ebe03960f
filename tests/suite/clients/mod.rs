//! The identity providers, as they are: whole sequences of requests in their own shapes
//! (Seq1 to Seq14), through the real router.

mod around;
mod entra;
mod ground;
mod okta;
mod others;
mod rules;

use serde_json::Value;

use crate::world::Client;
use crate::world::Reply;
use crate::world::encode;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A lookup as Entra and OneLogin write it: `+` for a space, `%22` for a quote.
async fn lookup(client: &Client, endpoint: &str, filter: &str) -> Reply {
    let filter = encode(filter).replace("%20", "+");
    client.get(&format!("{endpoint}?filter={filter}")).await.expect(200)
}

/// Nobody was found: 200 and an empty list.
#[track_caller]
fn nobody(reply: &Reply) {
    assert_eq!(reply.body["totalResults"], 0, "{}", reply.text);
    assert_eq!(reply.body["Resources"], serde_json::json!([]), "{}", reply.text);
}

/// The ids of a group's members.
async fn members(client: &Client, group: &str) -> Vec<String> {
    let reply = client.get(&format!("/Groups/{group}")).await.expect(200);
    let members = reply.body["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

/// A minimal user.
fn user(name: &str) -> Value {
    serde_json::json!({"schemas": [USER], "userName": name, "active": true})
}

/// Makes a user and answers its id.
async fn made(client: &Client, name: &str) -> String {
    client.post("/Users", &user(name)).await.expect(201).id()
}
