//! Steps, done by the gateway and by the map.

use serde_json::Value;
use serde_json::json;

use super::Stage;
use super::model;
use super::model::ENTERPRISE;
use super::model::Group;
use super::model::Person;
use super::step::GroupEdit;
use super::step::Step;
use super::step::User;
use super::step::UserEdit;
use crate::world::Reply;

const NOBODY: &str = "0190f3a4-0000-7000-8000-000000000000";

impl Stage {
    pub(super) async fn act(&mut self, step: &Step) {
        match step {
            Step::CreateUser { by, user } => self.create_user(*by, user).await,
            Step::ReplaceUser { by, which, user } => self.replace_user(*by, *which, user).await,
            Step::PatchUser { by, which, edit } => self.patch_user(*by, *which, edit).await,
            Step::DeleteUser { by, which } => {
                let id = chosen(&self.users, *which);
                let own = self.model.users.get(&id).is_some_and(|user| user.owner == *by);
                self.delete(*by, &format!("/Users/{id}"), &id, own).await;
            }
            Step::CreateGroup { by, name, members } => {
                self.create_group(*by, *name, members).await;
            }
            Step::ReplaceGroup { by, which, name, members } => {
                self.replace_group(*by, *which, *name, members.as_deref()).await;
            }
            Step::PatchGroup { by, which, edit } => self.patch_group(*by, *which, edit).await,
            Step::DeleteGroup { by, which } => {
                let id = chosen(&self.groups, *which);
                let own = self.model.groups.get(&id).is_some_and(|group| group.owner == *by);
                self.delete(*by, &format!("/Groups/{id}"), &id, own).await;
            }
        }
    }

    async fn create_user(&mut self, by: usize, user: &User) {
        let reply = self.clients[by].post("/Users", &Value::Object(model::written(user))).await;
        let person = Person::new(by, user);
        if self.model.user_taken(None, &person) {
            reply.refused(409, "uniqueness");
            return;
        }
        let id = reply.expect(201).id();
        self.users.push(id.clone());
        self.model.users.insert(id, person);
    }

    async fn replace_user(&mut self, by: usize, which: usize, user: &User) {
        let id = chosen(&self.users, which);
        let body = Value::Object(model::written(user));
        let reply = self.clients[by].put(&format!("/Users/{id}"), &body).await;
        let after = self.own_user(by, &id).map(|person| person.replaced(user));
        self.settle_user(&id, after, reply);
    }

    async fn patch_user(&mut self, by: usize, which: usize, edit: &UserEdit) {
        let id = chosen(&self.users, which);
        let operation = operation(edit);
        let reply = self.clients[by].operations(&format!("/Users/{id}"), json!([operation])).await;
        let after = self.own_user(by, &id).map(|person| person.edited(edit));
        self.settle_user(&id, after, reply);
    }

    fn own_user(&self, by: usize, id: &str) -> Option<Person> {
        self.model.users.get(id).filter(|person| person.owner == by).cloned()
    }

    fn settle_user(&mut self, id: &str, after: Option<Person>, reply: Reply) {
        let Some(after) = after else {
            reply.expect(404);
            return;
        };
        if self.model.user_taken(Some(id), &after) {
            reply.refused(409, "uniqueness");
            return;
        }
        reply.expect(200);
        self.model.users.insert(id.to_owned(), after);
    }

    async fn delete(&mut self, by: usize, path: &str, id: &str, own: bool) {
        let reply = self.clients[by].delete(path).await;
        if own {
            reply.expect(204);
            self.model.forget(id);
        } else {
            reply.expect(404);
        }
    }

    async fn create_group(&mut self, by: usize, name: usize, members: &[usize]) {
        let ids = self.members(members);
        let name = model::group_name(name);
        let body = json!({"displayName": name, "members": values(&ids)});
        let reply = self.clients[by].post("/Groups", &body).await;
        if ids.iter().any(|id| !self.model.reachable(by, id)) {
            reply.refused(400, "invalidValue");
        } else if self.model.group_taken(None, by, &name) {
            reply.refused(409, "uniqueness");
        } else {
            let id = reply.expect(201).id();
            self.groups.push(id.clone());
            let members = ids.into_iter().collect();
            self.model.groups.insert(id, Group { owner: by, name, members });
        }
    }

    async fn replace_group(
        &mut self,
        by: usize,
        which: usize,
        name: usize,
        members: Option<&[usize]>,
    ) {
        let id = chosen(&self.groups, which);
        let name = model::group_name(name);
        let ids = members.map(|members| self.members(members));
        let mut body = json!({"displayName": name});
        if let Some(ids) = &ids {
            body["members"] = values(ids).into();
        }
        let reply = self.clients[by].put(&format!("/Groups/{id}"), &body).await;
        let Some(group) = self.own_group(by, &id) else {
            reply.expect(404);
            return;
        };
        let added = ids.clone().unwrap_or_default();
        let members = ids.map_or(group.members, |ids| ids.into_iter().collect());
        self.settle_group(&id, Group { owner: by, name, members }, &added, (reply, 200));
    }

    async fn patch_group(&mut self, by: usize, which: usize, edit: &GroupEdit) {
        let id = chosen(&self.groups, which);
        let (operation, added) = self.group_operation(edit);
        let path = format!("/Groups/{id}");
        let reply = self.clients[by].operations(&path, json!([operation])).await;
        let Some(mut group) = self.own_group(by, &id) else {
            reply.expect(404);
            return;
        };
        match edit {
            GroupEdit::Add(_) => group.members.extend(added.iter().cloned()),
            GroupEdit::RemoveOne(number) => {
                group.members.remove(&self.member(*number));
            }
            GroupEdit::RemoveListed(numbers) => {
                for id in self.members(numbers) {
                    group.members.remove(&id);
                }
            }
            GroupEdit::Replace(_) => group.members = added.iter().cloned().collect(),
            GroupEdit::Clear => group.members.clear(),
            GroupEdit::Rename(number) => group.name = model::group_name(*number),
        }
        self.settle_group(&id, group, &added, (reply, 204));
    }

    /// The operation, and whom it adds.
    fn group_operation(&self, edit: &GroupEdit) -> (Value, Vec<String>) {
        let none = Vec::new();
        match edit {
            GroupEdit::Add(numbers) => {
                let ids = self.members(numbers);
                (json!({"op": "add", "path": "members", "value": values(&ids)}), ids)
            }
            GroupEdit::RemoveOne(number) => {
                let path = format!("members[value eq \"{}\"]", self.member(*number));
                (json!({"op": "remove", "path": path}), none)
            }
            GroupEdit::RemoveListed(numbers) => {
                let ids = self.members(numbers);
                (json!({"op": "remove", "path": "members", "value": values(&ids)}), none)
            }
            GroupEdit::Replace(numbers) => {
                let ids = self.members(numbers);
                (json!({"op": "replace", "path": "members", "value": values(&ids)}), ids)
            }
            GroupEdit::Clear => (json!({"op": "remove", "path": "members"}), none),
            GroupEdit::Rename(number) => {
                let name = model::group_name(*number);
                (json!({"op": "replace", "path": "displayName", "value": name}), none)
            }
        }
    }

    fn own_group(&self, by: usize, id: &str) -> Option<Group> {
        self.model.groups.get(id).filter(|group| group.owner == by).cloned()
    }

    fn settle_group(
        &mut self,
        id: &str,
        after: Group,
        added: &[String],
        (reply, good): (Reply, u16),
    ) {
        let unknown = added.iter().any(|member| !self.model.reachable(after.owner, member));
        let circle = added.iter().any(|member| self.model.leads_to(member, id));
        let taken = self.model.group_taken(Some(id), after.owner, &after.name);
        match (unknown || circle, taken) {
            (false, false) => {
                reply.expect(good);
                self.model.groups.insert(id.to_owned(), after);
            }
            (true, false) => drop(reply.refused(400, "invalidValue")),
            (false, true) => drop(reply.refused(409, "uniqueness")),
            (true, true) => assert!([400, 409].contains(&reply.status), "{}", reply.text),
        }
    }

    /// Whom a number means: users first, then groups, what is gone included.
    fn member(&self, number: usize) -> String {
        let all: Vec<&String> = self.users.iter().chain(&self.groups).collect();
        match all.is_empty() {
            true => NOBODY.to_owned(),
            false => all[number % all.len()].clone(),
        }
    }

    fn members(&self, numbers: &[usize]) -> Vec<String> {
        numbers.iter().map(|number| self.member(*number)).collect()
    }
}

fn chosen(ids: &[String], which: usize) -> String {
    match ids.is_empty() {
        true => NOBODY.to_owned(),
        false => ids[which % ids.len()].clone(),
    }
}

fn values(ids: &[String]) -> Vec<Value> {
    ids.iter().map(|id| json!({"value": id})).collect()
}

fn operation(edit: &UserEdit) -> Value {
    let set = |path: &str, value: Option<Value>| match value {
        Some(value) => json!({"op": "replace", "path": path, "value": value}),
        None => json!({"op": "remove", "path": path}),
    };
    match edit {
        UserEdit::Active(active) => set("active", Some((*active).into())),
        UserEdit::Title(title) => {
            set("title", title.map(|number| format!("Title {number}").into()))
        }
        UserEdit::Department(number) => {
            let path = format!("{ENTERPRISE}:department");
            set(&path, number.map(|number| format!("Department {number}").into()))
        }
        UserEdit::External(number) => {
            set("externalId", number.map(|number| model::external(number).into()))
        }
        UserEdit::Rename(number) => set("userName", Some(model::user_name(*number).into())),
        UserEdit::AddMail(number) => {
            json!({"op": "add", "path": "emails", "value": [model::mail(*number)]})
        }
        UserEdit::RemoveMail(number) => {
            let path = format!("emails[value eq {}]", model::mail(*number)["value"]);
            json!({"op": "remove", "path": path})
        }
    }
}
