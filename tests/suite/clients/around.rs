//! What clients do wrong around their messages: forgiven and counted, or refused when strict.

use serde_json::Value;

use crate::world::Reply;
use crate::world::World;

/// The recorded requests that show `quirk`: path and `Authorization`.
fn recorded(quirk: &str) -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/clients");
    let files = std::fs::read_dir(folder).unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let all = texts.flat_map(|text| serde_json::from_str::<Vec<Value>>(&text).unwrap());
    let shows = |one: &Value| one["quirks"].as_array().unwrap().iter().any(|name| name == quirk);
    let field = |one: &Value, name: &str| one[name].as_str().map(str::to_owned);
    all.filter(shows)
        .map(|one| {
            let bearer = "Bearer {token}".to_owned();
            (field(&one, "path").unwrap(), field(&one, "authorization").unwrap_or(bearer))
        })
        .collect()
}

async fn send(world: &World, (path, authorization): &(String, String)) -> Reply {
    let authorization = authorization.replace("{token}", world.token());
    world.client().send("GET", path, &[("authorization", &authorization)], None).await
}

/// How often the first connection was forgiven `quirk`.
async fn counted(world: &World, quirk: &str) -> u64 {
    let connection = wardgate::base::id::Id::parse(&world.connection).unwrap();
    let tallies = wardgate::service::oddities::of(&world.ports, connection).await.unwrap();
    tallies.get(quirk).map_or(0, |tally| tally.count)
}

#[tokio::test]
async fn idp14_slashes_too_many_are_counted_and_lead_nowhere_when_strict() {
    let world = World::new().await;
    let mut odd = recorded("odd-slash");
    assert!(odd.len() >= 2);
    odd.push(("/Schemas/".into(), "Bearer {token}".into()));
    for (turn, request) in (1..).zip(&odd) {
        send(&world, request).await.expect(200);
        assert_eq!(counted(&world, "odd-slash").await, turn);
    }
    for plain in ["", "/", "/Users", "/Users?"] {
        world.client().get(plain).await.expect(200);
    }
    world.client().get("///Users").await.expect(404);
    assert_eq!(counted(&world, "odd-slash").await, odd.len() as u64);
    world.set("strict=true").await;
    for request in &odd {
        send(&world, request).await.expect(404);
    }
    world.client().get("/").await.expect(200);
    world.client().get("/Users?&").await.expect(200);
    assert_eq!(counted(&world, "odd-slash").await, odd.len() as u64);
}

#[tokio::test]
async fn idp07_a_token_alone_is_counted_and_opens_nothing_when_strict() {
    let world = World::new().await;
    let bare = recorded("bare-token");
    assert_eq!(bare.len(), 1);
    send(&world, &bare[0]).await.expect(200);
    assert_eq!(counted(&world, "bare-token").await, 1);
    // The word may be written in any letter case (RFC 9110 §11.1): nothing to forgive.
    let other_case = ("/Users".to_owned(), "bEARER {token}".to_owned());
    send(&world, &other_case).await.expect(200);
    world.set("strict=true").await;
    let refused = send(&world, &bare[0]).await.expect(401);
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
    send(&world, &other_case).await.expect(200);
    assert_eq!(counted(&world, "bare-token").await, 1);
}
