//! What a read could cost at best: the bare server with a token check and one redb read.
//!
//! It answers the stored body alone: no groups, no `meta`, no version, no scope, no limits, no
//! log. The distance to it is what the gateway's own promises cost; its distance to the bare
//! server is what no gateway over this store and this TLS can save.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use hyper::Request;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use redb::Database;
use redb::ReadOnlyTable;
use redb::ReadableDatabase;
use wardgate::base::id::Id;
use wardgate::base::secret::Fingerprint;
use wardgate::store::redb::tables;

use crate::CACHE;
use crate::bare;
use crate::load;

/// Bytes of a stored record before the length of its body: layout, kind, partition, version,
/// two moments, flags.
const HEAD: usize = 38;

/// What the prototype knows.
struct Prototype {
    tokens: HashSet<[u8; 32]>,
    records: ReadOnlyTable<&'static [u8], &'static [u8]>,
    // Outlives the table that reads it.
    _database: Database,
}

/// Serves the records of the store in `data` until it is killed.
pub fn serve(data: &Path) -> io::Result<()> {
    let site = load::open(data)?;
    let database = Database::builder().set_cache_size(CACHE).create(data.join("store.redb"));
    let database = database.map_err(io::Error::other)?;
    let snapshot = database.begin_read().map_err(io::Error::other)?;
    let records = snapshot.open_table(tables::RECORDS).map_err(io::Error::other)?;
    let tokens = HashSet::from([Fingerprint::of(&site.token).0]);
    let prototype = Arc::new(Prototype { tokens, records, _database: database });
    bare::serve(data, move |request| prototype.answer(request))
}

impl Prototype {
    fn answer(&self, request: &Request<Incoming>) -> (StatusCode, Bytes) {
        let shown = request.headers().get(AUTHORIZATION).and_then(|field| field.to_str().ok());
        let token = shown.and_then(|field| field.strip_prefix("Bearer ")).unwrap_or_default();
        if !self.tokens.contains(&Fingerprint::of(token).0) {
            return (StatusCode::UNAUTHORIZED, Bytes::new());
        }
        let id = request.uri().path().rsplit('/').next().and_then(Id::parse);
        let row = id.and_then(|id| self.records.get(id.0.as_slice()).ok().flatten());
        match row.as_ref().and_then(|row| body(row.value())) {
            Some(body) => (StatusCode::OK, Bytes::copy_from_slice(body)),
            None => (StatusCode::NOT_FOUND, Bytes::new()),
        }
    }
}

fn body(row: &[u8]) -> Option<&[u8]> {
    let (length, rest) = row.get(HEAD..)?.split_first_chunk::<4>()?;
    // A checksum comes before the body.
    rest.get(4..)?.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)
}
