//! The User resource, and how a person ends (USR, SFT).

use serde_json::Value;
use serde_json::json;

use super::grouped;
use super::hits;
use super::made;
use super::members_of;
use super::user;
use super::user_with;
use super::with;
use crate::world::Client;
use crate::world::Reply;
use crate::world::World;

const INES: &str = "ines.quarrie@northvale.example";
const CANARY: &str = "Canary-7f2e-Pw";

/// Posts these attributes, and demands them back as they are, now and when read again.
async fn round_trip(client: &Client, name: &str, sent: Value) -> String {
    let made = client.post("/Users", &user_with(name, &sent)).await.expect(201);
    let path = format!("/Users/{}", made.id());
    let read = client.get(&path).await.expect(200);
    for (key, value) in sent.as_object().unwrap() {
        assert_eq!(made.body[key], *value, "{key}");
        assert_eq!(read.body[key], *value, "{key}");
    }
    path
}

#[tokio::test]
async fn rfc_usr01_a_user_name_is_there_and_not_empty() {
    let world = World::new().await;
    let client = world.client();
    for body in
        [json!({}), json!({"userName": ""}), json!({"userName": " "}), json!({"userName": null})]
    {
        client.post("/Users", &body).await.refused(400, "invalidValue");
    }
    let path = format!("/Users/{}", made(&client, INES).await);
    for operation in [
        json!({"op": "replace", "path": "userName", "value": ""}),
        json!({"op": "replace", "value": {"userName": ""}}),
    ] {
        client.operations(&path, json!([operation])).await.refused(400, "invalidValue");
    }
    client
        .operations(&path, json!([{"op": "remove", "path": "userName"}]))
        .await
        .refused(400, "mutability");
    assert_eq!(client.get(&path).await.body["userName"], INES);
}

#[tokio::test]
async fn rfc_usr02_usr03_a_user_name_is_unique_in_every_script() {
    let world = World::new().await;
    let client = world.client();
    for (one, other) in [
        (INES, INES),
        ("\u{e9}cole@northvale.example", "\u{c9}COLE@northvale.example"),
        (
            "\u{430}\u{43d}\u{43d}\u{430}@northvale.example",
            "\u{410}\u{41d}\u{41d}\u{410}@northvale.example",
        ),
        ("stra\u{df}e@northvale.example", "STRASSE@northvale.example"),
        ("\u{3c3}\u{3bf}\u{3c6}\u{3cc}\u{3c2}", "\u{3a3}\u{39f}\u{3a6}\u{38c}\u{3a3}"),
    ] {
        let first = client.post("/Users", &user(one)).await.expect(201);
        assert_eq!(first.body["userName"], one);
        client.post("/Users", &user(other)).await.refused(409, "uniqueness");
        let found = client.filter("/Users", &format!("userName eq \"{other}\"")).await.expect(200);
        assert_eq!(found.body["totalResults"], 1, "{other}");
        assert_eq!(found.resources()[0]["id"], first.id());
    }
}

/// Answers to everything that can be done with a password.
async fn password_replies(client: &Client) -> Vec<Reply> {
    let body = user_with(INES, &json!({"password": CANARY}));
    let made = client.post("/Users?attributes=password,userName", &body).await.expect(201);
    let path = format!("/Users/{}", made.id());
    let by_path = json!([{"op": "replace", "path": "password", "value": CANARY}]);
    let pathless = json!([{"op": "add", "value": {"password": CANARY}}]);
    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "attributes": ["password"]});
    vec![
        made,
        client.put(&path, &body).await.expect(200),
        client.operations(&path, by_path).await.expect(200),
        client.operations(&path, pathless).await.expect(200),
        client.get(&path).await.expect(200),
        client.get(&format!("{path}?attributes=password")).await.expect(200),
        client.get("/Users?attributes=password").await.expect(200),
        client.post("/Users/.search", &search).await.expect(200),
        client.post("/Users", &body).await.refused(409, "uniqueness"),
    ]
}

#[tokio::test]
async fn rfc_usr04_usr05_a_password_is_taken_and_never_shown() {
    let world = World::new().await;
    for reply in password_replies(&world.client()).await {
        assert!(
            !reply.text.contains("Canary") && !reply.text.contains("\"password\""),
            "{}",
            reply.text
        );
    }
    // Nor kept: what is not kept cannot be changed, and that is announced.
    let configuration = world.client().get("/ServiceProviderConfig").await.expect(200);
    assert_eq!(configuration.body["changePassword"]["supported"], false);
}

#[tokio::test]
async fn rfc_usr06_no_filter_or_order_reaches_a_password() {
    let world = World::new().await;
    let client = world.client();
    client.post("/Users", &user_with(INES, &json!({"password": CANARY}))).await.expect(201);
    for filter in
        ["password sw \"C\"", "password pr", "password eq \"x\"", "not (password co \"a\")"]
    {
        client.filter("/Users", filter).await.refused(400, "invalidFilter");
    }
    client.get("/Users?sortBy=password").await.refused(400, "invalidPath");
}

#[tokio::test]
async fn rfc_usr07_usr08_names_and_settings_are_kept() {
    let world = World::new().await;
    let client = world.client();
    let name = json!({"formatted": "Dr. Ines M. Quarrie, III", "familyName": "Quarrie",
        "givenName": "Ines", "middleName": "Mara", "honorificPrefix": "Dr.", "honorificSuffix": "III"});
    round_trip(&client, INES, json!({"name": name, "displayName": "Ines Quarrie", "nickName": "Ina",
        "title": "Physician", "userType": "Employee", "profileUrl": "https://northvale.example/ines",
        "preferredLanguage": "en-GB", "locale": "en-GB", "timezone": "Europe/London"})).await;
}

#[tokio::test]
async fn rfc_usr09_rfc_sft02_false_is_kept_and_the_person_stays_readable() {
    let world = World::new().await;
    let client = world.client();
    let path = round_trip(&client, INES, json!({"active": false})).await;
    assert_eq!(hits(&client, "/Users", "active eq false").await, 1);
    assert_eq!(hits(&client, "/Users", "active eq true").await, 0);
    let on = json!([{"op": "replace", "path": "active", "value": true}]);
    assert_eq!(client.operations(&path, on).await.expect(200).body["active"], true);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    client.operations(&path, off).await.expect(200);
    assert_eq!(client.get(&path).await.expect(200).body["active"], false);
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 1);
}

#[tokio::test]
async fn rfc_usr10_usr11_usr12_addresses_are_kept_as_they_came() {
    let world = World::new().await;
    round_trip(
        &world.client(),
        INES,
        json!({
            "emails": [{"value": "Ines.Quarrie@EXAMPLE.COM", "type": "work"}],
            "phoneNumbers": [{"value": "tel:+1-201-555-0123", "type": "work"}],
            "ims": [{"value": "Foo Bar", "type": "xmpp"}],
        }),
    )
    .await;
}

#[tokio::test]
async fn rfc_usr13_usr17_usr18_codes_are_kept() {
    let world = World::new().await;
    let client = world.client();
    round_trip(
        &client,
        INES,
        json!({"addresses": [{"country": "US", "type": "work"}],
        "locale": "en-US", "timezone": "America/Los_Angeles"}),
    )
    .await;
    // Underscores and three letters are widespread; we keep them and judge nobody.
    round_trip(
        &client,
        "other@northvale.example",
        json!({"addresses": [{"country": "USA"}], "locale": "en_US"}),
    )
    .await;
}

#[tokio::test]
async fn rfc_usr14_usr15_groups_change_through_the_group_alone() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, INES).await;
    let inner = grouped(&client, "Ward 7", &[&id]).await;
    let outer = grouped(&client, "Hospital", &[&inner]).await;
    let path = format!("/Users/{id}");
    let before = client.get(&path).await.expect(200);
    let mut kinds: Vec<(String, String)> = Vec::new();
    for one in before.body["groups"].as_array().unwrap() {
        let target = one["$ref"].as_str().unwrap().strip_prefix(crate::world::BASE).unwrap();
        let target = client.get(target).await.expect(200);
        assert_eq!(one["value"], target.id());
        assert_eq!(one["display"], target.body["displayName"]);
        kinds.push((target.id(), one["type"].as_str().unwrap().to_owned()));
    }
    kinds.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(kinds, [(inner.clone(), "direct".into()), (outer, "indirect".into())]);
    let put = client.put(&path, &user_with(INES, &json!({"groups": []}))).await.expect(200);
    assert_eq!(put.body["groups"], before.body["groups"]);
    for op in ["add", "replace", "remove"] {
        for target in ["groups", "groups.value", "groups[type eq \"direct\"]"] {
            let operation = json!([{"op": op, "path": target, "value": []}]);
            client.operations(&path, operation).await.refused(400, "mutability");
        }
    }
    assert_eq!(members_of(&client, &inner).await, [id]);
}

#[tokio::test]
async fn rfc_usr16_certificates_are_kept() {
    let world = World::new().await;
    let certificate = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";
    round_trip(&world.client(), INES, json!({"x509Certificates": [{"value": certificate}]})).await;
}

#[tokio::test]
async fn rfc_usr19_usr20_usr21_every_list_keeps_its_parts() {
    let world = World::new().await;
    let client = world.client();
    let each = |types: &[&str], value: &dyn Fn(usize) -> String| -> Value {
        let one = |(turn, kind): (usize, &&str)| {
            json!({"value": value(turn), "display": "d",
            "type": kind, "primary": turn == 0})
        };
        types.iter().enumerate().map(one).collect()
    };
    let photo = |turn: usize| format!("https://northvale.example/photo/{turn}");
    let address = |kind: &str| {
        json!({"formatted": "1 Mill Lane", "streetAddress": "1 Mill Lane",
        "locality": "Northvale", "region": "NV", "postalCode": "12345", "country": "GB",
        "type": kind, "primary": kind == "work"})
    };
    round_trip(&client, INES, json!({
        "emails": each(&["work", "home", "other"], &|turn| format!("e{turn}@northvale.example")),
        "phoneNumbers": each(&["work", "home", "mobile", "fax", "pager", "other"], &|turn| format!("+44 {turn}")),
        "ims": each(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"], &|turn| format!("im{turn}")),
        "photos": each(&["photo", "thumbnail"], &photo),
        "addresses": [address("work"), address("home"), address("other")],
        "roles": [{"value": "Faculty"}, {"value": "Ward clerk", "display": "Clerk", "type": "x", "primary": true}],
        "entitlements": [{"value": "lab"}, {"value": "Parking"}],
    })).await;
}

#[tokio::test]
async fn rfc_sft01_sft03_a_delete_is_the_end_and_no_deactivation() {
    let world = World::new().await;
    let client = world.client();
    let path = format!("/Users/{}", made(&client, INES).await);
    client.delete(&path).await.expect(204);
    client.get(&path).await.expect(404);
    client.delete(&path).await.expect(404);
    client.put(&path, &user(INES)).await.expect(404);
    let on = json!([{"op": "replace", "path": "active", "value": true}]);
    client.operations(&path, on).await.expect(404);
    made(&client, INES).await;
}

#[tokio::test]
async fn rfc_sft04_nothing_shows_what_was_deleted() {
    let world = World::new().await;
    let client = world.client();
    let gone = client
        .post("/Users", &user_with(INES, &json!({"externalId": "E-1"})))
        .await
        .expect(201)
        .id();
    let stays = made(&client, "stays@northvale.example").await;
    let group = grouped(&client, "Ward 7", &[&gone, &stays]).await;
    client.delete(&format!("/Users/{gone}")).await.expect(204);
    let search = |filter: &str| {
        json!({"filter": filter,
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]})
    };
    let by_id = format!("id eq \"{gone}\"");
    let by_member = format!("members.value eq \"{gone}\"");
    for filter in
        ["externalId eq \"E-1\"", "userName sw \"ines\"", "not (userName sw \"stays\")", &by_id]
    {
        assert_eq!(hits(&client, "/Users", filter).await, 0, "{filter}");
        let found = client.post("/Users/.search", &search(filter)).await.expect(200);
        assert_eq!(found.body["totalResults"], 0, "{filter}");
    }
    assert_eq!(hits(&client, "/Groups", &by_member).await, 0);
    for path in ["/Users", "/", "/Users?count=1&cursor", "/Groups"] {
        let text = client.get(path).await.expect(200).text;
        assert!(!text.contains(&gone), "{path}: {text}");
    }
    assert_eq!(members_of(&client, &group).await, [stays]);
    client.get("/Me").await.expect(501);
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "PATCH", "path": format!("/Users/{gone}"), "data": with(json!({}), &json!({
            "Operations": [{"op": "replace", "path": "title", "value": "x"}]}))},
        {"method": "DELETE", "path": format!("/Users/{gone}")},
    ]});
    let answer = client.post("/Bulk", &bulk).await.expect(200);
    for operation in answer.body["Operations"].as_array().unwrap() {
        assert_eq!(operation["status"], "404", "{operation}");
    }
    let back = json!([{"op": "add", "path": "members", "value": [{"value": gone}]}]);
    client.operations(&format!("/Groups/{group}"), back).await.refused(400, "invalidValue");
}
