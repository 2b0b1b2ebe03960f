//! Errors of the engine become one sentence.

use crate::base::id::Id;
use crate::store::Fault;

macro_rules! engine {
    ($($error:ty),+) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Engine(error.to_string())
            }
        })+
    };
}

engine!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::CompactionError,
    redb::SetDurabilityError,
    std::io::Error
);

impl From<redb::DatabaseError> for Fault {
    fn from(error: redb::DatabaseError) -> Self {
        let said = match &error {
            redb::DatabaseError::DatabaseAlreadyOpen => {
                "the data file is open in another process; stop that one first".into()
            }
            redb::DatabaseError::UpgradeRequired(_) => {
                "the data file was written by an older engine; restore a backup of this version"
                    .into()
            }
            _ => error.to_string(),
        };
        Self::Engine(said)
    }
}

/// A row does not hold what its table says.
pub(super) fn damaged() -> Fault {
    Fault::Engine("a stored row is damaged; run the check, then restore a backup".into())
}

/// The body of a record is not the one that was written.
pub(super) fn altered(id: Id) -> Fault {
    Fault::Engine(format!("the stored body of record {id} was altered; run `wardgate check`"))
}

/// A thing is larger than any row may be.
pub(super) fn oversized() -> Fault {
    Fault::Engine("a value is longer than the store can hold".into())
}
