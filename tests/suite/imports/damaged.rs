//! Files as people really send them, and files that are none: sentences, never values.

use super::*;

/// What is said of one file.
async fn said(name: &str, bytes: &[u8]) -> Vec<String> {
    let world = World::new().await;
    let folder = Folder::of(&[]);
    folder.put(name, bytes);
    let before = events(&world).await;
    let report = import(&world, &folder).await;
    let refusals = refusals(&report);
    if !refusals.is_empty() {
        assert_eq!(events(&world).await, before, "{name}");
        assert_eq!(report["applied"], false);
    }
    refusals
}

async fn people(text: &str) -> Vec<String> {
    said("people.csv", text.as_bytes()).await
}

#[tokio::test]
async fn prs01_a_mark_spaces_and_either_line_end_do_no_harm() {
    assert!(people("\u{feff}USERNAME , active\r\n ada@x.example , Yes \r\n").await.is_empty());
    assert!(said("net.json", "\u{feff}{\"people\": []}".as_bytes()).await.is_empty());
}

#[tokio::test]
async fn prs01_what_is_wrong_with_a_sheet_is_said_with_its_place() {
    let semicolons = people("userName;active\nada@x.example;true\n").await;
    assert_eq!(
        semicolons,
        ["people.csv, row 1: the columns are not separated by commas; save the sheet with commas"]
    );
    let unknown = people("userName,shoeSize\nada@x.example,38\n").await;
    assert_eq!(
        unknown,
        ["people.csv, row 1, column number 2: no such column is known; correct or remove it"]
    );
    let twice = people("userName\nada@x.example\nbo@x.example\nADA@x.example\n").await;
    assert_eq!(
        twice,
        ["people.csv, row 4: people.csv, row 2 is about the same; keep one of the two"]
    );
    let width = people("userName,active\nada@x.example\n,true\n").await;
    assert_eq!(
        width,
        [
            "people.csv, row 2: the row has 1 cells where the header has 2",
            "people.csv, row 3, userName: a value is needed here",
        ]
    );
    let nul = people("userName,givenName\na\u{0}b@x.example,Ada\nok@x.example,B\u{0}o\n").await;
    assert_eq!(nul.len(), 2, "{nul:?}");
    assert!(nul[0].starts_with("people.csv, row 2, userName: "), "{nul:?}");
    assert!(nul[1].starts_with("people.csv, row 3, givenName: "), "{nul:?}");
    let other = said("people.csv", b"userName\n\xff\xfe\n").await;
    assert!(other[0].contains("UTF-8"), "{other:?}");
}

#[tokio::test]
async fn prs02_a_line_of_five_megabytes_is_a_sentence() {
    let long = format!("userName\n{}\n", "x".repeat(5 << 20));
    assert_eq!(
        people(&long).await,
        ["people.csv, row 2: longer than the 32768 bytes that a field may have"]
    );
    let quoted = format!("userName\n\"{}\n", "x\n".repeat(100));
    assert_eq!(
        people(&quoted).await,
        ["people.csv, row 2: a quote is opened in this row and never closed"]
    );
}

#[tokio::test]
async fn prs01_a_sheet_is_known_by_its_name() {
    let stray = said("staff.csv", b"userName\nada@x.example\n").await;
    assert_eq!(stray.len(), 1);
    assert!(stray[0].starts_with("staff.csv: what it holds is told by its name"), "{stray:?}");
}

#[tokio::test]
async fn prs01_what_is_wrong_with_a_document_is_said_with_its_path() {
    let bytes = br#"{
        "people": [
            {"userName": "ada@x.example", "shoeSize": 38, "active": "true"},
            {"givenName": "secret", "services": "eVisit"},
            "secret",
            {"userName": ""}
        ],
        "rules": [], "secret": 1, "sites": {}
    }"#;
    let said = said("net.json", bytes).await.join("\n");
    let golden = "\
net.json, people[0], field number 2: no such field is known; known are userName, givenName, \
familyName, displayName, email, active, homeOrganization, affiliations, profession, credential, \
partnerSignIn, applicationRoles, services, assignments, activatedAt, lastAccess, deactivated
net.json, people[0], active: this must be true or false, without quotes
net.json, people[1], services: this must be an array of texts
net.json, people[1], userName: a value is needed here
net.json, people[2]: this must be an object
net.json, people[3], userName: a value is needed here
net.json, rules: rules are saved one by one, with `wardgate rule add`
net.json, field number 3: no such field is known; known are organizations, sites, roomSystems, \
people, providers, pools, groups, delegations, schedulers
net.json, sites: this must be an array of objects";
    assert_eq!(said, golden);
}

#[tokio::test]
async fn prs01_broken_json_is_said_with_its_line() {
    let broken = said("net.json", b"{\"people\": [\n{\"userName\": \"secret\"").await;
    assert_eq!(broken.len(), 1);
    assert!(broken[0].contains("line 2") && !broken[0].contains("secret"), "{broken:?}");
    let list = said("net.json", b"[]").await;
    assert_eq!(list, ["net.json: a description is one JSON object"]);
}
