//! AG2 to AG14 as an administrator meets them.

use serde_json::json;

use super::*;

#[tokio::test]
async fn ag2_the_name_is_unique_in_the_centre_without_regard_to_case() {
    let centre = Centre::new().await;
    centre.group("Ortho MOA", json!({})).await;
    let admin = centre.world.admin();
    let again = centre.body("ORTHO moa", json!({}));
    admin.post("/Groups", &again).await.refused(409, "uniqueness");
    let pushed = json!({"displayName": "Ortho MOA"});
    centre.world.client().post("/Groups", &pushed).await.expect(201);
}

#[tokio::test]
async fn ag3_kind_type_and_centre_never_change() {
    let centre = Centre::new().await;
    let path = format!("/Groups/{}", centre.group("A", json!({})).await);
    let admin = centre.world.admin();
    for (name, value) in [
        ("kind", json!("directory")),
        ("groupType", json!("pool")),
        ("healthCentre", json!({"value": centre.venue})),
    ] {
        let change = json!([{"op": "replace", "path": format!("{ACCESS}:{name}"), "value": value}]);
        admin.operations(&path, change).await.refused(400, "mutability");
    }
    let pushed = centre.world.client().post("/Groups", &json!({"displayName": "P"})).await.id();
    for client in [centre.world.client(), admin] {
        let grow = json!([{"op": "add", "path": format!("{ACCESS}:kind"), "value": "access"}]);
        client.operations(&format!("/Groups/{pushed}"), grow).await.refused(400, "mutability");
    }
}

#[tokio::test]
async fn ag4_ag7_what_a_group_names_is_of_its_centre() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    centre.world.other_organization(2).await;
    let far = json!({"displayName": "Far", "siteCode": "FAR", "careVenue": true,
        "organization": "ORG0002"});
    let far = admin.post("/Sites", &far).await.expect(201).id();
    let plain = json!({"displayName": "Store", "siteCode": "STO", "organization": "ORG0001"});
    let plain = admin.post("/Sites", &plain).await.expect(201).id();
    let other = json!({"displayName": "Dr. Far", "organization": "ORG0002"});
    let other = admin.post("/Providers", &other).await.expect(201).id();
    for (more, said) in [
        (json!({"careVenues": []}), "AG4"),
        (json!({"careVenues": [{"value": far}]}), "`careVenues` names no such resource"),
        (json!({"careVenues": [{"value": plain}]}), "AG4"),
        (json!({"providers": [{"value": other}]}), "`providers` names no such resource"),
    ] {
        let refused = admin.post("/Groups", &centre.body("A", more)).await;
        let refused = refused.refused(400, "invalidValue");
        assert!(refused.text.contains(said), "{}", refused.text);
    }
    let closed = json!([{"op": "replace", "path": "healthCentre", "value": false}]);
    admin.operations(&format!("/Organizations/{}", centre.home), closed).await.expect(200);
    let body = centre.body("A", json!({}));
    admin.post("/Groups", &body).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn ag5_modules_are_words_of_the_list_and_available() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    let path = format!("/Organizations/{}", centre.home);
    let some = json!([{"op": "add", "path": "availableModules",
        "value": ["reports", "Provider's Office"]}]);
    let kept = admin.operations(&path, some).await.expect(200);
    assert_eq!(kept.body["availableModules"], json!(["REPORTS", "PROVIDERS_OFFICE"]));
    for (modules, said) in [
        (json!([]), "AG5"),
        (json!(["User Preferences"]), "AG5"),
        (json!(["EREQUEST"]), "eRequest is not available"),
        (json!(["Surgery"]), "must be the code or the text of one of"),
    ] {
        let body = centre.body("A", json!({"modules": modules}));
        let refused = admin.post("/Groups", &body).await.refused(400, "invalidValue");
        assert!(
            refused.text.contains(said) && !refused.text.contains("Surgery"),
            "{}",
            refused.text
        );
    }
    let unknown = json!([{"op": "add", "path": "availableModules", "value": ["Surgery"]}]);
    admin.operations(&path, unknown).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn ag5_codes_and_texts_come_in_and_codes_with_texts_go_out() {
    let centre = Centre::new().await;
    let modules = json!({"modules": ["reports", {"value": "REPORTS"}, {"value": "eRequest"}],
        "privilegeLevel": {"value": "read-only access"}, "privacyLevel": "forced_patient"});
    let own = centre.own(&centre.group("A", modules).await).await;
    assert_eq!(
        own["modules"],
        json!([{"value": "REPORTS", "display": "Reports"}, {"value": "EREQUEST", "display": "eRequest"}])
    );
    assert_eq!(own["privilegeLevel"], json!({"value": "READ_ONLY", "display": "Read-Only Access"}));
    assert_eq!(own["privacyLevel"]["display"], "Forced Patient Privacy");
    assert_eq!(own["healthCentre"]["display"], "Northvale Health");
    assert_eq!(own["careVenues"][0]["display"], "East Clinic");
    assert_eq!(own["providers"][0]["display"], "Dr. Grey");
    let found = centre.world.admin();
    let found = found.filter("/Groups", &format!("{ACCESS}:modules eq \"EREQUEST\"")).await;
    assert_eq!(found.expect(200).body["totalResults"], 1);
}

#[tokio::test]
async fn ag6_a_group_lists_providers_or_pools() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    let pool = centre.pool("Wait list", "all", &[&centre.providers[1]]).await;
    for more in [
        json!({"providers": []}),
        json!({"pools": [{"value": pool}]}),
        json!({"groupType": "pool"}),
        json!({"groupType": "pool", "providers": []}),
        json!({"groupType": "pool", "providers": [], "pools": [{"value": pool}],
            "autoAddProviders": true}),
        json!({"groupType": "ward"}),
        json!({"groupType": null}),
    ] {
        let body = centre.body("A", more);
        admin.post("/Groups", &body).await.refused(400, "invalidValue");
    }
    let pools = json!({"groupType": "Pool", "providers": [], "pools": [{"value": pool}]});
    let own = centre.own(&centre.group("A", pools).await).await;
    assert_eq!(own["pools"][0]["display"], "Wait list");
    assert_eq!(own["groupType"], "pool");
}

#[tokio::test]
async fn ag8_a_restriction_is_of_a_member_and_never_relaxes() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    let (rita, sam) = (centre.person("rita").await, centre.person("sam").await);
    let read_only = json!({"privilegeLevel": "READ_ONLY"});
    let path = format!("/Groups/{}", centre.group("A", read_only).await);
    centre.enrol(path.rsplit('/').next().unwrap(), &rita).await;
    let restrict = |user: &str, more: Value| {
        let mut row = json!({"user": user, "module": "Reports"});
        for (key, value) in more.as_object().unwrap() {
            row[key] = value.clone();
        }
        json!([{"op": "add", "path": format!("{ACCESS}:userOverrides"), "value": [row]}])
    };
    for (user, more) in [
        (&rita, json!({"privilegeLevel": "FULL"})),
        (&rita, json!({})),
        (&sam, json!({"privacyLevel": "FORCED_PATIENT"})),
        (&rita, json!({"privacyLevel": "FORCED_PATIENT", "module": "EREQUEST"})),
    ] {
        admin.operations(&path, restrict(user, more)).await.refused(400, "invalidValue");
    }
    let tight = restrict(&rita, json!({"privacyLevel": "Forced Patient Privacy"}));
    admin.operations(&path, tight.clone()).await.expect(204);
    let id = path.rsplit('/').next().unwrap();
    let row = centre.own(id).await["userOverrides"][0].clone();
    assert_eq!(row["privacyLevel"], "FORCED_PATIENT");
    assert_eq!((row["user"].as_str(), row["display"].as_str()), (Some(&*rita), Some("rita")));
    // In the same request as the membership, and again with the same words.
    let both = json!([
        {"op": "add", "path": "members", "value": [{"value": sam}]},
        restrict(&sam, json!({"privacyLevel": "FORCED_PATIENT"}))[0],
    ]);
    admin.operations(&path, both).await.expect(204);
    // Whoever leaves keeps it asleep, and the group can still be edited.
    let gone = json!([{"op": "remove", "path": format!("members[value eq \"{rita}\"]")}]);
    admin.operations(&path, gone).await.expect(204);
    let rename = json!([{"op": "replace", "path": "displayName", "value": "B"}]);
    admin.operations(&path, rename).await.expect(204);
    assert_eq!(centre.own(id).await["userOverrides"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn ag10_secure_messaging_takes_no_privilege() {
    let centre = Centre::new().await;
    let row = json!({"module": "SECURE_MESSAGING", "provider": centre.providers[0],
        "privilegeLevel": "READ_ONLY"});
    let body = centre.body("A", json!({"modules": ["Secure Messaging"], "subjectEntries": [row]}));
    let refused = centre.world.admin().post("/Groups", &body).await.refused(400, "invalidValue");
    assert!(refused.text.contains("AG10"), "{}", refused.text);
}

#[tokio::test]
async fn ag11_new_providers_join_flagged_groups_once_in_the_same_commit() {
    let centre = Centre::new().await;
    let flagged = centre.group("Flagged", json!({"autoAddProviders": true})).await;
    let plain = centre.group("Plain", json!({})).await;
    assert_eq!(centre.own(&flagged).await["providers"].as_array().unwrap().len(), 1, "Q32");
    let before = centre.world.events(1).await.len();
    let new = centre.provider("Dr. New").await;
    let events = centre.world.events(1).await;
    assert_eq!(events.len(), before + 1);
    assert_eq!(events.last().unwrap().beside.len(), 1, "the group's body is told of");
    let listed = centre.own(&flagged).await["providers"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[1]["value"], new.as_str());
    assert_eq!(centre.own(&plain).await["providers"].as_array().unwrap().len(), 1);
    let off = json!({"displayName": "Dr. Off", "organization": "ORG0001", "active": false});
    centre.world.admin().post("/Providers", &off).await.expect(201);
    assert_eq!(centre.own(&flagged).await["providers"].as_array().unwrap().len(), 2, "TR3");
    // By hand it is there once, as every value is.
    let again = json!([{"op": "add", "path": format!("{ACCESS}:providers"),
        "value": [{"value": new}]}]);
    let path = format!("/Groups/{flagged}");
    centre.world.admin().operations(&path, again).await.expect(204);
    assert_eq!(centre.own(&flagged).await["providers"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn ag11_nobody_is_lost_who_joins_while_others_edit_the_group() {
    let centre = Centre::new().await;
    let group = centre.group("Flagged", json!({"autoAddProviders": true})).await;
    let mut turns = tokio::task::JoinSet::new();
    for number in 0..12_usize {
        let (admin, path) = (centre.world.admin(), format!("/Groups/{group}"));
        turns.spawn(async move {
            let level = ["READ_ONLY", "FULL", "FULL"][number % 3];
            let edit = json!([{"op": "replace", "path": format!("{ACCESS}:privilegeLevel"),
                "value": level}]);
            let body = json!({"displayName": format!("P{number}"), "organization": "ORG0001"});
            let made = admin.post("/Providers", &body).await.status;
            (made, admin.operations(&path, edit).await.status)
        });
    }
    while let Some(done) = turns.join_next().await {
        let (made, edited) = done.unwrap();
        assert_eq!(made, 201);
        assert!(edited == 204 || edited == 409, "{edited}");
    }
    assert_eq!(centre.own(&group).await["providers"].as_array().unwrap().len(), 13);
}

#[tokio::test]
async fn ag12_the_end_of_a_group_ends_nothing_else() {
    let centre = Centre::new().await;
    let (one, two) = (centre.group("A", json!({})).await, centre.group("B", json!({})).await);
    let rita = centre.person("rita").await;
    centre.enrol(&one, &rita).await;
    centre.enrol(&two, &rita).await;
    let admin = centre.world.admin();
    admin.delete(&format!("/Groups/{one}")).await.expect(204);
    let left = admin.get(&format!("/Users/{rita}")).await.expect(200).body;
    assert_eq!(left["groups"].as_array().unwrap().len(), 1);
    assert_eq!(left["groups"][0]["value"], two.as_str());
}

#[tokio::test]
async fn ag13_wait_lists_are_about_what_the_group_lists() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    let (grey, moss) = (&centre.providers[0], &centre.providers[1]);
    for rows in [
        json!([{"module": "REPORTS", "provider": moss, "excluded": true}]),
        json!([{"module": "EREQUEST", "provider": grey, "excluded": true}]),
        json!([{"module": "REPORTS", "provider": grey, "excluded": true, "privilegeLevel": "FULL"}]),
        json!([{"module": "REPORTS", "excluded": true}]),
        json!([{"provider": grey, "excluded": true}]),
        json!([{"module": "REPORTS", "provider": "nobody", "excluded": true}]),
        json!([{"module": "REPORTS", "provider": grey, "excluded": true},
            {"module": "Reports", "provider": grey, "privilegeLevel": "FULL"}]),
    ] {
        let body = centre.body("A", json!({"subjectEntries": rows}));
        admin.post("/Groups", &body).await.refused(400, "invalidValue");
    }
    let rows = json!([{"module": "Reports", "provider": grey, "excluded": true},
        {"module": "PROVIDERS_OFFICE", "provider": grey, "privilegeLevel": "read-only access"}]);
    let own = centre.own(&centre.group("A", json!({"subjectEntries": rows})).await).await;
    assert_eq!(own["subjectEntries"][0]["module"], "REPORTS");
    assert_eq!(own["subjectEntries"][1]["privilegeLevel"], "READ_ONLY");
    assert_eq!(own["subjectEntries"][1]["display"], "Dr. Grey");
}

#[tokio::test]
async fn ag14_scheduling_needs_the_office_at_full() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    for more in [
        json!({"scheduling": true, "modules": ["REPORTS"]}),
        json!({"scheduling": true, "privilegeLevel": "READ_ONLY"}),
    ] {
        let refused = admin.post("/Groups", &centre.body("A", more)).await;
        assert!(refused.refused(400, "invalidValue").text.contains("AG14"));
    }
    centre.group("A", json!({"scheduling": true})).await;
}

#[tokio::test]
async fn tr3_what_an_access_group_names_is_not_removed_and_what_is_off_joins_none() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    let group = centre.group("A", json!({})).await;
    for path in [format!("/Sites/{}", centre.venue), format!("/Providers/{}", centre.providers[0])]
    {
        admin.delete(&path).await.refused(400, "invalidValue");
    }
    admin.delete(&format!("/Providers/{}", centre.providers[1])).await.expect(204);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    admin.operations(&format!("/Providers/{}", centre.providers[2]), off).await.expect(200);
    let add = json!([{"op": "add", "path": format!("{ACCESS}:providers"),
        "value": [{"value": centre.providers[2]}]}]);
    admin.operations(&format!("/Groups/{group}"), add).await.refused(400, "invalidValue");
    admin.delete(&format!("/Groups/{group}")).await.expect(204);
    admin.delete(&format!("/Providers/{}", centre.providers[0])).await.expect(204);
}

#[tokio::test]
async fn every_fault_of_a_group_is_said_at_once() {
    let centre = Centre::new().await;
    let more = json!({"careVenues": [], "modules": [], "providers": []});
    let body = centre.body("A", more);
    let refused = centre.world.admin().post("/Groups", &body).await.refused(400, "invalidValue");
    for id in ["AG4", "AG5", "AG6"] {
        assert!(refused.text.contains(id), "{id}: {}", refused.text);
    }
}

#[tokio::test]
async fn a_timezone_is_one_of_the_iana_list() {
    let centre = Centre::new().await;
    let admin = centre.world.admin();
    let path = format!("/Organizations/{}", centre.home);
    let set = |zone: &str| json!([{"op": "add", "path": "timezone", "value": zone}]);
    for bad in ["Ontario", "EST5", "America/Torontoo", "", "+05:00"] {
        let refused = admin.operations(&path, set(bad)).await.refused(400, "invalidValue");
        assert!(bad.is_empty() || !refused.text.contains(bad), "{}", refused.text);
    }
    for good in ["America/Toronto", "America/St_Johns", "UTC"] {
        admin.operations(&path, set(good)).await.expect(200);
    }
}
