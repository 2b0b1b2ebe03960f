//! The three discovery endpoints, as documents (DSC-01 to DSC-18, DSC-25 to DSC-34, DSC-45).

use serde_json::Value;
use serde_json::json;

use super::ENTERPRISE;
use super::USER;
use super::made;
use crate::world::Client;
use crate::world::World;

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

async fn configuration(client: &Client) -> Value {
    client.get("/ServiceProviderConfig").await.expect(200).body
}

#[tokio::test]
async fn rfc_dsc01_dsc10_the_configuration_is_one_object_at_its_location() {
    let world = World::new().await;
    let client = world.client();
    let body = configuration(&client).await;
    assert_eq!(
        body["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"])
    );
    assert!(body.get("Resources").is_none());
    assert_eq!(body["meta"]["resourceType"], "ServiceProviderConfig");
    let location = body["meta"]["location"].as_str().unwrap();
    let path = location.strip_prefix(crate::world::BASE).unwrap();
    assert_eq!(client.get(path).await.expect(200).body, body);
}

#[tokio::test]
async fn rfc_dsc02_dsc03_dsc04_dsc05_every_capability_is_announced_with_its_type() {
    let world = World::new().await;
    let body = configuration(&world.client()).await;
    for capability in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(body[capability]["supported"].is_boolean(), "{capability}");
    }
    for (holder, limit) in
        [("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")]
    {
        assert!(body[holder][limit].as_u64().is_some_and(|limit| limit > 0), "{holder}.{limit}");
    }
    assert_eq!(body["changePassword"]["supported"], false, "a password is dropped, never kept");
}

#[tokio::test]
async fn rfc_dsc06_dsc07_every_scheme_has_type_name_and_description() {
    let world = World::new().await;
    let body = configuration(&world.client()).await;
    let schemes = body["authenticationSchemes"].as_array().unwrap();
    assert!(!schemes.is_empty());
    let known = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
    for scheme in schemes {
        assert!(known.contains(&scheme["type"].as_str().unwrap()), "{scheme}");
        assert!(scheme["name"].is_string() && scheme["description"].is_string(), "{scheme}");
    }
}

#[tokio::test]
async fn rfc_dsc08_the_schemes_can_be_read_without_a_credential() {
    let world = World::new().await;
    let open = configuration(&world.caller(None)).await;
    assert_eq!(open, configuration(&world.client()).await);
    for closed in ["/Schemas", "/ResourceTypes"] {
        world.caller(None).get(closed).await.expect(401);
    }
}

#[tokio::test]
async fn rfc_dsc09_dsc15_dsc33_nothing_of_it_can_be_written() {
    let world = World::new().await;
    let schema = format!("/Schemas/{USER}");
    for caller in [world.client(), world.admin()] {
        for path in ["/ServiceProviderConfig", "/ResourceTypes/User", schema.as_str()] {
            cannot_be_written(&caller, path).await;
        }
        for path in ["/Schemas", "/ResourceTypes"] {
            caller.post(path, &json!({"id": "urn:example:new", "name": "New"})).await.expect(405);
        }
    }
}

async fn cannot_be_written(caller: &Client, path: &str) {
    let before = caller.get(path).await.expect(200).text;
    for method in ["PUT", "PATCH", "DELETE", "POST"] {
        let body = (method != "DELETE").then(|| before.clone());
        caller.send(method, path, &[], body).await.expect(405);
    }
    assert_eq!(caller.get(path).await.expect(200).text, before);
}

#[tokio::test]
async fn rfc_dsc11_dsc25_dsc26_dsc29_dsc30_dsc46_every_type_names_schemas_that_are_there() {
    let world = World::with_custom_types().await;
    let client = world.admin();
    let schemas = client.get("/Schemas").await.expect(200);
    assert_eq!(schemas.body["schemas"], json!([LIST]));
    assert_eq!(schemas.body["totalResults"], schemas.resources().len());
    let published: Vec<Value> = schemas.resources().iter().map(|it| it["id"].clone()).collect();
    let types = client.get("/ResourceTypes").await.expect(200);
    assert_eq!(types.body["schemas"], json!([LIST]));
    assert_eq!(types.resources().len(), 11);
    let mut seen: Vec<String> = Vec::new();
    for one in types.resources() {
        for key in ["name", "endpoint", "schema"] {
            assert!(one[key].is_string(), "{one}");
        }
        for unique in [&one["name"], &one["endpoint"]] {
            assert!(!seen.contains(&unique.to_string()), "{unique} occurs twice");
            seen.push(unique.to_string());
        }
        let mut named = vec![one["schema"].clone()];
        let extensions = one.get("schemaExtensions").map(|list| list.as_array().unwrap());
        for extension in extensions.into_iter().flatten() {
            assert!(extension["required"].is_boolean(), "{extension}");
            named.push(extension["schema"].clone());
        }
        for urn in named {
            assert!(published.contains(&urn), "{urn}");
            let alone =
                client.get(&format!("/Schemas/{}", urn.as_str().unwrap())).await.expect(200);
            assert_eq!(alone.body["id"], urn);
        }
    }
}

#[tokio::test]
async fn rfc_dsc12_dsc14_a_schema_comes_alone_with_schemas_and_meta() {
    let world = World::with_custom_types().await;
    let client = world.admin();
    for listed in client.get("/Schemas").await.expect(200).resources() {
        assert_eq!(listed["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"]));
        assert_eq!(listed["meta"]["resourceType"], "Schema");
        let location = listed["meta"]["location"].as_str().unwrap();
        let path = location.strip_prefix(crate::world::BASE).unwrap();
        let alone = client.get(path).await.expect(200);
        assert_eq!(alone.body, listed);
        assert!(alone.body.get("Resources").is_none());
    }
}

#[tokio::test]
async fn rfc_dsc13_dsc28_what_is_not_published_is_not_found() {
    let world = World::new().await;
    let client = world.client();
    for path in ["/Schemas/urn:example:none", "/ResourceTypes/Nonesuch", "/ResourceTypes/user"] {
        client.get(path).await.expect(404);
    }
}

#[tokio::test]
async fn rfc_dsc16_dsc17_paging_and_sorting_are_ignored_and_a_filter_is_403() {
    let world = World::new().await;
    let client = world.client();
    for path in ["/Schemas", "/ResourceTypes"] {
        let whole = client.get(path).await.expect(200).body;
        for query in ["startIndex=2&count=1", "count=0", "sortBy=id&sortOrder=descending"] {
            assert_eq!(client.get(&format!("{path}?{query}")).await.expect(200).body, whole);
        }
    }
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/ResourceTypes/User"] {
        client.filter(path, "id eq \"User\"").await.expect(403);
    }
}

#[tokio::test]
async fn rfc_dsc18_messages_are_no_schemas() {
    let world = World::new().await;
    let client = world.client();
    client.get(&format!("/Schemas/{PATCH_OP}")).await.expect(404);
    for listed in client.get("/Schemas").await.expect(200).resources() {
        assert!(!listed["id"].as_str().unwrap().contains(":api:messages:"), "{}", listed["id"]);
    }
}

#[tokio::test]
async fn rfc_dsc27_a_type_comes_alone() {
    let world = World::new().await;
    let reply = world.client().get("/ResourceTypes/User").await.expect(200);
    assert_eq!(reply.body["name"], "User");
    assert_eq!(
        reply.body["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:ResourceType"])
    );
    assert_eq!(reply.body["schema"], USER);
    assert!(reply.body.get("Resources").is_none());
}

#[tokio::test]
async fn rfc_dsc31_dsc32_dsc34_endpoints_serve_their_types_and_are_plural() {
    let world = World::with_custom_types().await;
    let client = world.client();
    for (permissions, types) in [
        ("users", 4),
        ("users,groups,organization:read", 8),
        ("users,groups,organization:read,sites,rooms,delegations", 11),
    ] {
        world.set(&format!("permissions={permissions}")).await;
        let listed = client.get("/ResourceTypes").await.expect(200).resources();
        assert_eq!(listed.len(), types, "{permissions}");
        for one in listed {
            let (name, endpoint) =
                (one["name"].as_str().unwrap(), one["endpoint"].as_str().unwrap());
            assert_eq!(endpoint, format!("/{name}s"));
            let list = client.get(endpoint).await.expect(200);
            assert_eq!(list.body["schemas"], json!([LIST]));
            client.get(&endpoint.to_lowercase()).await.expect(404);
        }
    }
    let id = made(&client, "ines.quarrie@northvale.example").await;
    let reply = client.get(&format!("/Users/{id}")).await.expect(200);
    assert_eq!(reply.body["meta"]["resourceType"], "User");
}

/// The names or URNs of a list.
async fn listed(client: &Client, path: &str) -> Vec<String> {
    let reply = client.get(path).await.expect(200);
    let all = reply.resources();
    assert_eq!(reply.body["totalResults"], all.len());
    all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn att08_discovery_tells_only_of_types_that_may_be_read() {
    let world = World::new().await;
    let client = world.client();
    let everything = listed(&world.admin(), "/Schemas").await;
    let types = listed(&world.admin(), "/ResourceTypes").await;
    assert_eq!(types.len(), 8);
    let base = ["Schema", "ResourceType", "ServiceProviderConfig"]
        .map(|name| format!("urn:ietf:params:scim:schemas:core:2.0:{name}"));
    for (permissions, seen) in [
        ("users", &["User"][..]),
        ("groups", &["Group"]),
        ("organization:read", &["Organization", "Provider", "Pool"]),
        ("users,groups,organization:read", &["User", "Group", "Organization", "Provider", "Pool"]),
        ("rooms,delegations", &["RoomSystem", "Delegation"]),
    ] {
        world.set(&format!("permissions={permissions}")).await;
        let mut names = listed(&client, "/ResourceTypes").await;
        names.sort_unstable();
        let mut seen: Vec<String> = seen.iter().map(|name| (*name).to_owned()).collect();
        seen.sort_unstable();
        assert_eq!(names, seen, "{permissions}");
        let mut due = base.to_vec();
        for name in &types {
            due.extend(schemas_of(&client, name, seen.contains(name)).await);
        }
        let urns = listed(&client, "/Schemas").await;
        for urn in &everything {
            let told = due.contains(urn);
            assert_eq!(urns.contains(urn), told, "{permissions}: {urn}");
            let alone = client.get(&format!("/Schemas/{urn}")).await;
            alone.expect([404, 200][usize::from(told)]);
        }
    }
}

/// The schemas of a type that is told of, and none of one that is not.
async fn schemas_of(client: &Client, name: &str, told: bool) -> Vec<String> {
    let reply = client.get(&format!("/ResourceTypes/{name}")).await;
    if !told {
        assert!(!reply.expect(404).text.contains(name));
        return Vec::new();
    }
    let one = reply.expect(200).body;
    let extensions = one["schemaExtensions"].as_array().into_iter().flatten();
    let extensions = extensions.map(|extension| &extension["schema"]);
    let all = std::iter::once(&one["schema"]).chain(extensions);
    all.map(|urn| urn.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn rfc_dsc45_discovery_speaks_scim() {
    let world = World::new().await;
    let schema = format!("/Schemas/{ENTERPRISE}");
    let paths =
        ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/ResourceTypes/User", &schema];
    for path in paths {
        let reply = world.client().get(path).await.expect(200);
        assert_eq!(reply.header("content-type"), "application/scim+json", "{path}");
    }
}
