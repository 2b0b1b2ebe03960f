//! References: how their targets may be spelled, and what is found by them.

use serde_json::json;

use super::*;

/// A site, a provider, a pool and a delegation of the first organization, by path.
async fn furnished(world: &World) -> Vec<String> {
    let admin = world.admin();
    let (one, other) = (person(&world.client(), "one").await, person(&world.client(), "two").await);
    let site = site(world, "ORG0001", "ABCC").await;
    let provider = json!({"displayName": "Dr. Grey", "organization": "ORG0001", "user": one});
    let provider = admin.post("/Providers", &provider).await.expect(201).id();
    let pool = json!({"displayName": "Ortho", "organization": "ORG0001", "accessMode": "all",
        "providers": [{"value": provider}]});
    let pool = admin.post("/Pools", &pool).await.expect(201).id();
    let delegation = json!({"delegator": one, "delegate": other, "service": "eConsult"});
    let delegation = admin.post("/Delegations", &delegation).await.expect(201).id();
    vec![
        format!("/Sites/{site}"),
        format!("/Providers/{provider}"),
        format!("/Pools/{pool}"),
        format!("/Delegations/{delegation}"),
    ]
}

#[tokio::test]
async fn att01_what_a_read_showed_can_be_written_back() {
    let world = World::new().await;
    permit(&world, "sites,delegations").await;
    for path in furnished(&world).await {
        for caller in [world.admin(), world.client()] {
            let shown = caller.get(&path).await.expect(200).body;
            let back = caller.put(&path, &shown).await.expect(200).body;
            assert_eq!(back, shown, "{path}");
        }
    }
}

#[tokio::test]
async fn att01_an_immutable_organization_may_be_repeated_by_its_code() {
    let world = World::new().await;
    world.other_organization(2).await;
    permit(&world, "sites").await;
    let paths = furnished(&world).await;
    for path in &paths[..3] {
        for caller in [world.admin(), world.client()] {
            repeated(&caller, path).await;
            moved(&caller, path).await;
        }
    }
}

/// The same organization in other words changes nothing.
async fn repeated(caller: &Client, path: &str) {
    let shown = caller.get(path).await.expect(200).body;
    for same in [json!("ORG0001"), json!("org0001"), json!({"value": "ORG0001"})] {
        let mut body = shown.clone();
        body["organization"] = same.clone();
        assert_eq!(caller.put(path, &body).await.expect(200).body, shown, "{path} {same}");
        for operation in [
            json!({"op": "replace", "path": "organization", "value": same}),
            json!({"op": "replace", "path": "organization.value", "value": "ORG0001"}),
            json!({"op": "replace", "value": {"organization": same}}),
        ] {
            let back = caller.operations(path, json!([operation])).await.expect(200);
            assert_eq!(back.body, shown, "{path}");
        }
    }
}

/// Another organization is refused, be there one or not.
async fn moved(caller: &Client, path: &str) {
    for other in ["ORG0002", "ORG0099", "ORG1"] {
        let mut body = caller.get(path).await.expect(200).body;
        body["organization"] = json!(other);
        let refused = caller.put(path, &body).await;
        assert!(!refused.refused(400, "mutability").text.contains(other));
        let moved = json!([{"op": "replace", "path": "organization", "value": other}]);
        caller.operations(path, moved).await.refused(400, "mutability");
    }
}

#[tokio::test]
async fn flt05_a_filter_on_what_is_filled_in_is_refused_and_never_empty() {
    let world = World::new().await;
    permit(&world, "sites,delegations").await;
    let site = furnished(&world).await[0].clone();
    let own = home(&world).await;
    let link = format!("{}/Organizations/{own}", crate::world::BASE);
    for caller in [world.admin(), world.client()] {
        let shown = caller.get(&site).await.expect(200).body;
        assert_eq!(shown["organization"]["$ref"], link.as_str());
        for (endpoint, filter) in [
            ("/Sites", "organization.display eq \"Northvale Health\"".to_owned()),
            ("/Sites", format!("organization.$ref eq \"{link}\"")),
            ("/Sites", "organization.display pr".to_owned()),
            ("/Sites", "siteCode eq \"ABCC\" and not (organization[display sw \"N\"])".to_owned()),
            ("/Pools", "providers[display eq \"Dr. Grey\" and value pr]".to_owned()),
            ("/Delegations", "delegate.display eq \"two\" or id pr".to_owned()),
            ("", "organization.display eq \"Northvale Health\"".to_owned()),
        ] {
            let said = caller.filter(endpoint, &filter).await.refused(400, "invalidFilter");
            assert!(!said.text.contains("Northvale"), "{}", said.text);
        }
        for sort in ["/Sites?sortBy=organization.display", "/Pools?sortBy=providers.$ref"] {
            caller.get(sort).await.refused(400, "invalidPath");
        }
        for (endpoint, filter) in [
            ("/Sites", format!("organization.value eq \"{own}\"")),
            ("/Sites", format!("organization eq \"{own}\"")),
            ("/Sites", "organization pr".to_owned()),
            ("/Pools", "providers pr".to_owned()),
            ("/Users", "emails.display pr or displayName pr".to_owned()),
        ] {
            let found = caller.filter(endpoint, &filter).await.expect(200);
            assert!(found.body["totalResults"].as_u64().unwrap() > 0, "{filter}");
        }
    }
}

/// A provider and a delegation that lead to people of another connection and another
/// organization; their paths, and the identifiers of these people.
async fn abroad(world: &World) -> ([String; 2], [String; 2]) {
    let admin = world.admin();
    let (second, _) = world.other_connection(1).await;
    let (far, _) = world.other_organization(2).await;
    let colleague = person(&second, "colleague").await;
    let stranger = person(&far, "stranger").await;
    let own = person(&world.client(), "own").await;
    let body = json!({"displayName": "Dr. Grey", "organization": "ORG0001", "user": colleague});
    let provider = admin.post("/Providers", &body).await.expect(201).id();
    let body = json!({"delegator": own, "delegate": stranger, "service": "eConsult"});
    let delegation = admin.post("/Delegations", &body).await.expect(201).id();
    let paths = [format!("/Providers/{provider}"), format!("/Delegations/{delegation}")];
    (paths, [colleague, stranger])
}

#[tokio::test]
async fn ten01_a_reference_to_somebody_elses_person_is_not_shown_and_not_found() {
    let world = World::new().await;
    permit(&world, "sites,delegations").await;
    let ([provider, delegation], [colleague, stranger]) = abroad(&world).await;
    let client = world.client();
    for (path, list, name, id) in [
        (&provider, "/Providers", "user", &colleague),
        (&delegation, "/Delegations", "delegate", &stranger),
    ] {
        for ask in [path.clone(), list.to_owned(), format!("{list}?attributes={name}"), "/".into()]
        {
            let seen = client.get(&ask).await.expect(200);
            assert!(!seen.text.contains(id.as_str()), "{ask}: {}", seen.text);
            let whole = world.admin().get(&ask).await.expect(200);
            assert!(whole.text.contains(id.as_str()), "{ask}: {}", whole.text);
        }
        let count = async |filter: String| {
            client.filter(list, &filter).await.expect(200).body["totalResults"].clone()
        };
        for filter in [
            "{name}.value eq \"{id}\"",
            "{name} eq \"{id}\"",
            "{name}[value eq \"{id}\"]",
            "{name}.value sw \"0\" and {name}.value eq \"{id}\"",
            "{name}.value eq \"{id}\" or {name}.value eq \"nobody\"",
            "not ({name}.value ne \"{id}\")",
        ] {
            let filter = |id: &str| filter.replace("{name}", name).replace("{id}", id);
            assert_eq!(count(filter(id)).await, 0, "{}", filter(id));
            assert_eq!(count(filter(UNKNOWN)).await, 0);
            let all = world.admin().filter(list, &filter(id)).await.expect(200);
            assert_eq!(all.body["totalResults"], 1, "{}", filter(id));
        }
        for (filter, due) in [("{name}.value ne \"{id}\"", 1), ("not ({name} eq \"{id}\")", 1)] {
            let filter = |id: &str| filter.replace("{name}", name).replace("{id}", id);
            assert_eq!(count(filter(id)).await, due, "{}", filter(id));
            assert_eq!(count(filter(UNKNOWN)).await, due);
        }
        assert_eq!(count(format!("{name} pr")).await, 0);
        assert_eq!(count(format!("{name}.value sw \"0\"")).await, 0);
        client.get(&format!("{list}?sortBy={name}.value")).await.refused(400, "invalidPath");
    }
    let own = client.filter("/Delegations", "delegator pr and service eq \"eConsult\"").await;
    assert_eq!(own.expect(200).body["totalResults"], 1);
}

#[tokio::test]
async fn ten01_what_is_not_shown_is_not_taken_away() {
    let world = World::new().await;
    permit(&world, "sites,delegations").await;
    let ([provider, delegation], [colleague, stranger]) = abroad(&world).await;
    let (client, admin) = (world.client(), world.admin());
    let whole = async |path: &str| admin.get(path).await.expect(200).body;
    let (first, other) = (whole(&provider).await, whole(&delegation).await);
    // What was read, written back, is no change.
    for path in [&provider, &delegation] {
        let shown = client.get(path).await.expect(200).body;
        assert_eq!(client.put(path, &shown).await.expect(200).body, shown);
    }
    let none = json!([{"op": "remove", "path": "validTo"}]);
    client.operations(&delegation, none).await.expect(200);
    assert_eq!((whole(&provider).await, whole(&delegation).await), (first, other));
    let name = json!([{"op": "replace", "path": "displayName", "value": "Dr. Gray"}]);
    client.operations(&provider, name).await.expect(200);
    let gone = json!([{"op": "remove", "path": "user"}]);
    client.operations(&provider, gone).await.expect(200);
    let body = json!({"displayName": "Dr. Green", "organization": "ORG0001"});
    client.put(&provider, &body).await.expect(200);
    let left = whole(&provider).await;
    assert_eq!(
        (&left["user"]["value"], &left["displayName"]),
        (&json!(colleague), &json!("Dr. Green"))
    );
    // What cannot be changed is not guessed at either.
    let shown = client.get(&delegation).await.expect(200).body;
    for guess in [stranger.as_str(), UNKNOWN] {
        let mut body = shown.clone();
        body["delegate"] = json!({"value": guess});
        client.put(&delegation, &body).await.refused(400, "mutability");
        let patch = json!([{"op": "replace", "path": "delegate", "value": {"value": guess}}]);
        client.operations(&delegation, patch).await.refused(400, "mutability");
    }
    let ends = json!([{"op": "add", "path": "validTo", "value": "2030-01-01T00:00:00Z"}]);
    client.operations(&delegation, ends).await.expect(200);
    assert_eq!(whole(&delegation).await["delegate"]["value"], stranger.as_str());
    // A person of one's own takes the place.
    let own = person(&client, "another").await;
    let taken = json!([{"op": "replace", "path": "user", "value": {"value": own}}]);
    let shown = client.operations(&provider, taken).await.expect(200).body;
    assert_eq!(shown["user"]["display"], "another");
}
