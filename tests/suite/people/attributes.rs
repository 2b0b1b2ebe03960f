//! What the extension says: home organization, words, what no connection sees.

use super::*;

#[tokio::test]
async fn us7_everybody_has_a_home_organization() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let (one, two) = (organization(&world, "ORG0001").await, organization(&world, "ORG0002").await);
    let client = world.client();
    let id = person(&client, "ada", json!({})).await;
    assert_eq!(mine(&client, &id).await["homeOrganization"]["value"], one);
    assert_eq!(mine(&client, &id).await["homeOrganization"]["display"], "Northvale Health");
    let far = person(&other, "far", json!({"profession": "Nurse"})).await;
    assert_eq!(mine(&other, &far).await["homeOrganization"]["value"], two);
    let foreign = json!({"homeOrganization": {"value": two}});
    client.post("/Users", &body("bo", foreign.clone())).await.refused(400, "invalidValue");
    let path = format!("/Users/{id}");
    let moved = json!([{"op": "replace", "path": at("homeOrganization.value"), "value": two}]);
    client.operations(&path, moved).await.refused(400, "invalidValue");
    let gone = json!([{"op": "remove", "path": at("homeOrganization")}]);
    client.operations(&path, gone).await.expect(200);
    assert_eq!(mine(&client, &id).await["homeOrganization"]["value"], one);
    let filter = format!("{}.value eq \"{one}\"", at("homeOrganization"));
    assert_eq!(count(&client, &filter).await, 1);
    assert_eq!(count(&other, &filter).await, 0);
}

#[tokio::test]
async fn us7_an_administrator_names_it_in_either_place() {
    let world = World::new().await;
    world.other_organization(2).await;
    let (admin, two) = (world.admin(), organization(&world, "ORG0002").await);
    let under = |value: Value| json!({PERSON: {"homeOrganization": value}});
    let bodies = [
        under(json!({"value": two})),
        under(json!("ORG0002")),
        under(json!({"value": "org0002"})),
        json!({"homeOrganization": "ORG0002"}),
        json!({"HomeOrganization": {"value": two}, PERSON: {"profession": "Nurse"}}),
        json!({format!("{PERSON}:homeOrganization"): {"value": "ORG0002"}}),
        json!({format!("{PERSON}:homeOrganization.value"): "ORG0002"}),
    ];
    for (turn, mut body) in bodies.into_iter().enumerate() {
        body["userName"] = json!(format!("p{turn}"));
        let made = admin.post("/Users", &body).await.expect(201).body;
        assert_eq!(made[PERSON]["homeOrganization"]["value"], two, "{body}");
        assert!(made.get("homeOrganization").is_none());
    }
    let nowhere = admin.post("/Users", &json!({"userName": "x"})).await;
    assert!(nowhere.refused(400, "invalidValue").text.contains("homeOrganization"));
    let unknown = under(json!("ORG0099"));
    admin.post("/Users", &unknown).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn us7_affiliations_are_organizations_that_the_writer_sees() {
    let world = World::new().await;
    world.other_organization(2).await;
    let (one, two) = (organization(&world, "ORG0001").await, organization(&world, "ORG0002").await);
    let id = person(&world.client(), "ada", json!({})).await;
    let path = format!("/Users/{id}");
    let to = |value: &str| json!([{"op": "add", "path": at("affiliations"), "value": [{"value": value}]}]);
    world.client().operations(&path, to(&two)).await.refused(400, "invalidValue");
    world.client().operations(&path, to(&one)).await.expect(200);
    world.admin().operations(&path, to(&two)).await.expect(200);
    let seen = mine(&world.admin(), &id).await["affiliations"].clone();
    assert_eq!(seen[1]["display"], "Organization 2");
    let seen = mine(&world.client(), &id).await["affiliations"].clone();
    assert_eq!(seen[1], json!({"value": two}), "not what the connection sees");
    let filter = format!("{} eq \"{two}\"", at("affiliations.value"));
    assert_eq!(count(&world.admin(), &filter).await, 1);
}

#[tokio::test]
async fn us7_words_come_in_as_codes_or_texts_and_go_out_as_codes() {
    let world = World::new().await;
    let client = world.client();
    let id = person(
        &client,
        "ada",
        json!({
            "profession": "Nurse Practitioner", "credential": "one id", "partnerSignIn": "True",
            "applicationRoles": ["atc user"],
            "services": [{"value": "eVisit"}, {"value": "directory"}, {"value": "PCVC"}],
        }),
    )
    .await;
    let seen = mine(&client, &id).await;
    assert_eq!(seen["credential"], "ONE_ID");
    assert_eq!(seen["partnerSignIn"], true);
    assert_eq!(seen["applicationRoles"], json!(["ATCUser"]));
    let (video, book) = ("eVisit/Videoconference", "Directory");
    assert_eq!(
        seen["services"],
        json!([{"value": "PCVC", "display": video}, {"value": "DIRECTORY", "display": book}])
    );
    for (filter, hits) in [
        (format!("{} eq \"pcvc\"", at("services.value")), 1),
        (format!("{} eq \"ECONSULT\"", at("services.value")), 0),
        (format!("{} eq \"one_id\"", at("credential")), 1),
        (format!("{} sw \"nurse\"", at("profession")), 1),
        ("services[value eq \"PCVC\"]".to_owned(), 1),
    ] {
        assert_eq!(count(&client, &filter).await, hits, "{filter}");
    }
    for (name, wrong) in [
        ("services", json!([{"value": "TELEPATHY"}])),
        ("credential", json!("TELEPATHY")),
        ("applicationRoles", json!(["TELEPATHY"])),
    ] {
        let operation = json!([{"op": "replace", "path": at(name), "value": wrong}]);
        let said = client.operations(&format!("/Users/{id}"), operation).await;
        let said = said.refused(400, "invalidValue").text;
        assert!(said.contains(name) && !said.contains("TELEPATHY"), "{said}");
    }
    let again = mine(&client, &id).await;
    let same = client.put(&format!("/Users/{id}"), &body("ada", again.clone())).await.expect(200);
    assert_eq!(same.body[PERSON], again, "what is read can be written back");
}

#[tokio::test]
async fn us5_disabling_keeps_grants_and_says_since_when() {
    let world = World::new().await;
    let client = world.client();
    let id = person(&client, "ada", json!({"services": [{"value": "PCVC"}]})).await;
    let path = format!("/Users/{id}");
    client
        .operations(&path, json!([{"op": "replace", "path": "active", "value": false}]))
        .await
        .expect(200);
    let off = mine(&client, &id).await;
    assert_eq!(off["deactivation"]["type"], "temporary");
    assert_eq!(off["services"][0]["value"], "PCVC");
    let back = "2027-01-04T00:00:00Z";
    let why = json!([
        {"op": "add", "path": at("deactivation.reason"), "value": "Parental leave"},
        {"op": "add", "path": at("deactivation.expectedReturn"), "value": back},
    ]);
    client.operations(&path, why).await.expect(200);
    let said = mine(&client, &id).await["deactivation"].clone();
    assert_eq!(
        (&said["reason"], &said["at"]),
        (&json!("Parental leave"), &off["deactivation"]["at"])
    );
    assert!(said["expectedReturn"].as_str().unwrap().starts_with("2027-01-04"));
    let forged = json!([{"op": "replace", "path": at("deactivation.at"), "value": back}]);
    client.operations(&path, forged).await.refused(400, "mutability");
    // A PUT that does not speak of the extension leaves it; one that switches on ends it.
    client.put(&path, &json!({"userName": "ada@hospital.example"})).await.expect(200);
    assert_eq!(mine(&client, &id).await["deactivation"], said);
    client
        .put(&path, &json!({"userName": "ada@hospital.example", "active": true}))
        .await
        .expect(200);
    assert!(mine(&client, &id).await.get("deactivation").is_none());
}

#[tokio::test]
async fn us2_no_writer_sets_what_is_known_of_an_account() {
    let world = World::new().await;
    let client = world.client();
    let forged = json!({
        "lastAccess": "2001-01-01T00:00:00Z", "activatedAt": "2001-01-01T00:00:00Z",
        "reinstatedAt": "2001-01-01T00:00:00Z", "professionCode": "X", "mustChangePassword": true,
        "status": "Dormant", "accessState": "granted", "profession": "Nurse",
    });
    let made = client.post("/Users", &body("ada", forged.clone())).await.expect(201);
    let path = format!("/Users/{}", made.id());
    client.put(&path, &body("ada", forged)).await.expect(200);
    let seen = mine(&client, &made.id()).await;
    assert_eq!(seen["activatedAt"], made.body[PERSON]["activatedAt"]);
    assert!(!seen.to_string().contains("2001-01-01"), "{seen}");
    for name in ["lastAccess", "reinstatedAt", "professionCode", "mustChangePassword"] {
        assert!(seen.get(name).is_none(), "{name}");
        let set = json!([{"op": "replace", "path": at(name), "value": "2001-01-01T00:00:00Z"}]);
        client.operations(&path, set).await.refused(400, "mutability");
    }
}

#[tokio::test]
async fn ad4_no_connection_sees_or_gives_what_a_person_administers() {
    let world = World::new().await;
    let (client, admin) = (world.client(), world.admin());
    let one = organization(&world, "ORG0001").await;
    let wish = json!([{"type": "global"}, {"type": "regional", "value": one}]);
    let id = person(&client, "ada", json!({"adminRoles": wish, "profession": "Nurse"})).await;
    let path = format!("/Users/{id}");
    assert!(mine(&admin, &id).await.get("adminRoles").is_none());
    let set = json!([{"op": "add", "path": at("adminRoles"), "value": wish}]);
    client.operations(&path, set.clone()).await.refused(400, "invalidPath");
    let merged = json!([{"op": "add", "value": {PERSON: {"adminRoles": wish}}}]);
    client.operations(&path, merged).await.expect(200);
    client.put(&path, &body("ada", json!({"adminRoles": wish}))).await.expect(200);
    assert!(mine(&admin, &id).await.get("adminRoles").is_none());
    admin.operations(&path, set).await.expect(200);
    let given = mine(&admin, &id).await["adminRoles"].clone();
    assert_eq!(given[1]["display"], "Northvale Health");
    // The connection neither sees it nor takes it away nor finds by it.
    let seen = client.get(&path).await;
    assert!(!seen.text.contains("adminRoles") && !seen.text.contains("regional"), "{}", seen.text);
    let shown = client.get(&format!("{path}?attributes={}", at("adminRoles"))).await;
    assert!(!shown.text.contains("regional"));
    client.put(&path, &body("ada", json!({}))).await.expect(200);
    client.operations(&path, json!([{"op": "remove", "path": PERSON}])).await;
    assert_eq!(mine(&admin, &id).await["adminRoles"], given);
    client
        .filter("/Users", &format!("{} pr", at("adminRoles")))
        .await
        .refused(400, "invalidFilter");
    client
        .get(&format!("/Users?sortBy={}", at("adminRoles.type")))
        .await
        .refused(400, "invalidPath");
    world.set("strict=true").await;
    let strict = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", PERSON],
        "userName": "x", PERSON: {"adminRoles": wish}});
    client.post("/Users", &strict).await.expect(400);
}
