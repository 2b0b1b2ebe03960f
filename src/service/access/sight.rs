//! What a connection sees of each resource type (security.md ATT-08).
//!
//! A name of `hidden_attributes` hides the attribute that it names, everything below it, and
//! nothing else of the same last name. What is hidden does not exist for the connection: it is in
//! no answer, no filter, order or path can name it, and a body that brings it is read as one with
//! an unknown attribute. Even a write that nobody could see the outcome of would be a probe: the
//! version tells whether it changed anything.
//!
//! A connection without the permission for groups does not see a person's `groups` either. What a
//! person administers no connection sees: an identity provider that could read it would know whom
//! to take over, and one that could write it would be an administrator.

use std::sync::Arc;

use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::scim::hiding;
use crate::scim::hiding::Part;
use crate::scim::path::AttributePath;
use crate::scim::schema::ResourceType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::access::connection::Connection;
use crate::service::access::connection::Permission;
use crate::service::wire::model::Models;
use crate::service::wire::person;

/// What a connection sees.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Models with parts left out; `None` is all.
    models: Option<Arc<Models>>,
    /// Its own organization, and what is above it.
    organizations: Arc<Vec<Id>>,
    /// Access groups that are published to it, in order.
    groups: Arc<Vec<Id>>,
}

impl Sight {
    /// What `connection` sees of `models`; of organizations and of the organization's own groups
    /// it sees these.
    pub fn of(
        connection: &Connection,
        models: &Models,
        (organizations, groups): (Arc<Vec<Id>>, Arc<Vec<Id>>),
    ) -> Self {
        let own = |rt: &ResourceType, kind: Kind| {
            let paths = connection.hidden_attributes.iter();
            let paths = paths.filter_map(|name| AttributePath::parse(name));
            let mut hidden: Vec<Part> = paths.filter_map(|path| Part::find(rt, &path)).collect();
            if kind == Kind::USER && !connection.permissions.contains(&Permission::Groups) {
                hidden.push(Part::core("groups"));
            }
            hidden.retain(|part| !part.is_needed(rt));
            hidden
        };
        let of = |rt: &ResourceType, kind: Kind| {
            let mut hidden = never(rt, kind);
            hidden.extend(own(rt, kind));
            hidden
        };
        let usual = models.all.iter().all(|model| own(&model.rt, model.kind).is_empty());
        let left = match usual {
            true => models.usual(|| models.map(|one| one.without(&never(&one.rt, one.kind)))),
            false => Arc::new(models.map(|one| one.without(&of(&one.rt, one.kind)))),
        };
        Self { models: Some(left), organizations, groups }
    }

    /// The models that are seen, of `all`.
    pub fn models<'a>(&'a self, all: &'a Models) -> &'a Models {
        self.models.as_deref().unwrap_or(all)
    }

    /// The organizations that are seen.
    pub fn organizations(&self) -> &[Id] {
        &self.organizations
    }

    /// The access groups that are published to the connection, in order.
    pub fn groups(&self) -> &Arc<Vec<Id>> {
        &self.groups
    }
}

/// What no connection sees of a type.
fn never(rt: &ResourceType, kind: Kind) -> Vec<Part> {
    let part = person::admin_roles();
    let known = rt.extension(person::EXTENSION).and_then(|one| one.schema.attribute("adminRoles"));
    known.filter(|_| kind == Kind::USER).map(|_| part).into_iter().collect()
}

/// Refuses names for `hidden_attributes` that name nothing, or what cannot be hidden.
pub fn check(models: &Models, names: &[String]) -> Result<(), Error> {
    let refuse = |said: String| Err(Error::new(ErrorKind::Conflict, said));
    for (place, name) in names.iter().enumerate() {
        let path = AttributePath::parse(name);
        let find = |rt: &ResourceType| Part::find(rt, path.as_ref()?);
        let types = || models.all.iter().map(|model| model.rt.as_ref());
        let number = place + 1;
        if types().all(|rt| find(rt).is_none()) {
            return refuse(format!(
                "`hidden_attributes`, name number {number}: no resource type has it. The closest \
                 known names are {}.",
                closest(types(), name)
            ));
        }
        let needs = |rt: &&ResourceType| find(rt).is_some_and(|part| part.is_needed(rt));
        if let Some(rt) = types().find(needs) {
            return refuse(format!(
                "`hidden_attributes`, name number {number}: {} resources cannot be without it. To \
                 hide an attribute of this name in another type, write the URN of its schema in \
                 front.",
                rt.name
            ));
        }
    }
    Ok(())
}

/// The three known names that look most like `name`.
fn closest<'a>(types: impl Iterator<Item = &'a ResourceType>, name: &str) -> String {
    let wanted = name.to_lowercase();
    let mut known: Vec<(usize, String)> = types
        .flat_map(hiding::known)
        .map(|path| {
            let lower = path.to_lowercase();
            let bare = lower.rsplit(':').next().unwrap_or(&lower);
            (steps(&wanted, &lower).min(steps(&wanted, bare)), path)
        })
        .collect();
    known.sort();
    known.dedup();
    let best: Vec<String> =
        known.into_iter().take(3).map(|(_, path)| format!("`{path}`")).collect();
    best.join(", ")
}

/// How many letters must be put in, taken out or changed to make `one` the `other`.
fn steps(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (turn, letter) in one.chars().enumerate() {
        let mut corner = turn;
        let mut left = turn + 1;
        let mut next = vec![left];
        for (above, same) in row.iter().skip(1).zip(&other) {
            left = (corner + usize::from(letter != *same)).min(left + 1).min(above + 1);
            corner = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_between_words() {
        for (one, other, far) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("titel", "title", 2),
            ("nurse", "nurses", 1),
        ] {
            assert_eq!(steps(one, other), far, "{one} {other}");
        }
    }
}
