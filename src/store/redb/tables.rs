//! The tables of the file. All keys and values are bytes; [`crate::store::redb::keys`] and
//! [`crate::store::redb::row`] say what is in them.
//!
//! The names are public so that a repair tool, or a test that plants damage, can open a file
//! that no store has open.

use redb::Database;
use redb::ReadOnlyTable;
use redb::ReadTransaction;
use redb::ReadableDatabase;
use redb::Table;
use redb::TableDefinition;
use redb::WriteTransaction;

use crate::store::Fault;

/// How every table is defined.
pub type Definition = TableDefinition<'static, &'static [u8], &'static [u8]>;
/// A table of a snapshot.
pub(super) type Reading = ReadOnlyTable<&'static [u8], &'static [u8]>;
/// A table of the transaction under way.
pub(super) type Writing<'t> = Table<'t, &'static [u8], &'static [u8]>;

macro_rules! tables {
    ($($(#[$doc:meta])+ $constant:ident $field:ident;)+) => {
        $($(#[$doc])+ pub const $constant: Definition = Definition::new(stringify!($field));)+

        /// Every table, the one that makes a file valid last.
        pub const ALL: &[Definition] = &[$($constant),+];

        /// One instant of the file: every table, for reading.
        pub(super) struct Snapshot {
            /// How many commits of this process came before.
            pub(super) number: u64,
            $(pub(super) $field: Reading,)+
        }

        impl Snapshot {
            /// What is committed now.
            pub(super) fn take(database: &Database, number: u64) -> Result<Self, Fault> {
                let transaction: ReadTransaction = database.begin_read()?;
                Ok(Self { number, $($field: transaction.open_table($constant)?,)+ })
            }

            /// Every table, in the order of [`ALL`].
            pub(super) fn all(&self) -> Vec<&Reading> {
                vec![$(&self.$field),+]
            }
        }

        /// Every table, for the writer.
        pub(super) struct Tables<'t> {
            $(pub(super) $field: Writing<'t>,)+
        }

        impl<'t> Tables<'t> {
            /// Opens them all, and makes those that are not there.
            pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
                Ok(Self { $($field: transaction.open_table($constant)?,)+ })
            }
        }
    };
}

tables! {
    /// id -> head, body, entries.
    RECORDS records;
    /// partition, kind, id -> nothing.
    OWNED owned;
    /// organization, connection (0 when unique in the organization), kind, field, value ->
    /// id, connection.
    UNIQUE unique;
    /// partition, kind, field, value (escaped, ended, at most 128 bytes of it), id -> nothing.
    INDEX index;
    /// partition, kind -> how many records.
    COUNTS counts;
    /// relation, holder, target -> since, note.
    LINKS links;
    /// relation, target, holder -> since, note.
    LINKS_BACK links_back;
    /// relation, holder, target, end -> beginning, note.
    LINKS_PAST links_past;
    /// relation, target, holder, end -> beginning, note.
    LINKS_PAST_BACK links_past_back;
    /// id, end -> former head, former body.
    HISTORY history;
    /// partition, kind, id -> end of its last life.
    ERASED erased;
    /// chain, sequence -> hash, event.
    EVENTS events;
    /// chain -> sequence and hash of its last event.
    HEADS heads;
    /// `format` -> number of the layout; `last` -> moment and clock reading of the last commit.
    META meta;
}
