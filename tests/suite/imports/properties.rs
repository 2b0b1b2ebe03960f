//! Whatever network is described: what is read back as a description is there already.

use proptest::prelude::*;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::*;

const MINE: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";
const SERVICES: [&str; 4] = ["DIRECTORY", "ECONSULT", "PCVC", "NCOMPASS"];

/// Runs a story to its end.
fn block(story: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(story);
}

/// A person in numbers.
#[derive(Clone, Debug)]
struct Sketch {
    given: String,
    services: Vec<usize>,
    off: Option<bool>,
    site: Option<usize>,
    rooms: Vec<usize>,
    delegate: usize,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    (
        "[A-Z][a-zé' ,;\"-]{0,12}[a-z]",
        prop::collection::vec(0..SERVICES.len(), 0..4),
        prop::option::of(any::<bool>()),
        prop::option::of(0..2_usize),
        prop::collection::vec(0..3_usize, 0..3),
        0..8_usize,
    )
        .prop_map(|(given, services, off, site, rooms, delegate)| Sketch {
            given,
            services,
            off,
            site,
            rooms,
            delegate,
        })
}

fn name(n: usize) -> String {
    format!("p{n}@x.example")
}

/// The description of a network with these people.
fn described(people: &[Sketch]) -> Value {
    let mut all = json!({
        "sites": [{"siteCode": "S0", "displayName": "North"}, {"siteCode": "S1", "displayName": "South"}],
        "roomSystems": [
            {"systemName": "R0", "site": "S0"}, {"systemName": "R1", "site": "S1"},
            {"systemName": "R2", "site": "ORG0001/S1"},
        ],
        "people": [], "delegations": [], "schedulers": [],
    });
    let mut put = |sort: &str, row: Value| all[sort].as_array_mut().unwrap().push(row);
    let stays = |n: usize| people.get(n).is_some_and(|one| one.off != Some(true));
    for (n, one) in people.iter().enumerate() {
        let mut row = json!({"userName": name(n), "givenName": one.given, "email": name(n)});
        let mut services = one.services.clone();
        services.sort_unstable();
        services.dedup();
        let services: Vec<&str> = services.into_iter().map(|at| SERVICES[at]).collect();
        if !services.is_empty() {
            row["services"] = json!(services);
        }
        if let Some(site) = one.site {
            row["assignments"] = json!([format!("ORG0001/S{site}=ED Normal*")]);
        }
        if let Some(gone) = one.off {
            row["deactivated"] = json!(if gone { "permanent" } else { "temporary" });
        }
        put("people", row);
        if stays(n) && stays(one.delegate) && n != one.delegate && services.contains(&"PCVC") {
            let (delegator, delegate) = (name(n), name(one.delegate));
            put(
                "delegations",
                json!({"delegator": delegator, "delegate": delegate, "service": "PCVC"}),
            );
        }
        let mut rooms = one.rooms.clone();
        rooms.sort_unstable();
        rooms.dedup();
        for room in rooms.into_iter().filter(|_| stays(n)) {
            put("schedulers", json!({"systemName": format!("R{room}"), "userName": name(n)}));
        }
    }
    all
}

/// The description that the resources of a world give of it.
async fn exported(world: &World) -> Value {
    let admin = world.admin();
    let all = async |endpoint: &str| admin.get(&format!("{endpoint}?count=1000")).await.resources();
    let people = all("/Users").await;
    let called = |id: &Value| {
        let one = people.iter().find(|one| one["id"] == *id).unwrap();
        one["userName"].clone()
    };
    let rows: Vec<Value> = people.iter().map(row).collect();
    let mut schedulers = Vec::new();
    for room in all("/RoomSystems").await {
        for one in room["schedulers"].as_array().into_iter().flatten() {
            let (system, user) = (&room["systemName"], called(&one["value"]));
            schedulers.push(json!({"systemName": system, "userName": user}));
        }
    }
    let delegation = |one: &Value| {
        let [delegator, delegate] = ["delegator", "delegate"].map(|end| called(&one[end]["value"]));
        json!({"delegator": delegator, "delegate": delegate, "service": one["service"]})
    };
    let delegations: Vec<Value> = all("/Delegations").await.iter().map(delegation).collect();
    json!({"people": rows, "schedulers": schedulers, "delegations": delegations})
}

/// A person as a row.
fn row(one: &Value) -> Value {
    let mut row = Map::new();
    row.insert("userName".into(), one["userName"].clone());
    row.insert("givenName".into(), one["name"]["givenName"].clone());
    row.insert("email".into(), one["emails"][0]["value"].clone());
    row.insert("active".into(), one["active"].clone());
    let services = one[MINE]["services"].as_array().into_iter().flatten();
    let services: Vec<&Value> = services.map(|service| &service["value"]).collect();
    row.insert("services".into(), json!(services));
    row.insert("activatedAt".into(), one[MINE]["activatedAt"].clone());
    Value::Object(row)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn le5_what_is_read_back_is_there_already(
        people in prop::collection::vec(sketch(), 0..8),
        fewer in 0..8_usize,
    ) {
        block(async {
            let world = World::new().await;
            let whole = described(&people);
            let folder = Folder::of(&[("net.json", &whole.to_string())]);
            // A part first, so that the whole meets what is there.
            let part = described(&people[..fewer.min(people.len())]);
            folder.put("net.json", part.to_string());
            assert_eq!(refusals(&import(&world, &folder).await), Vec::<String>::new());
            folder.put("net.json", whole.to_string());
            let foretold = rehearse(&world, &folder).await;
            let done = import(&world, &folder).await;
            assert_eq!(foretold["summary"], done["summary"]);
            assert_eq!(foretold["changes"], done["changes"]);
            assert!(is_nothing(&import(&world, &folder).await));
            folder.put("net.json", exported(&world).await.to_string());
            let again = import(&world, &folder).await;
            assert!(is_nothing(&again), "{again}");
            assert_sound(&world).await;
        });
    }

    #[test]
    fn prs01_no_bytes_break_an_import(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        words in prop::collection::vec(
            prop::sample::select(vec![
                "userName", ",", "\n", "\"", ";", "people", "{", "}", "[", "]", ":", "active",
                "\u{feff}", "ORG0001", "\r", "true", "services", "deactivated", "permanent",
            ]),
            0..40,
        ),
        name in prop::sample::select(vec!["people.csv", "net.json", "organizations.csv"]),
    ) {
        block(async {
            let world = World::new().await;
            for bytes in [bytes, words.concat().into_bytes()] {
                let folder = Folder::of(&[]);
                folder.put(name, bytes);
                let report = import(&world, &folder).await;
                assert!(refusals(&report).iter().all(|said| said.starts_with(name)));
            }
            assert_sound(&world).await;
        });
    }
}
