//! Where people work: AS1 to AS7 at the door.

use super::*;

/// A world with two sites of the first organization.
async fn two() -> (World, String, String) {
    let world = World::new().await;
    let first = site(&world, "ORG0001", "ABCC").await;
    let second = site(&world, "ORG0001", "GHIH").await;
    (world, first, second)
}

fn works(places: &[(&str, &str, bool)]) -> Value {
    let one = |(place, role, default): &(&str, &str, bool)| {
        let mut element = json!({"value": place, "role": role});
        if *default {
            element["default"] = json!(true);
        }
        element
    };
    json!({"assignments": places.iter().map(one).collect::<Vec<_>>()})
}

/// Place, role and whether it is the default, of every assignment.
fn rows(mine: &Value) -> Vec<(String, String, bool)> {
    let row = |one: &Value| {
        let word = |name: &str| one[name].as_str().unwrap().to_owned();
        (word("value"), word("role"), one["default"].as_bool().unwrap())
    };
    mine["assignments"].as_array().map(|all| all.iter().map(row).collect()).unwrap_or_default()
}

fn row(place: &str, role: &str, default: bool) -> (String, String, bool) {
    (place.to_owned(), role.to_owned(), default)
}

#[tokio::test]
async fn as1_assignments_are_shown_whole_and_found() {
    let (world, first, second) = two().await;
    let client = world.client();
    let said = works(&[(&first, "ED Normal", false), (&second, "ed-administrator", true)]);
    let id = person(&client, "joe", said).await;
    let seen = mine(&client, &id).await;
    let shown = &seen["assignments"][0];
    assert_eq!((&shown["display"], &shown["kind"]), (&json!("ABCC"), &json!("site")));
    assert!(shown["$ref"].as_str().unwrap().ends_with(&format!("/Sites/{first}")));
    let expected = [row(&first, "ed-normal", false), row(&second, "ed-administrator", true)];
    assert_eq!(rows(&seen), expected);
    for (filter, hits) in [
        (format!("{} eq \"{first}\"", at("assignments.value")), 1),
        (format!("{} eq \"ed-normal\"", at("assignments.role")), 1),
        (format!("{} eq \"view-only\"", at("assignments.role")), 0),
        (format!("assignments[value eq \"{second}\" and default eq true]"), 1),
        (format!("assignments[value eq \"{first}\" and default eq true]"), 0),
    ] {
        assert_eq!(count(&client, &filter).await, hits, "{filter}");
    }
    let again = client.put(&format!("/Users/{id}"), &body("joe", seen.clone())).await.expect(200);
    assert_eq!(again.body[PERSON], seen, "what is read can be written back");
}

#[tokio::test]
async fn as2_one_role_at_each_place() {
    let (world, first, _) = two().await;
    let said = works(&[(&first, "ed-normal", true), (&first, "ed-administrator", false)]);
    let made = world.client().post("/Users", &body("joe", said)).await;
    // Two elements with one `value` are one to SCIM: the first role counts.
    assert_eq!(rows(&made.expect(201).body[PERSON]), [row(&first, "ed-normal", true)]);
}

#[tokio::test]
async fn as3_exactly_one_default_while_there_is_an_assignment() {
    let (world, first, second) = two().await;
    let client = world.client();
    let none = works(&[(&first, "ed-normal", false), (&second, "ed-normal", false)]);
    let id = person(&client, "joe", none).await;
    let path = format!("/Users/{id}");
    assert_eq!(rows(&mine(&client, &id).await)[0], row(&first, "ed-normal", true));
    let both = works(&[(&first, "ed-normal", true), (&second, "ed-normal", true)]);
    client.post("/Users", &body("jane", both.clone())).await.refused(400, "invalidValue");
    // Of two, the one that is new wins.
    client.put(&path, &body("joe", both)).await.expect(200);
    assert_eq!(rows(&mine(&client, &id).await)[1], row(&second, "ed-normal", true));
    assert_eq!(rows(&mine(&client, &id).await)[0], row(&first, "ed-normal", false));
    let moved = json!([{"op": "replace", "path": at(&format!("assignments[value eq \"{first}\"].default")), "value": true}]);
    client.operations(&path, moved).await.expect(200);
    assert_eq!(rows(&mine(&client, &id).await)[0], row(&first, "ed-normal", true));
    assert_eq!(rows(&mine(&client, &id).await)[1], row(&second, "ed-normal", false));
}

#[tokio::test]
async fn as4_an_administrator_does_not_remove_the_only_place() {
    let (world, first, _) = two().await;
    let id = person(&world.client(), "joe", works(&[(&first, "ed-normal", true)])).await;
    let gone = json!([{"op": "remove", "path": at("assignments")}]);
    let said = world.admin().operations(&format!("/Users/{id}"), gone.clone()).await;
    assert!(said.refused(400, "invalidValue").text.contains("AS4"));
    world.client().operations(&format!("/Users/{id}"), gone).await.expect(200);
    assert!(rows(&mine(&world.client(), &id).await).is_empty());
}

#[tokio::test]
async fn as5_as7_the_default_is_kept_by_an_administrator_and_moves_for_a_connection() {
    let (world, first, second) = two().await;
    let said = works(&[(&first, "ed-normal", false), (&second, "ed-normal", true)]);
    let id = person(&world.client(), "joe", said).await;
    let path = format!("/Users/{id}");
    let gone =
        json!([{"op": "remove", "path": at(&format!("assignments[value eq \"{second}\"]"))}]);
    let refused = world.admin().operations(&path, gone.clone()).await;
    assert!(refused.refused(400, "invalidValue").text.contains("AS5"));
    world.client().operations(&path, gone).await.expect(200);
    assert_eq!(rows(&mine(&world.client(), &id).await), [row(&first, "ed-normal", true)]);
    let last = world.events(1).await.pop().unwrap();
    assert!(last.cause.reason.contains("AS7"), "{last:?}");
    let none = json!([{"op": "remove", "path": at("assignments")}]);
    world.client().operations(&path, none).await.expect(200);
    let last = world.events(1).await.pop().unwrap();
    assert!(last.cause.reason.contains("pending (AS7)"), "{last:?}");
}

#[tokio::test]
async fn as6_a_place_offers_the_roles_of_its_kind() {
    let (world, first, _) = two().await;
    let one = organization(&world, "ORG0001").await;
    let client = world.client();
    for (place, role) in
        [(&first, "regional-administrator"), (&first, "TELEPATH"), (&one, "Division Admin")]
    {
        let said = client.post("/Users", &body("joe", works(&[(place, role, true)]))).await;
        let said = said.refused(400, "invalidValue").text;
        assert!(
            said.contains("AS6") && said.contains("assignments") && !said.contains("TELEPATH"),
            "{said}"
        );
    }
    let bare = json!({"assignments": [{"value": first}]});
    client.post("/Users", &body("joe", bare)).await.refused(400, "invalidValue");
    person(&client, "joe", works(&[(&one, "View-Only", true)])).await;
}

#[tokio::test]
async fn ten04_a_connection_assigns_to_places_of_its_own_organization_only() {
    let (world, first, _) = two().await;
    world.other_organization(2).await;
    let far = site(&world, "ORG0002", "FARR").await;
    let region = json!({"displayName": "North", "kind": "region"});
    let region = world.admin().post("/Organizations", &region).await.expect(201).id();
    let above = json!([{"op": "add", "path": "parent", "value": {"value": region}}]);
    let one = organization(&world, "ORG0001").await;
    world.admin().operations(&format!("/Organizations/{one}"), above).await.expect(200);
    let client = world.client();
    let nobody = "0190f3a4-0000-7000-8000-000000000000";
    let mut said = Vec::new();
    for place in [far.as_str(), &organization(&world, "ORG0002").await, &region, nobody] {
        let reply = client.post("/Users", &body("joe", works(&[(place, "view-only", true)]))).await;
        said.push(reply.refused(400, "invalidValue").body["detail"].clone());
    }
    said.dedup();
    assert_eq!(said.len(), 1, "what it may not see and what is not there get one answer");
    let id = person(&client, "joe", works(&[(&first, "view-only", true)])).await;
    let more = json!([{"op": "add", "path": at("assignments"), "value": [
        {"value": far, "role": "ed-normal"}, {"value": region, "role": "view-only"}]}]);
    world.admin().operations(&format!("/Users/{id}"), more).await.expect(200);
    let seen = mine(&client, &id).await["assignments"].clone();
    assert_eq!(seen[0]["display"], "ABCC");
    let far_row = seen.as_array().unwrap().iter().find(|one| one["value"] == far).unwrap();
    assert!(far_row.get("display").is_none() && far_row.get("$ref").is_none());
    // What is there already may be repeated by a connection that cannot name it anew.
    client
        .put(&format!("/Users/{id}"), &body("joe", json!({"assignments": seen})))
        .await
        .expect(200);
}

#[tokio::test]
async fn tr3_a_place_where_people_work_stays_and_one_switched_off_takes_nobody() {
    let (world, first, second) = two().await;
    let client = world.client();
    let id = person(&client, "joe", works(&[(&first, "ed-normal", true)])).await;
    let said = world.admin().delete(&format!("/Sites/{first}")).await;
    assert!(said.refused(400, "invalidValue").text.contains("TR3"));
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    world.admin().operations(&format!("/Sites/{second}"), off).await.expect(200);
    let more = json!([{"op": "add", "path": at("assignments"), "value": [{"value": second, "role": "ed-normal"}]}]);
    let said = client.operations(&format!("/Users/{id}"), more).await;
    assert!(said.refused(400, "invalidValue").text.contains("TR3"));
    client.delete(&format!("/Users/{id}")).await.expect(204);
    world.admin().delete(&format!("/Sites/{first}")).await.expect(204);
}
