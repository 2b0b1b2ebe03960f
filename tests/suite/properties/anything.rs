//! Whatever a grammar can think of (security.md PRS-05): no answer is a fault of ours, and every
//! refusal is a SCIM error.

use std::path::Path;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::properties;
use crate::properties::Dice;
use crate::world::Client;
use crate::world::World;
use crate::world::encode;

const METHODS: [&str; 9] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"];
const SCALES: [&str; 12] =
    ["0", "1", "-1", "100", "1001", "18446744073709551616", "1e3", "", " 1", "0x1", "٣", "1.5"];
const NAMES: [&str; 26] = [
    "userName",
    "USERNAME",
    "externalId",
    "id",
    "meta",
    "meta.created",
    "schemas",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "email.value",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "members",
    "members.value",
    "members[value eq \"x\"]",
    "groups",
    "active",
    "password",
    "roles",
    "displayName",
    "x",
    "__proto__",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
];
const TEXTS: [&str; 18] = [
    "",
    "x",
    "ines.quarrie@northvale.example",
    "True",
    "false",
    "2026-01-31T09:30:00Z",
    "1",
    "null",
    "W/\"1\"",
    "bulkId:u1",
    "0190f3a4-0000-7000-8000-000000000000",
    "\u{0}",
    "\u{202e}abc",
    "Å\u{30a}",
    "😀",
    "a\tb\nc",
    "{\"a\":1}",
    "ORG0001",
];
const HEADERS: [(&str, &str); 20] = [
    ("if-match", "*"),
    ("if-match", "W/\"1\""),
    ("if-match", "\"1\", \"2\""),
    ("if-match", "1"),
    ("if-none-match", "*"),
    ("if-none-match", "W/\"1\""),
    ("if-none-match", "\""),
    ("accept", "application/scim+json"),
    ("accept", "text/html"),
    ("accept", "*/*;q=0"),
    ("content-type", "text/plain"),
    ("content-type", "application/json; charset=utf-8"),
    ("content-type", "application/json; charset=utf-7"),
    ("content-encoding", "gzip"),
    ("x-http-method-override", "DELETE"),
    ("authorization", "Basic eDp5"),
    ("expect", "100-continue"),
    ("range", "bytes=0-1"),
    ("x-tenant-id", "2"),
    ("prefer", "return=minimal"),
];

/// A request as recorded from a client: method, path, body.
type Recorded = (String, String, Value);

fn recorded() -> Vec<Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/clients");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let requests = texts.flat_map(|text| serde_json::from_str::<Vec<Value>>(&text).unwrap());
    let text = |request: &Value, key: &str| request[key].as_str().unwrap_or_default().to_owned();
    requests
        .map(|request| (text(&request, "method"), text(&request, "path"), request["body"].clone()))
        .collect()
}

struct Pen<'a> {
    dice: &'a mut Dice,
    recorded: &'a [Recorded],
    ids: &'a [String],
}

/// A request to be sent.
#[derive(Debug)]
struct Letter {
    method: String,
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Option<Vec<u8>>,
}

impl Pen<'_> {
    fn letter(&mut self) -> Letter {
        let (method, mut path, body) = match self.dice.below(4) {
            0 | 1 => {
                let (method, path, body) = self.dice.pick(self.recorded).clone();
                let path = path.replace("u-1", self.id()).replace("g-1", self.id());
                (method, path, Some(body))
            }
            _ => {
                let method = (*self.dice.pick(&METHODS)).to_owned();
                let body = (!self.dice.one_in(3)).then(|| self.json(4));
                (method, self.path(), body)
            }
        };
        if self.dice.one_in(3) {
            let mark = if path.contains('?') { '&' } else { '?' };
            path = format!("{path}{mark}{}", self.query());
        }
        let body = body.filter(|body| !body.is_null()).map(|body| self.bytes(body));
        let mut headers = Vec::new();
        for _ in 0..self.dice.below(8).saturating_sub(5) {
            headers.push(*self.dice.pick(&HEADERS));
        }
        Letter { method, path, headers, body }
    }

    fn id(&mut self) -> &str {
        self.dice.pick::<String>(self.ids)
    }

    fn path(&mut self) -> String {
        let id = self.id().to_owned();
        let tails = [
            "/.search",
            "/Bulk",
            "/Me",
            "/Schemas",
            "/ResourceTypes/User",
            "/",
            "",
            "/ServiceProviderConfig",
            "/users",
            "//Users",
            "/Users/",
            "/Users/%2e%2e/Groups",
            "/Users;x",
            "/Users/%00",
            "/Users/%C0%AF",
            "/Users/a/b",
            "/Devices",
            "/v1/Users",
        ];
        match self.dice.below(4) {
            0 => (*self.dice.pick(&tails)).to_owned(),
            1 => format!(
                "{}{}",
                self.dice.pick(&["/Users", "/Groups"]),
                self.dice.pick(&["", "/.search"])
            ),
            _ => format!("{}/{id}", self.dice.pick(&["/Users", "/Groups"])),
        }
    }

    fn query(&mut self) -> String {
        let count = 1 + self.dice.below(3);
        let pairs = (0..count).map(|_| {
            let name = *self.dice.pick(&[
                "filter",
                "sortBy",
                "sortOrder",
                "startIndex",
                "count",
                "cursor",
                "asOf",
                "attributes",
                "excludedAttributes",
                "x",
                "access_token",
                "",
            ]);
            let value = match (name, self.dice.below(5)) {
                ("filter", 0..4) => self.filter(3),
                ("count" | "startIndex", 0..4) => (*self.dice.pick(&SCALES)).to_owned(),
                ("sortBy" | "attributes" | "excludedAttributes", 0..4) => self.name(),
                _ => (*self.dice.pick(&TEXTS)).to_owned(),
            };
            format!("{name}={}", encode(&value))
        });
        let text = pairs.collect::<Vec<_>>().join("&");
        if self.dice.one_in(12) { format!("{text}%") } else { text }
    }

    fn name(&mut self) -> String {
        (*self.dice.pick(&NAMES)).to_owned()
    }

    fn filter(&mut self, depth: usize) -> String {
        let ops = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "xx", ""];
        match self.dice.below(if depth == 0 { 4 } else { 9 }) {
            0..3 => {
                let (name, op) = (self.name(), *self.dice.pick(&ops));
                let literals =
                    [json!(*self.dice.pick(&TEXTS)), json!(true), json!(-1.5e3), Value::Null];
                format!("{name} {op} {}", self.dice.pick(&literals))
            }
            3 => format!("{} pr", self.name()),
            4 => format!("not ({})", self.filter(depth - 1)),
            5 => format!("({}", self.filter(depth - 1)),
            6 => format!("emails[{}]", self.filter(depth - 1)),
            turn => {
                let word = if turn == 7 { "and" } else { "or" };
                format!("{} {word} {}", self.filter(depth - 1), self.filter(depth - 1))
            }
        }
    }

    /// A random JSON value that tends to look like a message.
    fn json(&mut self, depth: usize) -> Value {
        if depth == 4 && self.dice.one_in(3) {
            return self.message();
        }
        match self.dice.below(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => self.dice.one_in(2).into(),
            2 => self.dice.draw().into(),
            3 => (*self.dice.pick(&TEXTS)).into(),
            4 => self.id().into(),
            5 => json!(-0.5),
            6 => (0..self.dice.below(4)).map(|_| self.json(depth - 1)).collect(),
            _ => {
                let count = self.dice.below(5);
                let inside: Map<String, Value> =
                    (0..count).map(|_| (self.name(), self.json(depth - 1))).collect();
                inside.into()
            }
        }
    }

    fn message(&mut self) -> Value {
        match self.dice.below(4) {
            0 => {
                let mut body = self.json(3);
                if let Some(body) = body.as_object_mut() {
                    let key = *self.dice.pick(&["userName", "displayName"]);
                    body.insert(key.into(), format!("n{}", self.dice.below(50)).into());
                }
                body
            }
            1 => {
                let count = self.dice.below(4);
                let operations: Vec<Value> = (0..count)
                    .map(|_| {
                        let op = *self.dice.pick(&["add", "replace", "remove", "Add", "move"]);
                        json!({"op": op, "path": self.name(), "value": self.json(2)})
                    })
                    .collect();
                json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": operations})
            }
            2 => {
                let count = self.dice.below(5);
                let operations: Vec<Value> = (0..count)
                    .map(|turn| {
                        json!({"method": *self.dice.pick(&METHODS), "path": self.path(),
                            "bulkId": format!("u{turn}"), "data": self.json(3)})
                    })
                    .collect();
                json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                    "failOnErrors": self.dice.below(3), "Operations": operations})
            }
            _ => json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                "filter": self.filter(2), "count": self.json(0), "attributes": self.json(1)}),
        }
    }

    /// The body as bytes, sometimes with a part of it changed, now and then broken.
    fn bytes(&mut self, mut body: Value) -> Vec<u8> {
        for _ in 0..self.dice.below(3) {
            let with = self.json(2);
            graft(self.dice, &mut body, with);
        }
        let mut bytes = body.to_string().into_bytes();
        if self.dice.one_in(10) {
            let at = self.dice.below(bytes.len() + 1);
            match self.dice.below(3) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, u8::try_from(self.dice.below(256)).unwrap()),
                _ => bytes.extend_from_slice(b"{}"),
            }
        }
        bytes
    }
}

/// Puts `with` somewhere inside `body`.
fn graft(dice: &mut Dice, body: &mut Value, with: Value) {
    let deeper = !dice.one_in(4);
    match body {
        Value::Array(list) if deeper && !list.is_empty() => {
            let at = dice.below(list.len());
            graft(dice, &mut list[at], with);
        }
        Value::Object(map) if deeper && !map.is_empty() => {
            let key = map.keys().nth(dice.below(map.len())).unwrap().clone();
            graft(dice, &mut map[&key], with);
        }
        place => *place = with,
    }
}

/// Some people and groups to be hit.
async fn town(world: &World) -> Vec<String> {
    let client = world.client();
    let mut ids = vec!["0190f3a4-0000-7000-8000-000000000000".to_owned()];
    for turn in 0..6 {
        let user =
            json!({"userName": format!("person{turn}"), "emails": [{"value": "a@b.example"}]});
        ids.push(client.post("/Users", &user).await.expect(201).id());
        let group = json!({"displayName": format!("Ward {turn}"), "members": [{"value": ids[1]}]});
        ids.push(client.post("/Groups", &group).await.expect(201).id());
    }
    ids
}

/// Shows the request whose answer made the test fail.
struct Shown<'a>(&'a Letter);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let body = self.0.body.as_deref().map(String::from_utf8_lossy);
            eprintln!("request: {:?}\nbody: {body:?}", self.0);
        }
    }
}

/// The status of the answer; none where the path is no address, and nothing can be sent.
async fn sent(client: &Client, letter: &Letter) -> Option<u16> {
    // The client itself checks that nothing is a 500 and that every refusal is a SCIM error.
    let _shown = Shown(letter);
    let Letter { method, path, headers, body } = letter;
    format!("/scim/v2{path}").parse::<hyper::Uri>().ok()?;
    let reply = client.send_bytes(method, path, headers, body.clone()).await;
    let me = path.trim_start_matches('/').starts_with("Me");
    assert!(reply.status < 500 || (me && reply.status == 501), "{letter:?}: {}", reply.text);
    Some(reply.status)
}

#[test]
fn prs05_no_request_is_answered_with_a_fault() {
    let recorded = recorded();
    let requests = properties::times("WARDGATE_REQUESTS", 5_000);
    let each = 500;
    let mut good = 0;
    for turn in 0..requests.div_ceil(each) {
        let mut dice = Dice::new(500 + turn);
        properties::play(async {
            let world = properties::tireless().await;
            let (other, _) = world.other_connection(1).await;
            let ids = town(&world).await;
            let clients =
                [world.client(), world.client(), other, world.admin(), world.caller(None)];
            for _ in 0..each {
                let client = dice.pick(&clients).clone();
                let letter = Pen { dice: &mut dice, recorded: &recorded, ids: &ids }.letter();
                let status = sent(&client, &letter).await;
                good += u64::from(status.is_some_and(|status| status < 400));
            }
            let rule = wardgate::service::operate::rule(&world.ports.models);
            let health = world.ports.store.check(Some(rule)).await.unwrap();
            assert_eq!(health.findings, Vec::<String>::new());
            assert_eq!(world.ports.store.verify().await.unwrap().broken, []);
        });
    }
    assert!(good > requests / 20, "only {good} of {requests} requests did something");
}
