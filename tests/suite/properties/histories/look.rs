//! A look around after a step.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::Stage;
use super::model;
use crate::world::BASE;
use crate::world::Client;
use crate::world::PERSON;
use crate::world::Reply;
use crate::world::encode;

const ENDPOINTS: [&str; 2] = ["/Users", "/Groups"];

impl Stage {
    pub(super) async fn look(&mut self, chance: u64) {
        for owner in [0, 1] {
            let faces = self.model.faces(owner);
            for (endpoint, expected) in ENDPOINTS.iter().zip(&faces) {
                let client = &self.clients[owner];
                let listed = listed(client, &format!("{endpoint}?count=1000")).await;
                let plain = listed.iter().map(|(id, (_, face))| (id.clone(), face.clone()));
                assert_eq!(plain.collect::<BTreeMap<_, _>>(), *expected, "{endpoint} of {owner}");
                listed.into_iter().for_each(|(id, (tag, face))| self.tagged(id, tag, face));
            }
        }
        let owner = pick(chance, 0, 2);
        self.one(owner, chance).await;
        self.search(owner, chance).await;
        self.before(owner, chance).await;
    }

    /// Another tag exactly when it reads otherwise.
    fn tagged(&mut self, id: String, tag: String, face: Value) {
        if let Some((old_tag, old_face)) = self.tags.get(&id) {
            assert_eq!(*old_tag != tag, *old_face != face, "{old_tag} {old_face}\n{tag} {face}");
        }
        self.tags.insert(id, (tag, face));
    }

    /// One resource that was ever made: read by its owner, unknown to all others.
    async fn one(&self, owner: usize, chance: u64) {
        let faces = self.model.faces(owner);
        for (part, ids) in [&self.users, &self.groups].into_iter().enumerate() {
            if ids.is_empty() {
                continue;
            }
            let id = &ids[pick(chance, 1, ids.len())];
            let reply = self.clients[owner].get(&format!("{}/{id}", ENDPOINTS[part])).await;
            match faces[part].get(id) {
                Some(face) => {
                    let reply = reply.expect(200);
                    assert_eq!(self.tags[id].0, reply.header("etag"));
                    assert_eq!(read(&reply.body).1, *face);
                }
                None => drop(reply.expect(404)),
            }
        }
    }

    /// A search whose answer the map knows.
    async fn search(&self, owner: usize, chance: u64) {
        let [users, groups] = self.model.faces(owner);
        let name = model::user_name(pick(chance, 2, 20));
        let external = model::external(pick(chance, 3, 4));
        let is = |face: &Value, key: &str, value: &Value| face.get(key) == Some(value);
        let holds = |face: &Value, key: &str, id: &str| {
            let values = face.get(key).and_then(Value::as_array);
            values.is_some_and(|values| values.iter().any(|value| value["value"] == id))
        };
        let lower = name.to_lowercase();
        let named = |face: &Value| face["userName"].as_str().unwrap().to_lowercase() == lower;
        let client = &self.clients[owner];
        let filter = format!("userName eq \"{name}\"");
        found(client, "/Users", &filter, &users, |face| named(face)).await;
        let filter = format!("externalId eq \"{external}\"");
        let text = json!(external);
        found(client, "/Users", &filter, &users, |face| is(face, "externalId", &text)).await;
        let active = chance & 1 == 0;
        let filter = format!("active eq {active}");
        found(client, "/Users", &filter, &users, |face| is(face, "active", &json!(active))).await;
        let all: Vec<&String> = self.users.iter().chain(&self.groups).collect();
        if let Some(id) = all.get(pick(chance, 4, all.len().max(1))) {
            let filter = format!("members.value eq \"{id}\"");
            found(client, "/Groups", &filter, &groups, |face| holds(face, "members", id)).await;
            let filter = format!("members[value eq \"{id}\"]");
            found(client, "/Groups", &filter, &groups, |face| holds(face, "members", id)).await;
            let filter = format!("groups.value eq \"{id}\"");
            found(client, "/Users", &filter, &users, |face| holds(face, "groups", id)).await;
            let filter = format!("not (groups.value eq \"{id}\") and active eq {active}");
            found(client, "/Users", &filter, &users, |face| {
                !holds(face, "groups", id) && is(face, "active", &json!(active))
            })
            .await;
        }
    }

    /// What a moment in the past looked like, as it was then.
    async fn before(&self, owner: usize, chance: u64) {
        let (moment, faces) = &self.past[pick(chance, 5, self.past.len())];
        let client = &self.clients[owner];
        let at = encode(moment);
        for (part, endpoint) in ENDPOINTS.iter().enumerate() {
            let then = listed(client, &format!("{endpoint}?count=1000&asOf={at}")).await;
            let then: BTreeMap<_, _> = then.into_iter().map(|(id, (_, face))| (id, face)).collect();
            assert_eq!(then, faces[owner][part], "{endpoint} of {owner} as of {moment}");
            let ids = [&self.users, &self.groups][part];
            let Some(id) = ids.get(pick(chance, 6, ids.len().max(1))) else { continue };
            let reply = client.get(&format!("{endpoint}/{id}?asOf={at}")).await;
            match faces[owner][part].get(id) {
                Some(face) => assert_eq!(read(&reply.expect(200).body).1, *face, "as of {moment}"),
                None => drop(reply.expect(404)),
            }
        }
    }
}

/// One of `end` numbers; each `turn` draws its own from `chance`.
fn pick(chance: u64, turn: u32, end: usize) -> usize {
    let drawn = chance.rotate_left(turn * 9) % u64::try_from(end).unwrap();
    usize::try_from(drawn).unwrap()
}

/// A search finds what the map finds, in the order of identifiers.
async fn found(
    client: &Client,
    endpoint: &str,
    filter: &str,
    faces: &BTreeMap<String, Value>,
    fits: impl Fn(&Value) -> bool,
) {
    let reply = client.filter(endpoint, filter).await.expect(200);
    let ids: Vec<String> = reply.resources().iter().map(|one| read(one).0).collect();
    let expected = faces.iter().filter(|(_, face)| fits(face)).map(|(id, _)| id.clone());
    assert_eq!(ids, expected.collect::<Vec<_>>(), "{filter}");
    assert_eq!(reply.body["totalResults"], ids.len(), "{filter}");
}

/// Everything on a page: identifier, tag, face.
async fn listed(client: &Client, path: &str) -> BTreeMap<String, (String, Value)> {
    let reply: Reply = client.get(path).await.expect(200);
    let resources = reply.resources();
    assert_eq!(reply.body["totalResults"], resources.len());
    let tagged = |one: &Value| {
        let (id, face) = read(one);
        (id, (one["meta"]["version"].as_str().unwrap().to_owned(), face))
    };
    resources.iter().map(tagged).collect()
}

/// The identifier, and what is left to compare once `meta`, `schemas` and references were looked
/// at.
fn read(resource: &Value) -> (String, Value) {
    let mut face = resource.as_object().unwrap().clone();
    let meta = face.remove("meta").unwrap();
    let id = face["id"].as_str().unwrap().to_owned();
    let endpoint = if meta["resourceType"] == "User" { "Users" } else { "Groups" };
    assert_eq!(meta["location"], format!("{BASE}/{endpoint}/{id}"));
    let schemas = face.remove("schemas").unwrap();
    let extensions = [model::ENTERPRISE, PERSON].iter().filter(|urn| face.contains_key(**urn));
    assert_eq!(schemas.as_array().unwrap().len(), 1 + extensions.count());
    if let Some(mine) = face.remove(PERSON) {
        assert_eq!(mine.get("deactivation").is_some(), face.get("active") == Some(&json!(false)));
    }
    for name in ["members", "groups"] {
        let Some(values) = face.get_mut(name).and_then(Value::as_array_mut) else { continue };
        for value in values.iter_mut() {
            let reference = value.as_object_mut().unwrap().remove("$ref").unwrap();
            let end = format!("/{}", value["value"].as_str().unwrap());
            assert!(reference.as_str().unwrap().ends_with(&end), "{reference}");
        }
        values.sort_by_key(|value| value["value"].as_str().unwrap().to_owned());
    }
    (id, Value::Object(face))
}
