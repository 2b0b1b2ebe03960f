//! Tenant isolation (security.md 1.1): the organization comes from the credential, and what
//! belongs to someone else does not exist.

use serde_json::Value;
use serde_json::json;
use wardgate::service::operate::Command;
use wardgate::store::change::Outcome;

use crate::world::Client;
use crate::world::Reply;
use crate::world::World;

const UNKNOWN: &str = "0190f3a4-0000-7000-8000-000000000000";

fn user(name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})
}

async fn made(client: &Client, name: &str) -> String {
    client.post("/Users", &user(name)).await.expect(201).id()
}

/// What a caller can see of an answer, without the id of the request.
fn face(reply: &Reply) -> (u16, String, Vec<(String, String)>) {
    let own = |name: &str| name != "x-request-id" && name != "date";
    let headers = reply.headers.iter().filter(|(name, _)| own(name.as_str()));
    let headers = headers.map(|(n, v)| (n.to_string(), format!("{v:?}"))).collect();
    (reply.status, reply.text.clone(), headers)
}

#[tokio::test]
async fn ten01_a_foreign_id_reads_like_an_unknown_one() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let (sibling, _) = world.other_connection(1).await;
    let a = world.client();
    for owner in [&other, &sibling] {
        let user = made(owner, "ines.quarrie@northvale.example").await;
        let group = owner.post("/Groups", &json!({"displayName": "Ward 7"})).await.expect(201).id();
        owner.delete(&format!("/Groups/{group}")).await.expect(204);
        let group = owner.post("/Groups", &json!({"displayName": "Ward 7"})).await.expect(201).id();
        for (foreign, endpoint) in [(&user, "/Users"), (&group, "/Groups")] {
            let theirs = a.get(&format!("{endpoint}/{foreign}")).await.expect(404);
            let nobodys = a.get(&format!("{endpoint}/{UNKNOWN}")).await.expect(404);
            assert_eq!(face(&theirs), face(&nobodys));
            let found = a.filter(endpoint, &format!("id eq \"{foreign}\"")).await.expect(200);
            assert_eq!(found.body["totalResults"], 0);
        }
        owner.delete(&format!("/Users/{user}")).await.expect(204);
        owner.delete(&format!("/Groups/{group}")).await.expect(204);
    }
}

#[tokio::test]
async fn ten02_a_foreign_write_changes_nothing_and_leaves_one_record() {
    let world = World::new().await;
    let (b, _) = world.other_organization(2).await;
    let a = world.client();
    let id = made(&b, "b.person@northvale.example").await;
    let path = format!("/Users/{id}");
    let before = b.get(&path).await.expect(200);
    let patch = json!([{"op": "replace", "path": "active", "value": false}]);
    let unknown = format!("/Users/{UNKNOWN}");
    for (theirs, nobodys) in [
        (a.put(&path, &user("x")).await, a.put(&unknown, &user("x")).await),
        (a.operations(&path, patch.clone()).await, a.operations(&unknown, patch).await),
        (a.delete(&path).await, a.delete(&unknown).await),
    ] {
        assert_eq!(face(&theirs.expect(404)), face(&nobodys.expect(404)));
    }
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {"method": "PUT", "path": path, "data": user("x")},
            {"method": "DELETE", "path": path},
        ],
    });
    let answer = a.post("/Bulk", &bulk).await.expect(200);
    for operation in answer.body["Operations"].as_array().unwrap() {
        assert_eq!(operation["status"], "404", "{operation}");
    }
    assert_eq!(b.get(&path).await.expect(200).text, before.text);
    let failed = |event: &&wardgate::store::change::Event| {
        event.outcome == Outcome::Failed("notFound".into())
    };
    assert_eq!(world.events(1).await.iter().filter(failed).count(), 8);
    assert_eq!(world.events(2).await.iter().filter(failed).count(), 0);
}

#[tokio::test]
async fn ten03_a_name_of_another_organization_is_free_here() {
    let world = World::new().await;
    let (b, _) = world.other_organization(2).await;
    let theirs = made(&b, "t.renn@northvale.example").await;
    let before = b.get(&format!("/Users/{theirs}")).await.text;
    let ours = made(&world.client(), "t.renn@northvale.example").await;
    assert_ne!(ours, theirs);
    assert_eq!(b.get(&format!("/Users/{theirs}")).await.text, before);
}

#[tokio::test]
async fn ten04_a_foreign_member_is_refused_with_the_good_ones() {
    let world = World::new().await;
    let (b, _) = world.other_organization(2).await;
    let (foreign, a) = (made(&b, "far@northvale.example").await, world.client());
    let own = made(&a, "near@northvale.example").await;
    let group = a.post("/Groups", &json!({"displayName": "Ward 7"})).await.expect(201).id();
    let path = format!("/Groups/{group}");
    let add = |id: &str| json!([{"op": "add", "path": "members", "value": [{"value": own}, {"value": id}]}]);
    let theirs = a.operations(&path, add(&foreign)).await.refused(400, "invalidValue");
    let nobodys = a.operations(&path, add(UNKNOWN)).await.refused(400, "invalidValue");
    assert_eq!(face(&theirs), face(&nobodys));
    let members = a.get(&path).await.expect(200).body["members"].clone();
    assert!(members.as_array().is_none_or(Vec::is_empty), "{members}");
}

#[tokio::test]
async fn ten05_no_header_or_path_names_the_organization() {
    let world = World::new().await;
    let (b, _) = world.other_organization(2).await;
    let id = made(&b, "b@northvale.example").await;
    let a = world.client();
    for header in [("x-tenant-id", "ORG0002"), ("x-org", "ORG0002"), ("forwarded", "host=b")] {
        a.send("GET", &format!("/Users/{id}"), &[header], None).await.expect(404);
        let listed = a.send("GET", "/Users", &[header], None).await.expect(200);
        assert_eq!(listed.body["totalResults"], 0);
    }
    let nobody = world.caller(None);
    let refused = nobody.get(&format!("//scim/v2/ORG0002/Users/{id}")).await.expect(401);
    assert_eq!(face(&refused), face(&nobody.get("/Users").await.expect(401)));
    a.get(&format!("//scim/v2/ORG0002/Users/{id}")).await.expect(404);
}

#[tokio::test]
async fn ten06_an_outside_id_is_never_an_inside_one() {
    let world = World::new().await;
    let client = world.client();
    let first = made(&client, "first@northvale.example").await;
    let before = client.get(&format!("/Users/{first}")).await.text;
    for (turn, outside) in
        ["1", "0", "-1", first.as_str(), world.connection.as_str()].iter().enumerate()
    {
        let mut body = user(&format!("person{turn}@northvale.example"));
        body["externalId"] = json!(outside);
        let reply = client.post("/Users", &body).await.expect(201);
        assert_ne!(reply.id(), *outside);
        assert_eq!(reply.body["externalId"], *outside);
    }
    for odd in ["1", "0", "-1"] {
        client.get(&format!("/Users/{odd}")).await.expect(404);
    }
    assert_eq!(client.get(&format!("/Users/{first}")).await.text, before);
}

#[tokio::test]
async fn ten10_every_output_holds_its_own_canary_only() {
    let world = World::new().await;
    let mut tenants = vec![(1, world.client())];
    for number in 2..=50 {
        tenants.push((number, world.other_organization(number).await.0));
    }
    for (number, client) in &tenants {
        let mut body = user(&format!("canary-{number:02}@northvale.example"));
        body["displayName"] = json!(format!("Canary {number:02}"));
        let id = client.post("/Users", &body).await.expect(201).id();
        let group =
            json!({"displayName": format!("canary-{number:02}"), "members": [{"value": id}]});
        client.post("/Groups", &group).await.expect(201);
    }
    for (number, client) in &tenants {
        let own = format!("anary-{number:02}");
        for path in ["/Users", "/Groups", "/", "/Users?sortBy=userName", "/Users?count=1&cursor"] {
            let text = client.get(path).await.expect(200).text;
            let all = text.matches("anary-").count();
            assert!(all > 0 && all == text.matches(&own).count(), "{path}: {text}");
        }
        let error =
            client.post("/Users", &user(&format!("canary-{number:02}@northvale.example"))).await;
        assert!(!error.refused(409, "uniqueness").text.contains("anary"));
    }
    let all = world.run(Command::ConnectionList { organization: Some("ORG0007".into()) }).await;
    assert_eq!(all.as_array().unwrap().len(), 1);
}
