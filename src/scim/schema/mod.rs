//! Schemas and resource types as data (RFC 7643 §6, §7).
//!
//! `read` turns files of `schemas/scim` into the types below, once at the start; everything that
//! reads, checks, filters or projects a resource asks these types and no list of its own.
//!
//! Invariants: within a catalogue names, endpoints and URNs occur once; a complex attribute has
//! sub-attributes that are not complex (the schema of schemas, which describes itself, is the
//! one exception); what is served shows every characteristic and none of our own keys.
//!
//! Rejected: one Rust type per resource (custom types are data), and defaults filled in by
//! whoever looks (DSC-43 would be decided in many places).

mod place;
mod read;

use std::sync::Arc;

pub use place::SchemaError;

use serde_json::Value;

/// The data type of an attribute (RFC 7643 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Unicode text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// An xsd:dateTime.
    DateTime,
    /// Base64 text.
    Binary,
    /// A URI.
    Reference,
    /// An object with sub-attributes.
    Complex,
}

/// Who may change an attribute, and when (RFC 7643 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// The server only.
    ReadOnly,
    /// Anyone, at any time.
    ReadWrite,
    /// Anyone, once.
    Immutable,
    /// Anyone, and nobody reads it.
    WriteOnly,
}

/// When an attribute is returned (RFC 7643 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Whatever is asked.
    Always,
    /// Whatever is asked.
    Never,
    /// Unless others are asked for.
    Default,
    /// When asked for.
    Request,
}

/// Within what a value may occur once (RFC 7643 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// Anywhere.
    None,
    /// In the organization.
    Server,
    /// In the world; as far as we can tell, in the network.
    Global,
}

/// One attribute or sub-attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name as the schema spells it.
    pub name: String,
    /// Its data type.
    pub kind: Type,
    /// Whether it holds several values.
    pub multi_valued: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Suggested values; not enforced.
    pub canonical_values: Vec<String>,
    /// What a reference may lead to: names of resource types, `external`, `uri`.
    pub reference_types: Vec<String>,
    /// Whether letter case matters in comparison.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Within what it is unique.
    pub uniqueness: Uniqueness,
    /// Sub-attributes of a complex attribute; empty otherwise.
    pub sub_attributes: Vec<Attribute>,
    /// Schema file key `indexed`: equality, and for text prefixes and order, without a scan.
    pub indexed: bool,
    /// Schema file key `precis`: compared as a user name (RFC 8265), not by plain folding.
    pub precis: bool,
    /// Schema file key `relation`: kept as rows of its own, never inside the document.
    pub relation: bool,
    /// Schema file key `derived`: worked out when read, never stored.
    pub derived: bool,
}

/// A schema: a URN and its attributes.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// The short name.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// What is served at `/Schemas/{id}`: the file without our own keys, `meta.location` relative.
    pub document: Value,
}

/// An extension of a resource type.
#[derive(Clone, Debug)]
pub struct Extension {
    /// The schema.
    pub schema: Arc<Schema>,
    /// Whether every resource of the type must carry it.
    pub required: bool,
}

/// A resource type (RFC 7643 §6).
#[derive(Clone, Debug)]
pub struct ResourceType {
    /// `id` and `name`, and the value of `meta.resourceType`.
    pub name: String,
    /// Relative, with a leading slash: `/Users`.
    pub endpoint: String,
    /// The base schema.
    pub core: Arc<Schema>,
    /// Its extensions.
    pub extensions: Vec<Extension>,
    /// `schemas`, `id`, `externalId`, `meta`: the common attributes of RFC 7643 §3.1.
    pub common: Arc<Vec<Attribute>>,
    /// What is served at `/ResourceTypes/{name}`; `meta.location` relative.
    pub document: Value,
}

/// Everything that is served: schemas and resource types.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// In the order of the files.
    pub schemas: Vec<Arc<Schema>>,
    /// In the order of the files.
    pub types: Vec<Arc<ResourceType>>,
}

/// An attribute that was looked up.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The extension's URN when the attribute lives inside an extension object.
    pub container: Option<&'a str>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The sub-attribute, when the path named one.
    pub sub: Option<&'a Attribute>,
}

impl Catalogue {
    /// The resource type `name`, spelled exactly.
    pub fn by_name(&self, name: &str) -> Option<&Arc<ResourceType>> {
        self.types.iter().find(|rt| rt.name == name)
    }

    /// The resource type at `endpoint` (`Users`, without slash), spelled exactly (EID 8475).
    pub fn by_endpoint(&self, endpoint: &str) -> Option<&Arc<ResourceType>> {
        self.types.iter().find(|rt| rt.endpoint.strip_prefix('/') == Some(endpoint))
    }

    /// The schema `urn`, in any letter case.
    pub fn schema(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }
}

impl<'a> Found<'a> {
    /// The attribute's name, as its schema spells it.
    pub fn name(&self) -> &'a str {
        &self.attribute.name
    }
}

impl Attribute {
    /// The sub-attribute `name`, in any letter case.
    pub fn sub(&self, name: &str) -> Option<&Self> {
        self.sub_attributes.iter().find(|sub| sub.name.eq_ignore_ascii_case(name))
    }
}

impl Schema {
    /// The attribute `name`, in any letter case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

impl ResourceType {
    /// Looks `path` up: common attributes and the base schema without a URN or with the base
    /// URN, extension attributes with theirs. Letter case does not matter (RFC 7644 §3.10).
    pub fn find(&self, path: &crate::scim::path::AttributePath) -> Option<Found<'_>> {
        let (container, attribute) = match &path.urn {
            Some(urn) if !self.core.id.eq_ignore_ascii_case(urn) => {
                let schema = &self.extension(urn)?.schema;
                (Some(schema.id.as_str()), schema.attribute(&path.name)?)
            }
            _ => (None, self.core.attribute(&path.name).or_else(|| self.common(&path.name))?),
        };
        let sub = match &path.sub {
            Some(name) => Some(attribute.sub(name)?),
            None => None,
        };
        Some(Found { container, attribute, sub })
    }

    /// The extension `urn`, in any letter case.
    pub fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.schema.id.eq_ignore_ascii_case(urn))
    }

    /// The common attribute `name`, in any letter case.
    pub fn common(&self, name: &str) -> Option<&Attribute> {
        self.common.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}
