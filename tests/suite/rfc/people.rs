//! A handful of people and groups that filters, sorting and paging are tried on.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::world::Client;
use crate::world::Reply;
use crate::world::World;

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// An identifier of our own shape that nobody has.
pub const UNKNOWN: &str = "0190f3a4-0000-7000-8000-000000000000";

/// Anne, Ben and Cara; Ward 7 with Anne and Ben, Ward 8 with Cara and Ward 7.
pub struct People {
    pub world: World,
    pub client: Client,
    /// Short names and identifiers.
    pub ids: Vec<(&'static str, String)>,
}

impl People {
    pub async fn new() -> Self {
        Self::inside(World::new().await).await
    }

    /// The connection may see people and groups, and so its root holds nothing else.
    pub async fn inside(world: World) -> Self {
        world.set("permissions=users,groups").await;
        let client = world.client();
        let mut people = Self { world, client, ids: Vec::new() };
        people.add("ben", "/Users", ben()).await;
        let manager = people.id("ben").to_owned();
        people.add("anne", "/Users", anne(&manager)).await;
        people.add("cara", "/Users", cara()).await;
        let members = [people.member("anne"), people.member("ben")];
        people.add("ward7", "/Groups", json!({"displayName": "Ward 7", "members": members})).await;
        let members = [people.member("cara"), people.member("ward7")];
        let ward8 = json!({"displayName": "Ward 8", "externalId": "W-8", "members": members});
        people.add("ward8", "/Groups", ward8).await;
        people
    }

    /// Makes one more, a second after the last.
    pub async fn add(&mut self, name: &'static str, endpoint: &str, body: Value) {
        self.world.clock.advance(Duration::from_secs(1));
        let id = self.client.post(endpoint, &body).await.expect(201).id();
        self.ids.push((name, id));
    }

    pub fn id(&self, name: &str) -> &str {
        let (_, id) = self.ids.iter().find(|(known, _)| *known == name).unwrap();
        id
    }

    fn member(&self, name: &str) -> Value {
        json!({"value": self.id(name)})
    }

    /// The short names of a list, in its order.
    #[track_caller]
    pub fn names(&self, reply: &Reply) -> Vec<&'static str> {
        assert_eq!(reply.status, 200, "{}", reply.text);
        let name = |one: &Value| {
            let id = one["id"].as_str().unwrap();
            self.ids.iter().find(|(_, known)| known == id).unwrap().0
        };
        reply.resources().iter().map(name).collect()
    }

    /// Who fulfils `filter` at `endpoint`, sorted; `{name}` stands for an identifier.
    ///
    /// Asks twice: what an index may answer, and, behind a double `not`, what only reading every
    /// record can. The two must agree.
    pub async fn found(&self, endpoint: &str, filter: &str) -> Vec<&'static str> {
        let filter = self.spelled(filter);
        let direct = self.client.filter(endpoint, &filter).await;
        let mut names = self.names(&direct);
        names.sort_unstable();
        assert_eq!(direct.body["totalResults"], names.len(), "{filter}");
        let read = self.client.filter(endpoint, &format!("not (not ({filter}))")).await;
        let mut slow = self.names(&read);
        slow.sort_unstable();
        assert_eq!(names, slow, "an index and the records differ: {filter}");
        names
    }

    /// Who fulfils `filter`, asked once: for filters that two more levels would make too deep.
    pub async fn found_once(&self, endpoint: &str, filter: &str) -> Vec<&'static str> {
        self.names(&self.client.filter(endpoint, &self.spelled(filter)).await)
    }

    pub fn spelled(&self, filter: &str) -> String {
        let named =
            |text: String, (name, id): &(&str, String)| text.replace(&format!("{{{name}}}"), id);
        self.ids.iter().fold(filter.to_owned(), named)
    }

    /// Checks a table of filters over people, and who fulfils each.
    pub async fn check(&self, rows: &[(&str, &[&str])]) {
        for (filter, expected) in rows {
            assert_eq!(self.found("/Users", filter).await, *expected, "{filter}");
        }
    }
}

fn anne(manager: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "userName": "Anne.Alder@northvale.example",
        "externalId": "Ext-Anne", "displayName": "Anne Alder", "nickName": "Midge",
        "title": "Nurse", "userType": "Employee", "active": true,
        "name": {"givenName": "Anne", "familyName": "O'Malley"},
        "emails": [
            {"value": "anne@work.northvale.example", "type": "work"},
            {"value": "anne@home.northvale.example", "type": "home", "primary": true}
        ],
        "ims": [{"value": "anne.chat", "type": "xmpp"}],
        ENTERPRISE: {
            "department": "Oncology", "employeeNumber": "4471", "manager": {"value": manager}
        }
    })
}

fn ben() -> Value {
    json!({
        "schemas": [USER], "userName": "ben.birch@northvale.example", "externalId": "4471",
        "displayName": "Ben Birch", "userType": "Contractor", "active": false,
        "profileUrl": "https://people.northvale.example/Ben",
        "emails": [{"value": "ben@work.northvale.example", "type": "work"}],
        "x509Certificates": [{"value": "TUlJQw=="}]
    })
}

fn cara() -> Value {
    json!({
        "schemas": [USER], "userName": "Cara_Cedar%*@northvale.example",
        "displayName": "say \"hi\" a (b) [c] and d", "nickName": "C\u{e9}dre", "title": "Surgeon"
    })
}
