//! References: how their targets may be spelled, and what is found by them.

use serde_json::Value;
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
            let shown = caller.get(path).await.expect(200).body;
            let with = |organization: Value| {
                let mut body = shown.clone();
                body["organization"] = organization;
                body
            };
            for same in [json!("ORG0001"), json!("org0001"), json!({"value": "ORG0001"})] {
                let back = caller.put(path, &with(same.clone())).await.expect(200).body;
                assert_eq!(back, shown, "{path} {same}");
                for (path_in, value) in [
                    (Some("organization"), same.clone()),
                    (Some("organization.value"), json!("ORG0001")),
                    (None, json!({"organization": same})),
                ] {
                    let mut operation = json!({"op": "replace", "value": value});
                    if let Some(path_in) = path_in {
                        operation["path"] = json!(path_in);
                    }
                    let back = caller.operations(path, json!([operation])).await.expect(200);
                    assert_eq!(back.body, shown, "{path}");
                }
            }
            for other in ["ORG0002", "ORG0099", "ORG1"] {
                let refused = caller.put(path, &with(json!(other))).await;
                assert!(!refused.refused(400, "mutability").text.contains(other));
                let moved = json!([{"op": "replace", "path": "organization", "value": other}]);
                caller.operations(path, moved).await.refused(400, "mutability");
            }
        }
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
