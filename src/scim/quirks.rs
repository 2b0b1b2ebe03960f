//! What known clients do wrong, forgiven in one room.
//!
//! Every quirk is named, says which client has it, and has a fixture under
//! `tests/fixtures/`. Nothing else in the house is tolerant: parsers ask here, and a strict
//! connection gets the refusal that the RFC asks for.

use serde_json::Map;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::path::AttributePath;
use crate::scim::schema::Attribute;
use crate::scim::schema::Found;
use crate::scim::schema::ResourceType;
use crate::scim::schema::Type;

/// An oddity that we know how to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quirk {
    /// Entra classic: `op` in capitals.
    OpLetterCase,
    /// Entra, OneLogin, Keycloak: `"True"` for a boolean, a number for a string.
    CoercedValue,
    /// OneLogin: one object where the schema has an array.
    SingleForMany,
    /// Entra: `[{"value": x}]` or a one-element array where the schema has one value.
    ManyForSingle,
    /// Entra: `manager` as plain text instead of an object.
    TextForComplex,
    /// Entra, OneLogin, midPoint: `schemas` missing, misspelt or of SCIM 1.1.
    SchemasList,
    /// Any: an attribute that no schema knows.
    UnknownAttribute,
    /// Entra flag form, Okta: a PATCH operation without path. The RFC allows it, so it is counted
    /// and never refused.
    PathlessPatch,
    /// Entra flag form: dotted or URN-qualified keys inside a pathless value; read alike in the
    /// body of a POST or PUT.
    QualifiedKey,
    /// Entra, authentik: `remove members` with a list in `value`.
    RemoveWithValue,
    /// Keycloak: `remove members` without a value, meaning all.
    RemoveAllMembers,
    /// Entra: add or replace on a value filter that matches nothing.
    CreatedByFilter,
    /// authentik, Entra sample: an unquoted literal in a filter.
    UnquotedLiteral,
    /// JumpCloud-like clients: `email.value` for `emails.value`.
    AttributeAlias,
    /// Okta: a read-only attribute inside a pathless value.
    ReadOnlyInValue,
    /// Entra: an enterprise attribute named without its URN.
    BareExtensionName,
    /// Any: a password that we accept and drop.
    PasswordDropped,
    /// Entra: JSON text inside `roles[].value`.
    JsonInText,
    /// Entra: an empty text or object that clears a complex attribute.
    EmptyForNull,
    /// Any: `remove` with a value filter that matches nothing.
    RemoveNothing,
    /// OneLogin, Keycloak, Entra: a doubled slash after the base, or a slash at the end of a path.
    OddSlash,
    /// Okta's header mode, PingOne: a token without the word `Bearer` before it.
    BareToken,
}

impl Quirk {
    /// Every quirk, in the order of the list above.
    pub const ALL: [Self; 22] = [
        Self::OpLetterCase,
        Self::CoercedValue,
        Self::SingleForMany,
        Self::ManyForSingle,
        Self::TextForComplex,
        Self::SchemasList,
        Self::UnknownAttribute,
        Self::PathlessPatch,
        Self::QualifiedKey,
        Self::RemoveWithValue,
        Self::RemoveAllMembers,
        Self::CreatedByFilter,
        Self::UnquotedLiteral,
        Self::AttributeAlias,
        Self::ReadOnlyInValue,
        Self::BareExtensionName,
        Self::PasswordDropped,
        Self::JsonInText,
        Self::EmptyForNull,
        Self::RemoveNothing,
        Self::OddSlash,
        Self::BareToken,
    ];

    /// The name on the wire, in metrics and in settings; never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpLetterCase => "op-letter-case",
            Self::CoercedValue => "coerced-value",
            Self::SingleForMany => "single-for-many",
            Self::ManyForSingle => "many-for-single",
            Self::TextForComplex => "text-for-complex",
            Self::SchemasList => "schemas-list",
            Self::UnknownAttribute => "unknown-attribute",
            Self::PathlessPatch => "pathless-patch",
            Self::QualifiedKey => "qualified-key",
            Self::RemoveWithValue => "remove-with-value",
            Self::RemoveAllMembers => "remove-all-members",
            Self::CreatedByFilter => "created-by-filter",
            Self::UnquotedLiteral => "unquoted-literal",
            Self::AttributeAlias => "attribute-alias",
            Self::ReadOnlyInValue => "read-only-in-value",
            Self::BareExtensionName => "bare-extension-name",
            Self::PasswordDropped => "password-dropped",
            Self::JsonInText => "json-in-text",
            Self::EmptyForNull => "empty-for-null",
            Self::RemoveNothing => "remove-nothing",
            Self::OddSlash => "odd-slash",
            Self::BareToken => "bare-token",
        }
    }

    /// The client that is known for it; `any` when it is common.
    pub const fn client(self) -> &'static str {
        match self {
            Self::OpLetterCase => "Entra",
            Self::CoercedValue => "Entra, OneLogin, Keycloak",
            Self::SingleForMany => "OneLogin",
            Self::ManyForSingle => "Entra",
            Self::TextForComplex => "Entra",
            Self::SchemasList => "Entra, OneLogin, midPoint",
            Self::UnknownAttribute => "any",
            Self::PathlessPatch => "Okta, Entra",
            Self::QualifiedKey => "Entra",
            Self::RemoveWithValue => "Entra, authentik, JumpCloud",
            Self::RemoveAllMembers => "Keycloak",
            Self::CreatedByFilter => "Entra",
            Self::UnquotedLiteral => "authentik, Entra",
            Self::AttributeAlias => "JumpCloud",
            Self::ReadOnlyInValue => "Okta, authentik",
            Self::BareExtensionName => "Entra",
            Self::PasswordDropped => "Okta",
            Self::JsonInText => "Entra",
            Self::EmptyForNull => "Entra",
            Self::RemoveNothing => "any",
            Self::OddSlash => "OneLogin, Keycloak, Entra",
            Self::BareToken => "Okta, PingOne",
        }
    }
}

/// One tolerated oddity, for the counter of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// Which quirk.
    pub quirk: Quirk,
    /// The shape that was seen: attribute names and kinds of values, never values.
    pub example: String,
}

/// How forgiving the present request is, and what was forgiven.
#[derive(Clone, Debug, Default)]
pub struct Tolerance {
    strict: bool,
    unpacks: bool,
    seen: Vec<Oddity>,
}

impl Tolerance {
    /// The default: forgive what has a name, and count it.
    pub fn lenient() -> Self {
        Self::default()
    }

    /// Forgive nothing.
    pub fn strict() -> Self {
        Self { strict: true, ..Self::default() }
    }

    /// Forgives `quirk`, or refuses with `error` when strict.
    pub fn forgive(
        &mut self,
        quirk: Quirk,
        example: impl Into<String>,
        error: impl FnOnce() -> Error,
    ) -> Result<(), Error> {
        if self.strict {
            return Err(error());
        }
        self.note(quirk, example);
        Ok(())
    }

    /// Counts an oddity that even a strict connection may send.
    pub fn note(&mut self, quirk: Quirk, example: impl Into<String>) {
        self.seen.push(Oddity { quirk, example: example.into() });
    }

    /// Whether JSON text inside a value is unpacked (8A 63), as a connection may ask.
    pub fn unpacking(mut self, unpacks: bool) -> Self {
        self.unpacks = unpacks;
        self
    }

    /// Whether JSON text inside a value is unpacked.
    pub fn unpacks(&self) -> bool {
        self.unpacks
    }

    /// Whether nothing is forgiven.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// What was forgiven so far; leaves nothing behind.
    pub fn take_seen(&mut self) -> Vec<Oddity> {
        std::mem::take(&mut self.seen)
    }
}

/// Entra's role assignments: JSON text with `value` and `displayName` inside `value` becomes
/// what it says. Text that is something else stays as it is.
pub fn unpack_json_text(element: &mut Map<String, Value>) {
    let inner = element.get("value").and_then(Value::as_str);
    let inner = inner.and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
    let Some(inner) = inner else { return };
    let text = |name: &str| inner.get(name).filter(|value| value.is_string()).cloned();
    let Some(value) = text("value") else { return };
    element.insert("value".to_owned(), value);
    if let Some(display) = text("displayName").filter(|_| !element.contains_key("display")) {
        element.insert("display".to_owned(), display);
    }
}

/// `true` or `false` in any letter case, and nothing else (ATT-04).
pub fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Null or an empty text.
pub fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Whether `value` leaves `attribute` unassigned: null, and for a single complex attribute also an
/// empty text or list, or, when it has a sub-attribute `value`, an object that is empty or whose
/// `value` is blank.
pub fn clears(
    attribute: &Attribute,
    value: &Value,
    tolerance: &mut Tolerance,
) -> Result<bool, Error> {
    if value.is_null() {
        return Ok(true);
    }
    if attribute.kind != Type::Complex || attribute.multi_valued {
        return Ok(false);
    }
    let single = match value {
        Value::Array(elements) if elements.len() == 1 => elements.first().unwrap_or(value),
        other => other,
    };
    let empty = match single {
        Value::Array(elements) => elements.is_empty(),
        Value::Object(parts) => {
            let mut parts = parts.iter();
            let blank = |(name, value): (&String, &Value)| {
                name.eq_ignore_ascii_case("value") && is_blank(value)
            };
            attribute.sub("value").is_some() && (parts.len() == 0 || parts.any(blank))
        }
        other => is_blank(other),
    };
    if empty {
        tolerance.forgive(Quirk::EmptyForNull, attribute.name.as_str(), || {
            let what = format!("{} is an object; use remove to clear it", attribute.name);
            Error::new(ScimType::InvalidValue, what)
        })?;
    }
    Ok(empty)
}

/// `email.value` becomes `emails.value`; a strict connection keeps what it wrote.
pub fn rename_alias(mut path: AttributePath, tolerance: &mut Tolerance) -> AttributePath {
    let sub = path.sub.as_deref().unwrap_or_default();
    let alias = path.urn.is_none()
        && path.name.eq_ignore_ascii_case("email")
        && sub.eq_ignore_ascii_case("value");
    if alias && !tolerance.is_strict() {
        tolerance.note(Quirk::AttributeAlias, "email.value");
        path.name = "emails".to_owned();
    }
    path
}

/// [`ResourceType::find`]; an extension attribute may stand without its URN when only one
/// extension has it.
pub fn find<'a>(
    rt: &'a ResourceType,
    path: &AttributePath,
    tolerance: &mut Tolerance,
) -> Result<Option<Found<'a>>, Error> {
    if let Some(found) = rt.find(path) {
        return Ok(Some(found));
    }
    if path.urn.is_some() {
        return Ok(None);
    }
    let mut bare = rt.extensions.iter().filter_map(|extension| {
        let path = AttributePath { urn: Some(extension.schema.id.clone()), ..path.clone() };
        rt.find(&path)
    });
    let (Some(found), None) = (bare.next(), bare.next()) else { return Ok(None) };
    tolerance.forgive(Quirk::BareExtensionName, found.attribute.name.as_str(), || {
        Error::new(ScimType::InvalidPath, "write the extension's URN before the attribute")
    })?;
    Ok(Some(found))
}

/// The URN of the extension that `path` names as a whole, spelt as its schema spells it.
pub fn whole_extension<'a>(rt: &'a ResourceType, path: &AttributePath) -> Option<&'a str> {
    let urn = path.urn.as_deref()?;
    let whole = match path.sub.as_deref() {
        _ if path.name.is_empty() => urn.to_owned(),
        None => format!("{urn}:{}", path.name),
        Some(sub) => format!("{urn}:{}.{sub}", path.name),
    };
    rt.extension(&whole).map(|extension| extension.schema.id.as_str())
}

/// The sub-attribute that a complex attribute stands for when none is named: its `value`
/// (FLT-45; `manager eq "x"`, `members eq "x"`).
pub fn standing_for_value(attribute: &Attribute) -> Option<&Attribute> {
    if attribute.kind == Type::Complex { attribute.sub("value") } else { None }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every fixture file holds a list of requests: who sends it, which quirks it shows, what it
    /// looks like.
    fn fixtures() -> Vec<Value> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/clients");
        let files = std::fs::read_dir(folder).unwrap();
        let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        texts.flat_map(|text| serde_json::from_str::<Vec<Value>>(&text).unwrap()).collect()
    }

    #[test]
    fn every_quirk_has_a_fixture_and_every_fixture_a_quirk() {
        let mut shown = BTreeSet::new();
        for fixture in fixtures() {
            for key in ["client", "method", "path"] {
                assert!(fixture[key].is_string(), "{fixture}: {key}");
            }
            let names = fixture["quirks"].as_array().unwrap();
            shown.extend(names.iter().map(|name| name.as_str().unwrap().to_owned()));
        }
        let known: BTreeSet<String> =
            Quirk::ALL.iter().map(|quirk| quirk.name().to_owned()).collect();
        assert_eq!(known.len(), Quirk::ALL.len(), "two quirks share a name");
        assert_eq!(shown, known);
    }

    #[test]
    fn att04_only_true_and_false_are_booleans() {
        assert_eq!(["True", "false", "FALSE"].map(boolean), [Some(true), Some(false), Some(false)]);
        for other in ["", "0", "1", "no", "yes", "tru", " true"] {
            assert_eq!(boolean(other), None, "{other}");
        }
    }
}
