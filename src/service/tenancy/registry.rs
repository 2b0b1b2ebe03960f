//! The registry of credentials, read from the store.

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
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
use crate::service::wire::access_group;
use crate::service::wire::render;
use crate::store;
use crate::store::select::Condition;
use crate::store::select::Select;

/// Builds the registry anew. Called once at the start and after each change.
pub async fn load(ports: &Ports) -> Result<(), Error> {
    let nodes = record::nodes(ports).await?;
    let organizations: HashMap<Id, u32> =
        nodes.iter().filter_map(|(node, _)| Some((node.id, node.number?))).collect();
    let lines = lines(&nodes);
    let published = published(ports, &organizations).await?;
    let connections: Vec<(Connection, u64)> = record::all(ports, Kind::CONNECTION).await?;
    let tokens: Vec<(StoredToken, u64)> = record::all(ports, Kind::TOKEN).await?;
    let connections: HashMap<u32, Arc<Connection>> =
        connections.into_iter().map(|(one, _)| (one.number, Arc::new(one))).collect();
    let roots =
        organizations.values().map(|number| Partition { organization: *number, connection: 0 });
    let mut partitions: Vec<Partition> =
        roots.chain(connections.values().map(|one| one.partition())).collect();
    partitions.sort_unstable();
    let partitions = Arc::new(partitions);
    let seat = |one: &Arc<Connection>| {
        let line = lines.get(&one.organization).cloned().unwrap_or_default();
        let groups = published.get(&one.id).cloned().unwrap_or_default();
        (one.clone(), Sight::of(one, &ports.models, (line, groups)))
    };
    let by_id: HashMap<_, _> = connections.values().map(|one| (one.id, seat(one))).collect();
    let mut credentials = HashMap::default();
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
    ports.registry.replace(Snapshot { credentials, connections, organizations, partitions });
    Ok(())
}

/// For each organization: itself, and what is above it, from below upwards.
fn lines(nodes: &[(Organization, u64)]) -> HashMap<u32, Arc<Vec<Id>>> {
    let above: HashMap<Id, Option<Id>> =
        nodes.iter().map(|(node, _)| (node.id, node.parent)).collect();
    let line = |node: &Organization| {
        let mut line = vec![node.id];
        let mut next = node.parent;
        while let Some(id) = next.filter(|id| !line.contains(id)) {
            line.push(id);
            next = above.get(&id).copied().flatten();
        }
        Arc::new(line)
    };
    nodes.iter().filter_map(|(node, _)| Some((node.number?, line(node)))).collect()
}

/// For each connection the access groups that are published to it, in order (LE8).
async fn published(
    ports: &Ports,
    organizations: &HashMap<Id, u32>,
) -> Result<HashMap<Id, Arc<Vec<Id>>>, Error> {
    let field = ports
        .models
        .of_kind(Kind::GROUP)
        .and_then(|model| model.field(Some(access_group::EXTENSION), "publishedTo", Some("value")));
    let Some(field) = field else { return Ok(HashMap::new()) };
    let roots = organizations.values().map(|one| Partition { organization: *one, connection: 0 });
    let condition = Condition::Range(field.field, Bound::Unbounded, Bound::Unbounded);
    let select = Select::of(Scope::of_administrator(roots.collect()), vec![Kind::GROUP], condition);
    let mut found: HashMap<Id, Vec<Id>> = HashMap::new();
    for record in store::every(ports.store.as_ref(), select).await? {
        for connection in access_group::published_to(&render::document(&record)?) {
            found.entry(connection).or_default().push(record.head.id);
        }
    }
    let sorted = |mut groups: Vec<Id>| {
        groups.sort_unstable();
        Arc::new(groups)
    };
    Ok(found.into_iter().map(|(connection, groups)| (connection, sorted(groups))).collect())
}
