//! Attributes that are indexed: by what records are found, and how values become index bytes.

use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::scim::filter::operand::Sameness;
use crate::scim::schema::Attribute;
use crate::scim::schema::Type;
use crate::scim::schema::Uniqueness;
use crate::store::change::Unique;

/// An attribute that is indexed.
#[derive(Clone, Debug)]
pub struct IndexedField {
    /// Its number in the store.
    pub field: Field,
    /// The extension it lives in.
    pub container: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute, for complex attributes.
    pub sub: Option<String>,
    /// How values are brought into the form that is compared.
    pub form: Form,
    /// Whether a record may have several.
    pub multi_valued: bool,
    /// Within what values are unique.
    pub unique: Unique,
}

/// How a value becomes index bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text as it is.
    Exact,
    /// Text with letter case folded away.
    Folded,
    /// A user name (RFC 8265).
    UserName,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// An instant.
    DateTime,
}

impl Form {
    /// The form in which values of `attribute` are compared; a complex attribute has none.
    pub fn of(attribute: &Attribute) -> Option<Self> {
        match attribute.kind {
            Type::Boolean => Some(Self::Boolean),
            Type::Integer => Some(Self::Integer),
            Type::Decimal => Some(Self::Decimal),
            Type::DateTime => Some(Self::DateTime),
            Type::String | Type::Reference | Type::Binary => Some(match Sameness::of(attribute) {
                Sameness::Exact => Self::Exact,
                Sameness::Folded => Self::Folded,
                Sameness::UserName => Self::UserName,
                // Two spellings of one place differ in bytes: only a look at each tells.
                Sameness::Reference => return None,
            }),
            Type::Complex => None,
        }
    }
}

/// The fields of one attribute.
pub(super) fn indexed(
    kind: Kind,
    container: Option<&str>,
    attribute: &Attribute,
) -> Vec<IndexedField> {
    if attribute.relation || attribute.derived {
        return Vec::new();
    }
    let whole = Some((attribute, None)).filter(|_| attribute.kind != Type::Complex);
    let parts = attribute.sub_attributes.iter().map(|sub| (sub, Some(sub.name.clone())));
    whole
        .into_iter()
        .chain(parts)
        .filter(|(one, _)| one.indexed || one.uniqueness != Uniqueness::None)
        .filter_map(|(one, sub)| {
            let path = path_of(container, &attribute.name, sub.as_deref());
            Some(IndexedField {
                field: Field::of(kind, &path),
                container: container.map(str::to_owned),
                name: attribute.name.clone(),
                form: Form::of(one)?,
                multi_valued: attribute.multi_valued,
                unique: unique(attribute, one),
                sub,
            })
        })
        .collect()
}

fn path_of(container: Option<&str>, name: &str, sub: Option<&str>) -> String {
    let mut path = container.map(|urn| format!("{urn}:")).unwrap_or_default();
    path.push_str(name);
    if let Some(sub) = sub {
        path.push('.');
        path.push_str(sub);
    }
    path.to_lowercase()
}

/// `externalId` is unique per connection (decisions, "Tenancy"); it is a common attribute, whose
/// schema has no word for that.
fn unique(attribute: &Attribute, one: &Attribute) -> Unique {
    if attribute.name == "externalId" {
        return Unique::Partition;
    }
    match one.uniqueness {
        Uniqueness::None => Unique::No,
        Uniqueness::Server => Unique::Organization,
        Uniqueness::Global => Unique::Network,
    }
}
