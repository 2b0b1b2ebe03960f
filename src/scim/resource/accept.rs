//! A POST or PUT body becomes a document (RFC 7644 §3.3, §3.5.1).

use serde_json::Map;
use serde_json::Value;

use crate::scim::compare;
use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::resource::finish;
use crate::scim::resource::value;
use crate::scim::schema::Attribute;
use crate::scim::schema::Mutability;
use crate::scim::schema::ResourceType;

/// What the body is for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// A new resource.
    Create,
    /// A resource instead of the present one.
    Replace {
        /// The present document.
        current: &'a Map<String, Value>,
        /// Whether everything that the body does not mention stays.
        merge: bool,
    },
}

/// Stays when a replacement does not mention it or calls it null: a PUT without `active` must
/// not switch a person on again who was switched off (decisions: PUT).
const STAYS: &str = "active";

/// Brings `body` into the canonical form of `rt`.
///
/// Read-only and derived attributes, `id` and `meta` are ignored; passwords are dropped and
/// noted. Relations stay in the result when the body mentions them, empty when it clears them.
///
/// Refuses with `invalidSyntax` what is no object, with `invalidValue` what does not fit the
/// schema or leaves out a required attribute, and with `mutability` a changed immutable value.
pub fn accept(
    rt: &ResourceType,
    body: Value,
    purpose: Purpose<'_>,
    tolerance: &mut Tolerance,
) -> Result<Map<String, Value>, Error> {
    let Value::Object(body) = body else {
        return Err(Error::new(ScimType::InvalidSyntax, "The body must be a JSON object."));
    };
    let mut given = Given::new(rt);
    for (key, value) in body {
        given.take(&key, value, tolerance)?;
    }
    given.check_schemas(tolerance)?;
    let mut document = match purpose {
        Purpose::Create => given.over(&Map::new(), false)?,
        Purpose::Replace { current, merge } => given.over(current, merge)?,
    };
    finish::finish(rt, &mut document)?;
    Ok(document)
}

/// What a body says, sorted by attribute. Null stands for an attribute that is cleared.
struct Given<'a> {
    rt: &'a ResourceType,
    schemas: Value,
    core: Map<String, Value>,
    /// One for each extension of the type.
    extensions: Vec<Sent>,
}

/// What a body says about an extension.
#[derive(Default)]
struct Sent {
    /// What stands under its URN; `None` when the URN does not occur.
    object: Option<Map<String, Value>>,
    /// Attributes that came without the URN.
    bare: Map<String, Value>,
}

impl Sent {
    fn is_full(&self) -> bool {
        self.object.as_ref().is_some_and(|object| object.values().any(|value| !value.is_null()))
    }
}

impl<'a> Given<'a> {
    fn new(rt: &'a ResourceType) -> Self {
        let extensions = rt.extensions.iter().map(|_| Sent::default()).collect();
        Self { rt, schemas: Value::Null, core: Map::new(), extensions }
    }

    /// Sorts one member of the body in.
    fn take(&mut self, key: &str, value: Value, tolerance: &mut Tolerance) -> Result<(), Error> {
        if key.eq_ignore_ascii_case("schemas") {
            self.schemas = value;
            return Ok(());
        }
        if let Some(attribute) = self.rt.core.attribute(key).or_else(|| self.rt.common(key)) {
            return put(&mut self.core, attribute, value, tolerance);
        }
        let mut extensions = self.rt.extensions.iter().zip(&mut self.extensions);
        let by_urn = extensions.find(|(ext, _)| ext.schema.id.eq_ignore_ascii_case(key));
        if let Some((extension, sent)) = by_urn {
            sent.object = Some(contents(&extension.schema.attributes, value, tolerance)?);
            return Ok(());
        }
        match value {
            Value::Object(inside) if self.rt.core.id.eq_ignore_ascii_case(key) => {
                self.take_core(inside, tolerance)
            }
            value => self.take_stray(key, value, tolerance),
        }
    }

    /// Core attributes inside an object under the base URN.
    fn take_core(
        &mut self,
        inside: Map<String, Value>,
        tolerance: &mut Tolerance,
    ) -> Result<(), Error> {
        let refusal = || Error::new(ScimType::InvalidSyntax, "Core attributes stand at the top.");
        tolerance.forgive(Quirk::QualifiedKey, "core attributes under their URN", refusal)?;
        self.core.append(&mut contents(
            &self.rt.core.attributes,
            Value::Object(inside),
            tolerance,
        )?);
        Ok(())
    }

    /// An extension's attribute without its URN, or a name that no schema has.
    fn take_stray(
        &mut self,
        key: &str,
        value: Value,
        tolerance: &mut Tolerance,
    ) -> Result<(), Error> {
        let says_nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let extensions = self.rt.extensions.iter().zip(&mut self.extensions);
        let home = extensions
            .filter_map(|(ext, sent)| Some((ext.schema.attribute(key)?, &mut sent.bare)))
            .next();
        match home {
            Some(_) if says_nothing && !tolerance.is_strict() => Ok(()),
            Some((attribute, bare)) => {
                let refusal = || {
                    let said = format!("`{}` belongs under the URN of its schema.", attribute.name);
                    Error::new(ScimType::InvalidSyntax, said)
                };
                tolerance.forgive(Quirk::BareExtensionName, &attribute.name, refusal)?;
                put(bare, attribute, value, tolerance)
            }
            None => {
                let refusal = || value::unknown("The resource");
                tolerance.forgive(Quirk::UnknownAttribute, value::shown(key), refusal)
            }
        }
    }

    /// The endpoint decides the type; what `schemas` says is only compared with it.
    fn check_schemas(&self, tolerance: &mut Tolerance) -> Result<(), Error> {
        let listed: Vec<&str> = match &self.schemas {
            Value::Array(list) => list.iter().map(|urn| urn.as_str().unwrap_or_default()).collect(),
            _ => {
                let refusal =
                    || schemas_refusal(ScimType::InvalidSyntax, "must be an array of URNs");
                return tolerance.forgive(Quirk::SchemasList, "schemas: missing", refusal);
            }
        };
        let lists = |urn: &str| listed.iter().any(|listed| listed.eq_ignore_ascii_case(urn));
        let is_known = |urn: &&str| {
            self.rt.core.id.eq_ignore_ascii_case(urn) || self.rt.extension(urn).is_some()
        };
        if !lists(&self.rt.core.id) {
            let refusal = || schemas_refusal(ScimType::InvalidValue, "must name the base schema");
            tolerance.forgive(Quirk::SchemasList, "schemas: without the base URN", refusal)?;
        }
        if !listed.iter().all(is_known) {
            let refusal = || schemas_refusal(ScimType::InvalidValue, "names a foreign schema");
            tolerance.forgive(Quirk::SchemasList, "schemas: a foreign URN", refusal)?;
        }
        let mut sent = self.rt.extensions.iter().zip(&self.extensions);
        if sent.any(|(ext, sent)| sent.is_full() && !lists(&ext.schema.id)) {
            let refusal = || schemas_refusal(ScimType::InvalidValue, "must name each extension");
            tolerance.forgive(
                Quirk::SchemasList,
                "schemas: without an extension's URN",
                refusal,
            )?;
        }
        Ok(())
    }

    /// Lays what is given over the present document; an empty one for a new resource.
    fn over(
        mut self,
        current: &Map<String, Value>,
        merge: bool,
    ) -> Result<Map<String, Value>, Error> {
        let mut document = Map::new();
        for attribute in self.rt.common.iter().chain(&self.rt.core.attributes) {
            let given = self.core.remove(&attribute.name);
            if let Some(value) = chosen(attribute, given, current.get(&attribute.name), merge)? {
                document.insert(attribute.name.clone(), value);
            }
        }
        for (extension, sent) in self.rt.extensions.iter().zip(self.extensions) {
            let Sent { object, mut bare } = sent;
            let schema = &extension.schema;
            let kept = current.get(&schema.id).and_then(Value::as_object);
            let merge = merge || object.is_none();
            let mut object = object.unwrap_or_default();
            let mut inside = Map::new();
            for attribute in &schema.attributes {
                let name = &attribute.name;
                let given = object.remove(name).or_else(|| bare.remove(name));
                let kept = kept.and_then(|kept| kept.get(name));
                let value = chosen(attribute, given, kept, merge)?;
                inside.extend(value.map(|value| (name.clone(), value)));
            }
            document.insert(schema.id.clone(), Value::Object(inside));
        }
        Ok(document)
    }
}

/// The attributes of an object under a URN; null clears all of them.
fn contents(
    attributes: &[Attribute],
    value: Value,
    tolerance: &mut Tolerance,
) -> Result<Map<String, Value>, Error> {
    let object = match value {
        Value::Null => {
            return Ok(attributes.iter().map(|one| (one.name.clone(), Value::Null)).collect());
        }
        Value::Array(list) if list.is_empty() => Map::new(),
        Value::Object(object) => object,
        _ => {
            let said = "What stands under the URN of a schema must be an object.";
            return Err(Error::new(ScimType::InvalidValue, said));
        }
    };
    let mut read = Map::new();
    for (key, value) in object {
        match attributes.iter().find(|one| one.name.eq_ignore_ascii_case(&key)) {
            Some(attribute) => put(&mut read, attribute, value, tolerance)?,
            None => {
                let refusal = || value::unknown("An extension");
                tolerance.forgive(Quirk::UnknownAttribute, value::shown(&key), refusal)?;
            }
        }
    }
    Ok(read)
}

/// Brings one attribute into form and notes it, unless it is not the client's to set.
fn put(
    into: &mut Map<String, Value>,
    attribute: &Attribute,
    given: Value,
    tolerance: &mut Tolerance,
) -> Result<(), Error> {
    if attribute.derived || attribute.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    if attribute.mutability == Mutability::WriteOnly {
        // Nothing that nobody may read is kept (USR-04, security.md ATT-03).
        if !given.is_null() {
            tolerance.note(Quirk::PasswordDropped, &attribute.name);
        }
        return Ok(());
    }
    let nothing = if attribute.relation { Value::Array(Vec::new()) } else { Value::Null };
    let read = value::value(attribute, given, tolerance)?.unwrap_or(nothing);
    into.insert(attribute.name.clone(), read);
    Ok(())
}

/// What an attribute is after the replacement: `given` or `kept`.
fn chosen(
    attribute: &Attribute,
    given: Option<Value>,
    kept: Option<&Value>,
    merge: bool,
) -> Result<Option<Value>, Error> {
    let fixed = matches!(attribute.mutability, Mutability::ReadOnly | Mutability::Immutable);
    match given {
        None if merge || fixed || attribute.name == STAYS => Ok(kept.cloned()),
        None => Ok(None),
        Some(Value::Null) if attribute.name == STAYS => Ok(kept.cloned()),
        Some(given) => {
            check_immutable(attribute, &given, kept)?;
            Ok(Some(given).filter(|given| !given.is_null()))
        }
    }
}

/// An immutable value that is there must be repeated as it is (RFC 7644 §3.5.1).
fn check_immutable(
    attribute: &Attribute,
    given: &Value,
    kept: Option<&Value>,
) -> Result<(), Error> {
    let Some(kept) = kept else { return Ok(()) };
    let changed = attribute.mutability == Mutability::Immutable && !same(attribute, given, kept);
    let part_changed = attribute.sub_attributes.iter().any(|sub| {
        let fixed = sub.mutability == Mutability::Immutable && !attribute.multi_valued;
        let kept = kept.get(&sub.name).filter(|_| fixed);
        kept.is_some_and(|kept| !same(sub, given.get(&sub.name).unwrap_or(&Value::Null), kept))
    });
    if changed || part_changed {
        let detail = format!("`{}` cannot be changed once it has a value.", attribute.name);
        return Err(Error::new(ScimType::Mutability, detail));
    }
    Ok(())
}

fn same(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) if !attribute.case_exact => {
            compare::fold(one) == compare::fold(other)
        }
        _ => one == other,
    }
}

fn schemas_refusal(kind: ScimType, what: &str) -> Error {
    Error::new(kind, format!("`schemas` {what}."))
}
