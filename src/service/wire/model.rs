//! What the use cases know of each resource type beyond its schema.

mod field;

pub use field::Form;
pub use field::IndexedField;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::OnceLock;

use serde_json::Map;
use serde_json::Value;

use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Relation;
use crate::scim::hiding;
use crate::scim::hiding::Part;
use crate::scim::path::AttributePath;
use crate::scim::quirks;
use crate::scim::quirks::Tolerance;
use crate::scim::resource;
use crate::scim::schema::Attribute;
use crate::scim::schema::Catalogue;
use crate::scim::schema::Mutability;
use crate::scim::schema::ResourceType;
use crate::scim::schema::Returned;
use crate::service::wire::person;

/// A resource type with its place in the store.
#[derive(Clone, Debug)]
pub struct Model {
    /// The resource type, as far as it is seen.
    pub rt: Arc<ResourceType>,
    /// All of the resource type.
    whole: Arc<ResourceType>,
    /// Its number in the store.
    pub kind: Kind,
    /// Attributes that are indexed, seen or not: whoever writes, all are kept.
    pub fields: Vec<IndexedField>,
    /// Whether every body needs a look before it is sent: some attribute that any of them may
    /// hold is not returned by default, or refers to another record.
    selective: bool,
    /// The extensions for which the same is true. Which bodies hold one, the flag of their
    /// records says: see [`Model::flags`].
    looked_into: Vec<String>,
    /// The attribute that is kept as links, if there is one.
    pub held: Option<Held>,
    /// Attributes that lead to another record.
    pub references: Vec<Reference>,
}

/// An attribute that is kept as links: `members`, `schedulers`.
#[derive(Clone, Debug)]
pub struct Held {
    /// The attribute.
    pub name: String,
    /// Its number in the store.
    pub relation: Relation,
    /// What it may lead to.
    pub kinds: Vec<Kind>,
}

/// A flag of a record: its body holds an extension that needs a look before it is sent.
const LOOK: u8 = 1;

/// An attribute that leads to another record: stored as `{value}` with whatever other parts it
/// has, shown with `$ref` and `display`.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The extension it lives in.
    pub container: Option<String>,
    /// The attribute.
    pub name: String,
    /// The part that holds the identifier: `value`, or one that is called as the resource type.
    pub at: String,
    /// What it may lead to.
    pub kinds: Vec<Kind>,
    /// Whether it stays as it was made.
    pub fixed: bool,
    /// Whether a record may have several.
    pub many: bool,
}

/// Every model, by resource type.
#[derive(Clone, Debug, Default)]
pub struct Models {
    /// In the order of the catalogue.
    pub all: Vec<Arc<Model>>,
    by_kind: HashMap<Kind, Arc<Model>>,
    /// What connections without settings of their own see of them; made when first asked for.
    usual: OnceLock<Arc<Models>>,
}

/// Two resource types or attributes got the same number; rename one.
#[derive(Debug, thiserror::Error)]
#[error("the resource type or attribute `{0}` gets the same number as another; rename it")]
pub struct Collision(pub String);

impl Models {
    /// The models of everything in the catalogue.
    pub fn of(catalogue: &Catalogue) -> Result<Self, Collision> {
        let mut models = Self::default();
        for rt in &catalogue.types {
            let model = Arc::new(Model::of(rt)?);
            if models.by_kind.insert(model.kind, model.clone()).is_some() {
                return Err(Collision(rt.name.clone()));
            }
            models.all.push(model);
        }
        Ok(models)
    }

    /// Each model as `change` makes it.
    pub fn map(&self, change: impl Fn(&Model) -> Model) -> Self {
        let all: Vec<Arc<Model>> = self.all.iter().map(|one| Arc::new(change(one))).collect();
        let by_kind = all.iter().map(|one| (one.kind, one.clone())).collect();
        Self { all, by_kind, usual: OnceLock::new() }
    }

    /// What connections without settings of their own see, shared by all of them: as `make` makes
    /// it the first time.
    pub fn usual(&self, make: impl FnOnce() -> Self) -> Arc<Self> {
        self.usual.get_or_init(|| Arc::new(make())).clone()
    }

    /// The model of a kind.
    pub fn of_kind(&self, kind: Kind) -> Option<&Arc<Model>> {
        self.by_kind.get(&kind)
    }
}

impl Model {
    fn of(rt: &Arc<ResourceType>) -> Result<Self, Collision> {
        let kind = Kind::of_type(&rt.name);
        let mut fields: Vec<IndexedField> = Vec::new();
        let schemas = rt.extensions.iter().map(|extension| &extension.schema);
        let outside = rt.common.iter().map(|attribute| (None, attribute));
        let inside = rt.core.attributes.iter().map(|attribute| (None, attribute));
        let extended = schemas.flat_map(|schema| {
            schema.attributes.iter().map(|attribute| (Some(schema.id.as_str()), attribute))
        });
        let everything: Vec<_> = outside.chain(inside).chain(extended).collect();
        let each =
            everything.iter().flat_map(|(home, attribute)| field::indexed(kind, *home, attribute));
        for field in each {
            if fields.iter().any(|other| other.field == field.field) {
                return Err(Collision(field.name));
            }
            fields.push(field);
        }
        let references: Vec<Reference> =
            everything.iter().flat_map(|(home, one)| self::references(*home, one)).collect();
        let mut looked: Vec<Option<String>> =
            references.iter().map(|one| one.container.clone()).collect();
        let choosy = everything.iter().filter(|(_, attribute)| is_selective(attribute));
        looked.extend(choosy.map(|(home, _)| home.map(str::to_owned)));
        let selective = looked.contains(&None);
        let mut looked_into: Vec<String> = looked.into_iter().flatten().collect();
        looked_into.sort();
        looked_into.dedup();
        let held = rt.core.attributes.iter().find(|one| one.relation).map(|one| Held {
            name: one.name.clone(),
            relation: Relation::of(kind, &one.name),
            kinds: targets(one),
        });
        let (rt, whole) = (rt.clone(), rt.clone());
        Ok(Self { rt, whole, kind, fields, selective, looked_into, held, references })
    }

    /// The model for somebody who does not see `hidden`.
    pub fn without(&self, hidden: &[Part]) -> Self {
        if hidden.is_empty() {
            return self.clone();
        }
        // Bodies of people say themselves whether they hold that part.
        let told = person::admin_roles();
        Self {
            rt: Arc::new(hiding::without(&self.whole, hidden)),
            whole: self.whole.clone(),
            kind: self.kind,
            fields: self.fields.clone(),
            selective: self.selective || hidden.iter().any(|part| *part != told),
            looked_into: self.looked_into.clone(),
            held: self.held.clone(),
            references: self.references.clone(),
        }
    }

    /// The flags of a record with this document, for whoever writes it.
    pub fn flags(&self, document: &Map<String, Value>) -> u8 {
        let looked = self.looked_into.iter().any(|urn| document.contains_key(urn));
        if looked { LOOK } else { 0 }
    }

    /// Whether the body of a record needs a look before it is sent; else it goes out as it is.
    pub fn needs_look(&self, head: &Head) -> bool {
        self.selective || head.flags & LOOK != 0
    }

    /// Whether nothing is hidden but what every connection does without.
    pub fn is_usual(&self) -> bool {
        !self.selective
    }

    /// Whether nothing is hidden.
    pub fn is_whole(&self) -> bool {
        Arc::ptr_eq(&self.rt, &self.whole)
    }

    /// Whether the core attribute `name` is seen with all its parts.
    pub fn sees_whole(&self, name: &str) -> bool {
        let parts = |rt: &ResourceType| rt.core.attribute(name).map(|one| one.sub_attributes.len());
        parts(&self.rt) == parts(&self.whole)
    }

    /// What is seen of a document.
    pub fn visible(&self, document: Map<String, Value>) -> Map<String, Value> {
        if self.is_whole() { document } else { hiding::visible(&self.rt, document) }
    }

    /// A changed form of what was visible of `old`, with what was not put back.
    pub fn restored(
        &self,
        old: &Map<String, Value>,
        new: Map<String, Value>,
    ) -> Result<Map<String, Value>, crate::scim::error::Error> {
        if self.is_whole() {
            return Ok(new);
        }
        let mut document = hiding::restored((&self.rt, &self.whole), old, new);
        resource::finish(&self.whole, &mut document)?;
        Ok(document)
    }

    /// The indexed field behind an attribute that was found in the schema, if it is indexed.
    pub fn field(
        &self,
        container: Option<&str>,
        name: &str,
        sub: Option<&str>,
    ) -> Option<&IndexedField> {
        self.fields.iter().find(|field| {
            field.container.as_deref() == container
                && field.name == name
                && field.sub.as_deref() == sub
        })
    }

    /// Whether the attribute `name` is kept as links of this type's records.
    pub fn holds(&self, name: &str) -> bool {
        self.held.as_ref().is_some_and(|held| held.name == name)
    }

    /// Whether records of this type can be members of groups and show them.
    pub fn is_in_groups(&self) -> bool {
        self.kind == Kind::USER
    }

    /// The indexed field behind a path as a client writes it; a complex attribute alone stands
    /// for its `value`.
    pub fn field_at(&self, path: &AttributePath) -> Option<&IndexedField> {
        let found = quirks::find(&self.rt, path, &mut Tolerance::lenient()).ok().flatten()?;
        let sub = match found.sub {
            Some(sub) => Some(sub.name.as_str()),
            None => found.attribute.sub("value").map(|sub| sub.name.as_str()),
        };
        self.field(found.container, &found.attribute.name, sub)
    }
}

/// A reference is a complex attribute whose `$ref` is ours to fill in: read-only, and leading to
/// resource types. One that clients may write (`manager`) stays what they say. Its identifier is
/// `value`; values that may name one record several times have no `value` (RFC 7643 §2.4 wants it
/// once), but a part for each resource type, called as that is.
fn references(container: Option<&str>, attribute: &Attribute) -> Vec<Reference> {
    let link = attribute.sub("$ref").filter(|link| link.mutability == Mutability::ReadOnly);
    let Some(link) = link else { return Vec::new() };
    let ours = !attribute.relation
        && !attribute.derived
        && attribute.mutability != Mutability::ReadOnly
        && link.reference_types.iter().all(|name| name != "external" && name != "uri");
    if !ours || link.reference_types.is_empty() {
        return Vec::new();
    }
    let at = |part: &Attribute, kinds: Vec<Kind>| Reference {
        container: container.map(str::to_owned),
        name: attribute.name.clone(),
        at: part.name.clone(),
        kinds,
        fixed: attribute.mutability == Mutability::Immutable,
        many: attribute.multi_valued,
    };
    if let Some(value) = attribute.sub("value") {
        return vec![at(value, targets(attribute))];
    }
    let named = link.reference_types.iter();
    named.filter_map(|name| Some(at(attribute.sub(name)?, vec![Kind::of_type(name)]))).collect()
}

/// The kinds that the `$ref` of an attribute may lead to.
fn targets(attribute: &Attribute) -> Vec<Kind> {
    let types = attribute.sub("$ref").map_or(&[][..], |link| link.reference_types.as_slice());
    types.iter().map(|name| Kind::of_type(name)).collect()
}

/// Whether bodies may hold something of this attribute that a plain answer does not show.
/// Write-only attributes (passwords) are dropped when they arrive, so no body holds them.
fn is_selective(attribute: &Attribute) -> bool {
    let held = !attribute.derived && attribute.mutability != Mutability::WriteOnly;
    let shown = matches!(attribute.returned, Returned::Always | Returned::Default);
    held && !shown || attribute.sub_attributes.iter().any(is_selective)
}
