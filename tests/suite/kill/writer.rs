//! Writers that change their own people as fast as they are answered, until the server is gone.

use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use serde_json::Value;
use serde_json::json;

use crate::kill::WRITERS;
use crate::kill::chance::Chance;
use crate::kill::client::Client;
use crate::kill::client::Door;
use crate::kill::ledger::Group;
use crate::kill::ledger::Ledger;
use crate::kill::ledger::Person;
use crate::kill::ledger::Step;
use crate::kill::parse;
use crate::kill::process::Process;

/// The schema of a user.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Groups that all writers share.
const GROUPS: usize = 4;
/// People that a writer keeps alive.
const ALIVE: usize = 6;

/// Makes the shared groups.
pub async fn groups(door: &Door) -> Vec<Group> {
    let mut client = Client::connect(door).await.unwrap();
    let mut groups = Vec::new();
    for number in 0..GROUPS {
        let body = json!({"schemas": [GROUP], "displayName": format!("Ward {number}")});
        let body = Bytes::from(body.to_string());
        let answer = client.send(Method::POST, "/scim/v2/Groups", body).await.unwrap();
        assert_eq!(answer.status, 201);
        let id = parse(&answer.body)["id"].as_str().unwrap().to_owned();
        groups.push(Group { id, events: 1 });
    }
    groups
}

/// The path of a search for a `userName`.
pub fn search(name: &str) -> String {
    let name = name.replace('@', "%40");
    format!("/scim/v2/Users?filter=userName%20eq%20%22{name}%22")
}

/// Lets every writer write, and kills the server at `moment`.
pub async fn storm(
    door: &Door,
    server: &mut Process,
    ledger: &mut Ledger,
    chance: &mut Chance,
    moment: Duration,
) {
    ledger.people.resize_with(WRITERS, Vec::new);
    let groups: Vec<String> = ledger.groups.iter().map(|group| group.id.clone()).collect();
    let mut clients = Vec::new();
    for _ in 0..WRITERS {
        clients.push(Client::connect(door).await.unwrap());
    }
    let mut at_work = Vec::new();
    for (number, client) in clients.into_iter().enumerate() {
        let writer = Writer {
            number,
            client,
            groups: groups.clone(),
            chance: chance.fork(),
            people: std::mem::take(&mut ledger.people[number]),
            answered: Vec::new(),
        };
        at_work.push(tokio::spawn(writer.work()));
    }
    tokio::time::sleep(moment).await;
    server.kill().unwrap();
    for writer in at_work {
        let writer = writer.await.unwrap();
        ledger.acknowledged += writer.answered.len() as u64;
        for group in writer.answered.iter().filter_map(|step| step.group()) {
            ledger.groups[group].events += 1;
        }
        ledger.people[writer.number] = writer.people;
    }
}

struct Writer {
    number: usize,
    client: Client,
    groups: Vec<String>,
    chance: Chance,
    people: Vec<Person>,
    answered: Vec<Step>,
}

impl Writer {
    /// Works until an answer does not come any more.
    async fn work(mut self) -> Self {
        loop {
            let (whom, step) = self.choose();
            let person = &mut self.people[whom];
            person.pending = Some(step);
            person.touched = true;
            let (method, path, body) = request(person, step, &self.groups);
            let body = Bytes::from(body.to_string());
            let Ok(answer) = self.client.send(method, &path, body).await else { return self };
            let said = String::from_utf8_lossy(&answer.body);
            assert!((200..300).contains(&answer.status), "{step:?}: {} {said}", answer.status);
            if step == Step::Create {
                person.id = parse(&answer.body)["id"].as_str().map(str::to_owned);
            }
            person.done(step);
            self.answered.push(step);
        }
    }

    /// Whom to change next, and how.
    fn choose(&mut self) -> (usize, Step) {
        let alive: Vec<usize> =
            (0..self.people.len()).filter(|&index| self.people[index].facts.exists).collect();
        if alive.len() < ALIVE {
            let label = format!("w{}p{}", self.number, self.people.len());
            self.people.push(Person::new(label));
            return (self.people.len() - 1, Step::Create);
        }
        let whom = alive[self.chance.place(alive.len())];
        let group = self.chance.place(GROUPS);
        let step = match self.chance.below(100) {
            0..30 => Step::Rename,
            30..75 if self.people[whom].facts.groups.contains(&group) => Step::Leave(group),
            30..75 => Step::Join(group),
            _ => Step::Delete,
        };
        (whom, step)
    }
}

fn request(person: &Person, step: Step, groups: &[String]) -> (Method, String, Value) {
    let id = person.id.clone().unwrap_or_default();
    let name = person.after(step).name;
    let patch = |operation: Value| json!({"schemas": [PATCH], "Operations": [operation]});
    match step {
        Step::Create => {
            let body = json!({
                "schemas": [USER],
                "userName": person.user_name(name),
                "externalId": person.label,
                "displayName": format!("Name {name}"),
            });
            (Method::POST, "/scim/v2/Users".into(), body)
        }
        Step::Rename => {
            let user_name = person.user_name(name);
            let value = json!({"userName": user_name, "displayName": format!("Name {name}")});
            let body = patch(json!({"op": "replace", "value": value}));
            (Method::PATCH, format!("/scim/v2/Users/{id}"), body)
        }
        Step::Join(group) => {
            let value = json!([{"value": id}]);
            let body = patch(json!({"op": "add", "path": "members", "value": value}));
            (Method::PATCH, format!("/scim/v2/Groups/{}", groups[group]), body)
        }
        Step::Leave(group) => {
            let path = format!("members[value eq \"{id}\"]");
            let body = patch(json!({"op": "remove", "path": path}));
            (Method::PATCH, format!("/scim/v2/Groups/{}", groups[group]), body)
        }
        Step::Delete => (Method::DELETE, format!("/scim/v2/Users/{id}"), json!({})),
    }
}
