//! Tokens and who may knock (security.md 1.5).

use std::time::Duration;

use serde_json::json;
use wardgate::base::entropy::OsEntropy;
use wardgate::base::secret::Fingerprint;
use wardgate::base::secret::Token;
use wardgate::http::limits::Limits;
use wardgate::http::route;
use wardgate::http::route::Access;
use wardgate::http::route::Part;
use wardgate::http::route::Route;
use wardgate::http::route::Under;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;
use wardgate::service::operate::Command;
use wardgate::store::change::Action;
use wardgate::store::change::Outcome;

use crate::world::World;

#[tokio::test]
async fn aut01_every_route_but_the_public_ones_asks_for_a_credential() {
    let world = World::new().await;
    for (path, access) in route::all().map(|route| (address(route), route.access)) {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            knock_without_credential(&world, method, &path, access).await;
        }
    }
}

/// An address that the route answers.
fn address(route: &Route) -> String {
    let part = |part: &Part| match part {
        Part::Word(word) => format!("/{word}"),
        Part::Type => "/Users".to_owned(),
        Part::Name => "/0190f3a4-0000-7000-8000-000000000000".to_owned(),
    };
    let below: String = route.pattern.iter().map(part).collect();
    match route.under {
        Under::Server => format!("/{below}"),
        Under::Scim => format!("//scim/v2{below}"),
        Under::Api => format!("//api/v1{below}"),
    }
}

async fn knock_without_credential(world: &World, method: &str, path: &str, access: Access) {
    if access == Access::Public && method == "GET" {
        assert_ne!(world.caller(None).get(path).await.status, 401, "{path}");
        return;
    }
    for shown in ["", "Basic dXNlcjpwdw==", "Bearer", "Bearer garbage", "garbage"] {
        let body = (method != "GET").then(|| "{not json".to_owned());
        let headers = [("authorization", shown)];
        let reply = world.caller(None).at_address(9).send(method, path, &headers, body).await;
        assert!([401, 429].contains(&reply.status), "{method} {path}: {}", reply.text);
        if reply.status == 401 {
            assert!(reply.header("www-authenticate").starts_with("Bearer"), "{path}");
        }
    }
}

#[tokio::test]
async fn aut01_what_is_not_a_route_asks_for_a_credential_too() {
    let world = World::new().await;
    for path in ["//", "//scim", "//scim/v2/Nonesuch", "//api/v1/holds", "//metrics"] {
        world.caller(None).get(path).await.expect(401);
        world.client().get(path).await.expect(404);
    }
    world.caller(None).get("//scim/v1/Users").await.expect(401);
    world.client().get("//scim/v1/Users").await.refused(400, "invalidVers");
}

#[tokio::test]
async fn aut04_a_token_is_shown_once_and_kept_as_a_hash() {
    let world = World::new().await;
    let connection = world.connection.clone();
    let made = world.run(Command::TokenAdd { connection: connection.clone(), days: 30 }).await;
    let token = made["token"].as_str().unwrap();
    assert!(Token::parse(token).is_some());
    for command in [
        Command::TokenList { connection: None },
        Command::ConnectionShow { connection },
        Command::AuditShow { chain: "ORG0001".into(), from: 1, limit: 100 },
    ] {
        let text = world.run(command).await.to_string();
        assert!(!text.contains(token) && !text.contains(world.token()));
    }
    world.caller(Some(token)).get("/Users").await.expect(200);
}

#[tokio::test]
async fn aut06_two_tokens_live_side_by_side_and_a_revoked_one_is_dead_at_once() {
    let world = World::new().await;
    let connection = world.connection.clone();
    let second = world.run(Command::TokenAdd { connection: connection.clone(), days: 30 }).await;
    let fresh = world.caller(second["token"].as_str());
    world.client().get("/Users").await.expect(200);
    fresh.get("/Users").await.expect(200);
    let third = Command::TokenAdd { connection: connection.clone(), days: 30 };
    let refused = wardgate::service::operate::run(&world.ports, third).await.unwrap_err();
    assert!(refused.said.contains("Revoke one first"), "{}", refused.said);
    let listed = world.run(Command::TokenList { connection: Some(connection) }).await;
    let ids = listed.as_array().unwrap().iter().map(|one| one["token_id"].as_str().unwrap());
    let old = ids.filter(|id| Some(*id) != second["token_id"].as_str()).collect::<Vec<_>>();
    world.run(Command::TokenRevoke { token: old[0].to_owned() }).await;
    world.client().get("/Users").await.expect(401);
    fresh.get("/Users").await.expect(200);
}

/// Not through `operate`, where commands wait for each other: the store alone holds the limit.
#[tokio::test]
async fn aut06_no_race_mints_a_third_live_token() {
    let world = World::new().await;
    let mut races = Vec::new();
    for _ in 0..8 {
        let (ports, connection) = (world.ports.clone(), world.connection.clone());
        races.push(tokio::spawn(async move {
            wardgate::service::tenancy::add_token(&ports, &connection, 30).await
        }));
    }
    let mut minted = 0;
    for race in races {
        match race.await.unwrap() {
            Ok(_) => minted += 1,
            Err(error) => {
                let told = ["Try again", "Revoke one"].iter().any(|said| error.said.contains(said));
                assert!(told, "{}", error.said);
            }
        }
    }
    assert_eq!(minted, 1, "one was live already");
    let connection = Some(world.connection.clone());
    let listed = world.run(Command::TokenList { connection }).await;
    let old = listed[0]["token_id"].as_str().unwrap().to_owned();
    // A revoked one makes room, and keeps its ordinal.
    world.run(Command::TokenRevoke { token: old }).await;
    world.run(Command::TokenAdd { connection: world.connection.clone(), days: 30 }).await;
}

#[tokio::test]
async fn aut06_a_token_ends_with_its_time_and_with_its_connection() {
    let world = World::new().await;
    let connection = world.connection.clone();
    let made = world.run(Command::TokenAdd { connection, days: 1 }).await;
    let short = world.caller(made["token"].as_str());
    short.get("/Users").await.expect(200);
    world.clock.advance(Duration::from_secs(86_400));
    short.get("/Users").await.expect(401);
    world.client().get("/Users").await.expect(200);
    world.set("disabled=true").await;
    world.client().get("/Users").await.expect(401);
    world.set("disabled=false").await;
    world.client().get("/Users").await.expect(200);
}

/// Equality of hashes must not tell by its time how far two hashes agree. The comparator is
/// `subtle`'s; here we only show that it decides rightly at every place of difference.
#[test]
fn aut07_hashes_are_compared_whole() {
    let one = Token::mint(&OsEntropy).unwrap().fingerprint();
    assert!(one.matches(&Fingerprint(one.0)));
    for place in 0..32 {
        let mut other = one;
        other.0[place] ^= 1;
        assert!(!one.matches(&other));
    }
}

#[tokio::test]
async fn aut08_guesses_are_slowed_and_the_good_token_beside_them_is_not() {
    let world = World::new().await;
    let guesser = world.caller(Some("wg_guessguessguessguessguessguessguessguessguessguess"));
    let (mut refused, mut slowed) = (0, 0);
    for _ in 0..1_000 {
        let reply = guesser.get("/Users").await;
        match reply.status {
            401 => refused += 1,
            429 => {
                slowed += 1;
                assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
            }
            other => panic!("{other}"),
        }
    }
    assert!(slowed > 800 && refused > 0, "{refused} refused, {slowed} slowed");
    world.client().get("/Users").await.expect(200);
}

#[tokio::test]
async fn aut08_a_refused_sign_in_leaves_a_denied_event_and_never_the_token() {
    let world = World::new().await;
    let guesser = world.caller(Some("wg_notatoken"));
    guesser.get("/Users").await.expect(401);
    world.caller(None).get("/Users").await.expect(401);
    let events = world.events(0).await;
    let last = events.last().unwrap();
    assert_eq!(last.outcome, Outcome::Denied("unknownCredential".into()));
    assert_eq!(last.action, Action::SignIn);
    assert_eq!(last.cause.source, "127.0.0.1");
    assert_eq!(events.iter().filter(|event| event.action == Action::SignIn).count(), 1);
}

#[tokio::test]
async fn aut09_one_authorization_header_and_no_token_in_the_address() {
    let world = World::new().await;
    let token = world.token();
    let nobody = world.caller(None);
    nobody.get(&format!("/Users?access_token={token}")).await.expect(401);
    let good = format!("Bearer {token}");
    let twice = [("authorization", good.as_str()), ("authorization", good.as_str())];
    let status = nobody.send("GET", "/Users", &twice, None).await.status;
    assert!([400, 401].contains(&status), "{status}");
    let spaced = format!("Bearer  {token}");
    let status = nobody.send("GET", "/Users", &[("authorization", &spaced)], None).await.status;
    assert!([400, 401].contains(&status), "{status}");
    // Okta sends what its administrator typed, often without the scheme (8A 7).
    nobody.send("GET", "/Users", &[("authorization", token)], None).await.expect(200);
    let lower = format!("bearer {token}");
    nobody.send("GET", "/Users", &[("authorization", &lower)], None).await.expect(200);
}

#[test]
fn key04_ten_thousand_tokens_never_repeat() {
    let mut seen = std::collections::HashSet::new();
    for _ in 0..10_000 {
        assert!(seen.insert(Token::mint(&OsEntropy).unwrap().fingerprint().0));
    }
}

#[tokio::test]
async fn rfc_sec14_the_credential_is_checked_before_the_body() {
    let world = World::new().await;
    let nobody = world.caller(None);
    nobody.send("POST", "/Users", &[], Some("{".into())).await.expect(401);
    nobody
        .send("POST", "/Users", &[("content-type", "text/plain")], Some("x".into()))
        .await
        .expect(401);
    world
        .client()
        .send("POST", "/Users", &[], Some("{".into()))
        .await
        .refused(400, "invalidSyntax");
}

#[tokio::test]
async fn rfc_sec03_permissions_of_a_connection_are_kept_at_every_door() {
    let world = World::new().await;
    let client = world.client();
    let id =
        client.post("/Users", &json!({"userName": "a@northvale.example"})).await.expect(201).id();
    world.set("permissions=groups").await;
    let path = format!("/Users/{id}");
    client.get(&path).await.expect(403);
    client.get("/Users").await.expect(403);
    client.delete(&path).await.expect(403);
    client.post("/Users", &json!({"userName": "b@northvale.example"})).await.expect(403);
    let root = client.get("/").await.expect(200);
    assert_eq!(root.body["totalResults"], 0);
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": path}],
    });
    let answer = client.post("/Bulk", &bulk).await.expect(200);
    assert_eq!(answer.body["Operations"][0]["status"], "403");
    client.get("/Groups").await.expect(200);
}

#[tokio::test]
async fn htp06_a_greedy_connection_takes_nothing_from_another() {
    let limits = Limits { requests_per_second: 5, request_burst: 5, ..Limits::default() };
    let world = World::with(Catalogue::built_in().unwrap(), Settings::default(), limits).await;
    let (other, _) = world.other_connection(1).await;
    let mut slowed = 0;
    for _ in 0..50 {
        let reply = world.client().get("/Users").await;
        if reply.status == 429 {
            slowed += 1;
            assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
        }
    }
    assert_eq!(slowed, 45);
    for _ in 0..5 {
        other.get("/Users").await.expect(200);
    }
    let health = world.caller(None).get("//healthz").await;
    assert_eq!(health.status, 200);
}

#[tokio::test]
async fn htp06_beyond_the_cap_of_requests_in_work_comes_503_and_health_still_answers() {
    let limits = Limits { in_work: 0, ..Limits::default() };
    let world = World::with(Catalogue::built_in().unwrap(), Settings::default(), limits).await;
    let reply = world.client().get("/Users").await.expect(503);
    assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(world.caller(None).get("//healthz").await.status, 200);
}

#[tokio::test]
async fn aut08_what_is_no_token_is_throttled_too_and_cannot_fill_the_store() {
    let world = World::new().await;
    let before = world.events(0).await.len();
    for shown in ["Basic YTpi", "Bearer  x", "Bearer a b"] {
        let mut slowed = 0;
        for _ in 0..1_000 {
            let headers = [("authorization", shown)];
            let reply = world.caller(None).send("GET", "/Users", &headers, None).await;
            slowed += usize::from(reply.status == 429);
        }
        assert!(slowed > 500, "{shown}: {slowed}");
    }
    assert!(world.events(0).await.len() - before < 1_000);
    world.client().get("/Users").await.expect(200);
}
