//! How exports and the rest of the administrators' API are asked for and answered.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Settings;
use wardgate::store::Store;
use wardgate::store::change::Outcome;

use crate::world::Watched;

use super::*;

async fn crowd(world: &World, many: usize) {
    let client = world.client();
    for number in 0..many {
        let body = json!({
            "userName": format!("person-{number:04}@hospital.example"),
            "name": {"givenName": "Zoë", "familyName": format!("{}-{}", number % 7, "Long".repeat(60))},
        });
        client.post("/Users", &body).await.expect(201);
    }
}

#[tokio::test]
async fn an_export_is_a_file_with_its_name_and_length() {
    let world = World::new().await;
    let file = export(&world, "ORG0001", "scheduling", "").await.expect(200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8; header=present");
    let name = file.header("content-disposition");
    assert!(name.starts_with("attachment; filename=\"Room_Based_System_Scheduling_ORG0001_"));
    assert!(name.ends_with(".csv\""));
    let head = world.admin();
    let path = "//api/v1/organizations/ORG0001/exports/scheduling";
    let bare = head.send("HEAD", path, &[], None).await.expect(200);
    assert_eq!(bare.header("content-length"), file.bytes.len().to_string());
    for (accept, status) in [("text/csv", 200), ("text/*", 200), ("application/json", 406)] {
        assert_eq!(head.send("GET", path, &[("accept", accept)], None).await.status, status);
    }
    head.send("POST", path, &[], None).await.problem(405, "methodNotAllowed");
    head.get(&format!("{path}?asof=2026-01-01T00:00:00Z")).await.problem(400, "unknownParameter");
    head.get(&format!("{path}?bom=1&bom=1")).await.problem(400, "invalidValue");
    world.caller(None).get(path).await.problem(401, "unauthorized");
    head.get("//api/v1/nonesuch").await.problem(404, "notFound");
}

#[tokio::test]
async fn a_large_export_leaves_in_parts_in_one_order() {
    let world = World::new().await;
    crowd(&world, 400).await;
    let file = export(&world, "ORG0001", "users", "").await.expect(200);
    assert!(!file.headers.contains_key("content-length"));
    assert!(file.bytes.len() > 64 * 1_024, "{}", file.bytes.len());
    let mut reader = csv::ReaderBuilder::new().from_reader(&file.bytes[..]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 400);
    let names: Vec<String> = rows.iter().map(|row| row[1].to_owned()).collect();
    assert!(names.is_sorted());
    assert_eq!(taken(&world, 1).await.len(), 2);
}

#[tokio::test]
async fn ex9_a_fault_in_the_middle_breaks_the_answer_and_leaves_its_event() {
    use http_body_util::BodyExt;
    let left = Arc::new(AtomicU64::new(u64::MAX));
    let past = Some(left.clone());
    let watched = |store| Arc::new(Watched { past, ..Watched::over(store) }) as Arc<dyn Store>;
    let (settings, limits) = (Settings::default(), Limits::default());
    let world = World::over(watched, Catalogue::built_in().unwrap(), settings, limits).await;
    crowd(&world, 400).await;
    left.store(350, Ordering::SeqCst);
    let made = world.run(Command::TokenAddAdmin { days: 1 }).await;
    let request = hyper::Request::builder()
        .uri("/api/v1/organizations/ORG0001/exports/users")
        .header("authorization", format!("Bearer {}", made["token"].as_str().unwrap()))
        .body(http_body_util::Full::<bytes::Bytes>::default());
    let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 40_000));
    let answer = world.gateway.handle(request.unwrap(), peer).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.into_body().collect().await.is_err());
    let events = taken(&world, 1).await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[1].outcome, Outcome::Failed("busy".into()));
    // What fails before the first byte is an answer.
    export(&world, "ORG0001", "users", "").await.problem(503, "busy");
}

#[tokio::test]
async fn q15_several_organizations_come_in_one_file_with_a_manifest() {
    use std::io::Read;
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    other.post("/Users", &json!({"userName": "far"})).await.expect(201);
    let path = "//api/v1/exports/users?organizations=ORG0002,ORG0001,ORG0002";
    let file = world.admin().get(path).await.expect(200);
    assert_eq!(file.header("content-type"), "application/zip");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"users.zip\"");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(file.bytes.to_vec())).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let mut text = String::new();
    zip.by_name("manifest.json").unwrap().read_to_string(&mut text).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    for (line, code) in manifest["files"].as_array().unwrap().iter().zip(["ORG0001", "ORG0002"]) {
        assert_eq!(line["organization"], code);
        let path = line["path"].as_str().unwrap();
        assert!(path.starts_with(&format!("{code}/Organization_Users_Report_")), "{path}");
        let mut bytes = Vec::new();
        zip.by_name(path).unwrap().read_to_end(&mut bytes).unwrap();
        let query = format!("?asOf={}", manifest["asOf"].as_str().unwrap());
        later(&world);
        assert_eq!(export(&world, code, "users", &query).await.expect(200).bytes, bytes);
    }
    let none = "//api/v1/exports/users?organizations=ORG0001,ORG0404";
    world.admin().get(none).await.problem(404, "notFound");
    assert_eq!(world.admin().get("//api/v1/exports/users").await.expect(200).status, 200);
}

#[tokio::test]
async fn organizations_and_events_are_read() {
    let world = World::new().await;
    world.other_organization(2).await;
    let admin = world.admin();
    let all = admin.get("//api/v1/organizations?startIndex=2&count=1").await.expect(200).body;
    assert_eq!((&all["totalResults"], &all["startIndex"]), (&json!(2), &json!(2)));
    let second = &all["items"][0];
    assert_eq!((&second["code"], &second["number"]), (&json!("ORG0002"), &json!(2)));
    for named in ["ORG0002", second["id"].as_str().unwrap()] {
        let one = admin.get(&format!("//api/v1/organizations/{named}")).await.expect(200);
        assert_eq!(&one.body, second);
    }
    admin.get("//api/v1/organizations/ORG0003").await.problem(404, "notFound");
    world.client().post("/Users", &json!({"userName": "ada"})).await.expect(201);
    let path = "//api/v1/events?organization=ORG0001";
    let first = admin.get(&format!("{path}&limit=1")).await.expect(200).body;
    assert_eq!((&first["items"][0]["seq"], &first["next"]), (&json!(1), &json!(2)));
    let rest = admin.get(&format!("{path}&from=2")).await.expect(200).body;
    assert_eq!(rest["next"], Value::Null);
    let last = rest["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["action"], &last["door"]), (&json!("create"), &json!("scim")));
    assert_eq!(last["actor"]["name"], "First connection");
    assert_eq!(last["subject"]["type"], "User");
    assert_eq!(last["outcome"], json!({"result": "done"}));
    assert!(last["attributes"].as_array().unwrap().contains(&json!("userName")), "{last}");
    admin.get("//api/v1/events").await.expect(200);
    admin.get("//api/v1/events?organization=ORG0404").await.problem(404, "notFound");
    admin.get("//api/v1/events?limit=1001").await.problem(400, "invalidValue");
}

#[tokio::test]
async fn people_are_found_by_a_part_of_their_name_and_sorted_by_any_column() {
    let world = World::new().await;
    let (other, _) = world.other_organization(2).await;
    let client = world.client();
    for (name, first, last) in [("zoe", "Zoë", "Ádams"), ("bo", "Bo", "adams"), ("cy", "Cy", "Bea")]
    {
        let body = json!({"userName": name, "name": {"givenName": first, "familyName": last}});
        client.post("/Users", &body).await.expect(201);
    }
    other.post("/Users", &json!({"userName": "far", "displayName": "Far Off"})).await.expect(201);
    let admin = world.admin();
    let names = |reply: &Reply| -> Vec<String> {
        let items = reply.body["items"].as_array().unwrap();
        items.iter().map(|one| one["username"].as_str().unwrap().to_owned()).collect()
    };
    let ask =
        async |query: &str| names(&admin.get(&format!("//api/v1/users{query}")).await.expect(200));
    assert_eq!(ask("?organization=ORG0001").await, ["bo", "zoe", "cy"]);
    assert_eq!(ask("?q=zoe").await, ["zoe"]);
    assert_eq!(ask("?q=zo%C3%AB").await, ["zoe"]);
    assert_eq!(ask("?q=ADAMS").await, ["bo", "zoe"]);
    assert_eq!(ask("?q=o%20adams").await, ["bo"]);
    assert_eq!(ask("?sortBy=username&sortOrder=descending").await, ["zoe", "far", "cy", "bo"]);
    assert_eq!(ask("?sortBy=username&startIndex=2&count=2").await, ["cy", "far"]);
    let found = client.filter("/Users", "userName eq \"cy\"").await.expect(200);
    let cy = format!("/Users/{}", found.resources()[0]["id"].as_str().unwrap());
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    later(&world);
    let before = world.clock.clone();
    let at = wardgate::base::clock::Clock::now(&*before).to_string();
    later(&world);
    client.operations(&cy, off).await.expect(200);
    assert_eq!(ask("?organization=ORG0001").await, ["bo", "zoe"]);
    assert_eq!(ask("?organization=ORG0001&inactive=only").await, ["cy"]);
    assert_eq!(ask(&format!("?organization=ORG0001&asOf={at}")).await, ["bo", "zoe", "cy"]);
    client.delete(&cy).await.expect(204);
    let gone = admin.get("//api/v1/users?inactive=also&q=cy").await.expect(200).body;
    assert_eq!(gone["items"][0]["closed"], true);
    assert_eq!(gone["items"][0]["fullName"], "Cy Bea");
    admin.get("//api/v1/users?organization=ORG0404").await.problem(404, "notFound");
    let shown = admin.get("//api/v1/users?q=zoe").await.expect(200).body["items"][0].clone();
    assert_eq!((&shown["status"], &shown["organization"]), (&json!("Active"), &json!("ORG0001")));
}

#[tokio::test]
async fn the_description_names_every_operation() {
    let world = World::new().await;
    let read = world.admin().get("//api/v1/openapi.json").await.expect(200).body;
    assert_eq!(read["openapi"], "3.1.0");
    assert_eq!(read["servers"][0]["url"], "https://wardgate.example/api/v1");
    let rows = wardgate::http::route::all();
    let rows = rows.filter(|row| row.under == wardgate::http::route::Under::Api);
    for row in rows {
        let (verb, path) = row.name.split_once(" /api/v1").unwrap();
        let described = &read["paths"][path][verb.to_lowercase()];
        assert!(described["summary"].is_string(), "{}", row.name);
    }
}
