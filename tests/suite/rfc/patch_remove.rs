//! PATCH: `remove`, and paths that cannot be (RFC 7644 §3.5.2.2).

use serde_json::Value;
use serde_json::json;

use super::cast::made;
use super::cast::rich;
use crate::world::Client;
use crate::world::World;

async fn removed(client: &Client, path: &str, target: &str) -> Value {
    let operations = json!([{"op": "remove", "path": target}]);
    client.operations(path, operations).await.expect(200);
    client.get(path).await.expect(200).body
}

#[tokio::test]
async fn rfc_pat28_pat35_pat36_what_cannot_be_removed() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    super::cast::group(&client, "Ward 7", &[path.replace("/Users/", "")]).await;
    let before = client.get(&path).await.text;
    client.operations(&path, json!([{"op": "remove"}])).await.refused(400, "noTarget");
    for target in ["userName", "id", "groups", "meta", "meta.created", "schemas"] {
        let operations = json!([{"op": "remove", "path": target}]);
        client.operations(&path, operations).await.refused(400, "mutability");
    }
    assert_eq!(client.get(&path).await.text, before);
}

#[tokio::test]
async fn rfc_pat29_pat30_pat34_attributes_and_their_parts_go() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    assert!(removed(&client, &path, "nickName").await.get("nickName").is_none());
    let body = removed(&client, &path, "name.givenName").await;
    assert_eq!(body["name"], json!({"familyName": "Quarrie"}));
    let body = removed(&client, &path, "addresses[type eq \"work\"].region").await;
    assert_eq!(body["addresses"][0], json!({"type": "work", "locality": "Vale"}));
    assert_eq!(body["addresses"][1]["region"], "South");
    let body = removed(&client, &path, "emails").await;
    assert!(body.get("emails").is_none());
    // What is not there can be removed as well.
    let version = client.get(&path).await.header("etag").to_owned();
    removed(&client, &path, "emails").await;
    removed(&client, &path, "title").await;
    assert_eq!(client.get(&path).await.header("etag"), version);
}

#[tokio::test]
async fn rfc_pat31_pat32_pat33_values_are_chosen_by_a_filter() {
    let world = World::new().await;
    let client = world.client();
    let mut body = rich("ines");
    body["emails"] = json!([
        {"value": "a@northvale.example", "type": "work"},
        {"value": "b@southquay.example", "type": "work"},
        {"value": "c@northvale.example", "type": "home"},
    ]);
    let path = made(&client, &body).await;
    let target = "emails[type eq \"work\" and value ew \"northvale.example\"]";
    let body = removed(&client, &path, target).await;
    let values = |body: &Value| {
        let emails = body["emails"].as_array().cloned().unwrap_or_default();
        emails.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values(&body), ["b@southquay.example", "c@northvale.example"]);
    let body = removed(&client, &path, "emails[value eq \"b@southquay.example\"]").await;
    assert_eq!(values(&body), ["c@northvale.example"]);
    let body = removed(&client, &path, "emails[type eq \"home\"]").await;
    assert!(body.get("emails").is_none(), "{body}");
}

#[tokio::test]
async fn rfc_pat50_pat51_pat52_pat53_paths_outside_the_grammar_are_refused() {
    let world = World::new().await;
    let client = world.client();
    let path = made(&client, &rich("ines")).await;
    let before = client.get(&path).await.text;
    for (target, word) in [
        ("emails[type eq \"work\"", "invalidPath"),
        ("..x", "invalidPath"),
        ("nick name", "invalidPath"),
        ("emails[0]", "invalidPath"),
        ("emails[0].value", "invalidPath"),
        ("/emails/0", "invalidPath"),
        ("emails[type eq \"work\"]value", "invalidPath"),
        ("noSuchAttribute", "invalidPath"),
        ("name.noSuchPart", "invalidPath"),
        ("urn:example:none:thing", "invalidPath"),
        ("emails[type xx \"work\"]", "invalidFilter"),
        ("emails[type eq]", "invalidFilter"),
        ("emails[noSuchPart eq \"x\"]", "invalidFilter"),
        ("nickName[value eq \"x\"]", "invalidPath"),
    ] {
        for op in ["replace", "add", "remove"] {
            let operations = json!([{"op": op, "path": target, "value": "x"}]);
            let reply = client.operations(&path, operations).await.expect(400);
            assert_eq!(reply.scim_type(), word, "{op} {target}: {}", reply.text);
        }
    }
    for op in ["test", "move", "copy"] {
        let operations = json!([{"op": op, "path": "nickName", "from": "title", "value": "x"}]);
        client.operations(&path, operations).await.refused(400, "invalidSyntax");
    }
    assert_eq!(client.get(&path).await.text, before);
}

#[tokio::test]
async fn rfc_pat54_a_filter_in_a_path_is_a_whole_filter() {
    let world = World::new().await;
    let client = world.client();
    for (filter, left) in [
        ("primary eq true", vec!["b", "c"]),
        ("not (type eq \"home\")", vec!["b"]),
        ("type eq \"work\" or type eq \"other\"", vec!["b"]),
        ("(type eq \"work\" or type eq \"home\") and value co \"a@\"", vec!["b", "c"]),
        ("value sw \"c\"", vec!["a", "b"]),
        ("value ew \".example\"", vec![]),
        ("primary pr", vec!["b", "c"]),
        ("type ne \"work\"", vec!["a"]),
        ("TYPE EQ \"WORK\"", vec!["b", "c"]),
    ] {
        let mut body = rich("ines");
        body["emails"] = json!([
            {"value": "a@northvale.example", "type": "work", "primary": true},
            {"value": "b@northvale.example", "type": "home"},
            {"value": "c@northvale.example", "type": "other"},
        ]);
        let path = made(&client, &body).await;
        let body = removed(&client, &path, &format!("emails[{filter}]")).await;
        let emails = body["emails"].as_array().cloned().unwrap_or_default();
        let kept: Vec<&str> =
            emails.iter().map(|one| &one["value"].as_str().unwrap()[..1]).collect();
        assert_eq!(kept, left, "{filter}");
        client.delete(&path).await.expect(204);
    }
}
