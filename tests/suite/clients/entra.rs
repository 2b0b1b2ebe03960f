//! Microsoft Entra ID.

use serde_json::json;

use super::ENTERPRISE;
use super::lookup;
use super::made;
use super::members;
use super::nobody;
use wardgate::service::operate::Command;

use crate::world::PERSON;
use crate::world::World;

#[tokio::test]
async fn seq01_entra_probes_creates_disables_restores_and_deletes() {
    let world = World::new().await;
    let client = world.client();
    nobody(
        &lookup(&client, "/Users", "userName eq \"7f2d2c0e-55a1-4e0b-9a43-8d6a4f5f0f11\"").await,
    );
    nobody(&lookup(&client, "/Users", "externalId eq \"iquarrie\"").await);
    let created = client
        .post(
            "/Users",
            &json!({
                "schemas": [
                    "urn:ietf:params:scim:schemas:core:2.0:User",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"
                ],
                "externalId": "iquarrie", "userName": "Ines.Quarrie@northvale.example",
                "active": "True", "displayName": "Ines Quarrie",
                "name": {"givenName": "Ines", "familyName": "Quarrie"},
                "emails": [{"type": "work", "Primary": true, "value": "ines.quarrie@northvale.example"}],
                "addresses": null, "phoneNumbers": null,
                "roles": [{"primary": "True", "display": "Ward clerk", "value": "ward-clerk", "type": "app"}],
                "department": null, "manager": null, "meta": {"resourceType": "User"},
                PERSON: {"profession": "Nurse"}
            }),
        )
        .await
        .expect(201);
    assert_eq!(created.body["active"], true);
    assert_eq!(created.body["userName"], "Ines.Quarrie@northvale.example");
    assert_eq!(created.body["emails"][0]["primary"], true);
    assert_eq!(created.body["roles"][0]["primary"], true);
    assert_eq!(created.body[PERSON]["profession"], "Nurse");
    assert!(created.body["schemas"].as_array().unwrap().contains(&json!(PERSON)));
    let path = format!("/Users/{}", created.id());
    // Disable as classic Entra does, then restore, then the hard delete.
    let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    assert_eq!(client.operations(&path, off).await.expect(200).body["active"], false);
    assert_eq!(client.get(&path).await.expect(200).body["active"], false);
    let on = json!([{"op": "Replace", "path": "active", "value": "True"}]);
    assert_eq!(client.operations(&path, on).await.expect(200).body["active"], true);
    client.delete(&path).await.expect(204);
    client.get(&path).await.expect(404);
    client.delete(&path).await.expect(404);
    nobody(&lookup(&client, "/Users", "externalId eq \"iquarrie\"").await);
}

/// The manager comes later, in three shapes, and goes in two.
#[tokio::test]
async fn seq01_entra_sets_and_clears_the_manager_in_every_shape() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, "ines.quarrie@northvale.example").await;
    let path = format!("/Users/{id}");
    let boss = made(&client, "boss@northvale.example").await;
    for value in [
        json!([{"$ref": format!("../Users/{boss}"), "value": boss}]),
        json!(boss),
        json!({"value": boss}),
    ] {
        let target =
            if value.is_array() { "manager".to_owned() } else { format!("{ENTERPRISE}:manager") };
        let reply =
            client.operations(&path, json!([{"op": "Add", "path": target, "value": value}])).await;
        assert_eq!(reply.expect(200).body[ENTERPRISE]["manager"]["value"], boss.as_str());
    }
    let found =
        lookup(&client, "/Users", &format!("id eq \"{id}\" and manager eq \"{boss}\"")).await;
    assert_eq!(found.body["totalResults"], 1);
    for value in [json!(""), json!({"value": ""})] {
        let set =
            json!([{"op": "Replace", "path": format!("{ENTERPRISE}:manager"), "value": boss}]);
        client.operations(&path, set).await.expect(200);
        let cleared =
            json!([{"op": "Replace", "path": format!("{ENTERPRISE}:manager"), "value": value}]);
        let reply = client.operations(&path, cleared).await.expect(200);
        assert!(reply.body[ENTERPRISE].get("manager").is_none(), "{}", reply.text);
    }
}

#[tokio::test]
async fn seq02_classic_and_flag_forms_meet_on_one_user() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, "ines.quarrie@northvale.example").await;
    let path = format!("/Users/{id}");
    let classic = json!([
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "iq@northvale.example"},
        {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Theatre 3"},
        {"op": "Replace", "path": "active", "value": "False"}
    ]);
    let reply = client.operations(&path, classic).await.expect(200);
    assert_eq!(reply.body["emails"], json!([{"type": "work", "value": "iq@northvale.example"}]));
    assert_eq!(reply.body[ENTERPRISE]["department"], "Theatre 3");
    let flag = json!([
        {"op": "replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "0470 11 22 33"},
        {"op": "replace", "value": {
            "displayName": "I. Quarrie", "name.givenName": "Inès", "active": true,
            format!("{ENTERPRISE}:employeeNumber"): "N-118"
        }}
    ]);
    let reply = client.operations(&path, flag).await.expect(200);
    assert_eq!(reply.body["phoneNumbers"][0]["value"], "0470 11 22 33");
    assert_eq!(reply.body["displayName"], "I. Quarrie");
    assert_eq!(reply.body["name"]["givenName"], "Inès");
    assert_eq!(reply.body["active"], true);
    assert_eq!(reply.body[ENTERPRISE]["employeeNumber"], "N-118");
    assert_eq!(reply.body[ENTERPRISE]["department"], "Theatre 3");
    let both = json!([
        {"op": "Add", "path": "addresses[type eq \"work\"].formatted", "value": "1 Quay, Northvale"},
        {"op": "Add", "path": "addresses[type eq \"work\"].country", "value": "CA"},
        {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "nurse"},
        {"op": "Add", "path": "roles[primary eq \"True\"].display", "value": "Nurse"}
    ]);
    let reply = client.operations(&path, both).await.expect(200);
    assert_eq!(
        reply.body["addresses"],
        json!([{"type": "work", "formatted": "1 Quay, Northvale", "country": "CA"}])
    );
    assert_eq!(reply.body["roles"].as_array().unwrap().len(), 1);
    assert_eq!(reply.body["roles"][0]["primary"], true);
}

#[tokio::test]
async fn seq03_the_validator_adds_everything_to_a_bare_user() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, "bare@northvale.example").await;
    let mut operations = vec![];
    let mut add = |path: &str, value: serde_json::Value| {
        operations.push(json!({"op": "Add", "path": path, "value": value}));
    };
    for kind in ["work", "home", "other"] {
        add(
            &format!("emails[type eq \"{kind}\"].value"),
            json!(format!("{kind}@northvale.example")),
        );
        add(&format!("emails[type eq \"{kind}\"].display"), json!(kind));
    }
    for kind in ["work", "mobile", "fax"] {
        add(&format!("phoneNumbers[type eq \"{kind}\"].value"), json!("555 0100"));
    }
    for part in ["formatted", "streetAddress", "locality", "region", "postalCode", "country"] {
        let value = if part == "country" { "US" } else { "Some words here" };
        add(&format!("addresses[type eq \"work\"].{part}"), json!(value));
    }
    for part in
        ["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"]
    {
        add(&format!("name.{part}"), json!("A name of two words"));
    }
    for (name, value) in [
        ("displayName", "Bare User"),
        ("nickName", "Bare"),
        ("title", "Clerk"),
        ("userType", "Staff"),
        ("preferredLanguage", "en"),
        ("locale", "en-CA"),
        ("timezone", "America/Toronto"),
        ("profileUrl", "https://northvale.example/bare"),
    ] {
        add(name, json!(value));
    }
    for name in ["employeeNumber", "costCenter", "organization", "division", "department"] {
        add(&format!("{ENTERPRISE}:{name}"), json!("A value"));
    }
    let reply = client.operations(&format!("/Users/{id}"), json!(operations)).await.expect(200);
    assert_eq!(reply.body["emails"].as_array().unwrap().len(), 3);
    assert_eq!(reply.body["addresses"].as_array().unwrap().len(), 1);
    assert_eq!(reply.body["name"].as_object().unwrap().len(), 6);
    assert_eq!(reply.body[ENTERPRISE].as_object().unwrap().len(), 5);
    let again = client.operations(&format!("/Users/{id}"), json!(operations)).await.expect(200);
    assert_eq!(again.body, reply.body);
}

#[tokio::test]
async fn seq02_entra_groups_come_without_members_and_lose_them_in_both_forms() {
    let world = World::new().await;
    let client = world.client();
    let (a, b) =
        (made(&client, "a@northvale.example").await, made(&client, "b@northvale.example").await);
    let group = client
        .post(
            "/Groups",
            &json!({
                "schemas": [
                    "urn:ietf:params:scim:schemas:core:2.0:Group",
                    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
                ],
                "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159", "displayName": "Ward 7 Nurses",
                "meta": {"resourceType": "Group"}
            }),
        )
        .await
        .expect(201)
        .id();
    let duplicate = json!({"schemas": [super::GROUP], "displayName": "ward 7 nurses"});
    client.post("/Groups", &duplicate).await.refused(409, "uniqueness");
    let path = format!("/Groups/{group}");
    let add = json!([{"op": "Add", "path": "members", "value": [
        {"$ref": null, "value": a}, {"$ref": null, "value": b}]}]);
    let added = client.operations(&path, add).await.expect(204);
    assert!(added.text.is_empty());
    assert_eq!(members(&client, &group).await.len(), 2);
    let lean = client.get(&format!("{path}?excludedAttributes=members")).await.expect(200);
    assert!(lean.body.get("members").is_none());
    let listed = client
        .get("/Groups?excludedAttributes=members&filter=displayName+eq+%22WARD+7+nurses%22")
        .await;
    assert_eq!(listed.body["totalResults"], 1);
    assert!(listed.resources()[0].get("members").is_none());
    let check =
        format!("/Groups?filter=id+eq+%22{group}%22+and+members+eq+%22{a}%22&attributes=id");
    let checked = client.get(&check).await.expect(200);
    assert_eq!(checked.resources()[0]["id"], group.as_str());
    let classic = json!([{"op": "Remove", "path": "members", "value": [{"value": a}]}]);
    client.operations(&path, classic).await.expect(204);
    assert_eq!(members(&client, &group).await, std::slice::from_ref(&b));
    let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    client.operations(&format!("/Users/{b}"), off).await.expect(200);
    assert_eq!(members(&client, &group).await, std::slice::from_ref(&b));
    let flag = json!([{"op": "remove", "path": format!("members[value eq \"{b}\"]")}]);
    client.operations(&path, flag).await.expect(204);
    assert!(members(&client, &group).await.is_empty());
    let rename = json!([{"op": "Replace", "path": "displayName", "value": "Ward 8 Nurses"}]);
    client.operations(&path, rename).await.expect(204);
    assert_eq!(client.get(&path).await.body["displayName"], "Ward 8 Nurses");
}

#[tokio::test]
async fn seq01_entra_role_assignments_stay_text_unless_the_connection_unpacks_them() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, "a@northvale.example").await);
    let packed = "{\"id\":\"r-1\",\"value\":\"Nurse\",\"displayName\":\"Charge nurse\"}";
    let add = json!([{"op": "Add", "path": "roles", "value": [{"value": packed}]}]);
    let reply = client.operations(&path, add.clone()).await.expect(200);
    assert_eq!(reply.body["roles"], json!([{"value": packed}]));
    world.set("unpack_json_text=true").await;
    let swap = json!([{"op": "Replace", "path": "roles", "value": [{"value": packed}]}]);
    let reply = client.operations(&path, swap).await.expect(200);
    assert_eq!(reply.body["roles"], json!([{"value": "Nurse", "display": "Charge nurse"}]));
    let tallies = world.run(Command::ConnectionShow { connection: world.connection.clone() }).await;
    assert!(tallies["tolerated"]["json-in-text"]["count"].as_u64().unwrap() >= 2, "{tallies}");
    assert!(tallies["tolerated"]["op-letter-case"]["example"].is_string());
}
