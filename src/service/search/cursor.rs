//! Cursors (RFC 9865): sealed, bound to the token and the query, and they end.

use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Work;
use crate::store::select::Position;

/// What a cursor carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Where the page begins.
    pub position: Position,
    /// How many matches there were when the walk began.
    pub total: u64,
    /// The hash of the query it belongs to.
    pub query: [u8; 32],
    /// From this moment on it is too old.
    pub expires: Moment,
}

impl Cursor {
    /// Seals the cursor for the caller's token.
    pub(super) fn seal(&self, work: Work<'_>) -> Result<String, Error> {
        let plain = postcard::to_stdvec(self).map_err(Error::internal)?;
        let chance = work.ports.entropy.as_ref();
        work.ports.sealer.seal(&plain, &work.caller.token.0, chance).map_err(Error::internal)
    }

    /// Opens a cursor of this caller for this query.
    pub(super) fn open(work: Work<'_>, token: &str, query: [u8; 32]) -> Result<Self, Error> {
        let invalid = || {
            let said = "The cursor does not belong to this query. Begin again without one.";
            Error::new(Kind::Scim(ScimType::InvalidCursor), said)
        };
        let plain = work.ports.sealer.open(token, &work.caller.token.0).ok_or_else(invalid)?;
        let cursor: Self = postcard::from_bytes(&plain).map_err(|_| invalid())?;
        if cursor.query != query {
            return Err(invalid());
        }
        if cursor.expires <= work.ports.clock.now() {
            let said = "The cursor is too old. Begin again without one.";
            return Err(Error::new(Kind::Scim(ScimType::ExpiredCursor), said));
        }
        Ok(cursor)
    }
}
