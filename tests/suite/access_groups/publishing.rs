//! Who makes access groups, who sees them, and who fills them.

use serde_json::json;

use super::*;

#[tokio::test]
async fn grp02_a_connection_makes_no_access_group_and_names_give_nothing() {
    let centre = Centre::new().await;
    let client = centre.world.client();
    client.post("/Groups", &centre.body("A", json!({}))).await.expect(403);
    let wide = json!({"displayName": "wardgate-admins", ACCESS: {"modules": ["REPORTS"]}});
    client.post("/Groups", &wide).await.refused(400, "invalidValue");
    let group = centre.group("Ortho MOA", json!({})).await;
    let rita = centre.person("rita").await;
    let pushed = json!({"displayName": "Ortho MOA", "members": [{"value": rita}],
        ACCESS: {"kind": "directory"}});
    let pushed = client.post("/Groups", &pushed).await.expect(201);
    assert_ne!(pushed.id(), group);
    let path = format!("/Groups/{group}");
    client.get(&path).await.expect(404);
    let join = json!([{"op": "add", "path": "members", "value": [{"value": rita}]}]);
    client.operations(&path, join).await.expect(404);
    client.delete(&path).await.expect(404);
    assert_eq!(client.get("/Groups").await.body["totalResults"], 1);
    let all = centre.world.admin().get(&path).await.expect(200);
    assert_eq!(all.body["members"], json!([]));
}

#[tokio::test]
async fn le8_a_published_group_is_found_by_name_and_filled() {
    let centre = Centre::new().await;
    let rita = centre.person("rita").await;
    let connection = centre.world.connection.clone();
    let group = centre.group("Ortho MOA", json!({"publishedTo": [connection]})).await;
    let path = format!("/Groups/{group}");
    let client = centre.world.client();
    for filter in ["displayName eq \"ortho moa\"", "displayName sw \"Ortho\"", "displayName pr"] {
        let found = client.filter("/Groups", filter).await.expect(200);
        assert_eq!(found.body["totalResults"], 1, "{filter}");
        assert_eq!(found.resources()[0]["id"], group.as_str());
    }
    let join = json!([{"op": "add", "path": "members", "value": [{"value": rita}]}]);
    client.operations(&path, join).await.expect(204);
    let seen = client.get(&path).await.expect(200).body;
    assert_eq!(seen["members"][0]["value"], rita.as_str());
    assert!(seen[ACCESS].get("publishedTo").is_none());
    let person = client.get(&format!("/Users/{rita}")).await.expect(200).body;
    assert_eq!(person["groups"][0]["value"], group.as_str());
    let by_member = format!("members.value eq \"{rita}\"");
    assert_eq!(client.filter("/Groups", &by_member).await.body["totalResults"], 1);
    // A replacement by the connection is one of the members.
    let put = json!({"schemas": [GROUP], "displayName": "Ortho MOA", "externalId": "7",
        "members": []});
    let put = client.put(&path, &put).await.expect(200);
    assert_eq!(put.body["members"], json!([]));
    assert!(put.body.get("externalId").is_none());
    assert_eq!(centre.own(&group).await["modules"].as_array().unwrap().len(), 2);
    // Somebody else's connection sees nothing of it.
    let (other, _) = centre.world.other_connection(1).await;
    other.get(&path).await.expect(404);
    assert_eq!(other.get("/Groups").await.body["totalResults"], 0);
    // Taken back, it is gone at once.
    let back = json!([{"op": "remove", "path": format!("{ACCESS}:publishedTo")}]);
    centre.world.admin().operations(&path, back).await.expect(204);
    client.get(&path).await.expect(404);
    let person = client.get(&format!("/Users/{rita}")).await.expect(200).body;
    assert!(person.get("groups").is_none());
}

#[tokio::test]
async fn ten07_a_connection_changes_nothing_but_the_members_of_a_published_group() {
    let centre = Centre::new().await;
    let rita = centre.person("rita").await;
    let connection = centre.world.connection.clone();
    let group = centre.group("Ortho", json!({"publishedTo": [{"value": connection}]})).await;
    centre.enrol(&group, &rita).await;
    let path = format!("/Groups/{group}");
    let restrict = json!([{"op": "add", "path": format!("{ACCESS}:userOverrides"),
        "value": [{"user": rita, "module": "REPORTS", "privilegeLevel": "READ_ONLY"}]}]);
    centre.world.admin().operations(&path, restrict).await.expect(204);
    let before = centre.world.admin().get(&path).await.expect(200).text;
    let client = centre.world.client();
    for change in [
        json!([{"op": "replace", "path": "displayName", "value": "Mine"}]),
        json!([{"op": "add", "path": "externalId", "value": "7"}]),
        json!([{"op": "replace", "path": format!("{ACCESS}:privilegeLevel"), "value": "FULL"}]),
        json!([{"op": "remove", "path": format!("{ACCESS}:userOverrides[user eq \"{rita}\"]")}]),
        json!([{"op": "replace", "value": {ACCESS: {"scheduling": true}}}]),
        json!([{"op": "remove", "path": ACCESS}]),
    ] {
        client.operations(&path, change.clone()).await.expect(403);
    }
    client.put(&path, &json!({"displayName": "Mine"})).await.expect(403);
    client.delete(&path).await.expect(403);
    // Repeating what it sees is no change.
    let seen = client.get(&path).await.expect(200).body;
    client.put(&path, &seen).await.expect(200);
    let same = json!([{"op": "replace", "value": {"id": group, "displayName": "Ortho"}}]);
    client.operations(&path, same).await.expect(204);
    assert_eq!(centre.world.admin().get(&path).await.expect(200).text, before);
}

#[tokio::test]
async fn grp05_a_connection_learns_nobody_elses_people_from_a_published_group() {
    let centre = Centre::new().await;
    let (second, other) = centre.world.other_connection(1).await;
    let (own, foreign) = (centre.person("own").await, person(&second, "foreign").await);
    let published = json!({"publishedTo": [centre.world.connection, other]});
    let group = centre.group("Ortho", published).await;
    centre.enrol(&group, &own).await;
    centre.enrol(&group, &foreign).await;
    let path = format!("/Groups/{group}");
    let restrict = json!([{"op": "add", "path": format!("{ACCESS}:userOverrides"),
        "value": [{"user": foreign, "module": "REPORTS", "privilegeLevel": "READ_ONLY"}]}]);
    centre.world.admin().operations(&path, restrict).await.expect(204);
    let client = centre.world.client();
    let seen = client.get(&path).await.expect(200);
    assert!(seen.text.contains(&own) && !seen.text.contains(&foreign), "{}", seen.text);
    for filter in [
        format!("{ACCESS}:userOverrides.user eq \"{foreign}\""),
        format!("{ACCESS}:userOverrides[user eq \"{foreign}\"]"),
        format!("{ACCESS}:publishedTo.value eq \"{other}\""),
        format!("members.value eq \"{foreign}\""),
    ] {
        let found = client.filter("/Groups", &filter).await.expect(200);
        assert_eq!(found.body["totalResults"], 0, "{filter}");
    }
    // Emptying the group empties it of one's own.
    client.operations(&path, json!([{"op": "remove", "path": "members"}])).await.expect(204);
    let left = centre.world.admin().get(&path).await.expect(200).body;
    assert_eq!(left["members"].as_array().unwrap().len(), 1);
    assert_eq!(left["members"][0]["value"], foreign.as_str());
    assert!(second.get(&path).await.expect(200).text.contains(&foreign));
}

#[tokio::test]
async fn grp04_two_connections_and_one_name() {
    let centre = Centre::new().await;
    let connection = centre.world.connection.clone();
    let group = centre.group("Ortho", json!({"publishedTo": [connection]})).await;
    let (second, other) = centre.world.other_connection(1).await;
    let sly = person(&second, "sly").await;
    let pushed = json!({"displayName": "Ortho", "members": [{"value": sly}]});
    let pushed = second.post("/Groups", &pushed).await.expect(201).id();
    assert_ne!(pushed, group);
    let whole = centre.world.admin().get(&format!("/Groups/{group}")).await.expect(200).body;
    assert_eq!(whole["members"], json!([]));
    // Whom it may be published to is a connection of the same organization.
    let (_, far) = centre.world.other_organization(2).await;
    for bad in [far.as_str(), "nobody", group.as_str()] {
        let body = centre.body("B", json!({"publishedTo": [bad]}));
        centre.world.admin().post("/Groups", &body).await.refused(400, "invalidValue");
    }
    centre.group("B", json!({"publishedTo": [other]})).await;
    assert_eq!(second.get("/Groups").await.body["totalResults"], 2);
    assert_eq!(centre.world.client().get("/Groups").await.body["totalResults"], 1);
}

#[tokio::test]
async fn grp01_the_same_holds_inside_a_bulk_request() {
    let centre = Centre::new().await;
    let connection = centre.world.connection.clone();
    let group = centre.group("Ortho", json!({"publishedTo": [connection]})).await;
    let hidden = centre.group("Hidden", json!({})).await;
    let rita = centre.person("rita").await;
    let join = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": rita}]}]});
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
    "Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "a", "data": centre.body("A", json!({}))},
        {"method": "PATCH", "path": format!("/Groups/{hidden}"), "data": join},
        {"method": "DELETE", "path": format!("/Groups/{group}")},
        {"method": "PATCH", "path": format!("/Groups/{group}"), "data": join},
    ]});
    let done = centre.world.client().post("/Bulk", &bulk).await.expect(200).body;
    let all = done["Operations"].as_array().unwrap();
    let statuses: Vec<&str> = all.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["403", "404", "403", "204"]);
}

#[tokio::test]
async fn a_plain_group_is_what_it_was_and_says_whose_it_is_when_asked() {
    let centre = Centre::new().await;
    let client = centre.world.client();
    let made = client.post("/Groups", &json!({"displayName": "Plain"})).await.expect(201);
    let mut keys: Vec<&str> = made.body.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["displayName", "id", "members", "meta", "schemas"]);
    assert_eq!(made.body["schemas"], json!([GROUP]));
    let path = format!("/Groups/{}?attributes={ACCESS}:connection", made.id());
    let asked = client.get(&path).await.expect(200).body;
    assert_eq!(asked[ACCESS]["connection"]["value"], centre.world.connection.as_str());
}

#[tokio::test]
async fn the_example_of_the_readme_works() {
    let centre = Centre::new().await;
    let body = json!({"displayName": "Ortho", ACCESS: {"kind": "access",
        "groupType": "provider", "healthCentre": centre.home, "careVenues": [centre.venue],
        "modules": ["REPORTS"], "providers": [centre.providers[0]], "privilegeLevel": "READ_ONLY",
        "privacyLevel": "FORCED_PATIENT", "publishedTo": [centre.world.connection]}});
    let made = centre.world.admin().post("/Groups", &body).await.expect(201);
    assert_eq!(centre.world.client().get(&format!("/Groups/{}", made.id())).await.status, 200);
    assert_eq!(made.body[ACCESS]["publishedTo"][0]["display"], "First connection");
}
