//! The one failure of the use cases; lower floors' failures become it here.

use crate::base::entropy::NoEntropy;
use crate::scim::error::ScimType;
use crate::store::Fault;

/// A failure: a kind, a sentence fit for the caller, a cause fit for the log.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub struct Error {
    /// What kind; `http/problem` makes a status of it.
    pub kind: Kind,
    /// For the caller. Never a secret, never the input repeated.
    pub said: String,
    /// For the log.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The closed set of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request is wrong in a way that SCIM has a word for.
    Scim(ScimType),
    /// It does not exist, or is not the caller's to see.
    NotFound,
    /// The caller named a version that is not the present one.
    Stale,
    /// Others changed it meanwhile, again and again.
    Conflict,
    /// The caller may not.
    Denied,
    /// A limit was passed; the sentence names it.
    TooLarge,
    /// Not at the moment; try again.
    Busy,
    /// It would take access from too many people at once, and waits for an administrator. After
    /// so many seconds it may pass by itself.
    Held(u64),
    /// We do not do that.
    Unsupported,
    /// Our fault.
    Internal,
}

impl Kind {
    /// The stable word of a kind, for events and for the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scim(word) => word.word(),
            Self::NotFound => "notFound",
            Self::Stale => "staleVersion",
            Self::Conflict => "conflict",
            Self::Denied => "denied",
            Self::TooLarge => "tooLarge",
            Self::Busy => "busy",
            Self::Held(_) => "massChange",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }
}

impl Error {
    /// A failure of `kind`, explained by `said`.
    pub fn new(kind: Kind, said: impl Into<String>) -> Self {
        Self { kind, said: said.into(), source: None }
    }

    /// Nothing there, or nothing of the caller's: the same answer for both (TEN-01).
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "No such resource.")
    }

    /// Our fault; the caller learns nothing but that.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let said = "The request could not be completed because of a fault on our side.".into();
        Self { kind: Kind::Internal, said, source: Some(source.into()) }
    }

    /// The store cannot do its work: nothing was changed, the log has the cause, and the caller
    /// may come back (AUD-03, F04, F05).
    pub fn broken(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let said = "The store cannot answer at the moment. Try again; whoever runs this server \
                    must look at its log.";
        Self { kind: Kind::Busy, said: said.into(), source: Some(source.into()) }
    }
}

impl From<crate::scim::error::Error> for Error {
    fn from(error: crate::scim::error::Error) -> Self {
        Self::new(Kind::Scim(error.kind), error.detail)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Busy => {
                Self::new(Kind::Busy, "No changes are taken at the moment. Try again shortly.")
            }
            Fault::Budget => Self::new(
                Kind::Scim(ScimType::TooMany),
                "The search would read too much. Narrow the filter, or use an indexed attribute.",
            ),
            Fault::Refused(said) => Self::new(Kind::Conflict, format!("{said}.")),
            Fault::Engine(_) => Self::broken(fault),
        }
    }
}

impl From<NoEntropy> for Error {
    fn from(error: NoEntropy) -> Self {
        Self::internal(error)
    }
}
