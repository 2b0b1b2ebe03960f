//! The plain map: what a gateway with two connections would remember if it were simple.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::step::User;
use super::step::UserEdit;

pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Everything that lives.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub users: BTreeMap<String, Person>,
    pub groups: BTreeMap<String, Group>,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub owner: usize,
    /// The attributes that were set, as they are to be read.
    pub body: Map<String, Value>,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub owner: usize,
    pub name: String,
    pub members: BTreeSet<String>,
}

/// Two spellings for each name: they differ in letter case only.
pub fn user_name(number: usize) -> String {
    let word = if number.is_multiple_of(2) { "person" } else { "PERSON" };
    format!("{word}{}@northvale.example", number / 2)
}

pub fn group_name(number: usize) -> String {
    let word = if number.is_multiple_of(2) { "Ward" } else { "ward" };
    format!("{word} {}", number / 2)
}

pub fn external(number: usize) -> String {
    format!("E-{number}")
}

pub fn mail(number: usize) -> Value {
    json!({"value": format!("m{number}@northvale.example"), "type": "work"})
}

/// A user as a client sends it.
pub fn written(user: &User) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("userName".into(), user_name(user.name).into());
    put(&mut body, "externalId", user.external.map(|number| external(number).into()));
    put(&mut body, "active", user.active.map(Value::Bool));
    put(&mut body, "title", user.title.map(|number| format!("Title {number}").into()));
    put(&mut body, ENTERPRISE, user.department.map(department));
    body
}

fn department(number: usize) -> Value {
    json!({"department": format!("Department {number}")})
}

fn put(body: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(body.insert(name.into(), value)),
        None => drop(body.shift_remove(name)),
    }
}

impl Person {
    pub fn new(owner: usize, user: &User) -> Self {
        let mut body = written(user);
        body.entry("active").or_insert(Value::Bool(true));
        Self { owner, body }
    }

    /// PUT: what is not mentioned goes, but `active` and whole extensions stay.
    pub fn replaced(&self, user: &User) -> Self {
        let mut body = written(user);
        for name in ["active", ENTERPRISE] {
            if let (false, Some(kept)) = (body.contains_key(name), self.body.get(name)) {
                body.insert(name.into(), kept.clone());
            }
        }
        Self { owner: self.owner, body }
    }

    pub fn edited(&self, edit: &UserEdit) -> Self {
        let mut after = self.clone();
        let body = &mut after.body;
        match edit {
            UserEdit::Active(active) => put(body, "active", Some((*active).into())),
            UserEdit::Title(title) => {
                put(body, "title", title.map(|number| format!("Title {number}").into()));
            }
            UserEdit::Department(number) => put(body, ENTERPRISE, number.map(department)),
            UserEdit::External(number) => {
                put(body, "externalId", number.map(|number| external(number).into()));
            }
            UserEdit::Rename(number) => put(body, "userName", Some(user_name(*number).into())),
            UserEdit::AddMail(number) => {
                let mut mails = self.mails();
                if !mails.contains(&mail(*number)) {
                    mails.push(mail(*number));
                }
                put(body, "emails", Some(mails.into()));
            }
            UserEdit::RemoveMail(number) => {
                let mut mails = self.mails();
                mails.retain(|one| *one != mail(*number));
                put(body, "emails", (!mails.is_empty()).then(|| mails.into()));
            }
        }
        after
    }

    fn mails(&self) -> Vec<Value> {
        self.body.get("emails").and_then(Value::as_array).cloned().unwrap_or_default()
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }
}

impl Model {
    /// Whether another user of the organization has this name, or another of the same connection
    /// this external identifier.
    pub fn user_taken(&self, own: Option<&str>, person: &Person) -> bool {
        let lower = |person: &Person| person.text("userName").unwrap().to_lowercase();
        self.users.iter().filter(|(id, _)| Some(id.as_str()) != own).any(|(_, other)| {
            let named = person.text("externalId").is_some();
            let same = person.text("externalId") == other.text("externalId");
            lower(person) == lower(other) || (named && same && person.owner == other.owner)
        })
    }

    pub fn group_taken(&self, own: Option<&str>, owner: usize, name: &str) -> bool {
        let mut others = self.groups.iter().filter(|(id, _)| Some(id.as_str()) != own);
        others.any(|(_, other)| {
            other.owner == owner && other.name.to_lowercase() == name.to_lowercase()
        })
    }

    /// Whether the connection may make this a member.
    pub fn reachable(&self, owner: usize, id: &str) -> bool {
        let user = self.users.get(id).is_some_and(|user| user.owner == owner);
        user || self.groups.get(id).is_some_and(|group| group.owner == owner)
    }

    /// Whether `group` can be reached from `member` through members.
    pub fn leads_to(&self, member: &str, group: &str) -> bool {
        member == group
            || self
                .groups
                .get(member)
                .is_some_and(|inner| inner.members.iter().any(|next| self.leads_to(next, group)))
    }

    pub fn forget(&mut self, id: &str) {
        self.users.remove(id);
        self.groups.remove(id);
        for group in self.groups.values_mut() {
            group.members.remove(id);
        }
    }

    /// What a connection reads: every resource by identifier, users and groups apart.
    pub fn faces(&self, owner: usize) -> [BTreeMap<String, Value>; 2] {
        let users = self.users.iter().filter(|(_, user)| user.owner == owner);
        let users = users.map(|(id, user)| (id.clone(), self.user_face(id, user)));
        let groups = self.groups.iter().filter(|(_, group)| group.owner == owner);
        let groups = groups.map(|(id, group)| (id.clone(), self.group_face(id, group)));
        [users.collect(), groups.collect()]
    }

    fn user_face(&self, id: &str, user: &Person) -> Value {
        let mut body = user.body.clone();
        body.insert("id".into(), id.into());
        let groups: Vec<Value> = self.groups_of(id).into_iter().collect();
        put(&mut body, "groups", (!groups.is_empty()).then(|| groups.into()));
        Value::Object(body)
    }

    fn group_face(&self, id: &str, group: &Group) -> Value {
        let kind = |id: &String| if self.users.contains_key(id) { "User" } else { "Group" };
        let members = group.members.iter().map(|id| json!({"value": id, "type": kind(id)}));
        let members: Vec<Value> = members.collect();
        json!({"id": id, "displayName": group.name, "members": members})
    }

    /// The groups of a user, in the order of their identifiers.
    fn groups_of(&self, id: &str) -> Vec<Value> {
        let around = self.groups.iter().filter(|(holder, _)| self.leads_to(holder, id));
        around
            .filter(|(holder, _)| *holder != id)
            .map(|(holder, group)| {
                let kind = if group.members.contains(id) { "direct" } else { "indirect" };
                json!({"value": holder, "display": group.name, "type": kind})
            })
            .collect()
    }
}
