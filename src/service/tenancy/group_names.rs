//! Group names become unique in a connection that has groups already.
//!
//! The groups get their keys in the change that throws the switch, so that there is no moment in
//! which the setting says one thing and the store another.

use std::collections::HashMap;

use crate::domain::access::admin::Scope;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Ports;
use crate::service::access::connection::Connection;
use crate::service::wire::keys;
use crate::service::wire::model::Model;
use crate::service::wire::render;
use crate::store::change::Draft;
use crate::store::change::Entry;
use crate::store::change::Guard;
use crate::store::change::Unique;
use crate::store::change::Write;
use crate::store::select::Condition;
use crate::store::select::Select;
use crate::store::select::Start;

/// The most groups that one change gives keys to.
const MOST_GROUPS: usize = 50_000;

/// What gives every group of `connection` the key of its name. Refused, with the number of pairs,
/// when groups share a name.
pub(super) async fn keyed(
    ports: &Ports,
    connection: &Connection,
) -> Result<(Vec<Guard>, Vec<Write>), Error> {
    let model = ports.models.of_kind(Kind::GROUP).ok_or_else(Error::not_found)?;
    let name = model.field(None, "displayName", None).map(|name| name.field);
    let mut shared: HashMap<Vec<u8>, u64> = HashMap::new();
    let (mut guards, mut writes) = (Vec::new(), Vec::new());
    for record in groups(ports, connection).await? {
        let draft = draft(model, connection, &record)?;
        for Entry { field, value, unique } in &draft.entries {
            if *unique == Unique::Partition && Some(*field) == name {
                *shared.entry(value.clone()).or_default() += 1;
            }
        }
        guards.push(Guard::Version(record.head.id, record.head.version));
        writes.push(Write::Update(draft));
    }
    let pairs: u64 = shared.values().map(|many| many * (many - 1) / 2).sum();
    if pairs > 0 {
        let said = format!(
            "{pairs} pairs of groups of this connection have the same name. Rename or remove one \
             of each pair, then switch `unique_group_names` on."
        );
        return Err(Error::new(ErrorKind::Conflict, said));
    }
    Ok((guards, writes))
}

fn draft(model: &Model, connection: &Connection, record: &Record) -> Result<Draft, Error> {
    let document = render::document(record)?;
    Ok(Draft {
        id: record.head.id,
        kind: record.head.kind,
        partition: record.head.partition,
        flags: record.head.flags,
        entries: keys::entries(model, &document, Some(connection)),
        body: record.body.clone(),
    })
}

async fn groups(ports: &Ports, connection: &Connection) -> Result<Vec<Record>, Error> {
    let mut select = Select::of(
        Scope::of_connection(connection.partition()),
        vec![Kind::GROUP],
        Condition::Everything,
    );
    let mut found = Vec::new();
    loop {
        let page = ports.store.select(select.clone()).await?;
        found.extend(page.records);
        if found.len() > MOST_GROUPS {
            let said = format!(
                "`unique_group_names` can be switched on while a connection has at most \
                 {MOST_GROUPS} groups."
            );
            return Err(Error::new(ErrorKind::Conflict, said));
        }
        match page.next {
            Some(position) => select.start = Start::After(position),
            None => return Ok(found),
        }
    }
}
