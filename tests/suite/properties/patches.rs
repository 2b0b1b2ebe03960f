//! Random PATCHes of a full user against a model document (security.md ATT-07).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use wardgate::base::id::Id;

use crate::properties;
use crate::properties::Dice;
use crate::world::Client;
use crate::world::PERSON;
use crate::world::World;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Single texts of a user, by path.
const TEXTS: [&str; 12] = [
    "displayName",
    "title",
    "nickName",
    "userType",
    "locale",
    "timezone",
    "externalId",
    "name.givenName",
    "name.familyName",
    "name.honorificPrefix",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
];

/// A user with a value in every attribute that a client may set.
fn full() -> Value {
    let many = |values: &[&str]| -> Value {
        let turn = |(at, value): (usize, &&str)| {
            let kind = ["work", "home", "other"][at];
            json!({"value": value, "type": kind, "display": format!("d{at}"), "primary": at == 0})
        };
        values.iter().enumerate().map(turn).collect::<Vec<_>>().into()
    };
    json!({
        "userName": "ines.quarrie@northvale.example",
        "externalId": "E-1",
        "active": true,
        "displayName": "Inès Quarrie",
        "nickName": "I",
        "profileUrl": "https://northvale.example/ines",
        "title": "Nurse",
        "userType": "Employee",
        "preferredLanguage": "en-GB",
        "locale": "en-GB",
        "timezone": "Europe/London",
        "name": {"formatted": "Inès Quarrie", "familyName": "Quarrie", "givenName": "Inès",
            "middleName": "M", "honorificPrefix": "Dr", "honorificSuffix": "II"},
        "emails": many(&["a@northvale.example", "b@northvale.example"]),
        "phoneNumbers": many(&["555 0100", "555 0101"]),
        "ims": many(&["ines"]),
        "photos": [{"value": "https://northvale.example/ines.jpg", "type": "photo"}],
        "addresses": [{"formatted": "1 Mill Lane", "streetAddress": "1 Mill Lane",
            "locality": "Northvale", "region": "North", "postalCode": "NV1", "country": "GB",
            "type": "work", "primary": true}],
        "entitlements": many(&["ward-7"]),
        "roles": many(&["nurse", "lead"]),
        "x509Certificates": [{"value": "AAAA"}],
        ENTERPRISE: {"employeeNumber": "4711", "costCenter": "C", "organization": "O",
            "division": "D", "department": "Cardiology", "manager": {"value": "m-1"}},
    })
}

/// A full user in a group: the gateway, its client, the user's path and id.
async fn stage() -> (World, Client, String, Id) {
    let world = properties::tireless().await;
    let client = world.client();
    let id = client.post("/Users", &full()).await.expect(201).id();
    let group = json!({"displayName": "Ward 7", "members": [{"value": id}]});
    client.post("/Groups", &group).await.expect(201);
    let known = Id::parse(&id).unwrap();
    (world, client, format!("/Users/{id}"), known)
}

async fn kept(world: &World, id: Id) -> Map<String, Value> {
    let record = world.ports.store.get(id, None).await.unwrap().unwrap();
    besides(serde_json::from_slice(&record.body).unwrap())
}

async fn read(client: &Client, path: &str) -> Map<String, Value> {
    let mut body = client.get(path).await.expect(200).body.as_object().unwrap().clone();
    body.remove("meta");
    besides(body)
}

/// Without what of the extension follows from `active`, or is worked out when it is read.
fn besides(mut body: Map<String, Value>) -> Map<String, Value> {
    let mine = body.get_mut(PERSON).and_then(Value::as_object_mut).unwrap();
    mine.retain(|name, _| name == "activatedAt");
    body
}

#[tokio::test]
async fn att07_a_patch_of_active_changes_active_and_meta_and_nothing_else() {
    let (world, client, path, id) = stage().await;
    for (name, sent) in full().as_object().unwrap() {
        assert_eq!(client.get(&path).await.body[name], *sent, "{name}");
    }
    let (before, shown) = (kept(&world, id).await, read(&client, &path).await);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    let whole = json!([{"op": "replace", "value": {"active": true}}]);
    for (operations, active) in [(off, false), (whole, true)] {
        client.operations(&path, operations).await.expect(200);
        let (mut expected, mut face) = (before.clone(), shown.clone());
        expected.insert("active".into(), active.into());
        face.insert("active".into(), active.into());
        assert_eq!(kept(&world, id).await, expected);
        assert_eq!(read(&client, &path).await, face);
    }
}

/// One random edit: its operation, and what it does to the model.
fn edit(dice: &mut Dice, model: &mut Map<String, Value>) -> Value {
    let value = format!("v{}", dice.below(1_000));
    match dice.below(8) {
        0 => {
            let active = dice.one_in(2);
            model.insert("active".into(), active.into());
            json!({"op": "replace", "path": "active", "value": active})
        }
        1..4 => {
            let path = *dice.pick(&TEXTS);
            set(model, path, Some(value.clone().into()));
            json!({"op": dice.pick(&["add", "replace"]), "path": path, "value": value})
        }
        4 => {
            let path = *dice.pick(&TEXTS);
            set(model, path, None);
            json!({"op": "remove", "path": path})
        }
        5 => {
            let path = *dice.pick(&TEXTS[..7]);
            set(model, path, Some(value.clone().into()));
            json!({"op": "replace", "value": {path: value}})
        }
        6 => {
            if let Some(mails) = model.get_mut("emails").and_then(Value::as_array_mut) {
                for mail in mails.iter_mut().filter(|mail| mail["type"] == "work") {
                    mail["value"] = value.clone().into();
                }
            }
            json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": value})
        }
        _ => {
            let added = json!({"value": value, "type": "other"});
            let roles = model.entry("roles").or_insert(json!([])).as_array_mut().unwrap();
            if !roles.iter().any(|role| role["value"] == added["value"] && role["type"] == "other")
            {
                roles.push(added.clone());
            }
            json!({"op": "add", "path": "roles", "value": [added]})
        }
    }
}

fn set(model: &mut Map<String, Value>, path: &str, value: Option<Value>) {
    let (holder, name) = match path.rsplit_once([':', '.']) {
        Some((holder, name)) => (Some(holder), name),
        None => (None, path),
    };
    let Some(holder) = holder else {
        match value {
            Some(value) => drop(model.insert(name.into(), value)),
            None => drop(model.shift_remove(name)),
        }
        return;
    };
    let inside = model.entry(holder).or_insert(json!({})).as_object_mut().unwrap();
    match value {
        Some(value) => drop(inside.insert(name.into(), value)),
        None => drop(inside.shift_remove(name)),
    }
    if inside.is_empty() {
        model.shift_remove(holder);
    }
}

#[test]
fn att07_random_patches_touch_what_they_name() {
    let mut dice = Dice::new(7);
    properties::play(async {
        let (world, client, path, id) = stage().await;
        let mut model = read(&client, &path).await;
        for turn in 0..properties::times("WARDGATE_PATCHES", 2_000) {
            world.clock.advance(std::time::Duration::from_secs(1));
            let before = model.clone();
            let count = 1 + dice.below(4);
            let operations: Vec<Value> = (0..count).map(|_| edit(&mut dice, &mut model)).collect();
            let mut sent = operations.clone();
            let spoilt = dice.one_in(5);
            if spoilt {
                sent.push(json!({"op": "replace", "path": "id", "value": "x"}));
            }
            let reply = client.operations(&path, sent.into()).await;
            if spoilt {
                reply.refused(400, "mutability");
                model = before;
            } else {
                reply.expect(200);
            }
            assert_eq!(read(&client, &path).await, model, "after {turn}: {operations:?}");
            // Too many values of one attribute would end the game.
            if model.get("roles").is_some_and(|roles| roles.as_array().unwrap().len() > 20) {
                client
                    .operations(&path, json!([{"op": "remove", "path": "roles"}]))
                    .await
                    .expect(200);
                model.shift_remove("roles");
            }
        }
        let mut stored = kept(&world, id).await;
        model.shift_remove("groups");
        stored.insert("schemas".into(), model["schemas"].clone());
        assert_eq!(stored, model);
    });
}
