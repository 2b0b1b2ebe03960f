//! What is taken over, what is left alone, and what is refused whole.

use serde_json::Value;
use serde_json::json;
use wardgate::service::operate::Command;
use wardgate::store::change::Actor;
use wardgate::store::change::Door;

use super::*;

#[tokio::test]
async fn hi3_sheets_become_a_network_and_a_second_import_finds_everything_there() {
    let world = World::new().await;
    let folder = Folder::of(&SHEETS);
    let report = import(&world, &folder).await;
    assert_eq!(refusals(&report), Vec::<String>::new());
    assert_eq!(report["applied"], true);
    for (sort, made) in [
        ("organizations", 2),
        ("sites", 2),
        ("roomSystems", 2),
        ("people", 3),
        ("delegations", 1),
        ("schedulers", 2),
    ] {
        assert_eq!(counts(&report, sort), [made, 0, 0, 0], "{sort}");
    }
    let admin = world.admin();
    let ada = admin.filter("/Users", "userName eq \"ada@x.example\"").await.resources().remove(0);
    let mine = &ada["urn:ietf:params:scim:schemas:extension:wardgate:2.0:User"];
    assert_eq!(ada["name"]["familyName"], "Field");
    assert_eq!(mine["services"].as_array().unwrap().len(), 2);
    assert_eq!(mine["assignments"][0]["default"], true);
    let room =
        admin.filter("/RoomSystems", "systemName eq \"NVA_001\"").await.resources().remove(0);
    assert_eq!(room["schedulers"].as_array().unwrap().len(), 2);
    let delegations = admin.get("/Delegations").await.resources();
    assert_eq!(delegations[0]["service"], "PCVC");
    let last = world.events(1).await.pop().unwrap();
    assert_eq!((last.cause.actor, last.cause.door), (Actor::Operator, Door::Command));
    let told = events(&world).await;
    let again = import(&world, &folder).await;
    assert!(is_nothing(&again), "{again}");
    assert_eq!(events(&world).await, told, "what is there already leaves no event");
    assert_sound(&world).await;
}

#[tokio::test]
async fn le4_a_dry_run_foretells_the_import_and_changes_nothing() {
    let world = World::new().await;
    let folder = Folder::of(&SHEETS);
    import(&world, &folder).await;
    folder.put("people.csv", "userName,familyName,deactivated\nada@x.example,Fields,\ndi@x.example,Moor,\nbo@x.example,,temporary\n");
    let before = (events(&world).await, world.run(Command::Check).await);
    let foretold = rehearse(&world, &folder).await;
    assert_eq!((events(&world).await, world.run(Command::Check).await), before);
    assert_eq!(counts(&foretold, "people"), [1, 2, 0, 0]);
    let changes = foretold["changes"].as_array().unwrap();
    let said: Vec<&Value> = changes.iter().filter(|one| one["kind"] == "people").collect();
    assert_eq!(said[0]["attributes"], json!(["name"]));
    assert_eq!((&said[0]["file"], &said[0]["at"]), (&json!("people.csv"), &json!("row 2")));
    assert_eq!(said[2]["attributes"], json!(["active", "deactivation"]));
    let mut done = import(&world, &folder).await;
    assert_eq!(done["applied"], true);
    done["applied"] = json!(false);
    done["dryRun"] = json!(true);
    assert_eq!(done, foretold);
    assert_sound(&world).await;
}

#[tokio::test]
async fn what_a_sheet_does_not_speak_of_stays_and_lists_grow() {
    let world = World::new().await;
    let folder = Folder::of(&SHEETS);
    import(&world, &folder).await;
    let sheets = Folder::of(&[
        ("people.csv", "userName,services,email\nada@x.example,Directory,new@x.example\n"),
        ("schedulers.csv", "systemName,userName\nNVA_002,bo@x.example\n"),
    ]);
    let report = import(&world, &sheets).await;
    assert_eq!(refusals(&report), Vec::<String>::new());
    assert_eq!(counts(&report, "people"), [0, 1, 0, 0]);
    let admin = world.admin();
    let ada = admin.filter("/Users", "userName eq \"ada@x.example\"").await.resources().remove(0);
    let mine = &ada["urn:ietf:params:scim:schemas:extension:wardgate:2.0:User"];
    assert_eq!(ada["name"]["givenName"], "Ada");
    assert_eq!(ada["emails"].as_array().unwrap().len(), 1);
    assert_eq!(ada["emails"][0]["value"], "new@x.example");
    let services: Vec<&Value> =
        mine["services"].as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!(services.len(), 3, "{services:?}");
    assert_eq!(mine["assignments"].as_array().unwrap().len(), 1);
    let room =
        admin.filter("/RoomSystems", "systemName eq \"NVA_001\"").await.resources().remove(0);
    assert_eq!(room["schedulers"].as_array().unwrap().len(), 2, "nobody is taken out");
}

#[tokio::test]
async fn us4_a_permanent_leaver_is_made_and_closed_once() {
    let world = World::new().await;
    let folder = Folder::of(&[(
        "people.csv",
        "userName,familyName,deactivated\nada@x.example,Field,permanent\nbo@x.example,Hill,temporary\n",
    )]);
    let report = import(&world, &folder).await;
    assert_eq!(counts(&report, "people"), [1, 0, 1, 0]);
    let people = world.admin().get("/Users").await.resources();
    assert_eq!(people.len(), 1);
    assert_eq!(people[0]["active"], false);
    assert!(is_nothing(&import(&world, &folder).await), "a closed account stays closed");
    folder.put("people.csv", "userName,deactivated\nbo@x.example,permanent\n");
    assert_eq!(counts(&import(&world, &folder).await, "people"), [0, 0, 1, 0]);
    assert_eq!(world.admin().get("/Users").await.resources().len(), 0);
    assert_sound(&world).await;
}

#[tokio::test]
async fn us2_the_past_of_an_account_is_kept_and_only_moves_forward() {
    let world = World::new().await;
    let sheet = |last: &str| {
        format!("userName,activatedAt,lastAccess\nada@x.example,2019-02-03T10:00:00Z,{last}\n")
    };
    let folder = Folder::of(&[("people.csv", &sheet("2020-01-01T00:00:00Z"))]);
    import(&world, &folder).await;
    let ada = async || world.admin().get("/Users").await.resources().remove(0);
    let mine = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";
    assert_eq!(ada().await[mine]["status"], "Dormant");
    assert_eq!(ada().await[mine]["activatedAt"], "2019-02-03T10:00:00.000000Z");
    folder.put("people.csv", sheet("2019-05-01T00:00:00Z"));
    assert!(is_nothing(&import(&world, &folder).await));
    folder.put("people.csv", sheet("2026-09-01T00:00:00Z"));
    let report = import(&world, &folder).await;
    assert_eq!(report["changes"][0]["attributes"], json!(["lastAccess"]));
    assert_eq!(ada().await[mine]["status"], "Active");
    assert_sound(&world).await;
}

#[tokio::test]
async fn every_file_is_taken_whole_or_not_at_all() {
    let world = World::new().await;
    let folder = Folder::of(&SHEETS);
    folder.put(
        "people.csv",
        "userName,assignments,active,services\n\
         ada@x.example,ORG0001/NVH=Nobody,,\n\
         bo@x.example,ORG0001/GONE=ED Normal,perhaps,\n\
         cy@x.example,,,eVisit;Chess\n\
         di@x.example,,,\n",
    );
    let report = import(&world, &folder).await;
    assert_eq!(
        refusals(&report),
        [
            "delegations.csv, row 2, delegator: nobody of the organization has this user name, or \
             not any more",
            "people.csv, row 2, assignments: no such role; write its code or name",
            "people.csv, row 3, active: write true or false",
            "people.csv, row 4, services: no such service; write Directory, eConsult, \
             eVisit/Videoconference or Ncompass/Scheduling Access",
            "schedulers.csv, row 2, userName: nobody of the organization has this user name, or \
             not any more",
            "schedulers.csv, row 3, userName: nobody of the organization has this user name, or \
             not any more",
        ]
    );
    let refused: Vec<&str> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["refused"] == true)
        .map(|file| file["file"].as_str().unwrap())
        .collect();
    assert_eq!(refused, ["delegations.csv", "people.csv", "schedulers.csv"]);
    assert_eq!(world.admin().get("/Users").await.resources(), Vec::<Value>::new());
    assert_eq!(world.admin().get("/RoomSystems").await.resources().len(), 2);
    assert_sound(&world).await;
}

#[tokio::test]
async fn the_rules_of_the_model_refuse_a_row_with_its_column() {
    let world = World::new().await;
    let folder = Folder::of(&SHEETS);
    import(&world, &folder).await;
    let sheets = Folder::of(&[
        ("delegations.csv", "delegator,delegate,service\nada@x.example,ADA@x.example,eVisit\n"),
        ("room-systems.csv", "systemName,site,active\nNVA_002,NVH,no\n"),
        ("schedulers.csv", "systemName,userName\nNVA_002,ada@x.example\nNVA_009,bo@x.example\n"),
        ("sites.csv", "siteCode,displayName,organization\nNVH,Again,ORG4444\n"),
        (
            "people.csv",
            "userName,deactivated,active,lastAccess\nx\u{202e}y,,,\nok@x.example,permanent,yes,\n\
             no@x.example,,,yesterday\nso@x.example,forever,,\n",
        ),
    ]);
    let said = refusals(&import(&world, &sheets).await).join("\n");
    let golden = "\
delegations.csv, row 2, delegate: `delegate` must be someone else than `delegator` (DE1)
people.csv, row 2, userName: this cannot be a user name; write letters, digits and signs only
people.csv, row 3, active: an account that is deactivated is not active; correct one of the two
people.csv, row 4, lastAccess: write an instant as 2026-11-25T09:30:00Z
people.csv, row 5, deactivated: write temporary or permanent, or leave it empty
schedulers.csv, row 2, userName: `schedulers` of a room system that is not active take nobody new (RO1)
schedulers.csv, row 3, systemName: no such room system; write its whole name
sites.csv, row 2, organization: no such organization; write ORG and four digits of one that exists";
    assert_eq!(said, golden);
}

#[tokio::test]
async fn pul05_what_an_import_takes_away_is_weighed_once_and_released_once() {
    let world = World::new().await;
    let rows = |how: &str| -> String {
        (0..30).map(|n| format!("p{n}@x.example,{how}\n")).collect::<String>()
    };
    let folder = Folder::of(&[("people.csv", &format!("userName,deactivated\n{}", rows("")))]);
    import(&world, &folder).await;
    folder.put("people.csv", format!("userName,deactivated\n{}", rows("permanent")));
    let before = events(&world).await;
    let foretold = rehearse(&world, &folder).await;
    assert_eq!(refusals(&foretold), Vec::<String>::new());
    assert_eq!(counts(&foretold, "people"), [0, 0, 30, 0]);
    assert!(foretold["held"].as_str().unwrap().contains("30 people"), "{foretold}");
    assert_eq!(events(&world).await, before, "a dry run lists no hold");
    let report = import(&world, &folder).await;
    assert_eq!((&report["applied"], &report["held"]), (&json!(false), &foretold["held"]));
    assert_eq!(world.admin().get("/Users").await.resources().len(), 30);
    let holds = world.run(Command::HoldList { organization: None }).await;
    let hold = holds[0]["hold"].as_str().unwrap().to_owned();
    world.run(Command::HoldRelease { hold }).await;
    assert_eq!(counts(&import(&world, &folder).await, "people"), [0, 0, 30, 0]);
    assert_eq!(world.admin().get("/Users").await.resources().len(), 0);
    assert_sound(&world).await;
}

#[tokio::test]
async fn ag5_groups_of_the_organization_are_taken_over_with_their_members() {
    let world = World::new().await;
    let folder = Folder::of(&SHEETS);
    folder.put("groups.csv", "displayName,members\nNight shift,ada@x.example\n");
    import(&world, &folder).await;
    folder.put("groups.csv", "displayName,members\nNight shift,bo@x.example;ada@x.example\n");
    assert_eq!(counts(&import(&world, &folder).await, "groups"), [0, 1, 0, 0]);
    let groups = world.admin().get("/Groups").await.resources();
    assert_eq!(groups[0]["members"].as_array().unwrap().len(), 2);
    folder.put("groups.csv", "displayName,kind,modules\nNew,access,Astrology\n");
    let said = refusals(&import(&world, &folder).await).join("\n");
    assert!(said.starts_with("groups.csv, row 2"), "{said}");
    assert!(!said.contains("Astrology"), "{said}");
}
