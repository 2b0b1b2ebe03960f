//! The Enterprise User extension (ENT).

use serde_json::json;

use super::ENTERPRISE;
use super::USER;
use super::full;
use super::hits;
use super::made;
use super::unassigned;
use super::user;
use super::user_with;
use super::with;
use crate::world::BASE;
use crate::world::PERSON;
use crate::world::World;

const INES: &str = "ines.quarrie@northvale.example";

#[tokio::test]
async fn rfc_ent01_every_attribute_is_kept_under_the_urn() {
    let world = World::new().await;
    let client = world.client();
    let inside = json!({"employeeNumber": "4711", "costCenter": "C-9", "organization": "Northvale",
        "division": "Surgery", "department": "Cardiology"});
    let body = user_with(INES, &json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: inside}));
    let made = client.post("/Users", &body).await.expect(201);
    assert_eq!(made.body[ENTERPRISE], inside);
    let read = client.get(&format!("/Users/{}", made.id())).await.expect(200);
    assert_eq!(read.body[ENTERPRISE], inside);
}

#[tokio::test]
async fn rfc_ent02_ent03_a_manager_is_kept_and_its_name_is_not_believed() {
    let world = World::new().await;
    let client = world.client();
    let boss = made(&client, "mara.lind@northvale.example").await;
    let reference = format!("{BASE}/Users/{boss}");
    let manager = json!({"value": boss, "$ref": reference, "displayName": "Forged"});
    let body = user_with(INES, &json!({ENTERPRISE: {"manager": manager}}));
    let made = client.post("/Users", &body).await.expect(201);
    let path = format!("/Users/{}", made.id());
    let name = format!("{ENTERPRISE}:manager.displayName");
    let forge = json!([{"op": "replace", "path": name, "value": "Forged"}]);
    client.operations(&path, forge).await.refused(400, "mutability");
    for reply in
        [made, client.get(&path).await.expect(200), client.put(&path, &body).await.expect(200)]
    {
        let manager = &reply.body[ENTERPRISE]["manager"];
        assert_eq!(manager["value"], boss);
        assert_eq!(manager["$ref"], reference);
        assert!(!reply.text.contains("Forged"), "{}", reply.text);
    }
    assert_eq!(hits(&client, "/Users", &format!("{name} eq \"Forged\"")).await, 0);
}

#[tokio::test]
async fn rfc_ent04_ent07_the_urn_comes_with_the_first_value_and_goes_with_the_last() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, INES).await);
    assert_eq!(client.get(&path).await.body["schemas"], json!([USER, PERSON]));
    let number = format!("{ENTERPRISE}:employeeNumber");
    let add = json!([{"op": "add", "path": number, "value": "4711"}]);
    let added = client.operations(&path, add).await.expect(200);
    assert_eq!(added.body["schemas"], json!([USER, ENTERPRISE, PERSON]));
    assert_eq!(added.body[ENTERPRISE], json!({"employeeNumber": "4711"}));
    let remove = json!([{"op": "remove", "path": number}]);
    let removed = client.operations(&path, remove).await.expect(200);
    assert!(unassigned(&removed.body[ENTERPRISE]), "{}", removed.text);
    assert_eq!(removed.body["schemas"], json!([USER, PERSON]));
    assert_eq!(client.get(&path).await.body, removed.body);
}

#[tokio::test]
async fn rfc_ent05_ent06_ent08_its_attributes_are_found_by_urn() {
    let world = World::new().await;
    let client = world.client();
    let boss = made(&client, "mara.lind@northvale.example").await;
    let inside = json!({"department": "Cardiology", "manager": {"value": boss}});
    let id = client
        .post("/Users", &user_with(INES, &json!({ENTERPRISE: inside})))
        .await
        .expect(201)
        .id();
    let upper = boss.to_uppercase();
    assert_ne!(upper, boss);
    for (filter, expected) in [
        (format!("{ENTERPRISE}:department eq \"cardiology\""), 1),
        (format!("{ENTERPRISE}:department eq \"Surgery\""), 0),
        (format!("{ENTERPRISE}:manager.value eq \"{boss}\""), 1),
        (format!("{ENTERPRISE}:manager.value eq \"{upper}\""), 0),
        (format!("not ({ENTERPRISE}:manager.value ne \"{upper}\")"), 0),
        (format!("schemas eq \"{ENTERPRISE}\""), 1),
        (format!("schemas eq \"{USER}\""), 2),
    ] {
        let reply = client.filter("/Users", &filter).await.expect(200);
        assert_eq!(reply.body["totalResults"], expected, "{filter}");
        assert!(expected != 1 || reply.resources()[0]["id"] == id, "{filter}");
    }
}

#[tokio::test]
async fn rfc_ent09_put_replaces_its_values() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", client.post("/Users", &full(INES)).await.expect(201).id());
    let body = with(full(INES), &json!({ENTERPRISE: {"department": "Surgery"}}));
    let put = client.put(&path, &body).await.expect(200);
    assert_eq!(put.body[ENTERPRISE], json!({"department": "Surgery"}));
    assert_eq!(client.get(&path).await.body, put.body);
    // An extension that the body does not mention stays; an empty one clears it.
    let kept = client.put(&path, &user(INES)).await.expect(200);
    assert_eq!(kept.body[ENTERPRISE], json!({"department": "Surgery"}));
    let cleared = client.put(&path, &user_with(INES, &json!({ENTERPRISE: {}}))).await.expect(200);
    assert!(unassigned(&cleared.body[ENTERPRISE]), "{}", cleared.text);
}
