//! How a resource looks, and its `schemas`, `id` and `externalId` (RES but for `meta`).

use serde_json::Value;
use serde_json::json;

use super::DEVICE;
use super::ENTERPRISE;
use super::GROUP;
use super::PLACEMENT;
use super::USER;
use super::full;
use super::grouped;
use super::hits;
use super::made;
use super::unassigned;
use super::user;
use super::user_with;
use crate::world::BASE;
use crate::world::Client;
use crate::world::PERSON;
use crate::world::World;

const INES: &str = "ines.quarrie@northvale.example";

fn list(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|urn| urn.as_str().unwrap()).collect()
}

/// The same person in every answer that shows one whole.
async fn everywhere(client: &Client, body: &Value) -> Vec<Value> {
    let made = client.post("/Users", body).await.expect(201);
    let path = format!("/Users/{}", made.id());
    let title = json!([{"op": "replace", "path": "title", "value": "Nurse"}]);
    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
    let mut shown = vec![made.body.clone()];
    shown.push(client.get(&path).await.expect(200).body);
    shown.push(client.put(&path, body).await.expect(200).body);
    shown.push(client.operations(&path, title).await.expect(200).body);
    shown.extend(client.get("/Users").await.expect(200).resources());
    shown.extend(client.post("/Users/.search", &search).await.expect(200).resources());
    let root = client.filter("/", "meta.resourceType eq \"User\"").await;
    shown.extend(root.expect(200).resources());
    assert_eq!(shown.len(), 7);
    shown
}

#[tokio::test]
async fn rfc_res01_res04_res07_res08_every_representation_has_schemas_and_id() {
    let world = World::new().await;
    for shown in everywhere(&world.client(), &full(INES)).await {
        assert_eq!(list(&shown["schemas"]), [USER, ENTERPRISE, PERSON], "{shown}");
        assert!(!shown["id"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn rfc_res02_res03_res05_schemas_is_a_set_without_strangers_or_order() {
    let world = World::new().await;
    let client = world.client();
    let twice = json!({"schemas": [USER, USER], "userName": "one@northvale.example"});
    let twice = client.post("/Users", &twice).await.expect(201);
    assert_eq!(list(&twice.body["schemas"]), [USER, PERSON]);
    let foreign = json!({"schemas": [USER, "urn:example:none", DEVICE],
        "userName": "two@northvale.example"});
    let known = client.post("/Users", &foreign).await.expect(201);
    assert_eq!(list(&known.body["schemas"]), [USER, PERSON]);
    let turned = json!({"schemas": [ENTERPRISE, USER], "userName": "three@northvale.example",
        ENTERPRISE: {"department": "Cardiology"}});
    let reply = client.post("/Users", &turned).await.expect(201);
    assert_eq!(list(&reply.body["schemas"]), [USER, ENTERPRISE, PERSON]);
    assert_eq!(reply.body[ENTERPRISE]["department"], "Cardiology");
    world.set("strict=true").await;
    client.post("/Users", &foreign).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn rfc_res06_extension_attributes_live_under_their_urn() {
    let world = World::new().await;
    for shown in everywhere(&world.client(), &full(INES)).await {
        assert_eq!(shown[ENTERPRISE]["department"], "Cardiology");
        assert!(shown.get("department").is_none() && shown.get("employeeNumber").is_none());
    }
}

#[tokio::test]
async fn rfc_res09_res12_ids_are_unique_across_types_and_free_of_bulk_ids() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let mut ids = vec![grouped(&client, "Ward 7", &[]).await];
    for turn in 0..20 {
        ids.push(made(&client, &format!("person{turn}@northvale.example")).await);
    }
    ids.push(client.post("/Devices", &json!({"serial": "S-1"})).await.expect(201).id());
    assert!(ids.iter().all(|id| !id.to_lowercase().contains("bulkid")));
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[tokio::test]
async fn rfc_res10_res11_ids_are_ours_stable_and_never_given_again() {
    let world = World::new().await;
    let client = world.client();
    let wish = user_with(INES, &json!({"id": "client-chosen"}));
    let first = client.post("/Users", &wish).await.expect(201).id();
    assert_ne!(first, "client-chosen");
    let path = format!("/Users/{first}");
    assert_eq!(client.get(&path).await.id(), first);
    assert_eq!(client.get(&path).await.id(), first);
    client.delete(&path).await.expect(204);
    let again = user_with(INES, &json!({"id": first}));
    assert_ne!(client.post("/Users", &again).await.expect(201).id(), first);
    client.get(&path).await.expect(404);
}

#[tokio::test]
async fn rfc_res13_id_is_shown_whatever_is_asked() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    for query in ["attributes=userName", "excludedAttributes=id", "attributes=noSuch"] {
        assert_eq!(client.get(&format!("/Users/{id}?{query}")).await.expect(200).id(), id);
        let listed = client.get(&format!("/Users?{query}")).await.expect(200);
        assert_eq!(listed.resources()[0]["id"], id);
    }
}

#[tokio::test]
async fn rfc_res14_ids_compare_to_the_letter() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    assert_ne!(id, id.to_uppercase());
    assert_eq!(hits(&client, "/Users", &format!("id eq \"{id}\"")).await, 1);
    assert_eq!(hits(&client, "/Users", &format!("id eq \"{}\"", id.to_uppercase())).await, 0);
    let not = format!("not (id ne \"{}\")", id.to_uppercase());
    assert_eq!(hits(&client, "/Users", &not).await, 0);
}

#[tokio::test]
async fn rfc_res15_res16_external_ids_are_the_clients_to_the_letter() {
    let world = World::new().await;
    let client = world.client();
    let bare = client.post("/Users", &user("bare@northvale.example")).await.expect(201);
    assert!(bare.body.get("externalId").is_none());
    let body = user_with(INES, &json!({"externalId": "Ext-ABC"}));
    let reply = client.post("/Users", &body).await.expect(201);
    assert_eq!(reply.body["externalId"], "Ext-ABC");
    assert_eq!(hits(&client, "/Users", "externalId eq \"Ext-ABC\"").await, 1);
    assert_eq!(hits(&client, "/Users", "externalId eq \"ext-abc\"").await, 0);
    assert_eq!(hits(&client, "/Users", "externalId co \"ext\"").await, 0);
    let other = user_with("other@northvale.example", &json!({"externalId": "ext-abc"}));
    client.post("/Users", &other).await.expect(201);
}

#[tokio::test]
async fn rfc_res17_external_ids_are_scoped_to_the_domain() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let body = user_with(INES, &json!({"externalId": "E-1"}));
    world.client().post("/Users", &body).await.expect(201);
    other.post("/Users", &body).await.expect(201);
    let group = json!({"schemas": [GROUP], "displayName": "Ward 7", "externalId": "E-1"});
    world.client().post("/Groups", &group).await.expect(201);
    let twin = user_with("twin@northvale.example", &json!({"externalId": "E-1"}));
    world.client().post("/Users", &twin).await.refused(409, "uniqueness");
}

#[tokio::test]
async fn rfc_res28_res29_null_empty_and_absent_are_one() {
    let world = World::new().await;
    let client = world.client();
    let body =
        user_with(INES, &json!({"nickName": null, "emails": [], "name": null, "title": null}));
    let nulls = client.post("/Users", &body).await.expect(201);
    let bare = client.post("/Users", &user("bare@northvale.example")).await.expect(201);
    for reply in [&nulls, &bare] {
        let read = client.get(&format!("/Users/{}", reply.id())).await.expect(200).body;
        for name in ["nickName", "emails", "name", "title"] {
            assert!(unassigned(&read[name]), "{read}");
        }
    }
    assert_eq!(hits(&client, "/Users", "nickName pr or emails pr or name pr").await, 0);
}

#[tokio::test]
async fn rfc_res30_res31_order_and_letter_case_of_names_do_not_matter() {
    let world = World::new().await;
    let client = world.client();
    let text = format!(
        r#"{{"DisplayName":"Ines","EMAILS":[{{"TYPE":"work","Value":"i@northvale.example"}}],"USERNAME":"{INES}","Schemas":["{USER}"]}}"#
    );
    let reply = client.send("POST", "/Users", &[], Some(text)).await.expect(201);
    assert_eq!(reply.body["userName"], INES);
    assert_eq!(reply.body["displayName"], "Ines");
    assert_eq!(reply.body["emails"], json!([{"value": "i@northvale.example", "type": "work"}]));
    assert!(reply.body.get("USERNAME").is_none() && reply.body.get("EMAILS").is_none());
}

#[tokio::test]
async fn rfc_res32_res40_every_type_has_the_common_attributes() {
    let world = World::with_custom_types().await;
    let client = world.client();
    let bodies = [
        ("User", user(INES)),
        ("Group", json!({"displayName": "Ward 7"})),
        ("Device", json!({"serial": "S-1"})),
        ("PlacedDevice", json!({"serial": "S-2", PLACEMENT: {"room": "R-1"}})),
        ("Role", json!({"displayName": "Ward clerk"})),
    ];
    for (name, mut body) in bodies {
        body["externalId"] = json!("E-1");
        body["id"] = json!("mine");
        let made = client.post(&format!("/{name}s"), &body).await.expect(201);
        assert_eq!(made.body["externalId"], "E-1");
        assert_eq!(made.body["meta"]["resourceType"], name);
        assert_ne!(made.id(), "mine");
        let read = client.get(&format!("/{name}s/{}", made.id())).await.expect(200);
        assert_eq!(read.body, made.body);
        let rename = json!([{"op": "replace", "path": "id", "value": "mine"}]);
        client
            .operations(&format!("/{name}s/{}", made.id()), rename)
            .await
            .refused(400, "mutability");
    }
}

#[tokio::test]
async fn rfc_res33_values_have_the_shape_of_their_attribute() {
    let world = World::new().await;
    let body = client_body(&world).await;
    assert!(body["userName"].is_string() && body["active"].is_boolean());
    assert!(body["name"].is_object() && body["meta"].is_object());
    assert_eq!(body["emails"].as_array().unwrap().len(), 1);
    assert!(body["schemas"].is_array());
}

async fn client_body(world: &World) -> Value {
    world.client().post("/Users", &full(INES)).await.expect(201).body
}

#[tokio::test]
async fn rfc_res34_text_of_every_script_comes_back_as_it_went() {
    let world = World::new().await;
    let client = world.client();
    for (turn, text) in
        ["Ирина Соколова", "山田花子", "👩🏽\u{20}nurse 🏥", "ﾐﾗﾉ e\u{301}"].iter().enumerate()
    {
        let body = user_with(&format!("p{turn}@northvale.example"), &json!({"displayName": text}));
        let id = client.post("/Users", &body).await.expect(201).id();
        let read = client.get(&format!("/Users/{id}")).await.expect(200);
        assert_eq!(read.body["displayName"], *text);
        assert!(read.text.contains(text), "sent as UTF-8, not as escapes");
    }
}

#[tokio::test]
async fn rfc_res35_answers_show_what_was_taken_not_what_was_sent() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    let group = grouped(&client, "Ward 7", &[&id]).await;
    let sent = user_with(
        INES,
        &json!({"id": "x", "groups": [], "noSuchAttribute": 1,
        "meta": {"created": "1999-01-01T00:00:00Z"}, "active": "True"}),
    );
    let put = client.put(&format!("/Users/{id}"), &sent).await.expect(200);
    assert_eq!(put.id(), id);
    assert_eq!(put.body["groups"][0]["value"], group);
    assert_eq!(put.body["active"], true);
    assert!(put.body.get("noSuchAttribute").is_none());
    assert_eq!(put.body, client.get(&format!("/Users/{id}")).await.body);
}

#[tokio::test]
async fn rfc_res36_messages_carry_their_urn() {
    let world = World::new().await;
    let client = world.client();
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": "a", "data": user(INES)}]});
    let bulk = client.post("/Bulk", &bulk).await.expect(200);
    for (reply, name) in [
        (client.get("/Users").await.expect(200), "ListResponse"),
        (client.get("/Users/none").await.expect(404), "Error"),
        (bulk, "BulkResponse"),
    ] {
        let urn = format!("urn:ietf:params:scim:api:messages:2.0:{name}");
        assert_eq!(reply.body["schemas"], json!([urn]));
    }
}

#[tokio::test]
async fn rfc_res37_res39_references_resolve_and_lead_to_the_member() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    let inner = grouped(&client, "Ward 8", &[]).await;
    let whole = format!("{BASE}/Users/{id}");
    for (turn, reference) in
        [format!("../Users/{id}"), format!("Users/{id}"), whole].iter().enumerate()
    {
        let group = json!({"displayName": format!("Ward {turn}"),
            "members": [{"$ref": reference}, {"$ref": format!("../Groups/{inner}")}]});
        let made = client.post("/Groups", &group).await.expect(201);
        let read = client.get(&format!("/Groups/{}", made.id())).await.expect(200);
        let members = read.body["members"].as_array().unwrap();
        assert_eq!(members.len(), 2);
        for member in members {
            let path = member["$ref"].as_str().unwrap().strip_prefix(BASE).unwrap();
            let target = client.get(path).await.expect(200);
            assert_eq!(member["value"], target.id());
            assert_eq!(member["type"], target.body["meta"]["resourceType"]);
        }
    }
}

#[tokio::test]
async fn rfc_res38_a_reference_is_the_same_with_and_without_the_version() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    grouped(&client, "Ward 7", &[&id]).await;
    let with_version = format!("{BASE}/Users/{id}");
    let without = with_version.replace("/scim/v2/", "/scim/");
    for reference in [with_version, without] {
        let filter = format!("members[$ref eq \"{reference}\"]");
        assert_eq!(hits(&client, "/Groups", &filter).await, 1, "{reference}");
    }
    let other = format!("members[$ref eq \"{BASE}/v1/Users/{id}\"]").replace("/v2/v1/", "/v1/");
    assert_eq!(hits(&client, "/Groups", &other).await, 0);
}
