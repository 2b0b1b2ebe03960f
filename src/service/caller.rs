//! Who is calling, and what follows from it: scope, tolerance, chain, cause.

use std::net::IpAddr;
use std::sync::Arc;

use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::record::Partition;
use crate::scim::quirks::Tolerance;
use crate::service::Error;
use crate::service::Ports;
use crate::service::access::connection::Connection;
use crate::service::access::sight::Sight;
use crate::store::change::Actor;
use crate::store::change::Cause;
use crate::store::change::Door;

/// Who is calling, and how.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What stands behind the credential.
    pub identity: Identity,
    /// The token that was shown, by the id of its record.
    pub token: Id,
    /// Through which door.
    pub door: Door,
    /// The id of the request.
    pub request: Id,
    /// The peer's address as we saw it, if there is a peer.
    pub source: Option<IpAddr>,
}

/// What stands behind a credential.
#[derive(Clone, Debug)]
pub enum Identity {
    /// A connection of an organization, and what it sees of each resource type.
    Connection(Arc<Connection>, Sight),
    /// A global administrator; the partitions are those that exist at the moment.
    Administrator(Arc<Vec<Partition>>),
}

impl Caller {
    /// Someone with the data directory at hand, who may do what a global administrator may.
    pub fn operator(ports: &Ports) -> Result<Self, Error> {
        Ok(Self {
            identity: Identity::Administrator(ports.registry.snapshot().partitions.clone()),
            token: Id([0; 16]),
            door: Door::Command,
            request: Id::new(ports.clock.now(), ports.entropy.as_ref())?,
            source: None,
        })
    }

    /// The records the caller may see.
    pub fn scope(&self) -> Scope {
        match &self.identity {
            Identity::Connection(connection, sight) => {
                let own = Scope::of_connection(connection.partition());
                own.and(sight.organizations()).published(sight.groups())
            }
            Identity::Administrator(all) => Scope::of_administrator(all.to_vec()),
        }
    }

    /// The connection behind the call, if it is one.
    pub fn connection(&self) -> Option<&Connection> {
        match &self.identity {
            Identity::Connection(connection, _) => Some(connection),
            Identity::Administrator(_) => None,
        }
    }

    /// The organizations that a connection sees: its own, and what is above it. None for an
    /// administrator, who sees every one.
    pub fn organizations(&self) -> &[Id] {
        match &self.identity {
            Identity::Connection(_, sight) => sight.organizations(),
            Identity::Administrator(_) => &[],
        }
    }

    /// The access groups that are published to a connection, in order; none for an
    /// administrator, who sees every one.
    pub fn published(&self) -> Option<&Arc<Vec<Id>>> {
        match &self.identity {
            Identity::Connection(_, sight) => Some(sight.groups()),
            Identity::Administrator(_) => None,
        }
    }

    /// How forgiving a request of this caller is read.
    pub fn tolerance(&self) -> Tolerance {
        let Some(connection) = self.connection() else { return Tolerance::lenient() };
        let tolerance = if connection.strict { Tolerance::strict() } else { Tolerance::lenient() };
        tolerance.unpacking(connection.unpack_json_text)
    }

    /// The number of the chain that keeps this caller's events.
    pub fn chain(&self) -> u32 {
        self.connection().map_or(0, |connection| connection.organization)
    }

    /// Why a change of this caller happens.
    pub fn cause(&self) -> Cause {
        let actor = match &self.identity {
            Identity::Connection(connection, _) => Actor::Connection(connection.id),
            Identity::Administrator(_) if self.door == Door::Command => Actor::Operator,
            Identity::Administrator(_) if self.door == Door::Job => Actor::System,
            Identity::Administrator(_) => Actor::Administrator(self.token),
        };
        Cause {
            token: Some(self.token).filter(|_| actor != Actor::Operator && actor != Actor::System),
            actor,
            door: self.door,
            request: self.request,
            source: self.source.map(|peer| peer.to_string()).unwrap_or_default(),
            reason: String::new(),
        }
    }
}
