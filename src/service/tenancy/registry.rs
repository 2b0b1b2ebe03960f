//! The registry of credentials, read from the store.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::clock::Moment;
use crate::domain::place::organization::Organization;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::service::Error;
use crate::service::Identity;
use crate::service::Ports;
use crate::service::access::Credential;
use crate::service::access::Snapshot;
use crate::service::access::connection::Connection;
use crate::service::access::sight::Sight;
use crate::service::tenancy::record;
use crate::service::tenancy::tokens::StoredToken;

/// Builds the registry anew. Called once at the start and after each change.
pub async fn load(ports: &Ports) -> Result<(), Error> {
    let organizations: Vec<(Organization, u64)> = record::all(ports, Kind::ORGANIZATION).await?;
    let connections: Vec<(Connection, u64)> = record::all(ports, Kind::CONNECTION).await?;
    let tokens: Vec<(StoredToken, u64)> = record::all(ports, Kind::TOKEN).await?;
    let connections: HashMap<u32, Arc<Connection>> =
        connections.into_iter().map(|(one, _)| (one.number, Arc::new(one))).collect();
    let roots =
        organizations.iter().map(|(one, _)| Partition { organization: one.number, connection: 0 });
    let mut partitions: Vec<Partition> =
        roots.chain(connections.values().map(|one| one.partition())).collect();
    partitions.sort_unstable();
    let partitions = Arc::new(partitions);
    let seat = |one: &Arc<Connection>| (one.clone(), Sight::of(one, &ports.models));
    let by_id: HashMap<_, _> = connections.values().map(|one| (one.id, seat(one))).collect();
    let mut credentials = HashMap::new();
    for (token, _) in tokens {
        let identity = match token.connection {
            None => Identity::Administrator(partitions.clone()),
            Some(id) => match by_id.get(&id).filter(|(connection, _)| !connection.disabled) {
                Some((connection, sight)) => {
                    Identity::Connection(connection.clone(), sight.clone())
                }
                None => continue,
            },
        };
        if let (Some(hash), false) = (token.hash(), token.revoked) {
            let expires = Moment(token.expires);
            credentials.insert(hash.0, Credential { token: token.id, expires, identity });
        }
    }
    let organizations = organizations.into_iter().map(|(one, _)| (one.id, one.number)).collect();
    ports.registry.replace(Snapshot { credentials, connections, organizations, partitions });
    Ok(())
}
