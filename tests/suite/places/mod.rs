//! The health network on the wire: organizations, sites, room systems, delegations, providers
//! and pools. A test's name begins with the rule that it proves (TR, RO, DE, TEN).

mod delegations;
mod organizations;
mod references;
mod rooms;
mod scopes;
mod sites;

use serde_json::Value;
use serde_json::json;

use crate::world::Client;
use crate::world::World;

/// Well formed, and nobody's.
const UNKNOWN: &str = "0190f3a4-0000-7000-8000-000000000000";

/// A site of an organization, by an administrator: its id.
async fn site(world: &World, organization: &str, code: &str) -> String {
    let body = json!({"displayName": code, "siteCode": code, "organization": organization});
    world.admin().post("/Sites", &body).await.expect(201).id()
}

/// A room system at a site, by an administrator: its id.
async fn room(world: &World, site: &str, name: &str) -> String {
    let body = json!({"systemName": name, "site": {"value": site}});
    world.admin().post("/RoomSystems", &body).await.expect(201).id()
}

/// A person of a connection: the id.
async fn person(client: &Client, name: &str) -> String {
    let body = json!({"userName": format!("{name}@hospital.example"), "displayName": name});
    client.post("/Users", &body).await.expect(201).id()
}

/// The record of the first organization.
async fn home(world: &World) -> String {
    let found = world.admin().filter("/Organizations", "orgNumber eq \"ORG0001\"").await;
    found.expect(200).resources()[0]["id"].as_str().unwrap().to_owned()
}

/// Gives the first connection these permissions beside the usual ones.
async fn permit(world: &World, more: &str) {
    world.set(&format!("permissions=users,groups,organization:read,{more}")).await;
}

/// The ids of a list.
fn ids(resources: &[Value]) -> Vec<&str> {
    resources.iter().map(|one| one["id"].as_str().unwrap()).collect()
}
