//! What can be wrong with a SCIM request (RFC 7644 §3.12, table 9).

/// A refusal: what kind, and a sentence that says what to mend without repeating the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    /// The registered keyword of the failure.
    pub kind: ScimType,
    /// For people: where it is wrong and what to do. Never contains the input.
    pub detail: String,
}

impl Error {
    /// A refusal of `kind`, explained by `detail`.
    pub fn new(kind: ScimType, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// The `scimType` keywords of RFC 7644 §3.12 and RFC 9865 §2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter breaks the grammar or does not fit the attribute.
    InvalidFilter,
    /// The query yields more than can be served.
    TooMany,
    /// A unique value is taken.
    Uniqueness,
    /// The attribute may not be changed.
    Mutability,
    /// The body breaks JSON or the message schema.
    InvalidSyntax,
    /// The path breaks the grammar or names no attribute.
    InvalidPath,
    /// The path selects nothing to change.
    NoTarget,
    /// A value is missing, of the wrong type, or not allowed.
    InvalidValue,
    /// The protocol version is not served.
    InvalidVers,
    /// The filter belongs into a POST body.
    Sensitive,
    /// The cursor is not ours or belongs to another query.
    InvalidCursor,
    /// The cursor is too old.
    ExpiredCursor,
    /// The count differs from the first page's or is out of range.
    InvalidCount,
}

impl ScimType {
    /// The keyword on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}
