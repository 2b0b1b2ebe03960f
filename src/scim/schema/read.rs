//! Reads schema and resource type files. A fault names the file and the key in it.

use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use crate::scim::path::is_name;
use crate::scim::schema::Attribute;
use crate::scim::schema::Catalogue;
use crate::scim::schema::Extension;
use crate::scim::schema::Mutability;
use crate::scim::schema::ResourceType;
use crate::scim::schema::Returned;
use crate::scim::schema::Schema;
use crate::scim::schema::Type;
use crate::scim::schema::Uniqueness;
use crate::scim::schema::place::Place;
use crate::scim::schema::place::SchemaError;

const SCHEMAS: [(&str, &str); 15] = [
    ("user.json", include_str!("../../../schemas/scim/user.json")),
    ("enterprise-user.json", include_str!("../../../schemas/scim/enterprise-user.json")),
    ("group.json", include_str!("../../../schemas/scim/group.json")),
    ("wardgate-compact.json", include_str!("../../../schemas/scim/wardgate-compact.json")),
    ("wardgate-user.json", include_str!("../../../schemas/scim/wardgate-user.json")),
    ("wardgate-group.json", include_str!("../../../schemas/scim/wardgate-group.json")),
    ("organization.json", include_str!("../../../schemas/scim/organization.json")),
    ("site.json", include_str!("../../../schemas/scim/site.json")),
    ("room-system.json", include_str!("../../../schemas/scim/room-system.json")),
    ("delegation.json", include_str!("../../../schemas/scim/delegation.json")),
    ("provider.json", include_str!("../../../schemas/scim/provider.json")),
    ("pool.json", include_str!("../../../schemas/scim/pool.json")),
    (
        "service-provider-config.json",
        include_str!("../../../schemas/scim/service-provider-config.json"),
    ),
    ("resource-type.json", include_str!("../../../schemas/scim/resource-type.json")),
    ("schema.json", include_str!("../../../schemas/scim/schema.json")),
];
const TYPES: [(&str, &str); 1] = [("types.json", include_str!("../../../schemas/scim/types.json"))];
const COMMON: (&str, &str) = ("common.json", include_str!("../../../schemas/scim/common.json"));

/// The schema of schemas: the only one that nests complex attributes (EID 8415).
const SCHEMA_OF_SCHEMAS: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// Protocol messages are not schemas of resources (DSC-18).
const MESSAGES: &str = "urn:ietf:params:scim:api:";
/// Endpoints that mean something else (RFC 7644 §3.2).
const TAKEN: [&str; 5] = ["/Bulk", "/Me", "/ResourceTypes", "/Schemas", "/ServiceProviderConfig"];
/// Our own keys inside attributes, which are not served.
const OWN: [&str; 4] = ["indexed", "precis", "relation", "derived"];

impl Catalogue {
    /// What Wardgate always serves: people, groups, and the health network around them.
    pub fn built_in() -> Result<Self, SchemaError> {
        Self::read(&[], &[])
    }

    /// What Wardgate always serves, and what more files bring. Every file is `(name, text)`; a
    /// file of resource types holds one or a list of them.
    pub fn read(schemas: &[(&str, &str)], types: &[(&str, &str)]) -> Result<Self, SchemaError> {
        let common = Arc::new(attributes(&Place::file(COMMON.0), &parse(COMMON)?, false)?);
        let mut catalogue = Self::default();
        for file in SCHEMAS.iter().chain(schemas) {
            let place = Place::file(file.0);
            let schema = schema(&place, parse(*file)?)?;
            if catalogue.schema(&schema.id).is_some() {
                return Err(place.key("id").fault("another file has this schema"));
            }
            catalogue.schemas.push(Arc::new(schema));
        }
        for file in TYPES.iter().chain(types) {
            let many = match parse(*file)? {
                Value::Array(many) => many,
                one => vec![one],
            };
            for (turn, one) in many.into_iter().enumerate() {
                let place = Place::file(file.0).key(&format!("[{turn}]"));
                let rt = resource_type(&place, one, &catalogue, &common)?;
                catalogue.types.push(Arc::new(rt));
            }
        }
        Ok(catalogue)
    }
}

fn parse((file, text): (&str, &str)) -> Result<Value, SchemaError> {
    crate::scim::json::read(text.as_bytes())
        .map_err(|error| Place::file(file).fault(error.to_string()))
}

fn schema(place: &Place<'_>, mut document: Value) -> Result<Schema, SchemaError> {
    let id = place.text(&document, "id")?.to_owned();
    let odd = |byte: u8| !byte.is_ascii_graphic() || b"[]()\"\\".contains(&byte);
    if !id.starts_with("urn:") || id.bytes().any(odd) || id.starts_with(MESSAGES) {
        return Err(place.key("id").fault("must be the URN of a schema of resources"));
    }
    let name = document.get("name").and_then(Value::as_str).unwrap_or(&id).to_owned();
    let attributes = attributes(place, &document, id == SCHEMA_OF_SCHEMAS)?;
    dress(&mut document, &id, "Schema", "/Schemas/");
    if let Some(list) = document.get_mut("attributes").and_then(Value::as_array_mut) {
        list.iter_mut().for_each(show);
    }
    Ok(Schema { id, name, attributes, document })
}

/// The attributes of a schema or the sub-attributes of an attribute.
fn attributes(
    place: &Place<'_>,
    holder: &Value,
    nested: bool,
) -> Result<Vec<Attribute>, SchemaError> {
    let inside = place.key.contains("attributes.");
    let key = if inside { "subAttributes" } else { "attributes" };
    let place = place.key(key);
    let list = holder.get(key).and_then(Value::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| place.fault("must be a list that is not empty"))?;
    let mut read: Vec<Attribute> = Vec::with_capacity(list.len());
    for (turn, one) in list.iter().enumerate() {
        let name = place.key(&format!("[{turn}]")).text(one, "name")?;
        let place = place.key(name);
        if name != "$ref" && (name.starts_with('$') || !is_name(name)) {
            return Err(place.fault("the name must be a letter, then letters, digits, - _ $"));
        }
        if read.iter().any(|other| other.name.eq_ignore_ascii_case(name)) {
            return Err(place.fault("the name occurs twice"));
        }
        read.push(attribute(&place, name, one, (inside, nested))?);
    }
    Ok(read)
}

/// `inside` a complex attribute no other may be, unless `nested`.
fn attribute(
    place: &Place<'_>,
    name: &str,
    given: &Value,
    (inside, nested): (bool, bool),
) -> Result<Attribute, SchemaError> {
    let kind = place.word(given, "type", &TYPE_WORDS)?;
    let complex = kind == Type::Complex;
    if complex && inside && !nested {
        return Err(place.key("type").fault("a complex attribute cannot hold a complex one"));
    }
    if !complex && given.get("subAttributes").is_some() {
        return Err(place.key("subAttributes").fault("only a complex attribute has these"));
    }
    if kind != Type::Reference && given.get("referenceTypes").is_some() {
        return Err(place.key("referenceTypes").fault("only a reference has these"));
    }
    let read = Attribute {
        name: name.to_owned(),
        kind,
        multi_valued: place.flag(given, "multiValued")?,
        required: place.flag(given, "required")?,
        canonical_values: place.texts(given, "canonicalValues")?,
        reference_types: place.texts(given, "referenceTypes")?,
        case_exact: place.flag(given, "caseExact")?,
        mutability: place.word(given, "mutability", &MUTABILITY_WORDS)?,
        returned: place.word(given, "returned", &RETURNED_WORDS)?,
        uniqueness: place.word(given, "uniqueness", &UNIQUENESS_WORDS)?,
        sub_attributes: if complex { attributes(place, given, nested)? } else { Vec::new() },
        indexed: place.flag(given, "indexed")?,
        precis: place.flag(given, "precis")?,
        relation: place.flag(given, "relation")?,
        derived: place.flag(given, "derived")?,
    };
    if read.relation && !(complex && read.multi_valued && read.sub("value").is_some()) {
        let fault = "only a multi-valued complex attribute with a `value` can be a relation";
        return Err(place.key("relation").fault(fault));
    }
    if read.precis && kind != Type::String {
        return Err(place.key("precis").fault("only a string can be a user name"));
    }
    Ok(read)
}

const TYPE_WORDS: [(&str, Type); 8] = [
    ("string", Type::String),
    ("boolean", Type::Boolean),
    ("decimal", Type::Decimal),
    ("integer", Type::Integer),
    ("dateTime", Type::DateTime),
    ("binary", Type::Binary),
    ("reference", Type::Reference),
    ("complex", Type::Complex),
];
const MUTABILITY_WORDS: [(&str, Mutability); 4] = [
    ("readWrite", Mutability::ReadWrite),
    ("readOnly", Mutability::ReadOnly),
    ("immutable", Mutability::Immutable),
    ("writeOnly", Mutability::WriteOnly),
];
const RETURNED_WORDS: [(&str, Returned); 4] = [
    ("default", Returned::Default),
    ("always", Returned::Always),
    ("never", Returned::Never),
    ("request", Returned::Request),
];
const UNIQUENESS_WORDS: [(&str, Uniqueness); 3] =
    [("none", Uniqueness::None), ("server", Uniqueness::Server), ("global", Uniqueness::Global)];

/// Gives a document what every resource has, where the file left it out (EID 8417).
fn dress(document: &mut Value, id: &str, name: &str, under: &str) {
    if let Some(object) = document.as_object_mut() {
        let urn = format!("urn:ietf:params:scim:schemas:core:2.0:{name}");
        object.insert("schemas".to_owned(), json!([urn]));
        object.insert("id".to_owned(), json!(id));
        let meta = json!({"resourceType": name, "location": format!("{under}{id}")});
        object.insert("meta".to_owned(), meta);
    }
}

/// Makes an attribute fit to be served: every characteristic, none of our own keys. Complex
/// attributes carry no uniqueness (EID 6004).
fn show(attribute: &mut Value) {
    let Some(object) = attribute.as_object_mut() else { return };
    OWN.iter().for_each(|own| drop(object.shift_remove(*own)));
    let complex = object.get("type").is_some_and(|kind| kind == "complex");
    let defaults = [
        ("type", json!("string")),
        ("multiValued", json!(false)),
        ("required", json!(false)),
        ("caseExact", json!(false)),
        ("mutability", json!("readWrite")),
        ("returned", json!("default")),
        ("uniqueness", json!("none")),
    ];
    for (key, default) in defaults {
        if key != "uniqueness" || !complex {
            object.entry(key).or_insert(default);
        }
    }
    if complex {
        object.shift_remove("uniqueness");
    }
    if let Some(subs) = object.get_mut("subAttributes").and_then(Value::as_array_mut) {
        subs.iter_mut().for_each(show);
    }
}

fn resource_type(
    place: &Place<'_>,
    mut document: Value,
    catalogue: &Catalogue,
    common: &Arc<Vec<Attribute>>,
) -> Result<ResourceType, SchemaError> {
    let name = place.text(&document, "name")?.to_owned();
    if !is_name(&name) || catalogue.types.iter().any(|rt| rt.name.eq_ignore_ascii_case(&name)) {
        return Err(place.key("name").fault("must be a name that no other resource type has"));
    }
    let endpoint = place.text(&document, "endpoint")?.to_owned();
    check_endpoint(place, &endpoint, catalogue)?;
    let core = named(place, "schema", &document, catalogue)?;
    if let Some(taken) = core.attributes.iter().find(|one| is_common(common, &one.name)) {
        let fault =
            format!("the schema's `{}` is an attribute that all resources have", taken.name);
        return Err(place.key("schema").fault(fault));
    }
    let extensions = extensions(&place.key("schemaExtensions"), &document, catalogue)?;
    dress(&mut document, &name, "ResourceType", "/ResourceTypes/");
    Ok(ResourceType { name, endpoint, core, extensions, common: Arc::clone(common), document })
}

fn is_common(common: &[Attribute], name: &str) -> bool {
    common.iter().any(|one| one.name.eq_ignore_ascii_case(name))
}

fn check_endpoint(
    place: &Place<'_>,
    endpoint: &str,
    catalogue: &Catalogue,
) -> Result<(), SchemaError> {
    let place = place.key("endpoint");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let word = endpoint.strip_prefix('/').filter(|word| !word.is_empty());
    if !word.is_some_and(|word| word.bytes().all(plain)) {
        return Err(place.fault("must be a slash and one word of letters, digits, - and _"));
    }
    let taken = |other: &str| other.eq_ignore_ascii_case(endpoint);
    if TAKEN.into_iter().any(taken) || catalogue.types.iter().any(|rt| taken(&rt.endpoint)) {
        return Err(place.fault("something else is served there"));
    }
    Ok(())
}

fn extensions(
    place: &Place<'_>,
    document: &Value,
    catalogue: &Catalogue,
) -> Result<Vec<Extension>, SchemaError> {
    let list = match document.get("schemaExtensions") {
        None => return Ok(Vec::new()),
        Some(list) => list.as_array().ok_or_else(|| place.fault("must be a list"))?,
    };
    let mut read: Vec<Extension> = Vec::with_capacity(list.len());
    for (turn, one) in list.iter().enumerate() {
        let place = place.key(&format!("[{turn}]"));
        let schema = named(&place, "schema", one, catalogue)?;
        if read.iter().any(|other| other.schema.id == schema.id) {
            return Err(place.key("schema").fault("the extension occurs twice"));
        }
        read.push(Extension { schema, required: place.flag(one, "required")? });
    }
    Ok(read)
}

fn named(
    place: &Place<'_>,
    key: &str,
    holder: &Value,
    catalogue: &Catalogue,
) -> Result<Arc<Schema>, SchemaError> {
    let schema = catalogue.schema(place.text(holder, key)?);
    schema.cloned().ok_or_else(|| place.key(key).fault("no file has this schema"))
}

#[cfg(test)]
mod tests;
