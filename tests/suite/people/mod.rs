//! People of the network on the wire: what the extension says of them, where they work, whether
//! their accounts are in use. A test's name begins with the rule that it proves (US, AS, IDN).

mod acting;
mod attributes;
mod closing;
mod sign_ins;
mod status;
mod undoing;
mod workplaces;

use serde_json::Value;
use serde_json::json;

use crate::world::Client;
use crate::world::PERSON;
use crate::world::World;

/// A person with this in the extension: the id.
async fn person(client: &Client, name: &str, mine: Value) -> String {
    client.post("/Users", &body(name, mine)).await.expect(201).id()
}

fn body(name: &str, mine: Value) -> Value {
    json!({"userName": format!("{name}@hospital.example"), "displayName": name, PERSON: mine})
}

/// The extension of a person, as it is read.
async fn mine(client: &Client, id: &str) -> Value {
    client.get(&format!("/Users/{id}")).await.expect(200).body[PERSON].clone()
}

/// The path of an attribute of the extension.
fn at(name: &str) -> String {
    format!("{PERSON}:{name}")
}

/// The record of an organization.
async fn organization(world: &World, code: &str) -> String {
    let found = world.admin().filter("/Organizations", &format!("orgNumber eq \"{code}\"")).await;
    found.expect(200).resources()[0]["id"].as_str().unwrap().to_owned()
}

/// A site of an organization: its id.
async fn site(world: &World, organization: &str, code: &str) -> String {
    let body = json!({"displayName": code, "siteCode": code, "organization": organization});
    world.admin().post("/Sites", &body).await.expect(201).id()
}

/// How many people a filter finds.
async fn count(client: &Client, filter: &str) -> u64 {
    let found = client.filter("/Users", filter).await.expect(200);
    found.body["totalResults"].as_u64().unwrap()
}
