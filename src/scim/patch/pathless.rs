//! Operations without a path: the value's keys name what changes (RFC 7644 §3.5.2.1, §3.5.2.3).
//!
//! Keys may be plain names, extension URNs with an object, and, from known clients, dotted names,
//! full attribute URNs, or the URN of the base schema.

use serde_json::Map;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::patch::Act;
use crate::scim::patch::apply::Editor;
use crate::scim::patch::apply::set;
use crate::scim::patch::target::Path;
use crate::scim::patch::target::Target;
use crate::scim::path::AttributePath;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Extension;
use crate::scim::schema::Mutability;

/// Whether what is given is added or replaces.
#[derive(Clone, Copy)]
enum Manner {
    Add,
    Replace,
}

impl Manner {
    fn act(self, value: Value) -> Act {
        match self {
            Self::Add => Act::Add(value),
            Self::Replace => Act::Replace(value),
        }
    }
}

impl Editor<'_, '_> {
    /// An operation without a path.
    pub(super) fn pathless(&mut self, act: Act) -> Result<(), Error> {
        self.tolerance.note(Quirk::PathlessPatch, "an operation without path");
        self.resource(act)
    }

    /// An operation on the resource itself.
    pub(super) fn resource(&mut self, act: Act) -> Result<(), Error> {
        let (manner, value) = match act {
            Act::Add(value) => (Manner::Add, value),
            Act::Replace(value) => (Manner::Replace, value),
            Act::Remove(_) => {
                return Err(Error::new(
                    ScimType::NoTarget,
                    "`remove` needs the path of an attribute",
                ));
            }
        };
        match value {
            Value::Object(parts) if !parts.is_empty() => self.parts(manner, parts),
            _ => {
                let what = "without a path, `value` is an object that names attributes";
                Err(Error::new(ScimType::InvalidValue, what))
            }
        }
    }

    fn parts(&mut self, manner: Manner, parts: Map<String, Value>) -> Result<(), Error> {
        for (key, value) in parts {
            self.part(manner, &key, value)?;
        }
        Ok(())
    }

    fn part(&mut self, manner: Manner, key: &str, value: Value) -> Result<(), Error> {
        if key.eq_ignore_ascii_case("schemas") {
            return Ok(());
        }
        if key.eq_ignore_ascii_case(&self.rt.core.id)
            && let Value::Object(parts) = value
        {
            qualified(self.tolerance, "the URN of the base schema")?;
            return self.parts(manner, parts);
        }
        if let Some(extension) = self.rt.extension(key) {
            return self.extension(extension, manner.act(value));
        }
        let Some(path) = key_path(key) else { return self.unknown(key) };
        self.keyed(path, key, manner.act(value))
    }

    /// An operation on a whole extension (PAT-23, PAT-37).
    pub(super) fn extension(&mut self, extension: &Extension, act: Act) -> Result<(), Error> {
        let (manner, value) = match act {
            Act::Remove(_) => return self.remove_extension(extension),
            Act::Replace(Value::Null) => return self.remove_extension(extension),
            Act::Add(Value::Null) => return Ok(()),
            Act::Add(value) => (Manner::Add, value),
            Act::Replace(value) => (Manner::Replace, value),
        };
        let Value::Object(parts) = value else {
            let what = "the value of an extension is an object";
            return Err(Error::new(ScimType::InvalidValue, what));
        };
        for (key, value) in parts {
            match key_path(&key) {
                Some(mut path) if path.attribute.urn.is_none() => {
                    path.attribute.urn = Some(extension.schema.id.clone());
                    self.keyed(path, &key, manner.act(value))?;
                }
                _ => self.unknown(&key)?,
            }
        }
        Ok(())
    }

    /// Removes what clients may remove of an extension.
    fn remove_extension(&mut self, extension: &Extension) -> Result<(), Error> {
        let writable =
            extension.schema.attributes.iter().filter(|attribute| {
                attribute.mutability != Mutability::ReadOnly && !attribute.derived
            });
        let urn = &extension.schema.id;
        let Some(Value::Object(mut container)) = self.document.get_mut(urn).map(std::mem::take)
        else {
            return Ok(());
        };
        for attribute in writable {
            let gone = container.shift_remove(&attribute.name);
            let kept = attribute.required || attribute.mutability == Mutability::Immutable;
            if gone.is_some() && kept {
                let what = format!("{} cannot be removed", attribute.name);
                return Err(Error::new(ScimType::Mutability, what));
            }
        }
        let rest = (!container.is_empty()).then_some(Value::Object(container));
        set(&mut self.document, urn, rest);
        Ok(())
    }

    /// What `key` of an object asks for.
    fn keyed(&mut self, path: Path, key: &str, act: Act) -> Result<(), Error> {
        let rt = self.rt;
        let spot = match path.locate(rt, self.tolerance) {
            Ok(Target::Spot(spot)) => spot,
            _ => return self.unknown(key),
        };
        if spot.is_read_only() {
            let name = spot.leaf().name.as_str();
            return self.tolerance.forgive(Quirk::ReadOnlyInValue, name, || {
                Error::new(ScimType::Mutability, format!("{name} is read-only; leave it out"))
            });
        }
        if key.contains([':', '.', '[']) {
            qualified(self.tolerance, &spot.leaf().name)?;
        }
        self.change(spot, act)
    }

    fn unknown(&mut self, key: &str) -> Result<(), Error> {
        let plain = key.len() <= 64 && AttributePath::parse(key).is_some();
        let example = if plain { key } else { "a key that is no attribute name" };
        self.tolerance.forgive(Quirk::UnknownAttribute, example, || {
            let what = "`value` names an attribute that this resource type does not have";
            Error::new(ScimType::InvalidSyntax, what)
        })
    }
}

/// The path that a key spells. What is wrong with a key makes it unknown, not wrong.
fn key_path(key: &str) -> Option<Path> {
    Path::parse(key, &mut Tolerance::lenient()).ok()
}

fn qualified(tolerance: &mut Tolerance, example: &str) -> Result<(), Error> {
    tolerance.forgive(Quirk::QualifiedKey, example, || {
        let what = "name attributes in `value` plainly, or use `path`";
        Error::new(ScimType::InvalidPath, what)
    })
}
