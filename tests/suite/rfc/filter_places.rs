//! Filters over several values, by qualified names, and over groups (RFC 7644 §3.4.2.2, §3.10).

use serde_json::json;

use super::people::ENTERPRISE;
use super::people::People;
use super::people::UNKNOWN;
use super::people::USER;

const ALL: [&str; 3] = ["anne", "ben", "cara"];

#[tokio::test]
async fn rfc_flt40_flt41_flt42_flt43_flt44_flt45_several_values() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 14] = [
        ("emails.value eq \"anne@home.northvale.example\"", &["anne"]),
        ("emails.type eq \"work\" and emails.value eq \"anne@home.northvale.example\"", &["anne"]),
        ("emails[type eq \"work\" and value eq \"anne@home.northvale.example\"]", &[]),
        ("emails[type eq \"work\" and value eq \"anne@work.northvale.example\"]", &["anne"]),
        ("emails[value eq \"ANNE@WORK.northvale.example\" and type eq \"WORK\"]", &["anne"]),
        ("emails[value sw \"ben\" or type eq \"home\"]", &["anne", "ben"]),
        ("emails[value sw \"ben\" or value sw \"anne@h\"]", &["anne", "ben"]),
        (
            "emails[(type eq \"work\" or type eq \"home\") and not (value ew \"work.northvale.example\")]",
            &["anne"],
        ),
        ("emails[primary eq true]", &["anne"]),
        ("emails[value pr and not (primary pr)]", &["anne", "ben"]),
        ("emails[type eq \"home\"] or ims[type eq \"xmpp\"]", &["anne"]),
        ("userType eq \"Contractor\" and emails[type eq \"work\"]", &["ben"]),
        ("emails co \"northvale.example\"", &["anne", "ben"]),
        ("emails eq \"ben@work.northvale.example\"", &["ben"]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt46_flt47_flt48_flt49_flt50_flt51_flt52_flt70_names() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 17] = [
        ("name.familyName co \"O'Malley\"", &["anne"]),
        ("name.familyName eq \"o'malley\"", &["anne"]),
        (&format!("{USER}:userName eq \"ben.birch@northvale.example\""), &["ben"]),
        (&format!("{USER}:name.familyName eq \"O'Malley\""), &["anne"]),
        (&format!("{}:USERNAME eq \"ben.birch@northvale.example\"", USER.to_uppercase()), &["ben"]),
        (&format!("{ENTERPRISE}:department eq \"oncology\""), &["anne"]),
        (&format!("{ENTERPRISE}:employeeNumber eq \"4471\""), &["anne"]),
        (&format!("{ENTERPRISE}:manager.value eq \"{{ben}}\""), &["anne"]),
        (&format!("{ENTERPRISE}:manager eq \"{{ben}}\""), &["anne"]),
        (&format!("schemas eq \"{ENTERPRISE}\""), &["anne"]),
        (&format!("schemas eq \"{USER}\""), &ALL),
        ("id eq \"{cara}\"", &["cara"]),
        ("meta.resourceType eq \"User\"", &ALL),
        ("meta.resourceType eq \"Group\"", &[]),
        ("meta.resourceType ne \"Group\" and title pr", &["anne", "cara"]),
        ("meta.location ew \"/Users/{ben}\"", &["ben"]),
        ("meta.resourceType co \"se\" and active eq false", &["ben"]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn rfc_flt69_groups_are_found_by_name_and_member() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 13] = [
        ("displayName eq \"WARD 7\"", &["ward7"]),
        ("members.value eq \"{anne}\"", &["ward7"]),
        ("members eq \"{cara}\"", &["ward8"]),
        ("members[value eq \"{ben}\"]", &["ward7"]),
        ("members[value eq \"{ward7}\" and type eq \"Group\"]", &["ward8"]),
        ("members[value eq \"{ward7}\" and type eq \"User\"]", &[]),
        ("members.type eq \"Group\"", &["ward8"]),
        ("not (members.value eq \"{anne}\")", &["ward8"]),
        ("members.value eq \"{anne}\" or externalId eq \"W-8\"", &["ward7", "ward8"]),
        ("members.value eq \"no identifier\"", &[]),
        ("members pr", &["ward7", "ward8"]),
        ("not (members pr)", &[]),
        ("id eq \"{ward7}\" and members eq \"{anne}\"", &["ward7"]),
    ];
    for (filter, expected) in rows {
        assert_eq!(people.found("/Groups", filter).await, expected, "{filter}");
    }
    // `members.value` is not case exact.
    let upper = format!("members.value eq \"{}\"", people.id("anne").to_uppercase());
    assert_eq!(people.found("/Groups", &upper).await, ["ward7"]);
}

#[tokio::test]
async fn rfc_flt69_people_are_found_by_their_groups_at_any_depth() {
    let people = People::new().await;
    let rows: [(&str, &[&str]); 8] = [
        ("groups.value eq \"{ward7}\"", &["anne", "ben"]),
        ("groups eq \"{ward8}\"", &ALL),
        ("groups[value eq \"{ward8}\" and type eq \"direct\"]", &["cara"]),
        ("groups.display eq \"ward 7\"", &["anne", "ben"]),
        ("groups pr", &ALL),
        ("not (groups.value eq \"{ward7}\")", &["cara"]),
        ("groups.value eq \"{ward7}\" and active eq true", &["anne"]),
        ("groups.value eq \"x\"", &[]),
    ];
    people.check(&rows).await;
}

#[tokio::test]
async fn grp05_a_hidden_member_or_group_answers_like_a_random_one() {
    let people = People::new().await;
    let (other, _) = people.world.other_organization(2).await;
    let (sibling, _) = people.world.other_connection(1).await;
    for owner in [&other, &sibling] {
        let hidden = owner.post("/Users", &json!({"userName": "h@northvale.example"})).await.id();
        let body = json!({"displayName": "Hidden", "members": [{"value": hidden}]});
        let group = owner.post("/Groups", &body).await.expect(201).id();
        like_a_random_one(&people, "/Groups", ("members", &hidden)).await;
        like_a_random_one(&people, "/Users", ("groups", &group)).await;
    }
}

async fn like_a_random_one(people: &People, endpoint: &str, (name, id): (&str, &str)) {
    for shape in [".value eq \"#\"", " eq \"#\"", "[value eq \"#\" and type pr]"] {
        let ask = |id: &str| format!("{name}{}", shape.replace('#', id));
        let theirs = people.client.filter(endpoint, &ask(id)).await.expect(200);
        let nobodys = people.client.filter(endpoint, &ask(UNKNOWN)).await;
        assert_eq!(theirs.text, nobodys.text, "{shape}");
        assert_eq!(theirs.body["totalResults"], 0);
    }
}
