//! Requests that mean harm, and what they get (security.md 1.2, 1.7, 1.9).
//!
//! Framing, slow sockets and TLS are tried on the real program: `tests/outside/hostile_wire.py`.

mod assignments;
mod logs;

use serde_json::Value;
use serde_json::json;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;

use crate::world::Client;
use crate::world::Reply;
use crate::world::World;
use crate::world::encode;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const LARGEST: usize = 4 * 1_024 * 1_024;

async fn made(client: &Client, name: &str) -> String {
    client.post("/Users", &json!({"userName": name})).await.expect(201).id()
}

async fn raw(client: &Client, method: &str, path: &str, bytes: &[u8]) -> Reply {
    client.send_bytes(method, path, &[], Some(bytes.to_vec())).await
}

/// Everything a connection sees.
async fn all(client: &Client) -> Value {
    let users = client.get("/Users?count=1000").await.expect(200).body;
    json!([users, client.get("/Groups?count=1000").await.expect(200).body])
}

#[tokio::test]
async fn prs01_keys_that_repeat_are_refused_at_every_door_and_change_nothing() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, "ines").await;
    let before = all(&client).await;
    let one = format!("/Users/{id}");
    for inner in [
        r#""active":true,"active":false"#,
        r#""roles":[{"value":"a"}],"x":1,"roles":[]"#,
        r#""Active":true,"active":false"#,
        r#""name":{"givenName":"a","GivenName":"b"}"#,
    ] {
        let body = format!(r#"{{"userName":"other",{inner}}}"#);
        let patch = format!(
            r#"{{"schemas":["{PATCH_OP}"],"Operations":[{{"op":"replace","value":{{{inner}}}}}]}}"#
        );
        let bulk = format!(
            r#"{{"Operations":[{{"method":"POST","path":"/Users","bulkId":"u","data":{body}}}]}}"#
        );
        for (method, path, text) in [
            ("POST", "/Users", &body),
            ("PUT", one.as_str(), &body),
            ("PATCH", one.as_str(), &patch),
            ("POST", "/Bulk", &bulk),
            ("POST", "/Users/.search", &body),
        ] {
            raw(&client, method, path, text.as_bytes()).await.refused(400, "invalidSyntax");
        }
    }
    assert_eq!(all(&client).await, before);
}

#[tokio::test]
async fn prs02_depth_numbers_and_text_have_limits() {
    let world = World::new().await;
    let client = world.client();
    let nested = |depth: usize| format!("{{\"userName\":{}", "[".repeat(depth)).into_bytes();
    let mut bodies: Vec<Vec<u8>> = [33, 1_000, 1_000_000].into_iter().map(nested).collect();
    bodies.push(format!("{{\"userName\":{}}}", "9".repeat(1_000_000)).into_bytes());
    for text in [
        &b"{\"userName\":1e999999}"[..],
        b"{\"userName\":\"\xff\"}",
        b"{\"userName\":\"\\ud800\"}",
        b"\xef\xbb\xbf{\"userName\":\"a\"}",
        b"\xff\xfe{\0}\0",
        b"{\"userName\":\"a\"}{}",
        b"{\"userName\":\"a\"",
        b"",
        b" ",
    ] {
        bodies.push(text.to_vec());
    }
    for body in bodies {
        let fits = |path: &&str| body.len() < 1_000_000 || *path != "/Bulk";
        for path in ["/Users", "/Bulk", "/Users/.search"].into_iter().filter(fits) {
            raw(&client, "POST", path, &body).await.refused(400, "invalidSyntax");
        }
    }
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 0);
}

#[tokio::test]
async fn prs03_only_plain_json_is_read() {
    let world = World::new().await;
    let client = world.client();
    let body = json!({"userName": "ines"}).to_string();
    let id = made(&client, "present").await;
    let one = format!("/Users/{id}");
    for headers in [
        [("content-type", "text/plain"), ("x", "x")],
        [("content-type", "multipart/form-data; boundary=x"), ("x", "x")],
        [("content-type", "application/xml"), ("x", "x")],
        [("content-type", "application/jsonx"), ("x", "x")],
        [("content-type", "application/json; charset=utf-7"), ("x", "x")],
        [("content-type", "application/json"), ("content-type", "text/plain")],
        [("content-type", "application/json"), ("content-encoding", "gzip")],
        [("content-type", "application/scim+json"), ("content-encoding", "br, identity")],
        // An empty value is not sent: no type at all.
        [("content-type", ""), ("x", "x")],
    ] {
        for (method, path) in [
            ("POST", "/Users"),
            ("PUT", &one),
            ("PATCH", &one),
            ("POST", "/Bulk"),
            ("POST", "/.search"),
        ] {
            client.send(method, path, &headers, Some(body.clone())).await.expect(415);
        }
    }
    for media in ["application/json", "APPLICATION/SCIM+JSON; charset=\"UTF-8\""] {
        let name = json!({"userName": media.replace([' ', ';', '"', '/', '+', '='], "-")});
        let headers = [("content-type", media)];
        client.send("POST", "/Users", &headers, Some(name.to_string())).await.expect(201);
    }
}

#[tokio::test]
async fn prs04_a_body_over_the_limit_is_refused_after_the_token() {
    let world = World::new().await;
    let client = world.client();
    let sized = |size: usize| {
        let empty = r#"{"userName":"ines","x":""}"#.len();
        format!(r#"{{"userName":"ines","x":"{}"}}"#, "a".repeat(size - empty))
    };
    let largest = sized(LARGEST);
    assert_eq!(largest.len(), LARGEST);
    raw(&client, "POST", "/Users", largest.as_bytes()).await.expect(201);
    raw(&client, "POST", "/Users", sized(LARGEST + 1).as_bytes()).await.expect(413);
    raw(&client, "POST", "/Bulk", sized(1_024 * 1_024 + 1).as_bytes()).await.expect(413);
    let stranger = world.caller(None);
    for size in [100, LARGEST + 1] {
        raw(&stranger, "POST", "/Users", sized(size).as_bytes()).await.expect(401);
    }
}

#[tokio::test]
async fn htp04_paths_and_methods_lead_nowhere_but_where_they_say() {
    let world = World::new().await;
    let client = world.client();
    let id = made(&client, "canary-person").await;
    let stranger = world.caller(None);
    let odd = [
        "/Users/%2e%2e/Groups".to_owned(),
        format!("/Groups/..%2fUsers%2f{id}"),
        format!("/Groups/../Users/{id}"),
        "/users".to_owned(),
        "/USERS".to_owned(),
        "/Users;x=1".to_owned(),
        format!("/Users/{id};x"),
        format!("/Users/{id}%00"),
        format!("/Users/{id}/x"),
        format!("/Users//{id}"),
        "/Users/%C0%AFx".to_owned(),
        "/%55sers%2f".to_owned(),
        "/Users%".to_owned(),
        "/Users/.search/x".to_owned(),
        "///scim/v2/scim/v2/Users".to_owned(),
        "//scim/v1/Users".to_owned(),
        "//scim/v2x/Users".to_owned(),
        "//SCIM/v2/Users".to_owned(),
        "//Users".to_owned(),
    ];
    for path in &odd {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PURGE"] {
            let body = (method.starts_with('P')).then(|| json!({"userName": "x"}).to_string());
            let reply = stranger.send(method, path, &[], body.clone()).await;
            assert!([401, 404, 405].contains(&reply.status), "{method} {path}: {}", reply.text);
            assert!(!reply.text.contains("canary"), "{method} {path}");
            let reply = client.send(method, path, &[], body).await;
            assert!([400, 404, 405].contains(&reply.status), "{method} {path}: {}", reply.status);
            assert!(!reply.text.contains("canary"), "{method} {path}");
        }
    }
    let one = format!("/Users/{id}");
    for method in ["TRACE", "CONNECT", "PURGE", "get"] {
        client.send(method, &one, &[], None).await.expect(405);
    }
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        client.send("GET", &one, &[(name, "DELETE")], None).await.expect(200);
        stranger.send("GET", &one, &[(name, "DELETE")], None).await.expect(401);
    }
    client.get(&one).await.expect(200);
}

/// Texts that open more than may be opened.
fn deep() -> Vec<String> {
    let mut texts = Vec::new();
    for depth in [21, 40, 1_000, 100_000] {
        texts.push(format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth)));
        texts.push("(".repeat(depth));
        texts.push(format!("{}title pr", "not (".repeat(depth)));
        texts.push("emails[".repeat(depth));
    }
    texts.push(vec!["a"; 8_001].join("."));
    texts
}

#[tokio::test]
async fn flt01_deep_filters_are_refused_in_queries_bodies_and_paths() {
    let world = World::new().await;
    let client = world.client();
    let one = format!("/Users/{}", made(&client, "ines").await);
    let search = |filter: &str| json!({"filter": filter});
    for text in deep() {
        client.post("/Users/.search", &search(&text)).await.refused(400, "invalidFilter");
        if text.len() < 2_000 {
            client.filter("/Users", &text).await.refused(400, "invalidFilter");
        }
        for path in [text.clone(), format!("emails[{text}]")] {
            let operation = json!([{"op": "replace", "path": path, "value": "x"}]);
            let reply = client.operations(&one, operation).await.expect(400);
            assert!(
                ["invalidPath", "invalidFilter"].contains(&reply.scim_type()),
                "{}",
                reply.text
            );
        }
    }
    let deepest = format!("{}title pr{}", "(".repeat(20), ")".repeat(20));
    client.filter("/Users", &deepest).await.expect(200);
}

#[test]
fn flt02_the_deepest_and_the_longest_filters_fit_a_small_stack() {
    use wardgate::scim::filter::LONGEST_IN_BODY;
    use wardgate::scim::filter::parse::parse;
    use wardgate::scim::quirks::Tolerance;
    let read = |text: &str| parse(text, LONGEST_IN_BODY, &mut Tolerance::lenient()).map(drop);
    let worker = std::thread::Builder::new().stack_size(256 * 1_024).spawn(move || {
        let nots = format!("{}title pr{}", "not (".repeat(20), ")".repeat(20));
        assert_eq!(read(&nots), Ok(()));
        assert!(read(&nots[..nots.len() - 1]).is_err());
        let clauses = |count: usize| vec!["title pr"; count].join(" or ");
        assert_eq!(read(&clauses(64)), Ok(()));
        assert!(read(&clauses(65)).is_err());
        assert!(read(&clauses(1_300)).is_err());
        assert!(read(&format!("{} or", clauses(64))).is_err());
        for text in deep() {
            assert!(read(&text).is_err());
        }
    });
    worker.unwrap().join().unwrap();
}

#[tokio::test]
async fn flt03_a_value_is_nothing_but_a_value() {
    let world = World::new().await;
    let client = world.client();
    for name in ["plain", "x' OR '1'='1", "*)(uid=*", "100%", "a_b", "back\\slash", "$where"] {
        let body = json!({"userName": format!("u-{}", name.len()), "displayName": name});
        client.post("/Users", &body).await.expect(201);
    }
    for (op, value, hits) in [
        ("eq", "x' OR '1'='1", 1),
        ("co", "' OR '", 1),
        ("eq", "*", 0),
        ("co", "*", 1),
        ("co", "%", 1),
        ("co", "_", 1),
        ("sw", "%", 0),
        ("ew", "_", 0),
        ("eq", "pl%", 0),
        ("eq", "plai_", 0),
        ("co", "\\", 1),
        ("eq", "$where", 1),
        ("co", "\u{0}", 0),
        ("eq", "*)(uid=*", 1),
        ("co", "", 7),
        ("sw", "", 7),
        ("eq", "", 0),
    ] {
        let filter = format!("displayName {op} {}", json!(value));
        let reply = client.filter("/Users", &filter).await.expect(200);
        assert_eq!(reply.body["totalResults"], hits, "{filter}");
    }
    let long = format!("displayName eq \"{}\"", "a".repeat(1_024 * 1_024));
    client.post("/.search", &json!({"filter": long})).await.refused(400, "invalidFilter");
}

#[tokio::test]
async fn flt04_names_come_from_a_closed_table() {
    let world = World::new().await;
    let client = world.client();
    made(&client, "ines").await;
    for by in ["id;--", "userName desc,(select 1)", "1", "password", "x", "userName'", "emails[0]"]
    {
        let reply = client.get(&format!("/Users?sortBy={}", encode(by))).await.expect(400);
        assert!(["invalidPath", "invalidValue"].contains(&reply.scim_type()), "{}", reply.text);
    }
    for query in ["sortBy=userName&sortOrder=x", "attributes=a%22b", "excludedAttributes=a'b"] {
        let reply = client.get(&format!("/Users?{query}")).await;
        assert!([200, 400].contains(&reply.status), "{query}: {}", reply.text);
    }
    for filter in ["a\"b eq 1", "id;-- pr", "'userName' eq \"x\"", "1 eq 1", "userName = \"x\""] {
        client.filter("/Users", filter).await.refused(400, "invalidFilter");
    }
}

#[tokio::test]
async fn flt05_a_bad_filter_never_finds_everyone() {
    let world = World::new().await;
    let client = world.client();
    made(&client, "canary-person").await;
    for filter in [
        "",
        " ",
        "true",
        "actve eq true",
        "userName",
        "userName eq",
        "active eq true and",
        "and",
        "active eq true or",
        "not",
        "()",
        "userName eq \"a\" userName eq \"b\"",
        "(active eq true",
        "active eq true)",
        "password pr",
        "password eq \"x\"",
        "userName xx \"a\"",
        "emails[]",
    ] {
        for path in ["/Users", ""] {
            let reply = client.filter(path, filter).await.refused(400, "invalidFilter");
            assert!(!reply.text.contains("canary"));
        }
        let body = json!({"filter": filter});
        client.post("/Users/.search", &body).await.refused(400, "invalidFilter");
    }
    let twice = "/Users?filter=active%20eq%20true&filter=active%20eq%20false";
    client.get(twice).await.expect(400);
}

#[tokio::test]
async fn flt07_types_and_numbers_compare_as_what_they_are() {
    let world = World::new().await;
    let client = world.client();
    made(&client, "ines").await;
    for filter in [
        "active gt true",
        "active eq 1",
        "active eq \"yes\"",
        "active co \"t\"",
        "meta.created gt \"yesterday\"",
        "meta.created gt \"2026-01-31\"",
        "meta.created gt \"2026-02-30T00:00:00Z\"",
        "meta.created gt \"2026-01-01T00:00:00+99:00\"",
        "meta.created co \"2026\"",
        "meta.created gt 5",
        "userName gt null",
        "emails.primary gt true",
    ] {
        client.filter("/Users", filter).await.refused(400, "invalidFilter");
    }
    for filter in [
        "userName eq 1e400",
        "userName eq 1234567890123456789012345678901234567890",
        "userName eq -0",
        "title eq null",
        "meta.created gt \"9999-12-31T23:59:59.999999999Z\"",
        "meta.created lt \"0001-01-01T00:00:00Z\"",
    ] {
        let reply = client.filter("/Users", filter).await;
        assert!([200, 400].contains(&reply.status), "{filter}: {}", reply.text);
    }
}

#[tokio::test]
async fn flt08_a_costly_search_ends_at_its_budget() {
    let settings = Settings { search_rows: 20, ..Settings::default() };
    let world = World::with(Catalogue::built_in().unwrap(), settings, Limits::default()).await;
    let client = world.client();
    for turn in 0..30 {
        made(&client, &format!("person{turn}")).await;
    }
    client.filter("/Users", "title co \"a\"").await.refused(400, "tooMany");
    client.filter("/Users", "not (groups pr)").await.refused(400, "tooMany");
    let found = client.filter("/Users", "userName eq \"person7\"").await.expect(200);
    assert_eq!(found.body["totalResults"], 1);
}
