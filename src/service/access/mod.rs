//! Who holds which credential, and what it allows.

pub mod connection;
pub mod sight;
pub mod visible;

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::hash::Hasher;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::base::secret::Fingerprint;
use crate::base::secret::Token;
use crate::domain::record::Partition;
use crate::service::Error;
use crate::service::Identity;
use crate::service::Ports;
use crate::service::access::connection::Connection;
use crate::store::change::Action;
use crate::store::change::Actor;
use crate::store::change::Cause;
use crate::store::change::Change;
use crate::store::change::Door;
use crate::store::change::Outcome;

/// A live credential.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The record of the token.
    pub token: Id,
    /// From this moment on it opens nothing.
    pub expires: Moment,
    /// What stands behind it.
    pub identity: Identity,
}

/// Every live credential by the hash of its token, rebuilt after each change to organizations,
/// connections and tokens, so that a revocation is seen by the next request (AUT-06).
#[derive(Default)]
pub struct Registry {
    present: ArcSwap<Snapshot>,
}

/// One state of the registry.
#[derive(Default)]
pub struct Snapshot {
    /// By hash of the token, which needs no further hashing.
    pub credentials: HashMap<[u8; 32], Credential, BuildHasherDefault<Beginning>>,
    /// Every connection by its number.
    pub connections: HashMap<u32, Arc<Connection>>,
    /// The number of every organization by its id; regions and divisions have none.
    pub organizations: HashMap<Id, u32>,
    /// Every partition of the network.
    pub partitions: Arc<Vec<Partition>>,
}

/// Hashes what is a hash: its first eight bytes. Whoever guesses tokens chooses what is looked up,
/// but not what is in the table.
#[derive(Default)]
pub struct Beginning(u64);

impl Hasher for Beginning {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first_chunk().copied().map_or(0, u64::from_le_bytes);
    }

    fn write_usize(&mut self, _: usize) {
        // The length, which all have in common.
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Snapshot {
    /// The record of the organization `number`.
    pub fn organization(&self, number: u32) -> Option<Id> {
        self.organizations.iter().find(|(_, known)| **known == number).map(|(id, _)| *id)
    }
}

/// Why a bearer token opens nothing. The caller learns none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Not one of ours: prefix, length or checksum.
    Malformed,
    /// Well formed, but no live token.
    NotHeld,
    /// Its time is over.
    Expired,
}

impl Registry {
    /// Replaces the state.
    pub fn replace(&self, snapshot: Snapshot) {
        self.present.store(Arc::new(snapshot));
    }

    /// Another registry, of the same state until either is replaced.
    pub fn twin(&self) -> Self {
        Self { present: ArcSwap::new(self.present.load_full()) }
    }

    /// The present state.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.present.load_full()
    }
}

/// Finds the credential behind a presented bearer token; never loops over tokens.
pub fn authenticate(ports: &Ports, presented: &str) -> Result<Credential, Unknown> {
    let snapshot = ports.registry.present.load();
    let Some(credential) = snapshot.credentials.get(&Fingerprint::of(presented).0) else {
        return Err(Token::parse(presented).map_or(Unknown::Malformed, |_| Unknown::NotHeld));
    };
    if credential.expires <= ports.clock.now() {
        return Err(Unknown::Expired);
    }
    Ok(credential.clone())
}

/// Keeps the event of a refused sign-in in the network's chain. The doors call it for each 401
/// that answers a shown token; their throttles bound how many there can be.
pub async fn refused(ports: &Ports, request: Id, source: String) -> Result<(), Error> {
    let cause = Cause {
        actor: Actor::Unknown,
        token: None,
        door: Door::Scim,
        request,
        source,
        reason: String::new(),
    };
    let change = Change {
        chain: 0,
        cause,
        action: Action::SignIn,
        outcome: Outcome::Denied("unknownCredential".into()),
        subject: None,
        attributes: Vec::new(),
        guards: Vec::new(),
        writes: Vec::new(),
    };
    ports.store.commit(change).await?;
    Ok(())
}
