//! Parts of a resource type, and the type without them.

use std::sync::Arc;

use crate::scim::path::AttributePath;
use crate::scim::quirks;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Attribute;
use crate::scim::schema::Extension;
use crate::scim::schema::ResourceType;
use crate::scim::schema::Schema;

/// Part of a resource type, spelt as its schemas spell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A whole extension, by its URN.
    Extension(String),
    /// An attribute with everything below it, or one of its sub-attributes.
    Attribute {
        /// The URN of the extension that holds it.
        container: Option<String>,
        /// The attribute.
        name: String,
        /// The sub-attribute.
        sub: Option<String>,
    },
}

/// Attributes that every resource shows (RFC 7643 §3.1).
const COMMON: [&str; 3] = ["id", "schemas", "meta"];

impl Part {
    /// The core attribute `name`.
    pub fn core(name: &str) -> Self {
        Self::Attribute { container: None, name: name.to_owned(), sub: None }
    }

    /// What `path` names in `rt`. An extension's attribute may stand without its URN when only
    /// one extension has it, as in a filter.
    pub fn find(rt: &ResourceType, path: &AttributePath) -> Option<Self> {
        if let Some(urn) = quirks::whole_extension(rt, path) {
            return Some(Self::Extension(urn.to_owned()));
        }
        let found = quirks::find(rt, path, &mut Tolerance::lenient()).ok().flatten()?;
        Some(Self::Attribute {
            container: found.container.map(str::to_owned),
            name: found.attribute.name.clone(),
            sub: found.sub.map(|sub| sub.name.clone()),
        })
    }

    /// Whether no resource of `rt` can be written or read without it.
    pub fn is_needed(&self, rt: &ResourceType) -> bool {
        let required = |all: &[Attribute], name: &str, sub: &Option<String>| {
            let attribute = all.iter().find(|one| one.name == name);
            attribute.is_some_and(|one| match sub {
                Some(sub) => one.sub(sub).is_some_and(|sub| sub.required),
                None => one.required,
            })
        };
        match self {
            Self::Extension(urn) => rt.extension(urn).is_some_and(|extension| extension.required),
            Self::Attribute { container: None, name, sub } => {
                COMMON.contains(&name.as_str()) || required(&rt.core.attributes, name, sub)
            }
            Self::Attribute { container: Some(urn), name, sub } => rt
                .extension(urn)
                .is_some_and(|extension| required(&extension.schema.attributes, name, sub)),
        }
    }
}

/// The type without `parts`. A complex attribute without sub-attributes left goes as a whole,
/// and so does an extension without attributes.
pub fn without(rt: &ResourceType, parts: &[Part]) -> ResourceType {
    let extension = |extension: &Extension| {
        let urn = &extension.schema.id;
        let whole =
            parts.iter().any(|part| matches!(part, Part::Extension(hidden) if hidden == urn));
        let left = remaining(&extension.schema.attributes, Some(urn), parts);
        let schema = Arc::new(Schema { attributes: left, ..Schema::clone(&extension.schema) });
        let gone = whole || schema.attributes.is_empty();
        (!gone).then_some(Extension { schema, required: extension.required })
    };
    let core = remaining(&rt.core.attributes, None, parts);
    ResourceType {
        core: Arc::new(Schema { attributes: core, ..Schema::clone(&rt.core) }),
        extensions: rt.extensions.iter().filter_map(extension).collect(),
        common: Arc::new(remaining(&rt.common, None, parts)),
        ..rt.clone()
    }
}

fn remaining(all: &[Attribute], home: Option<&String>, parts: &[Part]) -> Vec<Attribute> {
    let hidden = |name: &str, sub: Option<&str>| {
        parts.iter().any(|part| match part {
            Part::Extension(_) => false,
            Part::Attribute { container, name: named, sub: part } => {
                container.as_ref() == home && named == name && part.as_deref() == sub
            }
        })
    };
    let cut = |attribute: &Attribute| {
        let mut left = attribute.clone();
        left.sub_attributes.retain(|sub| !hidden(&attribute.name, Some(&sub.name)));
        let hollow = left.sub_attributes.is_empty() && !attribute.sub_attributes.is_empty();
        (!hollow && !hidden(&attribute.name, None)).then_some(left)
    };
    all.iter().filter_map(cut).collect()
}

/// Every path that `rt` knows, as it is best written, the whole extensions among them.
pub fn known(rt: &ResourceType) -> Vec<String> {
    let paths = |home: &str, all: &[Attribute]| -> Vec<String> {
        let of = |attribute: &Attribute| {
            let whole = format!("{home}{}", attribute.name);
            let subs = attribute.sub_attributes.iter().map(|sub| format!("{whole}.{}", sub.name));
            subs.chain([whole.clone()]).collect::<Vec<_>>()
        };
        all.iter().flat_map(of).collect()
    };
    let mut found = paths("", &rt.core.attributes);
    found.extend(paths("", &rt.common));
    for extension in &rt.extensions {
        let urn = &extension.schema.id;
        found.push(urn.clone());
        found.extend(paths(&format!("{urn}:"), &extension.schema.attributes));
    }
    found
}
